//! The publisher: extends the log's files and signs the new head, last.
//!
//! A head is signed only if it continues every head signed before. The last one signed is kept
//! twice: in the public folder, and in a state file outside it, so that neither an older database
//! nor an emptied folder leads to two roots for one size. Killed at any moment and started again
//! with the same entries, the publisher produces the same files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::add_cosignatures;
use crate::folder::{Folder, TEMPORARY_ENDING, UnderHead, Writer, read_limited};
use crate::hash::{Hash, leaf_hash};
use crate::key::{SignerKey, VerifierKey};
use crate::note::{NOTE_BYTES_MAX, Note, SignatureLine};
use crate::proof::{ProveError, prove_growth};
use crate::publish::end::{End, read_hashes};
use crate::tiles::{
    CHECKPOINT_PATH, Edge, KEY_PATH, Row, TILE_FOLDER, TILE_WIDTH, Tile, encode_hashes,
};

mod end;
mod error;

pub use crate::publish::error::PublishError;

/// The one writer of a log's folder.
#[derive(Debug)]
pub struct Publisher {
    folder: Folder,
    state_path: PathBuf,
    signer: SignerKey,
    /// The key that takes over: it signs as well.
    next_signer: Option<SignerKey>,
    /// The public head.
    note: Option<Note>,
    end: End,
    /// A signed head that is not public yet.
    pending: Option<Pending>,
    /// The last head signed, when publication was interrupted before it became public. It stands
    /// in the state file.
    unpublished: Option<Checkpoint>,
    /// Whether a publication failed halfway and may have left files behind.
    interrupted: bool,
    /// Held as long as the publisher lives.
    _lock: File,
}

/// A signed head that is not public yet, and what becomes public with it.
#[derive(Debug)]
struct Pending {
    note: Note,
    end: End,
    /// Tiles and entries by path.
    files: BTreeMap<String, Vec<u8>>,
}

impl Publisher {
    /// Opens or begins the log in `folder`, whose origin is the name of the key. `state` is a file
    /// outside that folder that keeps the last signed head; a lock file stands beside it.
    pub fn open(
        folder: impl Into<PathBuf>,
        state: impl Into<PathBuf>,
        signer: SignerKey,
    ) -> Result<Publisher, PublishError> {
        let (folder, state_path) = (Folder::new(folder), state.into());
        let lock = lock(&state_path)?;
        let public = read_head(&folder.path(CHECKPOINT_PATH), &signer)?;
        let state = read_head(&state_path, &signer)?;
        let end = match &public {
            Some((_, checkpoint)) => End::load(&folder, checkpoint)?,
            None => End::default(),
        };
        let unpublished = match state {
            Some((_, checkpoint)) if checkpoint.size >= end.edge.size() => Some(checkpoint),
            _ => None,
        };
        sweep(&folder, end.edge.size())?;
        let note = public.map(|(note, _)| note);
        Ok(Publisher {
            folder,
            state_path,
            signer,
            next_signer: None,
            note,
            end,
            pending: None,
            unpublished,
            interrupted: false,
            _lock: lock,
        })
    }

    /// The same publisher, whose heads from now on are also signed by the key that takes over.
    pub fn with_next_signer(self, next: SignerKey) -> Publisher {
        Publisher {
            next_signer: Some(next),
            ..self
        }
    }

    /// Number of entries under the public head.
    pub fn size(&self) -> u64 {
        self.end.edge.size()
    }

