-- The first schema. Times are microseconds since 1970-01-01T00:00Z. Every statement here has its
-- twin, under the same name, in migrations/sqlite.
--
-- Each column is one of: immutable (written once), mutable (moves with the case),
-- bookkeeping (of the program's own working; nobody outside it may rely on it).

CREATE TABLE cases (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,-- immutable: the public reference
    version        BIGINT NOT NULL,              -- mutable: counts the changes, from 1
    state          TEXT NOT NULL,                -- mutable: disclosure::State::code
    ending         TEXT             CHECK (ending IN ('invalid', 'refused', 'no_result', 'released_all',
                   'released_part', 'forwarded', 'withdrawn', 'expired')), -- mutable: how it is counted
    agreement      TEXT,                         -- mutable: AGREEMENT/VERSION
    agreement_hash TEXT,                         -- mutable: hash of that version
    agency         TEXT NOT NULL,                -- immutable: organization code
    purpose        TEXT NOT NULL,                -- mutable: purpose code
    priority       TEXT NOT NULL CHECK (priority IN ('routine', 'priority', 'emergency')), -- mutable
    received_at    BIGINT NOT NULL,              -- immutable
    expires_at     BIGINT NOT NULL,              -- mutable
    answer_at      BIGINT,                       -- mutable: when the requester may learn the answer
    body           TEXT NOT NULL,                -- mutable: JSON of disclosure::Case; the log commits to its bytes
    CHECK (version >= 1),
    CHECK ((agreement IS NULL) = (agreement_hash IS NULL))
);

-- The body is TEXT and not JSONB because the log commits to its very bytes.
-- The other columns repeat parts of the body, so that lists never have to read it.
CREATE INDEX cases_by_receipt ON cases (received_at, id);
CREATE INDEX cases_by_state ON cases (state, received_at, id);
CREATE INDEX cases_by_agency ON cases (agency, received_at, id);
CREATE INDEX cases_by_agreement ON cases (agreement, received_at, id);
CREATE INDEX cases_by_expiry ON cases (expires_at, id) WHERE ending IS NULL;

CREATE TABLE ledger_entries (
    idx            BIGINT NOT NULL PRIMARY KEY,  -- immutable: place in the log, from 0 without gaps
    kind           BIGINT NOT NULL,              -- immutable: disclosure::EventKind::number
    leaf           BYTEA NOT NULL,               -- immutable: the public bytes
    case_id        TEXT,                         -- immutable: case it is about, if any
    at             BIGINT NOT NULL               -- immutable: exact time; the leaf shows the hour
);

CREATE INDEX ledger_entries_by_case ON ledger_entries (case_id, idx) WHERE case_id IS NOT NULL;

CREATE FUNCTION ledger_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_entries_unchanged BEFORE UPDATE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_entries_refuse();
CREATE TRIGGER ledger_entries_kept BEFORE DELETE OR TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_refuse();

-- What opens the two commitments of an entry. Both halves may be set to null, never to anything
-- else: destroying the salt is how a fact is erased from a log that cannot forget.
CREATE TABLE openings (
    idx            BIGINT NOT NULL PRIMARY KEY REFERENCES ledger_entries (idx),-- immutable
    audit_bytes    BYTEA,                        -- immutable until erased
    audit_salt     BYTEA,                        -- immutable until erased
    personal_bytes BYTEA,                        -- immutable until erased
    personal_salt  BYTEA,                        -- immutable until erased
    CHECK ((audit_bytes IS NULL) = (audit_salt IS NULL)),
    CHECK ((personal_bytes IS NULL) = (personal_salt IS NULL))
);

-- One row. Whoever appends holds it, so the order of commits is the order of the log.
CREATE TABLE ledger_head (
    id             BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),-- immutable
    size           BIGINT NOT NULL CHECK (size >= 0)-- mutable: entries so far
);

INSERT INTO ledger_head (id, size) VALUES (1, 0);

CREATE TABLE transitions (
    key            TEXT COLLATE "C" NOT NULL PRIMARY KEY,-- immutable: idempotency key
    idx            BIGINT NOT NULL REFERENCES ledger_entries (idx),-- immutable: the entry it wrote
    body_hash      TEXT                          -- immutable: hex SHA-256 of the case body it wrote
);

CREATE TABLE outbox (
    id             BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,-- immutable
    topic          TEXT NOT NULL CHECK (topic IN ('work', 'notify')),-- immutable
    case_id        TEXT NOT NULL,                -- immutable
    body           TEXT NOT NULL,                -- immutable: JSON of disclosure::Message
    not_before     BIGINT NOT NULL,              -- bookkeeping: moves later with each failure
    leased_until   BIGINT,                       -- bookkeeping: somebody is at it until then
    attempts       BIGINT NOT NULL DEFAULT 0,    -- bookkeeping
    done_at        BIGINT                        -- bookkeeping
);

CREATE INDEX outbox_waiting ON outbox (not_before, id) WHERE done_at IS NULL;

CREATE TABLE agreements (
    name           TEXT COLLATE "C" NOT NULL PRIMARY KEY,-- immutable: AGREEMENT/VERSION
    hash           TEXT NOT NULL,                -- immutable: a published version never changes
    state          TEXT NOT NULL CHECK (state IN ('not_yet', 'in_force', 'narrowed', 'suspended_hold',
                   'suspended_refuse', 'ended')),  -- mutable
    changed_at     BIGINT NOT NULL               -- mutable
);
