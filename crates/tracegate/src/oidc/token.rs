//! An ID token: whether the provider has made it, for this desk, now, in answer to this question
//! (OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515, 7517, 7518).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How far the provider's clock may be from ours, in seconds.
const SKEW_SECONDS: i64 = 60;

/// What the provider says of a person, by name.
pub type Claims = Map<String, Value>;

/// A public key of the provider.
#[derive(Clone, Debug, Deserialize)]
pub struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Which token is expected.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    pub issuer: &'e str,
    pub client_id: &'e str,
    pub nonce: &'e str,
    pub now: Timestamp,
    /// The person must have proven who they are at this instant or later.
    pub since: Option<Timestamp>,
}

/// Why a token is not taken. Names no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it cannot be read")]
    Unreadable,
    #[error("it is signed in a way that this program does not take")]
    Algorithm,
    #[error("no published key of the provider is named in it")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("another issuer has made it")]
    Issuer,
    #[error("it was made for somebody else")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it is of the future; compare the clocks")]
    Future,
    #[error("it does not answer the question asked")]
    Nonce,
    #[error("it does not say that the person has signed in anew")]
    NotAnew,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood: none is.
    crit: Option<Value>,
}

/// The claims of a token, if it is the one expected.
pub fn verify(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Fault> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(Fault::Unreadable)?;
    let header: Header = read(header)?;
    if header.crit.is_some() {
        return Err(Fault::Algorithm);
    }
    let signature = decode(signature)?;
    check_signature(&header, keys, signed.as_bytes(), &signature)?;
    let claims: Claims = read(claims)?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Unreadable)
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, Fault> {
    serde_json::from_slice(&decode(part)?).map_err(|_| Fault::Unreadable)
}

fn check_signature(
    header: &Header,
    keys: &[Jwk],
    signed: &[u8],
    signature: &[u8],
) -> Result<(), Fault> {
    let named = |key: &&Jwk| header.kid.is_none() || key.kid == header.kid;
    let fits = |key: &&Jwk| {
        key.usage.as_deref().is_none_or(|usage| usage == "sig")
            && key.alg.as_deref().is_none_or(|alg| alg == header.alg)
    };
    let mut fault = Fault::UnknownKey;
    for key in keys.iter().filter(named).filter(fits) {
        match key.check(&header.alg, signed, signature) {
            Ok(()) => return Ok(()),
            Err(found) => fault = found,
        }
    }
    Err(fault)
}

impl Jwk {
    /// The key's kind and the algorithm must belong together: a token cannot choose how it is read.
    fn check(&self, alg: &str, signed: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let part = |part: &Option<String>| decode(part.as_deref().ok_or(Fault::UnknownKey)?);
        let checked = match (alg, self.kty.as_str(), self.crv.as_deref()) {
            ("RS256" | "PS256", "RSA", _) => {
                let (n, e) = (part(&self.n)?, part(&self.e)?);
                let parameters = match alg {
                    "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                    _ => &RSA_PSS_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature)
            }
            ("ES256", "EC", Some("P-256")) => {
                let point = [&[4][..], &part(&self.x)?, &part(&self.y)?].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
            }
            ("EdDSA", "OKP", Some("Ed25519")) => {
                UnparsedPublicKey::new(&ED25519, part(&self.x)?).verify(signed, signature)
            }
            _ => return Err(Fault::Algorithm),
        };
        checked.map_err(|_| Fault::Signature)
    }
}

fn check_claims(claims: &Claims, expected: &Expected<'_>) -> Result<(), Fault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = expected.now.as_second();
    if text("iss") != Some(expected.issuer) {
        return Err(Fault::Issuer);
    }
    if !is_for(claims, expected.client_id) {
        return Err(Fault::Audience);
    }
    if seconds("exp").is_none_or(|until| until.saturating_add(SKEW_SECONDS) <= now) {
        return Err(Fault::Expired);
    }
    let made = seconds("iat").ok_or(Fault::Unreadable)?;
    let from = seconds("nbf").map_or(made, |from| from.max(made));
    if from > now.saturating_add(SKEW_SECONDS) {
        return Err(Fault::Future);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(Fault::Nonce);
    }
    match (expected.since, seconds("auth_time")) {
        (None, _) => Ok(()),
        (Some(since), Some(at)) if at.saturating_add(SKEW_SECONDS) >= since.as_second() => Ok(()),
        (Some(_), _) => Err(Fault::NotAnew),
    }
}

/// One audience, or several of whom this desk is the one that asked.
fn is_for(claims: &Claims, client: &str) -> bool {
    let azp = claims.get("azp").map(Value::as_str);
    let (named, several) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client), all.len() > 1),
        _ => (false, false),
    };
    named && azp.map_or(!several, |azp| azp == Some(client))
}
