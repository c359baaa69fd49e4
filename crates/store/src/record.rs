//! What the database holds of a case, a message and an event, and what is too large or too odd for it.

use disclosure::request::Priority;
use disclosure::{AgreementRef, Case, Event, Message, Request};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::StoreError;
use crate::commitment::digest;
use crate::keys::Pseudonym;
use crate::rows::{Row, Session, Value, int};
use crate::seal::Vault;

/// Largest case: 40 texts of 2,000 characters of 4 bytes, and 100 candidates with 4 KiB of evidence
/// each, are 0.75 MB.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Largest half of an event; facts are codes and short notes.
pub const FACTS_BYTES_MAX: usize = 64 << 10;
/// Longest reference, key or code: an index entry of PostgreSQL holds 2,700 bytes, for up to two of them.
pub const CODE_BYTES_MAX: usize = 1_000;

/// The row of a case. Holds the person's details, so it does not show itself.
pub(crate) struct CaseRecord {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) state: &'static str,
    pub(crate) ending: Option<&'static str>,
    pub(crate) agreement: Option<AgreementRef>,
    pub(crate) agency: String,
    pub(crate) officer: String,
    pub(crate) purpose: String,
    pub(crate) priority: &'static str,
    pub(crate) received_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) answer_at: Option<i64>,
    pub(crate) download_until: Option<i64>,
    pub(crate) outcome_due_at: Option<i64>,
    pub(crate) deferred_until: Option<i64>,
    pub(crate) assignee: Option<String>,
    /// Reference of the person found.
    pub(crate) found: Option<String>,
    pub(crate) body: String,
    pub(crate) body_hash: String,
}

/// The columns of a new case.
pub(crate) const CASE_COLUMNS: &str = "id, version, state, ending, agreement, agreement_hash, agency,
    purpose, priority, received_at, expires_at, answer_at, sealed, officer, download_until, key_slot,
    subject, outcome_due_at, deferred_until, assignee";

/// What is written of the case itself: sealed, and about whom.
pub(crate) struct SealedCase {
    pub(crate) slot: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) subject: Option<Pseudonym>,
}

#[derive(Debug)]
pub(crate) struct MessageRecord {
    pub(crate) topic: &'static str,
    pub(crate) case_id: String,
    pub(crate) body: String,
    pub(crate) not_before: i64,
}

impl CaseRecord {
    pub(crate) fn new(case: &Case) -> Result<CaseRecord, StoreError> {
        let request = &case.request;
        code("case reference", &case.id)?;
        code("agency", &request.requester.organization)?;
        code("purpose", &request.purpose)?;
        if let Some(agreement) = &case.agreement {
            code("agreement", &agreement.name)?;
            code("agreement hash", &agreement.hash)?;
        }
        let body = body(case)?;
        Ok(CaseRecord {
            id: case.id.clone(),
            version: int(case.version),
            state: case.state.code(),
            ending: case.ending.map(disclosure::Ending::code),
            agreement: case.agreement.clone(),
            agency: request.requester.organization.clone(),
            officer: officer(request),
            purpose: request.purpose.clone(),
            priority: priority_code(request.priority),
            received_at: case.received_at.as_microsecond(),
            expires_at: case.expires_at.as_microsecond(),
            answer_at: case.answer_at.map(Timestamp::as_microsecond),
            download_until: case.download_until().map(Timestamp::as_microsecond),
            outcome_due_at: case.outcome_due_at().map(Timestamp::as_microsecond),
            deferred_until: case.deferred_until().map(Timestamp::as_microsecond),
            assignee: case.assignee.as_ref().map(|by| by.id.clone()),
            found: case.concerned().found,
            body_hash: hex::encode(Sha256::digest(&body)),
            body,
        })
    }

    pub(crate) fn seal(&self, slot: u64, vault: &mut Vault<'_>) -> Result<SealedCase, StoreError> {
        let found = self.found.as_deref();
        Ok(SealedCase {
            slot,
            bytes: vault.seal_case(slot, &self.id, &self.body)?,
            subject: found.map(|one| vault.keys.pseudonym(one)),
        })
    }

