-- Whom an entry is about, beside the one person found; and the entries people are told of later.
-- Twin in migrations/postgres.

-- mutable: when the deferral ends unless renewed; null when there is none
ALTER TABLE cases ADD COLUMN deferred_until INTEGER;

CREATE INDEX cases_by_deferral ON cases (deferred_until) WHERE deferred_until IS NOT NULL;

-- One person's share of an entry that is about several: what opens it, sealed with that person's key.
CREATE TABLE shares (
    idx            INTEGER NOT NULL REFERENCES ledger_entries (idx),-- immutable
    pseudonym      BLOB NOT NULL,               -- immutable
    key_slot       INTEGER NOT NULL,             -- immutable: key of the person
    sealed         BLOB NOT NULL,               -- immutable
    PRIMARY KEY (idx, pseudonym)
) STRICT, WITHOUT ROWID;

-- Entries of a case that one person has not been told of yet: a chain of its own, until it is taken
-- into the person's.
CREATE TABLE deferred (
    pseudonym      BLOB NOT NULL,               -- immutable
    case_id        TEXT NOT NULL REFERENCES cases (id),-- immutable
    entries        INTEGER NOT NULL,             -- mutable: entries in the chain
    newest         INTEGER NOT NULL,             -- mutable: index of its newest
    PRIMARY KEY (case_id, pseudonym)
) STRICT, WITHOUT ROWID;

-- Proposals to erase, which are few among many entries: kind 50.
CREATE INDEX erasures_proposed ON ledger_entries (idx) WHERE kind = 50;
