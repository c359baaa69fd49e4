//! Layout of the file: header, table of sections, sections.

use std::io::Write;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// First bytes of every index.
pub(super) const MAGIC: [u8; 8] = *b"TGXINDEX";
/// The version this program writes and the only one it reads.
pub(super) const VERSION: u32 = 2;
/// Sections start at multiples of this, a cache line.
pub(super) const ALIGNMENT: u64 = 64;

/// First 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Header {
    pub magic: [u8; 8],
    pub version: u32,
    pub sections: u32,
    pub people: u32,
    pub rows: u32,
    pub file_bytes: u64,
    /// CRC-32 of the table of sections, which holds the CRC-32 of every section.
    pub table_crc: u32,
    /// CRC-32 of the bytes of this header before this field.
    pub header_crc: u32,
    pub reserved: [u8; 24],
}

/// Where a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Entry {
    pub section: u32,
    pub crc: u32,
    pub offset: u64,
    pub bytes: u64,
    /// Parameter of the section: the number of buckets of a list.
    pub parameter: u64,
}

/// Number of header bytes under [`Header::header_crc`].
pub(super) const HEADER_CRC_FROM: usize = 36;

/// Names of the sections, by number.
pub(super) const SECTION_NAMES: [&str; SECTION_COUNT] = [
    "rows",
    "person ids: offsets",
    "person ids: text",
    "registrations",
    "extras: rows",
    "extras: offsets",
    "extras: words",
    "given names: offsets",
    "given names: text",
    "given names: counts",
    "surnames: offsets",
    "surnames: text",
    "surnames: counts",
    "streets: offsets",
    "streets: text",
    "streets: counts",
    "towns: offsets",
    "towns: text",
    "towns: counts",
    "postcodes: offsets",
    "postcodes: text",
    "postcodes: counts",
    "practices: offsets",
    "practices: text",
    "practices: counts",
    "by NHS number: buckets",
    "by NHS number: rows",
    "by surname: buckets",
    "by surname: rows",
    "by given name: buckets",
    "by given name: rows",
    "by postcode: buckets",
    "by postcode: rows",
    "by premises: buckets",
    "by premises: rows",
    "by person id: buckets",
    "by person id: rows",
];

pub(super) const SECTION_COUNT: usize = 37;

/// Numbers of the sections; a dictionary takes three, a list two.
pub(super) mod section {
    pub const ROWS: usize = 0;
    pub const ID_OFFSETS: usize = 1;
    pub const ID_TEXT: usize = 2;
    pub const REGISTRATIONS: usize = 3;
    pub const EXTRA_ROWS: usize = 4;
    pub const EXTRA_OFFSETS: usize = 5;
    pub const EXTRA_WORDS: usize = 6;
    pub const GIVEN: usize = 7;
    pub const SURNAMES: usize = 10;
    pub const STREETS: usize = 13;
    pub const TOWNS: usize = 16;
    pub const POSTCODES: usize = 19;
    pub const PRACTICES: usize = 22;
    pub const POSTINGS: usize = 25;
}

/// Writes sections one after the other, and in the end the table that finds them.
pub(super) struct SectionWriter<W> {
    out: W,
    position: u64,
    entries: Vec<Entry>,
}

impl<W: Write> SectionWriter<W> {
    /// Starts after the room that header and table will take.
    pub(super) fn new(mut out: W) -> std::io::Result<Self> {
        let head = size_of::<Header>() + SECTION_COUNT * size_of::<Entry>();
        let position = (head as u64).next_multiple_of(ALIGNMENT);
        out.write_all(&vec![0; position as usize])?;
        Ok(Self {
            out,
            position,
            entries: Vec::new(),
        })
    }

    /// Writes the next section.
    pub(super) fn write<T: IntoBytes + Immutable>(&mut self, items: &[T]) -> std::io::Result<()> {
        let bytes = items.as_bytes();
        self.entries.push(Entry {
            section: self.entries.len() as u32,
            crc: crc32fast::hash(bytes),
            offset: self.position,
            bytes: bytes.len() as u64,
            parameter: 0,
        });
        self.out.write_all(bytes)?;
        let end = self.position + bytes.len() as u64;
        self.position = end.next_multiple_of(ALIGNMENT);
        self.out
            .write_all(&[0; ALIGNMENT as usize][..(self.position - end) as usize])
    }

    /// Gives back the output with the bytes that belong at its start.
    pub(super) fn finish(self, people: u32, rows: u32) -> (W, Vec<u8>, u64) {
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
        (self.out, head, self.position)
    }
}

/// CRC-32 of what a header says.
pub(super) fn header_crc(header: &Header) -> u32 {
    crc32fast::hash(header.as_bytes().get(..HEADER_CRC_FROM).unwrap_or_default())
}
