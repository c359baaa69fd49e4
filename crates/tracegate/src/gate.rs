//! An open installation: the engines, the store, the publisher, the clock.

mod agreements;
pub mod people;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use agreement::Library;
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use ledger::SignerKey;
use matcher::Model;
use sha2::{Digest as _, Sha256};
use store::Store;

use agreements::{Agreements, lengths};
use people::{Living, People, PeopleError};

use crate::chance::Chance;
use crate::cli::keys::read_secret;
use crate::clock::Clock;
use crate::email::Mailer;
use crate::pipeline::batch::Reading;
use crate::pipeline::publication;
use crate::public_log::PublicLog;
use crate::settings::Settings;
use crate::webhooks::Webhooks;

/// An open installation.
pub struct Gate {
    pub settings: Settings,
    pub store: Store,
    agreements: Agreements,
    living: Living,
    pub model: Model,
    pub clock: Clock,
    pub chance: Arc<Chance>,
    /// Key of the hashes by which requests about one person are counted. Drawn from the log's first
    /// secret key, so that an installation has one secret to keep.
    pub marks_key: [u8; 32],
    /// Key of the tokens that machines are given, drawn from that of the marks.
    pub tokens_key: [u8; 32],
    /// The public log.
    pub log: Arc<PublicLog>,
    /// The key that signs packages, where this installation makes any.
    pub signer: Option<SignerKey>,
    /// The agencies' machines that are told.
    pub webhooks: Webhooks,
    /// What sends e-mails, where the settings name a server.
    pub mailer: Option<Mailer>,
    /// Batches that are being read.
    pub reading: Reading,
    /// When maintenance was last begun, in microseconds since 1970.
    maintained: AtomicI64,
}

impl Gate {
    /// Opens everything an installation needs, or says what is missing.
    pub async fn open(settings: Settings, clock: Clock, chance: Chance) -> anyhow::Result<Gate> {
        let chance = Arc::new(chance);
        let mut library = load_library(&settings.agreements)?;
        let status_logs = lengths(&settings.agreements, &library);
        let living = Living::open(&settings.index)
            .context("the person index; build one with `tracegate index build`")?;
        let store = open_store(&settings, &chance).await?;
        let published = publication::published(&store, &library).await;
        library.withhold_unpublished(&published.context("the agreements published")?);
        for id in library.withheld_in_force(clock.now()) {
            tracing::warn!(
                agreement = %id,
                "nothing is judged under it: its publication is not in the log; publish it"
            );
        }
        let log = &settings.log;
        let marks = read_secret(log.marks_key_file.as_ref().unwrap_or(&log.key_file));
        let secret = marks.context("the key of the marks")?.to_secret_text();
        let marks_key: [u8; 32] =
            Sha256::digest(["tracegate marks ", secret.as_str()].concat()).into();
        let tokens_key = [&b"tracegate tokens "[..], &marks_key].concat();
        let log = Arc::new(PublicLog::open(log)?);
        let signer = settings.package_key_file.as_deref().map(read_secret);
        let signer = signer.transpose().context("the key of packages")?;
        let webhooks = Webhooks::open(&settings)?;
        let mailer = settings.email.as_ref().map(Mailer::open);
        let mailer = mailer.transpose().context("`[email]`")?;
        let agreements = Agreements::new(&settings.agreements, library, status_logs);
        Ok(Gate {
            model: Model::default(),
            settings,
            store,
            agreements,
            living,
            clock,
            chance,
            marks_key,
            tokens_key: Sha256::digest(tokens_key).into(),
            log,
            signer,
            webhooks,
            mailer,
            reading: Reading::default(),
            maintained: AtomicI64::new(i64::MIN),
        })
    }

    /// The people as they were taken in last.
    pub fn people(&self) -> Arc<People> {
        self.living.now()
    }

    /// The people with every registration that is written by now: what a trace looks through.
    pub async fn fresh_people(&self) -> Result<Arc<People>, PeopleError> {
        self.living
            .fresh(&self.store, &self.settings.practices)
            .await
    }

    /// Whether maintenance was last begun `every` ago or longer; if so, it counts as begun now.
    pub fn maintenance_due(&self, now: Timestamp, every: SignedDuration) -> bool {
        let now = now.as_microsecond();
        let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX);
        let due = |last: i64| (now.saturating_sub(last) >= every).then_some(now);
        let set = self
            .maintained
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, due);
        set.is_ok()
    }

    /// The agreements as they bind now. One step looks at one library from beginning to end.
    pub fn agreements(&self) -> Arc<Library> {
        self.agreements.now()
    }

    /// Whether a library knows all that the status log of an agreement says at this instant.
    pub fn is_read(&self, library: &Library, agreement: &str) -> bool {
        self.agreements.are_read(library, agreement)
    }
}

/// Opens the database with salts drawn from `chance`.
pub async fn open_store(settings: &Settings, chance: &Arc<Chance>) -> anyhow::Result<Store> {
    let salts = Arc::clone(chance);
    Store::open(
        &settings.database,
        &settings.keys,
        Box::new(move |salt| *salt = salts.bytes()),
    )
    .await
    .context("the database")
}

/// Loads and checks the agreements; every fault is printed with file, line and remedy.
pub fn load_library(folder: &Path) -> anyhow::Result<Library> {
    Library::load(folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(
            "{} in the agreements in `{}`\n{}",
            match faults.len() {
                1 => "1 fault".to_owned(),
                count => format!("{count} faults"),
            },
            folder.display(),
            shown.join("\n")
        )
    })
}
