//! The triggers of one table. Hand-written triggers have names that sort before `sync_`, so that
//! these see what those made of the row.

use guildhall_sync::schema::{Rows, Scope, Table, common};
use guildhall_sync::value::Type;

/// Columns that say when and by whom, and are no change by themselves.
const BOOKKEEPING: [u16; 3] = [common::REV, common::UPDATED_AT, common::UPDATED_BY];

pub fn triggers(table: &Table) -> String {
    let name = table.name;
    format!(
        "{before}{after}create or replace trigger sync_before before insert or update on guildhall.{name}
  for each row execute function sync.before_{name}();
create or replace trigger sync_after after insert or update or delete on guildhall.{name}
  for each row execute function sync.after_{name}();
create or replace trigger sync_truncate before truncate on guildhall.{name}
  for each statement execute function sync.refuse_truncate();
alter table guildhall.{name} enable always trigger sync_before;
alter table guildhall.{name} enable always trigger sync_after;
alter table guildhall.{name} enable always trigger sync_truncate;",
        before = before_function(table),
        after = after_function(table),
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

fn after_function(table: &Table) -> String {
    let (name, number) = (table.name, table.number);
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    format!(
        "create or replace function sync.after_{name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set \"TimeZone\" = 'UTC'
as $$
declare
  told boolean := {told};
  opened bigint;
  dirty text[] := '{{{all}}}';
  alike text[];
  hash_before bytea;
  hash_after bytea;
  scopes_before text[];
  scopes_after text[];
begin
{moved}  if told and tg_op <> 'INSERT' then
    select m.hash into hash_before from sync.member m
    where m.stream = old.guild_id and m.tbl = {number}::smallint and m.pk = old.id limit 1;
  end if;
  if tg_op = 'DELETE' then
    if told then
      perform sync.write_history(old.guild_id, '{name}', old.id, 'delete', {whole_old}, null, dirty, old.rev, old.rev + 1, hash_before, null);
    end if;
    perform sync.remove_row(old.guild_id, {number}::smallint, '{name}', old.id, old.rev);
    return null;
  end if;
  hash_after := sync.hash_{name}(new);
  scopes_after := sync.scopes_{name}(new);
  opened := sync.open_commit(new.guild_id);
{inserted}  scopes_before := sync.scopes_{name}(old);
  if scopes_after = scopes_before then
    with was as (
      select m.scope, m.hash from sync.member m
      where m.stream = new.guild_id and m.tbl = {number}::smallint and m.pk = new.id
    ), held as (
      update sync.member m set version = new.rev, hash = hash_after
      where m.stream = new.guild_id and m.tbl = {number}::smallint and m.pk = new.id
    )
    insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_before, hash_after)
    select new.guild_id, opened, was.scope, {number}::smallint, new.id, 'put', new.rev, was.hash, hash_after from was;
  else
    perform sync.move_row(new.guild_id, {number}::smallint, '{name}', new.id, new.rev, hash_after, scopes_before, scopes_after);
  end if;
  if told then
{touched}  end if;
  return null;
end
$$;
",
        all = columns.join(","),
        told = told(table),
        moved = moved(table),
        whole_old = object(&columns, "old."),
        inserted = inserted(table, &columns),
        touched = touched(table),
    )
}

/// What follows from a new row. One that was removed and comes back may be elsewhere.
fn inserted(table: &Table, columns: &[&str]) -> String {
    format!(
        "  if tg_op = 'INSERT' then
    insert into sync.member (stream, tbl, pk, scope, version, hash)
    select new.guild_id, {number}::smallint, new.id, s.scope, new.rev, hash_after from unnest(scopes_after) as s (scope)
    on conflict (stream, tbl, pk, scope) do update set version = excluded.version, hash = excluded.hash;
    insert into sync.change (stream, commit, scope, tbl, pk, effect, version, hash_after)
    select new.guild_id, opened, s.scope, {number}::smallint, new.id, 'put', new.rev, hash_after from unnest(scopes_after) as s (scope);
    if new.rev > 1 then
      perform sync.move_conflicts(new.guild_id, '{name}', new.id);
    end if;
    if told then
      perform sync.write_history(new.guild_id, '{name}', new.id, 'insert', null, {whole_new}, dirty, null, new.rev, null, hash_after);
    end if;
    return null;
  end if;
",
        name = table.name,
        number = table.number,
        whole_new = object(columns, "new."),
    )
}

/// Whether the trigger writes the line of history. A push writes the lines of what it was sent,
/// which are rows that people edit; what follows from them is written by the trigger. A row that
/// is only ever added is its own history, and may hold a whole page.
fn told(table: &Table) -> &'static str {
    match table.rows {
        Rows::Edited => {
            "current_setting('guildhall.push', true) is distinct from 'on' or pg_trigger_depth() > 1"
        }
        Rows::Appended => "tg_op <> 'INSERT'",
        Rows::ServerDecided => "true",
    }
}

/// No device sends the scopes of a parent: they follow it, as a foreign key says.
fn moved(table: &Table) -> String {
    let copied = table.scopes.iter().filter_map(|scope| match scope {
        Scope::Copied(column) | Scope::CopiedBySection(column, _) => Some(column),
        _ => None,
    });
    copied
        .map(|column| {
            format!(
                "  if tg_op = 'UPDATE' then\n    told := told or new.{column} <> old.{column};\n  end if;\n"
            )
        })
        .collect()
}

/// The history line of an update: what is alike in both rows is taken out of them.
fn touched(table: &Table) -> String {
    let compared = compared_columns(table);
    let names_where = |comparison: &str| {
        let cases = compared.iter().map(|column| {
            format!("      case when new.{column} {comparison} old.{column} then '{column}' end")
        });
        cases.collect::<Vec<_>>().join(",\n")
    };
    format!(
        "    dirty := array_remove(array[
{dirty}
    ], null);
    alike := array_remove(array[
{alike}
    ], null);
    perform sync.write_history(new.guild_id, '{name}', new.id, 'update',
      {old} - alike,
      {new} - alike,
      dirty, old.rev, new.rev, hash_before, hash_after);
",
        name = table.name,
        dirty = names_where("is distinct from"),
        alike = names_where("is not distinct from"),
        old = object(&compared, "old."),
        new = object(&compared, "new."),
    )
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
