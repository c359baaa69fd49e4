//! Machines: how one proves who it is, what it is given, and for which officer it calls.
//!
//! A client signs an assertion with its own key (RFC 7523) and is given a token that is good for minutes
//! (RFC 6749, section 4.4), bound to its certificate where it shows one (RFC 8705). Each call that changes
//! something carries the identity of the officer it is for, signed by the agency for this one call.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::jose::{self, Claims};
use crate::settings::{Agency, Client, Machines, Officer, Settings};

/// How old an assertion or an officer's identity may be, and how long it may be good for, in seconds.
const AGE_SECONDS_MAX: i64 = 300;
/// How far a client's clock may be ahead, in seconds.
const SKEW_SECONDS: i64 = 30;
/// Shortest and longest nonce.
const NONCE_CHARS: std::ops::RangeInclusive<usize> = 16..=128;

/// What an access token says that it is (RFC 9068).
const ACCESS: &str = "at+jwt";
/// What an officer's identity says that it is.
pub const OFFICER: &str = "officer+jwt";
/// What the signature of a client is for at the token endpoint.
pub const ASSERTION: &str = "JWT";

/// Why a machine is refused. The code stands in the record and is shown to the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is not signed with a key that is entered here")]
    Signature,
    #[error("it is made for another gate")]
    Audience,
    #[error("it is older than five minutes, or of the future; compare the clocks")]
    Stale,
    #[error("it has been used before; sign a new one for each call")]
    Replay,
    #[error("the proxy hands on no certificate of the client")]
    NoCertificate,
    #[error("the token is bound to another certificate")]
    OtherCertificate,
    #[error("the call carries no identity of an officer")]
    NoOfficer,
    #[error("the officer is not entered here, or has another rank or role")]
    UnknownOfficer,
    #[error("the identity was signed for another call")]
    OtherCall,
    #[error("the request names another officer or rank than the identity")]
    OtherOfficer,
}

impl Refusal {
    const ALL: [Refusal; 10] = [
        Refusal::Signature,
        Refusal::Audience,
        Refusal::Stale,
        Refusal::Replay,
        Refusal::NoCertificate,
        Refusal::OtherCertificate,
        Refusal::NoOfficer,
        Refusal::UnknownOfficer,
        Refusal::OtherCall,
        Refusal::OtherOfficer,
    ];

    /// What the staff read for a code in the record.
    pub fn words(code: &str) -> &'static str {
        match Refusal::ALL
            .into_iter()
            .find(|refusal| refusal.code() == code)
        {
            Some(Refusal::Signature) => "signed with a key that is not entered here",
            Some(Refusal::Audience) => "made for another gate",
            Some(Refusal::Stale) => "older than five minutes, or of the future",
            Some(Refusal::Replay) => "used a second time",
            Some(Refusal::NoCertificate) => "no certificate was shown",
            Some(Refusal::OtherCertificate) => "a token without the certificate it belongs to",
            Some(Refusal::NoOfficer) => "for no officer",
            Some(Refusal::UnknownOfficer) => {
                "an officer who is not entered here, or of another rank"
            }
            Some(Refusal::OtherCall) => "an identity that was signed for another call",
            Some(Refusal::OtherOfficer) => "in the name of another officer",
            None => "not allowed there",
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Signature => "signature",
            Refusal::Audience => "audience",
            Refusal::Stale => "stale",
            Refusal::Replay => "replay",
            Refusal::NoCertificate => "no_certificate",
            Refusal::OtherCertificate => "other_certificate",
            Refusal::NoOfficer => "no_officer",
            Refusal::UnknownOfficer => "unknown_officer",
            Refusal::OtherCall => "other_call",
            Refusal::OtherOfficer => "other_officer",
        }
    }
}

/// Something that may be used once.
#[derive(Clone, Copy, Debug)]
pub struct Once {
    /// SHA-256 of whose it is and which.
    pub mark: [u8; 32],
    /// Until when it must be remembered; for ever without.
    pub until: Option<Timestamp>,
}

