//! Requests that an agency is still writing.
//!
//! Nothing has been asked yet, so a draft is no entry of the ledger and no transition writes it. It is
//! the agency's own: sealed with a key of its own, which is destroyed with it.

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::append::Batch;
use crate::record::{BODY_BYTES_MAX, code};
use crate::rows::{Row, Session, Value, int};
use crate::seal::{Vault, draft_place};
use crate::writer::Job;
use crate::{Store, StoreError};

/// Most drafts of one organization in a list: more than a person looks through.
pub const DRAFTS_MAX: i64 = 200;

/// A draft as it is kept. Its body is the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Random reference.
    pub id: String,
    /// Counts the changes, from 1.
    pub version: u64,
    /// Organization code of the agency that writes it.
    pub organization: String,
    /// When it was written last.
    pub changed_at: Timestamp,
    /// What it says; sealed where it is kept.
    pub body: String,
}

/// What becomes of drafts.
pub(crate) enum DraftChange {
    /// Keeps the next version, or the first.
    Keep(Draft),
    /// It is sent or thrown away.
    Drop(String),
    /// Those that nobody has changed since are thrown away.
    DropBefore(Timestamp),
}

impl Store {
    /// Keeps a draft: a new one at version 1, otherwise the version after the one that is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] where another version is kept than the one before this.
    pub async fn keep_draft(&self, draft: Draft) -> Result<(), StoreError> {
        code("draft", &draft.id)?;
        code("organization", &draft.organization)?;
        if draft.body.len() > BODY_BYTES_MAX {
            return Err(StoreError::TooLarge {
                what: "draft",
                bytes: draft.body.len(),
                limit: BODY_BYTES_MAX,
            });
        }
        self.change_draft(DraftChange::Keep(draft)).await
    }

    /// Throws a draft away, with its key. Doing so twice does no harm.
    pub async fn drop_draft(&self, id: &str) -> Result<(), StoreError> {
        self.change_draft(DraftChange::Drop(id.to_owned())).await
    }

    /// Throws away the drafts that nobody has changed since `before`, with their keys.
    pub async fn drop_drafts_before(&self, before: Timestamp) -> Result<(), StoreError> {
        self.change_draft(DraftChange::DropBefore(before)).await
    }

    /// The draft with this reference.
    pub async fn draft(&self, id: &str) -> Result<Option<Draft>, StoreError> {
        let sql = "SELECT id, version, organization, changed_at, key_slot, sealed
                   FROM drafts WHERE id = $1";
        let row = self.row(sql, id).await?;
        row.map(|row| self.unsealed_draft(&row)).transpose()
    }

    /// An organization's drafts, the latest changed first, at most [`DRAFTS_MAX`].
    pub async fn drafts(&self, organization: &str) -> Result<Vec<Draft>, StoreError> {
        if organization.contains('\0') {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, version, organization, changed_at, key_slot, sealed
                   FROM drafts WHERE organization = $1 ORDER BY changed_at DESC, id LIMIT $2";
        let values = [Value::Text(organization), Value::Int(DRAFTS_MAX)];
        let rows = self.reader().await?.lend().rows(sql, &values).await?;
        rows.iter().map(|row| self.unsealed_draft(row)).collect()
    }

    async fn change_draft(&self, change: DraftChange) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Draft { change, reply }, answer).await
    }

    fn unsealed_draft(&self, row: &Row) -> Result<Draft, StoreError> {
        let id: String = row.get("id")?;
        let key = self.keys.get(row.number("key_slot")?)?;
        let sealed: Vec<u8> = row.get("sealed")?;
        let body = key.and_then(|key| key.open(&draft_place(&id), &sealed));
        let body = body.and_then(|body| String::from_utf8(body).ok());
        let body = body.ok_or_else(|| {
            StoreError::damaged(format!("draft `{id}` does not open with its key"))
        })?;
        Ok(Draft {
            version: row.number("version")?,
            organization: row.get("organization")?,
            changed_at: row.time("changed_at")?,
            id,
            body,
        })
    }
}

impl DraftChange {
    /// Changes the table. An `Ok(Err(..))` is a refusal that has written nothing.
    pub(crate) async fn run(
        &self,
        session: &mut Session<'_>,
        batch: &mut Batch<'_>,
        vault: &mut Vault<'_>,
    ) -> Result<Result<(), StoreError>, StoreError> {
        let gone = match self {
            DraftChange::Keep(draft) => return keep(draft, session, batch, vault).await,
            DraftChange::Drop(id) => {
                let sql = "DELETE FROM drafts WHERE id = $1 RETURNING id, key_slot, sealed";
                session.rows(sql, &[Value::Text(id)]).await?
            }
            DraftChange::DropBefore(before) => {
                let sql = "DELETE FROM drafts WHERE changed_at < $1 RETURNING id, key_slot, sealed";
                let before = Value::Int(before.as_microsecond());
                session.rows(sql, &[before]).await?
            }
        };
        for row in gone {
            // INVARIANT: a key is destroyed only if it opens the draft. Whoever writes to the database
            // does not hold the keys, and cannot have another's taken away by naming its slot.
            if let Some(slot) = own_slot(&row, vault)? {
                batch.forget(slot);
            }
        }
        Ok(Ok(()))
    }
}

/// The slot that a draft's row names, if its key opens the draft.
fn own_slot(row: &Row, vault: &Vault<'_>) -> Result<Option<u64>, StoreError> {
    let (id, slot): (String, u64) = (row.get("id")?, row.number("key_slot")?);
    let sealed: Vec<u8> = row.get("sealed")?;
    let key = vault.keys.get(slot)?;
    let opened = key.and_then(|key| key.open(&draft_place(&id), &sealed));
    Ok(opened.map(|_| slot))
}

async fn keep(
    draft: &Draft,
    session: &mut Session<'_>,
    batch: &mut Batch<'_>,
    vault: &mut Vault<'_>,
) -> Result<Result<(), StoreError>, StoreError> {
    let conflict = || StoreError::Conflict {
        what: draft.id.clone(),
    };
    let sql = "SELECT id, version, key_slot, sealed FROM drafts WHERE id = $1";
    let kept = session.row(sql, &[Value::Text(&draft.id)]).await?;
    let slot = match (&kept, draft.version) {
        (None, 1) => batch.slots.allot(vault)?,
        (Some(row), next) if row.number("version")? + 1 == next => own_slot(row, vault)?
            .ok_or_else(|| {
                StoreError::damaged(format!("draft `{}` does not open with its key", draft.id))
            })?,
        _ => return Ok(Err(conflict())),
    };
    let sealed = vault.seal_draft(slot, &draft.id, &draft.body)?;
    let sql = "INSERT INTO drafts (id, version, organization, changed_at, key_slot, sealed)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version,
                   changed_at = excluded.changed_at, sealed = excluded.sealed";
    let values = [
        Value::Text(&draft.id),
        Value::Int(int(draft.version)),
        Value::Text(&draft.organization),
        Value::Int(draft.changed_at.as_microsecond()),
        Value::Int(int(slot)),
        Value::Bytes(&sealed),
    ];
    session.execute(sql, &values).await?;
    Ok(Ok(()))
}
