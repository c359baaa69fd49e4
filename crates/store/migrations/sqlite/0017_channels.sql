-- One queue for everything that is told without content: agencies' machines, and people by e-mail. A row names an
-- organization and a case, and nobody's address. Twin in migrations/postgres.

ALTER TABLE webhooks ADD COLUMN channel TEXT NOT NULL DEFAULT 'webhook'; -- immutable: webhook or email
