-- Whom an entry is about, beside the one person found; and the entries people are told of later.
-- Twin in migrations/sqlite.

-- mutable: when the deferral ends unless renewed; null when there is none
ALTER TABLE cases ADD COLUMN deferred_until BIGINT;

CREATE INDEX cases_by_deferral ON cases (deferred_until) WHERE deferred_until IS NOT NULL;

-- One person's share of an entry that is about several: what opens it, sealed with that person's key.
CREATE TABLE shares (
    idx            BIGINT NOT NULL REFERENCES ledger_entries (idx),-- immutable
    pseudonym      BYTEA NOT NULL,               -- immutable
    key_slot       BIGINT NOT NULL,             -- immutable: key of the person
    sealed         BYTEA NOT NULL,               -- immutable
    PRIMARY KEY (idx, pseudonym)
);

-- Entries of a case that one person has not been told of yet: a chain of its own, until it is taken
-- into the person's.
CREATE TABLE deferred (
    pseudonym      BYTEA NOT NULL,               -- immutable
    case_id        TEXT NOT NULL REFERENCES cases (id),-- immutable
    entries        BIGINT NOT NULL,             -- mutable: entries in the chain
    newest         BIGINT NOT NULL,             -- mutable: index of its newest
    PRIMARY KEY (case_id, pseudonym)
);

-- Proposals to erase, which are few among many entries: kind 50.
CREATE INDEX erasures_proposed ON ledger_entries (idx) WHERE kind = 50;