    /// The public head with its signatures; `None` before the first publication.
    pub fn head(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    /// The newest head signed, public or not: the one to have cosigned.
    pub fn newest(&self) -> Option<&Note> {
        let pending = self.pending.as_ref().map(|pending| &pending.note);
        pending.or(self.note.as_ref())
    }

    /// Proves to whoever saw the first `old` entries that the newest head continues them; `None`
    /// before the first publication.
    pub fn prove_newest(&self, old: u64) -> Option<Result<(Vec<Hash>, Note), ProveError>> {
        let none = BTreeMap::new();
        let files = UnderHead {
            files: &self.folder,
            head: self.newest()?,
            ahead: self
                .pending
                .as_ref()
                .map_or(&none, |pending| &pending.files),
        };
        // Every tree continues the empty one: there is nothing to prove.
        Some(match old {
            0 => Ok((Vec::new(), files.head.clone())),
            old => prove_growth(&files, self.signer.public(), old),
        })
    }

    /// Publishes `entries`, the first of which has index `first`, and returns the signed head.
    pub fn publish<T: AsRef<[u8]>>(
        &mut self,
        first: u64,
        entries: &[T],
    ) -> Result<Note, PublishError> {
        let supplied = first.saturating_add(entries.len() as u64);
        loop {
            let note = self.sign(first, entries)?;
            self.release()?;
            // A head that waited from before may hold only some of the entries.
            if self.size() >= supplied {
                return Ok(note);
            }
        }
    }

    /// Signs the head of `entries`, the first of which has index `first`, without making it public:
    /// first [`add_cosignatures`](Publisher::add_cosignatures), then
    /// [`release`](Publisher::release).
    ///
    /// Entries already published are compared, the others appended. Without new entries, or while a
    /// signed head is not public, nothing is written or signed; the newest head is returned.
    pub fn sign<T: AsRef<[u8]>>(
        &mut self,
        first: u64,
        entries: &[T],
    ) -> Result<Note, PublishError> {
        let published = self.size();
        if first > published {
            return Err(PublishError::Gap { published, first });
        }
        let supplied = first + entries.len() as u64;
        let signed = self
            .unpublished
            .as_ref()
            .map_or(published, |head| head.size.max(published));
        if supplied < signed {
            return Err(PublishError::Behind { signed, supplied });
        }
        let (old, new) = entries.split_at((published - first) as usize);
        self.compare(first, old)?;
        self.check_unpublished(new)?;
        match self.newest() {
            Some(note) if new.is_empty() || self.pending.is_some() => Ok(note.clone()),
            _ => self.extend(new),
        }
    }

    /// Adds witnesses' signature lines to the newest head: those that verify for one of these keys.
    /// Returns the head with all its cosignatures; `None` before the first publication.
    pub fn add_cosignatures(
        &mut self,
        lines: &[SignatureLine],
        witnesses: &[VerifierKey],
    ) -> Result<Option<&Note>, PublishError> {
        if let Some(pending) = &mut self.pending {
            add_cosignatures(&mut pending.note, lines, witnesses);
            return Ok(self.newest());
        }
        let Some(mut note) = self.note.clone() else {
            return Ok(None);
        };
        if !add_cosignatures(&mut note, lines, witnesses).is_empty() {
            let written = self.write_head(&self.folder.path(CHECKPOINT_PATH), &note);
            self.interrupted |= written.is_err();
            written?;
            self.note = Some(note);
        }
        Ok(self.note.as_ref())
    }

    /// Makes the newest signed head public, if it is not yet: its tiles first, then the checkpoint,
    /// each only after the one before is on disk.
    pub fn release(&mut self) -> Result<(), PublishError> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        if let Err(error) = self.write_pending(&pending) {
            self.pending = Some(pending);
            return Err(error);
        }
        let before = std::mem::replace(&mut self.end, pending.end);
        self.note = Some(pending.note);
        self.unpublished = None;
        remove_partials(&self.folder, &before.edge, self.size())?;
        self.interrupted = false;
        Ok(())
    }

    fn write_pending(&mut self, pending: &Pending) -> Result<(), PublishError> {
        if self.interrupted {
            sweep(&self.folder, self.size())?;
        }
        self.interrupted = true;
        let mut writer = Writer::default();
        for (path, bytes) in &pending.files {
            let written = writer.write(&self.folder.path(path), bytes);
            written.map_err(file_error(path))?;
        }
        self.write_keys(&mut writer)?;
        writer.commit().map_err(file_error(TILE_FOLDER))?;
        self.write_head(&self.folder.path(CHECKPOINT_PATH), &pending.note)
    }

    /// Checks entries against the published ones.
    fn compare<T: AsRef<[u8]>>(&self, first: u64, entries: &[T]) -> Result<(), PublishError> {
        let mut tile = None;
        for (index, entry) in (first..).zip(entries) {
            let row = Row::Hashes(0);
            let wanted = Tile::of_tree(row, index / TILE_WIDTH as u64, self.size());
            if tile.as_ref().map(|(tile, _)| *tile) != wanted {
                let read = |tile| read_hashes(&self.folder, tile).map(|hashes| (tile, hashes));
                tile = wanted.map(read).transpose()?;
            }
            let position = (index % TILE_WIDTH as u64) as usize;
            let published = tile.as_ref().and_then(|(_, hashes)| hashes.get(position));
            if published != Some(&leaf_hash(entry.as_ref())) {
                return Err(PublishError::Altered(index));
            }
        }
        Ok(())
    }

    /// Checks that the new entries lead through the head that was signed but did not become public.
    fn check_unpublished<T: AsRef<[u8]>>(&self, new: &[T]) -> Result<(), PublishError> {
        let Some(head) = &self.unpublished else {
            return Ok(());
        };
        let mut edge = self.end.edge.clone();
        for entry in &new[..(head.size - edge.size()) as usize] {
            edge.push(leaf_hash(entry.as_ref()), |_, _| Ok::<_, PublishError>(()))?;
        }
        match edge.root() {
            computed if computed == head.root => Ok(()),
            computed => Err(PublishError::Forked {
                size: head.size,
                signed: head.root,
                computed,
            }),
        }
    }

