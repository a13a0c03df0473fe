-- The change log turns over: weeks have slots of their own, used in turn, so that what is old is
-- emptied by the slot and not deleted row by row. And the server's jobs say what they did.

-- The slot of a week. A transaction is in one week, so its commit and its changes are in one slot.
create function sync.log_slot(at timestamptz) returns smallint
language sql stable parallel safe set search_path = pg_catalog, pg_temp
as 'select (floor(extract(epoch from at) / 604800)::bigint % 8)::smallint';

alter table sync.commit add column slot smallint not null default sync.log_slot(now());

alter table sync.change rename to change_unparted;
alter index sync.change_pkey rename to change_unparted_pkey;
create sequence sync.change_ord;
-- What a commit did to a row in one scope. Holds no content: a pull reads the row itself.
create table sync.change (
  stream uuid not null,
  commit bigint not null,
  ord bigint not null default nextval('sync.change_ord'),
  scope text not null,
  tbl smallint not null,
  pk uuid not null,
  effect text not null check (effect in ('put', 'delete', 'leave', 'expire')),
  -- The row's rev.
  version bigint not null,
  -- So that a digest of the scope can move by what changed.
  hash_before bytea,
  hash_after bytea,
  -- As in its commit.
  slot smallint not null default sync.log_slot(now()),
  primary key (stream, commit, ord, slot)
) partition by list (slot);
create policy reads on sync.change for select to guildhall_app using (stream = (select private.guild()));
grant select on sync.change to guildhall_app;

do $$
declare
  part text;
begin
  for slot in 0..7 loop
    execute format('create table sync.change_%1$s partition of sync.change for values in (%1$s)', slot);
  end loop;
  foreach part in array array['change', 'change_0', 'change_1', 'change_2', 'change_3', 'change_4', 'change_5', 'change_6', 'change_7'] loop
    execute format('alter table sync.%I enable row level security', part);
    execute format('alter table sync.%I force row level security', part);
    execute format('create policy owner_all on sync.%I to guildhall_owner using (true) with check (true)', part);
  end loop;
end
$$;

-- All of them in the slot of this week: they are kept a little longer.
insert into sync.change (stream, commit, ord, scope, tbl, pk, effect, version, hash_before, hash_after)
select stream, commit, ord, scope, tbl, pk, effect, version, hash_before, hash_after from sync.change_unparted;
select setval('sync.change_ord', coalesce(max(ord), 0) + 1, false) from sync.change;
drop table sync.change_unparted;

-- When commits were last trimmed.
alter table sync.stream add column trimmed_at timestamptz;

-- Forgets commits sealed before a time: nobody is told their changes any more, and a device that
-- was away longer is filled again. The changes themselves go with their slot.
create or replace function sync.trim(guild uuid, sealed_before timestamptz) returns bigint
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
  delete from sync.commit c where c.stream = guild and c.commit_no <= last_trimmed;
  update sync.stream s set kept_from = last_trimmed + 1, trimmed_at = now() where s.stream = guild;
  return last_trimmed;
end
$$;

-- Empties the slots that no commit uses any more. A pull that began before its commits were
-- trimmed may still read them, so that must be an hour ago. A slot that somebody is reading is
-- left for the next time.
create function sync.empty_slots() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms'
as $$
declare
  emptied bigint := 0;
  is_used boolean;
begin
  if exists (select from sync.stream s where s.trimmed_at > now() - interval '1 hour') then
    return 0;
  end if;
  for number in 0..7 loop
    begin
      execute format('select exists (select from sync.change_%s)', number) into is_used;
      continue when not is_used or number = sync.log_slot(now());
      execute format('lock table sync.change_%s in access exclusive mode', number);
      -- Looked at under the lock: who wrote into this slot has ended.
      continue when exists (select from sync.commit c where c.slot = number);
      execute format('truncate sync.change_%s', number);
      emptied := emptied + 1;
    exception when lock_not_available then
      null;
    end;
  end loop;
  return emptied;
end
$$;
create index commit_slot on sync.commit (slot);

-- What the server's jobs did: the last runs.
create table sync.job_run (
  id bigint generated always as identity primary key,
  job text not null,
  started_at timestamptz not null default clock_timestamp(),
  -- None while it runs, and for a run that the server did not survive.
  ended_at timestamptz,
  -- What it came across, and what of that it set right.
  found bigint not null default 0,
  repaired bigint not null default 0,
  -- Why it did not come to its end.
  problem text
);
create index job_run_last on sync.job_run (job, started_at desc);

-- What was not as it should be and was set right, on the server or on a device.
create table sync.repair (
  id bigint generated always as identity primary key,
  stream uuid not null,
  at timestamptz not null default now(),
  -- None for the server's own.
  device uuid,
  tbl smallint,
  pk uuid,
  scope text,
  what text not null
);
create index repair_of_stream on sync.repair (stream, at desc);

do $$
declare
  part text;
begin
  foreach part in array array['job_run', 'repair'] loop
    execute format('alter table sync.%I enable row level security', part);
    execute format('alter table sync.%I force row level security', part);
    execute format('create policy owner_all on sync.%I to guildhall_owner using (true) with check (true)', part);
  end loop;
end
$$;

-- Whether a job that runs once a day, from a minute of the day on (in UTC), has not run since.
create function sync.is_due(of_job text, minute_of_day int) returns boolean
language sql volatile set search_path = pg_catalog, pg_temp
as $$
  select not exists (
    select from sync.job_run r
    where r.job = of_job and r.problem is null
      and r.started_at at time zone 'UTC'
        >= date_trunc('day', now() at time zone 'UTC' - make_interval(mins => minute_of_day)) + make_interval(mins => minute_of_day)
  )
$$;

-- Rows of a table of which the projection says something wrong.
create function sync.list_wrong(of_table text) returns table (stream uuid, pk uuid, scopes text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select a.stream, a.pk, array_agg(a.scope order by a.scope) from sync.audit(of_table) a group by a.stream, a.pk
$$;

-- Makes the projection of a row what it should be, tells devices, and leaves a line.
create function sync.set_right(of_table text, guild uuid, row_id uuid, scopes text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.reproject_row(of_table, guild, row_id);
  insert into sync.repair (stream, tbl, pk, scope, what)
  select guild, sync.table_number(of_table), row_id, s.scope, 'the projection was not what the row says'
  from unnest(scopes) as s (scope);
end
$$;
