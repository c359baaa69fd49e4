-- What lay open goes, now that it is sealed. Twin in migrations/sqlite.

ALTER TABLE cases DROP COLUMN body;
DROP TABLE openings;
