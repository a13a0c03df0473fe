-- Rows that were never made, because another row had their name and a person merged them into it.
-- What refers to one of them is taken to the other.
create table sync.same_as (
  guild_id uuid not null,
  tbl smallint not null,
  pk uuid not null,
  same_as uuid not null,
  primary key (guild_id, tbl, pk)
);
alter table sync.same_as enable row level security;
alter table sync.same_as force row level security;
create policy own_guild on sync.same_as to guildhall_app using (guild_id = (select private.guild()));
grant select, insert on sync.same_as to guildhall_app;
