//! A small file of what has changed since an index was built: new and changed people, and the
//! identifiers of people who are gone.
//!
//! A delta belongs to one index, by the checksum of its content. It is searched beside that index at once
//! ([`super::Current`]), or applied: base and delta together give the very file that a build from the
//! whole new extract gives.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::build::{BuildProgress, BuildReport, build_within, replace};
use super::read::version_of;
use super::{Index, IndexError};
use crate::Person;
use crate::csv_input::RowFault;

/// First bytes of every delta.
const MAGIC: [u8; 8] = *b"TGXDELTA";
/// The version this program writes and the only one it reads.
const VERSION: u32 = 1;
/// Magic, version, CRC-32 of what follows, version of the base, number of bytes of the list.
const HEAD: usize = 8 + 4 + 4 + 16 + 8;
/// Bytes of the head that the checksum does not cover.
const UNCHECKED: usize = 16;

/// An open delta, checked.
#[derive(Debug)]
pub struct Delta {
    base_version: String,
    removed: HashSet<String>,
    people: Index,
}

impl Delta {
    /// Opens and checks the whole file.
    ///
    /// # Errors
    /// Refuses a file that is truncated, altered, of a newer version or not a delta.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(IndexError::io("open", path))?;
        Self::from_bytes(&bytes, path)
    }

    /// Checks a file that is already in memory; `path` is only told in errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, IndexError> {
        let refused = |problem: String, remedy| IndexError::Refused {
            path: path.to_owned(),
            problem,
            remedy,
        };
        if bytes.get(..8) != Some(&MAGIC) {
            let remedy = "build one with `tracegate index build --delta-of`";
            return Err(refused("is not a delta".to_owned(), remedy));
        }
        let damaged = || refused("is a damaged delta".to_owned(), "build it again");
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        match word(8) {
            Some(VERSION) => {}
            Some(other) => {
                let problem = format!("has delta version {other}, not {VERSION}");
                let remedy = "build it again, or use the program that wrote it";
                return Err(refused(problem, remedy));
            }
            None => return Err(damaged()),
        }
        let checked = bytes.get(UNCHECKED..).ok_or_else(damaged)?;
        if word(12) != Some(crc32fast::hash(checked)) {
            return Err(damaged());
        }
        let (base_version, list, people) = parts(bytes).ok_or_else(damaged)?;
        Ok(Self {
            base_version: base_version.to_owned(),
            removed: list.lines().map(str::to_owned).collect(),
            people: Index::from_bytes(people, path)?,
        })
    }

    /// Version of the index that the delta belongs to.
    pub fn base_version(&self) -> &str {
        &self.base_version
    }

    /// New and changed people.
    pub fn people(&self) -> u32 {
        self.people.people()
    }

    /// People of the base who are gone.
    pub fn removed(&self) -> usize {
        self.removed.len()
    }

    /// # Errors
    /// Refuses an index that the delta was not built of.
    pub(super) fn check_base(&self, base: &Index) -> Result<(), IndexError> {
        if self.base_version == base.version() {
            return Ok(());
        }
        Err(IndexError::OtherBase {
            base: base.version().to_owned(),
            delta: self.base_version.clone(),
        })
    }

    /// Rows of `base`, ascending, of the people who are changed or gone.
    pub(super) fn superseded(&self, base: &Index) -> Vec<u32> {
        let view = self.people.view();
        let changed = (0u32..).zip(view.rows).filter(|(_, row)| !row.is_earlier());
        let changed = changed.map(|(position, _)| view.person_id(position));
        let gone = self.removed.iter().map(String::as_str);
        let mut rows: Vec<u32> = changed.chain(gone).filter_map(|id| base.find(id)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Checksum of what it holds, and of the index that it changes.
    pub(super) fn version(&self) -> String {
        let mut removed: Vec<&str> = self.removed.iter().map(String::as_str).collect();
        removed.sort_unstable();
        let removed = removed.join("\n");
        let parts = [self.base_version(), self.people.version(), &removed];
        version_of(&parts.map(str::as_bytes))
    }

    /// New and changed people, as an index of their own.
    pub(super) fn into_people(self) -> Index {
        self.people
    }

    fn replaces(&self, person_id: &str) -> bool {
        self.removed.contains(person_id) || self.people.find(person_id).is_some()
    }
}

/// Version of the base, list of removed identifiers, index of people.
fn parts(bytes: &[u8]) -> Option<(&str, &str, &[u8])> {
    let base_version = std::str::from_utf8(bytes.get(16..32)?).ok()?;
    let length = u64::from_le_bytes(bytes.get(32..HEAD)?.try_into().ok()?);
    let rest = bytes.get(HEAD..)?;
    let (list, people) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((base_version, std::str::from_utf8(list).ok()?, people))
}

/// Builds a delta to `base` at `out`, written aside and renamed into place, of new and changed `persons`
/// and the identifiers of people who are gone. Who is both gone and among `persons` is there.
///
/// # Errors
/// As [`build_within`].
pub fn build_delta(
    base: &Index,
    memory_bytes: usize,
    persons: impl Iterator<Item = Result<Person, RowFault>> + Send,
    removed: &HashSet<String>,
    out: &Path,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BuildReport, IndexError> {
    let people = beside(out, ".people");
    let report = build_within(memory_bytes, persons, &people, progress)?;
    let index = std::fs::read(&people).map_err(IndexError::io("read", &people));
    let _ = std::fs::remove_file(&people);
    let index = index?;
    let mut removed: Vec<&str> = removed.iter().map(String::as_str).collect();
    removed.sort_unstable();
    let list: String = removed.iter().flat_map(|id| [*id, "\n"]).collect();
    let mut checked = base.version().as_bytes().to_vec();
    checked.extend_from_slice(&(list.len() as u64).to_le_bytes());
    checked.extend_from_slice(list.as_bytes());
    checked.extend_from_slice(&index);
    replace(out, |file| {
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        file.write_all(&crc32fast::hash(&checked).to_le_bytes())?;
        file.write_all(&checked)
    })?;
    Ok(report)
}

fn beside(out: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = out.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    out.with_file_name(name)
}

/// Builds the index of everybody in `base` and `delta` at `out`: the same file, byte for byte, as a build
/// from the people of `base` without those removed, and with those changed or added.
///
/// # Errors
/// Refuses a delta of another index; else as [`build_within`].
pub fn apply(
    base: &Index,
    delta: &Delta,
    memory_bytes: usize,
    out: &Path,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BuildReport, IndexError> {
    delta.check_base(base)?;
    let kept = everybody(base).filter(|person| !delta.replaces(&person.person_id));
    let persons = kept.chain(everybody(&delta.people)).map(Ok);
    build_within(memory_bytes, persons, out, progress)
}

fn everybody(index: &Index) -> impl Iterator<Item = Person> + Send {
    let rows = (0u32..).zip(index.view().rows);
    rows.filter(|(_, row)| !row.is_earlier())
        .filter_map(|(position, _)| index.person(position))
}

#[cfg(test)]
mod tests;
