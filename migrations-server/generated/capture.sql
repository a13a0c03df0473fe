-- Generated from the registry in sync/src/model; not edited by hand.
-- To renew it: GUILDHALL_RENEW=1 cargo test -p guildhall-server generated

-- Before changes were captured by the statement, they were by the row. With the functions go their
-- triggers.
do $$
declare
  old record;
begin
  for old in
    select p.oid::regprocedure as name from pg_proc p
    where p.pronamespace = 'sync'::regnamespace and p.proname like 'after\_%' and p.prorettype = 'trigger'::regtype
  loop
    execute format('drop function %s cascade', old.name);
  end loop;
end
$$;

-- 1 guilds: A guild: the tenant that everything else belongs to.
create or replace function sync.hash_guilds(r guildhall.guilds) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        ) || (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        )
      )
    ) || (
      (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          || sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
        ) || (
          case when r.description = '' then ''::bytea else sync.cell('\x000b73'::bytea, convert_to(r.description, 'UTF8')) end
          || case when r.locale = 'en' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.locale, 'UTF8')) end
        )
      ) || (
        (
          case when r.timezone = 'UTC' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.timezone, 'UTF8')) end
          || case when r.desk_edits = 'direct' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.desk_edits, 'UTF8')) end
        ) || (
          case when r.lease_hours = 720 then ''::bytea else sync.cell('\x000f69'::bytea, convert_to(r.lease_hours::text, 'UTF8')) end
          || case when r.guarded_lease_hours = 72 then ''::bytea else sync.cell('\x001069'::bytea, convert_to(r.guarded_lease_hours::text, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_guilds(r guildhall.guilds) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 1::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.description, new.locale, new.timezone, new.desk_edits, new.lease_hours, new.guarded_lease_hours) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.description, old.locale, old.timezone, old.desk_edits, old.lease_hours, old.guarded_lease_hours) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,description,locale,timezone,desk_edits,lease_hours,guarded_lease_hours}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'guilds', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'description', new.description, 'locale', new.locale, 'timezone', new.timezone, 'desk_edits', new.desk_edits, 'lease_hours', new.lease_hours, 'guarded_lease_hours', new.guarded_lease_hours), dirty, null, new.rev, null, sync.hash_guilds(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 1::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.description is distinct from old.description then 'description' end,
    case when new.locale is distinct from old.locale then 'locale' end,
    case when new.timezone is distinct from old.timezone then 'timezone' end,
    case when new.desk_edits is distinct from old.desk_edits then 'desk_edits' end,
    case when new.lease_hours is distinct from old.lease_hours then 'lease_hours' end,
    case when new.guarded_lease_hours is distinct from old.guarded_lease_hours then 'guarded_lease_hours' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.description is not distinct from old.description then 'description' end,
    case when new.locale is not distinct from old.locale then 'locale' end,
    case when new.timezone is not distinct from old.timezone then 'timezone' end,
    case when new.desk_edits is not distinct from old.desk_edits then 'desk_edits' end,
    case when new.lease_hours is not distinct from old.lease_hours then 'lease_hours' end,
    case when new.guarded_lease_hours is not distinct from old.guarded_lease_hours then 'guarded_lease_hours' end
  ], null);
  perform sync.write_history(new.guild_id, 'guilds', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'description', old.description, 'locale', old.locale, 'timezone', old.timezone, 'desk_edits', old.desk_edits, 'lease_hours', old.lease_hours, 'guarded_lease_hours', old.guarded_lease_hours) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'description', new.description, 'locale', new.locale, 'timezone', new.timezone, 'desk_edits', new.desk_edits, 'lease_hours', new.lease_hours, 'guarded_lease_hours', new.guarded_lease_hours) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_guilds(new));
  return null;
end
$$;
create or replace function sync.added_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_guilds(b::guildhall.guilds) as hash, sync.scopes_guilds(b::guildhall.guilds) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 1::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 1::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'guilds', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_guilds(w::guildhall.guilds) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_guilds(b::guildhall.guilds), sync.scopes_guilds(b::guildhall.guilds)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 1::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 1::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 1::smallint, 'guilds', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,description,locale,timezone,desk_edits,lease_hours,guarded_lease_hours}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 1::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'guilds', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'description', old.description, 'locale', old.locale, 'timezone', old.timezone, 'desk_edits', old.desk_edits, 'lease_hours', old.lease_hours, 'guarded_lease_hours', old.guarded_lease_hours), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 1::smallint, 'guilds', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.guilds
  for each row execute function sync.before_guilds();
create or replace trigger sync_history after insert or update on guildhall.guilds
  for each row execute function sync.history_guilds();
create or replace trigger sync_added after insert on guildhall.guilds
  referencing new table as became for each statement execute function sync.added_guilds();
create or replace trigger sync_changed after update on guildhall.guilds
  referencing old table as was new table as became for each statement execute function sync.changed_guilds();
create or replace trigger sync_removed after delete on guildhall.guilds
  for each row execute function sync.removed_guilds();
create or replace trigger sync_truncate before truncate on guildhall.guilds
  for each statement execute function sync.refuse_truncate();
alter table guildhall.guilds enable always trigger sync_before;
alter table guildhall.guilds enable always trigger sync_history;
alter table guildhall.guilds enable always trigger sync_added;
alter table guildhall.guilds enable always trigger sync_changed;
alter table guildhall.guilds enable always trigger sync_removed;
alter table guildhall.guilds enable always trigger sync_truncate;
select sync.set_projection(1::smallint, 'guilds', '5efd91086ca40a9dc15edeb1c111e088e857ccfad8206fc82cae40c0b871fed5');

-- 2 locations: A place where the guild works.
create or replace function sync.hash_locations(r guildhall.locations) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        )
      )
    ) || (
      (
        (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        ) || (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          || sync.cell('\x000a73'::bytea, convert_to(r.code, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000b73'::bytea, convert_to(r.name, 'UTF8'))
        ) || (
          case when r.timezone = 'UTC' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.timezone, 'UTF8')) end
          || case when r.address = '{}'::jsonb then ''::bytea else sync.cell('\x000d6a'::bytea, convert_to(r.address::text, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_locations(r guildhall.locations) returns text[]
language sql stable as $$
  select array['public']
$$;
create or replace function sync.before_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 2::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.code, new.name, new.timezone, new.address) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.code, old.name, old.timezone, old.address) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,code,name,timezone,address}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'locations', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'code', new.code, 'name', new.name, 'timezone', new.timezone, 'address', new.address), dirty, null, new.rev, null, sync.hash_locations(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 2::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.code is distinct from old.code then 'code' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.timezone is distinct from old.timezone then 'timezone' end,
    case when new.address is distinct from old.address then 'address' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.code is not distinct from old.code then 'code' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.timezone is not distinct from old.timezone then 'timezone' end,
    case when new.address is not distinct from old.address then 'address' end
  ], null);
  perform sync.write_history(new.guild_id, 'locations', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'code', old.code, 'name', old.name, 'timezone', old.timezone, 'address', old.address) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'code', new.code, 'name', new.name, 'timezone', new.timezone, 'address', new.address) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_locations(new));
  return null;
end
$$;
create or replace function sync.added_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_locations(b::guildhall.locations) as hash, sync.scopes_locations(b::guildhall.locations) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 2::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 2::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'locations', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_locations(w::guildhall.locations) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_locations(b::guildhall.locations), sync.scopes_locations(b::guildhall.locations)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 2::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 2::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 2::smallint, 'locations', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,code,name,timezone,address}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 2::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'locations', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'code', old.code, 'name', old.name, 'timezone', old.timezone, 'address', old.address), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 2::smallint, 'locations', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.locations
  for each row execute function sync.before_locations();
create or replace trigger sync_history after insert or update on guildhall.locations
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_locations();
create or replace trigger sync_added after insert on guildhall.locations
  referencing new table as became for each statement execute function sync.added_locations();
create or replace trigger sync_changed after update on guildhall.locations
  referencing old table as was new table as became for each statement execute function sync.changed_locations();
create or replace trigger sync_removed after delete on guildhall.locations
  for each row execute function sync.removed_locations();
create or replace trigger sync_truncate before truncate on guildhall.locations
  for each statement execute function sync.refuse_truncate();
alter table guildhall.locations enable always trigger sync_before;
alter table guildhall.locations enable always trigger sync_history;
alter table guildhall.locations enable always trigger sync_added;
alter table guildhall.locations enable always trigger sync_changed;
alter table guildhall.locations enable always trigger sync_removed;
alter table guildhall.locations enable always trigger sync_truncate;
select sync.set_projection(2::smallint, 'locations', 'd0cbd2e21de72f376acd466c8c9c6a4dcea3e9bc987d9650538343e7d32ca589');

-- 3 users: A person, as every member may see them.
create or replace function sync.hash_users(r guildhall.users) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        ) || (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        )
      )
    ) || (
      (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          || sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
        ) || (
          case when r.phonetic = '' then ''::bytea else sync.cell('\x000b73'::bytea, convert_to(r.phonetic, 'UTF8')) end
          || sync.cell('\x000c73'::bytea, convert_to(r.role, 'UTF8'))
        )
      ) || (
        (
          case when r.rank_id is null then ''::bytea else sync.cell('\x000d75'::bytea, uuid_send(r.rank_id)) end
          || case when r.squad_id is null then ''::bytea else sync.cell('\x000e75'::bytea, uuid_send(r.squad_id)) end
        ) || (
          case when r.preferences = '{}'::text[] then ''::bytea else sync.cell('\x000f61'::bytea, sync.words(r.preferences)) end
          || case when r.is_active = true then ''::bytea else sync.cell('\x001062'::bytea, convert_to(r.is_active::int::text, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_users(r guildhall.users) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_users() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.preferences := sync.sorted(new.preferences);
    new.rev := sync.first_version(new.guild_id, 3::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.preferences is distinct from old.preferences then
    new.preferences := sync.sorted(new.preferences);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.phonetic, new.role, new.rank_id, new.squad_id, new.preferences, new.is_active) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.phonetic, old.role, old.rank_id, old.squad_id, old.preferences, old.is_active) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_users() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,phonetic,role,rank_id,squad_id,preferences,is_active}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'users', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'phonetic', new.phonetic, 'role', new.role, 'rank_id', new.rank_id, 'squad_id', new.squad_id, 'preferences', new.preferences, 'is_active', new.is_active), dirty, null, new.rev, null, sync.hash_users(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 3::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.phonetic is distinct from old.phonetic then 'phonetic' end,
    case when new.role is distinct from old.role then 'role' end,
    case when new.rank_id is distinct from old.rank_id then 'rank_id' end,
    case when new.squad_id is distinct from old.squad_id then 'squad_id' end,
    case when new.preferences is distinct from old.preferences then 'preferences' end,
    case when new.is_active is distinct from old.is_active then 'is_active' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.phonetic is not distinct from old.phonetic then 'phonetic' end,
    case when new.role is not distinct from old.role then 'role' end,
    case when new.rank_id is not distinct from old.rank_id then 'rank_id' end,
    case when new.squad_id is not distinct from old.squad_id then 'squad_id' end,
    case when new.preferences is not distinct from old.preferences then 'preferences' end,
    case when new.is_active is not distinct from old.is_active then 'is_active' end
  ], null);
  perform sync.write_history(new.guild_id, 'users', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'phonetic', old.phonetic, 'role', old.role, 'rank_id', old.rank_id, 'squad_id', old.squad_id, 'preferences', old.preferences, 'is_active', old.is_active) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'phonetic', new.phonetic, 'role', new.role, 'rank_id', new.rank_id, 'squad_id', new.squad_id, 'preferences', new.preferences, 'is_active', new.is_active) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_users(new));
  return null;
end
$$;
create or replace function sync.added_users() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_users(b::guildhall.users) as hash, sync.scopes_users(b::guildhall.users) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 3::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 3::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'users', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_users() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_users(w::guildhall.users) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_users(b::guildhall.users), sync.scopes_users(b::guildhall.users)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 3::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 3::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 3::smallint, 'users', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_users() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,phonetic,role,rank_id,squad_id,preferences,is_active}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 3::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'users', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'phonetic', old.phonetic, 'role', old.role, 'rank_id', old.rank_id, 'squad_id', old.squad_id, 'preferences', old.preferences, 'is_active', old.is_active), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 3::smallint, 'users', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.users
  for each row execute function sync.before_users();
create or replace trigger sync_history after insert or update on guildhall.users
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_users();
create or replace trigger sync_added after insert on guildhall.users
  referencing new table as became for each statement execute function sync.added_users();
create or replace trigger sync_changed after update on guildhall.users
  referencing old table as was new table as became for each statement execute function sync.changed_users();
create or replace trigger sync_removed after delete on guildhall.users
  for each row execute function sync.removed_users();
create or replace trigger sync_truncate before truncate on guildhall.users
  for each statement execute function sync.refuse_truncate();
alter table guildhall.users enable always trigger sync_before;
alter table guildhall.users enable always trigger sync_history;
alter table guildhall.users enable always trigger sync_added;
alter table guildhall.users enable always trigger sync_changed;
alter table guildhall.users enable always trigger sync_removed;
alter table guildhall.users enable always trigger sync_truncate;
select sync.set_projection(3::smallint, 'users', '5bb5cad2dbc6159ce93fcf0e6a34bab48c6ed892c1787570d3f291f115df7edb');

-- 4 user_contacts: How to reach a person: for managers and for that person alone.
create or replace function sync.hash_user_contacts(r guildhall.user_contacts) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
      ) || (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a75'::bytea, uuid_send(r.user_id))
          || sync.cell('\x000b73'::bytea, convert_to(r.email, 'UTF8'))
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_user_contacts(r guildhall.user_contacts) returns text[]
language sql stable as $$
  select array['managers']
    || array['user:' || r.user_id]
$$;
create or replace function sync.before_user_contacts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 4::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.user_id, new.email) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.user_id, old.email) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_user_contacts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,email}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'user_contacts', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'email', new.email), dirty, null, new.rev, null, sync.hash_user_contacts(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 4::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is distinct from old.user_id then 'user_id' end,
    case when new.email is distinct from old.email then 'email' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is not distinct from old.user_id then 'user_id' end,
    case when new.email is not distinct from old.email then 'email' end
  ], null);
  perform sync.write_history(new.guild_id, 'user_contacts', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'email', old.email) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'email', new.email) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_user_contacts(new));
  return null;
end
$$;
create or replace function sync.added_user_contacts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_user_contacts(b::guildhall.user_contacts) as hash, sync.scopes_user_contacts(b::guildhall.user_contacts) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 4::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 4::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'user_contacts', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_user_contacts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_user_contacts(w::guildhall.user_contacts) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_user_contacts(b::guildhall.user_contacts), sync.scopes_user_contacts(b::guildhall.user_contacts)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 4::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 4::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 4::smallint, 'user_contacts', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_user_contacts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,email}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 4::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'user_contacts', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'email', old.email), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 4::smallint, 'user_contacts', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.user_contacts
  for each row execute function sync.before_user_contacts();
create or replace trigger sync_history after insert or update on guildhall.user_contacts
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_user_contacts();
create or replace trigger sync_added after insert on guildhall.user_contacts
  referencing new table as became for each statement execute function sync.added_user_contacts();
create or replace trigger sync_changed after update on guildhall.user_contacts
  referencing old table as was new table as became for each statement execute function sync.changed_user_contacts();
create or replace trigger sync_removed after delete on guildhall.user_contacts
  for each row execute function sync.removed_user_contacts();
create or replace trigger sync_truncate before truncate on guildhall.user_contacts
  for each statement execute function sync.refuse_truncate();
alter table guildhall.user_contacts enable always trigger sync_before;
alter table guildhall.user_contacts enable always trigger sync_history;
alter table guildhall.user_contacts enable always trigger sync_added;
alter table guildhall.user_contacts enable always trigger sync_changed;
alter table guildhall.user_contacts enable always trigger sync_removed;
alter table guildhall.user_contacts enable always trigger sync_truncate;
select sync.set_projection(4::smallint, 'user_contacts', '2f9dc88e07507dcd4d305b7b42df236a684d6cea59fdccbf066e66d59e561945');

