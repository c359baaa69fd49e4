//! Files that one key alone opens: the age format, version 1 (age-encryption.org/v1, C2SP's `age.md`), with
//! X25519 recipients and nothing else.
//!
//! A sealed file says to whom it is sealed and not by whom: sign what is inside. This crate draws no random
//! bytes; [`Fresh`] is a parameter, and must never be used twice.

mod bech32;
mod file;
mod key;

pub use file::{Fresh, OpenError, open, seal};
pub use key::{Identity, KeyError, Recipient};

#[cfg(test)]
mod tests;
