//! One-time codes by the time (RFC 6238, on RFC 4226): six digits, new every 30 seconds, HMAC-SHA-1, as
//! every authenticator application has them.

use jiff::Timestamp;
use ring::hmac;

/// Length of a key in bytes: that of the hash, as RFC 4226 (section 4) recommends.
pub const KEY_BYTES: usize = 20;

/// Seconds for which a code stands.
const STEP_SECONDS: u64 = 30;

const DIGITS: usize = 6;

/// Steps before and after the present one whose codes are taken, for clocks that differ (RFC 6238,
/// section 5.2).
const STEPS_ASIDE: u64 = 1;

/// Base 32 (RFC 4648, section 6), in which applications take keys.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant.
pub fn step(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default() / STEP_SECONDS
}

/// The code of a step: the last digits of the truncated hash.
pub fn code(key: &[u8], step: u64, digits: usize) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes.last().copied().unwrap_or_default() & 0xf);
    let word = bytes.get(at..at + 4).unwrap_or_default();
    let number = word.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let number = u64::from(number & 0x7fff_ffff) % 10_u64.pow(digits as u32);
    format!("{number:0digits$}")
}

/// The step whose code this is, if it is around now and later than the one spent last.
pub fn find(key: &str, given: &str, now: Timestamp, spent: u64) -> Option<u64> {
    let key = from_letters(key)?;
    let given: String = given.chars().filter(|one| !one.is_whitespace()).collect();
    let around = step(now).saturating_sub(STEPS_ASIDE)..=step(now) + STEPS_ASIDE;
    let mut later = around.filter(|step| *step > spent);
    later.find(|step| code(&key, *step, DIGITS) == given)
}

/// A key in base 32.
pub fn letters(key: &[u8; KEY_BYTES]) -> String {
    let letter = |bits: usize| char::from(LETTERS[bits & 31]);
    let mut text = String::new();
    // 5 bytes are 8 letters, without a rest.
    for five in key.chunks_exact(5) {
        let bits = five
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        text.extend((0..8).rev().map(|place| letter(bits >> (5 * place))));
    }
    text
}

fn from_letters(text: &str) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(KEY_BYTES);
    for eight in text.as_bytes().chunks(8) {
        let mut bits = 0_u64;
        for letter in eight {
            let value = LETTERS.iter().position(|known| known == letter)?;
            bits = bits << 5 | value as u64;
        }
        key.extend_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(key)
}

/// What an application on a phone opens: key and name of the account.
pub fn address(key: &str, login: &str) -> String {
    format!("otpauth://totp/Tracegate:{login}?secret={key}&issuer=Tracegate")
}

/// The code that a device with this key shows.
#[cfg(test)]
pub fn shown(key: &str, now: Timestamp) -> String {
    code(&from_letters(key).unwrap_or_default(), step(now), DIGITS)
}
