//! The contract: what a store promises, told once and held on both databases.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod account;
mod agreement;
mod audit;
mod batch;
mod budget;
mod case;
mod delivery;
mod draft;
mod edits;
mod erasure;
mod killed;
mod ledger;
mod once;
mod outbox;
mod people;
mod place;
mod power;
mod registration;
mod schema;
mod session;
mod statistics;
mod subject;
mod upgrade;
mod webhook;
mod wishes;
mod write;
