//! Through the front door: the real program, its interface and its command line.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may panic"
)]

mod agency;
mod agreements;
mod api;
mod batch;
mod commands;
mod described;
mod drafts;
mod fhir;
mod keys;
mod kill;
mod killed_at_steps;
mod model;
mod planted;
mod poll;
mod staff;
mod steps;
mod subject;
mod support;
mod web;
mod witness;
