select
    count(*) filter (where decided_at is null) as unsent,
    count(*) filter (where state = 'in_flight') as in_flight,
    count(*) filter (where decided_at is not null) as sent,
    min(authored_at) filter (where decided_at is null) as oldest_unsent,
    (select count(distinct refused_with) from wal_entries where state = 'rejected') as refused,
    (select count(*) from open_conflicts) as conflicts
from wal_entries
-- That somebody has read a page is sent too, but nobody waits for it.
where settled_at is null and target_table <> 'sop_reads'
