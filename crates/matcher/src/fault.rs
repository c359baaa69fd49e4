//! What is wrong with one field of one input, and what to do about it.

use std::fmt;

use serde::Serialize;

/// A field that could not be used. The rest of the input is still used.
///
/// A fault never repeats a person's details: it names the field and the problem only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Name of the field, as in the snake_case header.
    pub field: &'static str,
    /// What is wrong, in plain words.
    pub problem: String,
    /// What the sender can do about it.
    pub remedy: &'static str,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: &'static str, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self {
            field,
            problem: problem.into(),
            remedy,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.problem, self.remedy)
    }
}
