//! Tracegate: the gate between a confidential person index and the agencies that ask it for
//! people's details.
//!
//! This is the one binary and the one crate that knows everything: the engines (`agreement`,
//! `matcher`, `ledger`), the case (`disclosure`) and the `store` do not know each other, and only
//! [`pipeline`] translates between them. Edges ([`http`], [`web`], [`cli`]) parse, authenticate and
//! render; they hold no SQL and no rule.

mod accounts;
mod chance;
mod cli;
mod clock;
mod demo;
mod doors;
mod email;
mod fhir;
mod folders;
#[cfg(test)]
mod foreign_bytes;
mod gate;
mod http;
mod jose;
mod machines;
mod oidc;
mod package;
mod personas;
mod pipeline;
mod public_log;
mod publication;
mod reader;
mod remote;
mod settings;
mod shipped;
mod told;
mod web;
mod webhooks;
mod worker;

use std::process::ExitCode;

/// Building an index and tracing a batch take and give back many small texts: a quarter of their time
/// with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run().into()
}
