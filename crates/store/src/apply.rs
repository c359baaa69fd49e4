//! The one write: a transition in, an entry of the ledger out.

use disclosure::event::Facts;
use disclosure::{AgreementRef, Change, Concern, Mark, Telling, Transition};
use ledger::leaf::Hour;
use ledger::shares::SHARES;
use tokio::sync::oneshot;

use crate::agreement::{self, Recorded, StandingRecord};
use crate::append::{Batch, Seen};
use crate::commitment::{Erasure, Written, add_marks, audit_facts};
use crate::erase;
use crate::keys::{Keys, Pseudonym};
use crate::record::{CaseRecord, MessageRecord, canonical, code, facts};
use crate::registration::RegistrationRecord;
use crate::rows::{Session, int};
use crate::seal::Vault;
use crate::wishes::WishesRecord;
use crate::writer::Job;
use crate::{Store, StoreError};

pub use crate::record::{BODY_BYTES_MAX, CODE_BYTES_MAX, FACTS_BYTES_MAX};

/// What became of a transition that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Written, under this index of the ledger.
    Done {
        /// Index of the ledger entry.
        index: u64,
    },
    /// Had been written before, under this index; nothing has changed now.
    AlreadyDone {
        /// Index of the ledger entry written then.
        index: u64,
    },
}

impl Applied {
    /// Index of the ledger entry.
    pub fn index(self) -> u64 {
        match self {
            Applied::Done { index } | Applied::AlreadyDone { index } => index,
        }
    }
}

impl Store {
    /// Writes a transition, once: the case, its ledger entry and its messages, or nothing at all.
    /// When it returns `Ok`, the write is durable.
    ///
    /// A key that has been used is answered with [`Applied::AlreadyDone`], except when it now moves
    /// a case elsewhere than it did then: that is a lost race, and a [`StoreError::Conflict`].
    ///
    /// A change of an agreement is acknowledged only when every delivery authorised before it has
    /// been sent or cut off: see [`Store::deliver`].
    pub async fn apply(&self, transition: Transition) -> Result<Applied, StoreError> {
        let write = Box::new(Write::new(transition)?);
        let agreement = write.target.standing().map(|next| next.name.clone());
        let (reply, answer) = oneshot::channel();
        let applied = self.submit(Job::Apply { write, reply }, answer).await?;
        if let Some(agreement) = agreement {
            self.deliveries.settle(&agreement).await?;
        }
        Ok(applied)
    }
}

/// A transition made ready: everything that can be computed or refused without the database. Holds the
/// person's details, so it does not show itself.
pub(crate) struct Write {
    pub(crate) key: String,
    target: Target,
    pub(crate) kind: u16,
    pub(crate) at: i64,
    pub(crate) hour: Hour,
    pub(crate) case_id: Option<String>,
    pub(crate) audit: Vec<u8>,
    /// The personal facts where nobody is concerned.
    pub(crate) personal: Vec<u8>,
    /// What each person is told.
    pub(crate) concerns: Vec<Told>,
    pub(crate) telling: Telling,
    pub(crate) messages: Vec<MessageRecord>,
    marks: Vec<Mark>,
}

/// What an entry tells one person.
pub(crate) struct Told {
    /// Reference into the person index.
    pub(crate) person: String,
    pub(crate) is_subject: bool,
    pub(crate) facts: Vec<u8>,
}

impl Told {
    fn new(concern: Concern) -> Result<Told, StoreError> {
        Ok(Told {
            facts: facts("personal facts", canonical(&concern.facts))?,
            person: concern.person,
            is_subject: concern.is_subject,
        })
    }
}

/// Whether the entry is about the one person found, or nobody, so that it has no shares.
pub(crate) fn is_alone(concerns: &[Told]) -> bool {
    match concerns {
        [] => true,
        [one] => one.is_subject,
        _ => false,
    }
}

