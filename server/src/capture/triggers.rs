//! The triggers of one table. Hand-written triggers have names that sort before `sync_`, so that
//! these see what those made of the row. The projection and the log follow once a statement, the
//! history of what did not come by a push once a row.

use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::value::Type;

/// Columns that say when and by whom, and are no change by themselves.
const BOOKKEEPING: [u16; 3] = [common::REV, common::UPDATED_AT, common::UPDATED_BY];

/// Every synced table has them; `sync.breaches` looks.
const NAMES: [&str; 6] =
    ["sync_before", "sync_history", "sync_added", "sync_changed", "sync_removed", "sync_truncate"];

/// Plans are kept, and must do for a statement of one row as for one of many: rows of the engine
/// are always looked up by their key.
const SETTINGS: &str = "set search_path = pg_catalog, pg_temp set \"TimeZone\" = 'UTC'
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off";

const UNLESS_PUSHED: &str =
    "when (current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 0)
  ";

pub fn triggers(table: &Table) -> String {
    let name = table.name;
    let always: String = NAMES
        .iter()
        .map(|trigger| format!("\nalter table guildhall.{name} enable always trigger {trigger};"))
        .collect();
    format!(
        "{before}{history}{added}{changed}{removed}create or replace trigger sync_before before insert or update on guildhall.{name}
  for each row execute function sync.before_{name}();
{told}create or replace trigger sync_added after insert on guildhall.{name}
  referencing new table as became for each statement execute function sync.added_{name}();
create or replace trigger sync_changed after update on guildhall.{name}
  referencing old table as was new table as became for each statement execute function sync.changed_{name}();
create or replace trigger sync_removed after delete on guildhall.{name}
  for each row execute function sync.removed_{name}();
create or replace trigger sync_truncate before truncate on guildhall.{name}
  for each statement execute function sync.refuse_truncate();{always}",
        before = before_function(table),
        history = history_function(table),
        added = added_function(table),
        changed = changed_function(table),
        removed = removed_function(table),
        told = history_trigger(table),
    )
}

fn before_function(table: &Table) -> String {
    let sets: Vec<&str> =
        table.columns.iter().filter(|column| column.kind == Type::Set).map(|column| column.name).collect();
    let sort_all: String =
        sets.iter().map(|set| format!("    new.{set} := sync.sorted(new.{set});\n")).collect();
    let sort_changed: String = sets
        .iter()
        .map(|set| {
            format!("  if new.{set} is distinct from old.{set} then\n    new.{set} := sync.sorted(new.{set});\n  end if;\n")
        })
        .collect();
    let compared = compared_columns(table);
    format!(
        "create or replace function sync.before_{name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := nullif(current_setting('guildhall.user', true), '')::uuid;
begin
  if tg_op = 'INSERT' then
{sort_all}    new.rev := sync.first_version(new.guild_id, {number}::smallint, new.id);
    new.created_by := coalesce(new.created_by, person);
    new.updated_by := coalesce(new.updated_by, person);
    return new;
  end if;
  if new.id <> old.id or new.guild_id <> old.guild_id then
    raise exception 'the id and the guild of a row never change' using errcode = 'integrity_constraint_violation';
  end if;
{sort_changed}  if ({new}) is not distinct from ({old}) then
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
",
        name = table.name,
        number = table.number,
        new = list(&compared, "new."),
        old = list(&compared, "old."),
    )
}

/// A push writes the lines of what it was sent, which are rows that people edit; what follows from
/// them is written by the trigger. A row that is only ever added is its own history, and may hold a
/// whole page.
fn history_trigger(table: &Table) -> String {
    let (events, condition) = match table.rows {
        Rows::Edited => ("insert or update", UNLESS_PUSHED),
        Rows::Appended => ("update", ""),
        Rows::ServerDecided => ("insert or update", ""),
    };
    format!(
        "create or replace trigger sync_history after {events} on guildhall.{name}
  for each row {condition}execute function sync.history_{name}();
",
        name = table.name
    )
}

/// The lines of history of single rows. The projection still says how they were.
fn history_function(table: &Table) -> String {
    let (name, number) = (table.name, table.number);
    let columns = all_columns(table);
    format!(
        "create or replace function sync.history_{name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set \"TimeZone\" = 'UTC'
as $$
declare
  dirty text[] := '{{{all}}}';
  alike text[];
  hash_before bytea;
begin
  if tg_op = 'INSERT' then
    perform sync.write_history(new.guild_id, '{name}', new.id, 'insert', null, {whole_new}, dirty, null, new.rev, null, sync.hash_{name}(new));
    return null;
  end if;
{held}{touched}  return null;
end
$$;
",
        all = columns.join(","),
        whole_new = object(&columns, "new."),
        held = held_hash(number),
        touched = touched(table),
    )
}

fn held_hash(number: u16) -> String {
    format!(
        "  select m.hash into hash_before from sync.member m
  where m.stream = old.guild_id and m.tbl = {number}::smallint and m.pk = old.id limit 1;
"
    )
}

