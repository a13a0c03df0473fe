-- How long a laptop shows what it holds without a contact with the server, as the guild says.
alter table guilds add column lease_hours integer not null default 720;
alter table guilds add column guarded_lease_hours integer not null default 72;

-- Whether the rows of the scope are put away until the next contact.
alter table sync_scope add column is_away integer not null default 0;

-- Rows that are put away: as the server last sent them.
create table sync_away (
    table_number integer not null,
    id blob not null,
    hash blob not null,
    -- The scopes of the row, as on the row.
    scopes text not null,
    -- Canonical bytes of the row, unknown columns included.
    cells blob not null,
    primary key (table_number, id)
);

-- The texts of own settled entries of such rows.
create table sync_away_entry (
    entry blob primary key,
    before_state text not null,
    after_state text not null
);
