//! SQL for both databases: one write, `apply`; reads; the outbox; migrations.
//!
//! This crate must never know the rules or HTML.
