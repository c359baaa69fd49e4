//! Files of a log: read with a limit, written so that a crash leaves the old or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Ending of a file that is still being written.
pub(crate) const TEMPORARY_ENDING: &str = ".tmp";

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

/// Writes files and remembers the folders whose entries must reach the disk as well.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    folders: BTreeSet<PathBuf>,
}

impl Writer {
    /// Writes the file beside its place, waits for the disk, then moves it into place.
    pub(crate) fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            self.create_folder(parent)?;
        }
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(TEMPORARY_ENDING);
        let temporary = PathBuf::from(temporary);
        crash_point()?;
        let mut file = File::create(&temporary)?;
        crash_point()?;
        file.write_all(bytes)?;
        crash_point()?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        crash_point()
    }

    /// Returns when everything written so far would survive a power cut.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        while let Some(folder) = self.folders.pop_last() {
            File::open(&folder)?.sync_all()?;
        }
        Ok(())
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
