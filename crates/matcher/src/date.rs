//! Calendar dates of which the day, or the day and the month, may be unknown.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// A date with its precision: year, year and month, or full.
///
/// Any value is a date that exists: construct through [`PartialDate::parse`] or [`PartialDate::new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DateError {
    /// None of the accepted forms.
    #[error("not a date")]
    Form,
    /// The form is right, the day does not exist.
    #[error("this day does not exist")]
    NoSuchDay,
    /// Before 1850 or after 2199.
    #[error("the year is out of range")]
    Year,
}

/// Years that a living or historic record can hold.
const YEARS: std::ops::RangeInclusive<u16> = 1850..=2199;

impl PartialDate {
    /// A date; `month` and `day` are 0 when unknown.
    ///
    /// # Errors
    /// Refuses days that do not exist and a day without a month.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        if !YEARS.contains(&year) {
            return Err(DateError::Year);
        }
        let known = match (month, day) {
            (0, 0) => true,
            (1..=12, 0) => true,
            (1..=12, day) => day <= days_in_month(year, month),
            _ => false,
        };
        if known {
            Ok(Self { year, month, day })
        } else {
            Err(DateError::NoSuchDay)
        }
    }

    /// Reads `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-MM`, `YYYYMM` or `YYYY`.
    ///
    /// # Errors
    /// Refuses other forms and days that do not exist.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let text = text.trim().as_bytes();
        let digits = |from: usize, length: usize| -> Result<u16, DateError> {
            let part = text.get(from..from + length).ok_or(DateError::Form)?;
            part.iter().try_fold(0u16, |value, byte| match byte {
                b'0'..=b'9' => Ok(value * 10 + u16::from(byte - b'0')),
                _ => Err(DateError::Form),
            })
        };
        let dashed = text.get(4) == Some(&b'-');
        match (text.len(), dashed) {
            (4, false) => Self::new(digits(0, 4)?, 0, 0),
            (6, false) => Self::new(digits(0, 4)?, digits(4, 2)? as u8, 0),
            (7, true) => Self::new(digits(0, 4)?, digits(5, 2)? as u8, 0),
            (8, false) => Self::new(digits(0, 4)?, digits(4, 2)? as u8, digits(6, 2)? as u8),
            (10, true) if text.get(7) == Some(&b'-') => {
                Self::new(digits(0, 4)?, digits(5, 2)? as u8, digits(8, 2)? as u8)
            }
            _ => Err(DateError::Form),
        }
    }

    /// As much of a text as can be true: of 1938-56-21 the year, of 1938-02-31 year and month.
    ///
    /// # Errors
    /// Refuses other forms, and years out of range.
    pub(crate) fn parse_possible_part(text: &str) -> Result<Self, DateError> {
        let dash = |byte: &char| *byte == '-';
        let digits: String = text.trim().chars().filter(|byte| !dash(byte)).collect();
        let part = |length: usize| digits.get(..length).ok_or(DateError::Form);
        Self::parse(part(6)?).or_else(|_| Self::parse(part(4)?))
    }

    /// Year, always known.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month 1 to 12, or 0 when unknown.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day 1 to 31, or 0 when unknown.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Are day, month and year all known?
    pub fn is_full(self) -> bool {
        self.day != 0
    }

    /// Is it 1 January, which often stands for "only the year is known"?
    pub fn is_first_of_january(self) -> bool {
        self.month == 1 && self.day == 1
    }

    /// The date in 17 bits that sort as the date does: 350 years, 13 months, 32 days.
    pub(crate) fn packed(self) -> u32 {
        (u32::from(self.year - *YEARS.start()) * 13 + u32::from(self.month)) * 32
            + u32::from(self.day)
    }

    /// One more than the largest packed date.
    pub(crate) const PACKED_END: u32 = (*YEARS.end() - *YEARS.start() + 1) as u32 * 13 * 32;

    /// Packed date below all those of `year`; years out of range are drawn to the nearest.
    pub(crate) fn first_packed(year: u16) -> u32 {
        let year = year.clamp(*YEARS.start(), *YEARS.end() + 1);
        u32::from(year - *YEARS.start()) * 13 * 32
    }

    /// Inverse of [`Self::packed`]; `None` for bits that are no date.
    pub(crate) fn unpack(bits: u32) -> Option<Self> {
        let year = u16::try_from(bits / (13 * 32))
            .ok()?
            .checked_add(*YEARS.start())?;
        let (month, day) = ((bits / 32 % 13) as u8, (bits % 32) as u8);
        // A row's date is unpacked for every comparison, and few are late in the month.
        match (month, day) {
            (1..=12, 0..=28) if year <= *YEARS.end() => Some(Self { year, month, day }),
            _ => Self::new(year, month, day).ok(),
        }
    }
}

/// ISO 8601, shortened to what is known.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.day) {
            (0, _) => write!(f, "{:04}", self.year),
            (month, 0) => write!(f, "{:04}-{month:02}", self.year),
            (month, day) => write!(f, "{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests;