/// The personal facts where nobody is concerned, and what everybody is told; the marks stand in one
/// of them.
fn told(mut concerns: Vec<Concern>, marks: &[Mark]) -> Result<(Vec<u8>, Vec<Told>), StoreError> {
    if concerns.len() > SHARES {
        let (what, bytes) = ("list of people", concerns.len());
        let limit = SHARES;
        return Err(StoreError::TooLarge { what, bytes, limit });
    }
    let mut nobody = Facts::new();
    let first = concerns.first_mut();
    add_marks(
        first.map_or(&mut nobody, |concern| &mut concern.facts),
        marks,
    );
    let told = concerns.into_iter().map(Told::new);
    Ok((
        facts("personal facts", canonical(&nobody))?,
        told.collect::<Result<_, _>>()?,
    ))
}

enum Target {
    Open(CaseRecord),
    Move(CaseRecord, Option<AgreementRef>),
    Agreement(StandingRecord),
    Wishes(WishesRecord),
    Erase(erase::Cases),
    Register(RegistrationRecord),
    Nothing(Option<AgreementRef>),
}

impl Write {
    fn new(transition: Transition) -> Result<Write, StoreError> {
        let Transition {
            key,
            change,
            mut event,
            outbox,
            marks,
        } = transition;
        let target = match change {
            Change::Open(case) => Target::Open(CaseRecord::new(&case)?),
            Change::Move(case) => Target::Move(CaseRecord::new(&case)?, None),
            Change::MoveIfAgreementOpen(case, agreement) => {
                Target::Move(CaseRecord::new(&case)?, Some(agreement))
            }
            Change::Agreement(standing) => Target::Agreement(StandingRecord::new(&standing)?),
            Change::Erase(cases) => {
                let cases = cases.into_iter().map(|(id, version)| (id, int(version)));
                Target::Erase(cases.collect())
            }
            Change::Wishes(wishes) => Target::Wishes(WishesRecord::new(&wishes)?),
            Change::Register(next) => Target::Register(RegistrationRecord::new(&next)?),
            Change::Nothing => Target::Nothing(None),
            Change::NothingIfAgreementOpen(agreement) => Target::Nothing(Some(agreement)),
        };
        code("idempotency key", &key)?;
        code(
            "case reference",
            event.case_id.as_deref().unwrap_or_default(),
        )?;
        let messages = outbox
            .iter()
            .map(|message| MessageRecord::new(message, &event));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let at = event.at.as_microsecond();
        let marks = match target.case() {
            Some(_) => marks,
            None => Vec::new(),
        };
        let (personal, concerns) = told(std::mem::take(&mut event.concerns), &marks)?;
        let written = Written {
            key: &key,
            body_hash: target.body_hash(),
            messages: messages.iter().map(MessageRecord::hash).collect(),
            standing: target.standing().map(|next| next.hash(at)),
            wishes: target.wishes().map(WishesRecord::told),
            shares: if is_alone(&concerns) {
                0
            } else {
                concerns.len()
            },
        };
        let audit = facts("audit facts", audit_facts(&event, written))?;
        let seconds = u64::try_from(event.at.as_second()).unwrap_or_default();
        Ok(Write {
            key,
            target,
            kind: event.kind.number(),
            at,
            hour: Hour::from_unix_seconds(seconds),
            audit,
            personal,
            concerns,
            telling: event.telling,
            messages,
            case_id: event.case_id,
            marks,
        })
    }

    /// Hex SHA-256 of the case or registration as this writes it.
    pub(crate) fn body_hash(&self) -> Option<&str> {
        self.target.body_hash()
    }

    /// The people it is about, as the database knows them.
    pub(crate) fn people(&self, keys: &Keys) -> impl Iterator<Item = Pseudonym> {
        let people = self.concerns.iter();
        people.map(|told| keys.pseudonym(&told.person))
    }

