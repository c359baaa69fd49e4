//! The deterrence watch: how many people register each month, how many give no home address and how many
//! ask for protection, by area. A file a month, written once when the month is over, under the rule for
//! small numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use disclosure::Registration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use statistics::{Rule, Sum, Table, protect};

use super::PublicationError;
use super::file::write_new;
use crate::gate::Gate;
use crate::pipeline::StepError;

/// A month of the calendar, in UTC: `2026-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The month of an instant.
    pub fn of(at: Timestamp) -> Month {
        Month(at.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    /// The one after.
    pub fn after(self) -> Month {
        Month(self.0.saturating_add(1.month()))
    }

    /// Months from `first` to this one.
    pub fn since(self, first: Month) -> usize {
        let of = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
        usize::try_from(of(self.0) - of(first.0)).unwrap_or_default()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = ();

    fn from_str(text: &str) -> Result<Month, ()> {
        let (year, month) = text.split_once('-').ok_or(())?;
        let (year, month) = (year.parse().map_err(drop)?, month.parse().map_err(drop)?);
        let date = Date::new(year, month, 1).map_err(drop)?;
        Some(Month(date))
            .filter(|one| one.to_string() == text)
            .ok_or(())
    }
}

/// What is counted, in the order of the columns. Home and no home make up those registered, and so do
/// protected and not.
pub const COLUMNS: [&str; 5] = ["registered", "home", "no_home", "protected", "unprotected"];

/// Counts of one area, or of all of them; nothing where `*` is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchLine {
    /// Nothing for all areas together.
    pub area: Option<String>,
    /// In the order of [`COLUMNS`].
    pub counts: [Option<u64>; 5],
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchMonth {
    /// Of this month, as it was when it ended.
    pub month: Month,
    /// By area; all of them last.
    pub lines: Vec<WatchLine>,
}

/// Registered, without a home, protected: what the rest is worked out from.
pub type Counted = [u64; 3];

impl WatchMonth {
    /// Hides what is small, and as much else as it takes.
    pub fn of(month: Month, counted: &BTreeMap<String, Counted>) -> Result<Self, PublicationError> {
        let mut table = Table::default();
        let mut lines = Vec::new();
        for (area, [registered, no_home, protected]) in counted {
            let kept = [
                registered.saturating_sub(*no_home),
                *no_home,
                *protected,
                registered.saturating_sub(*protected),
            ];
            let [home, no_home, protected, unprotected] =
                kept.map(|count| table.add(count, Rule::Fine));
            let whole = table.add_sum(vec![home, no_home], Rule::Fine);
            let parts = vec![protected, unprotected];
            table.sums.push(Sum { whole, parts });
            lines.push((
                Some(area.clone()),
                [whole, home, no_home, protected, unprotected],
            ));
        }
        let mut all = [0; 5];
        for (column, place) in all.iter_mut().enumerate() {
            let parts = lines.iter().map(|(_, places)| places[column]).collect();
            *place = table.add_sum(parts, Rule::Coarse);
        }
        let [whole, home, no_home, protected, unprotected] = all;
        for parts in [vec![home, no_home], vec![protected, unprotected]] {
            table.sums.push(Sum { whole, parts });
        }
        lines.push((None, all));
        let shown = protect(&table).map_err(|error| PublicationError::UnprotectableMonth {
            month: month.to_string(),
            error,
        })?;
        let shown = shown.shown;
        let line = |(area, places): (Option<String>, [usize; 5])| WatchLine {
            area,
            counts: places.map(|place| shown.get(place).copied().flatten()),
        };
        Ok(WatchMonth {
            month,
            lines: lines.into_iter().map(line).collect(),
        })
    }

    /// Everybody registered, where that is shown.
    pub fn registered(&self) -> Option<u64> {
        self.lines.last().and_then(|all| all.counts[0])
    }
}

/// Writes the file of every month that has ended since the first registration, unless it is there.
pub async fn publish_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let present = Month::of(now);
    let all = gate.store.every_registration().await?;
    let registered: Vec<_> = all.iter().filter(|one| one.refusal.is_none()).collect();
    let first = registered
        .iter()
        .map(|one| Month::of(one.registered_at))
        .min();
    let mut month = first.unwrap_or(present);
    while month < present {
        let path = path(gate, month);
        if !path.exists() {
            let of_month = registered
                .iter()
                .filter(|one| Month::of(one.registered_at) == month);
            let counted = count(gate, of_month.copied());
            write(&path, &WatchMonth::of(month, &counted)?)?;
        }
        month = month.after();
    }
    Ok(())
}

fn count<'r>(
    gate: &Gate,
    of_month: impl Iterator<Item = &'r Registration>,
) -> BTreeMap<String, Counted> {
    // An area without anybody has a line as well: that nobody came is what is watched for.
    let areas = gate.settings.practices.iter();
    let mut counted: BTreeMap<String, Counted> = areas
        .map(|practice| (practice.area.clone(), [0; 3]))
        .collect();
    for one in of_month {
        let area = gate
            .settings
            .practice(&one.practice)
            .map(|practice| practice.area.clone());
        let counts = counted
            .entry(area.unwrap_or_else(|| "elsewhere".to_owned()))
            .or_default();
        counts[0] += 1;
        counts[1] += u64::from(one.declines_address());
        counts[2] += u64::from(one.protection.acts());
    }
    counted
}

