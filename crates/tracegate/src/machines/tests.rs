//! What is believed of a machine, and what is not.

use disclosure::Role;

use super::*;
use crate::jose::Signer;

const GATE: &str = "https://gate.example";
const KEY: [u8; 32] = [3; 32];

fn signer(number: u8) -> Signer {
    Signer::from_secret(&[number; 32]).unwrap()
}

fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

fn machines(certificates: bool) -> Machines {
    let text = match certificates {
        true => "[certificates]\nheader = \"Client-Cert\"\nproxies = [\"127.0.0.1\"]",
        false => "",
    };
    toml::from_str(&format!("address = \"{GATE}\"\n{text}")).unwrap()
}

fn client(keys: &[&Signer]) -> Client {
    let keys = keys
        .iter()
        .map(|key| serde_json::from_value(key.public()).unwrap());
    Client {
        id: "northmoor-machine".into(),
        name: "Machine".into(),
        role: Role::Officer,
        organization: "police-northmoor".into(),
        keys: keys.collect(),
        token_sha256: None,
    }
}

fn agency(key: &Signer) -> Agency {
    Agency {
        organization: "police-northmoor".into(),
        age: None,
        desk: false,
        files: false,
        keys: vec![serde_json::from_value(key.public()).unwrap()],
        officers: vec![Officer {
            id: "dc-1".into(),
            name: "DC One".into(),
            rank: "constable".into(),
            role: Role::Officer,
            email: None,
        }],
        webhook: None,
    }
}

