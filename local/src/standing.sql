select
    exists (
        select 1 from open_conflicts where target_id = ?2 and target_table = ?1
    ) or exists (
        -- The verdict is here, the conflict comes with the next pull.
        select 1 from wal_entries
        where target_table = ?1 and target_id = ?2 and state = 'conflict' and settled_at is null
    ),
    exists (
        select 1 from wal_entries where target_table = ?1 and target_id = ?2 and state = 'rejected'
    ),
    exists (
        select 1 from wal_entries
        where target_table = ?1 and target_id = ?2 and settled_at is null and decided_at is null
    ),
    exists (
        select 1 from wal_entries where target_table = ?1 and target_id = ?2 and settled_at is null
    )
