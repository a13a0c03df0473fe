-- Comparing what is here with what the server has.

-- When a comparison last came to its end.
alter table sync_state add column checked_at integer;
-- 1 when one is to be made with the next pull: after an unclean end, a restore, or when asked for.
alter table sync_state add column check_due integer not null default 0;
-- How far the one under way has come, as JSON.
alter table sync_state add column checking text;
-- 1 while a process has the link: still 1 when the next one takes it means an unclean end.
alter table sync_state add column is_linked integer not null default 0;

-- What was found and set right and the server has not been told yet. The last line says how many
-- more there were.
create table sync_repaired (
    line integer primary key,
    at integer not null,
    found text not null,
    table_number integer,
    id blob,
    scope text
);
