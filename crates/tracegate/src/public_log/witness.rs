//! The client of a witness (c2sp.org/tlog-witness).

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::note::parse_signatures;
use ledger::policy::Party;
use ledger::{AddCheckpoint, SignatureLine, VerifierKey};
use thiserror::Error;

use crate::remote::Remote;

/// Longest wait for one witness: the next tick asks it again.
const WAIT: Duration = Duration::from_secs(5);
/// Questions in one go: a witness that names another size each time is not asked for ever.
const QUESTIONS_MAX: usize = 3;

/// Why a witness did not cosign.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// It could not be reached.
    #[error("out of reach: {0}")]
    Reach(#[from] io::Error),
    /// It has seen more of this log than there is here.
    #[error(
        "it has seen {seen} entries and there are only {here} here: this is an older copy; restore \
         the newest database and state file"
    )]
    Ahead {
        /// Size of the head it saw.
        seen: u64,
        /// Size of the newest head here.
        here: u64,
    },
    /// It has seen another history of this log.
    #[error("it has seen another history of this log: the head does not continue what it cosigned")]
    Contradiction,
    /// Any other refusal.
    #[error("it answers {0}")]
    Status(u16),
    /// What it answered is not in the protocol.
    #[error("its answer is malformed")]
    Answer,
    /// The proof for it could not be made.
    #[error("no proof for it: {0}")]
    Proof(String),
}

impl WitnessError {
    /// Whether it says that nothing may be signed here any more.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            WitnessError::Ahead { .. } | WitnessError::Contradiction
        )
    }
}

/// A witness that can be asked.
pub struct WitnessClient {
    /// Its name in the policy.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    remote: Remote,
    /// Size of the head it cosigned last, as far as is known here.
    seen: AtomicU64,
}

impl WitnessClient {
    /// The witness of this line of a policy; `None` when the line has no address.
    pub fn new(party: &Party) -> Option<WitnessClient> {
        Some(WitnessClient {
            name: party.name.clone(),
            key: party.key.clone(),
            remote: Remote::patient(party.url.as_deref()?, WAIT),
            seen: AtomicU64::new(0),
        })
    }

    /// Asks for cosignatures. `request` makes the request from the size the witness saw last, for
    /// a head of `size` entries.
    pub fn ask(
        &self,
        size: u64,
        request: impl Fn(u64) -> Result<AddCheckpoint, String>,
    ) -> Result<Vec<SignatureLine>, WitnessError> {
        let mut old = self.seen.load(Ordering::Acquire);
        for _ in 0..QUESTIONS_MAX {
            let request = request(old).map_err(WitnessError::Proof)?;
            let (status, body) = self.remote.post("add-checkpoint", &request.to_string())?;
            let body = String::from_utf8(body).map_err(|_| WitnessError::Answer)?;
            match status {
                200 => {
                    self.seen.store(size, Ordering::Release);
                    return parse_signatures(&body).map_err(|_| WitnessError::Answer);
                }
                409 => {
                    let seen = body.trim_end().parse().map_err(|_| WitnessError::Answer)?;
                    if seen > size {
                        return Err(WitnessError::Ahead { seen, here: size });
                    }
                    old = seen;
                }
                422 => return Err(WitnessError::Contradiction),
                status => return Err(WitnessError::Status(status)),
            }
        }
        Err(WitnessError::Answer)
    }
}