-- 5 user_locations: Who works where.
create or replace function sync.hash_user_locations(r guildhall.user_locations) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
      ) || (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a75'::bytea, uuid_send(r.user_id))
          || sync.cell('\x000b75'::bytea, uuid_send(r.location_id))
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_user_locations(r guildhall.user_locations) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_user_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 5::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.user_id, new.location_id) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.user_id, old.location_id) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_user_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,location_id}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'user_locations', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'location_id', new.location_id), dirty, null, new.rev, null, sync.hash_user_locations(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 5::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is distinct from old.user_id then 'user_id' end,
    case when new.location_id is distinct from old.location_id then 'location_id' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is not distinct from old.user_id then 'user_id' end,
    case when new.location_id is not distinct from old.location_id then 'location_id' end
  ], null);
  perform sync.write_history(new.guild_id, 'user_locations', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'location_id', old.location_id) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'location_id', new.location_id) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_user_locations(new));
  return null;
end
$$;
create or replace function sync.added_user_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_user_locations(b::guildhall.user_locations) as hash, sync.scopes_user_locations(b::guildhall.user_locations) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 5::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 5::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'user_locations', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_user_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_user_locations(w::guildhall.user_locations) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_user_locations(b::guildhall.user_locations), sync.scopes_user_locations(b::guildhall.user_locations)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 5::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 5::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 5::smallint, 'user_locations', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_user_locations() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,location_id}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 5::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'user_locations', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'location_id', old.location_id), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 5::smallint, 'user_locations', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.user_locations
  for each row execute function sync.before_user_locations();
create or replace trigger sync_history after insert or update on guildhall.user_locations
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_user_locations();
create or replace trigger sync_added after insert on guildhall.user_locations
  referencing new table as became for each statement execute function sync.added_user_locations();
create or replace trigger sync_changed after update on guildhall.user_locations
  referencing old table as was new table as became for each statement execute function sync.changed_user_locations();
create or replace trigger sync_removed after delete on guildhall.user_locations
  for each row execute function sync.removed_user_locations();
create or replace trigger sync_truncate before truncate on guildhall.user_locations
  for each statement execute function sync.refuse_truncate();
alter table guildhall.user_locations enable always trigger sync_before;
alter table guildhall.user_locations enable always trigger sync_history;
alter table guildhall.user_locations enable always trigger sync_added;
alter table guildhall.user_locations enable always trigger sync_changed;
alter table guildhall.user_locations enable always trigger sync_removed;
alter table guildhall.user_locations enable always trigger sync_truncate;
select sync.set_projection(5::smallint, 'user_locations', '3e5a5f1b9ac65856fd1b66b39ea0f7b7342c71dd4ab687f03d9c5d708029f486');

-- 6 ranks: A step on the guild's ladder.
create or replace function sync.hash_ranks(r guildhall.ranks) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          || case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        )
      ) || (
        (
          sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
        ) || (
          case when r.phonetic = '' then ''::bytea else sync.cell('\x000b73'::bytea, convert_to(r.phonetic, 'UTF8')) end
          || sync.cell('\x000c69'::bytea, convert_to(r.hierarchy_level::text, 'UTF8'))
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_ranks(r guildhall.ranks) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_ranks() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 6::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.phonetic, new.hierarchy_level) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.phonetic, old.hierarchy_level) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_ranks() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,phonetic,hierarchy_level}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'ranks', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'phonetic', new.phonetic, 'hierarchy_level', new.hierarchy_level), dirty, null, new.rev, null, sync.hash_ranks(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 6::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.phonetic is distinct from old.phonetic then 'phonetic' end,
    case when new.hierarchy_level is distinct from old.hierarchy_level then 'hierarchy_level' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.phonetic is not distinct from old.phonetic then 'phonetic' end,
    case when new.hierarchy_level is not distinct from old.hierarchy_level then 'hierarchy_level' end
  ], null);
  perform sync.write_history(new.guild_id, 'ranks', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'phonetic', old.phonetic, 'hierarchy_level', old.hierarchy_level) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'phonetic', new.phonetic, 'hierarchy_level', new.hierarchy_level) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_ranks(new));
  return null;
end
$$;
create or replace function sync.added_ranks() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_ranks(b::guildhall.ranks) as hash, sync.scopes_ranks(b::guildhall.ranks) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 6::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 6::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'ranks', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_ranks() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_ranks(w::guildhall.ranks) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_ranks(b::guildhall.ranks), sync.scopes_ranks(b::guildhall.ranks)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 6::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 6::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 6::smallint, 'ranks', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_ranks() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,phonetic,hierarchy_level}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 6::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'ranks', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'phonetic', old.phonetic, 'hierarchy_level', old.hierarchy_level), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 6::smallint, 'ranks', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.ranks
  for each row execute function sync.before_ranks();
create or replace trigger sync_history after insert or update on guildhall.ranks
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_ranks();
create or replace trigger sync_added after insert on guildhall.ranks
  referencing new table as became for each statement execute function sync.added_ranks();
create or replace trigger sync_changed after update on guildhall.ranks
  referencing old table as was new table as became for each statement execute function sync.changed_ranks();
create or replace trigger sync_removed after delete on guildhall.ranks
  for each row execute function sync.removed_ranks();
create or replace trigger sync_truncate before truncate on guildhall.ranks
  for each statement execute function sync.refuse_truncate();
alter table guildhall.ranks enable always trigger sync_before;
alter table guildhall.ranks enable always trigger sync_history;
alter table guildhall.ranks enable always trigger sync_added;
alter table guildhall.ranks enable always trigger sync_changed;
alter table guildhall.ranks enable always trigger sync_removed;
alter table guildhall.ranks enable always trigger sync_truncate;
select sync.set_projection(6::smallint, 'ranks', '7aa1160fd9bd3470b9c3bae20fbc5a01a58df8d3a70f1273505f39f9bbfb00bd');

-- 7 access_levels: A named set of things that people may do.
create or replace function sync.hash_access_levels(r guildhall.access_levels) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
      ) || (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
          || case when r.user_actions = '{}'::text[] then ''::bytea else sync.cell('\x000b61'::bytea, sync.words(r.user_actions)) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_access_levels(r guildhall.access_levels) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.user_actions := sync.sorted(new.user_actions);
    new.rev := sync.first_version(new.guild_id, 7::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.user_actions is distinct from old.user_actions then
    new.user_actions := sync.sorted(new.user_actions);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.user_actions) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.user_actions) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,user_actions}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'access_levels', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'user_actions', new.user_actions), dirty, null, new.rev, null, sync.hash_access_levels(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 7::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.user_actions is distinct from old.user_actions then 'user_actions' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.user_actions is not distinct from old.user_actions then 'user_actions' end
  ], null);
  perform sync.write_history(new.guild_id, 'access_levels', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'user_actions', old.user_actions) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'user_actions', new.user_actions) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_access_levels(new));
  return null;
end
$$;
create or replace function sync.added_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_access_levels(b::guildhall.access_levels) as hash, sync.scopes_access_levels(b::guildhall.access_levels) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 7::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 7::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'access_levels', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_access_levels(w::guildhall.access_levels) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_access_levels(b::guildhall.access_levels), sync.scopes_access_levels(b::guildhall.access_levels)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 7::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 7::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 7::smallint, 'access_levels', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,user_actions}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 7::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'access_levels', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'user_actions', old.user_actions), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 7::smallint, 'access_levels', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.access_levels
  for each row execute function sync.before_access_levels();
create or replace trigger sync_history after insert or update on guildhall.access_levels
  for each row execute function sync.history_access_levels();
create or replace trigger sync_added after insert on guildhall.access_levels
  referencing new table as became for each statement execute function sync.added_access_levels();
create or replace trigger sync_changed after update on guildhall.access_levels
  referencing old table as was new table as became for each statement execute function sync.changed_access_levels();
create or replace trigger sync_removed after delete on guildhall.access_levels
  for each row execute function sync.removed_access_levels();
create or replace trigger sync_truncate before truncate on guildhall.access_levels
  for each statement execute function sync.refuse_truncate();
alter table guildhall.access_levels enable always trigger sync_before;
alter table guildhall.access_levels enable always trigger sync_history;
alter table guildhall.access_levels enable always trigger sync_added;
alter table guildhall.access_levels enable always trigger sync_changed;
alter table guildhall.access_levels enable always trigger sync_removed;
alter table guildhall.access_levels enable always trigger sync_truncate;
select sync.set_projection(7::smallint, 'access_levels', 'b64e26b0a955695c5e05abf9d0bc61089bce3663d1f02295ec2546a3369f80e3');

-- 8 rank_access_levels: An access level that a rank holds.
create or replace function sync.hash_rank_access_levels(r guildhall.rank_access_levels) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
      ) || (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a75'::bytea, uuid_send(r.rank_id))
          || sync.cell('\x000b75'::bytea, uuid_send(r.access_level_id))
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_rank_access_levels(r guildhall.rank_access_levels) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_rank_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 8::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.rank_id, new.access_level_id) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.rank_id, old.access_level_id) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_rank_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,rank_id,access_level_id}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'rank_access_levels', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'rank_id', new.rank_id, 'access_level_id', new.access_level_id), dirty, null, new.rev, null, sync.hash_rank_access_levels(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 8::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.rank_id is distinct from old.rank_id then 'rank_id' end,
    case when new.access_level_id is distinct from old.access_level_id then 'access_level_id' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.rank_id is not distinct from old.rank_id then 'rank_id' end,
    case when new.access_level_id is not distinct from old.access_level_id then 'access_level_id' end
  ], null);
  perform sync.write_history(new.guild_id, 'rank_access_levels', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'rank_id', old.rank_id, 'access_level_id', old.access_level_id) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'rank_id', new.rank_id, 'access_level_id', new.access_level_id) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_rank_access_levels(new));
  return null;
end
$$;
create or replace function sync.added_rank_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_rank_access_levels(b::guildhall.rank_access_levels) as hash, sync.scopes_rank_access_levels(b::guildhall.rank_access_levels) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 8::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 8::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'rank_access_levels', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_rank_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_rank_access_levels(w::guildhall.rank_access_levels) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_rank_access_levels(b::guildhall.rank_access_levels), sync.scopes_rank_access_levels(b::guildhall.rank_access_levels)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 8::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 8::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 8::smallint, 'rank_access_levels', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_rank_access_levels() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,rank_id,access_level_id}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 8::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'rank_access_levels', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'rank_id', old.rank_id, 'access_level_id', old.access_level_id), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 8::smallint, 'rank_access_levels', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.rank_access_levels
  for each row execute function sync.before_rank_access_levels();
create or replace trigger sync_history after insert or update on guildhall.rank_access_levels
  for each row execute function sync.history_rank_access_levels();
create or replace trigger sync_added after insert on guildhall.rank_access_levels
  referencing new table as became for each statement execute function sync.added_rank_access_levels();
create or replace trigger sync_changed after update on guildhall.rank_access_levels
  referencing old table as was new table as became for each statement execute function sync.changed_rank_access_levels();
create or replace trigger sync_removed after delete on guildhall.rank_access_levels
  for each row execute function sync.removed_rank_access_levels();
create or replace trigger sync_truncate before truncate on guildhall.rank_access_levels
  for each statement execute function sync.refuse_truncate();
alter table guildhall.rank_access_levels enable always trigger sync_before;
alter table guildhall.rank_access_levels enable always trigger sync_history;
alter table guildhall.rank_access_levels enable always trigger sync_added;
alter table guildhall.rank_access_levels enable always trigger sync_changed;
alter table guildhall.rank_access_levels enable always trigger sync_removed;
alter table guildhall.rank_access_levels enable always trigger sync_truncate;
select sync.set_projection(8::smallint, 'rank_access_levels', 'a9651d9a98711df9c5682b89520595e2badc50087201dae7ecfb273c49d2b1d4');

-- 9 squads: People who do missions together.
create or replace function sync.hash_squads(r guildhall.squads) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        sync.cell('\x000175'::bytea, uuid_send(r.id))
        || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
      ) || (
        (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        ) || (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        )
      )
    ) || (
      (
        sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
      ) || (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
          || case when r.squad_lead_id is null then ''::bytea else sync.cell('\x000b75'::bytea, uuid_send(r.squad_lead_id)) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_squads(r guildhall.squads) returns text[]
language sql stable as $$
  select array['guild']
$$;
create or replace function sync.before_squads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 9::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.squad_lead_id) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.squad_lead_id) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_squads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,squad_lead_id}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'squads', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'squad_lead_id', new.squad_lead_id), dirty, null, new.rev, null, sync.hash_squads(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 9::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.squad_lead_id is distinct from old.squad_lead_id then 'squad_lead_id' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.squad_lead_id is not distinct from old.squad_lead_id then 'squad_lead_id' end
  ], null);
  perform sync.write_history(new.guild_id, 'squads', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'squad_lead_id', old.squad_lead_id) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'squad_lead_id', new.squad_lead_id) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_squads(new));
  return null;
end
$$;
create or replace function sync.added_squads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_squads(b::guildhall.squads) as hash, sync.scopes_squads(b::guildhall.squads) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 9::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 9::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'squads', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_squads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_squads(w::guildhall.squads) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_squads(b::guildhall.squads), sync.scopes_squads(b::guildhall.squads)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 9::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 9::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 9::smallint, 'squads', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_squads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,squad_lead_id}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 9::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'squads', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'squad_lead_id', old.squad_lead_id), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 9::smallint, 'squads', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.squads
  for each row execute function sync.before_squads();
create or replace trigger sync_history after insert or update on guildhall.squads
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_squads();
create or replace trigger sync_added after insert on guildhall.squads
  referencing new table as became for each statement execute function sync.added_squads();
create or replace trigger sync_changed after update on guildhall.squads
  referencing old table as was new table as became for each statement execute function sync.changed_squads();
create or replace trigger sync_removed after delete on guildhall.squads
  for each row execute function sync.removed_squads();
create or replace trigger sync_truncate before truncate on guildhall.squads
  for each statement execute function sync.refuse_truncate();
alter table guildhall.squads enable always trigger sync_before;
alter table guildhall.squads enable always trigger sync_history;
alter table guildhall.squads enable always trigger sync_added;
alter table guildhall.squads enable always trigger sync_changed;
alter table guildhall.squads enable always trigger sync_removed;
alter table guildhall.squads enable always trigger sync_truncate;
select sync.set_projection(9::smallint, 'squads', '952476c5963e2f33164dd921d8689a912324e431b63501cc5d0bda41ef3d27e9');

