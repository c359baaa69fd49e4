//! Keys of logs and witnesses, in the text form of signed notes (c2sp.org/signed-note).
//!
//! Ed25519 for logs; Ed25519 or ML-DSA-44 (FIPS 204) for witnesses. A public key is written
//! `NAME+ID+BASE64(TYPE, KEY)`, a secret one `PRIVATE+KEY+NAME+ID+BASE64(TYPE, 32-BYTE SEED)`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use ml_dsa::MlDsa44;
use ml_dsa::signature::{Keypair as _, SignatureEncoding as _, Verifier as _};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::note::SignatureLine;

/// Longest key name; the line stays readable and every file system can hold it.
pub const KEY_NAME_BYTES_MAX: usize = 255;
/// Bytes of an ML-DSA-44 public key (FIPS 204, table 2).
const ML_DSA_44_KEY_BYTES: usize = 1312;

const SECRET_KEY_START: &str = "PRIVATE+KEY+";

/// Why text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Empty, too long, or with a space, a plus or a control character.
    #[error("key name `{0}` must be 1 to {KEY_NAME_BYTES_MAX} bytes without spaces or `+`")]
    Name(String),
    /// Not the three fields of a key. Never carries the text: it may be a secret.
    #[error("the key is not of the form {0}")]
    Form(&'static str),
    /// The key's type byte is not one this program knows.
    #[error("key type {0} is not supported")]
    Type(u8),
    /// The key id is not the hash of name and key.
    #[error("the key id of `{0}` does not belong to this name and key: copy the whole key again")]
    Id(String),
    /// Too many or too few bytes, not a point of the curve, or one whose signatures anybody can make.
    #[error("the public key of `{0}` is not a usable key of its type")]
    Point(String),
}

/// The first four bytes of the hash of a key's name, type and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What a key signs and how, by the type byte of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// The note's text, with Ed25519: what a log does.
    Note,
    /// A cosignature with Ed25519 (c2sp.org/tlog-cosignature): what a witness does.
    Cosignature,
    /// A cosignature with ML-DSA-44, which a quantum computer does not forge.
    CosignatureMlDsa44,
}

impl KeyType {
    /// Whether this is a witness's key.
    pub fn is_cosignature(self) -> bool {
        self != KeyType::Note
    }

    /// Bytes of a public key.
    fn key_bytes(self) -> usize {
        match self {
            KeyType::Note | KeyType::Cosignature => 32,
            KeyType::CosignatureMlDsa44 => ML_DSA_44_KEY_BYTES,
        }
    }

    fn byte(self) -> u8 {
        match self {
            KeyType::Note => 1,
            KeyType::Cosignature => 4,
            KeyType::CosignatureMlDsa44 => 6,
        }
    }

    fn from_byte(byte: u8) -> Result<KeyType, KeyError> {
        match byte {
            1 => Ok(KeyType::Note),
            4 => Ok(KeyType::Cosignature),
            6 => Ok(KeyType::CosignatureMlDsa44),
            other => Err(KeyError::Type(other)),
        }
    }
}

/// A public key with its name, written `NAME+ID+KEY`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    key_type: KeyType,
    bytes: Vec<u8>,
}

