//! Signed notes and their Ed25519 keys (c2sp.org/signed-note).
//!
//! A note is text, a blank line, then signature lines `— NAME BASE64(KEY ID, SIGNATURE)`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// Longest note read: 64 signatures of 4 kB (post-quantum ones are that long) take a quarter of a
/// MiB.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Most signature lines read; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 64;
/// Longest key name; the line stays readable and every file system can hold it.
pub const KEY_NAME_BYTES_MAX: usize = 255;

const SIGNATURE_LINE_START: &str = "\u{2014} ";
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
    /// The 32 bytes are not a point of the curve, or one whose signatures anybody can make.
    #[error("the public key of `{0}` is not a usable Ed25519 key")]
    Point(String),
}

/// Why bytes are not a note that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Larger than [`NOTE_BYTES_MAX`].
    #[error("the note is longer than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8, or with control characters other than newline.
    #[error("the note is not UTF-8 text without control characters")]
    Text,
    /// No blank line between text and signatures, or no text before it.
    #[error("the note has no blank line between its text and its signatures")]
    Separator,
    /// A line after the blank line is not a signature.
    #[error("line {0} after the blank line is not a signature line")]
    SignatureLine(usize),
    /// More signatures than [`SIGNATURES_MAX`].
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// A signature by a known key is wrong.
    #[error("the signature by `{0}` is wrong")]
    Signature(String),
    /// No signature by the known key.
    #[error("the note is not signed by `{0}`")]
    Unsigned(String),
    /// The same key signed twice.
    #[error("the note carries more than one signature by `{0}`")]
    Repeated(String),
}

/// The first four bytes of the hash of a key's name, type and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What a key signs, by the type byte of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// The note's text: what a log does.
    Note,
    /// A cosignature: a time and the note's text (c2sp.org/tlog-cosignature): what a witness does.
    Cosignature,
}

impl KeyType {
    fn byte(self) -> u8 {
        match self {
            KeyType::Note => 1,
            KeyType::Cosignature => 4,
        }
    }

    fn from_byte(byte: u8) -> Result<KeyType, KeyError> {
        match byte {
            1 => Ok(KeyType::Note),
            4 => Ok(KeyType::Cosignature),
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
    key: VerifyingKey,
}

impl VerifierKey {
    /// The key of these 32 bytes under this name.
    pub fn new(name: &str, key_type: KeyType, key: &[u8; 32]) -> Result<VerifierKey, KeyError> {
        check_name(name)?;
        let point = VerifyingKey::from_bytes(key).map_err(|_| KeyError::Point(name.into()))?;
        if point.is_weak() {
            return Err(KeyError::Point(name.into()));
        }
        Ok(VerifierKey {
            name: name.into(),
            id: key_id(name, key_type, key),
            key_type,
            key: point,
        })
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

    /// The 32 bytes of the public key.
    pub fn key_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether the line claims to be by this key: same name and same id.
    pub fn matches(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// Whether `signature` is this key's over `message`, with the strict rules that leave one valid
    /// signature per message.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<VerifierKey, KeyError> {
        let KeyText {
            name,
            id,
            key_type,
            key,
        } = parse_key(text, "NAME+ID+KEY")?;
        let key = VerifierKey::new(name, key_type, &key)?;
        match key.id.to_string() == id {
            true => Ok(key),
            false => Err(KeyError::Id(name.into())),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode(typed(self.key_type, self.key.as_bytes()).as_slice());
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
    secret: SigningKey,
}

impl SignerKey {
    /// The key of this 32-byte seed, which must be random and secret.
    pub fn from_seed(
        name: &str,
        key_type: KeyType,
        seed: &[u8; 32],
    ) -> Result<SignerKey, KeyError> {
        let secret = SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, key_type, secret.verifying_key().as_bytes())?;
        Ok(SignerKey { public, secret })
    }

    /// The public half.
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// The key as text for a key file, without newline.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let seed = typed(self.public.key_type, self.secret.as_bytes());
        let seed = Zeroizing::new(STANDARD.encode(seed.as_slice()));
        let VerifierKey { name, id, .. } = &self.public;
        Zeroizing::new(format!("{SECRET_KEY_START}{name}+{id}+{}", seed.as_str()))
    }

    /// Signs the text of a note: a signature line for a key of type [`KeyType::Note`].
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<SignerKey, KeyError> {
        const FORM: &str = "PRIVATE+KEY+NAME+ID+SEED";
        let text = text
            .strip_prefix(SECRET_KEY_START)
            .ok_or(KeyError::Form(FORM))?;
        let KeyText {
            name,
            id,
            key_type,
            key,
        } = parse_key(text, FORM)?;
        let key = SignerKey::from_seed(name, key_type, &key)?;
        match key.public.id.to_string() == id {
            true => Ok(key),
            false => Err(KeyError::Id(name.into())),
        }
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}, secret)", self.public.name)
    }
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key that claims to have signed.
    pub name: String,
    /// Id of that key.
    pub id: KeyId,
    /// The signature, in the form of the key's type.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads one line, without its newline.
    pub fn parse(line: &str) -> Option<SignatureLine> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_LINE_START)?.split_once(' ')?;
        check_name(name).ok()?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let signature = signature.to_vec();
        (!signature.is_empty()).then(|| SignatureLine {
            name: name.into(),
            id: KeyId(*id),
            signature,
        })
    }
}

