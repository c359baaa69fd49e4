//! What was published of a quarter at one time: first, and in each correction.

use std::fmt;
use std::str::FromStr;

use super::Quarter;

/// `2026-Q1`, or a correction of it, `2026-Q1-correction-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// Of this quarter.
    pub quarter: Quarter,
    /// How many corrections it has behind it, itself among them.
    pub correction: u32,
}

impl Edition {
    /// The correction that comes next.
    pub fn after(self) -> Edition {
        Edition {
            correction: self.correction + 1,
            ..self
        }
    }
}

impl From<Quarter> for Edition {
    fn from(quarter: Quarter) -> Edition {
        Edition {
            quarter,
            correction: 0,
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.correction {
            0 => self.quarter.fmt(f),
            correction => write!(f, "{}-correction-{correction}", self.quarter),
        }
    }
}

impl FromStr for Edition {
    type Err = ();

    /// Only the form that is written, as for a quarter.
    fn from_str(text: &str) -> Result<Edition, ()> {
        let (quarter, correction) = text.split_once("-correction-").unwrap_or((text, "0"));
        let edition = Edition {
            quarter: quarter.parse()?,
            correction: correction.parse().map_err(drop)?,
        };
        let is_written_so = edition.to_string() == text;
        is_written_so.then_some(edition).ok_or(())
    }
}
