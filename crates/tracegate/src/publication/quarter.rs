//! The periods of publication: quarters of the calendar, in UTC.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// A quarter of a year, as in `2026-Q3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i16,
    /// From 1.
    number: i8,
}

impl Quarter {
    /// The quarter of an instant.
    pub fn of(at: Timestamp) -> Quarter {
        Quarter::with(at.to_zoned(TimeZone::UTC).date())
    }

    fn with(date: Date) -> Quarter {
        Quarter {
            year: date.year(),
            number: (date.month() - 1) / 3 + 1,
        }
    }

    /// The one before.
    pub fn before(self) -> Quarter {
        Quarter::with(self.first_day().saturating_sub(1.day()))
    }

    /// The one after.
    pub fn after(self) -> Quarter {
        Quarter::with(self.first_day().saturating_add(3.months()))
    }

    /// Its first instant.
    pub fn start(self) -> Timestamp {
        let midnight = self.first_day().to_zoned(TimeZone::UTC);
        midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        self.after().start()
    }

    fn first_day(self) -> Date {
        Date::new(self.year, (self.number - 1) * 3 + 1, 1).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = ();

    /// Only the form that is written, so that no address names a file outside the folder.
    fn from_str(text: &str) -> Result<Quarter, ()> {
        let (year, number) = text.split_once("-Q").ok_or(())?;
        let quarter = Quarter {
            year: year.parse().map_err(drop)?,
            number: number.parse().map_err(drop)?,
        };
        let is_written_so = quarter.to_string() == text && (1..=4).contains(&quarter.number);
        is_written_so.then_some(quarter).ok_or(())
    }
}
