//! Tokens and people, against vectors of the standards.

use disclosure::Role;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::person::{Unplaced, actor, identity, rank};
use super::token::{Claims, Expected, Fault, Jwk, verify};
use super::{form, quote};
use crate::settings::SignIn;

/// RFC 7515, appendix A.3: ES256.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn expected(issuer: &str) -> Expected<'_> {
    Expected {
        issuer,
        client_id: "desk",
        nonce: "n",
        now: Timestamp::UNIX_EPOCH,
        since: None,
    }
}

fn key(more: &Value) -> Jwk {
    let mut key = json!({"kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    for (name, value) in more.as_object().unwrap() {
        key[name] = value.clone();
    }
    serde_json::from_value(key).unwrap()
}

#[test]
fn the_signature_of_the_standard_is_right_and_any_change_is_not() {
    let token = ES256.replace(' ', "");
    let fault = |token: &str, keys: &[Jwk]| verify(token, keys, &expected("joe")).unwrap_err();
    // Signature and issuer are right; it was made for nobody.
    assert_eq!(fault(&token, &[key(&json!({}))]), Fault::Audience);
    let other = verify(&token, &[key(&json!({}))], &expected("jane"));
    assert_eq!(other.unwrap_err(), Fault::Issuer);
    let changed = token.replacen("eyJpc3Mi", "eyJpc3Nj", 1);
    assert_eq!(fault(&changed, &[key(&json!({}))]), Fault::Signature);
    for (more, found) in [
        (json!({"use": "enc"}), Fault::UnknownKey),
        (json!({"alg": "RS256"}), Fault::UnknownKey),
        (json!({"crv": "P-384"}), Fault::Algorithm),
        (json!({"kty": "RSA"}), Fault::Algorithm),
    ] {
        assert_eq!(fault(&token, &[key(&more)]), found, "{more}");
    }
    assert_eq!(fault(&token, &[]), Fault::UnknownKey);
    for garbage in ["", ".", "..", "a.b.c", "e30.e30.e30", "e30.e30"] {
        assert_eq!(
            fault(garbage, &[key(&json!({}))]),
            Fault::Unreadable,
            "{garbage}"
        );
    }
}

fn settings() -> SignIn {
    let text = "issuer = \"https://id.example\"\nclient_id = \"desk\"\n\
                client_secret_file = \"secret\"\naddress = \"https://gate.example\"\n\
                roles_claim = \"https://gate.example/roles\"\n\
                [roles]\n\"Case staff\" = \"caseworker\"\n\"Guardian\" = \"guardian\"";
    toml::from_str(text).unwrap()
}

fn claims(of: &Value) -> Claims {
    of.as_object().unwrap().clone()
}

#[test]
fn roles_are_those_of_the_settings_and_identities_those_of_the_provider() {
    let person = |roles: Value| {
        let claims = claims(
            &json!({"sub": "s", "name": " Ann ", "organization": "controller",
            "https://gate.example/roles": roles}),
        );
        actor(&settings(), &claims)
    };
    let ann = person(json!(["Case staff", "Staff"])).unwrap();
    assert_eq!((ann.role, ann.name.as_str()), (Role::Caseworker, "Ann"));
    assert_eq!(ann.id, identity("https://id.example", "s"));
    assert_ne!(ann.id, identity("https://id.example/", "s"));
    assert_ne!(identity("a", "bc"), identity("ab", "c"));
    assert_eq!(person(json!("caseworker")), Err(Unplaced::NoRole));
    let both = person(json!(["Case staff", "Guardian"]));
    assert_eq!(both, Err(Unplaced::SeveralRoles));
    assert!(person(json!("Guardian")).is_ok());
}

#[test]
fn a_rank_is_the_providers_in_our_words() {
    let mut settings = settings();
    let of = |settings: &SignIn, said: Value| rank(settings, &claims(&json!({"rank": said})));
    let said = of(&settings, json!("inspector"));
    assert_eq!(said.as_deref(), Some("inspector"));
    for none in [json!(""), json!("a <b>"), json!(["inspector"]), json!(null)] {
        assert_eq!(of(&settings, none.clone()), None, "{none}");
    }
    settings.ranks = [("Insp.".to_owned(), "inspector".to_owned())].into();
    let said = of(&settings, json!("Insp."));
    assert_eq!(said.as_deref(), Some("inspector"));
    assert_eq!(
        of(&settings, json!("inspector")),
        None,
        "not what they call it"
    );
}

#[test]
fn addresses_are_quoted() {
    assert_eq!(quote("a b&c=d/é~"), "a%20b%26c%3Dd%2F%C3%A9~");
    assert_eq!(form(&[("a", "1"), ("b", "&")]), "a=1&b=%26");
}
