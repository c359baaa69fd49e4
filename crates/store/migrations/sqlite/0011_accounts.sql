-- Who may sign in at a desk without a provider. Twin in migrations/postgres.
-- Nothing of the record: each change of who may is an entry of its own.

CREATE TABLE accounts (
    who            BLOB    NOT NULL PRIMARY KEY, -- immutable: keyed hash of the login name
    version        INTEGER NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    sealed         BLOB    NOT NULL              -- mutable: name, role, rank, secrets, attempts
) STRICT, WITHOUT ROWID;
