//! The crate through its front door.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

#[path = "../../../../fuzz/src/lib.rs"]
mod bodies;
mod mutated_files;
