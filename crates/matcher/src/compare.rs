//! Compares one field of a request with one field of a row, as a level of agreement.

pub(crate) mod birth;
pub(crate) mod name;
pub(crate) mod place;
pub(crate) mod text;
pub(crate) mod variants;
