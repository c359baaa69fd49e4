//! Accounts of people who sign in without a provider: a password, and a code that a device of theirs
//! shows. What an account says and what proves who somebody is; nothing here reads or writes one.

pub mod picture;
pub mod totp;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;

use disclosure::{Actor, Role};
use jiff::{SignedDuration, Timestamp};
use ring::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;

/// Wrong attempts after which an account opens for nobody until somebody else unlocks it. Of a million
/// codes, of which three are right at any time, somebody with the password finds one in five
/// attempts once in 66,000 times.
pub const WRONG_MAX: u32 = 5;

/// How long an enrolment code is good for: over a weekend.
pub const ENROLMENT: SignedDuration = SignedDuration::from_hours(72);

/// Shortest and longest password, in characters (NIST SP 800-63B-4 asks for 8 beside a second proof).
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=200;

/// Rounds of PBKDF2-HMAC-SHA-256 (RFC 8018), as OWASP's password storage guide has them.
const ROUNDS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};

const LOGIN_CHARS: std::ops::RangeInclusive<usize> = 2..=40;

/// Somebody who may sign in. It is kept sealed: it holds what proves who they are.
#[derive(Clone, Deserialize, Serialize)]
pub struct Account {
    /// Random identity in the record. It outlives new passwords and devices.
    pub id: String,
    /// What they type to sign in; never given to anybody else.
    pub login: String,
    pub name: String,
    pub role: Role,
    pub organization: String,
    /// Rank or grade, where agreements ask for one.
    pub rank: Option<String>,
    /// Attempts since the last that was right.
    pub wrong: u32,
    pub disabled: bool,
    pub proof: Proof,
}

/// What proves who somebody is.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A code handed over once; with it the person chooses a password and takes a key.
    Enrolment {
        /// Hex SHA-256 of the code.
        digest: String,
        until: Timestamp,
        /// The key shown last, until a code drawn from it comes back.
        key: Option<String>,
    },
    /// A password, and a device that holds the key.
    Both {
        password: Password,
        key: String,
        /// The step of the code taken last: it and those before are spent.
        spent: u64,
    },
}

/// What is kept of a password.
#[derive(Clone, Deserialize, Serialize)]
pub struct Password {
    salt: String,
    hash: String,
}

/// Whether an account opens, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Waits for its enrolment.
    Waiting,
    /// The enrolment code has run out.
    RunOut,
    Open,
    Locked,
    Disabled,
}

impl Account {
    /// A new account, and the code that its owner enrols with.
    pub fn new(who: (&str, &str), place: (Role, &str), chance: &Chance, now: Timestamp) -> Account {
        let ((login, name), (role, organization)) = (who, place);
        Account {
            id: format!("account-{}", hex::encode(chance.bytes::<8>())),
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            organization: organization.to_owned(),
            rank: None,
            wrong: 0,
            disabled: false,
            proof: Proof::Enrolment {
                digest: String::new(),
                until: now,
                key: None,
            },
        }
    }

    /// Starts again: the code that its owner enrols with, which is kept nowhere.
    pub fn enrol_anew(&mut self, chance: &Chance, now: Timestamp) -> String {
        let code = chance.code();
        self.wrong = 0;
        self.disabled = false;
        self.proof = Proof::Enrolment {
            digest: digest(&code),
            until: now.checked_add(ENROLMENT).unwrap_or(now),
            key: None,
        };
        code
    }

    pub fn actor(&self) -> Actor {
        Actor {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            organization: self.organization.clone(),
        }
    }

    /// Whether it opens, and if not, why.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match &self.proof {
            _ if self.disabled => Standing::Disabled,
            _ if self.wrong >= WRONG_MAX => Standing::Locked,
            Proof::Enrolment { until, .. } if now >= *until => Standing::RunOut,
            Proof::Enrolment { .. } => Standing::Waiting,
            Proof::Both { .. } => Standing::Open,
        }
    }

    /// Whether this is the enrolment code.
    pub fn is_enrolled_with(&self, code: &str) -> bool {
        // Hashes are compared, so that the time taken tells nothing of the code.
        matches!(&self.proof, Proof::Enrolment { digest: known, .. } if *known == digest(code))
    }

    /// Whether a code is of the device and not spent; if so it is spent now.
    pub fn spend(&mut self, code: &str, now: Timestamp) -> bool {
        let Proof::Both { key, spent, .. } = &mut self.proof else {
            return false;
        };
        let step = totp::find(key, code, now, *spent);
        if let Some(step) = step {
            *spent = step;
        }
        step.is_some()
    }
}

impl Password {
    /// What is kept of a password. Takes a quarter of a second, on purpose.
    pub fn new(text: &str, chance: &Chance) -> Password {
        let salt = chance.bytes::<16>();
        let mut hash = [0; 32];
        pbkdf2::derive(
            PBKDF2_HMAC_SHA256,
            ROUNDS,
            &salt,
            text.as_bytes(),
            &mut hash,
        );
        Password {
            salt: hex::encode(salt),
            hash: hex::encode(hash),
        }
    }

    /// Whether it is this password. Takes as long.
    pub fn is(&self, text: &str) -> bool {
        let salt = hex::decode(&self.salt).unwrap_or_default();
        let hash = hex::decode(&self.hash).unwrap_or_default();
        let text = text.as_bytes();
        pbkdf2::verify(PBKDF2_HMAC_SHA256, ROUNDS, &salt, text, &hash).is_ok()
    }

    /// No password: takes the same time as one, for somebody whom nobody knows.
    pub fn of_nobody() -> Password {
        Password {
            salt: "00".repeat(16),
            hash: "00".repeat(32),
        }
    }
}

/// A login name as it is kept: small letters, digits, dots, hyphens and underscores.
pub fn login(typed: &str) -> Option<String> {
    let login = typed.trim().to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (LOGIN_CHARS.contains(&login.len()) && login.bytes().all(fits)).then_some(login)
}

fn digest(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    hex::encode(Sha256::digest(code))
}
