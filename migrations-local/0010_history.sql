-- Which changes were taken back.
create index wal_entries_undoing on wal_entries (undo_of) where undo_of is not null;
