//! Whom to believe: one key, or a policy with logs, witnesses and a quorum.

use std::fs;

use anyhow::Context as _;
use ledger::note::NOTE_BYTES_MAX;
use ledger::tiles::KEY_PATH;
use ledger::{Files, Policy, VerifierKey, published_keys};

#[derive(clap::Args)]
#[group(multiple = false)]
pub struct Trust {
    /// The log's public key, or a file that holds it
    #[arg(long)]
    key: Option<String>,
    /// Policy file (c2sp.org/tlog-policy): the logs, the witnesses, and how many must have cosigned
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
}

impl Trust {
    /// The policy; `None` when the command line names neither key nor policy.
    pub fn stated(&self) -> anyhow::Result<Option<Policy>> {
        if let Some(file) = &self.policy {
            return read_policy(file).map(Some);
        }
        let key = self.key.as_deref().map(parse_key).transpose()?;
        Ok(key.map(Policy::log_alone))
    }

    /// The policy; without one on the command line, the key that comes with the log, which proves
    /// only that the log is whole.
    pub fn or_the_logs_own(&self, log: &str, files: &impl Files) -> anyhow::Result<Policy> {
        if let Some(policy) = self.stated()? {
            return Ok(policy);
        }
        let bytes = files
            .read(KEY_PATH, NOTE_BYTES_MAX)
            .with_context(|| format!("cannot read `{KEY_PATH}` of `{log}`"))?
            .with_context(|| format!("`{log}` has no `{KEY_PATH}`; pass `--key` or `--policy`"))?;
        let key = published_keys(&bytes).and_then(|keys| keys.into_iter().next());
        let key = key.with_context(|| format!("`{KEY_PATH}` of `{log}` is no list of keys"))?;
        eprintln!(
            "using the key that comes with the log; pass `--key` or `--policy` with a key from \
             elsewhere to know whose log it is"
        );
        Ok(Policy::log_alone(key))
    }
}

/// Reads a policy file.
pub fn read_policy(file: &str) -> anyhow::Result<Policy> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read the policy `{file}`"))?;
    text.parse().with_context(|| format!("in `{file}`"))
}

/// A public key, or the first one in a file.
pub fn parse_key(key: &str) -> anyhow::Result<VerifierKey> {
    let text = match fs::read_to_string(key) {
        Ok(text) => text,
        Err(_) if key.contains('+') => key.to_owned(),
        Err(error) => return Err(error).with_context(|| format!("cannot read the key `{key}`")),
    };
    let line = text.lines().next().unwrap_or_default();
    line.trim()
        .parse()
        .with_context(|| format!("the key `{key}`"))
}
