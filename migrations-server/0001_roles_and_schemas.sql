-- Who owns, who serves, who signs people in; and the three schemas.
-- Run as a superuser, or as a role that owns the database and may create roles.
-- Roles belong to the whole cluster: another database of it may have made them already, or may
-- be making them at this moment.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('guildhall_owner', 'Guildhall: owns every table and function; nobody signs in as it'),
      ('guildhall_app', 'Guildhall: what a request of a signed-in person may do; row-level security holds for it'),
      ('guildhall_auth', 'Guildhall: what sign-in may do before it is known who somebody is')
    ) as w (role, meaning)
  loop
    begin
      if not exists (select from pg_roles where rolname = wanted.role) then
        execute format('create role %I nologin', wanted.role);
        execute format('comment on role %I is %L', wanted.role, wanted.meaning);
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
    if exists (select from pg_roles where rolname = wanted.role and (rolsuper or rolbypassrls)) then
      raise exception 'the role % must neither be a superuser nor bypass row-level security', wanted.role;
    end if;
    if not pg_has_role(current_user, wanted.role, 'member') then
      execute format('grant %I to %I', wanted.role, current_user);
    end if;
  end loop;
  execute format('grant create on database %I to guildhall_owner', current_database());
end
$$;

-- What nobody was told to call, nobody calls.
alter default privileges for role guildhall_owner revoke execute on functions from public;

-- The synced tables and the history of their changes.
create schema guildhall authorization guildhall_owner;
-- Secrets, and the questions that row-level security asks.
create schema private authorization guildhall_owner;
-- The engine: what changed, in which order, and who holds it.
create schema sync authorization guildhall_owner;

grant usage on schema guildhall, sync to guildhall_app, guildhall_auth;
grant usage on schema private to guildhall_app, guildhall_auth;

create table sync.migration (
  name text primary key,
  -- Of the file as it was applied; a released file never changes.
  sha256 text not null,
  applied_at timestamptz not null default now()
);
alter table sync.migration owner to guildhall_owner;
