-- The standing of an agreement counts its changes and keeps its suspension. Twin in migrations/postgres.

ALTER TABLE agreements ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1); -- mutable: counts the changes
ALTER TABLE agreements ADD COLUMN suspension TEXT; -- mutable: JSON of disclosure::agreement_status::Suspension
