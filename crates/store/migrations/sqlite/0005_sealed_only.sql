-- What lay open goes, now that it is sealed. Twin in migrations/postgres.

ALTER TABLE cases DROP COLUMN body;
DROP TABLE openings;