fn once(kind: &str, whose: &str, which: &str, until: Option<Timestamp>) -> Once {
    let mark = Sha256::digest([kind, "\n", whose, "\n", which].concat());
    Once {
        mark: mark.into(),
        until,
    }
}

/// The client whose assertion this is, and what must not have been used before. `None` for whoever no key
/// proves to be a client.
pub fn assertion<'s>(
    settings: &'s Settings,
    machines: &Machines,
    token: &str,
    now: Timestamp,
) -> Option<(&'s Client, Result<Once, Refusal>)> {
    let (client, claims) = find(&settings.clients, token)?;
    Some((client, check_assertion(client, machines, &claims, now)))
}

/// The client one of whose keys has signed this.
fn find<'c>(clients: &'c [Client], token: &str) -> Option<(&'c Client, Claims)> {
    let named = claimed_issuer(token)?;
    let client = clients.iter().find(|client| client.id == named)?;
    let claims = jose::signed(token, &client.keys).ok()?.claims;
    Some((client, claims))
}

/// Who a token says that it is from, before anything of it is believed.
fn claimed_issuer(token: &str) -> Option<String> {
    use base64::Engine as _;
    let claims = token.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims);
    let claims: Value = serde_json::from_slice(&claims.ok()?).ok()?;
    claims["iss"].as_str().map(str::to_owned)
}

/// RFC 7523, section 3.
fn check_assertion(
    client: &Client,
    machines: &Machines,
    claims: &Claims,
    now: Timestamp,
) -> Result<Once, Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let ends = claims.get("exp").and_then(Value::as_i64);
    if text("sub") != Some(&client.id) {
        return Err(Refusal::Signature);
    }
    let endpoint = format!("{}/oauth/token", machines.address);
    let ours = |name: &Value| name == &machines.address || name == &endpoint;
    let for_us = match claims.get("aud") {
        // An assertion for several gates could be played from one to another.
        Some(Value::Array(all)) => all.len() == 1 && all.iter().all(ours),
        Some(one) => ours(one),
        None => false,
    };
    if !for_us {
        return Err(Refusal::Audience);
    }
    let second = now.as_second();
    let lives =
        ends.is_some_and(|ends| ends > second && ends <= second + AGE_SECONDS_MAX + SKEW_SECONDS);
    if !lives || !is_fresh(claims, now) {
        return Err(Refusal::Stale);
    }
    let until = ends.and_then(|ends| Timestamp::from_second(ends + SKEW_SECONDS).ok());
    let jti = text("jti").filter(|jti| NONCE_CHARS.contains(&jti.len()));
    Ok(once(
        "assertion",
        &client.id,
        jti.ok_or(Refusal::Replay)?,
        until,
    ))
}

fn is_fresh(claims: &Claims, now: Timestamp) -> bool {
    let age = claims.get("iat").and_then(Value::as_i64);
    let age = age.map(|made| now.as_second().saturating_sub(made));
    age.is_some_and(|age| (-SKEW_SECONDS..=AGE_SECONDS_MAX).contains(&age))
}

/// A token for a client, bound to the certificate it has shown.
pub fn issue(
    key: &[u8; 32],
    machines: &Machines,
    client: &Client,
    certificate: Option<&str>,
    now: Timestamp,
) -> Result<String, Refusal> {
    let certificate = certificate.filter(|_| machines.certificates.is_some());
    if machines.certificates.is_some() && certificate.is_none() {
        return Err(Refusal::NoCertificate);
    }
    let mut claims = json!({
        "iss": machines.address,
        "aud": machines.address,
        "client_id": client.id,
        "sub": client.id,
        "iat": now.as_second(),
        "exp": now.as_second() + machines.token_seconds,
    });
    if let Some(certificate) = certificate {
        claims["cnf"] = json!({ "x5t#S256": certificate });
    }
    Ok(jose::sealed(key, ACCESS, &claims))
}

