//! The person index and the trace: normalize, block, compare, score, decide, explain.
//!
//! This crate must never know why we ask, SQL or HTTP. It reads a file of people into one immutable
//! index, and answers a set of [`Terms`] with *one person or nobody*, and with the reasons.
//!
//! Suggested reading order: [`terms`] (what is asked), [`person`] (what is held), [`index`] (how it is
//! held), [`answer`] (what comes out), then the two engines behind [`trace()`].

pub mod answer;
pub mod batch;
pub mod bayes;
pub mod chart;
mod compare;
pub mod csv_input;
pub mod date;
pub mod evaluate;
pub mod explain;
pub mod fault;
pub mod fhir_input;
pub mod index;
mod mps;
pub mod nhs_number;
pub mod normalize;
mod people_input;
pub mod person;
pub mod report;
pub mod rule;
pub mod terms;
mod trace;

pub use answer::{Answer, Candidate, Code, EvidenceLine, Outcome};
pub use bayes::{Model, ModelError};
pub use date::PartialDate;
pub use fault::Fault;
pub use index::{BuildReport, Index, IndexError, IndexInfo};
pub use nhs_number::NhsNumber;
pub use person::{Address, AddressKind, Name, Person, Sex};
pub use rule::{Engine, MatchRule};
pub use terms::{RawTerms, Terms};
pub use trace::{answer, trace};
