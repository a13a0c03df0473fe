-- History is read in pages, the newest first. Lines of one transaction have one time and are told
-- apart by the order in which they were written.
alter table guildhall.wal_entries add column line bigint generated always as identity;
create index wal_entries_time on guildhall.wal_entries (guild_id, committed_at, line);
