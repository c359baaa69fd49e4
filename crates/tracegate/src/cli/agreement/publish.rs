//! `tracegate agreement publish` and `narrow`: what changes which text binds, in a data folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agreement::{EventKind, Library, VersionId};
use anyhow::{Context as _, bail};
use disclosure::Actor;
use jiff::Timestamp;
use store::Store;

use super::{find, now};
use crate::chance::Chance;
use crate::cli::Exit;
use crate::cli::serve::runtime;
use crate::gate::{load_library, open_store};
use crate::pipeline::narrowing::{self, Narrowing};
use crate::pipeline::publication;
use crate::settings::Settings;

pub const PUBLISH_HELP: &str = "Examples:\n  \
    tracegate agreement publish fire-service/2027-01-01 --data data --by cg-dr-miriam-okafor\n  \
    tracegate agreement publish fire-service/2027-01-01 --data data --by cg-dr-anton-keller --confirm\n\n\
    The first guardian proposes, the second confirms. It needs a consultation, ethics advice, a valid\n\
    public-interest test and a public address, comes before the version takes effect, and a day before\n\
    where the version permits more than what is in force. The hash of every file becomes an entry of\n\
    the public log; an agreement that is not there is never judged with.";

pub const NARROW_HELP: &str = "Examples:\n  \
    tracegate agreement narrow police-serious-crime/2026-01-01 --rules overlay.cedar \\\n    \
    --data data --by cg-dr-miriam-okafor --reason \"requests without a warrant\"\n\n\
    The rules are forbids with @id, @clause, @text, @outcome and @fix. That they only narrow is proved\n\
    first. They bite at once: a running service judges with them from then on, and a release that waits\n\
    for collection loses what they take away. There is no command that takes an overlay back; a new version does.";

#[derive(clap::Args)]
pub struct Publish {
    /// `AGREEMENT/VERSION`
    name: VersionId,
    /// Data folder with `tracegate.toml`
    #[arg(long)]
    data: PathBuf,
    /// Identity of the guardian
    #[arg(long)]
    by: String,
    /// Be the second person, who confirms
    #[arg(long)]
    confirm: bool,
}

#[derive(clap::Args)]
pub struct Narrow {
    /// `AGREEMENT/VERSION`
    name: VersionId,
    /// Cedar file with the further rules
    #[arg(long)]
    rules: PathBuf,
    /// Data folder with `tracegate.toml`
    #[arg(long)]
    data: PathBuf,
    /// Identity of the guardian
    #[arg(long)]
    by: String,
    /// Why, for everybody to read
    #[arg(long)]
    reason: String,
}

/// A data folder, open for a guardian.
struct Folder {
    settings: Settings,
    agreements: Library,
    by: Actor,
}

impl Folder {
    fn open(data: &Path, by: &str) -> anyhow::Result<Folder> {
        let settings = Settings::load(data)?;
        let Some(by) = settings.actor(by) else {
            bail!("nobody of this name is set up in the data folder; see `tracegate.toml`")
        };
        let library = load_library(&settings.agreements)?;
        Ok(Folder {
            settings,
            agreements: library,
            by,
        })
    }

    async fn store(&self) -> anyhow::Result<Store> {
        open_store(&self.settings, &Arc::new(Chance::system()?)).await
    }

    /// What time it is. A demonstration has a clock of its own, which is never behind its last entry.
    async fn now(&self) -> anyhow::Result<Timestamp> {
        if !self.settings.demonstration {
            return Ok(now());
        }
        let store = self.store().await?;
        let size = store.ledger_size().await?;
        let last = store.entry(size.saturating_sub(1)).await?;
        store.close().await?;
        Ok(last.map_or_else(now, |last| last.row.at))
    }

    /// Adds a line to the status log of an agreement.
    fn append(&self, agreement: &str, line: &str) -> anyhow::Result<()> {
        let path = self
            .settings
            .agreements
            .join(agreement)
            .join("events.jsonl");
        let written = std::fs::OpenOptions::new().append(true).open(&path);
        let written = written.and_then(|mut file| {
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }
}

pub fn publish(args: &Publish) -> anyhow::Result<Exit> {
    let mut folder = Folder::open(&args.data, &args.by)?;
    find(&folder.agreements, &args.name)?;
    let (id, at) = (&args.name, now());
    let index = runtime()?.block_on(async {
        let (store, library, by) = (folder.store().await?, &folder.agreements, &folder.by);
        let applied = if args.confirm {
            publication::confirm(&store, library, by, id, at).await?
        } else {
            publication::propose(&store, library, by, id, at).await?
        };
        store.close().await?;
        anyhow::Ok(applied.index())
    })?;
    let (kind, what) = if args.confirm {
        (EventKind::InForce, "published")
    } else {
        (
            EventKind::Agreed,
            "proposed; another guardian confirms with `--confirm`",
        )
    };
    let authority = folder.by.name.clone();
    let line = folder.agreements.enter(id, kind, at, &authority);
    if let Some(line) = line.map_err(anyhow::Error::msg)? {
        folder.append(&id.agreement, &line)?;
    }
    println!("{id}: {what}; entry {index} of the log");
    Ok(Exit::Done)
}

pub fn narrow(args: &Narrow) -> anyhow::Result<Exit> {
    let folder = Folder::open(&args.data, &args.by)?;
    find(&folder.agreements, &args.name)?;
    let rules = std::fs::read_to_string(&args.rules)
        .with_context(|| format!("cannot read `{}`", args.rules.display()))?;
    let narrowing = Narrowing {
        id: &args.name,
        rules,
        reason: &args.reason,
        source: "entered on the command line",
    };
    let proof = runtime()?.block_on(async {
        let (store, at) = (folder.store().await?, folder.now().await?);
        let shelf = (
            &store,
            folder.settings.agreements.as_path(),
            &folder.agreements,
        );
        let proof = narrowing::narrow(shelf, &narrowing, &folder.by, at).await?;
        store.close().await?;
        anyhow::Ok(proof)
    })?;
    println!("{}: narrowed; proved to permit nothing new", args.name);
    for change in &proof.narrowings {
        println!("  {} {}", change.clause, change.text);
    }
    Ok(Exit::Done)
}
