//! Signed claims (RFC 7515, 7517, 7518, 7519): what somebody says and can be held to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// What is said, by name.
pub type Claims = Map<String, Value>;

/// A public key.
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
    /// The private part, which must not be here.
    d: Option<IgnoredAny>,
}

/// Why nothing is believed. Names no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Unreadable,
    Algorithm,
    UnknownKey,
    Signature,
}

/// Claims whose signature is right.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What kind of token it says that it is.
    pub kind: Option<String>,
    /// Name of the key that signed, where it has one.
    pub key: Option<String>,
    pub claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// Extensions that must be understood: none is.
    crit: Option<Value>,
}

/// The claims of a token that one of these keys has signed.
pub fn signed(token: &str, keys: &[Jwk]) -> Result<Signed, Fault> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(Fault::Unreadable)?;
    let header: Header = read(header)?;
    if header.crit.is_some() {
        return Err(Fault::Algorithm);
    }
    let signature = decode(signature)?;
    let key = check_signature(&header, keys, signed.as_bytes(), &signature)?;
    Ok(Signed {
        kind: header.typ,
        key: key.kid.clone(),
        claims: read(claims)?,
    })
}

fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Unreadable)
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, Fault> {
    serde_json::from_slice(&decode(part)?).map_err(|_| Fault::Unreadable)
}

/// The key that has signed.
fn check_signature<'k>(
    header: &Header,
    keys: &'k [Jwk],
    signed: &[u8],
    signature: &[u8],
) -> Result<&'k Jwk, Fault> {
    let named = |key: &&Jwk| header.kid.is_none() || key.kid == header.kid;
    let fits = |key: &&Jwk| {
        key.usage.as_deref().is_none_or(|usage| usage == "sig")
            && key.alg.as_deref().is_none_or(|alg| alg == header.alg)
    };
    let mut fault = Fault::UnknownKey;
    for key in keys.iter().filter(named).filter(fits) {
        match key.check(&header.alg, signed, signature) {
            Ok(()) => return Ok(key),
            Err(found) => fault = found,
        }
    }
    Err(fault)
}

impl Jwk {
    /// Whether it is a public key of a kind that signatures are checked with.
    pub fn is_usable(&self) -> bool {
        let given = |part: &Option<String>| part.as_deref().is_some_and(|it| decode(it).is_ok());
        let whole = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => given(&self.n) && given(&self.e),
            ("EC", Some("P-256")) => given(&self.x) && given(&self.y),
            ("OKP", Some("Ed25519")) => given(&self.x),
            _ => false,
        };
        whole && self.d.is_none()
    }

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

/// Whoever signs: an Ed25519 key, named by its thumbprint (RFC 7638, 8037).
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// The signer with this secret; `None` if it is not 32 bytes.
    pub fn from_secret(secret: &[u8]) -> Option<Signer> {
        Ed25519KeyPair::from_seed_unchecked(secret).ok().map(Signer)
    }

    /// The public part, as a JWK.
    pub fn public(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.name(), "x": x })
    }

    /// Signs claims as a token of this kind.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "kid": self.name(), "typ": kind });
        let signed = [encode(&header), encode(claims)].join(".");
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn name(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key());
        let members = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}");
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }
}

/// SHA-256, as tokens write it: `x5t#S256` of a certificate's bytes.
pub fn thumbprint(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token that only who made it can check (HS256).
pub fn sealed(key: &[u8; 32], kind: &str, claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": kind });
    let said = [encode(&header), encode(claims)].join(".");
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&key, said.as_bytes()));
    format!("{said}.{tag}")
}

/// The claims of a token of this kind that [`sealed`] has made with this key.
pub fn unsealed(key: &[u8; 32], kind: &str, token: &str) -> Option<Claims> {
    let (said, tag) = token.rsplit_once('.')?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::verify(&key, said.as_bytes(), &decode(tag).ok()?).ok()?;
    let (header, claims) = said.split_once('.')?;
    let header: Header = read(header).ok()?;
    let ours = header.alg == "HS256" && header.typ.as_deref() == Some(kind);
    ours.then(|| read(claims).ok()).flatten()
}