    /// Signs the head of the log with these entries more, and records it in the state file.
    fn extend<T: AsRef<[u8]>>(&mut self, new: &[T]) -> Result<Note, PublishError> {
        let mut files = BTreeMap::new();
        let mut end = self.end.clone();
        for entry in new {
            end.push(entry.as_ref(), |tile, bytes| {
                files.insert(tile.to_string(), bytes.to_vec());
                Ok(())
            })?;
        }
        for (tile, hashes) in end.edge.partials() {
            files.insert(tile.to_string(), encode_hashes(hashes));
            if tile.row == Row::Hashes(0) {
                let row = Row::Entries;
                files.insert(Tile { row, ..tile }.to_string(), end.bundle.clone());
            }
        }
        let (origin, extensions) = (self.signer.public().name().into(), Vec::new());
        let (size, root) = (end.edge.size(), end.edge.root());
        let checkpoint = Checkpoint {
            origin,
            size,
            root,
            extensions,
        };
        let mut note = checkpoint.sign(&self.signer);
        if let Some(next) = &self.next_signer {
            note.sign_also(next);
        }
        // Even if the next write fails halfway, only the same head may ever be signed at this size.
        self.unpublished = Some(checkpoint);
        // No head may be seen that the publisher could forget.
        self.write_head(&self.state_path, &note)?;
        let pending = Pending {
            note: note.clone(),
            end,
            files,
        };
        self.pending = Some(pending);
        Ok(note)
    }

    /// Writes the public keys, unless they stand there already.
    fn write_keys(&self, writer: &mut Writer) -> Result<(), PublishError> {
        let path = self.folder.path(KEY_PATH);
        let keys = [Some(&self.signer), self.next_signer.as_ref()];
        let keys = keys.into_iter().flatten();
        let text: String = keys.map(|key| format!("{}\n", key.public())).collect();
        let found = read_limited(&path, NOTE_BYTES_MAX).map_err(file_error(KEY_PATH))?;
        match found.is_some_and(|found| found == text.as_bytes()) {
            true => Ok(()),
            false => writer
                .write(&path, text.as_bytes())
                .map_err(file_error(KEY_PATH)),
        }
    }

    fn write_head(&self, path: &Path, note: &Note) -> Result<(), PublishError> {
        let mut writer = Writer::default();
        let written = writer.write(path, note.to_string().as_bytes());
        let committed = written.and_then(|()| writer.commit());
        committed.map_err(file_error(&path.display().to_string()))
    }
}

/// Takes the lock that keeps a second publisher away.
fn lock(state: &Path) -> Result<File, PublishError> {
    let mut path = state.as_os_str().to_owned();
    path.push(".lock");
    let shown = path.display().to_string();
    if let Some(parent) = state.parent() {
        fs::create_dir_all(parent).map_err(file_error(&parent.display().to_string()))?;
    }
    let file = File::create(PathBuf::from(path)).map_err(file_error(&shown))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(PublishError::Locked(shown)),
        Err(fs::TryLockError::Error(source)) => Err(file_error(&shown)(source)),
    }
}

/// Reads a head that this log signed; `None` when there is none.
fn read_head(path: &Path, signer: &SignerKey) -> Result<Option<(Note, Checkpoint)>, PublishError> {
    let shown = path.display().to_string();
    let Some(bytes) = read_limited(path, NOTE_BYTES_MAX).map_err(file_error(&shown))? else {
        return Ok(None);
    };
    let head = Note::parse(&bytes)
        .map_err(CheckpointError::from)
        .and_then(|note| {
            let checkpoint = Checkpoint::open(&note, signer.public())?;
            Ok((note, checkpoint))
        });
    head.map(Some).map_err(|source| PublishError::Checkpoint {
        path: shown,
        source,
    })
}

/// Removes what an interrupted publication left behind: unfinished files, tiles beyond the signed
/// size, and partial tiles that the log has outgrown. Files of any other name stay, for the audit
/// to complain about.
pub(crate) fn sweep(folder: &Folder, size: u64) -> Result<(), PublishError> {
    if !folder.path("").exists() {
        return Ok(());
    }
    let mut leftovers = Vec::new();
    folder.walk(|path| {
        let finished = path.strip_suffix(TEMPORARY_ENDING);
        let tile = Tile::from_path(finished.unwrap_or(&path));
        let stale = |tile: Tile| match Tile::of_tree(tile.row, tile.index, size) {
            None => true,
            Some(own) => own.width < tile.width || tile.is_partial() && !own.is_partial(),
        };
        let single = [Some(CHECKPOINT_PATH), Some(KEY_PATH)].contains(&finished);
        if single || tile.is_some_and(|tile| finished.is_some() || stale(tile)) {
            leftovers.push(path);
        }
        Ok::<_, PublishError>(())
    })?;
    leftovers
        .iter()
        .try_for_each(|path| folder.remove(path).map_err(file_error(path)))
}

/// Removes the partial tiles that the log has outgrown: their full tiles are public now.
fn remove_partials(folder: &Folder, before: &Edge, size: u64) -> Result<(), PublishError> {
    for (tile, _) in before.partials() {
        let grown = Tile::of_tree(tile.row, tile.index, size);
        if grown.is_none_or(Tile::is_partial) {
            continue;
        }
        let bundle = (tile.row == Row::Hashes(0)).then_some(Row::Entries);
        for row in bundle.into_iter().chain([tile.row]) {
            let partials = Tile { row, ..tile };
            let path = partials.to_string();
            let path = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder.remove_folder(path).map_err(file_error(path))?;
        }
    }
    Ok(())
}

fn file_error(path: &str) -> impl Fn(io::Error) -> PublishError {
    move |source| PublishError::File {
        path: path.into(),
        source,
    }
}

#[cfg(test)]
mod tests;
