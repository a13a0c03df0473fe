-- Changes are captured once a statement and not once a row: many rows that are written at once cost
-- about half. The triggers are generated; here is which of them every table must have.

-- A row of the projection that is written again finds room on its page, and no index is touched.
alter table sync.member set (fillfactor = 85);

create or replace function sync.breaches() returns table (table_name text, breach text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with synced as (
    select 'guildhall.' || p.name as name, to_regclass('guildhall.' || quote_ident(p.name)) as relation from sync.projection p
  ), walled as (
    select n.nspname || '.' || c.relname as name, c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('guildhall', 'private', 'sync') and c.relkind in ('r', 'p') and c.relname <> 'migration'
  )
  select s.name, 'it has no trigger ' || wanted
  from synced s cross join unnest(array['sync_before', 'sync_history', 'sync_added', 'sync_changed', 'sync_removed', 'sync_truncate']) as wanted
  where not exists (select from pg_trigger t where t.tgrelid = s.relation and t.tgname = wanted)
  union all
  select s.name, 'its trigger ' || t.tgname || ' does not always fire'
  from synced s join pg_trigger t on t.tgrelid = s.relation
  where case when t.tgisinternal then t.tgenabled = 'D' else t.tgenabled <> 'A' end
  union all
  select w.name, 'row-level security is not forced'
  from walled w where not (w.relrowsecurity and w.relforcerowsecurity)
  union all
  select w.name, 'it is not owned by guildhall_owner'
  from walled w where pg_get_userbyid(w.relowner) <> 'guildhall_owner'
  union all
  select s.name, 'requests are not held to their guild, or to what their person may read'
  from synced s
  where (select count(*) from pg_policy p
         where p.polrelid = s.relation and not p.polpermissive and p.polname in ('own_guild', 'readable') and p.polcmd = '*') <> 2
  union all
  select s.name, 'requests may ' || lower(too_much) || ' it'
  from synced s cross join unnest(array['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as too_much
  where has_table_privilege('guildhall_app', s.relation, too_much)
  union all
  select r.rolname, 'the role bypasses row-level security'
  from pg_roles r where r.rolname in ('guildhall_owner', 'guildhall_app', 'guildhall_auth') and (r.rolsuper or r.rolbypassrls)
$$;
