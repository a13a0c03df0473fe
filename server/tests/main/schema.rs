//! The tables of Postgres are what the registry says, in both directions; keys and references too.

use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Column, Default, Table, common};
use guildhall_sync::value::{Type, json::print_decimal};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet};

use crate::place::Place;

/// Tables of the schema that are not synced.
const UNSYNCED: [&str; 1] = ["wal_entries"];

#[derive(Debug, PartialEq, Eq)]
struct Found {
    kind: String,
    nullable: bool,
    /// As Postgres evaluates it, in text.
    default: Option<String>,
}

async fn list_tables(connection: &mut PgConnection) -> BTreeSet<String> {
    let rows = sqlx::query(
        "select table_name::text from information_schema.tables where table_schema = 'guildhall'",
    )
    .fetch_all(connection)
    .await
    .expect("tables");
    rows.iter().map(|row| row.try_get("table_name").expect("a name")).collect()
}

/// The columns of a table; generated ones are the server's own.
async fn read_columns(connection: &mut PgConnection, table: &str) -> BTreeMap<String, Found> {
    let rows = sqlx::query(
        "select c.column_name::text as name, format_type(a.atttypid, a.atttypmod) as kind, c.is_nullable = 'YES' as nullable,
                c.column_default as default_expression
         from information_schema.columns c
         join pg_attribute a on a.attrelid = format('guildhall.%I', c.table_name)::regclass and a.attname = c.column_name
         where c.table_schema = 'guildhall' and c.table_name = $1 and c.is_generated = 'NEVER'",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await
    .expect("columns");
    let mut columns = BTreeMap::new();
    for row in rows {
        let expression: Option<String> = row.try_get("default_expression").expect("an expression");
        let default = match expression.as_deref() {
            Some("now()") => Some("now()".to_owned()),
            Some(expression) => Some(evaluate(connection, expression).await),
            None => None,
        };
        let found = Found {
            kind: row.try_get("kind").expect("a type"),
            nullable: row.try_get("nullable").expect("a flag"),
            default,
        };
        columns.insert(row.try_get("name").expect("a name"), found);
    }
    columns
}

async fn evaluate(connection: &mut PgConnection, expression: &str) -> String {
    let row = sqlx::query(AssertSqlSafe(format!("select ({expression})::text as value")))
        .fetch_one(connection)
        .await
        .expect("a default is a constant");
    row.try_get("value").expect("a text")
}

fn expect_column(column: &Column) -> Found {
    let kind = match column.kind {
        Type::Bool => "boolean".to_owned(),
        Type::Int => "bigint".to_owned(),
        Type::Decimal(scale) => format!("numeric(18,{scale})"),
        Type::Time => "timestamp with time zone".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Text | Type::Markdown | Type::Enum(_) => "text".to_owned(),
        Type::Id(_) => "uuid".to_owned(),
        Type::Json => "jsonb".to_owned(),
        Type::Set => "text[]".to_owned(),
    };
    Found { kind, nullable: column.nullable, default: expect_default(column) }
}

fn expect_default(column: &Column) -> Option<String> {
    match (column.default, column.kind) {
        (_, Type::Int) if column.number == common::REV => Some("1".to_owned()),
        (_, Type::Time) if [common::CREATED_AT, common::UPDATED_AT].contains(&column.number) => {
            Some("now()".to_owned())
        }
        (Default::Required | Default::Null, _) => None,
        (Default::Int(flag), Type::Bool) => Some((flag != 0).to_string()),
        (Default::Int(number), Type::Decimal(scale)) => Some(print_decimal(number, scale)),
        (Default::Int(number), _) => Some(number.to_string()),
        (Default::Text(text), _) => Some(text.to_owned()),
        (Default::EmptySet | Default::EmptyObject, _) => Some("{}".to_owned()),
    }
}

#[tokio::test]
async fn the_tables_are_those_of_the_registry() {
    let mut connection = Place::new().await.connect().await;
    let expected: BTreeSet<String> =
        TABLES.iter().map(|table| table.name).chain(UNSYNCED).map(str::to_owned).collect();
    assert_eq!(list_tables(&mut connection).await, expected);
    for table in TABLES {
        let expected: BTreeMap<String, Found> =
            table.columns.iter().map(|column| (column.name.to_owned(), expect_column(column))).collect();
        assert_eq!(read_columns(&mut connection, table.name).await, expected, "{}", table.name);
    }
}

#[tokio::test]
async fn columns_of_fixed_words_hold_those_words_and_no_others() {
    let mut connection = Place::new().await.connect().await;
    for table in TABLES {
        for column in table.columns {
            let Type::Enum(words) = column.kind else { continue };
            let row = sqlx::query(
                "select array(select m[1] from regexp_matches(pg_get_constraintdef(c.oid), '''([^'']*)''::text', 'g') m) as words
                 from pg_constraint c where c.conname = $1",
            )
            .bind(format!("{}_{}_check", table.name, column.name))
            .fetch_one(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{}.{} is not checked: {error}", table.name, column.name));
            let found: Vec<String> = row.try_get("words").expect("words");
            assert_eq!(found, words, "{}.{}", table.name, column.name);
        }
    }
}

/// Every business key is one index or exclusion over live rows, named after its columns, because
/// a push reads from the name which rows clash.
#[tokio::test]
async fn business_keys_hold_among_live_rows_of_a_guild() {
    let mut connection = Place::new().await.connect().await;
    let rows = sqlx::query(
        "select c.relname::text as name, pg_get_indexdef(i.indexrelid) as definition, i.indisunique or i.indisexclusion as is_key
         from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'guildhall' and c.relname like '%\\_key\\_%'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("indexes");
    let mut found = BTreeSet::new();
    for row in rows {
        let name: String = row.try_get("name").expect("a name");
        // What makes the copied scopes a reference is unique too, and no business key.
        if name.ends_with("_scope_key_key") {
            continue;
        }
        let definition: String = row.try_get("definition").expect("a definition");
        assert!(row.try_get::<bool, _>("is_key").expect("a flag"), "{definition}");
        assert!(definition.ends_with("WHERE (deleted_at IS NULL)"), "{definition}");
        assert!(definition.contains("(guild_id, ") || name == "guilds_key_name", "{definition}");
        found.insert(name);
    }
    let key_name = |table: &Table, key: &[&str]| format!("{}_key_{}", table.name, key.join("_"));
    let expected: BTreeSet<String> =
        TABLES.iter().flat_map(|table| table.keys.iter().map(move |key| key_name(table, key))).collect();
    assert_eq!(found, expected);
}

/// Each id column leads to its table inside the guild, and nothing that is referred to is removed
/// along with it.
#[tokio::test]
async fn references_stay_inside_the_guild_and_never_cascade_a_removal() {
    let mut connection = Place::new().await.connect().await;
    let rows = sqlx::query(
        "select conrelid::regclass::text as source, confrelid::regclass::text as target, confdeltype = 'a' as keeps,
                array(select attname::text from unnest(conkey) with ordinality k (number, place)
                      join pg_attribute on attrelid = conrelid and attnum = number order by place) as columns
         from pg_constraint where contype = 'f' and connamespace = 'guildhall'::regnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .expect("references");
    let mut found = BTreeSet::new();
    for row in rows {
        let columns: Vec<String> = row.try_get("columns").expect("columns");
        let source: String = row.try_get("source").expect("a table");
        assert!(row.try_get::<bool, _>("keeps").expect("a flag"), "{source} {columns:?}");
        assert_eq!(columns[0], "guild_id", "{source}");
        if let Some(column) = columns.get(1) {
            found.insert(format!(
                "{source}.{column} {}",
                row.try_get::<String, _>("target").expect("a table")
            ));
        }
    }
    let mut expected = BTreeSet::new();
    for table in TABLES {
        for column in table.own_columns() {
            if let Type::Id(target) = column.kind
                && target != "any"
            {
                expected.insert(format!("guildhall.{}.{} guildhall.{target}", table.name, column.name));
            }
        }
    }
    assert_eq!(found, expected);
}
