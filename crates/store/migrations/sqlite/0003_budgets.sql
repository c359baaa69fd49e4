-- What budgets count: who asked, and whom two requests are both about. Twin in migrations/postgres.

ALTER TABLE cases ADD COLUMN officer TEXT NOT NULL DEFAULT ''; -- immutable: identity of who asked
-- mutable: when the record of a release is to be emptied; null when it holds none
ALTER TABLE cases ADD COLUMN download_until INTEGER;

CREATE INDEX cases_by_download ON cases (download_until) WHERE download_until IS NOT NULL;

-- Keyed hashes of identifiers: nothing personal, and nothing to look up without the key.
CREATE TABLE subject_marks (
    mark           BLOB NOT NULL,               -- immutable
    case_id        TEXT NOT NULL REFERENCES cases (id), -- immutable
    PRIMARY KEY (mark, case_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subject_marks_by_case ON subject_marks (case_id);
