-- What comes back after a restore: edits that the lost history had accepted, offered again by the
-- laptops that wrote them, and rows that laptops hold and the database does not. All of it belongs
-- to one epoch and goes with it.

-- The rows to which edits come back, as they were restored: named columns, without those that were
-- written since; none for a row that the restore took away.
create table sync.restored_row (
  guild_id uuid not null,
  tbl smallint not null,
  pk uuid not null,
  cells jsonb not null,
  primary key (guild_id, tbl, pk)
);

-- The edits, with their places in the lost history: in that order they make the row.
create table sync.returned (
  guild_id uuid not null,
  tbl smallint not null,
  pk uuid not null,
  rev bigint not null,
  ord integer not null,
  entry_id uuid not null,
  before jsonb not null,
  after jsonb not null,
  primary key (guild_id, tbl, pk, entry_id)
);

-- Rows in states that this history does not know, as laptops held them.
create table sync.witness (
  id uuid not null default gen_random_uuid(),
  guild_id uuid not null,
  tbl smallint not null,
  pk uuid not null,
  version bigint not null,
  -- In hexadecimal.
  hash text not null,
  cells jsonb not null,
  device_id uuid not null,
  user_id uuid not null,
  seen_at timestamptz not null default now(),
  -- What an administrator did with it; waiting until then.
  status text not null default 'waiting' check (status in ('waiting', 'accepted', 'dropped')),
  primary key (guild_id, id),
  unique (guild_id, tbl, pk, version, hash)
);

do $$
declare
  name text;
begin
  foreach name in array array['restored_row', 'returned', 'witness'] loop
    execute format('alter table sync.%I enable row level security', name);
    execute format('alter table sync.%I force row level security', name);
    execute format(
      'create policy own_guild on sync.%I to guildhall_app using (guild_id = (select private.guild()))', name);
    execute format('create policy owner_all on sync.%I to guildhall_owner using (true) with check (true)', name);
    execute format('grant select, insert on sync.%I to guildhall_app', name);
  end loop;
end
$$;

-- The columns of rows that were written since the restore, not counting what came back.
create function sync.list_written_since_restore(guild uuid, rows uuid[])
returns table (target_table text, target_id uuid, columns text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select w.target_table, w.target_id, array_agg(distinct f.name)
  from sync.stream s join guildhall.wal_entries w on w.guild_id = s.stream, unnest(w.dirty_fields) as f (name)
  where s.stream = guild and guild = private.guild() and w.target_id = any (rows)
    and w.committed_at >= s.restored_at
    and not exists (select from sync.returned r where r.guild_id = guild and r.pk = w.target_id and r.entry_id = w.id)
  group by w.target_table, w.target_id
$$;
grant execute on function sync.list_written_since_restore(uuid, uuid[]) to guildhall_app;

create or replace function sync.new_epoch(guild uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  begun uuid;
begin
  update sync.stream s
  set epoch = gen_random_uuid(), kept_from = s.last_no + 1, numbering_xmin = '0', numbering_system = 0,
      set_back_at = null, set_back_seen_by = null, restored_at = now()
  where s.stream = guild
  returning s.epoch into strict begun;
  delete from sync.change c where c.stream = guild;
  delete from sync.commit c where c.stream = guild;
  delete from sync.restored_row r where r.guild_id = guild;
  delete from sync.returned r where r.guild_id = guild;
  delete from sync.witness w where w.guild_id = guild;
  return begun;
end
$$;
