//! The public log of this installation: signed, witnessed, shown, and never ahead of what may be
//! believed.
//!
//! A head is signed, cosigned, and public only once the policy's quorum is on it. Nothing is signed
//! before the witnesses have confirmed that they have not seen more of this log than there is here.
//! A contradiction (an older database, another history) stops signing and releases for good; a
//! witness out of reach stops them until it is back.

mod witness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use jiff::Timestamp;
use ledger::{
    AddCheckpoint, Checkpoint, Note, Policy, PublishError, Publisher, VerifierKey,
    verify_cosignature,
};
use store::StoreError;
use thiserror::Error;

use crate::cli::keys::read_secret;
use crate::settings::Log;
use witness::{WitnessClient, WitnessError};

/// Why nothing more became public.
#[derive(Debug, Error)]
pub enum LogError {
    /// The publisher failed or refused.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The database could not be read, or an entry is not what was recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The publisher stopped in the middle of its work.
    #[error("the publisher was interrupted; the next tick tries again")]
    Interrupted,
    /// Too few witnesses cosigned; the next tick asks again.
    #[error("the newest head waits for its witnesses: {0}")]
    Quorum(String),
    /// A witness contradicts this log. Nothing is signed or released until a person has looked.
    #[error("witness `{name}`: {source}")]
    Witness {
        /// Name of the witness.
        name: String,
        /// What it said.
        source: WitnessError,
    },
    /// The database is older than the log.
    #[error(
        "the database has {recorded} entries where {signed} are signed: never sign from an older \
         database; restore the newest one"
    )]
    OlderDatabase {
        /// Entries in the database.
        recorded: u64,
        /// Entries under the newest signed head.
        signed: u64,
    },
}

impl LogError {
    /// Whether it is a contradiction that no later try can mend.
    fn is_final(&self) -> bool {
        match self {
            LogError::Publish(error) => matches!(
                error,
                PublishError::Behind { .. }
                    | PublishError::Altered(_)
                    | PublishError::Forked { .. }
            ),
            LogError::Store(error) => error.is_fatal(),
            LogError::Interrupted | LogError::Quorum(_) => false,
            LogError::Witness { source, .. } => source.is_final(),
            LogError::OlderDatabase { .. } => true,
        }
    }
}

/// How far the log is behind what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not for long.
    Ok,
    /// Longer than the limit that warns.
    Late,
    /// So that nothing is released.
    Stopped(Limit),
}

/// Which limit stops releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The log has been behind for `stop_seconds`.
    Behind,
    /// The database, the log or a witness contradicts what was signed; a person has to look.
    Contradiction,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Limit; 2] = [Limit::Behind, Limit::Contradiction];

    /// The limit as a word.
    pub fn word(self) -> &'static str {
        match self {
            Limit::Behind => "behind",
            Limit::Contradiction => "contradiction",
        }
    }
}

impl Level {
    /// The level as a word.
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Late => "late",
            Level::Stopped(_) => "stopped",
        }
    }

    /// The limit that stops releases, if they are stopped.
    pub fn stopped_by(self) -> Option<Limit> {
        match self {
            Level::Ok | Level::Late => None,
            Level::Stopped(limit) => Some(limit),
        }
    }
}

/// How the log stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// How bad it is.
    pub level: Level,
    /// Seconds since not everything recorded could be made public.
    pub behind_seconds: u64,
    /// What went wrong last, while it has not been put right.
    pub why: Option<String>,
}

/// What is known of the trouble there is.
#[derive(Debug, Default)]
struct Trouble {
    since: Option<Timestamp>,
    why: Option<String>,
    is_final: bool,
}

/// The public log of this installation.
pub struct PublicLog {
    publisher: Mutex<Publisher>,
    policy: Policy,
    witnesses: Vec<WitnessClient>,
    /// When each witness of the policy cosigned last, as far as is known, in seconds since the epoch.
    cosigned: Mutex<BTreeMap<String, u64>>,
    /// Entries under the newest public head that the policy believes.
    published: AtomicU64,
    trouble: Mutex<Trouble>,
    limits: (u64, u64),
    /// Whether a quorum has confirmed since the start that it saw nothing newer.
    confirmed: Mutex<bool>,
    keys: Vec<VerifierKey>,
}

