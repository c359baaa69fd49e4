use disclosure::statistics::Row;
use disclosure::{Code, Ending};
use statistics::Unread;
use store::{CountedCase, Statistics, StatisticsRow};
use tempfile::TempDir;

use self::reader::{Name, Notes};
use super::*;

fn quarter() -> Quarter {
    "2026-Q3".parse().unwrap()
}

fn counted(rows: &[(&str, &str, [u64; 4])]) -> Statistics {
    let mut statistics = Statistics::default();
    for (agreement, agency, [refused, no_result, released_all, pending]) in rows {
        let received = refused + no_result + released_all + pending;
        let counts = Row {
            received,
            refused: *refused,
            no_result: *no_result,
            released_all: *released_all,
            pending: *pending,
            ..Row::default()
        };
        statistics.rows.push(StatisticsRow {
            agreement: Some((*agreement).to_owned()),
            agency: (*agency).to_owned(),
            counts,
        });
    }
    statistics
}

/// A quarter with cells of one, as registers have them.
fn register() -> Statistics {
    counted(&[
        ("police/1", "police-a", [5, 10, 41, 4]),
        ("police/1", "police-b", [1, 30, 112, 0]),
        ("court/1", "court-a", [0, 0, 2, 0]),
        ("court/1", "police-a", [0, 1, 0, 0]),
        ("welfare/1", "missing-a", [0, 0, 0, 1]),
    ])
}

fn table_of(counted: &Statistics) -> PublishedTable {
    let (table, _) = PublishedTable::of(quarter(), &cases(counted), &[]).unwrap();
    table
}

/// Cases that are counted so, each about a person of its own.
fn cases(counted: &Statistics) -> Vec<CountedCase> {
    let mut cases = Vec::new();
    for row in &counted.rows {
        for (name, count) in row.counts.columns() {
            let ending = Ending::from_code(name);
            for _ in 0..count {
                cases.push(CountedCase {
                    agreement: row.agreement.clone(),
                    agency: row.agency.clone(),
                    purpose: "locate".to_owned(),
                    ending,
                    held: false,
                    code: (ending == Some(Ending::Refused)).then_some(Code::NoLegalBasis),
                    events: Vec::new(),
                    days: None,
                    wrong_person: false,
                    marks: Vec::new(),
                });
            }
        }
    }
    cases
}

/// Publishes those editions of the quarter one after the other, each beside those before it.
fn published(folder: &Path, quarters: &[Vec<CountedCase>]) -> Vec<Held> {
    let mut held = Vec::new();
    let mut edition = Edition::from(quarter());
    for cases in quarters {
        let (table, details) = PublishedTable::of(quarter(), cases, &held).unwrap();
        write(folder, edition, &table, &details).unwrap();
        held.extend(Held::read(folder, edition).unwrap());
        edition = edition.after();
    }
    held
}

/// What a reader can tell of a folder for certain.
fn told(folder: &Path) -> Vec<Name> {
    let notes = Notes::of(folder, false);
    notes.told().unwrap().into_keys().collect()
}

/// What a reader is right about who supposes that what is starred twice has not changed; the last edition is of these `cases`.
fn supposed(folder: &Path, cases: &[CountedCase], held: &[Held]) -> Vec<Name> {
    let (_, editions) = held.split_last().unwrap();
    let exact = table::exact(cases, editions);
    let told = match Notes::of(folder, true).told() {
        Err(Unread::Contradiction) => return Vec::new(),
        told => told.unwrap().into_iter(),
    };
    let is_last = |name: &Name| name.0 == format!("2026-Q3-correction-{}", editions.len());
    let right = told.filter(|(name, count)| {
        let key = (name.1.clone(), name.2.clone(), name.3.clone());
        is_last(name) && exact.get(&key) == Some(count)
    });
    right.map(|(name, _)| name).collect()
}

/// A register of endings as such registers have been published: the small counts left out alone.
fn careless(folder: &Path) {
    let mut table = table_of(&register());
    for (line, row) in table.lines.iter_mut().zip(open_lines(&register())) {
        let counts = row.into_iter();
        let shown = |count| Some(count).filter(|count| !(1..8).contains(count));
        line.counts = counts.map(shown).collect();
    }
    file::write(&folder.join("2020-Q1.csv"), &table).unwrap();
}

#[test]
fn a_careless_register_is_cracked_and_the_published_one_is_not() {
    let folder = TempDir::new().unwrap();
    published(folder.path(), &[cases(&register())]);
    assert_eq!(told(folder.path()), []);
    careless(folder.path());
    assert!(told(folder.path()).len() > 3);
}

/// The same lines with nothing hidden.
fn open_lines(counted: &Statistics) -> Vec<Vec<u64>> {
    let counts = |row: &Row| -> Vec<u64> {
        std::iter::once(row.received)
            .chain(row.columns().map(|(_, count)| count))
            .collect()
    };
    let sum = |rows: &[Vec<u64>]| -> Vec<u64> {
        (0..rows[0].len())
            .map(|at| rows.iter().map(|row| row[at]).sum())
            .collect()
    };
    let mut agencies: Vec<&str> = counted.rows.iter().map(|row| row.agency.as_str()).collect();
    agencies.sort_unstable();
    agencies.dedup();
    let (mut lines, mut totals) = (Vec::new(), Vec::new());
    for agency in agencies {
        let rows = counted.rows.iter().filter(|row| row.agency == agency);
        let rows: Vec<Vec<u64>> = rows.map(|row| counts(&row.counts)).collect();
        totals.push(sum(&rows));
        lines.extend(rows);
        lines.extend(totals.last().cloned());
    }
    lines.push(sum(&totals));
    lines
}

#[test]
fn what_came_in_is_told_to_the_last_request() {
    let table = table_of(&register());
    let received = |agency: Option<&str>| {
        let line = table
            .lines
            .iter()
            .find(|line| line.agreement.is_none() && line.agency.as_deref() == agency);
        line.unwrap().counts[0]
    };
    assert_eq!(received(Some("police-a")), Some(61));
    assert_eq!(received(Some("missing-a")), Some(1));
    assert_eq!(received(None), Some(207));
}

#[test]
fn a_file_reads_back_as_it_was_written_and_is_never_written_over() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("2026-Q3.csv");
    let table = table_of(&register());
    file::write(&path, &table).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(file::read(quarter(), &bytes, &path).unwrap(), table);
    file::write(&path, &table_of(&counted(&[]))).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let damaged = String::from_utf8(bytes).unwrap().replace(",207,", ",2o7,");
    let error = file::read(quarter(), damaged.as_bytes(), &path)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 11: a count that is no number"),
        "{error}"
    );
}

#[test]
fn quarters_are_those_of_the_calendar() {
    let at: Timestamp = "2025-12-31T23:59:59Z".parse().unwrap();
    let quarter = Quarter::of(at);
    assert_eq!(quarter.to_string(), "2025-Q4");
    assert_eq!(quarter.after().to_string(), "2026-Q1");
    assert_eq!(quarter.before().to_string(), "2025-Q3");
    assert_eq!(quarter.end().to_string(), "2026-01-01T00:00:00Z");
    for text in [
        "2025-Q5",
        "2025-Q0",
        "25-Q1",
        "../2025-Q1",
        "2025-Q1.csv",
        "2025-Q01",
        "",
    ] {
        assert!(text.parse::<Quarter>().is_err(), "{text}");
    }
}

mod attacked;
mod corrected;
mod every_table;
mod reader;