fn said(changes: &Value) -> Value {
    let second = now().as_second();
    let mut claims = json!({
        "iss": "northmoor-machine", "sub": "northmoor-machine", "aud": GATE,
        "iat": second, "exp": second + 60, "jti": "0123456789abcdef",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn checked(changes: &Value) -> Result<Once, Refusal> {
    let claims = said(changes);
    check_assertion(
        &client(&[]),
        &machines(false),
        claims.as_object().unwrap(),
        now(),
    )
}

#[test]
fn an_assertion_is_for_this_gate_now_by_this_client() {
    let second = now().as_second();
    let once = checked(&json!({})).unwrap();
    assert_eq!(
        once.until,
        Some(later(90)),
        "remembered while it could be sent again"
    );
    assert_eq!(
        checked(&json!({ "aud": [format!("{GATE}/oauth/token")] }))
            .unwrap()
            .mark,
        once.mark
    );
    assert_ne!(
        checked(&json!({ "jti": "0123456789abcdeg" })).unwrap().mark,
        once.mark
    );
    for (changes, refusal) in [
        (json!({ "sub": "other" }), Refusal::Signature),
        (json!({ "aud": "https://other.example" }), Refusal::Audience),
        (
            json!({ "aud": [GATE, "https://other.example"] }),
            Refusal::Audience,
        ),
        (json!({ "aud": [] , "x": 1 }), Refusal::Audience),
        (json!({ "aud": null }), Refusal::Audience),
        (json!({ "iat": second - 301 }), Refusal::Stale),
        (json!({ "iat": second + 31 }), Refusal::Stale),
        (json!({ "iat": null }), Refusal::Stale),
        (json!({ "exp": second }), Refusal::Stale),
        (json!({ "exp": second + 331 }), Refusal::Stale),
        (json!({ "exp": i64::MAX }), Refusal::Stale),
        (json!({ "exp": null }), Refusal::Stale),
        (json!({ "jti": "short" }), Refusal::Replay),
        (json!({ "jti": null }), Refusal::Replay),
    ] {
        assert_eq!(checked(&changes).unwrap_err(), refusal, "{changes}");
    }
}

#[test]
fn only_an_entered_key_proves_a_client_and_two_overlap() {
    let (old, new, other) = (signer(1), signer(2), signer(9));
    let both = [client(&[&old, &new])];
    let named = |key: &Signer, clients: &[Client]| {
        let token = key.sign(ASSERTION, &said(&json!({})));
        find(clients, &token).is_some()
    };
    assert!(named(&old, &both) && named(&new, &both));
    assert!(!named(&other, &both));
    assert!(!named(&old, &[client(&[&new])]), "the old key has gone");
    for garbage in ["", "..", "a.b.c", "e30.e30.e30"] {
        assert!(find(&both, garbage).is_none(), "{garbage}");
    }
}

fn given(certificate: Option<&str>, machines: &Machines) -> Result<String, Refusal> {
    issue(&KEY, machines, &client(&[&signer(1)]), certificate, now())
}

fn held(
    token: &str,
    certificate: Option<&str>,
    bound: bool,
    at: Timestamp,
) -> Option<Result<(), Refusal>> {
    let clients = [client(&[&signer(1)])];
    held_by(&clients, &machines(bound), &KEY, token, certificate, at).map(|(_, usable)| usable)
}

#[test]
fn a_token_is_good_for_minutes_and_with_its_certificate_alone() {
    let plain = given(None, &machines(false)).unwrap();
    assert_eq!(held(&plain, None, false, later(299)), Some(Ok(())));
    assert_eq!(held(&plain, None, false, later(300)), None);
    // From the day on that certificates are asked for, tokens without one are refused.
    assert_eq!(
        held(&plain, None, true, now()),
        Some(Err(Refusal::NoCertificate))
    );
    assert_eq!(given(None, &machines(true)), Err(Refusal::NoCertificate));
    let bound = given(Some("mine"), &machines(true)).unwrap();
    assert_eq!(held(&bound, Some("mine"), true, now()), Some(Ok(())));
    for shown in [None, Some("other")] {
        assert_eq!(
            held(&bound, shown, true, now()),
            Some(Err(Refusal::OtherCertificate))
        );
    }
    assert_eq!(
        held(&bound, None, false, now()),
        Some(Err(Refusal::OtherCertificate))
    );
}

#[test]
fn a_token_that_this_gate_has_not_made_is_nobodys() {
    let token = given(None, &machines(false)).unwrap();
    let (said, _) = token.rsplit_once('.').unwrap();
    let other = issue(&[4; 32], &machines(false), &client(&[]), None, now()).unwrap();
    let unsigned = format!("{said}.");
    let of_another_kind = jose::sealed(
        &KEY,
        "JWT",
        &json!({ "client_id": "northmoor-machine", "exp": i64::MAX }),
    );
    for forged in [
        other,
        unsigned,
        of_another_kind,
        signer(1).sign(ACCESS, &json!({})),
        String::new(),
    ] {
        assert_eq!(held(&forged, None, false, now()), None, "{forged}");
    }
}

#[test]
fn an_officers_identity_is_for_one_call_of_a_known_officer() {
    let key = signer(5);
    let call = |body: &'static str| Call {
        method: "POST",
        address: format!("{GATE}/api/v1/requests"),
        body: body.as_bytes(),
    };
    let sign = |who: (&str, &str), at: Timestamp| {
        key.sign(OFFICER, &call("{}").claims(who, "0123456789abcdef", at))
    };
    let judged = |identity: &str, call: &Call<'_>| {
        officer(&agency(&key), identity, call, now()).map(|(officer, key, once)| {
            assert!(key.is_some(), "the key that has signed is named");
            (officer.id.clone(), once.until)
        })
    };
    let right = sign(("dc-1", "constable"), now());
    assert_eq!(
        judged(&right, &call("{}")),
        Ok(("dc-1".to_owned(), None)),
        "remembered for ever"
    );
    assert_eq!(judged(&right, &call("{ }")), Err(Refusal::OtherCall));
    let elsewhere = Call {
        address: format!("{GATE}/api/v1/requests/drafts"),
        ..call("{}")
    };
    assert_eq!(judged(&right, &elsewhere), Err(Refusal::OtherCall));
    assert_eq!(
        judged(
            &right,
            &Call {
                method: "GET",
                ..call("{}")
            }
        ),
        Err(Refusal::OtherCall)
    );
    for (who, at, refusal) in [
        (("dc-2", "constable"), now(), Refusal::UnknownOfficer),
        (("dc-1", "inspector"), now(), Refusal::UnknownOfficer),
        (("dc-1", "constable"), later(-301), Refusal::Stale),
        (("dc-1", "constable"), later(31), Refusal::Stale),
    ] {
        assert_eq!(
            judged(&sign(who, at), &call("{}")),
            Err(refusal),
            "{who:?} {at}"
        );
    }
    let claims = call("{}").claims(("dc-1", "constable"), "0123456789abcdef", now());
    assert_eq!(
        judged(&signer(6).sign(OFFICER, &claims), &call("{}")),
        Err(Refusal::Signature)
    );
    // What was signed for another end is no identity.
    assert_eq!(
        judged(&key.sign(ASSERTION, &claims), &call("{}")),
        Err(Refusal::Signature)
    );
}

#[test]
fn nobody_speaks_in_another_officers_name() {
    let officer = &agency(&signer(1)).officers[0];
    for (body, speaks) in [
        (json!({}), true),
        (Value::Null, true),
        (
            json!({ "requester": { "officer_id": "dc-1", "rank": "constable" } }),
            true,
        ),
        (
            json!({ "requester": { "officer_id": "dc-2", "rank": "constable" } }),
            false,
        ),
        (
            json!({ "requester": { "officer_id": "dc-1", "rank": "inspector" } }),
            false,
        ),
        (
            json!({ "request": { "requester": { "officer_id": "dc-2" } } }),
            false,
        ),
        (json!({ "requester": "dc-1" }), false),
        (json!({ "rank": "constable" }), true),
        (json!({ "rank": "inspector" }), false),
    ] {
        assert_eq!(speaks_for(officer, &body), speaks, "{body}");
    }
}

#[test]
fn every_refusal_has_a_code_of_its_own_and_words() {
    let mut codes = std::collections::BTreeSet::new();
    for refusal in Refusal::ALL {
        assert!(codes.insert(refusal.code()));
        assert_ne!(Refusal::words(refusal.code()), Refusal::words("no code"));
    }
}
