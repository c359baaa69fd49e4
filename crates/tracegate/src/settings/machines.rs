//! Machines that may use the interface, and the agencies they ask for.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use axum::http::Uri;
use disclosure::requester::{Method, RequesterCheck};
use disclosure::{Actor, Role};
use jiff::Timestamp;
use serde::Deserialize;

use super::Settings;
use crate::jose::Jwk;

/// The credential of whoever is nobody: a persona.
pub const DEMONSTRATION: &str = "demonstration";

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

    /// The check of who asks through it. The tokens of a demonstration are its personas, as at the desk.
    pub fn check(&self, method: Method, now: Timestamp) -> RequesterCheck {
        match &self.token_sha256 {
            Some(_) => RequesterCheck::new(method, DEMONSTRATION, now),
            None => RequesterCheck::new(method, format!("machine {}", self.id), now),
        }
    }

    /// Whether its calls carry the identity of an officer: a token of the demonstration is a person's own.
    pub fn speaks_for_officers(&self) -> bool {
        self.token_sha256.is_none() && matches!(self.role, Role::Officer | Role::Authoriser)
    }
}

/// A folder from which files of requests are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// Where an agency's system puts them.
    pub path: PathBuf,
    /// Identity of the officer who asks in every line.
    pub officer: String,
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
    /// Whether its people may hand in files of requests at the desk, where the authoriser of a line is whom the
    /// file names and nobody else signs.
    #[serde(default)]
    pub files: bool,
    /// Public keys that sign for officers: the old and the new one while one takes over.
    #[serde(default)]
    pub keys: Vec<Jwk>,
    /// The officers that may ask through a machine.
    #[serde(default)]
    pub officers: Vec<Officer>,
    /// Where its machine is told that there is something to look at.
    #[serde(default)]
    pub webhook: Option<Webhook>,
}

/// Where an agency's machine listens (Standard Webhooks 1.0).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// `https://HOST/PATH`, of the public internet.
    pub address: String,
    /// Files that hold `whsec_` and base64: one, or the old and the new one while one takes over.
    pub secret_files: Vec<PathBuf>,
}

impl Agency {
    /// The files that hold its secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &PathBuf> {
        self.webhook
            .iter()
            .flat_map(|webhook| &webhook.secret_files)
    }

    pub(super) fn secrets_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let webhooks = self.webhook.iter_mut();
        webhooks.flat_map(|webhook| &mut webhook.secret_files)
    }

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
    /// Where they are told by e-mail that there is something to look at in a case of theirs.
    #[serde(default)]
    pub email: Option<String>,
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

    pub(super) fn check_folders(&self) -> anyhow::Result<()> {
        for Folder { officer, .. } in &self.folders {
            let role = self.actor(officer).map(|actor| actor.role);
            ensure!(
                matches!(role, Some(Role::Officer | Role::Authoriser)),
                "`folders` names `{officer}`, who is no officer of an agency; name one of `agencies.officers`"
            );
        }
        Ok(())
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
                .and_then(|()| check_webhook(agency, self.demonstration))
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

/// A demonstration may be told on the machine that it runs on, without TLS.
fn check_webhook(agency: &Agency, demonstration: bool) -> anyhow::Result<()> {
    let Some(webhook) = &agency.webhook else {
        return Ok(());
    };
    let address: Uri = webhook.address.parse().context("`webhook.address`")?;
    let scheme = address.scheme_str();
    let secure = scheme == Some("https") || demonstration && scheme == Some("http");
    let host = address
        .authority()
        .is_some_and(|at| !at.as_str().contains('@'));
    ensure!(
        secure && host,
        "`webhook.address` is `https://HOST/PATH`, without a name or a password"
    );
    ensure!(
        matches!(webhook.secret_files.len(), 1 | 2),
        "`webhook.secret_files` is one file, or two while one takes over"
    );
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
