//! Layout of the file: header, table of sections, sections.

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

/// CRC-32 of what a header says.
pub(super) fn header_crc(header: &Header) -> u32 {
    crc32fast::hash(header.as_bytes().get(..HEADER_CRC_FROM).unwrap_or_default())
}
