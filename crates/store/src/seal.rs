//! What is sealed with which key, and the sealing of what an older program left open.

use ledger::leaf::{Opening, Part, SALT_BYTES, Salt};
use ledger::shares::SHARE_HASHES;
use ledger::{Hash, Share};

use crate::StoreError;
use crate::keys::{KeyRing, Keys, Pseudonym};
use crate::open::Chance;
use crate::rows::{Row, Session, Value, int};
use crate::slots::Slots;

/// Keys, and where fresh bytes come from, for one transaction.
pub(crate) struct Vault<'v> {
    pub(crate) keys: &'v Keys,
    ring: KeyRing<'v>,
    pub(crate) chance: &'v mut Chance,
}

impl<'v> Vault<'v> {
    pub(crate) fn new(keys: &'v Keys, chance: &'v mut Chance) -> Vault<'v> {
        let ring = keys.ring();
        Vault { keys, ring, chance }
    }

    /// A fresh salt.
    pub(crate) fn salt(&mut self) -> Salt {
        let mut salt = [0; 32];
        (self.chance)(&mut salt);
        salt
    }

    /// The first free slot from `next` on.
    pub(crate) fn allot(&mut self, next: &mut u64) -> Result<u64, StoreError> {
        self.ring.allot(next, self.chance)
    }

    /// Seals a case.
    pub(crate) fn seal_case(
        &mut self,
        slot: u64,
        id: &str,
        body: &str,
    ) -> Result<Vec<u8>, StoreError> {
        self.seal(slot, &case_place(id), body.as_bytes())
    }

    /// Seals what opens one part of an entry: the salt, then the bytes.
    pub(crate) fn seal_opening(
        &mut self,
        slot: u64,
        (part, index): (Part, u64),
        salt: &[u8],
        bytes: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let opening = [salt, bytes].concat();
        self.seal(slot, &opening_place(part, index), &opening)
    }

    /// Seals one person's share of an entry: the salt of the personal part, the place, the path to
    /// the root, the salt of the share, the bytes.
    pub(crate) fn seal_share(
        &mut self,
        slot: u64,
        (index, person): (u64, &Pseudonym),
        salt: &[u8],
        share: &Share,
    ) -> Result<Vec<u8>, StoreError> {
        let mut bytes = salt.to_vec();
        bytes.push(share.place);
        share.path.iter().for_each(|hash| bytes.extend(hash.0));
        bytes.extend(share.opening.salt);
        bytes.extend_from_slice(&share.opening.bytes);
        self.seal(slot, &share_place(index, person), &bytes)
    }

    /// Seals a draft of a request.
    pub(crate) fn seal_draft(
        &mut self,
        slot: u64,
        id: &str,
        body: &str,
    ) -> Result<Vec<u8>, StoreError> {
        self.seal(slot, &draft_place(id), body.as_bytes())
    }

    /// Seals what a person has asked.
    pub(crate) fn seal_wishes(
        &mut self,
        slot: u64,
        id: &str,
        body: &str,
    ) -> Result<Vec<u8>, StoreError> {
        self.seal(slot, &wishes_place(id), body.as_bytes())
    }

    /// Seals a registration.
    pub(crate) fn seal_registration(
        &mut self,
        slot: u64,
        id: &str,
        body: &str,
    ) -> Result<Vec<u8>, StoreError> {
        self.seal(slot, &registration_place(id), body.as_bytes())
    }

    fn seal(&mut self, slot: u64, place: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self.ring.get(slot)?;
        let key = key.ok_or_else(|| StoreError::damaged(format!("key {slot} is gone")))?;
        key.seal(place, bytes, self.chance)
    }
}

/// What binds a sealed case to its row.
pub(crate) fn case_place(id: &str) -> String {
    format!("case/{id}")
}

/// What binds a sealed draft to its row.
pub(crate) fn draft_place(id: &str) -> String {
    format!("draft/{id}")
}

/// What binds what a person has asked to its row.
pub(crate) fn wishes_place(id: &str) -> String {
    format!("wishes/{id}")
}

/// What binds a sealed registration to its row.
pub(crate) fn registration_place(id: &str) -> String {
    format!("registration/{id}")
}

/// What binds a sealed opening to its row and column.
pub(crate) fn opening_place(part: Part, index: u64) -> String {
    match part {
        Part::Audit => format!("audit/{index}"),
        Part::Personal => format!("personal/{index}"),
    }
}

/// What binds a sealed share to its row.
pub(crate) fn share_place(index: u64, person: &Pseudonym) -> String {
    format!("share/{index}/{}", hex::encode(person))
}