impl VerifierKey {
    /// The key of these bytes under this name: 32 for Ed25519, 1,312 for ML-DSA-44.
    pub fn new(name: &str, key_type: KeyType, bytes: &[u8]) -> Result<VerifierKey, KeyError> {
        check_name(name)?;
        let usable = match key_type {
            KeyType::Note | KeyType::Cosignature => ed25519(bytes).is_some(),
            KeyType::CosignatureMlDsa44 => bytes.len() == key_type.key_bytes(),
        };
        match usable {
            true => Ok(VerifierKey {
                name: name.into(),
                id: key_id(name, key_type, bytes),
                key_type,
                bytes: bytes.into(),
            }),
            false => Err(KeyError::Point(name.into())),
        }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's short id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What the key signs.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The bytes of the public key.
    pub fn key_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the line claims to be by this key: same name and same id.
    pub fn matches(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// Whether `signature` is this key's over `message`; for Ed25519 with the strict rules that
    /// leave one valid signature per message.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.key_type {
            KeyType::Note | KeyType::Cosignature => {
                let signature = ed25519_dalek::Signature::from_slice(signature).ok();
                ed25519(&self.bytes)
                    .zip(signature)
                    .is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
            }
            KeyType::CosignatureMlDsa44 => {
                let signature = ml_dsa::Signature::<MlDsa44>::try_from(signature).ok();
                let key = ml_dsa::EncodedVerifyingKey::<MlDsa44>::try_from(&self.bytes[..]).ok();
                let key = key.map(|key| ml_dsa::VerifyingKey::<MlDsa44>::decode(&key));
                key.zip(signature)
                    .is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
            }
        }
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<VerifierKey, KeyError> {
        const FORM: &str = "NAME+ID+KEY";
        let text = KeyText::parse(text, FORM)?;
        if text.bytes.len() != text.key_type.key_bytes() {
            return Err(KeyError::Form(FORM));
        }
        let key = VerifierKey::new(text.name, text.key_type, &text.bytes)?;
        match key.id.to_string() == text.id {
            true => Ok(key),
            false => Err(KeyError::Id(text.name.into())),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode(typed(self.key_type, &self.bytes).as_slice());
        write!(f, "{}+{}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A secret key with its name, written `PRIVATE+KEY+NAME+ID+SEED`. Wiped when dropped.
pub struct SignerKey {
    public: VerifierKey,
    secret: Secret,
}

enum Secret {
    Ed25519(Box<SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

impl SignerKey {
    /// The key of this 32-byte seed, which must be random and secret.
    pub fn from_seed(
        name: &str,
        key_type: KeyType,
        seed: &[u8; 32],
    ) -> Result<SignerKey, KeyError> {
        let (public, secret) = match key_type {
            KeyType::Note | KeyType::Cosignature => {
                let secret = SigningKey::from_bytes(seed);
                (
                    secret.verifying_key().as_bytes().to_vec(),
                    Secret::Ed25519(secret.into()),
                )
            }
            KeyType::CosignatureMlDsa44 => {
                let secret = ml_dsa::SigningKey::<MlDsa44>::from_seed(&(*seed).into());
                let public = secret.verifying_key().encode().to_vec();
                (public, Secret::MlDsa44(secret.into()))
            }
        };
        let public = VerifierKey::new(name, key_type, &public)?;
        Ok(SignerKey { public, secret })
    }

    /// The public half.
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// The key as text for a key file, without newline.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let seed = match &self.secret {
            Secret::Ed25519(secret) => typed(self.public.key_type, secret.as_bytes()),
            Secret::MlDsa44(secret) => typed(self.public.key_type, secret.as_seed()),
        };
        let seed = Zeroizing::new(STANDARD.encode(seed.as_slice()));
        let VerifierKey { name, id, .. } = &self.public;
        Zeroizing::new(format!("{SECRET_KEY_START}{name}+{id}+{}", seed.as_str()))
    }

    /// The signature over `message`, always the same one.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(secret) => secret.sign(message).to_bytes().to_vec(),
            Secret::MlDsa44(secret) => {
                let signature: ml_dsa::Signature<MlDsa44> = secret.sign(message);
                signature.to_vec()
            }
        }
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<SignerKey, KeyError> {
        const FORM: &str = "PRIVATE+KEY+NAME+ID+SEED";
        let text = text
            .strip_prefix(SECRET_KEY_START)
            .ok_or(KeyError::Form(FORM))?;
        let text = KeyText::parse(text, FORM)?;
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(
            text.bytes[..]
                .try_into()
                .map_err(|_| KeyError::Form(FORM))?,
        );
        let key = SignerKey::from_seed(text.name, text.key_type, &seed)?;
        match key.public.id.to_string() == text.id {
            true => Ok(key),
            false => Err(KeyError::Id(text.name.into())),
        }
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}, secret)", self.public.name)
    }
}

/// The keys in a log's key file, one a line; `None` when anything else is in it.
pub fn published_keys(bytes: &[u8]) -> Option<Vec<VerifierKey>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = |line: &str| {
        let key: VerifierKey = line.strip_suffix('\n')?.parse().ok()?;
        (format!("{key}\n") == line).then_some(key)
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The point of the curve; `None` for one whose signatures anybody can make.
fn ed25519(bytes: &[u8]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let usable = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    match !name.is_empty() && name.len() <= KEY_NAME_BYTES_MAX && name.chars().all(usable) {
        true => Ok(()),
        false => Err(KeyError::Name(name.into())),
    }
}

fn key_id(name: &str, key_type: KeyType, key: &[u8]) -> KeyId {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', key_type.byte()]);
    let hash: [u8; 32] = hash.chain_update(key).finalize().into();
    KeyId([hash[0], hash[1], hash[2], hash[3]])
}

/// The type byte followed by the bytes of a key.
fn typed(key_type: KeyType, key: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&[key_type.byte()], key].concat())
}

/// The fields of a key's text.
struct KeyText<'t> {
    name: &'t str,
    id: &'t str,
    key_type: KeyType,
    bytes: Zeroizing<Vec<u8>>,
}

impl<'t> KeyText<'t> {
    /// Splits `NAME+ID+BASE64(TYPE, BYTES)`.
    fn parse(text: &'t str, form: &'static str) -> Result<KeyText<'t>, KeyError> {
        // A key's base64 may itself hold a plus, so only the first two separate fields.
        let mut fields = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(KeyError::Form(form));
        };
        check_name(name)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| KeyError::Form(form))?);
        let (&[key_type], key) = bytes.split_first_chunk::<1>().ok_or(KeyError::Form(form))?;
        Ok(KeyText {
            name,
            id,
            key_type: KeyType::from_byte(key_type)?,
            bytes: Zeroizing::new(key.into()),
        })
    }
}
