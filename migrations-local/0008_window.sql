-- What the window asks often.

-- The next push reads only what has no verdict; what waits for a pull after it may be far more.
create index wal_entries_undecided on wal_entries (device_seq) where settled_at is null and decided_at is null;

-- What others changed and what left, for people to look at: the last lines only. Own work is in
-- wal_entries.
create table received (
    line integer primary key,
    at integer not null,
    what text not null check (what in ('received', 'removed')),
    target_table text not null,
    -- Null where the line stands for several rows.
    target_id blob,
    rows integer not null
);
create index received_by_table on received (target_table, what, line);
