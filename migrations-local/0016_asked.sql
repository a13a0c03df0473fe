-- Errands that somebody at another laptop asked for.

-- The person's name; none for what was asked here.
alter table sync_errand add column asked_by text;

-- 1 while the server does not know how far it is.
alter table sync_errand add column is_untold integer not null default 0;
