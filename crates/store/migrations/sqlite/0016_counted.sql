-- Counts that long files of requests need without counting again: how far a batch is, what budgets
-- count, and what an officer has asked before.
-- Twin in migrations/postgres.

ALTER TABLE batches ADD COLUMN done      INTEGER NOT NULL DEFAULT 0; -- mutable: rows recorded or refused
ALTER TABLE batches ADD COLUMN faulty    INTEGER NOT NULL DEFAULT 0; -- mutable: those of them that became no case
ALTER TABLE batches ADD COLUMN last_line INTEGER NOT NULL DEFAULT 0; -- mutable: every row up to it is among them

UPDATE batches SET
    done = (SELECT COUNT(*) FROM batch_rows WHERE batch = batches.id),
    faulty = (SELECT COUNT(*) FROM batch_rows WHERE batch = batches.id AND case_id IS NULL),
    last_line = (SELECT COALESCE(MAX(line), 0) FROM batch_rows WHERE batch = batches.id);

CREATE INDEX cases_counted ON cases (agency, purpose, received_at, id, officer, ending)
    WHERE ending IS NULL OR ending NOT IN ('invalid', 'refused');

CREATE INDEX cases_of_officer ON cases (agency, officer, received_at, id);
