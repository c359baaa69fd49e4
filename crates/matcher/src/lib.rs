//! The person index and the trace: normalize, block, compare, score, decide, explain.
//!
//! This crate must never know why we ask, SQL or HTTP.
