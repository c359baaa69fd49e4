//! Checks of a file before anything in it is believed.

use std::ops::Range;
use std::path::Path;

use zerocopy::{FromBytes, IntoBytes};

use super::IndexError;
use super::format::{
    ALIGNMENT, Entry, Header, MAGIC, SECTION_COUNT, SECTION_NAMES, VERSION, header_crc,
};

/// The header and the table of sections.
pub(super) fn check_head(map: &[u8], path: &Path) -> Result<(Header, Vec<Entry>), IndexError> {
    let not_an_index = || IndexError::Refused {
        path: path.to_owned(),
        problem: "is not a person index".to_owned(),
        remedy: "build one with `tracegate index build`",
    };
    let (header, rest) = Header::read_from_prefix(map).map_err(|_| not_an_index())?;
    if header.magic != MAGIC {
        return Err(not_an_index());
    }
    if header.version != VERSION {
        return Err(IndexError::Refused {
            path: path.to_owned(),
            problem: format!("has format version {}, not {VERSION}", header.version),
            remedy: "build it again, or use the program that wrote it",
        });
    }
    if header_crc(&header) != header.header_crc || header.reserved != [0; 24] {
        return Err(IndexError::damaged(path, "has a damaged header"));
    }
    if header.file_bytes != map.len() as u64 {
        let problem = format!("has {} bytes instead of {}", map.len(), header.file_bytes);
        return Err(IndexError::damaged(path, problem));
    }
    let table = rest
        .get(..SECTION_COUNT * size_of::<Entry>())
        .unwrap_or_default();
    let entries = <[Entry]>::ref_from_bytes(table)
        .map(<[Entry]>::to_vec)
        .unwrap_or_default();
    let complete = header.sections as usize == SECTION_COUNT && entries.len() == SECTION_COUNT;
    if !complete || crc32fast::hash(entries.as_bytes()) != header.table_crc {
        return Err(IndexError::damaged(path, "has a damaged table of sections"));
    }
    Ok((header, entries))
}

/// The byte ranges of the sections, each with the checksum that the table gives.
pub(super) fn check_sections(
    map: &[u8],
    entries: &[Entry],
    path: &Path,
) -> Result<[Range<usize>; SECTION_COUNT], IndexError> {
    let mut ranges = std::array::from_fn(|_| 0..0);
    for ((entry, range), name) in entries.iter().zip(&mut ranges).zip(SECTION_NAMES) {
        let damaged = || IndexError::damaged(path, format!("is damaged in section `{name}`"));
        let end = entry.offset.checked_add(entry.bytes).ok_or_else(damaged)?;
        *range = entry.offset as usize..end as usize;
        let bytes = map.get(range.clone()).ok_or_else(damaged)?;
        if !entry.offset.is_multiple_of(ALIGNMENT) || crc32fast::hash(bytes) != entry.crc {
            return Err(damaged());
        }
    }
    // Bytes between sections are zero, so that no bit of the file is without a check.
    let head = size_of::<Header>() + SECTION_COUNT * size_of::<Entry>();
    let ends = std::iter::once(head).chain(ranges.iter().map(|range| range.end));
    let starts = ranges
        .iter()
        .map(|range| range.start)
        .chain(std::iter::once(map.len()));
    let padded = |(end, start)| {
        map.get(end..start)
            .is_some_and(|gap| gap.iter().all(|b| *b == 0))
    };
    if ends.zip(starts).all(padded) {
        return Ok(ranges);
    }
    Err(IndexError::damaged(path, "is damaged between two sections"))
}