/// Writes a month whole or not at all, and never over one that is there.
pub fn write(path: &Path, month: &WatchMonth) -> Result<(), PublicationError> {
    let failed = |error| PublicationError::File {
        path: path.display().to_string(),
        error,
    };
    let bytes = csv(std::slice::from_ref(month));
    let bytes = bytes.map_err(|error| failed(std::io::Error::other(error)))?;
    write_new(path, &bytes)
}

/// Months as one file.
pub fn csv(months: &[WatchMonth]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["month", "area"].into_iter().chain(COLUMNS))?;
    for month in months {
        for line in &month.lines {
            let shown =
                |count: &Option<u64>| count.map_or_else(|| "*".to_owned(), |n| n.to_string());
            let keys = [
                month.month.to_string(),
                line.area.clone().unwrap_or_else(|| "all".to_owned()),
            ];
            writer.write_record(keys.into_iter().chain(line.counts.iter().map(shown)))?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Every month published, the oldest first.
pub fn months(gate: &Gate) -> Result<Vec<WatchMonth>, PublicationError> {
    let folder = &gate.settings.statistics;
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut months = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let month = name
            .strip_prefix("watch-")
            .and_then(|name| name.strip_suffix(".csv"));
        if let Some(month) = month.and_then(|month| month.parse().ok()) {
            months.push(read(&entry.path(), month)?);
        }
    }
    months.sort_by_key(|one: &WatchMonth| one.month);
    Ok(months)
}

fn read(path: &Path, month: Month) -> Result<WatchMonth, PublicationError> {
    let damaged = |line: usize, problem: &str| PublicationError::Damaged {
        path: path.display().to_string(),
        line,
        problem: problem.to_owned(),
    };
    let bytes = std::fs::read(path).map_err(|error| PublicationError::File {
        path: path.display().to_string(),
        error,
    })?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let mut lines = Vec::new();
    for (record, number) in reader.records().zip(2..) {
        let record = record.map_err(|error| damaged(number, &error.to_string()))?;
        let counts: Result<Vec<Option<u64>>, _> = record
            .iter()
            .skip(2)
            .map(|count| match count {
                "*" => Ok(None),
                count => count.parse().map(Some),
            })
            .collect();
        let counts = counts.map_err(|_| damaged(number, "a count that is no number"))?;
        let counts = counts.try_into();
        let area = record
            .get(1)
            .filter(|area| *area != "all")
            .map(str::to_owned);
        lines.push(WatchLine {
            area,
            counts: counts.map_err(|_| damaged(number, "other columns than were written"))?,
        });
    }
    Ok(WatchMonth { month, lines })
}

/// The description of the file, as a program reads it (CSV on the Web, W3C 2015).
pub fn metadata() -> Value {
    let text = |name: &str, said: &str| json!({"name": name, "titles": name, "dc:description": said, "datatype": "string"});
    let count = |name: &str| json!({"name": name, "titles": name, "null": "*", "datatype": {"base": "nonNegativeInteger"}});
    let keys = [
        text("month", "Month of the calendar in which people registered"),
        text("area", "Area of the practice; all: the sum over areas"),
    ];
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": "watch.csv",
        "dc:title": "Registrations at practices by month and area",
        "dc:description": "home and no_home make up registered, and so do protected and unprotected. A star \
            stands for a count from 1 to 7, or for another that would give one away. As it was when the month ended.",
        "tableSchema": {
            "columns": keys.into_iter().chain(COLUMNS.map(count)).collect::<Vec<_>>(),
            "primaryKey": ["month", "area"],
        },
    })
}

fn path(gate: &Gate, month: Month) -> PathBuf {
    file_of(&gate.settings.statistics, month)
}

/// The file of a month in a folder of statistics.
pub fn file_of(folder: &Path, month: Month) -> PathBuf {
    folder.join(format!("watch-{month}.csv"))
}

#[cfg(test)]
mod tests;