-- 10 assistants: One of the voices that answer: what it knows, who may ask it, which words lead to it.
create or replace function sync.hash_assistants(r guildhall.assistants) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          (
            sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          ) || (
            sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          )
        )
      ) || (
        (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        ) || (
          (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          ) || (
            sync.cell('\x000a73'::bytea, convert_to(r.slug, 'UTF8'))
            || sync.cell('\x000b73'::bytea, convert_to(r.name, 'UTF8'))
          )
        )
      )
    ) || (
      (
        (
          case when r.purpose = '' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.purpose, 'UTF8')) end
          || case when r.access_roles = '{}'::text[] then ''::bytea else sync.cell('\x000d61'::bytea, sync.words(r.access_roles)) end
        ) || (
          (
            case when r.keywords = '{}'::text[] then ''::bytea else sync.cell('\x000e61'::bytea, sync.words(r.keywords)) end
          ) || (
            case when r.is_public = false then ''::bytea else sync.cell('\x000f62'::bytea, convert_to(r.is_public::int::text, 'UTF8')) end
            || case when r.priority = 100 then ''::bytea else sync.cell('\x001069'::bytea, convert_to(r.priority::text, 'UTF8')) end
          )
        )
      ) || (
        (
          (
            case when r.provider is null then ''::bytea else sync.cell('\x001173'::bytea, convert_to(r.provider, 'UTF8')) end
          ) || (
            case when r.model = '' then ''::bytea else sync.cell('\x001273'::bytea, convert_to(r.model, 'UTF8')) end
            || case when r.temperature = 0.70 then ''::bytea else sync.cell('\x001364'::bytea, convert_to((r.temperature * 100)::bigint::text, 'UTF8')) end
          )
        ) || (
          (
            case when r.max_tokens = 500 then ''::bytea else sync.cell('\x001469'::bytea, convert_to(r.max_tokens::text, 'UTF8')) end
          ) || (
            case when r.provider_assistant_ref is null then ''::bytea else sync.cell('\x001573'::bytea, convert_to(r.provider_assistant_ref, 'UTF8')) end
            || case when r.escalation_contact is null then ''::bytea else sync.cell('\x001673'::bytea, convert_to(r.escalation_contact, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_assistants(r guildhall.assistants) returns text[]
language sql stable as $$
  select array['assistant:' || r.id]
$$;
create or replace function sync.before_assistants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.access_roles := sync.sorted(new.access_roles);
    new.keywords := sync.sorted(new.keywords);
    new.rev := sync.first_version(new.guild_id, 10::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.access_roles is distinct from old.access_roles then
    new.access_roles := sync.sorted(new.access_roles);
  end if;
  if new.keywords is distinct from old.keywords then
    new.keywords := sync.sorted(new.keywords);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.slug, new.name, new.purpose, new.access_roles, new.keywords, new.is_public, new.priority, new.provider, new.model, new.temperature, new.max_tokens, new.provider_assistant_ref, new.escalation_contact) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.slug, old.name, old.purpose, old.access_roles, old.keywords, old.is_public, old.priority, old.provider, old.model, old.temperature, old.max_tokens, old.provider_assistant_ref, old.escalation_contact) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_assistants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,slug,name,purpose,access_roles,keywords,is_public,priority,provider,model,temperature,max_tokens,provider_assistant_ref,escalation_contact}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'assistants', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'slug', new.slug, 'name', new.name, 'purpose', new.purpose, 'access_roles', new.access_roles, 'keywords', new.keywords, 'is_public', new.is_public, 'priority', new.priority, 'provider', new.provider, 'model', new.model, 'temperature', new.temperature, 'max_tokens', new.max_tokens, 'provider_assistant_ref', new.provider_assistant_ref, 'escalation_contact', new.escalation_contact), dirty, null, new.rev, null, sync.hash_assistants(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 10::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.slug is distinct from old.slug then 'slug' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.purpose is distinct from old.purpose then 'purpose' end,
    case when new.access_roles is distinct from old.access_roles then 'access_roles' end,
    case when new.keywords is distinct from old.keywords then 'keywords' end,
    case when new.is_public is distinct from old.is_public then 'is_public' end,
    case when new.priority is distinct from old.priority then 'priority' end,
    case when new.provider is distinct from old.provider then 'provider' end,
    case when new.model is distinct from old.model then 'model' end,
    case when new.temperature is distinct from old.temperature then 'temperature' end,
    case when new.max_tokens is distinct from old.max_tokens then 'max_tokens' end,
    case when new.provider_assistant_ref is distinct from old.provider_assistant_ref then 'provider_assistant_ref' end,
    case when new.escalation_contact is distinct from old.escalation_contact then 'escalation_contact' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.slug is not distinct from old.slug then 'slug' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.purpose is not distinct from old.purpose then 'purpose' end,
    case when new.access_roles is not distinct from old.access_roles then 'access_roles' end,
    case when new.keywords is not distinct from old.keywords then 'keywords' end,
    case when new.is_public is not distinct from old.is_public then 'is_public' end,
    case when new.priority is not distinct from old.priority then 'priority' end,
    case when new.provider is not distinct from old.provider then 'provider' end,
    case when new.model is not distinct from old.model then 'model' end,
    case when new.temperature is not distinct from old.temperature then 'temperature' end,
    case when new.max_tokens is not distinct from old.max_tokens then 'max_tokens' end,
    case when new.provider_assistant_ref is not distinct from old.provider_assistant_ref then 'provider_assistant_ref' end,
    case when new.escalation_contact is not distinct from old.escalation_contact then 'escalation_contact' end
  ], null);
  perform sync.write_history(new.guild_id, 'assistants', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'slug', old.slug, 'name', old.name, 'purpose', old.purpose, 'access_roles', old.access_roles, 'keywords', old.keywords, 'is_public', old.is_public, 'priority', old.priority, 'provider', old.provider, 'model', old.model, 'temperature', old.temperature, 'max_tokens', old.max_tokens, 'provider_assistant_ref', old.provider_assistant_ref, 'escalation_contact', old.escalation_contact) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'slug', new.slug, 'name', new.name, 'purpose', new.purpose, 'access_roles', new.access_roles, 'keywords', new.keywords, 'is_public', new.is_public, 'priority', new.priority, 'provider', new.provider, 'model', new.model, 'temperature', new.temperature, 'max_tokens', new.max_tokens, 'provider_assistant_ref', new.provider_assistant_ref, 'escalation_contact', new.escalation_contact) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_assistants(new));
  return null;
end
$$;
create or replace function sync.added_assistants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_assistants(b::guildhall.assistants) as hash, sync.scopes_assistants(b::guildhall.assistants) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 10::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 10::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'assistants', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_assistants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_assistants(w::guildhall.assistants) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_assistants(b::guildhall.assistants), sync.scopes_assistants(b::guildhall.assistants)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 10::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 10::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 10::smallint, 'assistants', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_assistants() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,slug,name,purpose,access_roles,keywords,is_public,priority,provider,model,temperature,max_tokens,provider_assistant_ref,escalation_contact}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 10::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'assistants', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'slug', old.slug, 'name', old.name, 'purpose', old.purpose, 'access_roles', old.access_roles, 'keywords', old.keywords, 'is_public', old.is_public, 'priority', old.priority, 'provider', old.provider, 'model', old.model, 'temperature', old.temperature, 'max_tokens', old.max_tokens, 'provider_assistant_ref', old.provider_assistant_ref, 'escalation_contact', old.escalation_contact), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 10::smallint, 'assistants', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.assistants
  for each row execute function sync.before_assistants();
create or replace trigger sync_history after insert or update on guildhall.assistants
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_assistants();
create or replace trigger sync_added after insert on guildhall.assistants
  referencing new table as became for each statement execute function sync.added_assistants();
create or replace trigger sync_changed after update on guildhall.assistants
  referencing old table as was new table as became for each statement execute function sync.changed_assistants();
create or replace trigger sync_removed after delete on guildhall.assistants
  for each row execute function sync.removed_assistants();
create or replace trigger sync_truncate before truncate on guildhall.assistants
  for each statement execute function sync.refuse_truncate();
alter table guildhall.assistants enable always trigger sync_before;
alter table guildhall.assistants enable always trigger sync_history;
alter table guildhall.assistants enable always trigger sync_added;
alter table guildhall.assistants enable always trigger sync_changed;
alter table guildhall.assistants enable always trigger sync_removed;
alter table guildhall.assistants enable always trigger sync_truncate;
select sync.set_projection(10::smallint, 'assistants', '29577583177f98bd11bdad70f05de612228fc1958410b1ed9d91b3fdd84262ae');

-- 11 public_info: An answer that anybody may be given.
create or replace function sync.hash_public_info(r guildhall.public_info) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          || case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        )
      )
    ) || (
      (
        (
          sync.cell('\x000a73'::bytea, convert_to(r.category, 'UTF8'))
          || sync.cell('\x000b73'::bytea, convert_to(r.question, 'UTF8'))
        ) || (
          case when r.answer = '' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.answer, 'UTF8')) end
          || case when r.is_active = true then ''::bytea else sync.cell('\x000d62'::bytea, convert_to(r.is_active::int::text, 'UTF8')) end
        )
      ) || (
        (
          case when r.valid_from is null then ''::bytea else sync.cell('\x000e79'::bytea, convert_to((r.valid_from - date '1970-01-01')::text, 'UTF8')) end
          || case when r.valid_until is null then ''::bytea else sync.cell('\x000f79'::bytea, convert_to((r.valid_until - date '1970-01-01')::text, 'UTF8')) end
        ) || (
          case when r.approved_by is null then ''::bytea else sync.cell('\x001075'::bytea, uuid_send(r.approved_by)) end
          || case when r.approved_at is null then ''::bytea else sync.cell('\x001174'::bytea, convert_to((extract(epoch from r.approved_at) * 1000000)::bigint::text, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_public_info(r guildhall.public_info) returns text[]
language sql stable as $$
  select array['public']
$$;
create or replace function sync.before_public_info() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 11::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.category, new.question, new.answer, new.is_active, new.valid_from, new.valid_until, new.approved_by, new.approved_at) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.category, old.question, old.answer, old.is_active, old.valid_from, old.valid_until, old.approved_by, old.approved_at) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_public_info() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,category,question,answer,is_active,valid_from,valid_until,approved_by,approved_at}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'public_info', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'category', new.category, 'question', new.question, 'answer', new.answer, 'is_active', new.is_active, 'valid_from', new.valid_from, 'valid_until', new.valid_until, 'approved_by', new.approved_by, 'approved_at', new.approved_at), dirty, null, new.rev, null, sync.hash_public_info(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 11::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.category is distinct from old.category then 'category' end,
    case when new.question is distinct from old.question then 'question' end,
    case when new.answer is distinct from old.answer then 'answer' end,
    case when new.is_active is distinct from old.is_active then 'is_active' end,
    case when new.valid_from is distinct from old.valid_from then 'valid_from' end,
    case when new.valid_until is distinct from old.valid_until then 'valid_until' end,
    case when new.approved_by is distinct from old.approved_by then 'approved_by' end,
    case when new.approved_at is distinct from old.approved_at then 'approved_at' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.category is not distinct from old.category then 'category' end,
    case when new.question is not distinct from old.question then 'question' end,
    case when new.answer is not distinct from old.answer then 'answer' end,
    case when new.is_active is not distinct from old.is_active then 'is_active' end,
    case when new.valid_from is not distinct from old.valid_from then 'valid_from' end,
    case when new.valid_until is not distinct from old.valid_until then 'valid_until' end,
    case when new.approved_by is not distinct from old.approved_by then 'approved_by' end,
    case when new.approved_at is not distinct from old.approved_at then 'approved_at' end
  ], null);
  perform sync.write_history(new.guild_id, 'public_info', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'category', old.category, 'question', old.question, 'answer', old.answer, 'is_active', old.is_active, 'valid_from', old.valid_from, 'valid_until', old.valid_until, 'approved_by', old.approved_by, 'approved_at', old.approved_at) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'category', new.category, 'question', new.question, 'answer', new.answer, 'is_active', new.is_active, 'valid_from', new.valid_from, 'valid_until', new.valid_until, 'approved_by', new.approved_by, 'approved_at', new.approved_at) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_public_info(new));
  return null;
end
$$;
create or replace function sync.added_public_info() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_public_info(b::guildhall.public_info) as hash, sync.scopes_public_info(b::guildhall.public_info) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 11::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 11::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'public_info', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_public_info() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_public_info(w::guildhall.public_info) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_public_info(b::guildhall.public_info), sync.scopes_public_info(b::guildhall.public_info)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 11::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 11::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 11::smallint, 'public_info', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_public_info() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,category,question,answer,is_active,valid_from,valid_until,approved_by,approved_at}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 11::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'public_info', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'category', old.category, 'question', old.question, 'answer', old.answer, 'is_active', old.is_active, 'valid_from', old.valid_from, 'valid_until', old.valid_until, 'approved_by', old.approved_by, 'approved_at', old.approved_at), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 11::smallint, 'public_info', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.public_info
  for each row execute function sync.before_public_info();
create or replace trigger sync_history after insert or update on guildhall.public_info
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_public_info();
create or replace trigger sync_added after insert on guildhall.public_info
  referencing new table as became for each statement execute function sync.added_public_info();
create or replace trigger sync_changed after update on guildhall.public_info
  referencing old table as was new table as became for each statement execute function sync.changed_public_info();
create or replace trigger sync_removed after delete on guildhall.public_info
  for each row execute function sync.removed_public_info();
create or replace trigger sync_truncate before truncate on guildhall.public_info
  for each statement execute function sync.refuse_truncate();
alter table guildhall.public_info enable always trigger sync_before;
alter table guildhall.public_info enable always trigger sync_history;
alter table guildhall.public_info enable always trigger sync_added;
alter table guildhall.public_info enable always trigger sync_changed;
alter table guildhall.public_info enable always trigger sync_removed;
alter table guildhall.public_info enable always trigger sync_truncate;
select sync.set_projection(11::smallint, 'public_info', '502766b679de5c2341be00d4a98f8ef8298b37ac553c0559a7ab20e8e063f1f7');

-- 12 tickets: Something that a customer waits for.
create or replace function sync.hash_tickets(r guildhall.tickets) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          (
            case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          ) || (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
            || sync.cell('\x000a73'::bytea, convert_to(r.local_ref, 'UTF8'))
          )
        )
      )
    ) || (
      (
        (
          case when r.number is null then ''::bytea else sync.cell('\x000b69'::bytea, convert_to(r.number::text, 'UTF8')) end
          || sync.cell('\x000c73'::bytea, convert_to(r.subject, 'UTF8'))
        ) || (
          (
            case when r.customer_label = '' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.customer_label, 'UTF8')) end
          ) || (
            case when r.status = 'open' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.status, 'UTF8')) end
            || case when r.priority = 'medium' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.priority, 'UTF8')) end
          )
        )
      ) || (
        (
          case when r.assistant_id is null then ''::bytea else sync.cell('\x001075'::bytea, uuid_send(r.assistant_id)) end
          || sync.cell('\x001175'::bytea, uuid_send(r.location_id))
        ) || (
          (
            case when r.assigned_to is null then ''::bytea else sync.cell('\x001275'::bytea, uuid_send(r.assigned_to)) end
          ) || (
            sync.cell('\x001374'::bytea, convert_to((extract(epoch from r.opened_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.resolved_at is null then ''::bytea else sync.cell('\x001474'::bytea, convert_to((extract(epoch from r.resolved_at) * 1000000)::bigint::text, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_tickets(r guildhall.tickets) returns text[]
language sql stable as $$
  select array['location:' || r.location_id]
$$;
create or replace function sync.before_tickets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 12::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.local_ref, new.number, new.subject, new.customer_label, new.status, new.priority, new.assistant_id, new.location_id, new.assigned_to, new.opened_at, new.resolved_at) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.local_ref, old.number, old.subject, old.customer_label, old.status, old.priority, old.assistant_id, old.location_id, old.assigned_to, old.opened_at, old.resolved_at) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_tickets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,local_ref,number,subject,customer_label,status,priority,assistant_id,location_id,assigned_to,opened_at,resolved_at}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'tickets', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'local_ref', new.local_ref, 'number', new.number, 'subject', new.subject, 'customer_label', new.customer_label, 'status', new.status, 'priority', new.priority, 'assistant_id', new.assistant_id, 'location_id', new.location_id, 'assigned_to', new.assigned_to, 'opened_at', new.opened_at, 'resolved_at', new.resolved_at), dirty, null, new.rev, null, sync.hash_tickets(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 12::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.local_ref is distinct from old.local_ref then 'local_ref' end,
    case when new.number is distinct from old.number then 'number' end,
    case when new.subject is distinct from old.subject then 'subject' end,
    case when new.customer_label is distinct from old.customer_label then 'customer_label' end,
    case when new.status is distinct from old.status then 'status' end,
    case when new.priority is distinct from old.priority then 'priority' end,
    case when new.assistant_id is distinct from old.assistant_id then 'assistant_id' end,
    case when new.location_id is distinct from old.location_id then 'location_id' end,
    case when new.assigned_to is distinct from old.assigned_to then 'assigned_to' end,
    case when new.opened_at is distinct from old.opened_at then 'opened_at' end,
    case when new.resolved_at is distinct from old.resolved_at then 'resolved_at' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.local_ref is not distinct from old.local_ref then 'local_ref' end,
    case when new.number is not distinct from old.number then 'number' end,
    case when new.subject is not distinct from old.subject then 'subject' end,
    case when new.customer_label is not distinct from old.customer_label then 'customer_label' end,
    case when new.status is not distinct from old.status then 'status' end,
    case when new.priority is not distinct from old.priority then 'priority' end,
    case when new.assistant_id is not distinct from old.assistant_id then 'assistant_id' end,
    case when new.location_id is not distinct from old.location_id then 'location_id' end,
    case when new.assigned_to is not distinct from old.assigned_to then 'assigned_to' end,
    case when new.opened_at is not distinct from old.opened_at then 'opened_at' end,
    case when new.resolved_at is not distinct from old.resolved_at then 'resolved_at' end
  ], null);
  perform sync.write_history(new.guild_id, 'tickets', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'local_ref', old.local_ref, 'number', old.number, 'subject', old.subject, 'customer_label', old.customer_label, 'status', old.status, 'priority', old.priority, 'assistant_id', old.assistant_id, 'location_id', old.location_id, 'assigned_to', old.assigned_to, 'opened_at', old.opened_at, 'resolved_at', old.resolved_at) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'local_ref', new.local_ref, 'number', new.number, 'subject', new.subject, 'customer_label', new.customer_label, 'status', new.status, 'priority', new.priority, 'assistant_id', new.assistant_id, 'location_id', new.location_id, 'assigned_to', new.assigned_to, 'opened_at', new.opened_at, 'resolved_at', new.resolved_at) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_tickets(new));
  return null;
end
$$;
create or replace function sync.added_tickets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_tickets(b::guildhall.tickets) as hash, sync.scopes_tickets(b::guildhall.tickets) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 12::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 12::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'tickets', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_tickets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_tickets(w::guildhall.tickets) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_tickets(b::guildhall.tickets), sync.scopes_tickets(b::guildhall.tickets)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 12::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 12::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 12::smallint, 'tickets', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_tickets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,local_ref,number,subject,customer_label,status,priority,assistant_id,location_id,assigned_to,opened_at,resolved_at}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 12::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'tickets', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'local_ref', old.local_ref, 'number', old.number, 'subject', old.subject, 'customer_label', old.customer_label, 'status', old.status, 'priority', old.priority, 'assistant_id', old.assistant_id, 'location_id', old.location_id, 'assigned_to', old.assigned_to, 'opened_at', old.opened_at, 'resolved_at', old.resolved_at), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 12::smallint, 'tickets', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.tickets
  for each row execute function sync.before_tickets();
