//! Files of a log: read with a limit, written so that a crash leaves the old or the new one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::note::Note;
use crate::tiles::CHECKPOINT_PATH;

/// Ending of a file that is still being written.
pub(crate) const TEMPORARY_ENDING: &str = ".tmp";

/// Files up to which each is synced alone; more are synced with their whole file system, which took
/// 0.06 s where 500 single files took 1.1 s. Few files stay independent of what else is being
/// written.
#[cfg(target_os = "linux")]
const SYNC_EACH_MAX: usize = 16;

/// Where the public files of a log are read from: a folder, or a client of a web server.
pub trait Files {
    /// The file at this path below the log's address, at most `limit` bytes long; `None` when there
    /// is none.
    fn read(&self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>>;
}

/// The folder of a log.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The log's folder at this path.
    pub fn new(root: impl Into<PathBuf>) -> Folder {
        Folder { root: root.into() }
    }

    /// Paths of all files, below the folder, with `/` between names. `each` may stop the walk by an
    /// error.
    pub(crate) fn walk<E: From<(String, io::Error)>>(
        &self,
        mut each: impl FnMut(String) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let failed = |error| E::from((folder.clone(), error));
            for entry in fs::read_dir(self.root.join(&folder)).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() {
                    name
                } else {
                    format!("{folder}/{name}")
                };
                match entry.file_type().map_err(failed)?.is_dir() {
                    true => folders.push(path),
                    false => each(path)?,
                }
            }
        }
        Ok(())
    }

    pub(crate) fn remove(&self, path: &str) -> io::Result<()> {
        crash_point()?;
        match fs::remove_file(self.root.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn remove_folder(&self, path: &str) -> io::Result<()> {
        crash_point()?;
        match fs::remove_dir_all(self.root.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

impl Files for Folder {
    fn read(&self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        read_limited(&self.root.join(path), limit)
    }
}

/// The files of a log under a head that is not public yet.
#[derive(Debug)]
pub struct UnderHead<'f, F> {
    /// The log's files.
    pub files: &'f F,
    /// The head to read instead of the public one.
    pub head: &'f Note,
    /// Files that are not among the log's yet, by path.
    pub ahead: &'f BTreeMap<String, Vec<u8>>,
}

impl<F: Files> Files for UnderHead<'_, F> {
    fn read(&self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        match path {
            CHECKPOINT_PATH => Ok(Some(self.head.to_string().into_bytes())),
            path => match self.ahead.get(path) {
                Some(bytes) => Ok(Some(bytes.clone())),
                None => self.files.read(path, limit),
            },
        }
    }
}

/// Writes files in batches: each beside its place, then all to disk, then all into place. Waiting
/// for the disk once a batch makes a large publication many times faster than once a file.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pending: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Writer {
    /// Writes a file beside its place.
    pub(crate) fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            self.create_folder(parent)?;
        }
        crash_point()?;
        let mut file = File::create(temporary(path))?;
        crash_point()?;
        file.write_all(bytes)?;
        self.pending.push(path.into());
        crash_point()
    }

    /// Moves the files written into place, in their order. When this returns they survive a power
    /// cut; at no moment is one of them in place with less than all its bytes on disk.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        sync(&self.pending)?;
        for path in self.pending.drain(..) {
            crash_point()?;
            fs::rename(temporary(&path), path)?;
        }
        crash_point()?;
        while let Some(folder) = self.folders.pop_last() {
            File::open(&folder)?.sync_all()?;
        }
        crash_point()
    }

    fn create_folder(&mut self, folder: &Path) -> io::Result<()> {
        let here = folder.as_os_str().is_empty();
        if !self
            .folders
            .insert(if here { ".".into() } else { folder.into() })
            || here
        {
            return Ok(());
        }
        if !folder.is_dir() {
            if let Some(parent) = folder.parent() {
                self.create_folder(parent)?;
            }
            crash_point()?;
            fs::create_dir(folder)?;
        }
        Ok(())
    }
}

/// Returns when the temporary files of these paths are on disk.
fn sync(paths: &[PathBuf]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if let [path, ..] = paths
        && paths.len() > SYNC_EACH_MAX
    {
        return Ok(rustix::fs::syncfs(File::open(temporary(path))?)?);
    }
    paths
        .iter()
        .try_for_each(|path| File::open(temporary(path))?.sync_all())
}

fn temporary(path: &Path) -> PathBuf {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(TEMPORARY_ENDING);
    temporary.into()
}

/// A moment at which the process may be killed: tests make it the last one that is reached.
#[cfg(not(test))]
fn crash_point() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use crate::testing::crash_point;

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read_limited(path: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Opening a pipe would wait for ever, and a link may lead out of the log.
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() <= limit {
        true => Ok(Some(bytes)),
        false => Err(io::Error::other(format!("it is longer than {limit} bytes"))),
    }
}
