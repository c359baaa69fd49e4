//! The file: a header that wraps a file key for each recipient, and the content in chunks of 64 KiB.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use curve25519_dalek::MontgomeryPoint;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key::{Identity, Recipient};

const VERSION: &str = "age-encryption.org/v1\n";
const STANZA: &str = "-> X25519 ";
const LABEL: &[u8] = b"age-encryption.org/v1/X25519";
/// Content of one chunk, in bytes, and of its authentication tag.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// Nonce of the content, in bytes.
const NONCE: usize = 16;
/// Columns of a stanza's body: a shorter line ends it.
const COLUMNS: usize = 64;
/// Longest header read: a stanza of X25519 takes a hundred bytes.
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// Random bytes for one file. Whoever knows them opens it; never use them twice.
pub struct Fresh {
    /// Secret of the one exchange with the recipient.
    pub ephemeral: Zeroizing<[u8; 32]>,
    /// Key of the file.
    pub file_key: Zeroizing<[u8; 16]>,
    /// Nonce of the content.
    pub nonce: [u8; NONCE],
}

/// Why a file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Not an age file, or cut short in its header.
    #[error("this is not an age file, or it is cut short")]
    NotAge,
    /// No stanza is for this identity.
    #[error("the file is sealed to another key")]
    OtherKey,
    /// The header was changed.
    #[error("the header was changed after sealing")]
    Header,
    /// The content was changed or cut short.
    #[error("the content was changed or cut short after sealing")]
    Content,
}

/// Seals bytes to one recipient; `None` for a recipient of small order, to whom nothing can be kept
/// secret.
pub fn seal(content: &[u8], recipient: &Recipient, fresh: &Fresh) -> Option<Vec<u8>> {
    let share = MontgomeryPoint::mul_base_clamped(*fresh.ephemeral).to_bytes();
    let key = wrapping_key(&fresh.ephemeral, recipient.0, &share, &recipient.0)?;
    let wrapped = cipher(&key).encrypt(&Nonce::default(), &fresh.file_key[..]);
    let header = format!(
        "{VERSION}{STANZA}{}\n{}\n---",
        STANDARD_NO_PAD.encode(share),
        STANDARD_NO_PAD.encode(wrapped.ok()?)
    );
    let mac = header_mac(&fresh.file_key, header.as_bytes());
    let mac = STANDARD_NO_PAD.encode(mac.finalize().into_bytes());
    let mut sealed = format!("{header} {mac}\n").into_bytes();
    sealed.extend(fresh.nonce);
    let cipher = cipher(&derived(&fresh.nonce, &*fresh.file_key, b"payload"));
    let count = content.len().div_ceil(CHUNK).max(1);
    for number in 0..count {
        let rest = content.get(number * CHUNK..)?;
        let chunk = rest.get(..CHUNK).unwrap_or(rest);
        sealed.extend(cipher.encrypt(&chunk_nonce(number, count), chunk).ok()?);
    }
    Some(sealed)
}

/// Opens a file; every byte of it is authenticated before any is returned.
pub fn open(sealed: &[u8], identity: &Identity) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let header = Header::read(sealed).ok_or(OpenError::NotAge)?;
    let mut shares = header.shares.iter();
    let file_key = shares.find_map(|(share, wrapped)| unwrap(share, wrapped, identity));
    let file_key = file_key.ok_or(OpenError::OtherKey)?;
    header_mac(&file_key, header.signed)
        .verify_slice(&header.mac)
        .map_err(|_| OpenError::Header)?;
    let (nonce, chunks) = header.rest.split_first_chunk().ok_or(OpenError::Content)?;
    let nonce: &[u8; NONCE] = nonce;
    let cipher = cipher(&derived(nonce, &*file_key, b"payload"));
    let count = chunks.len().div_ceil(CHUNK + TAG);
    let mut content = Zeroizing::new(Vec::with_capacity(chunks.len()));
    for (number, chunk) in chunks.chunks(CHUNK + TAG).enumerate() {
        let opened = cipher.decrypt(&chunk_nonce(number, count), chunk);
        let opened = Zeroizing::new(opened.map_err(|_| OpenError::Content)?);
        // Only a whole file may be empty, so that there is one way to write each content.
        if opened.is_empty() && number > 0 {
            return Err(OpenError::Content);
        }
        content.extend_from_slice(&opened);
    }
    if count == 0 {
        return Err(OpenError::Content);
    }
    Ok(content)
}

