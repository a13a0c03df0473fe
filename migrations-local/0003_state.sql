-- What this file is, whose it is and how far it has come: one row.
create table sync_state (
    id integer primary key check (id = 1),
    -- The profile: names the key slots and the marks kept outside this file.
    profile blob not null,
    server_url text,
    device blob,
    device_name text,
    -- Names this life of the file: a copy or a restored backup takes a new one.
    incarnation blob not null,
    guild blob,
    guild_name text,
    user blob,
    user_name text,
    role text,
    access_token text,
    access_expires_at integer,
    refresh_token text,
    refresh_expires_at integer,
    -- Where the live scopes are in the server's order of commits, in the server's words.
    cursor text,
    -- The server's history that the cursor belongs to.
    epoch blob,
    last_hi integer,
    last_pull_at integer,
    last_push_at integer,
    grants_hash text,
    next_device_seq integer not null default 1,
    -- The highest number that was ever handed to the network.
    pushed_seq integer not null default 0,
    -- The highest time ever seen, the server's or this laptop's: a clock set back gains nothing.
    highest_time integer not null default 0
);

-- The scopes that this device holds or is getting.
create table sync_scope (
    scope text primary key,
    -- filling: rows are still coming. live: whole. locked: not to be shown until granted again.
    state text not null check (state in ('filling', 'live', 'locked')),
    granted_at integer not null,
    -- The last time the server confirmed it.
    confirmed_at integer not null
);

-- The fill that is under way: at most one row.
create table sync_fill (
    id integer primary key check (id = 1),
    -- The scopes, sorted, parted by spaces.
    scopes text not null,
    -- The cursor of the snapshot in which it began.
    since text not null,
    after_table integer,
    after_id blob,
    rows_done integer not null default 0,
    rows_all integer not null default 0
);

-- The rows that the running fill has named: what it does not name is not the server's any more.
create table sync_fill_row (
    table_number integer not null,
    id blob not null,
    primary key (table_number, id)
) without rowid;
