-- Keeps rows as a laptop held them when it heard of a restore, those in states that the history does
-- not know. Each is an object with tbl, pk, version, hash (in hexadecimal) and cells.
create function sync.testify(guild uuid, device uuid, held jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into sync.witness (guild_id, tbl, pk, version, hash, cells, device_id, user_id)
  select guild, h.tbl, h.pk, h.version, h.hash, h.cells, device, private.person()
  from jsonb_to_recordset(held) as h (tbl smallint, pk uuid, version bigint, hash text, cells jsonb)
  where guild = private.guild()
    and not exists (
      select from sync.member m
      where m.stream = guild and m.tbl = h.tbl and m.pk = h.pk and m.version = h.version and encode(m.hash, 'hex') = h.hash
    )
    and not exists (
      select from guildhall.wal_entries w
      where w.guild_id = guild and w.target_id = h.pk and w.row_rev = h.version and w.sha_after = h.hash
    )
  on conflict do nothing
$$;
grant execute on function sync.testify(uuid, uuid, jsonb) to guildhall_app;
