-- What push and pull need of the database besides the engine.

-- Keys that only servers of this database know.
create table private.server_key (
  name text primary key,
  key bytea not null
);
alter table private.server_key enable row level security;
alter table private.server_key force row level security;
create policy owner_all on private.server_key to guildhall_owner using (true) with check (true);
-- 32 bytes, 244 bits of them random.
insert into private.server_key (name, key)
values ('cursor', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- That a device of the asking person was in contact; at most once a minute, unless there is more
-- to say: another life of its file, or a higher number.
create function sync.note_device(device uuid, its_incarnation uuid, its_device_seq bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  update private.devices d
  set last_seen_at = now(), incarnation = its_incarnation, last_device_seq = greatest(d.last_device_seq, its_device_seq)
  where d.guild_id = private.guild() and d.id = device and d.user_id = private.person()
    and (d.last_seen_at is null or d.last_seen_at < now() - interval '1 minute'
      or d.incarnation is distinct from its_incarnation or d.last_device_seq < its_device_seq)
$$;
grant execute on function sync.note_device(uuid, uuid, bigint) to guildhall_app;

-- A push looks for what its author has left open.
create index sync_conflicts_open on guildhall.sync_conflicts (guild_id, author_id) where resolved_at is null;

-- Lines of history that a later entry took back. Each is about the row that the later entry is
-- about, or stays as it is.
create function sync.mark_undone(guild uuid, lines uuid[], rows uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  update guildhall.wal_entries w set status = 'rolled_back'
  from unnest(lines, rows) as u (line, row_id)
  where guild = private.guild() and w.guild_id = guild and w.id = u.line and w.target_id = u.row_id
$$;
grant execute on function sync.mark_undone(uuid, uuid[], uuid[]) to guildhall_app;
