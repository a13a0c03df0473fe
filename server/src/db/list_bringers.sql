-- $1 the guild.
select coalesce(u.name, w.actor) as person, coalesce(d.name, '') as laptop, count(*) as came_back,
       count(*) filter (where w.verdict ? 'conflict') as conflicts
from sync.returned r
join guildhall.wal_entries w on w.guild_id = r.guild_id and w.id = r.entry_id
left join guildhall.users u on u.guild_id = w.guild_id and u.id = w.created_by
left join private.devices d on d.guild_id = w.guild_id and d.id = w.device_id
where r.guild_id = $1
group by 1, 2
order by 1, 2