impl PublicLog {
    /// Opens the log with its keys and its policy.
    pub fn open(settings: &Log) -> anyhow::Result<PublicLog> {
        let key = read_secret(&settings.key_file).context("the log's key")?;
        let next = settings.next_key_file.as_deref().map(read_secret);
        let next = next.transpose().context("the log's next key")?;
        let keys = [Some(&key), next.as_ref()].into_iter().flatten();
        let keys: Vec<VerifierKey> = keys.map(|key| key.public().clone()).collect();
        let policy = match &settings.policy_file {
            Some(file) => crate::cli::read_policy(&file.display().to_string())?,
            None => Policy::log_alone(key.public().clone()),
        };
        for key in &keys {
            let listed =
                policy.logs().iter().any(|log| log.key == *key) || !policy.needs_witnesses();
            anyhow::ensure!(listed, "the policy does not list this log's key `{key}`");
            anyhow::ensure!(
                key.name() == keys[0].name(),
                "both keys of a log have its one name"
            );
        }
        let publisher = Publisher::open(&settings.folder, &settings.state_file, key);
        let mut publisher = publisher.context("the public log")?;
        if let Some(next) = next {
            publisher = publisher.with_next_signer(next);
        }
        let witnesses = policy.witnesses().iter().filter_map(WitnessClient::new);
        let log = PublicLog {
            witnesses: witnesses.collect(),
            cosigned: Mutex::default(),
            published: AtomicU64::new(0),
            trouble: Mutex::default(),
            limits: (settings.warn_seconds, settings.stop_seconds),
            confirmed: Mutex::new(!policy.needs_witnesses()),
            publisher: Mutex::new(publisher),
            policy,
            keys,
        };
        log.note_published();
        if let Some(head) = log.head() {
            log.note_cosigned(&head);
        }
        Ok(log)
    }

