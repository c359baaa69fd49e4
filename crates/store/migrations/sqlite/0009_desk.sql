-- What the desks keep: who of the staff has taken a case, and requests not sent yet. Twin in
-- migrations/postgres.

-- mutable: identity of the member of staff who has taken the case; null when nobody has
ALTER TABLE cases ADD COLUMN assignee TEXT;

CREATE INDEX cases_by_assignee ON cases (assignee, received_at, id) WHERE assignee IS NOT NULL;

-- A request that an agency is still writing. Nothing has been asked yet, so no entry says anything of
-- it; it is the agency's own, sealed with a key of its own, and both are gone when it is sent.
CREATE TABLE drafts (
    id             TEXT    NOT NULL PRIMARY KEY, -- immutable: random
    version        INTEGER NOT NULL CHECK (version >= 1), -- mutable: counts the changes
    organization   TEXT    NOT NULL,             -- immutable: organization code of the agency
    changed_at     INTEGER NOT NULL,             -- mutable
    key_slot       INTEGER NOT NULL,             -- immutable: key of the sealed draft
    sealed         BLOB    NOT NULL              -- mutable
) STRICT;

CREATE INDEX drafts_by_organization ON drafts (organization, changed_at, id);
CREATE INDEX drafts_by_change ON drafts (changed_at);