impl fmt::Display for SignatureLine {
    /// The line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.as_slice(), &self.signature].concat();
        writeln!(
            f,
            "{SIGNATURE_LINE_START}{} {}",
            self.name,
            STANDARD.encode(bytes)
        )
    }
}

/// Text and signatures. Parsing does not verify: trust the text only after [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Signs `text`, which must end in a newline and not be empty.
    pub fn sign(text: String, key: &SignerKey) -> Note {
        let VerifierKey { name, id, .. } = &key.public;
        let signature = key.sign(text.as_bytes()).to_vec();
        Note {
            text,
            signatures: vec![SignatureLine {
                name: name.clone(),
                id: *id,
                signature,
            }],
        }
    }

    /// Reads a note strictly: anything but the exact form is an error.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        if all.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Text);
        }
        let (text, lines) = all.rsplit_once("\n\n").ok_or(NoteError::Separator)?;
        if text.is_empty() || lines.is_empty() {
            return Err(NoteError::Separator);
        }
        let signatures = parse_signatures(lines)?;
        Ok(Note {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The signed text, ending in a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order, verified or not.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature, for example a witness's; one by the same key is replaced.
    pub fn add(&mut self, line: SignatureLine) {
        self.signatures
            .retain(|old| (&old.name, old.id) != (&line.name, line.id));
        self.signatures.push(line);
    }

    /// Checks that `key`, of type [`KeyType::Note`], signed the text, exactly once.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let line = self.signature_by(key)?;
        match key.key_type == KeyType::Note && key.verify(self.text.as_bytes(), &line.signature) {
            true => Ok(()),
            false => Err(NoteError::Signature(key.name.clone())),
        }
    }

    /// The one line that claims to be by `key`.
    pub(crate) fn signature_by(&self, key: &VerifierKey) -> Result<&SignatureLine, NoteError> {
        let mut lines = self.signatures.iter().filter(|line| key.matches(line));
        match (lines.next(), lines.next()) {
            (Some(line), None) => Ok(line),
            (Some(_), Some(_)) => Err(NoteError::Repeated(key.name.clone())),
            (None, _) => Err(NoteError::Unsigned(key.name.clone())),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// Reads signature lines, each ending in a newline.
pub fn parse_signatures(lines: &str) -> Result<Vec<SignatureLine>, NoteError> {
    let mut signatures = Vec::new();
    for (number, line) in lines.split_inclusive('\n').enumerate() {
        if number == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let line = line.strip_suffix('\n').and_then(SignatureLine::parse);
        signatures.push(line.ok_or(NoteError::SignatureLine(number + 1))?);
    }
    Ok(signatures)
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let usable = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    match !name.is_empty() && name.len() <= KEY_NAME_BYTES_MAX && name.chars().all(usable) {
        true => Ok(()),
        false => Err(KeyError::Name(name.into())),
    }
}

fn key_id(name: &str, key_type: KeyType, key: &[u8; 32]) -> KeyId {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', key_type.byte()]);
    let hash: [u8; 32] = hash.chain_update(key).finalize().into();
    KeyId([hash[0], hash[1], hash[2], hash[3]])
}

/// The type byte followed by the 32 bytes of a key.
fn typed(key_type: KeyType, key: &[u8; 32]) -> Zeroizing<[u8; 33]> {
    let mut bytes = Zeroizing::new([0; 33]);
    bytes[0] = key_type.byte();
    bytes[1..].copy_from_slice(key);
    bytes
}

/// The fields of a key's text.
struct KeyText<'t> {
    name: &'t str,
    id: &'t str,
    key_type: KeyType,
    key: Zeroizing<[u8; 32]>,
}

/// Splits `NAME+ID+BASE64(TYPE, 32 BYTES)`.
fn parse_key<'t>(text: &'t str, form: &'static str) -> Result<KeyText<'t>, KeyError> {
    // A key's base64 may itself hold a plus, so only the first two separate fields.
    let mut fields = text.splitn(3, '+');
    let (Some(name), Some(id), Some(encoded)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err(KeyError::Form(form));
    };
    check_name(name)?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| KeyError::Form(form))?);
    let (&[key_type], key) = bytes.split_first_chunk::<1>().ok_or(KeyError::Form(form))?;
    let key_type = KeyType::from_byte(key_type)?;
    let key = key.try_into().map_err(|_| KeyError::Form(form))?;
    Ok(KeyText {
        name,
        id,
        key_type,
        key: Zeroizing::new(key),
    })
}

#[cfg(test)]
mod tests;
