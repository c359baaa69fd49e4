-- What people have asked about themselves: objection, protection, corrections, who acts for them. Twin in
-- migrations/sqlite.

CREATE TABLE wishes (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- immutable: random
    version        BIGINT NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    pseudonym      BYTEA NOT NULL UNIQUE,       -- immutable: keyed hash of the person's reference
    key_slot       BIGINT NOT NULL,             -- immutable: key of the document, its own
    waiting        BIGINT NOT NULL,             -- mutable: corrections that nobody has answered
    sealed         BYTEA NOT NULL              -- mutable: the document
);

CREATE INDEX wishes_waiting ON wishes (id) WHERE waiting > 0;

-- Who may act for whom, so that they find the people they act for. Repeats what the documents say.
CREATE TABLE delegations (
    wishes_id      TEXT COLLATE "C" NOT NULL REFERENCES wishes (id), -- immutable
    who            BYTEA NOT NULL,              -- immutable: keyed hash of an identity
    PRIMARY KEY (who, wishes_id)
);

CREATE INDEX delegations_by_person ON delegations (wishes_id);
