-- Which agencies owe an outcome return. Twin in migrations/sqlite.

-- mutable: when what became of a collected release is to be said; null when nothing is owed
ALTER TABLE cases ADD COLUMN outcome_due_at BIGINT;

CREATE INDEX cases_by_outcome ON cases (agency, outcome_due_at) WHERE outcome_due_at IS NOT NULL;