/// A header, taken apart.
struct Header<'f> {
    /// Ephemeral share and wrapped file key of each X25519 stanza.
    shares: Vec<([u8; 32], Vec<u8>)>,
    /// What the code authenticates: everything to `---`.
    signed: &'f [u8],
    mac: Vec<u8>,
    rest: &'f [u8],
}

impl<'f> Header<'f> {
    fn read(file: &'f [u8]) -> Option<Header<'f>> {
        let head = file.get(..HEADER_BYTES_MAX).unwrap_or(file);
        let mut at = head
            .strip_prefix(VERSION.as_bytes())
            .map(|_| VERSION.len())?;
        let mut shares = Vec::new();
        loop {
            let line = line(head, at)?;
            if let Some(mac) = line.strip_prefix("--- ") {
                let mac = STANDARD_NO_PAD.decode(mac).ok()?;
                let signed = file.get(..at + "---".len())?;
                let rest = file.get(at + line.len() + 1..)?;
                return Some(Header {
                    shares,
                    signed,
                    mac,
                    rest,
                });
            }
            at += line.len() + 1;
            let share = line.strip_prefix(STANZA);
            line.strip_prefix("-> ")?;
            let (body, after) = body(head, at)?;
            at = after;
            if let Some(share) = share {
                let share = STANDARD_NO_PAD.decode(share).ok()?;
                shares.push((share.try_into().ok()?, body));
            }
        }
    }
}

/// The line that begins here, without its end.
fn line(head: &[u8], at: usize) -> Option<&str> {
    let rest = head.get(at..)?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

/// The body of a stanza, and where it ends.
fn body(head: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let mut text = String::new();
    loop {
        let line = line(head, at)?;
        at += line.len() + 1;
        text.push_str(line);
        if line.len() > COLUMNS {
            return None;
        }
        if line.len() < COLUMNS {
            return Some((STANDARD_NO_PAD.decode(&text).ok()?, at));
        }
    }
}

fn unwrap(share: &[u8; 32], wrapped: &[u8], identity: &Identity) -> Option<Zeroizing<[u8; 16]>> {
    let key = wrapping_key(&identity.0, *share, share, &identity.recipient().0)?;
    let opened = cipher(&key).decrypt(&Nonce::default(), wrapped).ok()?;
    let opened = Zeroizing::new(opened);
    opened.as_slice().try_into().ok().map(Zeroizing::new)
}

/// The key that wraps the file key between the two; `None` where the exchange gives nothing.
fn wrapping_key(
    secret: &[u8; 32],
    other: [u8; 32],
    share: &[u8; 32],
    recipient: &[u8; 32],
) -> Option<Zeroizing<[u8; 32]>> {
    let shared = MontgomeryPoint(other).mul_clamped(*secret).to_bytes();
    let shared = Zeroizing::new(shared);
    // A point of small order gives zeros, whatever the secret.
    let known = shared.iter().fold(0, |seen, byte| seen | byte) == 0;
    let salt = [share.as_slice(), recipient].concat();
    (!known).then(|| derived(&salt, &*shared, LABEL))
}

/// HKDF-SHA-256 (RFC 5869), one block.
fn derived(salt: &[u8], secret: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let extracted = Zeroizing::new(mac(salt, &[secret]).finalize().into_bytes().into());
    let extracted: &[u8; 32] = &extracted;
    let expanded = mac(extracted, &[info, &[1]]);
    Zeroizing::new(expanded.finalize().into_bytes().into())
}

fn header_mac(file_key: &[u8; 16], header: &[u8]) -> Hmac<Sha256> {
    mac(&*derived(&[], file_key, b"header"), &[header])
}

/// HMAC-SHA-256 of the parts. Every key here is at most a block of 64 bytes, filled up with zeros as HMAC
/// does it.
fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&(*block).into());
    parts.iter().for_each(|part| mac.update(part));
    mac
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*key).into())
}

/// STREAM: the chunk's number in eleven bytes, and whether it is the last.
fn chunk_nonce(number: usize, count: usize) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
    nonce[11] = u8::from(number + 1 == count);
    nonce.into()
}
