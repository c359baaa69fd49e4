//! The front door of the crate: plans and answers in, tables out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

mod front_door;
mod peers;
mod properties;
mod published;
