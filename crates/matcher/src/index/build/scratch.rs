//! Temporary files beside the index.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::index::IndexError;

/// Makes temporary files that have no name, so that nothing is left behind however the build ends.
#[derive(Debug, Clone)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Number of the next file: several are made at a time.
    next: Arc<AtomicU32>,
}

const BUFFER: usize = 1 << 18;

impl Scratch {
    /// Beside `out`.
    pub(super) fn beside(out: &Path) -> Self {
        let mut name: OsString = out.file_name().unwrap_or_default().to_owned();
        name.push(".scratch");
        Self {
            path: out.with_file_name(name),
            next: Arc::default(),
        }
    }

    /// An empty file, open for reading and writing. It has a name for a moment only: the system frees
    /// it when it is closed, or when the process is killed.
    pub(super) fn file(&self) -> Result<File, IndexError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path.with_extension(format!("scratch{number}"));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(self.error("create"))?;
        std::fs::remove_file(&path).map_err(self.error("unlink"))?;
        Ok(file)
    }

    pub(super) fn error(&self, action: &'static str) -> impl FnOnce(std::io::Error) -> IndexError {
        IndexError::io(action, &self.path)
    }
}

/// Bytes written once and read from the start, perhaps more than once.
#[derive(Debug)]
pub(super) struct Spool {
    out: BufWriter<File>,
    scratch: Scratch,
    bytes: u64,
}

impl Spool {
    pub(super) fn new(scratch: &Scratch) -> Result<Self, IndexError> {
        Self::with_buffer(scratch, BUFFER)
    }

    pub(super) fn with_buffer(scratch: &Scratch, buffer: usize) -> Result<Self, IndexError> {
        Ok(Self {
            out: BufWriter::with_capacity(buffer, scratch.file()?),
            scratch: scratch.clone(),
            bytes: 0,
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        self.bytes += bytes.len() as u64;
        self.out
            .write_all(bytes)
            .map_err(self.scratch.error("write"))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Everything written so far, from the start.
    pub(super) fn reader(&mut self) -> Result<BufReader<&File>, IndexError> {
        self.rewind()?;
        Ok(BufReader::with_capacity(BUFFER, self.out.get_ref()))
    }

    /// Everything written, at once.
    pub(super) fn into_bytes(mut self) -> Result<Vec<u8>, IndexError> {
        self.rewind()?;
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        self.out
            .get_ref()
            .read_to_end(&mut bytes)
            .map_err(self.scratch.error("read"))?;
        Ok(bytes)
    }

    fn rewind(&mut self) -> Result<(), IndexError> {
        self.out
            .seek(SeekFrom::Start(0))
            .map(|_| ())
            .map_err(self.scratch.error("read"))
    }
}
