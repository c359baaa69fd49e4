//! Who sends the e-mails that say that there is something to look at, and which mailboxes of staff get them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use lettre::Address;
use serde::Deserialize;

use super::Settings;

/// The server that takes e-mails, and what they say of this installation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// Host name of the server.
    pub server: String,
    /// Its port, where it is not the usual one.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// File with the certificates (PEM) of the authority that vouches for the server, where no public one does.
    #[serde(default)]
    pub authority_file: Option<PathBuf>,
    /// Address of the sender.
    pub from: String,
    /// Where people look: the address of the desk, `https://HOST`.
    pub desk: String,
    /// Name by which the service signs in at the server.
    #[serde(default)]
    pub user: Option<String>,
    /// File with the password, which only the service may read.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// One shared mailbox for the staff of an organization, by its code.
    #[serde(default)]
    pub staff: BTreeMap<String, String>,
}

/// How the connection to the server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte (RFC 8314, port 465).
    #[default]
    Implicit,
    /// After `STARTTLS`, or nothing is sent (RFC 3207, port 587).
    Starttls,
    /// Not at all: in a demonstration alone.
    None,
}

impl Settings {
    pub(super) fn check_email(&self) -> anyhow::Result<()> {
        for officer in self.agencies.iter().flat_map(|agency| &agency.officers) {
            let Some(address) = &officer.email else {
                continue;
            };
            is_address(address).with_context(|| format!("`email` of `{}`", officer.id))?;
            ensure!(
                self.email.is_some(),
                "`{}` has an `email`, and `[email]` is missing",
                officer.id
            );
        }
        let email = self.email.as_ref();
        email.map_or(Ok(()), |email| email.check(self.demonstration))
    }
}

impl Email {
    pub(super) fn files_mut(&mut self) -> [&mut Option<PathBuf>; 2] {
        [&mut self.password_file, &mut self.authority_file]
    }

    fn check(&self, demonstration: bool) -> anyhow::Result<()> {
        is_address(&self.from).context("`email.from`")?;
        for (organization, address) in &self.staff {
            is_address(address).with_context(|| format!("`email.staff.{organization}`"))?;
        }
        if self.tls == Tls::None && !demonstration {
            bail!(
                "`email.tls` is `none`, which is for a demonstration; use `implicit` or `starttls`"
            );
        }
        let secure = self.desk.starts_with("https://");
        ensure!(
            secure || demonstration && self.desk.starts_with("http://"),
            "`email.desk` is `https://HOST`"
        );
        ensure!(
            self.user.is_some() == self.password_file.is_some(),
            "`email.user` and `email.password_file` go together"
        );
        Ok(())
    }
}

fn is_address(address: &str) -> anyhow::Result<()> {
    address.parse::<Address>().context("is no e-mail address")?;
    Ok(())
}
