-- Digests of scopes, so that a device can ask whether it holds what the server has. Writers never
-- touch them: one job moves them by the changes that were sealed since it last ran, and whoever
-- asks adds the changes that came after.

-- What a scope held at the commit that `sync.rolled` names.
create table sync.digest (
  stream uuid not null,
  scope text not null,
  rows bigint not null,
  versions bigint not null,
  -- Sums of the words of 4 bytes of all hashes.
  lane0 bigint not null,
  lane1 bigint not null,
  lane2 bigint not null,
  lane3 bigint not null,
  primary key (stream, scope)
);

-- How far the digests of a stream are. Of another epoch they are worth nothing.
create table sync.rolled (
  stream uuid primary key,
  epoch uuid not null,
  upto bigint not null
);

do $$
declare
  part text;
begin
  foreach part in array array['digest', 'rolled'] loop
    execute format('alter table sync.%I enable row level security', part);
    execute format('alter table sync.%I force row level security', part);
    execute format('create policy owner_all on sync.%I to guildhall_owner using (true) with check (true)', part);
  end loop;
end
$$;

-- The version of the row before, where it is not one less: the triggers count by one.
alter table sync.change add column version_before bigint;

create or replace function sync.move_row(
  guild uuid, of_table smallint, table_name text, row_id uuid, row_version bigint, row_hash bytea,
  scopes_before text[], scopes_after text[]
) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  opened bigint := sync.open_commit(guild);
begin
  with gone as (
    delete from sync.member m
    where m.stream = guild and m.tbl = of_table and m.pk = row_id and m.scope <> all (scopes_after)
    returning m.scope, m.version, m.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, version_before, hash_before)
  select guild, opened, g.scope, of_table, row_id, 'leave', row_version, g.version, g.hash from gone g order by g.scope;

  with was as (
    select m.scope, m.version, m.hash from sync.member m where m.stream = guild and m.tbl = of_table and m.pk = row_id
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select guild, of_table, row_id, s.scope, row_version, row_hash from unnest(scopes_after) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, version_before, hash_before, hash_after)
  select guild, opened, s.scope, of_table, row_id, 'put', row_version, was.version, was.hash, row_hash
  from unnest(scopes_after) as s (scope) left join was using (scope);

  if scopes_before is not null then
    perform sync.move_conflicts(guild, table_name, row_id);
  end if;
end
$$;

create or replace function sync.remove_row(guild uuid, of_table smallint, table_name text, row_id uuid, row_version bigint)
returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  opened bigint := sync.open_commit(guild);
begin
  insert into sync.tomb (stream, tbl, pk, version) values (guild, of_table, row_id, row_version + 1)
  on conflict (stream, tbl, pk) do update set version = greatest(tomb.version, excluded.version);

  with gone as (
    delete from sync.member m where m.stream = guild and m.tbl = of_table and m.pk = row_id
    returning m.scope, m.version, m.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, version_before, hash_before)
  select guild, opened, g.scope, of_table, row_id, 'delete', row_version + 1, g.version, g.hash from gone g order by g.scope;

  perform sync.move_conflicts(guild, table_name, row_id);
end
$$;

-- A word of 4 bytes of a hash.
create function sync.lane(hash bytea, number int) returns bigint
language sql immutable parallel safe
return (get_byte(hash, number * 4)::bigint << 24) + (get_byte(hash, number * 4 + 1) << 16)
  + (get_byte(hash, number * 4 + 2) << 8) + get_byte(hash, number * 4 + 3);

