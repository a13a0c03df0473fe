//! Small questions to any table, for tests that walk over all of them.

use guildhall_server::Error;
use guildhall_server::capture::wire::{read_row, wire_columns};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Cells;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

/// All rows of a table, of every guild.
pub async fn read_all(connection: &mut PgConnection, table: &Table) -> Vec<Cells> {
    let statement = format!("select {} from guildhall.{} t", wire_columns(table, "t"), table.name);
    let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(connection).await.expect("rows");
    rows.iter().map(|row| read_row(table, row).expect("a row of the table")).collect()
}

/// How many rows `select … from {question}` gives.
pub async fn count(connection: &mut PgConnection, question: &str) -> i64 {
    let row = sqlx::query(AssertSqlSafe(format!("select count(*) as answer from {question}")))
        .fetch_one(connection)
        .await
        .expect("an answer");
    row.try_get("answer").expect("a number")
}

/// Runs statements that need no answer.
pub async fn run(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.expect(statements);
}

/// The error that statements end with.
pub async fn refusal(connection: &mut PgConnection, statements: &str) -> sqlx::Error {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.expect_err(statements)
}

/// Two rows with one business key. Ranks are told apart by an exclusion.
pub fn is_clash(error: &Error) -> bool {
    const EXCLUSION_VIOLATION: &str = "23P01";
    let Error::Store(error) = error else { return false };
    error.as_database_error().is_some_and(|error| {
        error.is_unique_violation() || error.code().as_deref() == Some(EXCLUSION_VIOLATION)
    })
}

pub fn id_of(cells: &Cells) -> Uuid {
    cells.value(common::ID).as_id().expect("a row has an id")
}
