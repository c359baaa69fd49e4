-- Who may sign in at a desk without a provider. Twin in migrations/sqlite.
-- Nothing of the record: each change of who may is an entry of its own.

CREATE TABLE accounts (
    who            BYTEA   NOT NULL PRIMARY KEY, -- immutable: keyed hash of the login name
    version        BIGINT  NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    sealed         BYTEA   NOT NULL              -- mutable: name, role, rank, secrets, attempts
);
