//! Empty on purpose: the mirror uses rusqlite, the server uses Postgres.
//! Without this stand-in, Cargo refuses two crates that link the same native SQLite.
