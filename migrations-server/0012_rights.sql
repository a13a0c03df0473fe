-- Which scopes a person is granted, and how a change of rights is noticed. Row-level security says
-- the same a second time, in other words; a test compares the two.

-- In statements of its own, whose plans a connection keeps: this is asked at every pull and push.
create function sync.scopes_of(guild uuid, person uuid) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  own_role text;
  own_rank record;
  clearance text;
begin
  select u.role into own_role from guildhall.users u
  where u.guild_id = guild and u.id = person and u.is_active and u.deleted_at is null;
  if not found then
    return;
  end if;
  return next 'public';
  -- What stands in a public assistant is not public itself: each page says that for itself.
  if own_role in ('kiosk', 'customer') then
    return;
  end if;
  return query
    select 'assistant:' || a.id from guildhall.assistants a where a.guild_id = guild and own_role = any (a.access_roles);

  return next 'guild';
  return next 'user:' || person;
  if own_role in ('admin', 'manager', 'operator', 'support') then
    return next 'desk';
  end if;
  if own_role in ('admin', 'manager') then
    return next 'managers';
    return query select 'location:' || l.id from guildhall.locations l where l.guild_id = guild;
  elsif own_role in ('operator', 'support') then
    return query
      select 'location:' || w.location_id from guildhall.user_locations w
      where w.guild_id = guild and w.user_id = person and w.deleted_at is null;
  end if;
  if own_role = 'admin' then
    return next 'admins';
  end if;

  -- A person without a rank, or whose rank was deleted, has what the lowest rank has.
  select r.id, r.hierarchy_level into own_rank
  from guildhall.users u join guildhall.ranks r on r.guild_id = u.guild_id and r.deleted_at is null
  where u.guild_id = guild and u.id = person
  order by r.id is distinct from u.rank_id, r.hierarchy_level
  limit 1;
  -- Deleted ranks too: what lies there is still read by the more senior.
  return query
    select 'rank:' || r.id from guildhall.ranks r
    where r.guild_id = guild and r.hierarchy_level <= own_rank.hierarchy_level;
  foreach clearance in array array['tactical', 'classified'] loop
    perform from guildhall.rank_access_levels held
    join guildhall.access_levels level on level.guild_id = held.guild_id and level.id = held.access_level_id
    where held.guild_id = guild and held.rank_id = own_rank.id and held.deleted_at is null and level.deleted_at is null
      and 'objective.read.' || clearance = any (level.user_actions);
    if found then
      return query
        select clearance || '/rank:' || r.id from guildhall.ranks r
        where r.guild_id = guild and r.hierarchy_level <= own_rank.hierarchy_level;
    end if;
  end loop;
end
$$;

-- Keeps the person's rights as they are until the transaction ends. Whoever changes them waits,
-- and whoever has just changed them is waited for: ask for the scopes afterwards.
create function sync.hold_grants(guild uuid, person uuid) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  select g.version from sync.grant_row g where g.guild_id = guild and g.user_id = person for share
$$;

create function sync.bump_grants(guild uuid, people uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into sync.grant_row (guild_id, user_id)
  select guild, p from unnest(people) as p order by p
  on conflict (guild_id, user_id) do update set version = grant_row.version + 1
$$;

-- After a statement that wrote people: those whose standing it may have changed.
create function sync.bump_written_people() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' then
    perform sync.bump_grants(n.guild_id, array_agg(n.id))
    from new_rows n join old_rows o using (guild_id, id)
    where (n.role, n.rank_id, n.is_active, n.deleted_at) is distinct from (o.role, o.rank_id, o.is_active, o.deleted_at)
    group by n.guild_id;
  elsif tg_op = 'INSERT' then
    perform sync.bump_grants(n.guild_id, array_agg(n.id)) from new_rows n group by n.guild_id;
  else
    perform sync.bump_grants(o.guild_id, array_agg(o.id)) from old_rows o group by o.guild_id;
  end if;
  return null;
end
$$;

-- After a statement that wrote who works where.
create function sync.bump_placed_people() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op <> 'DELETE' then
    perform sync.bump_grants(n.guild_id, array_agg(distinct n.user_id)) from new_rows n group by n.guild_id;
  end if;
  if tg_op <> 'INSERT' then
    perform sync.bump_grants(o.guild_id, array_agg(distinct o.user_id)) from old_rows o group by o.guild_id;
  end if;
  return null;
end
$$;

-- After a statement that wrote what everybody's rights are worked out from.
create function sync.bump_whole_guilds() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    perform sync.bump_grants(u.guild_id, array_agg(u.id)) from guildhall.users u
    where u.guild_id in (select o.guild_id from old_rows o) group by u.guild_id;
  else
    perform sync.bump_grants(u.guild_id, array_agg(u.id)) from guildhall.users u
    where u.guild_id in (select n.guild_id from new_rows n) group by u.guild_id;
  end if;
  return null;
end
$$;

do $$
declare
  watched record;
begin
  for watched in
    select * from (values
      ('users', 'bump_written_people'), ('user_locations', 'bump_placed_people'),
      ('ranks', 'bump_whole_guilds'), ('rank_access_levels', 'bump_whole_guilds'),
      ('access_levels', 'bump_whole_guilds'), ('assistants', 'bump_whole_guilds'),
      ('locations', 'bump_whole_guilds')
    ) as w (name, bump)
  loop
    execute format(
      'create trigger bump_grants_insert after insert on guildhall.%I
         referencing new table as new_rows for each statement execute function sync.%I()', watched.name, watched.bump);
    execute format(
      'create trigger bump_grants_update after update on guildhall.%I
         referencing old table as old_rows new table as new_rows for each statement execute function sync.%I()', watched.name, watched.bump);
    execute format(
      'create trigger bump_grants_delete after delete on guildhall.%I
         referencing old table as old_rows for each statement execute function sync.%I()', watched.name, watched.bump);
    execute format('alter table guildhall.%I enable always trigger bump_grants_insert', watched.name);
    execute format('alter table guildhall.%I enable always trigger bump_grants_update', watched.name);
    execute format('alter table guildhall.%I enable always trigger bump_grants_delete', watched.name);
  end loop;
end
$$;
