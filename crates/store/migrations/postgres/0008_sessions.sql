-- Who is signed in at the desk. Twin in migrations/sqlite.
-- Nothing of the record: the log does not commit to it, and a database without it has nobody signed in.

CREATE TABLE sessions (
    mark           BYTEA   NOT NULL PRIMARY KEY, -- immutable: SHA-256 of the session's token
    who            BYTEA   NOT NULL,             -- immutable: keyed hash of the identity signed in
    begun_at       BIGINT  NOT NULL,             -- immutable
    used_at        BIGINT  NOT NULL,             -- bookkeeping: last use, to the minute
    ends_at        BIGINT  NOT NULL,             -- immutable
    sealed         BYTEA   NOT NULL              -- immutable: who, and how they signed in
);

CREATE INDEX sessions_by_identity ON sessions (who);
