-- What may be used once: the nonce of an officer's call for ever, a client's assertion for as long as it
-- lives. Twin in migrations/sqlite.

CREATE TABLE used_once (
    mark           BYTEA   NOT NULL PRIMARY KEY, -- immutable: SHA-256 of whose it is and which
    kept_until     BIGINT                        -- immutable: null for ever
);

CREATE INDEX used_once_by_end ON used_once (kept_until) WHERE kept_until IS NOT NULL;

-- The staff look at who was refused.
CREATE INDEX access_refused ON ledger_entries (idx) WHERE kind = 32;