/// The client that a token was given to. `None` for a token that this gate has not made, or that is over.
pub fn holder<'s>(
    settings: &'s Settings,
    key: &[u8; 32],
    token: &str,
    certificate: Option<&str>,
    now: Timestamp,
) -> Option<(&'s Client, Result<(), Refusal>)> {
    let machines = settings.machines.as_ref()?;
    held_by(&settings.clients, machines, key, token, certificate, now)
}

fn held_by<'c>(
    clients: &'c [Client],
    machines: &Machines,
    key: &[u8; 32],
    token: &str,
    certificate: Option<&str>,
    now: Timestamp,
) -> Option<(&'c Client, Result<(), Refusal>)> {
    let claims = jose::unsealed(key, ACCESS, token)?;
    let ends = claims.get("exp").and_then(Value::as_i64)?;
    let named = claims.get("client_id").and_then(Value::as_str)?;
    let client = clients.iter().find(|client| client.id == named)?;
    if ends <= now.as_second() || client.keys.is_empty() {
        return None;
    }
    let bound = claims.get("cnf").and_then(|cnf| cnf["x5t#S256"].as_str());
    let right = match (bound, &machines.certificates) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refusal::NoCertificate),
        (Some(bound), _) if Some(bound) == certificate => Ok(()),
        (Some(_), _) => Err(Refusal::OtherCertificate),
    };
    Some((client, right))
}

/// One call, as an officer's identity is signed for it.
pub struct Call<'c> {
    /// `POST`.
    pub method: &'c str,
    /// The gate's address and the path, without a query.
    pub address: String,
    /// What is sent.
    pub body: &'c [u8],
}

impl Call<'_> {
    /// What an agency signs for this call of one of its officers.
    pub fn claims(&self, (officer, rank): (&str, &str), nonce: &str, now: Timestamp) -> Value {
        json!({
            "sub": officer,
            "rank": rank,
            "jti": nonce,
            "iat": now.as_second(),
            "htm": self.method,
            "htu": self.address,
            "body_sha256": hex::encode(Sha256::digest(self.body)),
        })
    }
}

/// The officer that an agency has signed a call for, the name of the key, and the nonce, which is used once for
/// ever.
pub fn officer<'s>(
    agency: &'s Agency,
    identity: &str,
    call: &Call<'_>,
    now: Timestamp,
) -> Result<(&'s Officer, Option<String>, Once), Refusal> {
    let signed = jose::signed(identity, &agency.keys).map_err(|_| Refusal::Signature)?;
    if signed.kind.as_deref() != Some(OFFICER) {
        return Err(Refusal::Signature);
    }
    let text = |name: &str| signed.claims.get(name).and_then(Value::as_str);
    let hash = hex::encode(Sha256::digest(call.body));
    let same = text("htm") == Some(call.method)
        && text("htu") == Some(&call.address)
        && text("body_sha256") == Some(&hash);
    if !same {
        return Err(Refusal::OtherCall);
    }
    if !is_fresh(&signed.claims, now) {
        return Err(Refusal::Stale);
    }
    let mut officers = agency.officers.iter();
    let officer = officers.find(|officer| Some(&*officer.id) == text("sub"));
    let officer = officer.filter(|officer| text("rank") == Some(&officer.rank));
    let officer = officer.ok_or(Refusal::UnknownOfficer)?;
    let nonce = text("jti").filter(|jti| NONCE_CHARS.contains(&jti.len()));
    let nonce = nonce.ok_or(Refusal::Replay)?;
    let once = once("officer", &agency.organization, nonce, None);
    Ok((officer, signed.key, once))
}

/// What a call says in an officer's name must be that officer's: `requester`, wherever it stands, and the
/// rank of a signature.
pub fn speaks_for(officer: &Officer, body: &Value) -> bool {
    let requesters = [
        body.pointer("/requester"),
        body.pointer("/request/requester"),
    ];
    let same = |requester: &Value| {
        requester["officer_id"] == officer.id.as_str() && requester["rank"] == officer.rank.as_str()
    };
    let rank = body.get("rank");
    requesters.into_iter().flatten().all(same)
        && rank.is_none_or(|rank| rank == officer.rank.as_str())
}

#[cfg(test)]
mod tests;