    /// The row, in the order of [`CASE_COLUMNS`].
    pub(crate) fn row<'r>(&'r self, sealed: &'r SealedCase) -> [Value<'r>; 20] {
        let [id, version, state, ending, agreement, agreement_hash] = self.identity();
        [
            id,
            version,
            state,
            ending,
            agreement,
            agreement_hash,
            Value::Text(&self.agency),
            Value::Text(&self.purpose),
            Value::Text(self.priority),
            Value::Int(self.received_at),
            Value::Int(self.expires_at),
            Value::OptInt(self.answer_at),
            Value::Bytes(&sealed.bytes),
            Value::Text(&self.officer),
            Value::OptInt(self.download_until),
            Value::Int(int(sealed.slot)),
            Value::OptBytes(sealed.subject.as_ref().map(Pseudonym::as_slice)),
            Value::OptInt(self.outcome_due_at),
            Value::OptInt(self.deferred_until),
            Value::OptText(self.assignee.as_deref()),
        ]
    }

    /// Whether the case still had the version before this one.
    pub(crate) async fn update(
        &self,
        session: &mut Session<'_>,
        sealed: &SealedCase,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE cases SET version = $2, state = $3, ending = $4, agreement = $5,
                       agreement_hash = $6, purpose = $7, priority = $8, expires_at = $9,
                       answer_at = $10, sealed = $11, download_until = $12,
                       subject = COALESCE($13, subject), outcome_due_at = $14,
                       deferred_until = $15, assignee = $16
                   WHERE id = $1 AND version = $2 - 1 AND erased_at IS NULL";
        let [id, version, state, ending, agreement, agreement_hash] = self.identity();
        let values = [
            id,
            version,
            state,
            ending,
            agreement,
            agreement_hash,
            Value::Text(&self.purpose),
            Value::Text(self.priority),
            Value::Int(self.expires_at),
            Value::OptInt(self.answer_at),
            Value::Bytes(&sealed.bytes),
            Value::OptInt(self.download_until),
            Value::OptBytes(sealed.subject.as_ref().map(Pseudonym::as_slice)),
            Value::OptInt(self.outcome_due_at),
            Value::OptInt(self.deferred_until),
            Value::OptText(self.assignee.as_deref()),
        ];
        Ok(session.execute(sql, &values).await? == 1)
    }

    /// Whether the columns that repeat parts of the case still say what it says.
    pub(crate) fn agrees(&self, row: &Row) -> Result<bool, StoreError> {
        let (name, hash) = match &self.agreement {
            Some(agreement) => (Some(&agreement.name), Some(&agreement.hash)),
            None => (None, None),
        };
        let text = |column| row.get::<Option<String>>(column);
        let texts = text("ending")?.as_deref() == self.ending
            && text("agreement")?.as_ref() == name
            && text("agreement_hash")?.as_ref() == hash
            && text("agency")?.as_ref() == Some(&self.agency)
            && text("id")?.as_ref() == Some(&self.id)
            && text("state")?.as_deref() == Some(self.state)
            && text("officer")?.as_ref() == Some(&self.officer)
            && text("assignee")? == self.assignee
            && text("purpose")?.as_ref() == Some(&self.purpose)
            && text("priority")?.as_deref() == Some(self.priority);
        let time = |column| row.get::<Option<i64>>(column);
        Ok(texts
            && time("received_at")? == Some(self.received_at)
            && time("expires_at")? == Some(self.expires_at)
            && time("version")? == Some(self.version)
            && time("answer_at")? == self.answer_at
            && time("download_until")? == self.download_until
            && time("outcome_due_at")? == self.outcome_due_at
            && time("deferred_until")? == self.deferred_until)
    }

    fn identity(&self) -> [Value<'_>; 6] {
        let agreement = self.agreement.as_ref();
        [
            Value::Text(&self.id),
            Value::Int(self.version),
            Value::Text(self.state),
            Value::OptText(self.ending),
            Value::OptText(agreement.map(|agreement| agreement.name.as_str())),
            Value::OptText(agreement.map(|agreement| agreement.hash.as_str())),
        ]
    }
}

impl MessageRecord {
    pub(crate) fn new(message: &Message, event: &Event) -> Result<MessageRecord, StoreError> {
        let (topic, case_id, not_before) = match message {
            Message::Work { case_id } => ("work", case_id, event.at),
            Message::Notify { case_id, at, .. } => ("notify", case_id, *at),
        };
        code("case reference", case_id)?;
        let body = serde_json::to_string(message)
            .map_err(|_| StoreError::Unstorable { what: "message" })?;
        Ok(MessageRecord {
            topic,
            case_id: case_id.clone(),
            body,
            not_before: not_before.as_microsecond(),
        })
    }

    /// Hash of what never changes of it.
    pub(crate) fn hash(&self) -> String {
        message_hash(self.topic, &self.case_id, &self.body)
    }
}

/// Hash of a message as it stands in the outbox.
pub(crate) fn message_hash(topic: &str, case_id: &str, body: &str) -> String {
    digest([topic, case_id, body])
}

pub(crate) fn canonical(facts: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(facts).map_err(|_| StoreError::Unstorable { what: "event" })
}

pub(crate) fn facts(
    what: &'static str,
    bytes: Result<Vec<u8>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let bytes = bytes?;
    within(what, bytes.len(), FACTS_BYTES_MAX)?;
    Ok(bytes)
}

/// The case as text that reads back as the same case: every one does, unless a number of its trace is
/// none.
fn body(case: &Case) -> Result<String, StoreError> {
    let unstorable = StoreError::Unstorable { what: "case" };
    let traced = case.state.traced();
    if traced.is_some_and(|traced| !traced.trace.is_finite()) {
        return Err(unstorable);
    }
    let body = serde_json::to_string(case).map_err(|_| unstorable)?;
    within("case", body.len(), BODY_BYTES_MAX)?;
    Ok(body)
}

/// Refuses what one of the databases could not take: one such row would stop the whole batch.
pub(crate) fn code(what: &'static str, text: &str) -> Result<(), StoreError> {
    within(what, text.len(), CODE_BYTES_MAX)?;
    if text.contains('\0') {
        Err(StoreError::Unstorable { what })
    } else {
        Ok(())
    }
}

fn within(what: &'static str, bytes: usize, limit: usize) -> Result<(), StoreError> {
    if bytes > limit {
        Err(StoreError::TooLarge { what, bytes, limit })
    } else {
        Ok(())
    }
}

/// Identity of the officer, as it is counted: without regard to case and outer space, because the
/// agency types it, and cut, because it may be of any length.
pub(crate) fn officer(request: &Request) -> String {
    let id = request.requester.officer_id.trim().to_lowercase();
    id.chars()
        .filter(|c| *c != '\0')
        .take(OFFICER_CHARS_MAX)
        .collect()
}

/// Letters of an officer's identity that are told apart.
const OFFICER_CHARS_MAX: usize = 200;

/// The text form, as stored.
pub(crate) fn priority_code(priority: Priority) -> &'static str {
    match priority {
        Priority::Routine => "routine",
        Priority::Priority => "priority",
        Priority::Emergency => "emergency",
    }
}

#[cfg(test)]
mod tests;