/// The salt of the personal part and the share, as [`Vault::seal_share`] sealed them.
pub(crate) fn unsealed_share(bytes: &[u8]) -> Option<(Salt, Share)> {
    let (salt, rest) = bytes.split_first_chunk::<SALT_BYTES>()?;
    let (place, mut rest) = rest.split_first()?;
    let mut path = Vec::with_capacity(SHARE_HASHES);
    for _ in 0..SHARE_HASHES {
        let (hash, after) = rest.split_first_chunk()?;
        path.push(Hash(*hash));
        rest = after;
    }
    let (own, bytes) = rest.split_first_chunk::<SALT_BYTES>()?;
    let opening = Opening {
        salt: *own,
        bytes: bytes.to_vec(),
    };
    let share = Share {
        place: *place,
        opening,
        path,
    };
    Some((*salt, share))
}

/// Rows read at once.
const PAGE: i64 = 500;

/// Seals every case and opening that lies open, and ties the database to its keys.
pub(crate) async fn all(
    session: &mut Session<'_>,
    vault: &mut Vault<'_>,
) -> Result<(), StoreError> {
    let mut slots = Slots::begin(session).await?;
    let mut after = String::new();
    loop {
        let sql = "SELECT id, body FROM cases WHERE id > $1 ORDER BY id LIMIT $2";
        let values = [Value::Text(&after), Value::Int(PAGE)];
        let rows = session.rows(sql, &values).await?;
        for row in &rows {
            after = row.get("id")?;
            let slot = slots.of_new_case(&after, vault)?;
            let slot = slot.ok_or_else(|| StoreError::damaged(format!("two cases `{after}`")))?;
            let sealed = vault.seal_case(slot, &after, &row.get::<String>("body")?)?;
            let sql = "UPDATE cases SET sealed = $2, key_slot = $3 WHERE id = $1";
            let values = [
                Value::Text(&after),
                Value::Bytes(&sealed),
                Value::Int(int(slot)),
            ];
            session.execute(sql, &values).await?;
        }
        if rows.is_empty() {
            break;
        }
    }
    openings(session, vault, &mut slots).await?;
    slots.flush(session, &[]).await?;
    let sql = "UPDATE ledger_head SET key_check = $1 WHERE id = 1";
    let check = vault.keys.check();
    session.execute(sql, &[Value::Bytes(&check)]).await?;
    Ok(())
}

async fn openings(
    session: &mut Session<'_>,
    vault: &mut Vault<'_>,
    slots: &mut Slots,
) -> Result<(), StoreError> {
    let mut from = 0;
    loop {
        let sql = "SELECT idx, at, case_id, audit_bytes, audit_salt, personal_bytes, personal_salt
                   FROM openings JOIN ledger_entries USING (idx)
                   WHERE idx >= $1 ORDER BY idx LIMIT $2";
        let rows = session
            .rows(sql, &[Value::Int(from), Value::Int(PAGE)])
            .await?;
        for row in &rows {
            from = row.get::<i64>("idx")? + 1;
            opening(session, vault, slots, row).await?;
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

async fn opening(
    session: &mut Session<'_>,
    vault: &mut Vault<'_>,
    slots: &mut Slots,
    row: &Row,
) -> Result<(), StoreError> {
    let index = row.number("idx")?;
    let case: Option<String> = row.get("case_id")?;
    let audit_slot = slots.of_epoch(session, row.get("at")?, vault).await?;
    let personal_slot = case.as_deref().and_then(|case| slots.of_case(case));
    let personal_slot = personal_slot.unwrap_or(audit_slot);
    let bytes = |column| row.get::<Vec<u8>>(column);
    let part = (Part::Audit, index);
    let (salt, facts) = (bytes("audit_salt")?, bytes("audit_bytes")?);
    let audit = vault.seal_opening(audit_slot, part, &salt, &facts)?;
    let part = (Part::Personal, index);
    let (salt, facts) = (bytes("personal_salt")?, bytes("personal_bytes")?);
    let personal = vault.seal_opening(personal_slot, part, &salt, &facts)?;
    let sql = "INSERT INTO sealed_openings (idx, audit_slot, audit, personal_slot, personal)
               VALUES ($1, $2, $3, $4, $5)";
    let values = [
        Value::Int(int(index)),
        Value::Int(int(audit_slot)),
        Value::Bytes(&audit),
        Value::Int(int(personal_slot)),
        Value::Bytes(&personal),
    ];
    session.execute(sql, &values).await?;
    Ok(())
}