/// The rows that a statement added, all at once. One that was removed and comes back may be
/// elsewhere.
fn added_function(table: &Table) -> String {
    let (name, number) = (table.name, table.number);
    format!(
        "create or replace function sync.added_{name}() returns trigger
language plpgsql security definer {SETTINGS}
as $$
begin
  if not exists (select from became) then
    return null;
  end if;
  with made as materialized (
    select b.guild_id, b.id, b.rev, sync.hash_{name}(b::guildhall.{name}) as hash, sync.scopes_{name}(b::guildhall.{name}) as scopes
    from became b
  ), opened as materialized (
    select g.guild_id, sync.open_commit(g.guild_id) as commit from (select distinct m.guild_id from made m) g
  ), held as (
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select m.guild_id, {number}::smallint, m.id, s.scope, m.rev, m.hash from made m cross join unnest(m.scopes) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash
  )
  insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
  select m.guild_id, o.commit, s.scope, {number}::smallint, m.id, 'put', m.rev, m.hash
  from made m join opened o using (guild_id) cross join unnest(m.scopes) as s (scope);
  perform sync.move_conflicts(b.guild_id, '{name}', b.id) from became b where b.rev > 1;
  return null;
end
$$;
"
    )
}

/// The rows that a statement changed: those that stay in their scopes all at once, the others one
/// by one. Each row as it was stands before the same row as it became; a join of the two tables
/// could be planned as one of all with all.
fn changed_function(table: &Table) -> String {
    let (name, number) = (table.name, table.number);
    format!(
        "create or replace function sync.changed_{name}() returns trigger
language plpgsql security definer {SETTINGS}
as $$
declare
  moved record;
begin
  if not exists (select from became) then
    return null;
  end if;
  for moved in
    with seen as (
      select w.guild_id, w.id, false as is_new, null::bigint as rev, null::bytea as hash, sync.scopes_{name}(w::guildhall.{name}) as scopes
      from was w
      union all
      select b.guild_id, b.id, true, b.rev, sync.hash_{name}(b::guildhall.{name}), sync.scopes_{name}(b::guildhall.{name})
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
      from stayed s join sync.member o on o.stream = s.guild_id and o.tbl = {number}::smallint and o.pk = s.id
      where n.stream = o.stream and n.tbl = o.tbl and n.pk = o.pk and n.scope = o.scope
      returning s.guild_id, s.id, s.rev, o.scope, o.hash as hash_before, s.hash as hash_after
    ), told as (
      insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
      select h.guild_id, o.commit, h.scope, {number}::smallint, h.id, 'put', h.rev, h.hash_before, h.hash_after
      from held h join opened o using (guild_id)
    )
    select m.guild_id, m.id, m.rev, m.hash, m.scopes_before, m.scopes as scopes_after
    from made m where m.scopes is distinct from m.scopes_before
  loop
    perform sync.move_row(moved.guild_id, {number}::smallint, '{name}', moved.id, moved.rev, moved.hash, moved.scopes_before, moved.scopes_after);
  end loop;
  return null;
end
$$;
"
    )
}

/// Rows are removed by the server's jobs, a few at a time.
fn removed_function(table: &Table) -> String {
    let (name, number) = (table.name, table.number);
    let columns = all_columns(table);
    let told = match table.rows {
        Rows::Edited => {
            "current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1"
        }
        Rows::Appended | Rows::ServerDecided => "true",
    };
    format!(
        "create or replace function sync.removed_{name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set \"TimeZone\" = 'UTC'
as $$
declare
  dirty text[] := '{{{all}}}';
  hash_before bytea;
begin
  if {told} then
  {held}    perform sync.write_history(old.guild_id, '{name}', old.id, 'delete', {whole_old}, null, dirty, old.rev, old.rev + 1, hash_before, null);
  end if;
  perform sync.remove_row(old.guild_id, {number}::smallint, '{name}', old.id, old.rev);
  return null;
end
$$;
",
        all = columns.join(","),
        held = held_hash(number),
        whole_old = object(&columns, "old."),
    )
}

/// The history line of an update: what is alike in both rows is taken out of them.
fn touched(table: &Table) -> String {
    let compared = compared_columns(table);
    let names_where = |comparison: &str| {
        let cases = compared.iter().map(|column| {
            format!("    case when new.{column} {comparison} old.{column} then '{column}' end")
        });
        cases.collect::<Vec<_>>().join(",\n")
    };
    format!(
        "  dirty := array_remove(array[
{dirty}
  ], null);
  alike := array_remove(array[
{alike}
  ], null);
  perform sync.write_history(new.guild_id, '{name}', new.id, 'update',
    {old} - alike,
    {new} - alike,
    dirty, old.rev, new.rev, hash_before, sync.hash_{name}(new));
",
        name = table.name,
        dirty = names_where("is distinct from"),
        alike = names_where("is not distinct from"),
        old = object(&compared, "old."),
        new = object(&compared, "new."),
    )
}

fn all_columns(table: &Table) -> Vec<&'static str> {
    table.columns.iter().map(|column| column.name).collect()
}

/// The columns of the registry as a JSON object: the table may have more of its own.
fn object(columns: &[&str], prefix: &str) -> String {
    let pairs: Vec<String> = columns.iter().map(|column| format!("'{column}', {prefix}{column}")).collect();
    format!("jsonb_build_object({})", pairs.join(", "))
}

fn compared_columns(table: &Table) -> Vec<&'static str> {
    table
        .columns
        .iter()
        .filter(|column| !BOOKKEEPING.contains(&column.number))
        .map(|column| column.name)
        .collect()
}

fn list(columns: &[&str], prefix: &str) -> String {
    columns.iter().map(|column| format!("{prefix}{column}")).collect::<Vec<_>>().join(", ")
}
