-- ?1 is the table, ?2 the rows: their ids in hexadecimal, as a JSON array.
with asked as materialized (
    select key as place, unhex(value) as id from json_each(?2)
)
select
    exists (
        select 1 from open_conflicts where target_id = asked.id and target_table = ?1
    ) or exists (
        -- The verdict is here, the conflict comes with the next pull.
        select 1 from wal_entries
        where target_table = ?1 and target_id = asked.id and state = 'conflict' and settled_at is null
    ),
    exists (
        select 1 from wal_entries where target_table = ?1 and target_id = asked.id and state = 'rejected'
    ),
    exists (
        select 1 from wal_entries
        where target_table = ?1 and target_id = asked.id and settled_at is null and decided_at is null
    ),
    exists (
        select 1 from wal_entries where target_table = ?1 and target_id = asked.id and settled_at is null
    ),
    $version
from asked order by place
