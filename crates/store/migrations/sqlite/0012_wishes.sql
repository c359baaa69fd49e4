-- What people have asked about themselves: objection, protection, corrections, who acts for them. Twin in
-- migrations/postgres.

CREATE TABLE wishes (
    id             TEXT NOT NULL PRIMARY KEY, -- immutable: random
    version        INTEGER NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    pseudonym      BLOB NOT NULL UNIQUE,       -- immutable: keyed hash of the person's reference
    key_slot       INTEGER NOT NULL,             -- immutable: key of the document, its own
    waiting        INTEGER NOT NULL,             -- mutable: corrections that nobody has answered
    sealed         BLOB NOT NULL              -- mutable: the document
) STRICT;

CREATE INDEX wishes_waiting ON wishes (id) WHERE waiting > 0;

-- Who may act for whom, so that they find the people they act for. Repeats what the documents say.
CREATE TABLE delegations (
    wishes_id      TEXT NOT NULL REFERENCES wishes (id), -- immutable
    who            BLOB NOT NULL,              -- immutable: keyed hash of an identity
    PRIMARY KEY (who, wishes_id)
) STRICT;

CREATE INDEX delegations_by_person ON delegations (wishes_id);
