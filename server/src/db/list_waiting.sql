-- $1 the guild. Of each row the highest state that a laptop held, unless its author has brought back
-- that one or a later one; with the columns that were written since the restore.
select distinct on (w.tbl, w.pk) w.id, w.tbl, w.pk, w.cells::text as cells,
       coalesce(u.name, '') as person, coalesce(d.name, '') as laptop,
       coalesce((
         select array_agg(distinct f.name)
         from guildhall.wal_entries e, unnest(e.dirty_fields) as f (name)
         where e.guild_id = w.guild_id and e.target_id = w.pk and e.committed_at >= s.restored_at
           and not exists (
             select from sync.returned r where r.guild_id = e.guild_id and r.pk = e.target_id and r.entry_id = e.id and r.rev <= w.version
           )
       ), '{}') as written
from sync.witness w
join sync.stream s on s.stream = w.guild_id
left join guildhall.users u on u.guild_id = w.guild_id and u.id = w.user_id
left join private.devices d on d.guild_id = w.guild_id and d.id = w.device_id
where w.guild_id = $1 and w.status = 'waiting'
order by w.tbl, w.pk, w.version desc, w.seen_at
