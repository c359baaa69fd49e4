//! `tracegate agency open` and `verify`: packages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::Client;
use super::folder::{self, Folder};
use crate::chance::Chance;
use crate::cli::keys::write_private;
use crate::cli::ledger::{not_verified, read};
use crate::cli::{Exit, Format, print_json};
use crate::clock::Clock;
use crate::package::{Opened, Trusted, open as open_package};

#[derive(Args)]
pub struct OpenArgs {
    /// Reference of a case to collect, or a package file
    package: String,
    /// File to write the record to; only its owner may read it. Standard output otherwise
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder for record, signed manifest, proof and entry as single files
    #[arg(long, value_name = "DIR")]
    parts: Option<PathBuf>,
    #[command(flatten)]
    checked: Checked,
}

#[derive(Args)]
pub struct VerifyArgs {
    /// Package file
    package: PathBuf,
    #[command(flatten)]
    checked: Checked,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Whose package, and when.
#[derive(Args)]
struct Checked {
    /// The agency's folder
    #[arg(long, default_value = folder::DEFAULT)]
    folder: PathBuf,
    /// The instant to check the data life at, instead of now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

pub fn open(args: &OpenArgs) -> anyhow::Result<Exit> {
    let folder = Folder::open(&args.checked.folder)?;
    let file = Path::new(&args.package);
    let sealed = if file.exists() {
        read(file)?
    } else {
        collect(&folder, &args.package)?
    };
    let opened = match check(&folder, &sealed, &args.checked)? {
        Ok(opened) => opened,
        Err(problem) => return not_verified(Format::Text, &problem, &Value::Null),
    };
    tell(&opened);
    if let Some(parts) = &args.parts {
        write_parts(&opened, parts)?;
    }
    match &args.out {
        Some(out) => write_private(out, opened.bundle.as_bytes())?,
        None if args.parts.is_some() => {}
        None => println!("{}", opened.bundle),
    }
    Ok(Exit::Done)
}

pub fn verify(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let folder = Folder::open(&args.checked.folder)?;
    let opened = match check(&folder, &read(&args.package)?, &args.checked)? {
        Ok(opened) => opened,
        Err(problem) => return not_verified(args.format, &problem, &Value::Null),
    };
    if args.format == Format::Json {
        let manifest = &opened.manifest;
        print_json(&json!({
            "verified": true,
            "case": manifest.case,
            "agreement": manifest.agreement,
            "fields": manifest.fields.split(' ').collect::<Vec<_>>(),
            "entry": manifest.entry,
            "witnesses": opened.witnesses.keys().collect::<Vec<_>>(),
            "data_life_until": manifest.data_life_until,
            "onward_rule": manifest.onward_rule,
            "outcome_due_at": manifest.outcome_due_at,
        }))?;
    } else {
        tell(&opened);
    }
    Ok(Exit::Done)
}

/// Collects the package of a case. The key of the call is kept before it is made, so that a broken
/// connection loses nothing.
fn collect(folder: &Folder, case: &str) -> anyhow::Result<Vec<u8>> {
    let file = folder.package(case)?;
    if file.exists() {
        eprintln!("collected before: `{}`", file.display());
        return read(&file);
    }
    let key_file = file.with_extension("request-id");
    if !key_file.exists() {
        write_private(&key_file, Chance::system()?.token().as_bytes())?;
    }
    let key = fs::read_to_string(&key_file)?;
    let client = Client::of(folder)?;
    let path = format!("requests/{case}/package");
    let sealed = client.post_for_bytes(&path, &[("x-request-id", &key)])?;
    write_private(&file, &sealed)?;
    let receipt = client.get_text(&format!("requests/{case}/receipt"))?;
    fs::write(file.with_extension("receipt"), receipt)
        .with_context(|| format!("the receipt of `{case}`"))?;
    eprintln!("collected once, with its receipt: `{}`", file.display());
    Ok(sealed)
}

/// Opens a package; the problem where it is not to be believed.
fn check(
    folder: &Folder,
    sealed: &[u8],
    checked: &Checked,
) -> anyhow::Result<Result<Opened, String>> {
    let trusted = Trusted {
        organization: &folder.settings.organization,
        identity: &folder.identity()?,
        gate: &folder.gate_key()?,
        policy: &folder.policy()?,
        recalls: &folder.recalls()?,
        now: checked.at.unwrap_or_else(|| Clock::system().now()),
    };
    Ok(open_package(sealed, &trusted).map_err(|error| error.to_string()))
}

/// Says what was checked and what the agency owes; nothing of the record.
fn tell(opened: &Opened) {
    let manifest = &opened.manifest;
    let witnesses: Vec<&str> = opened.witnesses.keys().map(String::as_str).collect();
    let witnesses = match witnesses.as_slice() {
        [] => "none asked for".to_owned(),
        names => names.join(", "),
    };
    eprintln!(
        "package verified: {} under {}\nlog         entry {}, witnesses: {witnesses}\nfields      {}\n\
         destroy by  {}\nonward      {}\noutcome due {}",
        manifest.case,
        manifest.agreement,
        manifest.entry,
        manifest.fields,
        manifest.data_life_until,
        manifest.onward_rule,
        manifest.outcome_due_at
    );
}

fn write_parts(opened: &Opened, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let parts: [(&str, &[u8]); 4] = [
        ("bundle.json", opened.bundle.as_bytes()),
        ("manifest.note", opened.note.as_bytes()),
        ("release.tlog-proof", opened.proof.as_bytes()),
        ("release.tlog-proof.entry", &opened.entry),
    ];
    for (name, bytes) in parts {
        write_private(&folder.join(name), bytes)?;
    }
    eprintln!("wrote four files to `{}`", folder.display());
    Ok(())
}
