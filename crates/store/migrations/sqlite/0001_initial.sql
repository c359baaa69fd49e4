-- The first schema. Times are microseconds since 1970-01-01T00:00Z. Every statement here has its
-- twin, under the same name, in migrations/postgres.
--
-- Each column is one of: immutable (written once), mutable (moves with the case),
-- bookkeeping (of the program's own working; nobody outside it may rely on it).

CREATE TABLE cases (
    id             TEXT    NOT NULL PRIMARY KEY, -- immutable: the public reference
    version        INTEGER NOT NULL,             -- mutable: counts the changes, from 1
    state          TEXT    NOT NULL,             -- mutable: disclosure::State::code
    ending         TEXT             CHECK (ending IN ('invalid', 'refused', 'no_result', 'released_all',
                   'released_part', 'forwarded', 'withdrawn', 'expired')), -- mutable: how it is counted
    agreement      TEXT,                         -- mutable: AGREEMENT/VERSION
    agreement_hash TEXT,                         -- mutable: hash of that version
    agency         TEXT    NOT NULL,             -- immutable: organization code
    purpose        TEXT    NOT NULL,             -- mutable: purpose code
    priority       TEXT    NOT NULL CHECK (priority IN ('routine', 'priority', 'emergency')), -- mutable
    received_at    INTEGER NOT NULL,             -- immutable
    expires_at     INTEGER NOT NULL,             -- mutable
    answer_at      INTEGER,                      -- mutable: when the requester may learn the answer
    body           TEXT    NOT NULL,             -- mutable: JSON of disclosure::Case; the log commits to its bytes
    CHECK (version >= 1),
    CHECK ((agreement IS NULL) = (agreement_hash IS NULL))
) STRICT;

-- The other columns repeat parts of the body, so that lists never have to read it.
CREATE INDEX cases_by_receipt ON cases (received_at, id);
CREATE INDEX cases_by_state ON cases (state, received_at, id);
CREATE INDEX cases_by_agency ON cases (agency, received_at, id);
CREATE INDEX cases_by_agreement ON cases (agreement, received_at, id);
CREATE INDEX cases_by_expiry ON cases (expires_at, id) WHERE ending IS NULL;

CREATE TABLE ledger_entries (
    idx            INTEGER NOT NULL PRIMARY KEY, -- immutable: place in the log, from 0 without gaps
    kind           INTEGER NOT NULL,             -- immutable: disclosure::EventKind::number
    leaf           BLOB    NOT NULL,             -- immutable: the public bytes
    case_id        TEXT,                         -- immutable: case it is about, if any
    at             INTEGER NOT NULL              -- immutable: exact time; the leaf shows the hour
) STRICT;

CREATE INDEX ledger_entries_by_case ON ledger_entries (case_id, idx) WHERE case_id IS NOT NULL;

CREATE TRIGGER ledger_entries_unchanged BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_entries_kept BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- What opens the two commitments of an entry. Both halves may be set to null, never to anything
-- else: destroying the salt is how a fact is erased from a log that cannot forget.
CREATE TABLE openings (
    idx            INTEGER NOT NULL PRIMARY KEY REFERENCES ledger_entries (idx),-- immutable
    audit_bytes    BLOB,                         -- immutable until erased
    audit_salt     BLOB,                         -- immutable until erased
    personal_bytes BLOB,                         -- immutable until erased
    personal_salt  BLOB,                         -- immutable until erased
    CHECK ((audit_bytes IS NULL) = (audit_salt IS NULL)),
    CHECK ((personal_bytes IS NULL) = (personal_salt IS NULL))
) STRICT;

-- One row. Whoever appends holds it, so the order of commits is the order of the log.
CREATE TABLE ledger_head (
    id             INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),-- immutable
    size           INTEGER NOT NULL CHECK (size >= 0)-- mutable: entries so far
) STRICT;

INSERT INTO ledger_head (id, size) VALUES (1, 0);

CREATE TABLE transitions (
    key            TEXT    NOT NULL PRIMARY KEY, -- immutable: idempotency key
    idx            INTEGER NOT NULL REFERENCES ledger_entries (idx),-- immutable: the entry it wrote
    body_hash      TEXT                          -- immutable: hex SHA-256 of the case body it wrote
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,-- immutable
    topic          TEXT    NOT NULL CHECK (topic IN ('work', 'notify')),-- immutable
    case_id        TEXT    NOT NULL,             -- immutable
    body           TEXT    NOT NULL,             -- immutable: JSON of disclosure::Message
    not_before     INTEGER NOT NULL,             -- bookkeeping: moves later with each failure
    leased_until   INTEGER,                      -- bookkeeping: somebody is at it until then
    attempts       INTEGER NOT NULL DEFAULT 0,   -- bookkeeping
    done_at        INTEGER                       -- bookkeeping
) STRICT;

CREATE INDEX outbox_waiting ON outbox (not_before, id) WHERE done_at IS NULL;

CREATE TABLE agreements (
    name           TEXT    NOT NULL PRIMARY KEY, -- immutable: AGREEMENT/VERSION
    hash           TEXT    NOT NULL,             -- immutable: a published version never changes
    state          TEXT    NOT NULL CHECK (state IN ('not_yet', 'in_force', 'narrowed', 'suspended_hold',
                   'suspended_refuse', 'ended')),  -- mutable
    changed_at     INTEGER NOT NULL              -- mutable
) STRICT, WITHOUT ROWID;
