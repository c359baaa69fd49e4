use disclosure::statistics::Row;
use statistics::{Published, bounds};
use store::{Statistics, StatisticsRow};

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

/// What somebody who has the file, and nothing else, can work out.
fn attacked(table: &PublishedTable) -> Published {
    let width = table.lines[0].counts.len();
    let place = |line: usize, column: usize| line * width + column;
    let mut sums = Vec::new();
    let lines: Vec<(usize, &Line)> = table.lines.iter().enumerate().collect();
    for (at, _) in &lines {
        let parts = (1..width).map(|column| place(*at, column)).collect();
        sums.push(statistics::Sum {
            whole: place(*at, 0),
            parts,
        });
    }
    for (at, line) in lines.iter().filter(|(_, line)| line.agreement.is_none()) {
        let of_it = lines.iter().filter(|(_, part)| match &line.agency {
            Some(_) => part.agreement.is_some() && part.agency == line.agency,
            None => part.agreement.is_none() && part.agency.is_some(),
        });
        let of_it: Vec<usize> = of_it.map(|(part, _)| *part).collect();
        for column in 0..width {
            let parts = of_it.iter().map(|part| place(*part, column)).collect();
            sums.push(statistics::Sum {
                whole: place(*at, column),
                parts,
            });
        }
    }
    let shown = table
        .lines
        .iter()
        .flat_map(|line| line.counts.clone())
        .collect();
    Published { shown, sums }
}

/// Counts below eight of how requests ended, finer than the national figures, that the file tells exactly.
fn told(table: &PublishedTable) -> usize {
    let width = table.lines[0].counts.len();
    let known = bounds(&attacked(table));
    let finer = known
        .iter()
        .enumerate()
        .take(known.len() - width)
        .filter(|(at, _)| at % width != 0);
    finer
        .filter(|(_, (least, most))| Some(*least) == *most && (1..8).contains(least))
        .count()
}

#[test]
fn no_ending_of_fewer_than_eight_can_be_worked_out_of_a_file() {
    let table = PublishedTable::of(quarter(), &register()).unwrap();
    assert_eq!(told(&table), 0);
    // The same with the small counts alone left out is cracked.
    let mut careless = PublishedTable::of(quarter(), &counted(&[])).unwrap();
    careless.lines = table.lines.clone();
    for (line, row) in careless.lines.iter_mut().zip(open_lines(&register())) {
        line.counts = row
            .into_iter()
            .map(|count| (!(1..8).contains(&count)).then_some(count))
            .collect();
    }
    assert!(told(&careless) > 3, "{careless:?}");
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
    let table = PublishedTable::of(quarter(), &register()).unwrap();
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
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("2026-Q3.csv");
    let table = PublishedTable::of(quarter(), &register()).unwrap();
    file::write(&path, &table).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(file::read(quarter(), &bytes, &path).unwrap(), table);
    file::write(
        &path,
        &PublishedTable::of(quarter(), &counted(&[])).unwrap(),
    )
    .unwrap();
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
