//! The agency's folder: where its gate is, its keys, what it trusts, what it has collected.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use ledger::{Policy, VerifierKey};
use sealing::Identity;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::chance::Chance;
use crate::cli::Exit;
use crate::cli::keys::write_private;
use crate::cli::ledger::trust::{parse_key, read_policy};
use crate::jose::Signer;
use crate::package::{Notice as _, Recall};

/// The folder, unless another is named.
pub const DEFAULT: &str = "tracegate-agency";

const SETTINGS: &str = "agency.toml";
const IDENTITY: &str = "age.key";
const SIGNER: &str = "signing.key";
const TOKEN: &str = "token";
const GATE_KEY: &str = "gate.vkey";
const LOG_KEY: &str = "log.vkey";
const POLICY: &str = "policy.txt";
const PACKAGES: &str = "packages";
const RECALLS: &str = "recalls";

/// What `agency.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address of the gate.
    pub gate: String,
    /// The agency's organization code.
    pub organization: String,
    /// Identity of this machine at the gate.
    #[serde(default)]
    pub client: String,
    /// For whom it calls, where the request does not say so.
    #[serde(default)]
    pub officer: Option<Officer>,
}

/// For whom the machine calls.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Identity of the officer.
    pub id: String,
    /// Rank.
    pub rank: String,
}

/// How the machine proves who it is.
pub enum Proof {
    /// A token of a demonstration.
    Token(String),
    /// A key of its own.
    Signer(Signer),
}

fn client_of(organization: &str) -> String {
    format!("{organization}-machine")
}

/// The lines that the gate's operator enters.
fn entered(organization: &str, age: &str, key: &Value) -> String {
    let part = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
    let (kid, x) = (part("kid"), part("x"));
    let key = format!("{{ kty = \"OKP\", crv = \"Ed25519\", kid = \"{kid}\", x = \"{x}\" }}");
    let client = client_of(organization);
    format!(
        "\n[[clients]]\nid = \"{client}\"\nname = \"Machine of {organization}\"\n\
         role = \"officer\"\norganization = \"{organization}\"\nkeys = [{key}]\n\n\
         [[agencies]]\norganization = \"{organization}\"\nage = \"{age}\"\nkeys = [{key}]\n\
         # The officers who may ask: officers = [{{ id = \"...\", name = \"...\", rank = \"...\" }}]"
    )
}

/// An agency's folder.
pub struct Folder {
    path: PathBuf,
    /// Its settings.
    pub settings: Settings,
}

/// Makes a folder with a fresh key, and says what comes next.
pub fn make(path: &Path, gate: &str, organization: &str) -> anyhow::Result<Exit> {
    let shown = path.display();
    ensure!(
        gate.starts_with("https://") || gate.starts_with("http://"),
        "`{gate}` is no address; write `https://...`"
    );
    fs::create_dir_all(path).with_context(|| format!("cannot make `{shown}`"))?;
    let identity = Identity::from_secret(Chance::system()?.bytes());
    let public = identity.recipient();
    let secret = identity.to_secret_text();
    let text = Zeroizing::new(format!("# public key: {public}\n{}\n", secret.as_str()));
    write_private(&path.join(IDENTITY), text.as_bytes())?;
    let seed = Zeroizing::new(Chance::system()?.bytes::<32>());
    let signer = Signer::from_secret(&*seed).context("a key cannot be made")?;
    let seed = Zeroizing::new(format!("{}\n", hex::encode(*seed)));
    write_private(&path.join(SIGNER), seed.as_bytes())?;
    let client = client_of(organization);
    let settings = [
        ("gate", gate),
        ("organization", organization),
        ("client", &client),
    ]
    .map(|(name, value)| format!("{name} = {}\n", toml::Value::from(value)))
    .concat();
    fs::write(path.join(SETTINGS), settings)?;
    println!(
        "{}",
        entered(organization, &public.to_string(), &signer.public())
    );
    eprintln!(
        "wrote `{shown}`; the gate's operator enters the lines above into `tracegate.toml`.\nPut into \
         `{shown}`: `{GATE_KEY}`, and `{LOG_KEY}` or `{POLICY}`. Nobody can open what is \
         sealed to a lost key:\nkeep a copy of `{shown}/{IDENTITY}` where only the agency can read it"
    );
    Ok(Exit::Done)
}