create or replace trigger sync_history after insert or update on guildhall.tickets
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_tickets();
create or replace trigger sync_added after insert on guildhall.tickets
  referencing new table as became for each statement execute function sync.added_tickets();
create or replace trigger sync_changed after update on guildhall.tickets
  referencing old table as was new table as became for each statement execute function sync.changed_tickets();
create or replace trigger sync_removed after delete on guildhall.tickets
  for each row execute function sync.removed_tickets();
create or replace trigger sync_truncate before truncate on guildhall.tickets
  for each statement execute function sync.refuse_truncate();
alter table guildhall.tickets enable always trigger sync_before;
alter table guildhall.tickets enable always trigger sync_history;
alter table guildhall.tickets enable always trigger sync_added;
alter table guildhall.tickets enable always trigger sync_changed;
alter table guildhall.tickets enable always trigger sync_removed;
alter table guildhall.tickets enable always trigger sync_truncate;
select sync.set_projection(12::smallint, 'tickets', '394f67b2cdd2ea34d64f81a0216a3741bf2dc8d76058621526bac0ac0231bbba');

-- 13 sops: A standard operating procedure: how this guild does one thing.
create or replace function sync.hash_sops(r guildhall.sops) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          (
            sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          ) || (
            sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          )
        )
      ) || (
        (
          (
            sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          ) || (
            case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
            || case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          )
        ) || (
          (
            sync.cell('\x000a75'::bytea, uuid_send(r.assistant_id))
          ) || (
            case when r.category = '' then ''::bytea else sync.cell('\x000b73'::bytea, convert_to(r.category, 'UTF8')) end
            || sync.cell('\x000c73'::bytea, convert_to(r.section, 'UTF8'))
          )
        )
      )
    ) || (
      (
        (
          (
            sync.cell('\x000d73'::bytea, convert_to(r.title, 'UTF8'))
          ) || (
            case when r.content = '' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.content, 'UTF8')) end
            || case when r.front_matter = '' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.front_matter, 'UTF8')) end
          )
        ) || (
          (
            case when r.status = 'published' then ''::bytea else sync.cell('\x001073'::bytea, convert_to(r.status, 'UTF8')) end
          ) || (
            case when r.sensitivity = 'internal' then ''::bytea else sync.cell('\x001173'::bytea, convert_to(r.sensitivity, 'UTF8')) end
            || case when r.is_pinned = false then ''::bytea else sync.cell('\x001262'::bytea, convert_to(r.is_pinned::int::text, 'UTF8')) end
          )
        )
      ) || (
        (
          (
            case when r.verified_by is null then ''::bytea else sync.cell('\x001375'::bytea, uuid_send(r.verified_by)) end
          ) || (
            case when r.verified_at is null then ''::bytea else sync.cell('\x001474'::bytea, convert_to((extract(epoch from r.verified_at) * 1000000)::bigint::text, 'UTF8')) end
            || case when r.review_due_at is null then ''::bytea else sync.cell('\x001579'::bytea, convert_to((r.review_due_at - date '1970-01-01')::text, 'UTF8')) end
          )
        ) || (
          (
            case when r.location_id is null then ''::bytea else sync.cell('\x001675'::bytea, uuid_send(r.location_id)) end
          ) || (
            case when r.version = 0 then ''::bytea else sync.cell('\x001769'::bytea, convert_to(r.version::text, 'UTF8')) end
            || case when r.sha256 = '' then ''::bytea else sync.cell('\x001873'::bytea, convert_to(r.sha256, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_sops(r guildhall.sops) returns text[]
language sql stable as $$
  select array['assistant:' || r.assistant_id]
    || case when r.status = 'published' and r.sensitivity = 'public' then array['public'] else '{}'::text[] end
$$;
create or replace function sync.before_sops() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 13::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.assistant_id, new.category, new.section, new.title, new.content, new.front_matter, new.status, new.sensitivity, new.is_pinned, new.verified_by, new.verified_at, new.review_due_at, new.location_id, new.version, new.sha256) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.assistant_id, old.category, old.section, old.title, old.content, old.front_matter, old.status, old.sensitivity, old.is_pinned, old.verified_by, old.verified_at, old.review_due_at, old.location_id, old.version, old.sha256) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_sops() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,assistant_id,category,section,title,content,front_matter,status,sensitivity,is_pinned,verified_by,verified_at,review_due_at,location_id,version,sha256}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'sops', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'assistant_id', new.assistant_id, 'category', new.category, 'section', new.section, 'title', new.title, 'content', new.content, 'front_matter', new.front_matter, 'status', new.status, 'sensitivity', new.sensitivity, 'is_pinned', new.is_pinned, 'verified_by', new.verified_by, 'verified_at', new.verified_at, 'review_due_at', new.review_due_at, 'location_id', new.location_id, 'version', new.version, 'sha256', new.sha256), dirty, null, new.rev, null, sync.hash_sops(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 13::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.assistant_id is distinct from old.assistant_id then 'assistant_id' end,
    case when new.category is distinct from old.category then 'category' end,
    case when new.section is distinct from old.section then 'section' end,
    case when new.title is distinct from old.title then 'title' end,
    case when new.content is distinct from old.content then 'content' end,
    case when new.front_matter is distinct from old.front_matter then 'front_matter' end,
    case when new.status is distinct from old.status then 'status' end,
    case when new.sensitivity is distinct from old.sensitivity then 'sensitivity' end,
    case when new.is_pinned is distinct from old.is_pinned then 'is_pinned' end,
    case when new.verified_by is distinct from old.verified_by then 'verified_by' end,
    case when new.verified_at is distinct from old.verified_at then 'verified_at' end,
    case when new.review_due_at is distinct from old.review_due_at then 'review_due_at' end,
    case when new.location_id is distinct from old.location_id then 'location_id' end,
    case when new.version is distinct from old.version then 'version' end,
    case when new.sha256 is distinct from old.sha256 then 'sha256' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.assistant_id is not distinct from old.assistant_id then 'assistant_id' end,
    case when new.category is not distinct from old.category then 'category' end,
    case when new.section is not distinct from old.section then 'section' end,
    case when new.title is not distinct from old.title then 'title' end,
    case when new.content is not distinct from old.content then 'content' end,
    case when new.front_matter is not distinct from old.front_matter then 'front_matter' end,
    case when new.status is not distinct from old.status then 'status' end,
    case when new.sensitivity is not distinct from old.sensitivity then 'sensitivity' end,
    case when new.is_pinned is not distinct from old.is_pinned then 'is_pinned' end,
    case when new.verified_by is not distinct from old.verified_by then 'verified_by' end,
    case when new.verified_at is not distinct from old.verified_at then 'verified_at' end,
    case when new.review_due_at is not distinct from old.review_due_at then 'review_due_at' end,
    case when new.location_id is not distinct from old.location_id then 'location_id' end,
    case when new.version is not distinct from old.version then 'version' end,
    case when new.sha256 is not distinct from old.sha256 then 'sha256' end
  ], null);
  perform sync.write_history(new.guild_id, 'sops', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'assistant_id', old.assistant_id, 'category', old.category, 'section', old.section, 'title', old.title, 'content', old.content, 'front_matter', old.front_matter, 'status', old.status, 'sensitivity', old.sensitivity, 'is_pinned', old.is_pinned, 'verified_by', old.verified_by, 'verified_at', old.verified_at, 'review_due_at', old.review_due_at, 'location_id', old.location_id, 'version', old.version, 'sha256', old.sha256) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'assistant_id', new.assistant_id, 'category', new.category, 'section', new.section, 'title', new.title, 'content', new.content, 'front_matter', new.front_matter, 'status', new.status, 'sensitivity', new.sensitivity, 'is_pinned', new.is_pinned, 'verified_by', new.verified_by, 'verified_at', new.verified_at, 'review_due_at', new.review_due_at, 'location_id', new.location_id, 'version', new.version, 'sha256', new.sha256) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_sops(new));
  return null;
end
$$;
create or replace function sync.added_sops() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_sops(b::guildhall.sops) as hash, sync.scopes_sops(b::guildhall.sops) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 13::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 13::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'sops', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_sops() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_sops(w::guildhall.sops) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_sops(b::guildhall.sops), sync.scopes_sops(b::guildhall.sops)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 13::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 13::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 13::smallint, 'sops', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_sops() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,assistant_id,category,section,title,content,front_matter,status,sensitivity,is_pinned,verified_by,verified_at,review_due_at,location_id,version,sha256}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 13::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'sops', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'assistant_id', old.assistant_id, 'category', old.category, 'section', old.section, 'title', old.title, 'content', old.content, 'front_matter', old.front_matter, 'status', old.status, 'sensitivity', old.sensitivity, 'is_pinned', old.is_pinned, 'verified_by', old.verified_by, 'verified_at', old.verified_at, 'review_due_at', old.review_due_at, 'location_id', old.location_id, 'version', old.version, 'sha256', old.sha256), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 13::smallint, 'sops', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.sops
  for each row execute function sync.before_sops();
create or replace trigger sync_history after insert or update on guildhall.sops
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_sops();
create or replace trigger sync_added after insert on guildhall.sops
  referencing new table as became for each statement execute function sync.added_sops();
create or replace trigger sync_changed after update on guildhall.sops
  referencing old table as was new table as became for each statement execute function sync.changed_sops();
create or replace trigger sync_removed after delete on guildhall.sops
  for each row execute function sync.removed_sops();
create or replace trigger sync_truncate before truncate on guildhall.sops
  for each statement execute function sync.refuse_truncate();
alter table guildhall.sops enable always trigger sync_before;
alter table guildhall.sops enable always trigger sync_history;
alter table guildhall.sops enable always trigger sync_added;
alter table guildhall.sops enable always trigger sync_changed;
alter table guildhall.sops enable always trigger sync_removed;
alter table guildhall.sops enable always trigger sync_truncate;
select sync.set_projection(13::smallint, 'sops', '1e8e63f6d655dd31f5d589b8f77a6295e629a46da66548cf2afc96ce12d67f04');

