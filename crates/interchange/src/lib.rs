//! Requests in the words of other systems: lawful-disclosure tasks of ETSI TS 103 120, the HI-1 messages in which
//! warrants travel.
//!
//! It reads and writes messages and must never know who may ask, what becomes of a request, or how a message
//! comes. Everything that a message says is either carried into the request or refused by name: nothing is
//! passed over. `docs/ts103120.md` has the subset and the profile.

mod answer;
mod element;
mod message;
mod profile;
mod reading;
mod writer;
mod writing;

pub use answer::{recorded, refused};
pub use element::BYTES_MAX;
pub use message::{Endpoint, Header, Message, Object, Refused};
pub use reading::read;
pub use writing::write;

/// Why a message is not taken, or a request cannot be carried. Repeats names of elements, never what they hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {problem}; {remedy}")]
pub struct Fault {
    /// Where: the elements from the root down.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
    /// What would mend it.
    pub remedy: String,
}

impl Fault {
    fn new(path: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault {
            path: path.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

#[cfg(test)]
mod tests;
