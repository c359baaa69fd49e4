//! How people sign in at the desk, and for how long.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use disclosure::Role;
use jiff::SignedDuration;
use serde::Deserialize;

/// The OpenID Connect provider that knows the people.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The provider's issuer identifier, exactly as it says it.
    pub issuer: String,
    /// This desk's name at the provider.
    pub client_id: String,
    /// File with the client's secret; only the service may read it.
    pub client_secret_file: PathBuf,
    /// Where browsers reach this desk, for example `https://gate.example`.
    pub address: String,
    /// What is asked for.
    #[serde(default = "scope")]
    pub scope: String,
    /// Claim of the ID token with the person's roles. A dot reaches into an object.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// Claim of the ID token with the person's organization code.
    #[serde(default = "organization_claim")]
    pub organization_claim: String,
    /// Claim of the ID token that names somebody who is asked about in the index: an NHS number or a
    /// reference, which the provider has made sure of.
    #[serde(default = "person_claim")]
    pub person_claim: String,
    /// Claim of the ID token with the person's rank or grade, for whoever countersigns.
    #[serde(default = "rank_claim")]
    pub rank_claim: String,
    /// What the provider calls the ranks that agreements name. Empty: as they do.
    #[serde(default)]
    pub ranks: BTreeMap<String, String>,
    /// What the provider calls our roles. Empty: as we do.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
}

fn scope() -> String {
    "openid profile".to_owned()
}

fn roles_claim() -> String {
    "roles".to_owned()
}

fn rank_claim() -> String {
    "rank".to_owned()
}

fn organization_claim() -> String {
    "organization".to_owned()
}

fn person_claim() -> String {
    "nhs_number".to_owned()
}

impl SignIn {
    /// Rules about values, beyond their shape.
    pub fn check(&self) -> anyhow::Result<()> {
        for (name, value) in [("issuer", &self.issuer), ("address", &self.address)] {
            if !is_safe(value) {
                bail!("`{name}` in `[sign_in]` must be an https address, not `{value}`");
            }
        }
        if self.roles.values().any(|role| *role == Role::Gate) {
            bail!("`gate` in `[sign_in.roles]` is the service's own role; nobody may have it");
        }
        Ok(())
    }

    /// Where the provider sends people back to.
    pub fn return_address(&self) -> String {
        format!("{}/sign-in/return", self.address.trim_end_matches('/'))
    }
}

/// Encrypted, or on this machine.
fn is_safe(address: &str) -> bool {
    let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let after = |start: &&str| address.strip_prefix(*start);
    address.starts_with("https://")
        || local
            .iter()
            .find_map(after)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionTimes {
    /// Minutes without use after which a session ends.
    pub idle_minutes: i64,
    /// Hours after which every session ends.
    pub longest_hours: i64,
    /// Minutes after a sign-in during which its owner may decide without signing in again.
    pub decide_minutes: i64,
}

impl Default for SessionTimes {
    /// What a screen left alone may show; one working day; one decision.
    fn default() -> SessionTimes {
        SessionTimes {
            idle_minutes: 15,
            longest_hours: 10,
            decide_minutes: 5,
        }
    }
}

impl SessionTimes {
    /// Rules about values, beyond their shape.
    pub fn check(self) -> anyhow::Result<()> {
        let idle = (2..=120).contains(&self.idle_minutes);
        let longest = (1..=24).contains(&self.longest_hours);
        if !(idle && longest && (1..=60).contains(&self.decide_minutes)) {
            bail!(
                "in `[sessions]`, `idle_minutes` is from 2 to 120, `longest_hours` from 1 to 24, \
                 `decide_minutes` from 1 to 60"
            );
        }
        Ok(())
    }

    /// Longest time without use.
    pub fn idle(self) -> SignedDuration {
        SignedDuration::from_mins(self.idle_minutes)
    }

    /// Longest time at all.
    pub fn longest(self) -> SignedDuration {
        SignedDuration::from_hours(self.longest_hours)
    }

    /// How old a sign-in may be when its owner decides.
    pub fn decide(self) -> SignedDuration {
        SignedDuration::from_mins(self.decide_minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_or_of_this_machine() {
        for safe in [
            "https://id.example",
            "http://127.0.0.1:4000",
            "http://localhost/realm",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_one in [
            "http://id.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "ftp://id.example",
        ] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
