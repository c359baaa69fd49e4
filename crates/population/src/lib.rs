//! Synthetic people for the demonstration, the tests and the benchmarks.
//!
//! This crate must never hold a real person, and nothing else depends on what it makes up. Names
//! are common ones in chance combinations, streets and towns are invented, and NHS numbers come
//! only from the range 999 000 0000 to 999 999 9999, held never to be issued.
//!
//! ```
//! use population::{Population, Quality};
//!
//! let population = Population::generate(10_000, 42);
//! let restricted = population.with(Quality::Restricted).next();
//! assert!(restricted.is_some_and(|person| person.restricted));
//! ```

mod chance;
mod extract;
mod household;
mod life;
mod names;
mod nhs_number;
mod noise;
mod person;
mod places;
mod population;
mod request;
mod trial;

pub use extract::{EXTRACT_COLUMNS, write_people};
pub use noise::{Mix, Noise};
pub use person::{Address, AddressKind, Household, Kin, Name, NhsNumber, Origin, Person, Sex};
pub use population::{Population, Quality};
pub use request::{REQUEST_COLUMNS, Request, TRUTH_COLUMNS, Truth, write_requests, write_truth};
pub use trial::{Kind, Trial, TrialError, TrialPlan};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("synthetic people could not be written: {0}")]
pub struct WriteError(#[from] csv::Error);

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> WriteError {
        WriteError(error.into())
    }
}
