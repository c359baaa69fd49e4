//! Agreements as code: load, validate, judge, explain.
//!
//! This crate must never know who the person is, SQL or HTTP.
