-- Who is signed in at the desk. Twin in migrations/postgres.
-- Nothing of the record: the log does not commit to it, and a database without it has nobody signed in.

CREATE TABLE sessions (
    mark           BLOB    NOT NULL PRIMARY KEY, -- immutable: SHA-256 of the session's token
    who            BLOB    NOT NULL,             -- immutable: keyed hash of the identity signed in
    begun_at       INTEGER NOT NULL,             -- immutable
    used_at        INTEGER NOT NULL,             -- bookkeeping: last use, to the minute
    ends_at        INTEGER NOT NULL,             -- immutable
    sealed         BLOB    NOT NULL              -- immutable: who, and how they signed in
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_identity ON sessions (who);
