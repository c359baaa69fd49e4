//! Synthetic people for the demonstration, the tests and the benchmarks.
//!
//! This crate must never hold a real person, and nothing else depends on what it makes up.
