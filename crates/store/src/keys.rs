//! The key file: what opens the sealed parts of the database, in a file beside it.
//!
//! A key is 32 bytes in a numbered slot, and the database holds the numbers. To destroy a key is to
//! overwrite its slot: everything sealed with it, in the database, its journal and its backups, is
//! gone with it. So this file must never be in a backup of the database, and a backup of this file is
//! to be kept only as long as the law allows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::open::Chance;

const SLOT_BYTES: usize = 32;
/// Slot 0: tells what the file is.
const MAGIC: &[u8; SLOT_BYTES] = b"tracegate keys v1: keep apart \n\n";
/// Slot 1: key of the pseudonyms.
const PSEUDONYM_SLOT: u64 = 1;
/// Slots made at once, so that the file is flushed once for each thousand keys.
const SLOTS_AT_ONCE: u64 = 1024;
const NONCE_BYTES: usize = 24;

/// A person, as the database knows them: HMAC-SHA-256 of the reference, cut to 16 bytes.
pub(crate) type Pseudonym = [u8; 16];

/// The open key file.
pub(crate) struct Keys {
    file: File,
    path: PathBuf,
    pseudonyms: Zeroizing<[u8; SLOT_BYTES]>,
}

impl Keys {
    /// Opens the file.
    pub(crate) fn open(path: &Path) -> Result<Keys, StoreError> {
        let fault = |error: io::Error| cannot(path, error);
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => cannot(
                path,
                "it is missing, and without it the database cannot be read; restore it",
            ),
            _ => fault(error),
        })?;
        let mut magic = [0; SLOT_BYTES];
        file.read_exact_at(&mut magic, 0).map_err(fault)?;
        if magic != *MAGIC {
            return Err(cannot(path, "it is not a key file"));
        }
        let mut pseudonyms = Zeroizing::new([0; SLOT_BYTES]);
        let at = PSEUDONYM_SLOT * SLOT_BYTES as u64;
        file.read_exact_at(pseudonyms.as_mut_slice(), at)
            .map_err(fault)?;
        Ok(Keys {
            file,
            path: path.to_owned(),
            pseudonyms,
        })
    }

    /// Opens the file, or makes one that only its owner may read.
    pub(crate) fn open_or_create(path: &Path, chance: &mut Chance) -> Result<Keys, StoreError> {
        if path.exists() {
            return Keys::open(path);
        }
        let fault = |error: io::Error| cannot(path, error);
        let mut name = path.as_os_str().to_owned();
        name.push(format!("-new-{}", std::process::id()));
        let draft = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&draft).map_err(fault)?;
        let mut first = Zeroizing::new([0; SLOT_BYTES]);
        chance(&mut first);
        file.write_all_at(MAGIC, 0).map_err(fault)?;
        file.write_all_at(first.as_slice(), PSEUDONYM_SLOT * SLOT_BYTES as u64)
            .map_err(fault)?;
        file.sync_all().map_err(fault)?;
        // A link, unlike a rename, fails when another process has been quicker; then its file counts.
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(fault(error)),
            _ => fs::remove_file(&draft).map_err(fault)?,
        }
        crate::open::sync_folder(path).map_err(fault)?;
        Keys::open(path)
    }

    /// What the database keeps to know its key file by.
    pub(crate) fn check(&self) -> [u8; 32] {
        self.mac("key file")
    }

    /// The person behind a reference into the index.
    pub(crate) fn pseudonym(&self, reference: &str) -> Pseudonym {
        let mac = self.mac(&["person ", reference].concat());
        mac.first_chunk().copied().unwrap_or_default()
    }

    /// Who signs in, as the tables of sessions and accounts know them.
    pub(crate) fn identity(&self, id: &str) -> Pseudonym {
        let mac = self.mac(&["identity ", id].concat());
        mac.first_chunk().copied().unwrap_or_default()
    }

    /// The key of the table of sessions: whoever holds the database alone cannot sign in by a row.
    pub(crate) fn of_sessions(&self) -> Key {
        Key(Zeroizing::new(self.mac("sessions")))
    }

    /// The key of the table of accounts.
    pub(crate) fn of_accounts(&self) -> Key {
        Key(Zeroizing::new(self.mac("accounts")))
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        let mut block = Zeroizing::new([0; 64]);
        block[..SLOT_BYTES].copy_from_slice(self.pseudonyms.as_slice());
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The key in a slot; `None` once it is destroyed.
    pub(crate) fn get(&self, slot: u64) -> Result<Option<Key>, StoreError> {
        let mut bytes = Zeroizing::new([0; SLOT_BYTES]);
        let read = self.file.read_exact_at(bytes.as_mut_slice(), place(slot));
        match read {
            Ok(()) => Ok(bytes.iter().any(|byte| *byte != 0).then_some(Key(bytes))),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(cannot(&self.path, "it is older than the database"))
            }
            Err(error) => Err(cannot(&self.path, error)),
        }
    }

    /// How many slots there are, the first two included.
    pub(crate) fn slots(&self) -> Result<u64, StoreError> {
        let metadata = self.file.metadata();
        let length = metadata.map_err(|error| cannot(&self.path, error))?.len();
        Ok(length / SLOT_BYTES as u64)
    }

    /// Makes sure that the slot exists, on disk. Whoever calls holds the head of the ledger.
    fn reserve(&self, slot: u64, chance: &mut Chance) -> Result<(), StoreError> {
        let fault = |error: io::Error| cannot(&self.path, error);
        let slots = self.slots()?;
        if slot < slots {
            return Ok(());
        }
        let count = SLOTS_AT_ONCE.max(slot + 1 - slots);
        let mut fresh = Zeroizing::new(Vec::new());
        for _ in 0..count {
            let mut key = Zeroizing::new([0; SLOT_BYTES]);
            chance(&mut key);
            fresh.extend_from_slice(key.as_slice());
        }
        self.file
            .write_all_at(&fresh, place(slots))
            .map_err(fault)?;
        self.file.sync_all().map_err(fault)
    }

    /// The keys for one pass over many rows.
    pub(crate) fn ring(&self) -> KeyRing<'_> {
        KeyRing {
            keys: self,
            read: HashMap::new(),
        }
    }

    /// Overwrites keys. When it returns, that is on disk.
    pub(crate) fn destroy(&self, slots: &[u64]) -> Result<(), StoreError> {
        let mut changed = false;
        for slot in slots {
            if self.get(*slot)?.is_some() {
                self.file
                    .write_all_at(&[0; SLOT_BYTES], place(*slot))
                    .map_err(|error| cannot(&self.path, error))?;
                changed = true;
            }
        }
        if changed {
            self.file
                .sync_all()
                .map_err(|error| cannot(&self.path, error))?;
        }
        Ok(())
    }

    /// The key file does not belong to the database.
    pub(crate) fn foreign(&self) -> StoreError {
        cannot(&self.path, "it belongs to another database")
    }
}