-- What rows of the projection add up to, by scope and bucket: the last byte of their ids.
create function sync.summed(guild uuid, of_scopes text[])
returns table (scope text, bucket int, rows bigint, versions bigint, lane0 bigint, lane1 bigint, lane2 bigint, lane3 bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.scope, get_byte(uuid_send(m.pk), 15), count(*), sum(m.version)::bigint,
    sum(sync.lane(m.hash, 0))::bigint, sum(sync.lane(m.hash, 1))::bigint,
    sum(sync.lane(m.hash, 2))::bigint, sum(sync.lane(m.hash, 3))::bigint
  from sync.member m where m.stream = guild and m.scope = any (of_scopes)
  group by 1, 2
$$;

-- How far the changes after a commit moved the digests of scopes: up to a commit, or, without one,
-- all that the snapshot holds, also what has no number.
create function sync.moved(guild uuid, after bigint, upto bigint)
returns table (scope text, rows bigint, versions bigint, lane0 bigint, lane1 bigint, lane2 bigint, lane3 bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with commits as (
    select k.id, k.slot from sync.commit k where k.stream = guild and k.commit_no > after and (upto is null or k.commit_no <= upto)
    union all
    select k.id, k.slot from sync.commit k where upto is null and k.id in (select sync.unsealed(guild))
  )
  select c.scope,
    (count(c.hash_after) - count(c.hash_before))::bigint,
    coalesce(sum(c.version) filter (where c.hash_after is not null), 0)::bigint
      - coalesce(sum(coalesce(c.version_before, c.version - 1)) filter (where c.hash_before is not null), 0)::bigint,
    (coalesce(sum(sync.lane(c.hash_after, 0)), 0) - coalesce(sum(sync.lane(c.hash_before, 0)), 0))::bigint,
    (coalesce(sum(sync.lane(c.hash_after, 1)), 0) - coalesce(sum(sync.lane(c.hash_before, 1)), 0))::bigint,
    (coalesce(sum(sync.lane(c.hash_after, 2)), 0) - coalesce(sum(sync.lane(c.hash_before, 2)), 0))::bigint,
    (coalesce(sum(sync.lane(c.hash_after, 3)), 0) - coalesce(sum(sync.lane(c.hash_before, 3)), 0))::bigint
  from commits k join sync.change c on c.stream = guild and c.commit = k.id and c.slot = k.slot
  group by c.scope
$$;

-- The digests of scopes in the caller's snapshot. Where none are kept for this epoch yet, the
-- rows are summed.
create function sync.digests(guild uuid, of_scopes text[])
returns table (scope text, rows bigint, versions bigint, lane0 bigint, lane1 bigint, lane2 bigint, lane3 bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  rolled_to bigint;
begin
  select r.upto into rolled_to from sync.rolled r join sync.stream s using (stream, epoch) where r.stream = guild;
  if rolled_to is null then
    return query
      select b.scope, sum(b.rows)::bigint, sum(b.versions)::bigint, sum(b.lane0)::bigint, sum(b.lane1)::bigint,
        sum(b.lane2)::bigint, sum(b.lane3)::bigint
      from sync.summed(guild, of_scopes) b group by b.scope;
    return;
  end if;
  return query
    select p.scope, sum(p.rows)::bigint, sum(p.versions)::bigint, sum(p.lane0)::bigint, sum(p.lane1)::bigint,
      sum(p.lane2)::bigint, sum(p.lane3)::bigint
    from (
      select d.scope, d.rows, d.versions, d.lane0, d.lane1, d.lane2, d.lane3 from sync.digest d
      where d.stream = guild and d.scope = any (of_scopes)
      union all
      select m.scope, m.rows, m.versions, m.lane0, m.lane1, m.lane2, m.lane3 from sync.moved(guild, rolled_to, null) m
      where m.scope = any (of_scopes)
    ) p
    group by p.scope;
end
$$;

-- Sums the digests of scopes anew, of all of them where none is named: for a new epoch, and where
-- one was wrong. What is stored is the sum of the rows without what came after `upto`.
create function sync.sum_anew(guild uuid, of_scopes text[] default null) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  rolled_to bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('guildhall.digest ' || guild, 0));
  select r.upto into rolled_to from sync.rolled r join sync.stream s using (stream, epoch) where r.stream = guild;
  if rolled_to is null or of_scopes is null then
    delete from sync.digest d where d.stream = guild;
    delete from sync.rolled r where r.stream = guild;
    insert into sync.rolled (stream, epoch, upto) select s.stream, s.epoch, s.last_no from sync.stream s where s.stream = guild
    returning upto into strict rolled_to;
    of_scopes := null;
  end if;
  delete from sync.digest d where d.stream = guild and d.scope = any (of_scopes);
  insert into sync.digest (stream, scope, rows, versions, lane0, lane1, lane2, lane3)
  select guild, p.scope, sum(p.rows), sum(p.versions), sum(p.lane0), sum(p.lane1), sum(p.lane2), sum(p.lane3)
  from (
    select m.scope, 1 as rows, m.version as versions, sync.lane(m.hash, 0) as lane0, sync.lane(m.hash, 1) as lane1,
      sync.lane(m.hash, 2) as lane2, sync.lane(m.hash, 3) as lane3
    from sync.member m where m.stream = guild and (of_scopes is null or m.scope = any (of_scopes))
    union all
    select v.scope, -v.rows, -v.versions, -v.lane0, -v.lane1, -v.lane2, -v.lane3
    from sync.moved(guild, rolled_to, null) v where of_scopes is null or v.scope = any (of_scopes)
  ) p
  group by p.scope;
end
$$;

-- Moves the digests by what was sealed since the last time.
create function sync.roll_up(guild uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  rolled_to bigint;
  next bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('guildhall.digest ' || guild, 0));
  select r.upto, s.last_no into rolled_to, next
  from sync.rolled r join sync.stream s using (stream, epoch) where r.stream = guild;
  if rolled_to is null then
    perform sync.sum_anew(guild);
    return;
  end if;
  insert into sync.digest as d (stream, scope, rows, versions, lane0, lane1, lane2, lane3)
  select guild, m.scope, m.rows, m.versions, m.lane0, m.lane1, m.lane2, m.lane3 from sync.moved(guild, rolled_to, next) m
  on conflict (stream, scope) do update set
    rows = d.rows + excluded.rows, versions = d.versions + excluded.versions, lane0 = d.lane0 + excluded.lane0,
    lane1 = d.lane1 + excluded.lane1, lane2 = d.lane2 + excluded.lane2, lane3 = d.lane3 + excluded.lane3;
  update sync.rolled r set upto = next where r.stream = guild;
end
$$;

-- The streams of which something sealed is not in the digests yet.
create function sync.streams_to_roll_up() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.stream from sync.stream s left join sync.rolled r using (stream, epoch)
  where r.upto is null or r.upto < s.last_no
$$;

-- Scopes whose digest is not the sum of their rows.
create function sync.list_wrong_digests(guild uuid) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with scopes as (
    select array_agg(x.scope) as all_of_them
    from (select d.scope from sync.digest d where d.stream = guild union select m.scope from sync.member m where m.stream = guild) x
  ), kept as (
    select d.* from scopes, sync.digests(guild, scopes.all_of_them) d
    where (d.rows, d.versions, d.lane0, d.lane1, d.lane2, d.lane3) is distinct from (0, 0, 0, 0, 0, 0)
  ), real as (
    select b.scope, sum(b.rows)::bigint as rows, sum(b.versions)::bigint as versions, sum(b.lane0)::bigint as lane0,
      sum(b.lane1)::bigint as lane1, sum(b.lane2)::bigint as lane2, sum(b.lane3)::bigint as lane3
    from scopes, sync.summed(guild, scopes.all_of_them) b group by b.scope
  )
  select coalesce(k.scope, r.scope) from kept k full join real r on r.scope = k.scope
  where (k.rows, k.versions, k.lane0, k.lane1, k.lane2, k.lane3)
    is distinct from (r.rows, r.versions, r.lane0, r.lane1, r.lane2, r.lane3)
$$;

-- Sums a digest anew that was wrong, and leaves a line.
create function sync.set_digest_right(guild uuid, of_scope text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.sum_anew(guild, array[of_scope]);
  insert into sync.repair (stream, scope, what) values (guild, of_scope, 'the digest was not the sum of the rows');
end
$$;

-- Commits are forgotten only after they are in the digests.
create or replace function sync.trim(guild uuid, sealed_before timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  last_trimmed bigint;
begin
  perform sync.roll_up(guild);
  perform from sync.stream s where s.stream = guild for no key update;
  select max(c.commit_no) into last_trimmed from sync.commit c
  where c.stream = guild and c.sealed_at < sealed_before
    and c.commit_no <= (select r.upto from sync.rolled r where r.stream = guild);
  if last_trimmed is null then
    return 0;
  end if;
  delete from sync.commit c where c.stream = guild and c.commit_no <= last_trimmed;
  update sync.stream s set kept_from = last_trimmed + 1, trimmed_at = now() where s.stream = guild;
  return last_trimmed;
end
$$;

-- What a device of the asking person set right, or found that the server has to. Rows that came
-- with a wrong hash and digests that do not fit are set right at once, if they really are wrong.
create function sync.report(
  by_device uuid, row_tables smallint[], row_ids uuid[], of_scopes text[], said text[], looked_at boolean[]
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  guild uuid := private.guild();
  doubted text[];
  line record;
begin
  insert into sync.repair (stream, device, tbl, pk, scope, what)
  select guild, by_device, l.tbl, l.pk, l.scope, l.what
  from unnest(row_tables, row_ids, of_scopes, said) with ordinality as l (tbl, pk, scope, what, place) order by l.place;
  for line in
    select distinct p.name, l.pk
    from unnest(row_tables, row_ids, looked_at) as l (tbl, pk, is_looked_at) join sync.projection p on p.tbl = l.tbl
    where l.is_looked_at
  loop
    perform sync.set_right(line.name, guild, line.pk, w.scopes) from sync.list_wrong_of(line.name, guild, line.pk) w;
  end loop;
  select array_agg(l.scope) into doubted from unnest(row_tables, of_scopes, looked_at) as l (tbl, scope, is_looked_at)
  where l.is_looked_at and l.tbl is null;
  if doubted is not null then
    perform sync.set_digest_right(guild, w) from sync.list_wrong_digests(guild) w where w = any (doubted);
  end if;
end
$$;

-- As sync.list_wrong, of one row.
create function sync.list_wrong_of(of_table text, guild uuid, row_id uuid) returns table (scopes text[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute format($query$
    with real as (
      select s.scope, r.rev as version, sync.hash_%1$I(r) as hash
      from guildhall.%1$I r cross join unnest(sync.scopes_%1$I(r)) as s (scope) where r.guild_id = $1 and r.id = $2
    ), held as (
      select m.scope, m.version, m.hash from sync.member m where m.stream = $1 and m.tbl = sync.table_number(%1$L) and m.pk = $2
    )
    select array_agg(scope order by scope) from real full join held using (scope)
    where (real.version, real.hash) is distinct from (held.version, held.hash) having count(*) > 0
  $query$, of_table) using guild, row_id;
end
$$;

-- The repair of the projection moves digests by what was wrong in it: they are summed anew.
create or replace function sync.set_right(of_table text, guild uuid, row_id uuid, scopes text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.reproject_row(of_table, guild, row_id);
  perform sync.sum_anew(guild, scopes);
  insert into sync.repair (stream, tbl, pk, scope, what)
  select guild, sync.table_number(of_table), row_id, s.scope, 'the projection was not what the row says'
  from unnest(scopes) as s (scope);
end
$$;

grant execute on function
  sync.digests(uuid, text[]), sync.summed(uuid, text[]), sync.report(uuid, smallint[], uuid[], text[], text[], boolean[])
  to guildhall_app;
