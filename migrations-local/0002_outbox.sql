-- What this device wrote, and what became of it. An entry stays for ever; its texts go with a purge.
create table wal_entries (
    sync_row integer primary key,
    id blob not null unique,
    -- Counts the entries of this device, in the order in which they were written.
    device_seq integer not null unique,
    -- The local transaction that wrote it; its entries are answered together.
    group_id blob not null,
    operation text not null check (operation in ('insert', 'update')),
    target_table text not null,
    target_id blob not null,
    -- The `rev` that the author saw; null for an insert.
    base_rev integer,
    -- Named values of the touched columns, as JSON objects: as shown to the author, and as wanted.
    before_state text not null,
    after_state text not null,
    -- Ids of entries that must be decided before this one, as a JSON array.
    depends_on text not null default '[]',
    -- The schema of the program that wrote it.
    schema integer not null,
    authored_at integer not null,
    reason text,
    -- The entry that this one takes back.
    undo_of blob,
    -- The conflict that this one settles.
    settles blob,
    content_hash text not null,
    status text not null default 'pending' check (status in ('pending', 'committed', 'rolled_back')),
    state text not null default 'pending' check (state in (
        'pending', 'in_flight', 'unknown', 'deferred', 'conflict',
        'committed', 'merged', 'settled',
        'rejected', 'discarded', 'undone'
    )),
    -- The server's last word, as JSON.
    verdict text,
    -- For a refused entry: the entry at whose refusal it went, itself where it was the first.
    refused_with blob,
    -- A deferred entry is not sent again before this time.
    retry_at integer,
    sent_at integer,
    decided_at integer,
    -- When a pull showed its effect, or it was refused. Until then it is folded into the row.
    settled_at integer
);
create index wal_entries_by_target on wal_entries (target_table, target_id);
create index wal_entries_refused on wal_entries (refused_with) where state = 'rejected';
create index wal_entries_open on wal_entries (device_seq) where settled_at is null;
create index wal_entries_by_group on wal_entries (group_id);

-- The server's last state of a row that has open entries. A row born here has none.
create table sync_shadow (
    table_number integer not null,
    id blob not null,
    rev integer not null,
    hash blob not null,
    -- Canonical bytes of the row, unknown columns included.
    cells blob not null,
    -- The scopes that name the row in the server's last word.
    scopes text not null,
    primary key (table_number, id)
);
