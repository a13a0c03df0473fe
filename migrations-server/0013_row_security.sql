-- Row-level security: who may see and write which row, said a second time and by hand. It asks for
-- role, rank, places and access roles, never for scopes, so that a mistake in one statement of the
-- rules is not a mistake in the other.
--
-- `readable` is restrictive and stands for every command, so nobody writes what they may not read
-- (with an exception at assistants). `writes` and `adds` say who may write at all; which columns,
-- and from which state to which, is decided before, in code.

-- The questions. Each is asked once per statement, from inside a scalar sub-select; those that
-- read tables are in a language that keeps their plans.
create function private.guild() returns uuid
language sql stable set search_path = pg_catalog, pg_temp
return nullif(current_setting('guildhall.guild', true), '')::uuid;

-- Who asks, if they are somebody of the guild at all.
create function private.person() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select u.id from guildhall.users u
    where u.guild_id = nullif(current_setting('guildhall.guild', true), '')::uuid
      and u.id = nullif(current_setting('guildhall.user', true), '')::uuid
      and u.is_active and u.deleted_at is null
  );
end
$$;

-- Empty for nobody.
create function private.role() returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select u.role from guildhall.users u
    where u.guild_id = nullif(current_setting('guildhall.guild', true), '')::uuid
      and u.id = nullif(current_setting('guildhall.user', true), '')::uuid
      and u.is_active and u.deleted_at is null
  ), '');
end
$$;

create function private.is_of_the_guild() returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return private.role() in ('admin', 'manager', 'operator', 'support', 'member');
end
$$;

create function private.leads() returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return private.role() in ('admin', 'manager');
end
$$;

-- The person's rank, else the lowest one that there is.
create function private.rank() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_rank uuid;
begin
  select r.id into found_rank from guildhall.users u join guildhall.ranks r on r.guild_id = u.guild_id and r.id = u.rank_id
  where u.guild_id = private.guild() and u.id = private.person() and r.deleted_at is null;
  if found_rank is null and private.person() is not null then
    select r.id into found_rank from guildhall.ranks r
    where r.guild_id = private.guild() and r.deleted_at is null order by r.hierarchy_level limit 1;
  end if;
  return found_rank;
end
$$;

create function private.level() returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (select r.hierarchy_level from guildhall.ranks r where r.guild_id = private.guild() and r.id = private.rank());
end
$$;

-- Whether the access levels of the person's rank open the action.
create function private.may(action text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  own_rank uuid := private.rank();
begin
  return exists (
    select from guildhall.access_levels a
    where a.guild_id = private.guild() and a.deleted_at is null and a.user_actions @> array[action]
      and a.id in (select h.access_level_id from guildhall.rank_access_levels h
                   where h.guild_id = a.guild_id and h.rank_id = own_rank and h.deleted_at is null)
  );
end
$$;

create function private.manages(action text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return private.role() = 'admin' or private.is_of_the_guild() and private.may(action);
end
$$;

create function private.own_places() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select w.location_id from guildhall.user_locations w
    where w.guild_id = private.guild() and w.user_id = private.person() and w.deleted_at is null
  );
end
$$;

create function private.desk_edits() returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (select g.desk_edits from guildhall.guilds g where g.guild_id = private.guild() and g.id = private.guild());
end
$$;

-- The role and rank that somebody has before the statement; null for somebody new.
create function private.standing(of_person uuid) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select u.role || ' ' || coalesce(u.rank_id::text, '') from guildhall.users u
    where u.guild_id = private.guild() and u.id = of_person
  );
end
$$;

-- Whether the row is there for the one who asks: it runs with the caller's rights.
create function private.sees(table_name text, row_id uuid) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  seen boolean;
begin
  execute format('select exists (select from guildhall.%I where guild_id = $1 and id = $2)', table_name)
  into seen using private.guild(), row_id;
  return seen;
end
$$;

-- For history, which is about rows of every table: the scopes that the caller holds.
create function private.scopes() returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select coalesce(array_agg(s), ''{}'') from sync.scopes_of(private.guild(), private.person()) as s';

