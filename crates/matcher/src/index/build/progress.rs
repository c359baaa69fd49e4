//! How far a build is.

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildPhase {
    /// People are read.
    Reading,
    /// Rows of people are sorted.
    Sorting,
    /// Rows are written.
    Placing,
    /// Identifiers, registrations and histories are written.
    Detailing,
    /// Search lists are written.
    Listing,
}

impl BuildPhase {
    /// What is counted, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reading => "people read",
            Self::Sorting => "people sorted",
            Self::Placing => "rows written",
            Self::Detailing => "histories written",
            Self::Listing => "search keys written",
        }
    }
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildProgress {
    /// The step.
    pub phase: BuildPhase,
    /// Pieces done.
    pub done: u64,
    /// Pieces in all; 0 while people are read, because nobody knows how many there are.
    pub total: u64,
}

impl BuildProgress {
    pub(super) fn of(phase: BuildPhase, done: u64, total: u64) -> Self {
        Self { phase, done, total }
    }
}
