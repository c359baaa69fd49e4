//! An ID token: whether the provider has made it, for this desk, now, in answer to this question
//! (OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515, 7517, 7518).

use jiff::Timestamp;
use serde_json::Value;

use crate::jose;
pub use crate::jose::{Claims, Jwk};

/// How far the provider's clock may be from ours, in seconds.
const SKEW_SECONDS: i64 = 60;

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

impl From<jose::Fault> for Fault {
    fn from(fault: jose::Fault) -> Fault {
        match fault {
            jose::Fault::Unreadable => Fault::Unreadable,
            jose::Fault::Algorithm => Fault::Algorithm,
            jose::Fault::UnknownKey => Fault::UnknownKey,
            jose::Fault::Signature => Fault::Signature,
        }
    }
}

/// The claims of a token, if it is the one expected.
pub fn verify(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Fault> {
    let claims = jose::signed(token, keys)?.claims;
    check_claims(&claims, expected)?;
    Ok(claims)
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
