//! NHS numbers: ten digits, the last of which checks the other nine.
//!
//! Source: NHS Data Dictionary, "NHS NUMBER" (modulus 11, weights 10 to 2).

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Numbers that pass the check digit but stand for "none" or "several".
const SENTINELS: [u64; 3] = [0, 9_999_999_999, 1_111_111_111];

/// A valid NHS number that may belong to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NhsNumber(u64);

/// Why a text is not a usable NHS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NhsNumberError {
    /// Something else than digits, spaces and hyphens.
    #[error("an NHS number holds digits only")]
    NotDigits,
    /// Not ten digits.
    #[error("an NHS number has 10 digits, not {0}")]
    Length(usize),
    /// The tenth digit contradicts the other nine.
    #[error("the check digit is wrong")]
    CheckDigit,
    /// A placeholder that passes the check digit.
    #[error("this number is a placeholder and belongs to nobody")]
    Sentinel,
}

impl NhsNumber {
    /// Reads ten digits; spaces and hyphens between them are ignored.
    ///
    /// # Errors
    /// Says why the text is refused, sentinels included.
    pub fn parse(text: &str) -> Result<Self, NhsNumberError> {
        let (mut value, mut length) = (0u64, 0usize);
        for character in text.chars() {
            match character.to_digit(10) {
                Some(digit) => {
                    value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
                    length += 1;
                }
                None if character == ' ' || character == '-' => {}
                None => return Err(NhsNumberError::NotDigits),
            }
        }
        if length != 10 {
            return Err(NhsNumberError::Length(length));
        }
        if check_digit(value / 10) != Some((value % 10) as u8) {
            return Err(NhsNumberError::CheckDigit);
        }
        if SENTINELS.contains(&value) {
            return Err(NhsNumberError::Sentinel);
        }
        Ok(Self(value))
    }

    /// The number with these first nine digits, if one exists.
    pub fn from_stem(stem: u32) -> Option<Self> {
        let stem = u64::from(stem);
        let value = stem * 10 + u64::from(check_digit(stem)?);
        (stem < 1_000_000_000 && !SENTINELS.contains(&value)).then_some(Self(value))
    }

    /// The first nine digits; the tenth follows from them.
    pub fn stem(self) -> u32 {
        (self.0 / 10) as u32
    }

    /// All ten digits as a number.
    pub fn value(self) -> u64 {
        self.0
    }

    /// Ten digits without spaces, as files hold them.
    pub fn compact(self) -> String {
        format!("{:010}", self.0)
    }
}

/// Shown in groups of 3, 3 and 4 digits.
impl fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b, c) = (self.0 / 10_000_000, self.0 / 10_000 % 1000, self.0 % 10_000);
        write!(f, "{a:03} {b:03} {c:04}")
    }
}

impl Serialize for NhsNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.compact())
    }
}

/// The tenth digit for nine others; `None` when no number has them (the digit would be 10).
fn check_digit(stem: u64) -> Option<u8> {
    let (mut rest, mut sum) = (stem, 0);
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        10 => None,
        11 => Some(0),
        digit => Some(digit as u8),
    }
}

#[cfg(test)]
mod tests;
