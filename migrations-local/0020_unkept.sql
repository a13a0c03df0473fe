-- Whole answers to a pull so far, and for an entry how many there were when its verdict came. What the
-- second one after that does not name, the server does not have any more.
alter table sync_state add column answers integer not null default 0;
alter table wal_entries add column decided_at_answer integer not null default 0;
