//! SQL for both databases: one write, [`Store::apply`]; reads; the outbox; migrations.
//!
//! A transition goes in whole or not at all: the case, its one ledger entry, the messages to
//! send. Nothing else writes of cases, so nothing can change unrecorded. SQLite is the embedded default;
//! PostgreSQL serves several nodes. One contract suite holds both to the same behavior.
//!
//! This crate must never know the rules or HTML: it does not judge whether a step may be taken,
//! only whether what the step was decided on still holds.
//!
//! Reading order: [`open`], `keys`, [`apply`], `record`, `commitment`, `append`, [`erase`], `audit`, `writer`, [`read`], [`log`], [`subject`], [`outbox`],
//! [`delivery`], [`draft`], [`registration`], [`budget`], [`statistics`], [`session`], [`once`], `account`, [`batch`], [`webhook`]; apart from them [`witness`], a file of its own for
//! whoever watches somebody else's log.

mod account;
mod agreement;
mod append;
pub mod apply;
mod audit;
pub mod batch;
pub mod budget;
mod commitment;
pub mod delivery;
pub mod draft;
pub mod erase;
pub mod error;
mod keys;
pub mod log;
mod migrate;
pub mod once;
pub mod open;
pub mod outbox;
mod portions;
pub mod read;
mod record;
pub mod registration;
mod rows;
mod seal;
pub mod session;
mod slots;
pub mod statistics;
pub mod subject;
pub mod webhook;
mod wishes;
pub mod witness;
mod writer;

pub use account::Account;
pub use apply::Applied;
pub use budget::Earlier;
pub use delivery::Lease;
pub use draft::Draft;
pub use error::StoreError;
pub use log::{Entry, EntryRow};
pub use open::{Chance, Store};
pub use outbox::Delivery;
pub use read::{CaseFilter, CaseRow, Cursor, Health, Page};
pub use registration::{Approach, RegistrationsMark};
pub use session::{Mark, SignedIn};
pub use statistics::{CaseCount, CountedCase, Statistics, StatisticsRow};
pub use subject::{DeferredCount, SubjectEntry, SubjectLog};
pub use witness::{Evidence, WitnessFile};
