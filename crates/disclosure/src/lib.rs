//! The case: what a tracing request is, the states it can be in, one function per arrow between
//! them, who may see which part of it, and what the requester is told.
//!
//! This crate must never know SQL, HTTP, clocks, or how matching and policy work.