-- 14 sop_versions: A version of an SOP, as it stood.
create or replace function sync.hash_sop_versions(r guildhall.sop_versions) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          (
            case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          ) || (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
            || sync.cell('\x000a75'::bytea, uuid_send(r.sop_id))
          )
        )
      )
    ) || (
      (
        (
          sync.cell('\x000b69'::bytea, convert_to(r.version::text, 'UTF8'))
          || sync.cell('\x000c73'::bytea, convert_to(r.title, 'UTF8'))
        ) || (
          (
            case when r.content = '' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.content, 'UTF8')) end
          ) || (
            case when r.sha256 = '' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.sha256, 'UTF8')) end
            || case when r.changed_kind = 'human' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.changed_kind, 'UTF8')) end
          )
        )
      ) || (
        (
          case when r.changed_by is null then ''::bytea else sync.cell('\x001075'::bytea, uuid_send(r.changed_by)) end
          || case when r.change_reason is null then ''::bytea else sync.cell('\x001173'::bytea, convert_to(r.change_reason, 'UTF8')) end
        ) || (
          (
            case when r.parents = '{}'::text[] then ''::bytea else sync.cell('\x001261'::bytea, sync.words(r.parents)) end
          ) || (
            case when r.on_devices = true then ''::bytea else sync.cell('\x001362'::bytea, convert_to(r.on_devices::int::text, 'UTF8')) end
            || case when r.scope_key = '' then ''::bytea else sync.cell('\x001473'::bytea, convert_to(r.scope_key, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_sop_versions(r guildhall.sop_versions) returns text[]
language sql stable as $$
  select case when r.on_devices then array_remove(string_to_array(r.scope_key, ' '), '') else '{}'::text[] end
$$;
create or replace function sync.before_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.parents := sync.sorted(new.parents);
    new.rev := sync.first_version(new.guild_id, 14::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.parents is distinct from old.parents then
    new.parents := sync.sorted(new.parents);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.sop_id, new.version, new.title, new.content, new.sha256, new.changed_kind, new.changed_by, new.change_reason, new.parents, new.on_devices, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.sop_id, old.version, old.title, old.content, old.sha256, old.changed_kind, old.changed_by, old.change_reason, old.parents, old.on_devices, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,sop_id,version,title,content,sha256,changed_kind,changed_by,change_reason,parents,on_devices,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'sop_versions', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'sop_id', new.sop_id, 'version', new.version, 'title', new.title, 'content', new.content, 'sha256', new.sha256, 'changed_kind', new.changed_kind, 'changed_by', new.changed_by, 'change_reason', new.change_reason, 'parents', new.parents, 'on_devices', new.on_devices, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_sop_versions(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 14::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.sop_id is distinct from old.sop_id then 'sop_id' end,
    case when new.version is distinct from old.version then 'version' end,
    case when new.title is distinct from old.title then 'title' end,
    case when new.content is distinct from old.content then 'content' end,
    case when new.sha256 is distinct from old.sha256 then 'sha256' end,
    case when new.changed_kind is distinct from old.changed_kind then 'changed_kind' end,
    case when new.changed_by is distinct from old.changed_by then 'changed_by' end,
    case when new.change_reason is distinct from old.change_reason then 'change_reason' end,
    case when new.parents is distinct from old.parents then 'parents' end,
    case when new.on_devices is distinct from old.on_devices then 'on_devices' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.sop_id is not distinct from old.sop_id then 'sop_id' end,
    case when new.version is not distinct from old.version then 'version' end,
    case when new.title is not distinct from old.title then 'title' end,
    case when new.content is not distinct from old.content then 'content' end,
    case when new.sha256 is not distinct from old.sha256 then 'sha256' end,
    case when new.changed_kind is not distinct from old.changed_kind then 'changed_kind' end,
    case when new.changed_by is not distinct from old.changed_by then 'changed_by' end,
    case when new.change_reason is not distinct from old.change_reason then 'change_reason' end,
    case when new.parents is not distinct from old.parents then 'parents' end,
    case when new.on_devices is not distinct from old.on_devices then 'on_devices' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'sop_versions', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'sop_id', old.sop_id, 'version', old.version, 'title', old.title, 'content', old.content, 'sha256', old.sha256, 'changed_kind', old.changed_kind, 'changed_by', old.changed_by, 'change_reason', old.change_reason, 'parents', old.parents, 'on_devices', old.on_devices, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'sop_id', new.sop_id, 'version', new.version, 'title', new.title, 'content', new.content, 'sha256', new.sha256, 'changed_kind', new.changed_kind, 'changed_by', new.changed_by, 'change_reason', new.change_reason, 'parents', new.parents, 'on_devices', new.on_devices, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_sop_versions(new));
  return null;
end
$$;
create or replace function sync.added_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_sop_versions(b::guildhall.sop_versions) as hash, sync.scopes_sop_versions(b::guildhall.sop_versions) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 14::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 14::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'sop_versions', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_sop_versions(w::guildhall.sop_versions) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_sop_versions(b::guildhall.sop_versions), sync.scopes_sop_versions(b::guildhall.sop_versions)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 14::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 14::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 14::smallint, 'sop_versions', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,sop_id,version,title,content,sha256,changed_kind,changed_by,change_reason,parents,on_devices,scope_key}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 14::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'sop_versions', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'sop_id', old.sop_id, 'version', old.version, 'title', old.title, 'content', old.content, 'sha256', old.sha256, 'changed_kind', old.changed_kind, 'changed_by', old.changed_by, 'change_reason', old.change_reason, 'parents', old.parents, 'on_devices', old.on_devices, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 14::smallint, 'sop_versions', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.sop_versions
  for each row execute function sync.before_sop_versions();
create or replace trigger sync_history after update on guildhall.sop_versions
  for each row execute function sync.history_sop_versions();
create or replace trigger sync_added after insert on guildhall.sop_versions
  referencing new table as became for each statement execute function sync.added_sop_versions();
create or replace trigger sync_changed after update on guildhall.sop_versions
  referencing old table as was new table as became for each statement execute function sync.changed_sop_versions();
create or replace trigger sync_removed after delete on guildhall.sop_versions
  for each row execute function sync.removed_sop_versions();
create or replace trigger sync_truncate before truncate on guildhall.sop_versions
  for each statement execute function sync.refuse_truncate();
alter table guildhall.sop_versions enable always trigger sync_before;
alter table guildhall.sop_versions enable always trigger sync_history;
alter table guildhall.sop_versions enable always trigger sync_added;
alter table guildhall.sop_versions enable always trigger sync_changed;
alter table guildhall.sop_versions enable always trigger sync_removed;
alter table guildhall.sop_versions enable always trigger sync_truncate;
select sync.set_projection(14::smallint, 'sop_versions', 'e2c9df612a57c4923869309d244d206746b03689084cb16540c1d5909a95401f');

-- 15 sop_reads: How far a person has read a page.
create or replace function sync.hash_sop_reads(r guildhall.sop_reads) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        )
      )
    ) || (
      (
        (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        ) || (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          || sync.cell('\x000a75'::bytea, uuid_send(r.user_id))
        )
      ) || (
        (
          sync.cell('\x000b75'::bytea, uuid_send(r.sop_id))
        ) || (
          case when r.version = 0 then ''::bytea else sync.cell('\x000c69'::bytea, convert_to(r.version::text, 'UTF8')) end
          || sync.cell('\x000d74'::bytea, convert_to((extract(epoch from r.read_at) * 1000000)::bigint::text, 'UTF8'))
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_sop_reads(r guildhall.sop_reads) returns text[]
language sql stable as $$
  select array['user:' || r.user_id]
$$;
create or replace function sync.before_sop_reads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 15::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.user_id, new.sop_id, new.version, new.read_at) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.user_id, old.sop_id, old.version, old.read_at) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_sop_reads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,sop_id,version,read_at}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'sop_reads', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'sop_id', new.sop_id, 'version', new.version, 'read_at', new.read_at), dirty, null, new.rev, null, sync.hash_sop_reads(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 15::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is distinct from old.user_id then 'user_id' end,
    case when new.sop_id is distinct from old.sop_id then 'sop_id' end,
    case when new.version is distinct from old.version then 'version' end,
    case when new.read_at is distinct from old.read_at then 'read_at' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.user_id is not distinct from old.user_id then 'user_id' end,
    case when new.sop_id is not distinct from old.sop_id then 'sop_id' end,
    case when new.version is not distinct from old.version then 'version' end,
    case when new.read_at is not distinct from old.read_at then 'read_at' end
  ], null);
  perform sync.write_history(new.guild_id, 'sop_reads', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'sop_id', old.sop_id, 'version', old.version, 'read_at', old.read_at) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'user_id', new.user_id, 'sop_id', new.sop_id, 'version', new.version, 'read_at', new.read_at) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_sop_reads(new));
  return null;
end
$$;
create or replace function sync.added_sop_reads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_sop_reads(b::guildhall.sop_reads) as hash, sync.scopes_sop_reads(b::guildhall.sop_reads) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 15::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 15::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'sop_reads', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_sop_reads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_sop_reads(w::guildhall.sop_reads) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_sop_reads(b::guildhall.sop_reads), sync.scopes_sop_reads(b::guildhall.sop_reads)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 15::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 15::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 15::smallint, 'sop_reads', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_sop_reads() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,user_id,sop_id,version,read_at}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 15::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'sop_reads', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'user_id', old.user_id, 'sop_id', old.sop_id, 'version', old.version, 'read_at', old.read_at), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 15::smallint, 'sop_reads', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.sop_reads
  for each row execute function sync.before_sop_reads();
create or replace trigger sync_history after insert or update on guildhall.sop_reads
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_sop_reads();
create or replace trigger sync_added after insert on guildhall.sop_reads
  referencing new table as became for each statement execute function sync.added_sop_reads();
create or replace trigger sync_changed after update on guildhall.sop_reads
  referencing old table as was new table as became for each statement execute function sync.changed_sop_reads();
create or replace trigger sync_removed after delete on guildhall.sop_reads
  for each row execute function sync.removed_sop_reads();
create or replace trigger sync_truncate before truncate on guildhall.sop_reads
  for each statement execute function sync.refuse_truncate();
alter table guildhall.sop_reads enable always trigger sync_before;
alter table guildhall.sop_reads enable always trigger sync_history;
alter table guildhall.sop_reads enable always trigger sync_added;
alter table guildhall.sop_reads enable always trigger sync_changed;
alter table guildhall.sop_reads enable always trigger sync_removed;
alter table guildhall.sop_reads enable always trigger sync_truncate;
select sync.set_projection(15::smallint, 'sop_reads', 'f65328d9c5a5de3395611b819696bcf00be322b170e11b0d8cea77953b2455cd');

-- 16 knowledge_items: A piece of knowledge smaller than an SOP.
create or replace function sync.hash_knowledge_items(r guildhall.knowledge_items) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          (
            sync.cell('\x000175'::bytea, uuid_send(r.id))
          ) || (
            sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
            || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          )
        ) || (
          (
            sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          ) || (
            sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          )
        )
      ) || (
        (
          (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
            || sync.cell('\x000a73'::bytea, convert_to(r.kind, 'UTF8'))
          ) || (
            sync.cell('\x000b75'::bytea, uuid_send(r.assistant_id))
            || sync.cell('\x000c73'::bytea, convert_to(r.category, 'UTF8'))
          )
        ) || (
          (
            case when r.subcategory is null then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.subcategory, 'UTF8')) end
            || case when r.topic = '' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.topic, 'UTF8')) end
          ) || (
            case when r.title is null then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.title, 'UTF8')) end
            || case when r.question is null then ''::bytea else sync.cell('\x001073'::bytea, convert_to(r.question, 'UTF8')) end
          )
        )
      )
    ) || (
      (
        (
          (
            case when r.answer_md = '' then ''::bytea else sync.cell('\x001173'::bytea, convert_to(r.answer_md, 'UTF8')) end
          ) || (
            case when r.content_type is null then ''::bytea else sync.cell('\x001273'::bytea, convert_to(r.content_type, 'UTF8')) end
            || case when r.source = 'manual' then ''::bytea else sync.cell('\x001373'::bytea, convert_to(r.source, 'UTF8')) end
          )
        ) || (
          (
            case when r.tags = '{}'::text[] then ''::bytea else sync.cell('\x001461'::bytea, sync.words(r.tags)) end
            || case when r.search_keywords = '{}'::text[] then ''::bytea else sync.cell('\x001561'::bytea, sync.words(r.search_keywords)) end
          ) || (
            case when r.location_id is null then ''::bytea else sync.cell('\x001675'::bytea, uuid_send(r.location_id)) end
            || case when r.metadata = '{}'::jsonb then ''::bytea else sync.cell('\x00176a'::bytea, convert_to(r.metadata::text, 'UTF8')) end
          )
        )
      ) || (
        (
          (
            case when r.requires_human_review = false then ''::bytea else sync.cell('\x001862'::bytea, convert_to(r.requires_human_review::int::text, 'UTF8')) end
            || case when r.sensitivity = 'internal' then ''::bytea else sync.cell('\x001973'::bytea, convert_to(r.sensitivity, 'UTF8')) end
          ) || (
            case when r.status = 'published' then ''::bytea else sync.cell('\x001a73'::bytea, convert_to(r.status, 'UTF8')) end
            || case when r.verified_by is null then ''::bytea else sync.cell('\x001b75'::bytea, uuid_send(r.verified_by)) end
          )
        ) || (
          (
            case when r.verified_at is null then ''::bytea else sync.cell('\x001c74'::bytea, convert_to((extract(epoch from r.verified_at) * 1000000)::bigint::text, 'UTF8')) end
            || case when r.review_due_at is null then ''::bytea else sync.cell('\x001d79'::bytea, convert_to((r.review_due_at - date '1970-01-01')::text, 'UTF8')) end
          ) || (
            case when r.version = 0 then ''::bytea else sync.cell('\x001e69'::bytea, convert_to(r.version::text, 'UTF8')) end
            || case when r.sha256 = '' then ''::bytea else sync.cell('\x001f73'::bytea, convert_to(r.sha256, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_knowledge_items(r guildhall.knowledge_items) returns text[]
language sql stable as $$
  select array['assistant:' || r.assistant_id]
    || case when r.status = 'published' and r.sensitivity = 'public' then array['public'] else '{}'::text[] end
$$;
create or replace function sync.before_knowledge_items() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.tags := sync.sorted(new.tags);
    new.search_keywords := sync.sorted(new.search_keywords);
    new.rev := sync.first_version(new.guild_id, 16::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.tags is distinct from old.tags then
    new.tags := sync.sorted(new.tags);
  end if;
  if new.search_keywords is distinct from old.search_keywords then
    new.search_keywords := sync.sorted(new.search_keywords);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.kind, new.assistant_id, new.category, new.subcategory, new.topic, new.title, new.question, new.answer_md, new.content_type, new.source, new.tags, new.search_keywords, new.location_id, new.metadata, new.requires_human_review, new.sensitivity, new.status, new.verified_by, new.verified_at, new.review_due_at, new.version, new.sha256) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.kind, old.assistant_id, old.category, old.subcategory, old.topic, old.title, old.question, old.answer_md, old.content_type, old.source, old.tags, old.search_keywords, old.location_id, old.metadata, old.requires_human_review, old.sensitivity, old.status, old.verified_by, old.verified_at, old.review_due_at, old.version, old.sha256) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_knowledge_items() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,kind,assistant_id,category,subcategory,topic,title,question,answer_md,content_type,source,tags,search_keywords,location_id,metadata,requires_human_review,sensitivity,status,verified_by,verified_at,review_due_at,version,sha256}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'knowledge_items', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'kind', new.kind, 'assistant_id', new.assistant_id, 'category', new.category, 'subcategory', new.subcategory, 'topic', new.topic, 'title', new.title, 'question', new.question, 'answer_md', new.answer_md, 'content_type', new.content_type, 'source', new.source, 'tags', new.tags, 'search_keywords', new.search_keywords, 'location_id', new.location_id, 'metadata', new.metadata, 'requires_human_review', new.requires_human_review, 'sensitivity', new.sensitivity, 'status', new.status, 'verified_by', new.verified_by, 'verified_at', new.verified_at, 'review_due_at', new.review_due_at, 'version', new.version, 'sha256', new.sha256), dirty, null, new.rev, null, sync.hash_knowledge_items(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 16::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.kind is distinct from old.kind then 'kind' end,
    case when new.assistant_id is distinct from old.assistant_id then 'assistant_id' end,
    case when new.category is distinct from old.category then 'category' end,
    case when new.subcategory is distinct from old.subcategory then 'subcategory' end,
    case when new.topic is distinct from old.topic then 'topic' end,
    case when new.title is distinct from old.title then 'title' end,
    case when new.question is distinct from old.question then 'question' end,
    case when new.answer_md is distinct from old.answer_md then 'answer_md' end,
    case when new.content_type is distinct from old.content_type then 'content_type' end,
    case when new.source is distinct from old.source then 'source' end,
    case when new.tags is distinct from old.tags then 'tags' end,
    case when new.search_keywords is distinct from old.search_keywords then 'search_keywords' end,
    case when new.location_id is distinct from old.location_id then 'location_id' end,
    case when new.metadata is distinct from old.metadata then 'metadata' end,
    case when new.requires_human_review is distinct from old.requires_human_review then 'requires_human_review' end,
    case when new.sensitivity is distinct from old.sensitivity then 'sensitivity' end,
    case when new.status is distinct from old.status then 'status' end,
    case when new.verified_by is distinct from old.verified_by then 'verified_by' end,
    case when new.verified_at is distinct from old.verified_at then 'verified_at' end,
    case when new.review_due_at is distinct from old.review_due_at then 'review_due_at' end,
    case when new.version is distinct from old.version then 'version' end,
    case when new.sha256 is distinct from old.sha256 then 'sha256' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.kind is not distinct from old.kind then 'kind' end,
    case when new.assistant_id is not distinct from old.assistant_id then 'assistant_id' end,
    case when new.category is not distinct from old.category then 'category' end,
    case when new.subcategory is not distinct from old.subcategory then 'subcategory' end,
    case when new.topic is not distinct from old.topic then 'topic' end,
    case when new.title is not distinct from old.title then 'title' end,
    case when new.question is not distinct from old.question then 'question' end,
    case when new.answer_md is not distinct from old.answer_md then 'answer_md' end,
    case when new.content_type is not distinct from old.content_type then 'content_type' end,
    case when new.source is not distinct from old.source then 'source' end,
    case when new.tags is not distinct from old.tags then 'tags' end,
    case when new.search_keywords is not distinct from old.search_keywords then 'search_keywords' end,
    case when new.location_id is not distinct from old.location_id then 'location_id' end,
    case when new.metadata is not distinct from old.metadata then 'metadata' end,
    case when new.requires_human_review is not distinct from old.requires_human_review then 'requires_human_review' end,
    case when new.sensitivity is not distinct from old.sensitivity then 'sensitivity' end,
    case when new.status is not distinct from old.status then 'status' end,
    case when new.verified_by is not distinct from old.verified_by then 'verified_by' end,
    case when new.verified_at is not distinct from old.verified_at then 'verified_at' end,
    case when new.review_due_at is not distinct from old.review_due_at then 'review_due_at' end,
    case when new.version is not distinct from old.version then 'version' end,
    case when new.sha256 is not distinct from old.sha256 then 'sha256' end
  ], null);
  perform sync.write_history(new.guild_id, 'knowledge_items', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'kind', old.kind, 'assistant_id', old.assistant_id, 'category', old.category, 'subcategory', old.subcategory, 'topic', old.topic, 'title', old.title, 'question', old.question, 'answer_md', old.answer_md, 'content_type', old.content_type, 'source', old.source, 'tags', old.tags, 'search_keywords', old.search_keywords, 'location_id', old.location_id, 'metadata', old.metadata, 'requires_human_review', old.requires_human_review, 'sensitivity', old.sensitivity, 'status', old.status, 'verified_by', old.verified_by, 'verified_at', old.verified_at, 'review_due_at', old.review_due_at, 'version', old.version, 'sha256', old.sha256) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'kind', new.kind, 'assistant_id', new.assistant_id, 'category', new.category, 'subcategory', new.subcategory, 'topic', new.topic, 'title', new.title, 'question', new.question, 'answer_md', new.answer_md, 'content_type', new.content_type, 'source', new.source, 'tags', new.tags, 'search_keywords', new.search_keywords, 'location_id', new.location_id, 'metadata', new.metadata, 'requires_human_review', new.requires_human_review, 'sensitivity', new.sensitivity, 'status', new.status, 'verified_by', new.verified_by, 'verified_at', new.verified_at, 'review_due_at', new.review_due_at, 'version', new.version, 'sha256', new.sha256) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_knowledge_items(new));
  return null;
