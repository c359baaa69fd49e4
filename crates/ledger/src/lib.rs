//! The transparency log: leaf, tree, tiles, checkpoint, proof, verify.
//!
//! This crate must never know what a person or an agency is.
