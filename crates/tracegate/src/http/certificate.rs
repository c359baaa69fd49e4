//! The certificate of a client, as the proxy that ends TLS hands it on (RFC 8705, RFC 9440).

use std::net::IpAddr;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::jose;
use crate::settings::Certificates;

/// Thumbprint (`x5t#S256`) of the one certificate in the header, if the proxy has set it.
pub fn thumbprint(settings: &Certificates, from: IpAddr, headers: &HeaderMap) -> Option<String> {
    if !settings.proxies.contains(&from.to_canonical()) {
        return None;
    }
    let mut values = headers.get_all(&settings.header).iter();
    // Where there are two, a client has sent one of them.
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    Some(jose::thumbprint(&certificate(value.to_str().ok()?)?))
}

/// The bytes of a certificate: `:BASE64:`, or PEM with `%` escapes.
fn certificate(value: &str) -> Option<Vec<u8>> {
    let base64 = match value.strip_prefix(':') {
        Some(value) => value.strip_suffix(':')?.to_owned(),
        None => {
            let pem = unescaped(value)?;
            let body = pem.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
            let body = body.strip_suffix("-----END CERTIFICATE-----")?;
            body.split_ascii_whitespace().collect()
        }
    };
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first == b'%' {
            let (digits, more) = rest.split_at_checked(2)?;
            bytes.extend(hex::decode(digits).ok()?);
            rest = more;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Certificates {
        toml::from_str("header = \"Client-Cert\"\nproxies = [\"10.0.0.1\"]").unwrap()
    }

    fn from(address: &str, values: &[&str]) -> Option<String> {
        let name = || "client-cert".parse::<axum::http::HeaderName>().unwrap();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name(), value.parse().unwrap());
        }
        thumbprint(&settings(), address.parse().unwrap(), &headers)
    }

    #[test]
    fn both_ways_to_write_a_certificate_are_one_thumbprint() {
        let pem = "-----BEGIN%20CERTIFICATE-----%0AAQID%0ABAUG%0A-----END%20CERTIFICATE-----%0A";
        let one = from("10.0.0.1", &[":AQIDBAUG:"]);
        assert!(one.is_some());
        assert_eq!(from("10.0.0.1", &[pem]), one);
        // The same proxy over IPv6's form of IPv4.
        assert_eq!(from("::ffff:10.0.0.1", &[pem]), one);
    }

    #[test]
    fn nobody_else_shows_a_certificate_and_nobody_shows_two() {
        assert_eq!(from("10.0.0.2", &[":AQIDBAUG:"]), None);
        assert_eq!(from("10.0.0.1", &[":AQIDBAUG:", ":AQIDBAUG:"]), None);
        for value in ["", "::", ":", "AQIDBAUG", ":AQID", "%2", "%zz", ":A?:"] {
            assert_eq!(from("10.0.0.1", &[value]), None, "{value}");
        }
    }
}
