-- The projection worked out again from the tables, compared with what triggers kept, and repaired.
-- One statement a table, so that both sides come from one snapshot.

create function sync.audit(only_table text default null) returns table (
  table_name text, stream uuid, pk uuid, scope text,
  held_version bigint, held_hash bytea, real_version bigint, real_hash bytea
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  audited record;
begin
  for audited in
    select p.tbl, p.name from sync.projection p where only_table is null or p.name = only_table order by p.tbl
  loop
    return query execute format($query$
      with real as (
        select r.guild_id as stream, r.id as pk, s.scope, r.rev as version, sync.hash_%1$I(r) as hash
        from guildhall.%1$I r cross join unnest(sync.scopes_%1$I(r)) as s (scope)
      ), held as (
        select m.stream, m.pk, m.scope, m.version, m.hash from sync.member m where m.tbl = $1
      )
      select $2, stream, pk, scope, held.version, held.hash, real.version, real.hash
      from real full join held using (stream, pk, scope)
      where (real.version, real.hash) is distinct from (held.version, held.hash)
    $query$, audited.name) using audited.tbl, audited.name;
  end loop;
end
$$;

-- Makes the projection of a table what it should be, and tells devices. Returns how many rows
-- were wrong.
create function sync.reproject(of_table text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  wrong record;
  repaired bigint := 0;
begin
  for wrong in execute 'select distinct a.stream, a.pk from sync.audit($1) a' using of_table loop
    perform sync.reproject_row(of_table, wrong.stream, wrong.pk);
    repaired := repaired + 1;
  end loop;
  return repaired;
end
$$;

create function sync.reproject_row(of_table text, guild uuid, row_id uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  real record;
  held bigint;
begin
  -- The lock first: what is read afterwards stays so until the projection is written.
  execute format('select from guildhall.%I where guild_id = $1 and id = $2 for no key update', of_table)
  using guild, row_id;
  execute format(
    'select r.rev as version, sync.hash_%1$I(r) as hash, sync.scopes_%1$I(r) as scopes
     from guildhall.%1$I r where r.guild_id = $1 and r.id = $2', of_table)
  into real using guild, row_id;
  if real.version is not null then
    perform sync.move_row(guild, sync.table_number(of_table), of_table, row_id, real.version, real.hash, '{}', real.scopes);
    return;
  end if;
  select max(m.version) into held from sync.member m
  where m.stream = guild and m.tbl = sync.table_number(of_table) and m.pk = row_id;
  if held is not null then
    perform sync.remove_row(guild, sync.table_number(of_table), of_table, row_id, held);
  end if;
end
$$;

-- Called by the generated file for each table: a table whose hash or scopes are worked out
-- differently than before is projected again.
create function sync.set_projection(number smallint, table_name text, new_signature text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform from sync.projection p where p.tbl = number and p.signature = new_signature;
  if found then
    return;
  end if;
  insert into sync.projection (tbl, name, signature) values (number, table_name, new_signature)
  on conflict (tbl) do update set name = excluded.name, signature = excluded.signature;
  perform sync.reproject(table_name);
end
$$;
