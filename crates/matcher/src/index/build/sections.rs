//! Writes the sections of a file, several at a time: each knows its size before its first byte.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use zerocopy::{Immutable, IntoBytes};

use crate::index::IndexError;
use crate::index::format::{
    ALIGNMENT, Entry, Header, MAGIC, SECTION_COUNT, SECTION_NAMES, VERSION, header_crc,
};

/// Places sections one after the other in a new file, and in the end the table that finds them.
pub(super) struct Sections {
    path: PathBuf,
    position: u64,
    entries: Vec<Entry>,
}

/// A section that is being written.
pub(super) struct Section {
    out: BufWriter<File>,
    path: PathBuf,
    crc: crc32fast::Hasher,
    number: usize,
    left: u64,
}

const BUFFER: usize = 1 << 18;

impl Sections {
    /// Starts after the room that header and table will take.
    pub(super) fn new(path: &Path) -> Self {
        let head = size_of::<Header>() + SECTION_COUNT * size_of::<Entry>();
        Self {
            path: path.to_owned(),
            position: (head as u64).next_multiple_of(ALIGNMENT),
            entries: Vec::with_capacity(SECTION_COUNT),
        }
    }

    /// The next section, of so many items.
    pub(super) fn next<T>(&mut self, items: u64) -> Result<Section, IndexError> {
        let bytes = items * size_of::<T>() as u64;
        let section = Section {
            out: BufWriter::with_capacity(BUFFER, self.open_at(self.position)?),
            path: self.path.clone(),
            crc: crc32fast::Hasher::new(),
            number: self.entries.len(),
            left: bytes,
        };
        self.entries.push(Entry {
            section: self.entries.len() as u32,
            crc: 0,
            offset: self.position,
            bytes,
            parameter: 0,
        });
        self.position = (self.position + bytes).next_multiple_of(ALIGNMENT);
        Ok(section)
    }

    /// The next section, at once.
    pub(super) fn write<T: IntoBytes + Immutable>(
        &mut self,
        items: &[T],
    ) -> Result<(), IndexError> {
        let mut section = self.next::<T>(items.len() as u64)?;
        section.write(items)?;
        self.close(section)
    }

    /// Ends a section, which must be full.
    pub(super) fn close(&mut self, mut section: Section) -> Result<(), IndexError> {
        let complete = match section.left {
            0 => section.out.flush(),
            _ => Err(std::io::ErrorKind::WriteZero.into()),
        };
        complete.map_err(IndexError::io("write", &self.path))?;
        if let Some(entry) = self.entries.get_mut(section.number) {
            entry.crc = section.crc.finalize();
        }
        Ok(())
    }

    /// Writes header and table and waits for the disk. Returns the head and the size of the file.
    pub(super) fn finish(self, people: u32, rows: u32) -> Result<(Vec<u8>, u64), IndexError> {
        debug_assert_eq!(self.entries.len(), SECTION_NAMES.len());
        let mut header = Header {
            magic: MAGIC,
            version: VERSION,
            sections: self.entries.len() as u32,
            people,
            rows,
            file_bytes: self.position,
            table_crc: crc32fast::hash(self.entries.as_bytes()),
            header_crc: 0,
            reserved: [0; 24],
        };
        header.header_crc = header_crc(&header);
        let mut head = header.as_bytes().to_vec();
        head.extend_from_slice(self.entries.as_bytes());
        let mut file = self.open_at(0)?;
        file.write_all(&head)
            .and_then(|()| file.set_len(self.position))
            .and_then(|()| file.sync_all())
            .map_err(IndexError::io("write", &self.path))?;
        Ok((head, self.position))
    }

    fn open_at(&self, position: u64) -> Result<File, IndexError> {
        let mut file = File::options()
            .write(true)
            .open(&self.path)
            .map_err(IndexError::io("open", &self.path))?;
        file.seek(SeekFrom::Start(position))
            .map_err(IndexError::io("write", &self.path))?;
        Ok(file)
    }
}

impl Section {
    /// Writes the next items.
    pub(super) fn write<T: IntoBytes + Immutable>(
        &mut self,
        items: &[T],
    ) -> Result<(), IndexError> {
        let bytes = items.as_bytes();
        self.crc.update(bytes);
        let written = match self.left.checked_sub(bytes.len() as u64) {
            Some(left) => {
                self.left = left;
                self.out.write_all(bytes)
            }
            None => Err(std::io::ErrorKind::WriteZero.into()),
        };
        written.map_err(IndexError::io("write", &self.path))
    }
}
