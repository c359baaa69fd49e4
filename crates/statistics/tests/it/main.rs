//! The front door of the crate: counts in, what may be said of them out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by saying what it expected"
)]

mod peers;