-- Every table is walled in, for its owner too; the owner has a door of its own.
do $$
declare
  walled record;
begin
  for walled in
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('guildhall', 'private', 'sync') and c.relkind in ('r', 'p') and c.relname <> 'migration'
  loop
    execute format('alter table %I.%I enable row level security', walled.schema, walled.name);
    execute format('alter table %I.%I force row level security', walled.schema, walled.name);
    execute format('create policy owner_all on %I.%I to guildhall_owner using (true) with check (true)', walled.schema, walled.name);
  end loop;
  for walled in
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'guildhall' and c.relkind in ('r', 'p')
  loop
    execute format('create policy own_guild on guildhall.%I as restrictive to guildhall_app
      using (guild_id = (select private.guild()))', walled.name);
    execute format('create policy reads on guildhall.%I for select to guildhall_app using (true)', walled.name);
    execute format('grant select on guildhall.%I to guildhall_app', walled.name);
  end loop;
end
$$;

-- People and places.

create policy readable on guildhall.guilds as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.guilds for update to guildhall_app using ((select private.role()) = 'admin');
grant update on guildhall.guilds to guildhall_app;

create policy readable on guildhall.ranks as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.ranks for update to guildhall_app using ((select private.manages('rank.manage')));
create policy adds on guildhall.ranks for insert to guildhall_app with check ((select private.manages('rank.manage')));
grant insert, update on guildhall.ranks to guildhall_app;

create policy readable on guildhall.access_levels as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.access_levels for update to guildhall_app using ((select private.role()) = 'admin');
create policy adds on guildhall.access_levels for insert to guildhall_app with check ((select private.role()) = 'admin');
grant insert, update on guildhall.access_levels to guildhall_app;

create policy readable on guildhall.rank_access_levels as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.rank_access_levels for update to guildhall_app using ((select private.role()) = 'admin');
create policy adds on guildhall.rank_access_levels for insert to guildhall_app with check ((select private.role()) = 'admin');
grant insert, update on guildhall.rank_access_levels to guildhall_app;

create policy readable on guildhall.squads as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.squads for update to guildhall_app using ((select private.manages('squad.manage')));
create policy adds on guildhall.squads for insert to guildhall_app with check ((select private.manages('squad.manage')));
grant insert, update on guildhall.squads to guildhall_app;

-- Only admins change a role, only they and those who order ranks change a rank, and nobody of
-- them their own.
create policy readable on guildhall.users as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.users for update to guildhall_app
  using (
    id = (select private.person())
    or (select private.manages('user.manage')) or (select private.manages('squad.manage')) or (select private.manages('rank.manage'))
  )
  with check (
    role || ' ' || coalesce(rank_id::text, '') = private.standing(id)
    or id <> (select private.person()) and (
      (select private.role()) = 'admin'
      or role = split_part(private.standing(id), ' ', 1)
        and ((select private.manages('user.manage')) or (select private.manages('rank.manage')))
    )
  );
create policy adds on guildhall.users for insert to guildhall_app
  with check ((select private.role()) = 'admin' or role = 'member' and (select private.manages('user.manage')));
grant insert, update on guildhall.users to guildhall_app;

create policy readable on guildhall.user_contacts as restrictive to guildhall_app
  using ((select private.leads()) or user_id = (select private.person()) and (select private.is_of_the_guild()));
create policy writes on guildhall.user_contacts for update to guildhall_app using ((select private.manages('user.manage')));
create policy adds on guildhall.user_contacts for insert to guildhall_app with check ((select private.manages('user.manage')));
grant insert, update on guildhall.user_contacts to guildhall_app;

create policy readable on guildhall.locations as restrictive to guildhall_app using ((select private.person()) is not null);
create policy writes on guildhall.locations for update to guildhall_app using ((select private.role()) = 'admin');
create policy adds on guildhall.locations for insert to guildhall_app with check ((select private.role()) = 'admin');
grant insert, update on guildhall.locations to guildhall_app;

create policy readable on guildhall.user_locations as restrictive to guildhall_app using ((select private.is_of_the_guild()));
create policy writes on guildhall.user_locations for update to guildhall_app using ((select private.manages('user.manage')));
create policy adds on guildhall.user_locations for insert to guildhall_app with check ((select private.manages('user.manage')));
grant insert, update on guildhall.user_locations to guildhall_app;

-- The desk.

-- An admin may set up an assistant that admins do not ask, and so may not read it afterwards.
create policy readable on guildhall.assistants as restrictive to guildhall_app
  using ((select private.is_of_the_guild()) and (select private.role()) = any (access_roles))
  with check ((select private.role()) = 'admin');
create policy writes on guildhall.assistants for update to guildhall_app using ((select private.role()) = 'admin');
create policy adds on guildhall.assistants for insert to guildhall_app with check ((select private.role()) = 'admin');
grant insert, update on guildhall.assistants to guildhall_app;

create policy readable on guildhall.public_info as restrictive to guildhall_app using ((select private.person()) is not null);
create policy writes on guildhall.public_info for update to guildhall_app using ((select private.leads()));
create policy adds on guildhall.public_info for insert to guildhall_app with check ((select private.leads()));
grant insert, update on guildhall.public_info to guildhall_app;

create policy readable on guildhall.tickets as restrictive to guildhall_app
  using (
    (select private.leads())
    or (select private.role()) in ('operator', 'support') and location_id = any ((select private.own_places())::uuid[])
  );
create policy writes on guildhall.tickets for update to guildhall_app using (true);
create policy adds on guildhall.tickets for insert to guildhall_app with check (true);
grant insert, update on guildhall.tickets to guildhall_app;

-- What the guild knows. Assistants are asked for with the caller's rights, and so are pages.

create policy readable on guildhall.sops as restrictive to guildhall_app
  using (
    assistant_id in (select a.id from guildhall.assistants a)
    or status = 'published' and sensitivity = 'public' and (select private.person()) is not null
  );
create policy writes on guildhall.sops for update to guildhall_app
  using (
    (select private.leads())
    or (select private.role()) in ('operator', 'support') and (select private.desk_edits()) = 'direct' and sensitivity <> 'public'
  );
create policy adds on guildhall.sops for insert to guildhall_app
  with check (
    (select private.leads())
    or (select private.role()) in ('operator', 'support') and (select private.desk_edits()) = 'direct' and sensitivity <> 'public'
  );
grant insert, update on guildhall.sops to guildhall_app;

create policy readable on guildhall.sop_versions as restrictive to guildhall_app
  using (exists (select from guildhall.sops s where s.guild_id = sop_versions.guild_id and s.id = sop_versions.sop_id));

create policy readable on guildhall.sop_reads as restrictive to guildhall_app
  using (user_id = (select private.person()) and (select private.is_of_the_guild()));
create policy writes on guildhall.sop_reads for update to guildhall_app using (true);
create policy adds on guildhall.sop_reads for insert to guildhall_app with check (true);
grant insert, update on guildhall.sop_reads to guildhall_app;

create policy readable on guildhall.knowledge_items as restrictive to guildhall_app
  using (
    assistant_id in (select a.id from guildhall.assistants a)
    or status = 'published' and sensitivity = 'public' and (select private.person()) is not null
  );
create policy writes on guildhall.knowledge_items for update to guildhall_app
  using (
    (select private.leads())
    or (select private.role()) in ('operator', 'support') and (select private.desk_edits()) = 'direct' and sensitivity <> 'public'
  );
create policy adds on guildhall.knowledge_items for insert to guildhall_app
  with check (
    (select private.leads())
    or (select private.role()) in ('operator', 'support') and (select private.desk_edits()) = 'direct' and sensitivity <> 'public'
  );
grant insert, update on guildhall.knowledge_items to guildhall_app;

create policy readable on guildhall.knowledge_versions as restrictive to guildhall_app
  using (exists (select from guildhall.knowledge_items k where k.guild_id = knowledge_versions.guild_id and k.id = knowledge_versions.item_id));

-- Missions and strategy.

create policy readable on guildhall.objectives as restrictive to guildhall_app
  using (
    (select private.is_of_the_guild())
    and rank_id in (select r.id from guildhall.ranks r where r.hierarchy_level <= (select private.level()))
  );
create policy writes on guildhall.objectives for update to guildhall_app
  using ((select private.manages('objective.edit')) or (select private.manages('objective.delete')));
create policy adds on guildhall.objectives for insert to guildhall_app with check ((select private.manages('objective.create')));
grant insert, update on guildhall.objectives to guildhall_app;

create policy readable on guildhall.objective_sections as restrictive to guildhall_app
  using (
    exists (select from guildhall.objectives o where o.guild_id = objective_sections.guild_id and o.id = objective_sections.objective_id)
    and case section
      when 'brief' then true
      when 'tactical' then (select private.may('objective.read.tactical'))
      else (select private.may('objective.read.classified'))
    end
  );
create policy writes on guildhall.objective_sections for update to guildhall_app
  using ((select private.manages('objective.edit')));
create policy adds on guildhall.objective_sections for insert to guildhall_app
  with check ((select private.manages('objective.edit')) or (select private.manages('objective.create')));
grant insert, update on guildhall.objective_sections to guildhall_app;

create policy readable on guildhall.competitors as restrictive to guildhall_app using ((select private.leads()));
create policy writes on guildhall.competitors for update to guildhall_app using (true);
create policy adds on guildhall.competitors for insert to guildhall_app with check (true);
grant insert, update on guildhall.competitors to guildhall_app;

-- Settlement and history.

create policy readable on guildhall.sync_conflicts as restrictive to guildhall_app
  using (private.sees(target_table, target_id));
create policy writes on guildhall.sync_conflicts for update to guildhall_app
  using (author_id = (select private.person()) or (select private.leads()));
create policy adds on guildhall.sync_conflicts for insert to guildhall_app
  with check (author_id = (select private.person()));
grant insert, update on guildhall.sync_conflicts to guildhall_app;

create policy readable on guildhall.wal_entries as restrictive for select to guildhall_app
  using (exists (
    select from sync.member m
    where m.stream = wal_entries.guild_id and m.tbl = sync.table_number(wal_entries.target_table)
      and m.pk = wal_entries.target_id and m.scope = any ((select private.scopes())::text[])
  ));
create policy adds on guildhall.wal_entries for insert to guildhall_app
  with check (created_by = (select private.person()));
grant insert on guildhall.wal_entries to guildhall_app;

-- The engine: a pull reads it, a push keeps its verdicts, triggers and functions write the rest.

create policy reads on sync.stream for select to guildhall_app using (stream = (select private.guild()));
create policy reads on sync.commit for select to guildhall_app using (stream = (select private.guild()));
create policy reads on sync.change for select to guildhall_app using (stream = (select private.guild()));
create policy reads on sync.member for select to guildhall_app using (stream = (select private.guild()));
grant select on sync.stream, sync.commit, sync.change, sync.member to guildhall_app;
create policy own_guild on sync.inbox to guildhall_app using (guild_id = (select private.guild()));
grant select, insert, update, delete on sync.inbox to guildhall_app;

-- Sign-in looks people up before it is known who asks.

create policy looks_up on guildhall.guilds for select to guildhall_auth using (true);
create policy looks_up on guildhall.users for select to guildhall_auth using (true);
create policy looks_up on guildhall.user_contacts for select to guildhall_auth using (true);
grant select on guildhall.guilds, guildhall.users, guildhall.user_contacts to guildhall_auth;
create policy signs_in on private.user_credentials to guildhall_auth using (true);
create policy signs_in on private.devices to guildhall_auth using (true);
create policy signs_in on private.user_sessions to guildhall_auth using (true);
create policy signs_in on private.access_tokens to guildhall_auth using (true);
grant select, insert, update, delete
  on private.user_credentials, private.devices, private.user_sessions, private.access_tokens to guildhall_auth;

grant execute on all functions in schema private to guildhall_app;
grant execute on function
  sync.seal(uuid), sync.needs_seal(uuid), sync.unsealed(uuid), sync.streams_to_seal(),
  sync.scopes_of(uuid, uuid), sync.hold_grants(uuid, uuid), sync.table_number(text)
  to guildhall_app;
