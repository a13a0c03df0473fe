-- A removal of very many rows that waits for a person: at most one row.
create table sync_guard (
    id integer primary key check (id = 1),
    -- Rows that would be removed, of so many.
    removes integer not null,
    rows integer not null,
    seen_at integer not null,
    -- Whether a person said to go on.
    is_allowed integer not null default 0
);
