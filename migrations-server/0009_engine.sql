-- The engine: what changed, in which order, and which row is in which scope. Written by triggers
-- and by the functions here, and by nobody else. The triggers of each table are generated from
-- the registry, into generated/capture.sql.
--
-- Every transaction that changes a guild leaves one sync.commit. Commits are numbered after they
-- have committed, by one sealer at a time, so that numbers have no holes that fill up later and
-- writers wait for nobody.

-- A guild's order of commits.
create table sync.stream (
  -- The guild's id.
  stream uuid primary key,
  -- Names this history of the server. After a restore there is another.
  epoch uuid not null default gen_random_uuid(),
  -- The last number given out, and the random word given with it: two histories that count
  -- alike are told apart by the word.
  last_no bigint not null default 0,
  last_tag bigint not null default 0,
  -- Every commit from this number on still has its changes.
  kept_from bigint not null default 1,
  -- When commits were last numbered, every transaction before this one had ended. So unsealed
  -- commits are found without wading through the dead index entries of sealed ones …
  numbering_xmin xid8 not null default '0',
  -- … as long as transactions are counted by the same cluster.
  numbering_system bigint not null default 0
);

-- A transaction that changed rows of the guild.
create table sync.commit (
  id bigint generated always as identity primary key,
  stream uuid not null,
  -- A dump restored into a fresh cluster counts transactions from the start again.
  system_id bigint not null,
  xid xid8 not null,
  actor text not null,
  -- None until it is sealed.
  commit_no bigint,
  tag bigint,
  sealed_at timestamptz,
  unique (stream, system_id, xid)
);
create unique index commit_no on sync.commit (stream, commit_no) where commit_no is not null;
create index commit_unsealed on sync.commit (stream, xid) where commit_no is null;

-- What a commit did to a row in one scope. Holds no content: a pull reads the row itself.
create table sync.change (
  stream uuid not null,
  commit bigint not null,
  ord bigint generated always as identity,
  scope text not null,
  tbl smallint not null,
  pk uuid not null,
  effect text not null check (effect in ('put', 'delete', 'leave', 'expire')),
  -- The row's rev.
  version bigint not null,
  -- So that a digest of the scope can move by what changed.
  hash_before bytea,
  hash_after bytea,
  primary key (stream, commit, ord)
);

-- The projection: which rows a scope holds, and in which state.
create table sync.member (
  stream uuid not null,
  tbl smallint not null,
  pk uuid not null,
  scope text not null,
  version bigint not null,
  hash bytea not null,
  primary key (stream, tbl, pk, scope)
);
create index member_scope on sync.member (stream, scope, tbl, pk);

-- Versions of removed rows, so that a row that comes back counts on.
create table sync.tomb (
  stream uuid not null,
  tbl smallint not null,
  pk uuid not null,
  version bigint not null,
  primary key (stream, tbl, pk)
);

-- Every entry that was decided, for ever: the same entry always gets the same verdict.
create table sync.inbox (
  guild_id uuid not null,
  entry_id uuid not null,
  device_id uuid not null,
  incarnation uuid not null,
  device_seq bigint not null,
  content_hash text not null,
  -- None only inside the transaction that decides it.
  verdict jsonb,
  decided_at timestamptz not null default now(),
  primary key (guild_id, entry_id),
  -- The same number for two entries: a file was copied.
  constraint inbox_device_seq unique (guild_id, device_id, incarnation, device_seq)
);
create index inbox_settled on sync.inbox (guild_id, device_id, device_seq);

-- Changes whenever the scopes of the person may have changed. A push holds it.
create table sync.grant_row (
  guild_id uuid not null,
  user_id uuid not null,
  version bigint not null default 1,
  primary key (guild_id, user_id)
);

-- The synced tables, with what their triggers were generated from: a table whose projection is
-- worked out differently than before is projected again.
create table sync.projection (
  tbl smallint primary key,
  name text not null unique,
  signature text not null
);

-- The number that stands for a table in the rows of the engine.
create function sync.table_number(table_name text) returns smallint
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select p.tbl from sync.projection p where p.name = table_name';

create function sync.system_id() returns bigint
language sql stable set search_path = pg_catalog, pg_temp
as 'select system_identifier from pg_control_system()';

