-- After a restore of the server: what this laptop offers again, and what only it still holds.

-- The server's history in which the entry was last offered again.
alter table wal_entries add column offered_to blob;
-- The entry's place in the history that was lost, where it had one.
alter table wal_entries add column lost_rev integer;
alter table wal_entries add column lost_ord integer;
-- 0 while an entry that is offered again shows in the row as the server has it.
alter table wal_entries add column in_fold integer not null default 1;
create index wal_entries_offered on wal_entries (offered_to) where offered_to is not null;

-- Rows in states that the server's new history may not know, until the server has taken them.
create table sync_witness (
    table_number integer not null,
    id blob not null,
    version integer not null,
    hash blob not null,
    cells blob not null,
    -- The scopes of the row, as on the row.
    scopes text not null,
    primary key (table_number, id)
);

-- When this laptop heard of the restore, and since when the server stands still because of one.
alter table sync_state add column restored_at integer;
alter table sync_state add column set_back_at integer;