/// Keys of one pass, each read once. It ends with the pass, so that no key outlives its destruction.
pub(crate) struct KeyRing<'k> {
    keys: &'k Keys,
    read: HashMap<u64, Option<Key>>,
}

impl KeyRing<'_> {
    /// The key in a slot; `None` once it is destroyed.
    pub(crate) fn get(&mut self, slot: u64) -> Result<Option<&Key>, StoreError> {
        Ok(match self.read.entry(slot) {
            Entry::Occupied(read) => read.into_mut().as_ref(),
            Entry::Vacant(unread) => unread.insert(self.keys.get(slot)?).as_ref(),
        })
    }

    /// The first slot from `next` on that holds a key.
    pub(crate) fn allot(&mut self, next: &mut u64, chance: &mut Chance) -> Result<u64, StoreError> {
        loop {
            let slot = *next;
            self.keys.reserve(slot, chance)?;
            *next += 1;
            if self.get(slot)?.is_some() {
                return Ok(slot);
            }
        }
    }
}

fn place(slot: u64) -> u64 {
    slot.saturating_mul(SLOT_BYTES as u64)
}

fn cannot(path: &Path, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Keys {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}

/// A key for the parts of one case, person or epoch: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), whose
/// nonces are long enough to be drawn at random.
pub(crate) struct Key(Zeroizing<[u8; SLOT_BYTES]>);

impl Key {
    /// Seals bytes for one place only: nonce, then ciphertext and tag.
    pub(crate) fn seal(
        &self,
        place: &str,
        bytes: &[u8],
        chance: &mut Chance,
    ) -> Result<Vec<u8>, StoreError> {
        let mut drawn = [0; 32];
        chance(&mut drawn);
        let (nonce, _) = drawn.split_at(NONCE_BYTES);
        let payload = Payload {
            msg: bytes,
            aad: place.as_bytes(),
        };
        let sealed = self.cipher().encrypt(&nonce_of(nonce), payload);
        let sealed = sealed.map_err(|_| StoreError::Unstorable {
            what: "sealed part",
        })?;
        Ok([nonce, &sealed].concat())
    }

    /// The bytes; `None` unless they were sealed with this key for this place.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        self.cipher().decrypt(&nonce_of(nonce), payload).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0).into())
    }
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(bytes);
    nonce.into()
}

#[cfg(test)]
mod tests;
