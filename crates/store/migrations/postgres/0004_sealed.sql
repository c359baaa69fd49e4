-- Personal and audit facts under keys that are kept in another file. Twin in migrations/sqlite.
-- The program seals what it finds between this step and the next.

ALTER TABLE ledger_head ADD COLUMN key_slots BIGINT NOT NULL DEFAULT 2; -- mutable: first free slot of the key file
ALTER TABLE ledger_head ADD COLUMN key_check BYTEA; -- immutable: tells the key file that belongs here

ALTER TABLE cases ADD COLUMN key_slot BIGINT NOT NULL DEFAULT 0; -- immutable: key of the sealed case
ALTER TABLE cases ADD COLUMN sealed BYTEA NOT NULL DEFAULT '';    -- mutable: JSON of disclosure::Case, sealed
ALTER TABLE cases ADD COLUMN subject BYTEA;       -- mutable: pseudonym of the one person found
ALTER TABLE cases ADD COLUMN erased_at BIGINT;  -- mutable

CREATE INDEX cases_by_subject ON cases (subject) WHERE subject IS NOT NULL;

-- What opens the two commitments of an entry, sealed: salt and bytes. Rows stay; their keys may go.
CREATE TABLE sealed_openings (
    idx            BIGINT NOT NULL PRIMARY KEY REFERENCES ledger_entries (idx),-- immutable
    audit_slot     BIGINT NOT NULL,             -- immutable: key of the epoch
    audit          BYTEA   NOT NULL,             -- immutable
    personal_slot  BIGINT NOT NULL,             -- immutable: key of the person, or of the case
    personal       BYTEA   NOT NULL              -- immutable
);

-- A person by a keyed hash, and where the chain of entries about them ends.
CREATE TABLE subjects (
    pseudonym      BYTEA   NOT NULL PRIMARY KEY, -- immutable
    key_slot       BIGINT,                      -- mutable: null once erased, until there is something new
    entries        BIGINT NOT NULL,             -- mutable: entries in the chain
    newest         BIGINT NOT NULL              -- mutable: index of its newest
);

CREATE TABLE audit_keys (
    epoch          BIGINT NOT NULL PRIMARY KEY, -- immutable: thirty days, counted from 1970
    key_slot       BIGINT NOT NULL              -- immutable
);

-- Keys that were destroyed, so that a key that is merely lost is told from one that is erased.
CREATE TABLE erased_keys (
    key_slot       BIGINT NOT NULL PRIMARY KEY, -- immutable
    idx            BIGINT NOT NULL REFERENCES ledger_entries (idx)-- immutable: the entry that says so
);
