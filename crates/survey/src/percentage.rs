use std::fmt;
use std::num::NonZeroU64;

use serde::Serialize;
use serde::ser::SerializeStruct;

/// What is known of the question as it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "text", rename_all = "snake_case")]
pub enum Wording {
    /// The full text.
    Full(String),
    /// Only what somebody reported of it.
    Reported(String),
    /// Nothing.
    Unknown,
}

impl Wording {
    /// The status in words.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Full(_) => "wording known in full",
            Self::Reported(_) => "wording known only as reported",
            Self::Unknown => "wording unknown",
        }
    }

    /// The text, if there is any.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Full(text) | Self::Reported(text) => Some(text),
            Self::Unknown => None,
        }
    }
}

/// Respondents that a percentage is of; nobody is no base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Counted {
    /// People.
    pub unweighted: NonZeroU64,
    /// Sum of their weights, where the weights of all respondents of the poll have mean 1.
    pub weighted: f64,
}

/// What a percentage is of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Counted from the answers.
    Counted(Counted),
    /// Not published; only the size of the whole sample, if that.
    NotPublished {
        /// Interviews of the whole poll.
        interviews: Option<u64>,
    },
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted(base) => write!(
                f,
                "base {} unweighted, {:.1} weighted",
                base.unweighted, base.weighted
            ),
            Self::NotPublished { interviews: None } => f.write_str("base not published"),
            Self::NotPublished {
                interviews: Some(interviews),
            } => write!(f, "base not published, {interviews} interviews in all"),
        }
    }
}

/// A 95 % interval, in percent or percentage points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} to {:.1}", self.low, self.high)
    }
}

/// How sure a percentage is, by the design of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Precision {
    /// Standard error, in percentage points.
    pub standard_error: f64,
    /// 95 % interval; none where everybody or nobody gave the answer, or the design has no degrees
    /// of freedom.
    pub interval: Option<Interval>,
    /// Variance over that of a simple random sample of the same size, drawn with replacement.
    pub design_effect: Option<f64>,
    /// Primary sampling units less strata, among those that the base touches.
    pub degrees_of_freedom: u64,
}

/// A percentage that cannot be told without its base and what is known of the wording.
///
/// It comes out as text, as a row of [`cells`](Percentage::cells) or as a serialized record, always
/// with both. There is no bare number to take:
///
/// ```compile_fail
/// fn headline(percentage: &survey::Percentage) -> f64 {
///     percentage.percent
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Percentage {
    pub(crate) percent: f64,
    pub(crate) precision: Option<Precision>,
    pub(crate) base: Base,
    pub(crate) wording: Wording,
}

impl Percentage {
    /// The percentage, its interval and its base, each as text, for a table that names the wording
    /// in its heading.
    pub fn cells(&self) -> [String; 3] {
        let Some(precision) = self.precision else {
            // Printed in whole percent: another digit would be made up.
            let percent = format!("{:.0} %", self.percent);
            return [percent, "no interval".to_owned(), self.base.to_string()];
        };
        let interval = precision.interval;
        [
            format!("{:.1} %", self.percent),
            interval.map_or_else(|| "no interval".to_owned(), |interval| interval.to_string()),
            self.base.to_string(),
        ]
    }

    /// Variance over that of a simple random sample.
    pub fn design_effect(&self) -> Option<f64> {
        self.precision?.design_effect
    }

    /// What it is of.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// What is known of the question.
    pub fn wording(&self) -> &Wording {
        &self.wording
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [percent, interval, base] = self.cells();
        let status = self.wording.status();
        match self.precision {
            Some(_) => write!(f, "{percent} ({interval}; {base}; {status})"),
            None => write!(f, "{percent} ({base}; {status})"),
        }
    }
}

impl Serialize for Percentage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Percentage", 4)?;
        record.serialize_field("percent", &self.percent)?;
        record.serialize_field("precision", &self.precision)?;
        record.serialize_field("base", &self.base)?;
        record.serialize_field("wording", self.wording.status())?;
        record.end()
    }
}
