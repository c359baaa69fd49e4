//! A disk that loses its power: what was flushed is there, what was not may be, whole or in part.

use std::collections::BTreeMap;
use std::fs;

use crate::place::Dice;

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// One of the files of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Main,
    Wal,
    Journal,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Main, Kind::Wal, Kind::Journal];

    fn suffix(self) -> &'static str {
        match self {
            Kind::Main => "",
            Kind::Wal => "-wal",
            Kind::Journal => "-journal",
        }
    }
}

/// Something done to a file.
#[derive(Clone, Debug)]
pub enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
    Delete,
    Sync,
}

/// One step of a recording.
#[derive(Clone, Debug)]
pub enum Step {
    Change(Kind, Change),
    /// The entry with this index was acknowledged.
    Acknowledged(u64),
}

/// The files as they are for certain, and what was done to them since.
#[derive(Default)]
pub struct Disk {
    files: BTreeMap<Kind, File>,
}

#[derive(Default)]
struct File {
    /// `None` while there is no such file.
    certain: Option<Vec<u8>>,
    since: Vec<Change>,
}

impl Disk {
    /// The files of the database at this path, all of them for certain.
    pub fn read(path: &str) -> Disk {
        let file = |kind: Kind| {
            let certain = fs::read(format!("{path}{}", kind.suffix())).ok();
            let since = Vec::new();
            (kind, File { certain, since })
        };
        Disk {
            files: Kind::ALL.map(file).into(),
        }
    }

    /// Does a step.
    pub fn take(&mut self, kind: Kind, change: &Change) {
        let file = self.files.entry(kind).or_default();
        match change {
            Change::Sync => {
                for change in std::mem::take(&mut file.since) {
                    apply(&mut file.certain, &change, |_| true);
                }
            }
            change => file.since.push(change.clone()),
        }
    }

    /// Writes the files at this path as they may be after the power went: of what was not flushed, each
    /// piece is there or not, in any order; a piece in part, sector by sector.
    pub fn lose_power(&self, path: &str, dice: &mut Dice) {
        for (kind, file) in &self.files {
            let mut left = file.certain.clone();
            for change in &file.since {
                match dice.below(3) {
                    0 => {}
                    1 => apply(&mut left, change, |_| true),
                    _ => apply(&mut left, change, |_| dice.below(2) == 0),
                }
            }
            let path = format!("{path}{}", kind.suffix());
            match left {
                Some(bytes) => fs::write(&path, bytes).expect("writes"),
                None => drop(fs::remove_file(&path)),
            }
        }
        // It is memory, and memory is gone.
        drop(fs::remove_file(format!("{path}-shm")));
    }
}

/// Does a change to a file, of a write only the sectors that are `kept`.
fn apply(file: &mut Option<Vec<u8>>, change: &Change, mut kept: impl FnMut(usize) -> bool) {
    match change {
        Change::Write(at, bytes) => {
            let file = file.get_or_insert_default();
            for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                let at = at + number * SECTOR;
                if kept(at) {
                    let end = at + sector.len();
                    file.resize(file.len().max(end), 0);
                    file[at..end].copy_from_slice(sector);
                }
            }
        }
        Change::Truncate(size) => file.get_or_insert_default().truncate(*size),
        Change::Delete => *file = None,
        Change::Sync => {}
    }
}
