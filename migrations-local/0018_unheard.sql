-- Entries that went to quarantine with a row while they were on their way: the server may have taken them.
create table sync_unheard (
    entry blob primary key,
    -- Whole answers to a pull without a word on it since its push ended; null while that is under way.
    answers integer
);

-- Of an entry that is sent without the old text of its row: what its author typed, for the day on
-- which it is refused.
alter table sync_left_entry add column typed text;
