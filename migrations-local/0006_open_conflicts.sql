-- Conflicts that wait for the person of this mirror: their own, and for who leads all that they can
-- read; without those that are settled here already.
create view open_conflicts as
select c.id, c.target_table, c.target_id
from sync_conflicts c, sync_state s
where c.resolved_at is null and c.deleted_at is null
    and (c.author_id = s.user or s.role in ('admin', 'manager'))
    and not exists (
        select 1 from wal_entries e where e.settles = c.id and e.state not in ('rejected', 'discarded')
    );
