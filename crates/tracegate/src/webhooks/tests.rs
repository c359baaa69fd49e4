use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use ring::hmac;

use super::addresses::is_public;
use super::{Endpoint, PAUSES, Sender};
use crate::webhooks::sending::Fault;

#[test]
fn addresses_inside_are_refused_in_every_way_to_write_them() {
    for inside in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "203.0.113.9",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "3fff::1",
        "100::1",
    ] {
        assert!(!is_public(inside.parse::<IpAddr>().unwrap()), "{inside}");
    }
    for public in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
    ] {
        assert!(is_public(public.parse::<IpAddr>().unwrap()), "{public}");
    }
}

#[test]
fn names_and_numbers_that_lead_inside_are_not_connected_to() {
    let outside = Sender::new(false);
    for address in [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0/",
    ] {
        let told = outside.post(address, &[], "{}");
        assert_eq!(told, Err(Fault::Address), "{address}");
    }
    // Without TLS, nothing leaves to begin with.
    let told = outside.post("http://127.0.0.1/", &[], "{}");
    assert_eq!(told, Err(Fault::Unreachable));
    // A demonstration may send to its own machine, and nowhere else inside.
    let here = Sender::new(true);
    let told = here.post("http://127.0.0.1:1/", &[], "{}");
    assert_eq!(told, Err(Fault::Unreachable));
    let told = here.post("http://10.0.0.1/", &[], "{}");
    assert_eq!(told, Err(Fault::Address));
}

/// HMAC-SHA-256 over `ID.TIMESTAMP.BODY`, in base64, each key's beside the others; computed with OpenSSL.
#[test]
fn signatures_are_those_of_the_standard() {
    let key = |text: &str| hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(text).unwrap());
    let endpoint = |keys| Endpoint {
        address: "https://agency.example/told".to_owned(),
        keys,
    };
    let old = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
    let body = "{\"test\": 2432232314}";
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(endpoint(vec![key(old)]).sign(id, at, body), expected);
    let new = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let both = endpoint(vec![key(old), key(new)]).sign(id, at, body);
    assert!(both.starts_with(&format!("{expected} v1,")), "{both}");
    // Another address or another key has to answer a challenge of its own.
    let one = endpoint(vec![key(old)]).mark();
    assert_ne!(one, endpoint(vec![key(new)]).mark());
    let elsewhere = Endpoint {
        address: "https://elsewhere.example/told".to_owned(),
        ..endpoint(vec![key(old)])
    };
    assert_ne!(one, elsewhere.mark());
}

#[test]
fn a_message_is_tried_for_three_days() {
    let hours: i64 = PAUSES.iter().map(SignedDuration::as_hours).sum();
    assert_eq!(hours, 75);
}
