//! The file of a quarter: CSV (RFC 4180) and its description (CSV on the Web, W3C 2015).

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{Edition, Line, PublicationError, PublishedTable, Quarter, table};

/// What stands where a count is not shown.
const HIDDEN: &str = "*";

/// Columns before the counts.
const KEYS: [&str; 4] = ["period", "as_at", "agreement", "agency"];

fn header() -> Vec<&'static str> {
    KEYS.into_iter().chain(table::names()).collect()
}

/// Writes the file whole or not at all, and never over one that is there.
pub fn write(path: &Path, table: &PublishedTable) -> Result<(), PublicationError> {
    let failed = |error| PublicationError::File {
        path: path.display().to_string(),
        error,
    };
    let bytes = bytes(table).map_err(|error| failed(std::io::Error::other(error)))?;
    write_new(path, &bytes)
}

/// Writes bytes whole or not at all, and never over a file that is there.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PublicationError> {
    let failed = |error| PublicationError::File {
        path: path.display().to_string(),
        error,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(failed(error.error))
        }
        _ => Ok(()),
    }
}

fn bytes(table: &PublishedTable) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header())?;
    let (period, as_at) = (table.quarter.to_string(), table.quarter.end().to_string());
    for line in &table.lines {
        let [agreement, agency] =
            [&line.agreement, &line.agency].map(|key| key.as_deref().unwrap_or("all"));
        let keys = [&period, &as_at, agreement, agency].map(str::to_owned);
        let shown = |count: &Option<u64>| {
            count.map_or_else(|| HIDDEN.to_owned(), |count| count.to_string())
        };
        writer.write_record(keys.into_iter().chain(line.counts.iter().map(shown)))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Reads what [`write`] wrote.
pub fn read(
    quarter: Quarter,
    bytes: &[u8],
    path: &Path,
) -> Result<PublishedTable, PublicationError> {
    let damaged = |line: usize, problem: &str| PublicationError::Damaged {
        path: path.display().to_string(),
        line,
        problem: problem.to_owned(),
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader
        .headers()
        .map_err(|error| damaged(1, &error.to_string()))?;
    if names.iter().ne(header()) {
        return Err(damaged(1, "other columns than were written"));
    }
    let mut lines = Vec::new();
    for (record, number) in reader.records().zip(2..) {
        let record = record.map_err(|error| damaged(number, &error.to_string()))?;
        let key = |at: usize| {
            record
                .get(at)
                .filter(|key| *key != "all")
                .map(str::to_owned)
        };
        let counts = record.iter().skip(KEYS.len()).map(|count| match count {
            HIDDEN => Ok(None),
            count => count.parse().map(Some),
        });
        let counts: Result<_, _> = counts.collect();
        lines.push(Line {
            agreement: key(2),
            agency: key(3),
            counts: counts.map_err(|_| damaged(number, "a count that is no number"))?,
        });
    }
    Ok(PublishedTable { quarter, lines })
}

/// The bytes of a file; `None` if there is none.
pub fn bytes_of(path: &Path) -> Result<Option<Vec<u8>>, PublicationError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PublicationError::File {
            path: path.display().to_string(),
            error,
        }),
    }
}

/// The description of an edition's file, as a program reads it.
pub fn metadata(edition: Edition) -> Value {
    let quarter = edition.quarter;
    let text = |name: &str, said: &str| json!({"name": name, "titles": name, "dc:description": said, "datatype": "string"});
    let keys = [
        text(
            KEYS[0],
            "Quarter of the calendar in which the requests were received",
        ),
        text(
            KEYS[1],
            "What agencies could know at this instant was counted; requests open then are pending",
        ),
        text(
            KEYS[2],
            "Agreement and version; none: no agreement applied; all: the sum over agreements",
        ),
        text(
            KEYS[3],
            "Organization that asked; all: the sum over organizations",
        ),
    ];
    let count = |name: &str| {
        json!({
            "name": name, "titles": name, "null": HIDDEN,
            "datatype": {"base": "nonNegativeInteger"},
        })
    };
    let counts = header().into_iter().skip(KEYS.len()).map(count);
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": format!("{edition}.csv"),
        "dc:title": format!("Requests for people's details, {quarter}"),
        "dc:description": "received is the sum of the columns after it. A star stands for a count from 1 to 7, \
            or for another that would give one away.",
        "tableSchema": {
            "columns": keys.into_iter().chain(counts).collect::<Vec<_>>(),
            "primaryKey": ["period", "agreement", "agency"],
        },
    })
}
