//! The case: what a tracing request is, the states it can be in, one function per arrow between
//! them, who may see which part of it, and what the requester is told.
//!
//! This crate must never know SQL, HTTP, clocks, or how matching and policy work. Findings come in
//! as plain records, time comes in as a parameter, and what goes out is a [`Transition`]: the new
//! case, one event for the ledger and the messages to send, to be written all together or not at
//! all.
//!
//! Reading order: [`request`], [`case`], [`arrows`], then [`outward`] and [`visibility`]; beside the case
//! [`registration`] and [`approach`], which are a practice's.

pub mod actor;
pub mod agreement_status;
pub mod approach;
pub mod arrows;
pub mod case;
pub mod check;
pub mod code;
pub mod concern;
pub mod decision;
pub mod deferral;
pub mod event;
pub mod field;
pub mod intake;
pub mod outward;
pub mod registration;
pub mod release;
pub mod request;
pub mod requester;
pub mod statistics;
pub mod trace;
pub mod visibility;
pub mod wishes;

pub use actor::{Actor, Role};
pub use agreement_status::{AgreementState, Standing};
pub use arrows::ArrowError;
pub use case::{AgreementRef, Case, Ending, State};
pub use code::{Code, CodeGroup};
pub use concern::{Concern, Concerned, Telling};
pub use event::{Change, Event, EventKind, Mark, Message, Transition};
pub use field::Field;
pub use registration::Registration;
pub use request::Request;
pub use wishes::Wishes;

#[cfg(test)]
mod tests;
