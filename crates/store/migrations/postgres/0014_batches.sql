-- Files of requests: which line became which case. Nothing of what a line said stands here; its case holds
-- that, sealed. Twin in migrations/sqlite.

CREATE TABLE batches (
    id             TEXT    NOT NULL PRIMARY KEY, -- immutable: drawn from who handed it in and under which key
    organization   TEXT    NOT NULL,             -- immutable: organization code of the agency
    officer        TEXT    NOT NULL,             -- immutable: identity of who handed it in
    digest         BYTEA   NOT NULL,             -- immutable: SHA-256 of the file
    received_at    BIGINT  NOT NULL,             -- immutable
    row_count      BIGINT                        -- mutable: null until all rows have been read
);

CREATE INDEX batches_by_organization ON batches (organization, received_at, id);

CREATE TABLE batch_rows (
    batch          TEXT    NOT NULL REFERENCES batches (id), -- immutable
    line           BIGINT  NOT NULL CHECK (line >= 1),      -- immutable: line of the file
    case_id        TEXT,                         -- immutable: null where the line became no case
    fault          TEXT,                         -- immutable: what is wrong with which column
    PRIMARY KEY (batch, line)
);

CREATE INDEX batch_rows_by_case ON batch_rows (case_id) WHERE case_id IS NOT NULL;