impl Folder {
    /// Opens a folder that `keygen` made.
    pub fn open(path: &Path) -> anyhow::Result<Folder> {
        let file = path.join(SETTINGS);
        let shown = file.display();
        let text = fs::read_to_string(&file).with_context(|| {
            format!("cannot read `{shown}`; `tracegate agency keygen` makes an agency's folder")
        })?;
        Ok(Folder {
            settings: toml::from_str(&text).with_context(|| format!("in `{shown}`"))?,
            path: path.to_owned(),
        })
    }

    /// How this machine proves who it is: by the token of a demonstration, or else by its key.
    pub fn proof(&self) -> anyhow::Result<Proof> {
        if self.path.join(TOKEN).exists() {
            return Ok(Proof::Token(self.secret(TOKEN)?.trim().to_owned()));
        }
        let seed = Zeroizing::new(self.secret(SIGNER)?);
        let seed = hex::decode(seed.trim()).map(Zeroizing::new).ok();
        let signer = seed.and_then(|seed| Signer::from_secret(&seed));
        let signer = signer.with_context(|| format!("`{SIGNER}` is not a key of `keygen`"))?;
        Ok(Proof::Signer(signer))
    }

    /// The key that opens packages.
    pub fn identity(&self) -> anyhow::Result<Identity> {
        let text = self.secret(IDENTITY)?;
        let line = text
            .lines()
            .find(|line| line.starts_with("AGE-SECRET-KEY-"));
        let line =
            line.with_context(|| format!("`{IDENTITY}` has no line `AGE-SECRET-KEY-...`"))?;
        line.trim().parse().with_context(|| format!("`{IDENTITY}`"))
    }

    fn secret(&self, name: &str) -> anyhow::Result<String> {
        let file = self.path.join(name);
        let shown = file.display();
        let mode = fs::metadata(&file).with_context(|| format!("cannot read `{shown}`"))?;
        ensure!(
            mode.mode() & 0o007 == 0,
            "everybody may read `{shown}`; run `chmod o= {shown}`"
        );
        fs::read_to_string(&file).with_context(|| format!("cannot read `{shown}`"))
    }

    /// The public key that signs packages.
    pub fn gate_key(&self) -> anyhow::Result<VerifierKey> {
        parse_key(&self.path.join(GATE_KEY).display().to_string())
    }

    /// Which log and which witnesses are believed: the policy, or the log's key alone.
    pub fn policy(&self) -> anyhow::Result<Policy> {
        let policy = self.path.join(POLICY);
        if policy.exists() {
            return read_policy(&policy.display().to_string());
        }
        let key = self.path.join(LOG_KEY);
        if !key.exists() {
            bail!(
                "`{}` has neither `{POLICY}` nor `{LOG_KEY}`; a proof needs one of them",
                self.path.display()
            );
        }
        parse_key(&key.display().to_string()).map(Policy::log_alone)
    }

    /// Where the package of a case is kept.
    pub fn package(&self, case: &str) -> anyhow::Result<PathBuf> {
        let folder = self.path.join(PACKAGES);
        fs::create_dir_all(&folder)?;
        Ok(folder.join(format!("{}.age", plain(case)?)))
    }

    /// Keeps a notice of recall that the gate has signed.
    pub fn keep_recall(&self, case: &str, notice: &[u8]) -> anyhow::Result<()> {
        let recall = Recall::verified(notice, &self.gate_key()?);
        let recall = recall.with_context(|| format!("the notice of recall of `{case}`"))?;
        ensure!(
            recall.case == case,
            "the notice of recall is of another case"
        );
        let folder = self.path.join(RECALLS);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(plain(case)?), notice)?)
    }

    /// The releases known to be recalled.
    pub fn recalls(&self) -> anyhow::Result<BTreeMap<String, Recall>> {
        let folder = self.path.join(RECALLS);
        if !folder.exists() {
            return Ok(BTreeMap::new());
        }
        let key = self.gate_key()?;
        let mut recalls = BTreeMap::new();
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            let recall = Recall::verified(&fs::read(&file)?, &key)
                .with_context(|| format!("in `{}`", file.display()))?;
            recalls.insert(recall.case.clone(), recall);
        }
        Ok(recalls)
    }
}

/// A reference that can be a file's name.
fn plain(case: &str) -> anyhow::Result<&str> {
    let plain = case.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    ensure!(
        plain && !case.is_empty(),
        "`{case}` is no reference of a case"
    );
    Ok(case)
}
