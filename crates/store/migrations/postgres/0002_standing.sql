-- The standing of an agreement counts its changes and keeps its suspension. Twin in migrations/sqlite.

ALTER TABLE agreements ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1); -- mutable: counts the changes
ALTER TABLE agreements ADD COLUMN suspension TEXT; -- mutable: JSON of disclosure::agreement_status::Suspension
