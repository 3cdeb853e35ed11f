-- Run once, when the database is made. The sessions are PgBouncer's, which takes no settings from its clients,
-- so what bounds a wait belongs to the role.
ALTER ROLE shop SET lock_timeout = '5s';
ALTER ROLE shop SET statement_timeout = '30s';
