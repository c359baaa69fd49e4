//! Bytes that others write, with faults in them: they are refused, or read as far as they go, and never believed
//! when their signature is not theirs.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use disclosure::Request;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::http::certificate::thumbprint;
use crate::jose::{Jwk, Signer, sealed, signed, unsealed};
use crate::package::Manifest;

/// A fault: bytes at a place that are gone, twice, or others.
type Faults = Vec<(Index, usize, u8, u8)>;

fn faults() -> impl Strategy<Value = Faults> {
    let fault = (any::<Index>(), 0..20_usize, any::<u8>(), 0..5_u8);
    proptest::collection::vec(fault, 1..6)
}

fn with_faults(text: &str, faults: &Faults) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (place, length, byte, kind) in faults {
        let at = place.index(bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        let piece = bytes[at..end].to_vec();
        match kind {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, piece)),
            3 => drop(bytes.splice(at..end, [*byte])),
            _ => drop(bytes.splice(at..at, [b'[', *byte, b'"'])),
        }
    }
    bytes
}

fn signer() -> Signer {
    Signer::from_secret(&[3; 32]).unwrap()
}

fn key() -> Value {
    signer().public()
}

fn request() -> Value {
    json!({
        "agency_reference": "NP/1",
        "requester": { "organization": "police-northmoor", "officer_id": "dc-1", "name": "DC One",
                       "rank": "constable" },
        "authoriser": { "officer_id": "i-7", "name": "Two", "rank": "inspector",
                        "signed_at": "2026-10-01T08:00:00Z" },
        "purpose": "serious_crime", "priority": "emergency", "grounds": { "offence_on": "2026-09-20" },
        "justification": { "attempts": [{ "what": "visit", "on": "2026-09-20", "result": "moved" }] },
        "subject": { "surname": "EXAMPLE", "previous_names": ["A B"] }, "fields": ["name"],
    })
}

fn manifest() -> Manifest {
    let (at, digest) = ("2026-10-01T08:00:00Z".parse().unwrap(), "5d".repeat(32));
    Manifest {
        case: "TG-7F3K-92QD-B4".into(),
        recipient: "police-northmoor".into(),
        sealed_to: "age1".into(),
        agreement: "police-serious-crime/2026-01-01".into(),
        agreement_sha256: digest.clone(),
        fields: "name last_known_address".into(),
        released_at: at,
        collected_at: at,
        data_life_until: at,
        outcome_due_at: at,
        onward_rule: "for this request alone".into(),
        bundle_sha256: digest.clone(),
        entry: 7,
        entry_sha256: digest,
    }
}

proptest! {
    #[test]
    fn a_token_with_faults_says_what_was_signed_or_nothing(faults in faults()) {
        let claims = json!({ "iss": "machine", "aud": "https://gate.example", "iat": 1, "jti": "once" });
        let keys = [serde_json::from_value::<Jwk>(key()).unwrap()];
        let token = signer().sign("JWT", &claims);
        let others = with_faults(&token, &faults);
        if let Ok(said) = signed(&String::from_utf8_lossy(&others), &keys) {
            prop_assert_eq!(Value::Object(said.claims), claims.clone());
        }
        let token = sealed(&[5; 32], "at+jwt", &claims);
        let others = with_faults(&token, &faults);
        if let Some(said) = unsealed(&[5; 32], "at+jwt", &String::from_utf8_lossy(&others)) {
            prop_assert_eq!(Value::Object(said), claims);
        }
    }

    #[test]
    fn a_set_of_keys_with_faults_lets_nobody_in(faults in faults()) {
        let text = json!([key(), { "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ" },
                          { "kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "sig" }]).to_string();
        let stranger = Signer::from_secret(&[4; 32]).unwrap();
        let token = stranger.sign("JWT", &json!({ "iss": "machine" }));
        if let Ok(keys) = serde_json::from_slice::<Vec<Jwk>>(&with_faults(&text, &faults)) {
            let usable: Vec<Jwk> = keys.into_iter().filter(Jwk::is_usable).collect();
            prop_assert!(signed(&token, &usable).is_err());
        }
    }

    #[test]
    fn a_certificate_with_faults_is_another_or_none(faults in faults(), other in any::<Vec<u8>>()) {
        let settings = toml::from_str("header = \"client-cert\"\nproxies = [\"10.0.0.1\"]").unwrap();
        let pem = "-----BEGIN%20CERTIFICATE-----%0AAQID%0ABAUG%0A-----END%20CERTIFICATE-----%0A";
        let shown = |bytes: &[u8]| {
            let value = HeaderValue::from_bytes(bytes).ok()?;
            let name = HeaderName::from_static("client-cert");
            let headers = HeaderMap::from_iter([(name, value)]);
            thumbprint(&settings, "10.0.0.1".parse().unwrap(), &headers)
        };
        for bytes in [with_faults(pem, &faults), with_faults(":AQIDBAUG:", &faults), other] {
            if let Some(thumbprint) = shown(&bytes) {
                prop_assert_eq!(thumbprint.len(), 43);
            }
        }
    }

    #[test]
    fn a_request_with_faults_is_read_whole_or_not_at_all(faults in faults()) {
        let bytes = with_faults(&request().to_string(), &faults);
        if let Ok(read) = serde_json::from_slice::<Request>(&bytes) {
            let written = serde_json::to_vec(&read).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Request>(&written).unwrap(), read);
        }
    }

    #[test]
    fn a_manifest_with_faults_is_read_whole_or_not_at_all(faults in faults()) {
        let bytes = with_faults(&manifest().to_string(), &faults);
        if let Ok(read) = String::from_utf8_lossy(&bytes).parse::<Manifest>() {
            let written = read.to_string();
            prop_assert_eq!(written.parse::<Manifest>().unwrap().to_string(), written);
        }
    }
}