create function sync.actor() returns text
language sql stable set search_path = pg_catalog, pg_temp
return coalesce(nullif(current_setting('guildhall.actor', true), ''), 'sql:' || session_user);

-- The commit of this transaction in a stream. Its id is remembered in a setting that a rollback
-- to a savepoint takes back together with the row; the setting is believed only when the row
-- agrees, because anybody can set it.
create function sync.open_commit(guild uuid) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  opened bigint := nullif(current_setting('guildhall.commit', true), '')::bigint;
  cluster_id bigint;
begin
  perform from sync.commit c where c.id = opened and c.stream = guild and c.xid = pg_current_xact_id();
  if found then
    return opened;
  end if;
  cluster_id := sync.system_id();
  insert into sync.commit (stream, system_id, xid, actor)
  values (guild, cluster_id, pg_current_xact_id(), sync.actor())
  on conflict (stream, system_id, xid) do nothing;
  select c.id into strict opened from sync.commit c
  where c.stream = guild and c.system_id = cluster_id and c.xid = pg_current_xact_id();
  perform set_config('guildhall.commit', opened::text, true);
  return opened;
end
$$;

-- The version of a row that is inserted: one more than when it was removed, if it ever was.
create function sync.first_version(guild uuid, of_table smallint, row_id uuid) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  buried bigint;
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    -- A tomb that this snapshot is too old to see makes this fail as a serialization failure.
    insert into sync.tomb (stream, tbl, pk, version) values (guild, of_table, row_id, 0) on conflict do nothing;
  end if;
  select t.version into buried from sync.tomb t where t.stream = guild and t.tbl = of_table and t.pk = row_id;
  return coalesce(buried, 0) + 1;
end
$$;

-- A row is new, or its scopes are others than before.
create function sync.move_row(
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
    returning m.scope, m.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before)
  select guild, opened, g.scope, of_table, row_id, 'leave', row_version, g.hash from gone g order by g.scope;

  with was as (
    select m.scope, m.hash from sync.member m where m.stream = guild and m.tbl = of_table and m.pk = row_id
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select guild, of_table, row_id, s.scope, row_version, row_hash from unnest(scopes_after) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
  select guild, opened, s.scope, of_table, row_id, 'put', row_version, was.hash, row_hash
  from unnest(scopes_after) as s (scope) left join was using (scope);

  if scopes_before is not null then
    perform sync.move_conflicts(guild, table_name, row_id);
  end if;
end
$$;

-- A row was removed for good.
create function sync.remove_row(guild uuid, of_table smallint, table_name text, row_id uuid, row_version bigint)
returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  opened bigint := sync.open_commit(guild);
begin
  insert into sync.tomb (stream, tbl, pk, version) values (guild, of_table, row_id, row_version + 1)
  on conflict (stream, tbl, pk) do update set version = greatest(tomb.version, excluded.version);

  with gone as (
    delete from sync.member m where m.stream = guild and m.tbl = of_table and m.pk = row_id returning m.scope, m.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before)
  select guild, opened, g.scope, of_table, row_id, 'delete', row_version + 1, g.hash from gone g order by g.scope;

  perform sync.move_conflicts(guild, table_name, row_id);
end
$$;

-- The conflicts of a row are read by whoever reads the row.
-- Their own trigger copies the scopes anew.
create function sync.move_conflicts(guild uuid, of_table text, row_id uuid) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  update guildhall.sync_conflicts c set scope_key = ''
  where c.guild_id = guild and c.target_id = row_id and c.target_table = of_table;
end
$$;

-- The history line of a change that no device sent: of an insert or a removal the whole row, of an
-- update what it touched.
create function sync.write_history(
  guild uuid, table_name text, row_id uuid, operation text, before_row jsonb, after_row jsonb, dirty text[],
  seen_rev bigint, new_rev bigint, hash_before bytea, hash_after bytea
) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  insert into guildhall.wal_entries (
    id, guild_id, operation_type, target_table, target_id, before_state, after_state, dirty_fields,
    base_rev, row_rev, change_reason, sha_before, sha_after, actor, created_by
  ) values (
    gen_random_uuid(), guild, operation, table_name, row_id, before_row, after_row, dirty, seen_rev, new_rev,
    nullif(current_setting('guildhall.change_reason', true), ''),
    encode(hash_before, 'hex'), encode(hash_after, 'hex'), sync.actor(),
    nullif(current_setting('guildhall.user', true), '')::uuid
  );
end
$$;

create function sync.refuse_truncate() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'TRUNCATE of %.% is refused: devices would never hear of it; delete the rows', tg_table_schema, tg_table_name
    using errcode = 'feature_not_supported';
end
$$;

-- The canonical bytes of one column: its number and type, the length, the value.
create function sync.cell(head bytea, body bytea) returns bytea
language sql immutable parallel safe
return head || int4send(length(body)) || body;

-- The canonical bytes of a set of words.
create function sync.words(words text[]) returns bytea
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(string_agg(int4send(octet_length(w)) || convert_to(w, 'UTF8'), ''::bytea order by w collate "C"), ''::bytea)
    from unnest(words) as w
  );
