-- Registrations that practices made, and refusals to register. Twin in migrations/sqlite.
-- All that is about the patient is sealed with a key of its own; the log commits to it.

CREATE TABLE registrations (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- immutable: random
    version        BIGINT NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    practice       TEXT    NOT NULL,             -- immutable: organization code
    registered_at  BIGINT NOT NULL,             -- immutable
    changed_at     BIGINT NOT NULL,             -- mutable
    key_slot       BIGINT NOT NULL,             -- immutable: key of the sealed registration
    sealed         BYTEA    NOT NULL              -- mutable: JSON of disclosure::Registration, sealed
);

CREATE INDEX registrations_by_practice ON registrations (practice, registered_at, id);

-- Approaches outside the channel, which are few among many entries: kind 85.
CREATE INDEX approaches ON ledger_entries (at, idx) WHERE kind = 85;
