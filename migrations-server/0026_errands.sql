-- What somebody who may force a sync asks other laptops to do. A laptop is handed it with its next
-- pull, says that it has it, and in the end what came of it. Lines stay: they say who asked what,
-- when and why.

create table sync.errand (
  guild_id uuid not null,
  -- Of the request; one may ask many laptops.
  id uuid not null,
  device_id uuid not null,
  kind text not null check (kind in ('sync', 'verify', 'repair', 'download', 'rebuild')),
  scopes text[] not null default '{}',
  reason text,
  asked_by uuid not null,
  asked_at timestamptz not null default now(),
  -- When the laptop said that it has it.
  taken_at timestamptz,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled')),
  -- What came of it, as JSON.
  counts jsonb not null default '{}',
  ended_at timestamptz,
  primary key (guild_id, id, device_id),
  foreign key (guild_id, device_id) references private.devices (guild_id, id),
  foreign key (guild_id, asked_by) references guildhall.users (guild_id, id)
);
create index errand_waiting on sync.errand (guild_id, device_id) where taken_at is null and ended_at is null;
create index errand_last on sync.errand (guild_id, device_id, asked_at desc);
create index errand_asked_by on sync.errand (guild_id, asked_by);

alter table sync.errand enable row level security;
alter table sync.errand force row level security;
create policy owner_all on sync.errand to guildhall_owner using (true) with check (true);

-- Whether a device of the asking person is asked for something that it has not taken.
create function sync.is_asked(device uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from sync.errand e
    where e.guild_id = private.guild() and e.device_id = device and e.taken_at is null and e.ended_at is null
  )
$$;

-- What a device of the asking person is asked and has not taken, the oldest first.
create function sync.handed_errands(device uuid, at_most bigint)
returns table (id uuid, kind text, scopes text[], asked_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.id, e.kind, e.scopes, u.name
  from sync.errand e
  join private.devices d on d.guild_id = e.guild_id and d.id = e.device_id and d.user_id = private.person()
  join guildhall.users u on u.guild_id = e.guild_id and u.id = e.asked_by
  where e.guild_id = private.guild() and e.device_id = device and e.taken_at is null and e.ended_at is null
  order by e.asked_at, e.id limit at_most
$$;

-- A device of the asking person says how far it is. What has ended stays as it ended.
create function sync.report_errand(device uuid, errand uuid, its_state text, its_counts jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  update sync.errand e
  set state = its_state, counts = its_counts, taken_at = coalesce(e.taken_at, now()),
    ended_at = case when its_state in ('done', 'cancelled') then now() end
  where e.guild_id = private.guild() and e.device_id = device and e.id = errand and e.ended_at is null
    and exists (select from private.devices d
                where d.guild_id = e.guild_id and d.id = device and d.user_id = private.person())
$$;

-- Asks devices of the guild for something, and returns how many there are of these. The commit has
-- no changes: it is there so that every laptop that listens hears of it and pulls.
create function sync.ask_errand(request uuid, devices uuid[], its_kind text, its_scopes text[], its_reason text)
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  asked bigint;
begin
  if not private.manages('sync.force') then
    raise insufficient_privilege using message = 'only who may force a sync asks other laptops';
  end if;
  insert into sync.errand (guild_id, id, device_id, kind, scopes, reason, asked_by)
  select d.guild_id, request, d.id, its_kind, its_scopes, its_reason, private.person()
  from private.devices d
  where d.guild_id = private.guild() and d.id = any (devices) and d.revoked_at is null
  on conflict do nothing;
  select count(*) into asked from sync.errand e where e.guild_id = private.guild() and e.id = request;
  perform sync.open_commit(private.guild());
  return asked;
end
$$;

-- Takes back what no device has taken yet.
create function sync.take_back_errands(devices uuid[]) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  taken_back bigint;
begin
  if not private.manages('sync.force') then
    raise insufficient_privilege using message = 'only who may force a sync asks other laptops';
  end if;
  update sync.errand e set state = 'cancelled', ended_at = now()
  where e.guild_id = private.guild() and e.device_id = any (devices) and e.taken_at is null and e.ended_at is null;
  get diagnostics taken_back = row_count;
  return taken_back;
end
$$;

-- The laptops of the guild, those last seen first, each with what it was last asked.
create function sync.list_devices() returns table (
  id uuid, name text, person text, platform text, app_version text, last_seen_at timestamptz, scopes text[],
  kind text, state text, counts text, asked_by text, asked_at timestamptz, is_taken boolean, ended_at timestamptz
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not private.manages('sync.force') then
    raise insufficient_privilege using message = 'only who may force a sync sees other laptops';
  end if;
  return query
    with held as (
      select u.id, u.name, array(select distinct s from sync.scopes_of(u.guild_id, u.id) as s order by s) as scopes
      from guildhall.users u where u.guild_id = private.guild()
        and exists (select from private.devices d where d.guild_id = u.guild_id and d.user_id = u.id and d.revoked_at is null)
    )
    select d.id, d.name, h.name, d.platform, d.app_version, d.last_seen_at, h.scopes,
      e.kind, e.state, e.counts::text, a.name, e.asked_at, e.taken_at is not null, e.ended_at
    from private.devices d
    join held h on h.id = d.user_id
    left join lateral (
      select l.* from sync.errand l where l.guild_id = d.guild_id and l.device_id = d.id order by l.asked_at desc, l.id limit 1
    ) e on true
    left join guildhall.users a on a.guild_id = e.guild_id and a.id = e.asked_by
    where d.guild_id = private.guild() and d.revoked_at is null
    order by d.last_seen_at desc nulls last, h.name, d.name, d.id;
end
$$;

grant execute on function
  sync.is_asked(uuid), sync.handed_errands(uuid, bigint), sync.report_errand(uuid, uuid, text, jsonb),
  sync.ask_errand(uuid, uuid[], text, text[], text), sync.take_back_errands(uuid[]), sync.list_devices()
  to guildhall_app;
