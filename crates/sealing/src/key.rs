//! The two halves of a key: an identity opens what is sealed to its recipient.

use std::fmt;
use std::str::FromStr;

use curve25519_dalek::MontgomeryPoint;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::bech32;

const PUBLIC: &str = "age";
const SECRET: &str = "age-secret-key-";

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a recipient.
    #[error("a recipient is written `age1...`; this one has a wrong letter or is of another kind")]
    Recipient,
    /// Not an identity. The text is a secret, and is not repeated.
    #[error("an identity is written `AGE-SECRET-KEY-1...`; this one has a wrong letter")]
    Identity,
}

/// A public key that files are sealed to, written `age1...`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipient(pub(crate) [u8; 32]);

/// A secret key that opens what is sealed to its recipient. Wiped when dropped.
pub struct Identity(pub(crate) Zeroizing<[u8; 32]>);

impl Identity {
    /// The key of these 32 random bytes.
    pub fn from_secret(secret: [u8; 32]) -> Identity {
        Identity(Zeroizing::new(secret))
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(MontgomeryPoint::mul_base_clamped(*self.0).to_bytes())
    }

    /// The key as text for a key file: `AGE-SECRET-KEY-1...`.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(bech32::encode(SECRET, &*self.0));
        Zeroizing::new(text.to_ascii_uppercase())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(secret)")
    }
}

impl FromStr for Identity {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Identity, KeyError> {
        let secret = bech32::decode(SECRET, text).map(Zeroizing::new);
        let secret = secret.and_then(|secret| secret.as_slice().try_into().ok());
        let written_so = text == text.to_ascii_uppercase();
        let secret = secret.filter(|_| written_so).ok_or(KeyError::Identity)?;
        Ok(Identity::from_secret(secret))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode(PUBLIC, &self.0))
    }
}

impl FromStr for Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Recipient, KeyError> {
        let bytes = bech32::decode(PUBLIC, text).and_then(|bytes| bytes.try_into().ok());
        let written_so = text == text.to_ascii_lowercase();
        let bytes = bytes.filter(|_| written_so).ok_or(KeyError::Recipient)?;
        Ok(Recipient(bytes))
    }
}
