-- What the device remembers while it takes in what the server sends.

-- 1 while a delta too large for one transaction is half applied.
alter table sync_state add column catching_up integer not null default 0;
-- 1 from a new epoch until every scope is filled from it: versions held from before do not count.
alter table sync_state add column is_old_history integer not null default 0;
-- 1 while rows wait to be made findable.
alter table sync_state add column index_due integer not null default 0;
-- 1 from the first row of a purge until nothing of it is left in any file.
alter table sync_state add column wipe_due integer not null default 0;

-- 1 where rows of these scopes were here before: what the fill does not name leaves them.
alter table sync_fill add column sweeps integer not null default 0;

-- Rows that came with bytes that do not fit their hash or their table. They were not applied.
create table sync_mismatch (
    table_number integer not null,
    -- All zero where the bytes do not even say it.
    id blob not null,
    version integer not null,
    -- The hash that the server named, and the one of the bytes that came.
    named_hash blob not null,
    found_hash blob not null,
    -- What is wrong, in the words of a programmer; nothing of the row.
    what text not null,
    seen_at integer not null,
    primary key (table_number, id)
);

-- Entries that were on their way when their row left: sent again they must be the same, so they
-- lose the row's old text once the server has answered.
create table sync_left_entry (
    entry blob primary key
) without rowid;
