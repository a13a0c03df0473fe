-- A server that was set back and overtaken: what was written between the restore and the day on which
-- it was noticed is new, and is not overwritten by what comes back.

alter table sync.stream
  -- When something was handed out that this database lacks: the restore came after that.
  add column lost_at timestamptz,
  -- From then on what was written is of this history, and not restored.
  add column new_from timestamptz;

update sync.stream set new_from = restored_at;

drop function sync.stop(uuid, uuid, text);

-- Stops a guild whose history lacks commits that it once handed out. True where it did not stand
-- still before.
create function sync.stop(guild uuid, of_epoch uuid, seen_by text, handed_out_at timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with stopped as (
    update sync.stream s set set_back_at = now(), set_back_seen_by = seen_by, lost_at = handed_out_at
    where s.stream = guild and s.epoch = of_epoch and s.set_back_at is null
    returning s.stream
  )
  select exists (select from stopped)
$$;

-- The columns of rows that were written since the restore, not counting what came back.
create or replace function sync.list_written_since_restore(guild uuid, rows uuid[])
returns table (target_table text, target_id uuid, columns text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select w.target_table, w.target_id, array_agg(distinct f.name)
  from sync.stream s join guildhall.wal_entries w on w.guild_id = s.stream, unnest(w.dirty_fields) as f (name)
  where s.stream = guild and guild = private.guild() and w.target_id = any (rows)
    and w.committed_at >= s.new_from
    and not exists (select from sync.returned r where r.guild_id = guild and r.pk = w.target_id and r.entry_id = w.id)
  group by w.target_table, w.target_id
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
      set_back_at = null, set_back_seen_by = null, restored_at = now(),
      new_from = least(coalesce(s.lost_at, now()), now()), lost_at = null
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