end
$$;
create or replace function sync.added_knowledge_items() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_knowledge_items(b::guildhall.knowledge_items) as hash, sync.scopes_knowledge_items(b::guildhall.knowledge_items) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 16::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 16::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'knowledge_items', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_knowledge_items() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_knowledge_items(w::guildhall.knowledge_items) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_knowledge_items(b::guildhall.knowledge_items), sync.scopes_knowledge_items(b::guildhall.knowledge_items)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 16::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 16::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 16::smallint, 'knowledge_items', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_knowledge_items() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,kind,assistant_id,category,subcategory,topic,title,question,answer_md,content_type,source,tags,search_keywords,location_id,metadata,requires_human_review,sensitivity,status,verified_by,verified_at,review_due_at,version,sha256}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 16::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'knowledge_items', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'kind', old.kind, 'assistant_id', old.assistant_id, 'category', old.category, 'subcategory', old.subcategory, 'topic', old.topic, 'title', old.title, 'question', old.question, 'answer_md', old.answer_md, 'content_type', old.content_type, 'source', old.source, 'tags', old.tags, 'search_keywords', old.search_keywords, 'location_id', old.location_id, 'metadata', old.metadata, 'requires_human_review', old.requires_human_review, 'sensitivity', old.sensitivity, 'status', old.status, 'verified_by', old.verified_by, 'verified_at', old.verified_at, 'review_due_at', old.review_due_at, 'version', old.version, 'sha256', old.sha256), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 16::smallint, 'knowledge_items', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.knowledge_items
  for each row execute function sync.before_knowledge_items();
create or replace trigger sync_history after insert or update on guildhall.knowledge_items
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_knowledge_items();
create or replace trigger sync_added after insert on guildhall.knowledge_items
  referencing new table as became for each statement execute function sync.added_knowledge_items();
create or replace trigger sync_changed after update on guildhall.knowledge_items
  referencing old table as was new table as became for each statement execute function sync.changed_knowledge_items();
create or replace trigger sync_removed after delete on guildhall.knowledge_items
  for each row execute function sync.removed_knowledge_items();
create or replace trigger sync_truncate before truncate on guildhall.knowledge_items
  for each statement execute function sync.refuse_truncate();
alter table guildhall.knowledge_items enable always trigger sync_before;
alter table guildhall.knowledge_items enable always trigger sync_history;
alter table guildhall.knowledge_items enable always trigger sync_added;
alter table guildhall.knowledge_items enable always trigger sync_changed;
alter table guildhall.knowledge_items enable always trigger sync_removed;
alter table guildhall.knowledge_items enable always trigger sync_truncate;
select sync.set_projection(16::smallint, 'knowledge_items', 'f589d54ede68220297024ec28c71e70104e59ac1569d97ca1634919ea712fa04');

-- 17 knowledge_versions: A version of a knowledge item, as it stood.
create or replace function sync.hash_knowledge_versions(r guildhall.knowledge_versions) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          || case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        )
      )
    ) || (
      (
        (
          sync.cell('\x000a75'::bytea, uuid_send(r.item_id))
          || sync.cell('\x000b69'::bytea, convert_to(r.version::text, 'UTF8'))
        ) || (
          case when r.snapshot = '{}'::jsonb then ''::bytea else sync.cell('\x000c6a'::bytea, convert_to(r.snapshot::text, 'UTF8')) end
          || case when r.sha256 = '' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.sha256, 'UTF8')) end
        )
      ) || (
        (
          case when r.changed_kind = 'human' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.changed_kind, 'UTF8')) end
          || case when r.changed_by is null then ''::bytea else sync.cell('\x000f75'::bytea, uuid_send(r.changed_by)) end
        ) || (
          (
            case when r.change_reason is null then ''::bytea else sync.cell('\x001073'::bytea, convert_to(r.change_reason, 'UTF8')) end
          ) || (
            case when r.on_devices = true then ''::bytea else sync.cell('\x001162'::bytea, convert_to(r.on_devices::int::text, 'UTF8')) end
            || case when r.scope_key = '' then ''::bytea else sync.cell('\x001273'::bytea, convert_to(r.scope_key, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_knowledge_versions(r guildhall.knowledge_versions) returns text[]
language sql stable as $$
  select case when r.on_devices then array_remove(string_to_array(r.scope_key, ' '), '') else '{}'::text[] end
$$;
create or replace function sync.before_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 17::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.item_id, new.version, new.snapshot, new.sha256, new.changed_kind, new.changed_by, new.change_reason, new.on_devices, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.item_id, old.version, old.snapshot, old.sha256, old.changed_kind, old.changed_by, old.change_reason, old.on_devices, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,item_id,version,snapshot,sha256,changed_kind,changed_by,change_reason,on_devices,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'knowledge_versions', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'item_id', new.item_id, 'version', new.version, 'snapshot', new.snapshot, 'sha256', new.sha256, 'changed_kind', new.changed_kind, 'changed_by', new.changed_by, 'change_reason', new.change_reason, 'on_devices', new.on_devices, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_knowledge_versions(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 17::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.item_id is distinct from old.item_id then 'item_id' end,
    case when new.version is distinct from old.version then 'version' end,
    case when new.snapshot is distinct from old.snapshot then 'snapshot' end,
    case when new.sha256 is distinct from old.sha256 then 'sha256' end,
    case when new.changed_kind is distinct from old.changed_kind then 'changed_kind' end,
    case when new.changed_by is distinct from old.changed_by then 'changed_by' end,
    case when new.change_reason is distinct from old.change_reason then 'change_reason' end,
    case when new.on_devices is distinct from old.on_devices then 'on_devices' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.item_id is not distinct from old.item_id then 'item_id' end,
    case when new.version is not distinct from old.version then 'version' end,
    case when new.snapshot is not distinct from old.snapshot then 'snapshot' end,
    case when new.sha256 is not distinct from old.sha256 then 'sha256' end,
    case when new.changed_kind is not distinct from old.changed_kind then 'changed_kind' end,
    case when new.changed_by is not distinct from old.changed_by then 'changed_by' end,
    case when new.change_reason is not distinct from old.change_reason then 'change_reason' end,
    case when new.on_devices is not distinct from old.on_devices then 'on_devices' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'knowledge_versions', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'item_id', old.item_id, 'version', old.version, 'snapshot', old.snapshot, 'sha256', old.sha256, 'changed_kind', old.changed_kind, 'changed_by', old.changed_by, 'change_reason', old.change_reason, 'on_devices', old.on_devices, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'item_id', new.item_id, 'version', new.version, 'snapshot', new.snapshot, 'sha256', new.sha256, 'changed_kind', new.changed_kind, 'changed_by', new.changed_by, 'change_reason', new.change_reason, 'on_devices', new.on_devices, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_knowledge_versions(new));
  return null;
end
$$;
create or replace function sync.added_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_knowledge_versions(b::guildhall.knowledge_versions) as hash, sync.scopes_knowledge_versions(b::guildhall.knowledge_versions) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 17::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 17::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'knowledge_versions', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_knowledge_versions(w::guildhall.knowledge_versions) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_knowledge_versions(b::guildhall.knowledge_versions), sync.scopes_knowledge_versions(b::guildhall.knowledge_versions)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 17::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 17::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 17::smallint, 'knowledge_versions', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,item_id,version,snapshot,sha256,changed_kind,changed_by,change_reason,on_devices,scope_key}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 17::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'knowledge_versions', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'item_id', old.item_id, 'version', old.version, 'snapshot', old.snapshot, 'sha256', old.sha256, 'changed_kind', old.changed_kind, 'changed_by', old.changed_by, 'change_reason', old.change_reason, 'on_devices', old.on_devices, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 17::smallint, 'knowledge_versions', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.knowledge_versions
  for each row execute function sync.before_knowledge_versions();
create or replace trigger sync_history after update on guildhall.knowledge_versions
  for each row execute function sync.history_knowledge_versions();
create or replace trigger sync_added after insert on guildhall.knowledge_versions
  referencing new table as became for each statement execute function sync.added_knowledge_versions();
create or replace trigger sync_changed after update on guildhall.knowledge_versions
  referencing old table as was new table as became for each statement execute function sync.changed_knowledge_versions();
create or replace trigger sync_removed after delete on guildhall.knowledge_versions
  for each row execute function sync.removed_knowledge_versions();
create or replace trigger sync_truncate before truncate on guildhall.knowledge_versions
  for each statement execute function sync.refuse_truncate();
alter table guildhall.knowledge_versions enable always trigger sync_before;
alter table guildhall.knowledge_versions enable always trigger sync_history;
alter table guildhall.knowledge_versions enable always trigger sync_added;
alter table guildhall.knowledge_versions enable always trigger sync_changed;
alter table guildhall.knowledge_versions enable always trigger sync_removed;
alter table guildhall.knowledge_versions enable always trigger sync_truncate;
select sync.set_projection(17::smallint, 'knowledge_versions', '11869b5d1eeadb2ea01120fd6b6aabc4f5cdce800b5bbd595f1374fe66692248');

-- 18 objectives: Something that the guild wants to reach.
create or replace function sync.hash_objectives(r guildhall.objectives) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          (
            case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          ) || (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
            || sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
          )
        )
      )
    ) || (
      (
        (
          case when r.preferences = '{}'::text[] then ''::bytea else sync.cell('\x000b61'::bytea, sync.words(r.preferences)) end
          || case when r.priority = 'medium' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.priority, 'UTF8')) end
        ) || (
          sync.cell('\x000d75'::bytea, uuid_send(r.rank_id))
          || case when r.progress = 0 then ''::bytea else sync.cell('\x000e69'::bytea, convert_to(r.progress::text, 'UTF8')) end
        )
      ) || (
        (
          case when r.progress_mode = 'manual' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.progress_mode, 'UTF8')) end
          || case when r.status = 'active' then ''::bytea else sync.cell('\x001073'::bytea, convert_to(r.status, 'UTF8')) end
        ) || (
          (
            case when r.lead_id is null then ''::bytea else sync.cell('\x001175'::bytea, uuid_send(r.lead_id)) end
          ) || (
            case when r.squad_id is null then ''::bytea else sync.cell('\x001275'::bytea, uuid_send(r.squad_id)) end
            || case when r.sort_key = '' then ''::bytea else sync.cell('\x001373'::bytea, convert_to(r.sort_key, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_objectives(r guildhall.objectives) returns text[]
language sql stable as $$
  select array['rank:' || r.rank_id]
$$;
create or replace function sync.before_objectives() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.preferences := sync.sorted(new.preferences);
    new.rev := sync.first_version(new.guild_id, 18::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.preferences is distinct from old.preferences then
    new.preferences := sync.sorted(new.preferences);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.preferences, new.priority, new.rank_id, new.progress, new.progress_mode, new.status, new.lead_id, new.squad_id, new.sort_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.preferences, old.priority, old.rank_id, old.progress, old.progress_mode, old.status, old.lead_id, old.squad_id, old.sort_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_objectives() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,preferences,priority,rank_id,progress,progress_mode,status,lead_id,squad_id,sort_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'objectives', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'preferences', new.preferences, 'priority', new.priority, 'rank_id', new.rank_id, 'progress', new.progress, 'progress_mode', new.progress_mode, 'status', new.status, 'lead_id', new.lead_id, 'squad_id', new.squad_id, 'sort_key', new.sort_key), dirty, null, new.rev, null, sync.hash_objectives(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 18::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.preferences is distinct from old.preferences then 'preferences' end,
    case when new.priority is distinct from old.priority then 'priority' end,
    case when new.rank_id is distinct from old.rank_id then 'rank_id' end,
    case when new.progress is distinct from old.progress then 'progress' end,
    case when new.progress_mode is distinct from old.progress_mode then 'progress_mode' end,
    case when new.status is distinct from old.status then 'status' end,
    case when new.lead_id is distinct from old.lead_id then 'lead_id' end,
    case when new.squad_id is distinct from old.squad_id then 'squad_id' end,
    case when new.sort_key is distinct from old.sort_key then 'sort_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.preferences is not distinct from old.preferences then 'preferences' end,
    case when new.priority is not distinct from old.priority then 'priority' end,
    case when new.rank_id is not distinct from old.rank_id then 'rank_id' end,
    case when new.progress is not distinct from old.progress then 'progress' end,
    case when new.progress_mode is not distinct from old.progress_mode then 'progress_mode' end,
    case when new.status is not distinct from old.status then 'status' end,
    case when new.lead_id is not distinct from old.lead_id then 'lead_id' end,
    case when new.squad_id is not distinct from old.squad_id then 'squad_id' end,
    case when new.sort_key is not distinct from old.sort_key then 'sort_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'objectives', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'preferences', old.preferences, 'priority', old.priority, 'rank_id', old.rank_id, 'progress', old.progress, 'progress_mode', old.progress_mode, 'status', old.status, 'lead_id', old.lead_id, 'squad_id', old.squad_id, 'sort_key', old.sort_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'preferences', new.preferences, 'priority', new.priority, 'rank_id', new.rank_id, 'progress', new.progress, 'progress_mode', new.progress_mode, 'status', new.status, 'lead_id', new.lead_id, 'squad_id', new.squad_id, 'sort_key', new.sort_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_objectives(new));
  return null;
end
$$;
create or replace function sync.added_objectives() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_objectives(b::guildhall.objectives) as hash, sync.scopes_objectives(b::guildhall.objectives) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 18::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 18::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'objectives', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_objectives() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_objectives(w::guildhall.objectives) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_objectives(b::guildhall.objectives), sync.scopes_objectives(b::guildhall.objectives)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 18::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 18::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 18::smallint, 'objectives', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_objectives() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,preferences,priority,rank_id,progress,progress_mode,status,lead_id,squad_id,sort_key}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 18::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'objectives', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'preferences', old.preferences, 'priority', old.priority, 'rank_id', old.rank_id, 'progress', old.progress, 'progress_mode', old.progress_mode, 'status', old.status, 'lead_id', old.lead_id, 'squad_id', old.squad_id, 'sort_key', old.sort_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 18::smallint, 'objectives', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.objectives
  for each row execute function sync.before_objectives();
create or replace trigger sync_history after insert or update on guildhall.objectives
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_objectives();
create or replace trigger sync_added after insert on guildhall.objectives
  referencing new table as became for each statement execute function sync.added_objectives();
create or replace trigger sync_changed after update on guildhall.objectives
  referencing old table as was new table as became for each statement execute function sync.changed_objectives();
create or replace trigger sync_removed after delete on guildhall.objectives
  for each row execute function sync.removed_objectives();
create or replace trigger sync_truncate before truncate on guildhall.objectives
  for each statement execute function sync.refuse_truncate();
alter table guildhall.objectives enable always trigger sync_before;
alter table guildhall.objectives enable always trigger sync_history;
alter table guildhall.objectives enable always trigger sync_added;
alter table guildhall.objectives enable always trigger sync_changed;
alter table guildhall.objectives enable always trigger sync_removed;
alter table guildhall.objectives enable always trigger sync_truncate;
select sync.set_projection(18::smallint, 'objectives', 'bbce2bf2095beafa54a46d85770b7217ba815b7e2e532f18396f22066421b5ae');

-- 19 objective_sections: What one clearance may read of an objective.
create or replace function sync.hash_objective_sections(r guildhall.objective_sections) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        )
      )
    ) || (
      (
        (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        ) || (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          || sync.cell('\x000a75'::bytea, uuid_send(r.objective_id))
        )
      ) || (
        (
          sync.cell('\x000b73'::bytea, convert_to(r.section, 'UTF8'))
        ) || (
          case when r.body_md = '' then ''::bytea else sync.cell('\x000c73'::bytea, convert_to(r.body_md, 'UTF8')) end
          || case when r.scope_key = '' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.scope_key, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_objective_sections(r guildhall.objective_sections) returns text[]
language sql stable as $$
  select case when r.section = 'brief' then array_remove(string_to_array(r.scope_key, ' '), '') else array(select r.section || '/' || s from unnest(array_remove(string_to_array(r.scope_key, ' '), '')) as s) end
$$;
create or replace function sync.before_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 19::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.objective_id, new.section, new.body_md, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.objective_id, old.section, old.body_md, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,objective_id,section,body_md,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'objective_sections', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'objective_id', new.objective_id, 'section', new.section, 'body_md', new.body_md, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_objective_sections(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 19::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.objective_id is distinct from old.objective_id then 'objective_id' end,
    case when new.section is distinct from old.section then 'section' end,
    case when new.body_md is distinct from old.body_md then 'body_md' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.objective_id is not distinct from old.objective_id then 'objective_id' end,
    case when new.section is not distinct from old.section then 'section' end,
    case when new.body_md is not distinct from old.body_md then 'body_md' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'objective_sections', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'objective_id', old.objective_id, 'section', old.section, 'body_md', old.body_md, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'objective_id', new.objective_id, 'section', new.section, 'body_md', new.body_md, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_objective_sections(new));
  return null;
end
$$;
create or replace function sync.added_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_objective_sections(b::guildhall.objective_sections) as hash, sync.scopes_objective_sections(b::guildhall.objective_sections) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 19::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 19::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'objective_sections', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_objective_sections(w::guildhall.objective_sections) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_objective_sections(b::guildhall.objective_sections), sync.scopes_objective_sections(b::guildhall.objective_sections)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 19::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 19::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 19::smallint, 'objective_sections', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,objective_id,section,body_md,scope_key}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 19::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'objective_sections', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'objective_id', old.objective_id, 'section', old.section, 'body_md', old.body_md, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 19::smallint, 'objective_sections', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.objective_sections
  for each row execute function sync.before_objective_sections();
create or replace trigger sync_history after insert or update on guildhall.objective_sections
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_objective_sections();
create or replace trigger sync_added after insert on guildhall.objective_sections
  referencing new table as became for each statement execute function sync.added_objective_sections();
create or replace trigger sync_changed after update on guildhall.objective_sections
  referencing old table as was new table as became for each statement execute function sync.changed_objective_sections();
create or replace trigger sync_removed after delete on guildhall.objective_sections
  for each row execute function sync.removed_objective_sections();
create or replace trigger sync_truncate before truncate on guildhall.objective_sections
  for each statement execute function sync.refuse_truncate();
alter table guildhall.objective_sections enable always trigger sync_before;
alter table guildhall.objective_sections enable always trigger sync_history;
alter table guildhall.objective_sections enable always trigger sync_added;
alter table guildhall.objective_sections enable always trigger sync_changed;
alter table guildhall.objective_sections enable always trigger sync_removed;
alter table guildhall.objective_sections enable always trigger sync_truncate;
select sync.set_projection(19::smallint, 'objective_sections', '212ae7f2484d9e9d96198558bdcbd0a95e11690f820838379477976b35a640dc');

-- 20 competitors: Somebody whom customers could go to instead.
create or replace function sync.hash_competitors(r guildhall.competitors) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          || sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
        )
      ) || (
        (
          case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          || sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
        ) || (
          case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
          || case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        )
      )
    ) || (
      (
        (
          sync.cell('\x000a73'::bytea, convert_to(r.name, 'UTF8'))
          || case when r.category = 'direct' then ''::bytea else sync.cell('\x000b73'::bytea, convert_to(r.category, 'UTF8')) end
        ) || (
          case when r.pricing = '{}'::jsonb then ''::bytea else sync.cell('\x000c6a'::bytea, convert_to(r.pricing::text, 'UTF8')) end
          || case when r.locations = '{}'::jsonb then ''::bytea else sync.cell('\x000d6a'::bytea, convert_to(r.locations::text, 'UTF8')) end
        )
      ) || (
        (
          case when r.services = '{}'::text[] then ''::bytea else sync.cell('\x000e61'::bytea, sync.words(r.services)) end
          || case when r.strengths = '' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.strengths, 'UTF8')) end
        ) || (
          case when r.weaknesses = '' then ''::bytea else sync.cell('\x001073'::bytea, convert_to(r.weaknesses, 'UTF8')) end
          || case when r.market_share is null then ''::bytea else sync.cell('\x001164'::bytea, convert_to((r.market_share * 100)::bigint::text, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_competitors(r guildhall.competitors) returns text[]
language sql stable as $$
  select array['managers']
$$;
create or replace function sync.before_competitors() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.services := sync.sorted(new.services);
    new.rev := sync.first_version(new.guild_id, 20::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.services is distinct from old.services then
    new.services := sync.sorted(new.services);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.name, new.category, new.pricing, new.locations, new.services, new.strengths, new.weaknesses, new.market_share) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.name, old.category, old.pricing, old.locations, old.services, old.strengths, old.weaknesses, old.market_share) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_competitors() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,category,pricing,locations,services,strengths,weaknesses,market_share}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'competitors', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'name', new.name, 'category', new.category, 'pricing', new.pricing, 'locations', new.locations, 'services', new.services, 'strengths', new.strengths, 'weaknesses', new.weaknesses, 'market_share', new.market_share), dirty, null, new.rev, null, sync.hash_competitors(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 20::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is distinct from old.name then 'name' end,
    case when new.category is distinct from old.category then 'category' end,
    case when new.pricing is distinct from old.pricing then 'pricing' end,
    case when new.locations is distinct from old.locations then 'locations' end,
    case when new.services is distinct from old.services then 'services' end,
    case when new.strengths is distinct from old.strengths then 'strengths' end,
    case when new.weaknesses is distinct from old.weaknesses then 'weaknesses' end,
    case when new.market_share is distinct from old.market_share then 'market_share' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.name is not distinct from old.name then 'name' end,
    case when new.category is not distinct from old.category then 'category' end,
    case when new.pricing is not distinct from old.pricing then 'pricing' end,
    case when new.locations is not distinct from old.locations then 'locations' end,
    case when new.services is not distinct from old.services then 'services' end,
    case when new.strengths is not distinct from old.strengths then 'strengths' end,
    case when new.weaknesses is not distinct from old.weaknesses then 'weaknesses' end,
    case when new.market_share is not distinct from old.market_share then 'market_share' end
  ], null);
  perform sync.write_history(new.guild_id, 'competitors', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'name', old.name, 'category', old.category, 'pricing', old.pricing, 'locations', old.locations, 'services', old.services, 'strengths', old.strengths, 'weaknesses', old.weaknesses, 'market_share', old.market_share) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'name', new.name, 'category', new.category, 'pricing', new.pricing, 'locations', new.locations, 'services', new.services, 'strengths', new.strengths, 'weaknesses', new.weaknesses, 'market_share', new.market_share) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_competitors(new));
  return null;
