-- What agencies' machines are told, without content: that there is something to look at. A message stays until it
-- has been delivered, or has been tried for three days. Twin in migrations/postgres.

CREATE TABLE webhooks (
    id             TEXT    NOT NULL PRIMARY KEY, -- immutable: the receiver tells repeats by it
    organization   TEXT    NOT NULL,             -- immutable: organization code of the agency
    case_id        TEXT    NOT NULL,             -- immutable
    noticed_at     INTEGER NOT NULL,             -- immutable: since when there is something to look at
    status         TEXT    NOT NULL,             -- mutable: waiting, delivered or dead
    attempts       INTEGER NOT NULL DEFAULT 0,   -- mutable: since it was last sent anew
    due_at         INTEGER NOT NULL,             -- mutable
    leased_until   INTEGER,                      -- bookkeeping: whoever sends it is at it
    tried_at       INTEGER,                      -- mutable: last attempt
    outcome        TEXT                          -- mutable: what came of that, as a code
) STRICT;

CREATE INDEX webhooks_due ON webhooks (organization, due_at, id) WHERE status = 'waiting';
CREATE INDEX webhooks_by_organization ON webhooks (organization, noticed_at, id);

CREATE TABLE webhook_endpoints (
    organization   TEXT    NOT NULL PRIMARY KEY, -- immutable
    mark           BLOB    NOT NULL,             -- mutable: keyed hash of the address that answered the challenge
    verified_at    INTEGER NOT NULL              -- mutable
) STRICT;
