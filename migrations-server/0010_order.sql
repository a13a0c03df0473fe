-- The order of commits: sealing, a new epoch, trimming.

-- From which transaction on unsealed commits are looked for.
create function sync.numbering_floor(guild uuid) returns xid8
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select case when s.numbering_system = sync.system_id() then s.numbering_xmin else '0'::xid8 end
  from sync.stream s where s.stream = guild
$$;

-- The commits of a guild that the caller's snapshot holds and that have no number yet.
create function sync.unsealed(guild uuid) returns setof bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.id from sync.commit c
  where c.stream = guild and c.commit_no is null and c.xid >= (select sync.numbering_floor(guild))
$$;

create function sync.needs_seal(guild uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select exists (select from sync.unsealed(guild))';

-- The streams in which something waits for a number.
create function sync.streams_to_seal() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select s.stream from sync.stream s where sync.needs_seal(s.stream)';

-- Numbers all commits that have committed. What it returns is durable once the caller has
-- committed. Read committed only: the second statement needs a snapshot taken under the lock, so
-- that it sees everything that any sealer before it saw.
create function sync.seal(guild uuid) returns table (last_no bigint, last_tag bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  from_xid xid8;
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'sealing needs a read committed transaction' using errcode = 'invalid_transaction_state';
  end if;
  -- Devices will be told of these numbers, so they must survive a power cut.
  if current_setting('synchronous_commit') in ('off', 'local') then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  perform from sync.stream s where s.stream = guild for no key update;
  from_xid := sync.numbering_floor(guild);

  with waiting as (
    select c.id, row_number() over (order by c.xid, c.id) as place
    from sync.commit c
    where c.stream = guild and c.commit_no is null and c.xid >= from_xid
  ), numbered as (
    update sync.commit c
    set commit_no = s.last_no + w.place, tag = hashtextextended(gen_random_uuid()::text, 0), sealed_at = clock_timestamp()
    from waiting w, sync.stream s
    where c.id = w.id and s.stream = guild
    returning c.commit_no, c.tag
  )
  update sync.stream s
  set last_no = n.commit_no, last_tag = n.tag,
      numbering_xmin = pg_snapshot_xmin(pg_current_snapshot())::xid8, numbering_system = sync.system_id()
  from (select commit_no, tag from numbered order by commit_no desc limit 1) n
  where s.stream = guild;

  return query select s.last_no, s.last_tag from sync.stream s where s.stream = guild;
end
$$;

-- Another history begins: after a restore, devices must not go on as if nothing had been lost.
create function sync.new_epoch(guild uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  begun uuid;
begin
  update sync.stream s
  set epoch = gen_random_uuid(), kept_from = s.last_no + 1, numbering_xmin = '0', numbering_system = 0
  where s.stream = guild
  returning s.epoch into strict begun;
  delete from sync.change c where c.stream = guild;
  delete from sync.commit c where c.stream = guild;
  return begun;
end
$$;

-- Forgets changes sealed before a time. A device that was away longer is filled again.
create function sync.trim(guild uuid, sealed_before timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  last_trimmed bigint;
begin
  perform from sync.stream s where s.stream = guild for no key update;
  select max(c.commit_no) into last_trimmed from sync.commit c
  where c.stream = guild and c.commit_no is not null and c.sealed_at < sealed_before;
  if last_trimmed is null then
    return 0;
  end if;
  delete from sync.change h using sync.commit c
  where h.stream = guild and h.commit = c.id and c.stream = guild and c.commit_no <= last_trimmed;
  delete from sync.commit c where c.stream = guild and c.commit_no <= last_trimmed;
  update sync.stream s set kept_from = last_trimmed + 1 where s.stream = guild;
  return last_trimmed;
end
$$;