end
$$;

-- A set as it is stored: sorted by bytes, each word once, no nulls.
create function sync.sorted(words text[]) returns text[]
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  if cardinality(words) = 0 or words is null then
    return words;
  end if;
  return array(select distinct w collate "C" from unnest(words) as w where w is not null order by 1);
end
$$;

-- A guild begins with a history of its own.
create function sync.open_stream() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into sync.stream (stream) values (new.id) on conflict do nothing;
  return null;
end
$$;
create trigger open_stream after insert on guildhall.guilds for each row execute function sync.open_stream();
alter table guildhall.guilds enable always trigger open_stream;

-- Every synced table that carries the scopes of its parent: whatever was given, the parent says.
-- The lock keeps the parent where it is until the row is written.
create function sync.copy_scope_to_sop_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select p.scope_key into new.scope_key from guildhall.sops p
  where p.guild_id = new.guild_id and p.id = new.sop_id for key share;
  if not found then
    raise exception 'there is no page %', new.sop_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger copy_scope before insert or update of sop_id on guildhall.sop_versions
  for each row execute function sync.copy_scope_to_sop_versions();
alter table guildhall.sop_versions enable always trigger copy_scope;

create function sync.copy_scope_to_knowledge_versions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select p.scope_key into new.scope_key from guildhall.knowledge_items p
  where p.guild_id = new.guild_id and p.id = new.item_id for key share;
  if not found then
    raise exception 'there is no knowledge item %', new.item_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger copy_scope before insert or update of item_id on guildhall.knowledge_versions
  for each row execute function sync.copy_scope_to_knowledge_versions();
alter table guildhall.knowledge_versions enable always trigger copy_scope;

create function sync.copy_scope_to_objective_sections() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select p.scope_key into new.scope_key from guildhall.objectives p
  where p.guild_id = new.guild_id and p.id = new.objective_id for key share;
  if not found then
    raise exception 'there is no objective %', new.objective_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger copy_scope before insert or update of objective_id on guildhall.objective_sections
  for each row execute function sync.copy_scope_to_objective_sections();
alter table guildhall.objective_sections enable always trigger copy_scope;

-- A conflict has the scopes of the row that it is about, whatever was given. The lock is one that
-- every update of the row waits for, since any update may move it.
create function sync.copy_target_scopes() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  is_there boolean;
begin
  if sync.table_number(new.target_table) is null or new.target_table = tg_table_name then
    raise exception 'conflicts are not about %', new.target_table using errcode = 'foreign_key_violation';
  end if;
  execute format('select true from guildhall.%I where guild_id = $1 and id = $2 for share', new.target_table)
  into is_there using new.guild_id, new.target_id;
  if is_there is null and tg_op = 'INSERT' then
    raise exception '%.% does not exist', new.target_table, new.target_id using errcode = 'foreign_key_violation';
  end if;
  select coalesce(string_agg(m.scope, ' ' order by m.scope), '') into new.scope_key
  from sync.member m
  where m.stream = new.guild_id and m.tbl = sync.table_number(new.target_table) and m.pk = new.target_id;
  return new;
end
$$;
create trigger copy_scope before insert or update of scope_key, target_table, target_id on guildhall.sync_conflicts
  for each row execute function sync.copy_target_scopes();
alter table guildhall.sync_conflicts enable always trigger copy_scope;