end
$$;
create or replace function sync.added_competitors() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_competitors(b::guildhall.competitors) as hash, sync.scopes_competitors(b::guildhall.competitors) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 20::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 20::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'competitors', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_competitors() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_competitors(w::guildhall.competitors) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_competitors(b::guildhall.competitors), sync.scopes_competitors(b::guildhall.competitors)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 20::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 20::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 20::smallint, 'competitors', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_competitors() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,name,category,pricing,locations,services,strengths,weaknesses,market_share}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 20::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'competitors', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'name', old.name, 'category', old.category, 'pricing', old.pricing, 'locations', old.locations, 'services', old.services, 'strengths', old.strengths, 'weaknesses', old.weaknesses, 'market_share', old.market_share), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 20::smallint, 'competitors', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.competitors
  for each row execute function sync.before_competitors();
create or replace trigger sync_history after insert or update on guildhall.competitors
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_competitors();
create or replace trigger sync_added after insert on guildhall.competitors
  referencing new table as became for each statement execute function sync.added_competitors();
create or replace trigger sync_changed after update on guildhall.competitors
  referencing old table as was new table as became for each statement execute function sync.changed_competitors();
create or replace trigger sync_removed after delete on guildhall.competitors
  for each row execute function sync.removed_competitors();
create or replace trigger sync_truncate before truncate on guildhall.competitors
  for each statement execute function sync.refuse_truncate();
alter table guildhall.competitors enable always trigger sync_before;
alter table guildhall.competitors enable always trigger sync_history;
alter table guildhall.competitors enable always trigger sync_added;
alter table guildhall.competitors enable always trigger sync_changed;
alter table guildhall.competitors enable always trigger sync_removed;
alter table guildhall.competitors enable always trigger sync_truncate;
select sync.set_projection(20::smallint, 'competitors', '92050f1bddc9b86a92fb55b9c761c351bcdabaf3f09dfc004ef0c7729a1cbbec');

