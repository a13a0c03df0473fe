-- A database that was set back to an earlier state, by a restore: the guild stops syncing until an
-- administrator begins a new history for it.

alter table sync.stream
  -- Since when it is known that the database was set back, and what showed it.
  add column set_back_at timestamptz,
  add column set_back_seen_by text,
  -- When this history was begun after a restore; none for a guild's first one.
  add column restored_at timestamptz;

-- Stops a guild whose history lacks commits that it once handed out. True where it did not stand
-- still before.
create function sync.stop(guild uuid, of_epoch uuid, seen_by text) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with stopped as (
    update sync.stream s set set_back_at = now(), set_back_seen_by = seen_by
    where s.stream = guild and s.epoch = of_epoch and s.set_back_at is null
    returning s.stream
  )
  select exists (select from stopped)
$$;

-- Another history begins: after a restore, devices must not go on as if nothing had been lost.
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
  return begun;
end
$$;