    /// Writes the state and adds the entry to the batch. An `Ok(Err(..))` is a refusal that has
    /// written nothing; an `Err(..)` leaves the transaction fit for rollback only.
    pub(crate) async fn run<'w>(
        &'w self,
        session: &mut Session<'_>,
        batch: &mut Batch<'w>,
        vault: &mut Vault<'_>,
    ) -> Result<Result<Applied, StoreError>, StoreError> {
        if let Some(seen) = batch.seen(&self.key) {
            return Ok(self.again(seen));
        }
        let erased = match self.change(session, batch, vault).await? {
            Ok(erased) => erased,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let index = batch.add(session, self, erased, vault).await?;
        Ok(Ok(Applied::Done { index }))
    }

    /// The answer where the key has been used before.
    fn again(&self, seen: &Seen) -> Result<Applied, StoreError> {
        match &self.target {
            // A move drawn anew from the same version is another person's, and comes second.
            Target::Move(case, _) if seen.body_hash.as_ref() != Some(&case.body_hash) => {
                Err(self.conflict())
            }
            Target::Register(next) if seen.body_hash.as_ref() != Some(&next.body_hash) => {
                Err(self.conflict())
            }
            // A repeated request is drawn anew, with a new reference, and is still the same request.
            Target::Move(..)
            | Target::Open(_)
            | Target::Agreement(_)
            | Target::Wishes(_)
            | Target::Erase(_)
            | Target::Register(_)
            | Target::Nothing(_) => Ok(Applied::AlreadyDone { index: seen.index }),
        }
    }

    fn conflict(&self) -> StoreError {
        let standing = self.target.standing().map(|next| &next.name);
        let registration = match &self.target {
            Target::Register(next) => Some(&next.id),
            _ => None,
        };
        let what = standing.or(registration).or(self.case_id.as_ref());
        StoreError::Conflict {
            what: what.cloned().unwrap_or_default(),
        }
    }

    /// Changes the state, or refuses without having written anything. Returns what it erased.
    async fn change<'w>(
        &'w self,
        session: &mut Session<'_>,
        batch: &mut Batch<'w>,
        vault: &mut Vault<'_>,
    ) -> Result<Result<Option<Erasure>, StoreError>, StoreError> {
        if let Some(needed) = self.target.needs_open()
            && !agreement::is_open(session, needed).await?
        {
            let agreement = needed.name.clone();
            return Ok(Err(StoreError::AgreementNotOpen { agreement }));
        }
        let mut erased = None;
        let changed = match &self.target {
            Target::Nothing(_) => true,
            Target::Open(case) => match batch.slots.of_new_case(&case.id, vault)? {
                Some(slot) => {
                    batch.open(case, slot);
                    true
                }
                None => false,
            },
            Target::Move(case, _) => match batch.slots.of_case(&case.id) {
                Some(slot) => {
                    batch.flush_cases(session, vault).await?;
                    case.update(session, &case.seal(slot, vault)?).await?
                }
                None => false,
            },
            Target::Wishes(next) => next.write(session, batch, vault).await?,
            Target::Erase(cases) => {
                batch.flush_cases(session, vault).await?;
                erased = erase::erase(session, cases, &mut batch.slots, self.at).await?;
                erased.is_some()
            }
            Target::Register(next) => next.write(session, batch, vault).await?,
            Target::Agreement(next) => match next.write(session, self.at).await? {
                Recorded::Done => true,
                Recorded::Lost => false,
                Recorded::Altered => {
                    let agreement = next.name.clone();
                    return Ok(Err(StoreError::AgreementAltered { agreement }));
                }
            },
        };
        if !changed {
            return Ok(Err(self.conflict()));
        }
        if let Some(case) = self.target.case() {
            batch.mark(&case.id, &self.marks);
        }
        Ok(Ok(erased))
    }
}

impl Target {
    fn case(&self) -> Option<&CaseRecord> {
        match self {
            Target::Open(case) | Target::Move(case, _) => Some(case),
            Target::Agreement(_)
            | Target::Wishes(_)
            | Target::Erase(_)
            | Target::Register(_)
            | Target::Nothing(_) => None,
        }
    }

    fn body_hash(&self) -> Option<&str> {
        match self {
            Target::Register(next) => Some(&next.body_hash),
            _ => self.case().map(|case| case.body_hash.as_str()),
        }
    }

    fn standing(&self) -> Option<&StandingRecord> {
        match self {
            Target::Agreement(next) => Some(next),
            _ => None,
        }
    }

    fn wishes(&self) -> Option<&WishesRecord> {
        match self {
            Target::Wishes(next) => Some(next),
            _ => None,
        }
    }

    /// The agreement that must be open at the instant of the write (I7).
    fn needs_open(&self) -> Option<&AgreementRef> {
        match self {
            Target::Move(_, agreement) | Target::Nothing(agreement) => agreement.as_ref(),
            _ => None,
        }
    }
}
