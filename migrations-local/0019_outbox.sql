-- What a push asks of the outbox before and after each batch, found without reading what waits.
create index wal_entries_in_flight on wal_entries (device_seq) where state = 'in_flight';
create index wal_entries_deferred on wal_entries (retry_at) where state = 'deferred';