-- 21 sync_conflicts: Two versions of something, both kept until a person settles it. The server's is live.
create or replace function sync.hash_sync_conflicts(r guildhall.sync_conflicts) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
          || sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
        ) || (
          (
            sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
          ) || (
            sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
            || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
          )
        )
      ) || (
        (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        ) || (
          (
            case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
          ) || (
            sync.cell('\x000a75'::bytea, uuid_send(r.entry_id))
            || sync.cell('\x000b73'::bytea, convert_to(r.target_table, 'UTF8'))
          )
        )
      )
    ) || (
      (
        (
          sync.cell('\x000c75'::bytea, uuid_send(r.target_id))
          || sync.cell('\x000d73'::bytea, convert_to(r.kind, 'UTF8'))
        ) || (
          (
            case when r.units = '{}'::text[] then ''::bytea else sync.cell('\x000e61'::bytea, sync.words(r.units)) end
          ) || (
            case when r.base = '{}'::jsonb then ''::bytea else sync.cell('\x000f6a'::bytea, convert_to(r.base::text, 'UTF8')) end
            || case when r.mine = '{}'::jsonb then ''::bytea else sync.cell('\x00106a'::bytea, convert_to(r.mine::text, 'UTF8')) end
          )
        )
      ) || (
        (
          case when r.theirs = '{}'::jsonb then ''::bytea else sync.cell('\x00116a'::bytea, convert_to(r.theirs::text, 'UTF8')) end
          || case when r.author_id is null then ''::bytea else sync.cell('\x001275'::bytea, uuid_send(r.author_id)) end
        ) || (
          (
            case when r.resolved_at is null then ''::bytea else sync.cell('\x001374'::bytea, convert_to((extract(epoch from r.resolved_at) * 1000000)::bigint::text, 'UTF8')) end
          ) || (
            case when r.resolved_by is null then ''::bytea else sync.cell('\x001475'::bytea, uuid_send(r.resolved_by)) end
            || case when r.scope_key = '' then ''::bytea else sync.cell('\x001573'::bytea, convert_to(r.scope_key, 'UTF8')) end
          )
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_sync_conflicts(r guildhall.sync_conflicts) returns text[]
language sql stable as $$
  select array_remove(string_to_array(r.scope_key, ' '), '')
$$;
create or replace function sync.before_sync_conflicts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.units := sync.sorted(new.units);
    new.rev := sync.first_version(new.guild_id, 21::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if new.units is distinct from old.units then
    new.units := sync.sorted(new.units);
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.entry_id, new.target_table, new.target_id, new.kind, new.units, new.base, new.mine, new.theirs, new.author_id, new.resolved_at, new.resolved_by, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.entry_id, old.target_table, old.target_id, old.kind, old.units, old.base, old.mine, old.theirs, old.author_id, old.resolved_at, old.resolved_by, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_sync_conflicts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,entry_id,target_table,target_id,kind,units,base,mine,theirs,author_id,resolved_at,resolved_by,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'sync_conflicts', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'entry_id', new.entry_id, 'target_table', new.target_table, 'target_id', new.target_id, 'kind', new.kind, 'units', new.units, 'base', new.base, 'mine', new.mine, 'theirs', new.theirs, 'author_id', new.author_id, 'resolved_at', new.resolved_at, 'resolved_by', new.resolved_by, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_sync_conflicts(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 21::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.entry_id is distinct from old.entry_id then 'entry_id' end,
    case when new.target_table is distinct from old.target_table then 'target_table' end,
    case when new.target_id is distinct from old.target_id then 'target_id' end,
    case when new.kind is distinct from old.kind then 'kind' end,
    case when new.units is distinct from old.units then 'units' end,
    case when new.base is distinct from old.base then 'base' end,
    case when new.mine is distinct from old.mine then 'mine' end,
    case when new.theirs is distinct from old.theirs then 'theirs' end,
    case when new.author_id is distinct from old.author_id then 'author_id' end,
    case when new.resolved_at is distinct from old.resolved_at then 'resolved_at' end,
    case when new.resolved_by is distinct from old.resolved_by then 'resolved_by' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.entry_id is not distinct from old.entry_id then 'entry_id' end,
    case when new.target_table is not distinct from old.target_table then 'target_table' end,
    case when new.target_id is not distinct from old.target_id then 'target_id' end,
    case when new.kind is not distinct from old.kind then 'kind' end,
    case when new.units is not distinct from old.units then 'units' end,
    case when new.base is not distinct from old.base then 'base' end,
    case when new.mine is not distinct from old.mine then 'mine' end,
    case when new.theirs is not distinct from old.theirs then 'theirs' end,
    case when new.author_id is not distinct from old.author_id then 'author_id' end,
    case when new.resolved_at is not distinct from old.resolved_at then 'resolved_at' end,
    case when new.resolved_by is not distinct from old.resolved_by then 'resolved_by' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'sync_conflicts', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'entry_id', old.entry_id, 'target_table', old.target_table, 'target_id', old.target_id, 'kind', old.kind, 'units', old.units, 'base', old.base, 'mine', old.mine, 'theirs', old.theirs, 'author_id', old.author_id, 'resolved_at', old.resolved_at, 'resolved_by', old.resolved_by, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'entry_id', new.entry_id, 'target_table', new.target_table, 'target_id', new.target_id, 'kind', new.kind, 'units', new.units, 'base', new.base, 'mine', new.mine, 'theirs', new.theirs, 'author_id', new.author_id, 'resolved_at', new.resolved_at, 'resolved_by', new.resolved_by, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_sync_conflicts(new));
  return null;
end
$$;
create or replace function sync.added_sync_conflicts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_sync_conflicts(b::guildhall.sync_conflicts) as hash, sync.scopes_sync_conflicts(b::guildhall.sync_conflicts) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 21::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 21::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'sync_conflicts', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_sync_conflicts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_sync_conflicts(w::guildhall.sync_conflicts) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_sync_conflicts(b::guildhall.sync_conflicts), sync.scopes_sync_conflicts(b::guildhall.sync_conflicts)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 21::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 21::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 21::smallint, 'sync_conflicts', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_sync_conflicts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,entry_id,target_table,target_id,kind,units,base,mine,theirs,author_id,resolved_at,resolved_by,scope_key}';
  hash_before bytea;
begin
  if true then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 21::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'sync_conflicts', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'entry_id', old.entry_id, 'target_table', old.target_table, 'target_id', old.target_id, 'kind', old.kind, 'units', old.units, 'base', old.base, 'mine', old.mine, 'theirs', old.theirs, 'author_id', old.author_id, 'resolved_at', old.resolved_at, 'resolved_by', old.resolved_by, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 21::smallint, 'sync_conflicts', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.sync_conflicts
  for each row execute function sync.before_sync_conflicts();
create or replace trigger sync_history after insert or update on guildhall.sync_conflicts
  for each row execute function sync.history_sync_conflicts();
create or replace trigger sync_added after insert on guildhall.sync_conflicts
  referencing new table as became for each statement execute function sync.added_sync_conflicts();
create or replace trigger sync_changed after update on guildhall.sync_conflicts
  referencing old table as was new table as became for each statement execute function sync.changed_sync_conflicts();
create or replace trigger sync_removed after delete on guildhall.sync_conflicts
  for each row execute function sync.removed_sync_conflicts();
create or replace trigger sync_truncate before truncate on guildhall.sync_conflicts
  for each statement execute function sync.refuse_truncate();
alter table guildhall.sync_conflicts enable always trigger sync_before;
alter table guildhall.sync_conflicts enable always trigger sync_history;
alter table guildhall.sync_conflicts enable always trigger sync_added;
alter table guildhall.sync_conflicts enable always trigger sync_changed;
alter table guildhall.sync_conflicts enable always trigger sync_removed;
alter table guildhall.sync_conflicts enable always trigger sync_truncate;
select sync.set_projection(21::smallint, 'sync_conflicts', 'f58ee84b062abeed1b3ce11dba99deb38191a00dc84cd598a07a3e0ec0cc73ef');

-- 22 ticket_messages: Something that was said in a ticket. It stays as it was said.
create or replace function sync.hash_ticket_messages(r guildhall.ticket_messages) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        ) || (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        )
      )
    ) || (
      (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a75'::bytea, uuid_send(r.ticket_id))
          || sync.cell('\x000b73'::bytea, convert_to(r.author_kind, 'UTF8'))
        )
      ) || (
        (
          case when r.author_id is null then ''::bytea else sync.cell('\x000c75'::bytea, uuid_send(r.author_id)) end
          || case when r.body = '' then ''::bytea else sync.cell('\x000d73'::bytea, convert_to(r.body, 'UTF8')) end
        ) || (
          sync.cell('\x000e74'::bytea, convert_to((extract(epoch from r.said_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.scope_key = '' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.scope_key, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_ticket_messages(r guildhall.ticket_messages) returns text[]
language sql stable as $$
  select array_remove(string_to_array(r.scope_key, ' '), '')
$$;
create or replace function sync.before_ticket_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 22::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.ticket_id, new.author_kind, new.author_id, new.body, new.said_at, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.ticket_id, old.author_kind, old.author_id, old.body, old.said_at, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_ticket_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,ticket_id,author_kind,author_id,body,said_at,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'ticket_messages', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'ticket_id', new.ticket_id, 'author_kind', new.author_kind, 'author_id', new.author_id, 'body', new.body, 'said_at', new.said_at, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_ticket_messages(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 22::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.ticket_id is distinct from old.ticket_id then 'ticket_id' end,
    case when new.author_kind is distinct from old.author_kind then 'author_kind' end,
    case when new.author_id is distinct from old.author_id then 'author_id' end,
    case when new.body is distinct from old.body then 'body' end,
    case when new.said_at is distinct from old.said_at then 'said_at' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.ticket_id is not distinct from old.ticket_id then 'ticket_id' end,
    case when new.author_kind is not distinct from old.author_kind then 'author_kind' end,
    case when new.author_id is not distinct from old.author_id then 'author_id' end,
    case when new.body is not distinct from old.body then 'body' end,
    case when new.said_at is not distinct from old.said_at then 'said_at' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'ticket_messages', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'ticket_id', old.ticket_id, 'author_kind', old.author_kind, 'author_id', old.author_id, 'body', old.body, 'said_at', old.said_at, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'ticket_id', new.ticket_id, 'author_kind', new.author_kind, 'author_id', new.author_id, 'body', new.body, 'said_at', new.said_at, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_ticket_messages(new));
  return null;
end
$$;
create or replace function sync.added_ticket_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_ticket_messages(b::guildhall.ticket_messages) as hash, sync.scopes_ticket_messages(b::guildhall.ticket_messages) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 22::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 22::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'ticket_messages', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_ticket_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_ticket_messages(w::guildhall.ticket_messages) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_ticket_messages(b::guildhall.ticket_messages), sync.scopes_ticket_messages(b::guildhall.ticket_messages)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 22::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 22::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 22::smallint, 'ticket_messages', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_ticket_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,ticket_id,author_kind,author_id,body,said_at,scope_key}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 22::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'ticket_messages', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'ticket_id', old.ticket_id, 'author_kind', old.author_kind, 'author_id', old.author_id, 'body', old.body, 'said_at', old.said_at, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 22::smallint, 'ticket_messages', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.ticket_messages
  for each row execute function sync.before_ticket_messages();
create or replace trigger sync_history after insert or update on guildhall.ticket_messages
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_ticket_messages();
create or replace trigger sync_added after insert on guildhall.ticket_messages
  referencing new table as became for each statement execute function sync.added_ticket_messages();
create or replace trigger sync_changed after update on guildhall.ticket_messages
  referencing old table as was new table as became for each statement execute function sync.changed_ticket_messages();
create or replace trigger sync_removed after delete on guildhall.ticket_messages
  for each row execute function sync.removed_ticket_messages();
create or replace trigger sync_truncate before truncate on guildhall.ticket_messages
  for each statement execute function sync.refuse_truncate();
alter table guildhall.ticket_messages enable always trigger sync_before;
alter table guildhall.ticket_messages enable always trigger sync_history;
alter table guildhall.ticket_messages enable always trigger sync_added;
alter table guildhall.ticket_messages enable always trigger sync_changed;
alter table guildhall.ticket_messages enable always trigger sync_removed;
alter table guildhall.ticket_messages enable always trigger sync_truncate;
select sync.set_projection(22::smallint, 'ticket_messages', '1635a74496da9caf4aceec432426fd2ad881ae3d0085625badb83399870ee76b');

-- 23 ticket_resolutions: A page or a piece of knowledge that was given as the answer to a ticket.
create or replace function sync.hash_ticket_resolutions(r guildhall.ticket_resolutions) returns bytea
language sql stable as $$
  select substr(sha256(
    (
      (
        (
          sync.cell('\x000175'::bytea, uuid_send(r.id))
        ) || (
          sync.cell('\x000275'::bytea, uuid_send(r.guild_id))
          || sync.cell('\x000369'::bytea, convert_to(r.rev::text, 'UTF8'))
        )
      ) || (
        (
          sync.cell('\x000474'::bytea, convert_to((extract(epoch from r.created_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.created_by is null then ''::bytea else sync.cell('\x000575'::bytea, uuid_send(r.created_by)) end
        ) || (
          sync.cell('\x000674'::bytea, convert_to((extract(epoch from r.updated_at) * 1000000)::bigint::text, 'UTF8'))
          || case when r.updated_by is null then ''::bytea else sync.cell('\x000775'::bytea, uuid_send(r.updated_by)) end
        )
      )
    ) || (
      (
        (
          case when r.deleted_at is null then ''::bytea else sync.cell('\x000874'::bytea, convert_to((extract(epoch from r.deleted_at) * 1000000)::bigint::text, 'UTF8')) end
        ) || (
          sync.cell('\x000a75'::bytea, uuid_send(r.ticket_id))
          || case when r.knowledge_item_id is null then ''::bytea else sync.cell('\x000b75'::bytea, uuid_send(r.knowledge_item_id)) end
        )
      ) || (
        (
          case when r.sop_id is null then ''::bytea else sync.cell('\x000c75'::bytea, uuid_send(r.sop_id)) end
          || case when r.satisfied is null then ''::bytea else sync.cell('\x000d62'::bytea, convert_to(r.satisfied::int::text, 'UTF8')) end
        ) || (
          case when r.note = '' then ''::bytea else sync.cell('\x000e73'::bytea, convert_to(r.note, 'UTF8')) end
          || case when r.scope_key = '' then ''::bytea else sync.cell('\x000f73'::bytea, convert_to(r.scope_key, 'UTF8')) end
        )
      )
    )
  ), 1, 16)
$$;
create or replace function sync.scopes_ticket_resolutions(r guildhall.ticket_resolutions) returns text[]
language sql stable as $$
  select array_remove(string_to_array(r.scope_key, ' '), '')
$$;
create or replace function sync.before_ticket_resolutions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
    new.rev := sync.first_version(new.guild_id, 23::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
  if (new.id, new.guild_id, new.created_at, new.created_by, new.deleted_at, new.ticket_id, new.knowledge_item_id, new.sop_id, new.satisfied, new.note, new.scope_key) is not distinct from (old.id, old.guild_id, old.created_at, old.created_by, old.deleted_at, old.ticket_id, old.knowledge_item_id, old.sop_id, old.satisfied, old.note, old.scope_key) then
    return null;
  end if;
  new.rev := old.rev + 1;
  new.updated_at := now();
  -- Without a person it was the system, unless the writer says otherwise.
  if person is not null or new.updated_by is not distinct from old.updated_by then
    new.updated_by := person;
  end if;
  return new;
end
$$;
create or replace function sync.history_ticket_resolutions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,ticket_id,knowledge_item_id,sop_id,satisfied,note,scope_key}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, 'ticket_resolutions', new.id, 'insert', null, jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'rev', new.rev, 'created_at', new.created_at, 'created_by', new.created_by, 'updated_at', new.updated_at, 'updated_by', new.updated_by, 'deleted_at', new.deleted_at, 'ticket_id', new.ticket_id, 'knowledge_item_id', new.knowledge_item_id, 'sop_id', new.sop_id, 'satisfied', new.satisfied, 'note', new.note, 'scope_key', new.scope_key), dirty, null, new.rev, null, sync.hash_ticket_resolutions(new));
    return null;
  end if;
  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 23::smallint and m.pk = old.id limit 1;
  dirty := array_remove(array[
    case when new.id is distinct from old.id then 'id' end,
    case when new.guild_id is distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is distinct from old.created_at then 'created_at' end,
    case when new.created_by is distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is distinct from old.deleted_at then 'deleted_at' end,
    case when new.ticket_id is distinct from old.ticket_id then 'ticket_id' end,
    case when new.knowledge_item_id is distinct from old.knowledge_item_id then 'knowledge_item_id' end,
    case when new.sop_id is distinct from old.sop_id then 'sop_id' end,
    case when new.satisfied is distinct from old.satisfied then 'satisfied' end,
    case when new.note is distinct from old.note then 'note' end,
    case when new.scope_key is distinct from old.scope_key then 'scope_key' end
  ], null);
  alike := array_remove(array[
    case when new.id is not distinct from old.id then 'id' end,
    case when new.guild_id is not distinct from old.guild_id then 'guild_id' end,
    case when new.created_at is not distinct from old.created_at then 'created_at' end,
    case when new.created_by is not distinct from old.created_by then 'created_by' end,
    case when new.deleted_at is not distinct from old.deleted_at then 'deleted_at' end,
    case when new.ticket_id is not distinct from old.ticket_id then 'ticket_id' end,
    case when new.knowledge_item_id is not distinct from old.knowledge_item_id then 'knowledge_item_id' end,
    case when new.sop_id is not distinct from old.sop_id then 'sop_id' end,
    case when new.satisfied is not distinct from old.satisfied then 'satisfied' end,
    case when new.note is not distinct from old.note then 'note' end,
    case when new.scope_key is not distinct from old.scope_key then 'scope_key' end
  ], null);
  perform sync.write_history(new.guild_id, 'ticket_resolutions', new.id, 'update',
    jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'created_at', old.created_at, 'created_by', old.created_by, 'deleted_at', old.deleted_at, 'ticket_id', old.ticket_id, 'knowledge_item_id', old.knowledge_item_id, 'sop_id', old.sop_id, 'satisfied', old.satisfied, 'note', old.note, 'scope_key', old.scope_key) - alike,
    jsonb_build_object('id', new.id, 'guild_id', new.guild_id, 'created_at', new.created_at, 'created_by', new.created_by, 'deleted_at', new.deleted_at, 'ticket_id', new.ticket_id, 'knowledge_item_id', new.knowledge_item_id, 'sop_id', new.sop_id, 'satisfied', new.satisfied, 'note', new.note, 'scope_key', new.scope_key) - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_ticket_resolutions(new));
  return null;
end
$$;
create or replace function sync.added_ticket_resolutions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_ticket_resolutions(b::guildhall.ticket_resolutions) as hash, sync.scopes_ticket_resolutions(b::guildhall.ticket_resolutions) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, 23::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, 23::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, 'ticket_resolutions', b.id) from became b where b.rev > 1;
  return null;
end
$$;
create or replace function sync.changed_ticket_resolutions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_ticket_resolutions(w::guildhall.ticket_resolutions) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_ticket_resolutions(b::guildhall.ticket_resolutions), sync.scopes_ticket_resolutions(b::guildhall.ticket_resolutions)
      from became b
    ), paired as (
      select s.*, lag(s.scopes) over (partition by s.guild_id, s.id order by s.is_new) as scopes_before from seen s
    ), made as materialized (
      select p.* from paired p where p.is_new
    ), stayed as materialized (
      select m.guild_id, m.id, m.rev, m.hash from made m where m.scopes = m.scopes_before
    ), opened as materialized (
      select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct s.guild_id from stayed s) g
    ), held as (
      update sync.member n set version = s.rev, hash = s.hash
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = 23::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, 23::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, 23::smallint, 'ticket_resolutions', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
create or replace function sync.removed_ticket_resolutions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set "TimeZone" = 'UTC'
as $$
declare
  dirty text[] := '{id,guild_id,rev,created_at,created_by,updated_at,updated_by,deleted_at,ticket_id,knowledge_item_id,sop_id,satisfied,note,scope_key}';
  hash_before bytea;
begin
  if current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1 then
    select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = 23::smallint and m.pk = old.id limit 1;
    perform sync.write_history(old.guild_id, 'ticket_resolutions', old.id, 'delete', jsonb_build_object('id', old.id, 'guild_id', old.guild_id, 'rev', old.rev, 'created_at', old.created_at, 'created_by', old.created_by, 'updated_at', old.updated_at, 'updated_by', old.updated_by, 'deleted_at', old.deleted_at, 'ticket_id', old.ticket_id, 'knowledge_item_id', old.knowledge_item_id, 'sop_id', old.sop_id, 'satisfied', old.satisfied, 'note', old.note, 'scope_key', old.scope_key), null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, 23::smallint, 'ticket_resolutions', old.id, old.rev);
  return null;
end
$$;
create or replace trigger sync_before before insert or update on guildhall.ticket_resolutions
  for each row execute function sync.before_ticket_resolutions();
create or replace trigger sync_history after insert or update on guildhall.ticket_resolutions
  for each row when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  execute function sync.history_ticket_resolutions();
create or replace trigger sync_added after insert on guildhall.ticket_resolutions
  referencing new table as became for each statement execute function sync.added_ticket_resolutions();
create or replace trigger sync_changed after update on guildhall.ticket_resolutions
  referencing old table as was new table as became for each statement execute function sync.changed_ticket_resolutions();
create or replace trigger sync_removed after delete on guildhall.ticket_resolutions
  for each row execute function sync.removed_ticket_resolutions();
create or replace trigger sync_truncate before truncate on guildhall.ticket_resolutions
  for each statement execute function sync.refuse_truncate();
alter table guildhall.ticket_resolutions enable always trigger sync_before;
alter table guildhall.ticket_resolutions enable always trigger sync_history;
alter table guildhall.ticket_resolutions enable always trigger sync_added;
alter table guildhall.ticket_resolutions enable always trigger sync_changed;
alter table guildhall.ticket_resolutions enable always trigger sync_removed;
alter table guildhall.ticket_resolutions enable always trigger sync_truncate;
select sync.set_projection(23::smallint, 'ticket_resolutions', '08535370ee2e101d38676f7e788d67133ed53e179d60e98724b31f822c708a07');
