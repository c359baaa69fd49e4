//! Machines that may use the interface, and the agencies they ask for.

use std::collections::BTreeSet;
use std::net::IpAddr;

use anyhow::{Context as _, bail, ensure};
use disclosure::{Actor, Role};
use serde::Deserialize;

use super::Settings;
use crate::jose::Jwk;

/// How machines prove who they are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// The gate's own address, without a path: what a client says that it speaks to.
    pub address: String,
    /// How long a token is good for.
    #[serde(default = "five_minutes")]
    pub token_seconds: i64,
    /// Where clients show a certificate; every token is then bound to one.
    #[serde(default)]
    pub certificates: Option<Certificates>,
}

/// A proxy that ends TLS in front of the gate, asks clients for a certificate, and hands it on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// The header that holds it, as RFC 9440 writes it or as nginx escapes it. The proxy must take away what
    /// a client sends under this name.
    pub header: String,
    /// Addresses that the proxy calls from; the header counts for nothing from anybody else.
    pub proxies: Vec<IpAddr>,
}

/// A machine that may use the interface.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Identity in the record.
    pub id: String,
    /// Name in the record.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its organization.
    pub organization: String,
    /// Public keys with which it proves who it is: the old and the new one while one takes over.
    #[serde(default)]
    pub keys: Vec<Jwk>,
    /// Hex SHA-256 of a bearer token, in a demonstration alone; the token itself is never stored.
    #[serde(default)]
    pub token_sha256: Option<String>,
}

impl Client {
    /// The client as an actor.
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            organization: self.organization.clone(),
        }
    }

    /// Whether its calls carry the identity of an officer: a token of the demonstration is a person's own.
    pub fn speaks_for_officers(&self) -> bool {
        self.token_sha256.is_none() && matches!(self.role, Role::Officer | Role::Authoriser)
    }
}

/// What the gate knows of an agency whose machines ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Organization code.
    pub organization: String,
    /// Public key of age, `age1...`: releases leave sealed to it.
    #[serde(default)]
    pub age: Option<String>,
    /// Whether a release may still be read at the desk by an agency with a key.
    #[serde(default)]
    pub desk: bool,
    /// Public keys that sign for officers: the old and the new one while one takes over.
    #[serde(default)]
    pub keys: Vec<Jwk>,
    /// The officers that may ask through a machine.
    #[serde(default)]
    pub officers: Vec<Officer>,
}

impl Agency {
    /// Its officers as actors.
    pub fn actors(&self) -> impl Iterator<Item = Actor> {
        let actor = |officer: &Officer| officer.actor(&self.organization);
        self.officers.iter().map(actor)
    }
}

/// An officer of an agency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Identity in the record; the one that the desk knows, where they use the desk as well.
    pub id: String,
    /// Name in the record.
    pub name: String,
    /// Rank, as the agreements call it.
    pub rank: String,
    /// `officer`, who asks, or `authoriser`, who countersigns.
    #[serde(default = "asks")]
    pub role: Role,
}

impl Officer {
    /// The officer as an actor.
    pub fn actor(&self, organization: &str) -> Actor {
        Actor {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            organization: organization.to_owned(),
        }
    }
}

fn asks() -> Role {
    Role::Officer
}

fn five_minutes() -> i64 {
    300
}

/// Longest life of a token: it cannot be taken back.
const TOKEN_SECONDS_MAX: i64 = 900;

impl Settings {
    /// What the gate knows of an agency.
    pub fn agency(&self, organization: &str) -> Option<&Agency> {
        let mut agencies = self.agencies.iter();
        agencies.find(|agency| agency.organization == organization)
    }

    /// The key that packages for this organization are sealed to.
    pub fn recipient(&self, organization: &str) -> Option<&str> {
        self.agency(organization)?.age.as_deref()
    }

    /// Whether people of this organization read releases at the desk.
    pub fn reads_at_the_desk(&self, organization: &str) -> bool {
        let agency = self.agency(organization);
        agency.is_none_or(|agency| agency.age.is_none() || agency.desk)
    }

    pub(super) fn check_machines(&self) -> anyhow::Result<()> {
        once(self.clients.iter().map(|client| &*client.id), "clients")?;
        let organizations = self.agencies.iter().map(|agency| &*agency.organization);
        once(organizations, "agencies")?;
        for client in &self.clients {
            self.check_client(client)
                .with_context(|| format!("the client `{}`", client.id))?;
        }
        for agency in &self.agencies {
            check_agency(agency)
                .with_context(|| format!("the agency `{}`", agency.organization))?;
        }
        self.machines.as_ref().map_or(Ok(()), Machines::check)
    }

    fn check_client(&self, client: &Client) -> anyhow::Result<()> {
        check_keys(&client.keys)?;
        match (&client.token_sha256, client.keys.is_empty()) {
            (Some(_), true) if self.demonstration => Ok(()),
            (Some(_), _) => bail!("`token_sha256` is for a demonstration; enter `keys` instead"),
            (None, true) => bail!("it has no `keys` to prove who it is"),
            (None, false) if self.machines.is_none() => {
                bail!("`[machines]` is missing, with the gate's `address`")
            }
            (None, false) => Ok(()),
        }
    }
}

impl Machines {
    fn check(&self) -> anyhow::Result<()> {
        let plain = self.address.starts_with("https://") || self.address.starts_with("http://");
        let bare = plain && self.address.matches('/').count() == 2;
        ensure!(bare, "`machines.address` is `https://HOST`, without a path");
        ensure!(
            (1..=TOKEN_SECONDS_MAX).contains(&self.token_seconds),
            "`machines.token_seconds` is from 1 to {TOKEN_SECONDS_MAX}"
        );
        let Some(certificates) = &self.certificates else {
            return Ok(());
        };
        let header = certificates.header.parse::<axum::http::HeaderName>();
        header.context("`machines.certificates.header` is no name of a header")?;
        ensure!(
            !certificates.proxies.is_empty(),
            "`machines.certificates.proxies` names nobody whose header counts"
        );
        Ok(())
    }
}

fn check_agency(agency: &Agency) -> anyhow::Result<()> {
    if let Some(age) = &agency.age {
        age.parse::<sealing::Recipient>().context("`age`")?;
    }
    check_keys(&agency.keys)?;
    once(
        agency.officers.iter().map(|officer| &*officer.id),
        "officers",
    )?;
    for officer in &agency.officers {
        let asks = matches!(officer.role, Role::Officer | Role::Authoriser);
        ensure!(asks, "`{}` is neither officer nor authoriser", officer.id);
    }
    Ok(())
}

fn check_keys(keys: &[Jwk]) -> anyhow::Result<()> {
    let fit = keys.iter().all(Jwk::is_usable);
    ensure!(
        fit,
        "a key under `keys` is none of RSA, P-256 or Ed25519, or is a private one"
    );
    Ok(())
}

fn once<'n>(names: impl Iterator<Item = &'n str>, list: &str) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        ensure!(seen.insert(name), "`{name}` is there twice under `{list}`");
    }
    Ok(())
}