    /// Entries under the newest public head that the policy believes.
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Acquire)
    }

    /// Entries under the public head, whoever has cosigned it.
    pub fn size(&self) -> u64 {
        self.publisher().size()
    }

    /// The public head, once there is one.
    pub fn head(&self) -> Option<Note> {
        self.publisher().head().cloned()
    }

    /// The public keys heads are signed with: one, or two while one takes over.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// Makes the leaves from index `first` on public, as far as the witnesses allow.
    pub fn advance<T: AsRef<[u8]>>(
        &self,
        recorded: u64,
        first: u64,
        leaves: &[T],
    ) -> Result<(), LogError> {
        let mut confirmed = self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !*confirmed {
            // An empty head contradicts nothing, so even a new log can ask before it signs.
            if self.publisher().newest().is_none() {
                self.publisher().sign::<T>(0, &[])?;
            }
            self.witness()?;
            *confirmed = true;
        }
        let signed = self.size();
        if recorded < signed {
            return Err(LogError::OlderDatabase { recorded, signed });
        }
        tracing::trace!(recorded, "signs");
        self.publisher().sign(first, leaves)?;
        tracing::trace!("has signed");
        self.witness()
    }

    /// Has the newest head cosigned, and shows it once there is a quorum.
    fn witness(&self) -> Result<(), LogError> {
        let Some(head) = self.publisher().newest().cloned() else {
            return Ok(());
        };
        let mut problem = None;
        if self.policy.check(&head).is_err() {
            tracing::trace!("asks the witnesses");
            problem = self.ask_all(&head)?;
        }
        let mut publisher = self.publisher();
        let newest = publisher.newest().map(|note| self.policy.check(note));
        if let Some(Err(distrust)) = newest {
            let why = problem.unwrap_or_default();
            return Err(LogError::Quorum(format!("{distrust}{why}")));
        }
        tracing::trace!("makes the head public");
        publisher.release()?;
        drop(publisher);
        tracing::trace!("the head is public");
        self.note_published();
        Ok(())
    }

    /// Asks every witness side by side; the last problem that another try may mend comes back.
    fn ask_all(&self, head: &Note) -> Result<Option<String>, LogError> {
        let size = head
            .text()
            .parse::<Checkpoint>()
            .map_or(0, |head| head.size);
        let ask = |witness: &WitnessClient| witness.ask(size, |old| self.request(old));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = self
                .witnesses
                .iter()
                .map(|witness| (witness, scope.spawn(move || ask(witness))))
                .collect();
            let answered = asked.into_iter().map(|(witness, asked)| {
                (witness, asked.join().unwrap_or(Err(WitnessError::Answer)))
            });
            answered.collect()
        });
        let mut problem = None;
        for (witness, answer) in answers {
            match answer {
                Ok(lines) => {
                    let keys = [witness.key.clone()];
                    let cosigned = self.publisher().add_cosignatures(&lines, &keys)?.cloned();
                    cosigned.iter().for_each(|head| self.note_cosigned(head));
                }
                Err(source) if source.is_final() => {
                    let name = witness.name.clone();
                    return Err(LogError::Witness { name, source });
                }
                Err(error) => {
                    tracing::warn!(witness = %witness.name, %error, "a witness did not cosign");
                    problem = Some(format!("; `{}` {error}", witness.name));
                }
            }
        }
        Ok(problem)
    }

    fn request(&self, old: u64) -> Result<AddCheckpoint, String> {
        let proved = self.publisher().prove_newest(old);
        let (proof, note) = proved
            .ok_or("nothing is signed yet")?
            .map_err(|error| error.to_string())?;
        // From nothing, and to the same head, there is nothing to prove.
        Ok(AddCheckpoint { old, proof, note })
    }

    /// Remembers how a try to publish ended.
    pub fn note_outcome(&self, outcome: &Result<(), LogError>, now: Timestamp) {
        let mut trouble = self.trouble();
        // A contradiction stays until a person has looked and started the service again.
        if trouble.is_final {
            return;
        }
        *trouble = match outcome {
            Ok(()) => Trouble::default(),
            Err(error) => Trouble {
                since: trouble.since.or(Some(now)),
                why: Some(error.to_string()),
                is_final: error.is_final(),
            },
        };
    }

    /// Whether a contradiction has stopped the log for good.
    pub fn is_refused(&self) -> bool {
        self.trouble().is_final
    }

    /// How the log stands.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let trouble = self.trouble();
        let behind = trouble
            .since
            .map_or(0, |since| now.as_second() - since.as_second());
        let behind_seconds = u64::try_from(behind).unwrap_or_default();
        let (warn, stop) = self.limits;
        let level = match behind_seconds {
            _ if trouble.is_final => Level::Stopped(Limit::Contradiction),
            seconds if seconds >= stop && trouble.since.is_some() => Level::Stopped(Limit::Behind),
            seconds if seconds >= warn && trouble.since.is_some() => Level::Late,
            _ => Level::Ok,
        };
        Standing {
            level,
            behind_seconds,
            why: trouble.why.clone(),
        }
    }

    fn note_published(&self) {
        let publisher = self.publisher();
        let believed = publisher
            .head()
            .is_some_and(|head| self.policy.check(head).is_ok());
        let size = if believed { publisher.size() } else { 0 };
        self.published.store(size, Ordering::Release);
    }

    /// When each witness of the policy cosigned last, in seconds since the epoch; 0 as long as that is not
    /// known.
    pub fn cosigned(&self) -> Vec<(String, u64)> {
        let cosigned = self.cosigned.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |name: &str| cosigned.get(name).copied().unwrap_or_default();
        let witnesses = self.policy.witnesses().iter();
        witnesses
            .map(|party| (party.name.clone(), at(&party.name)))
            .collect()
    }

    fn note_cosigned(&self, head: &Note) {
        let mut cosigned = self.cosigned.lock().unwrap_or_else(PoisonError::into_inner);
        for party in self.policy.witnesses() {
            if let Ok(at) = verify_cosignature(head, &party.key) {
                let newest = cosigned.entry(party.name.clone()).or_default();
                *newest = at.max(*newest);
            }
        }
    }

    fn publisher(&self) -> MutexGuard<'_, Publisher> {
        self.publisher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
