-- The queue and the numbers above it: only what is open, of which there is little.
-- Twin in migrations/postgres.

CREATE INDEX cases_open ON cases (received_at, id) WHERE ending IS NULL;
-- With its condition as a column, so that a count reads the index alone.
CREATE INDEX cases_open_by_state ON cases (state, ending) WHERE ending IS NULL;
