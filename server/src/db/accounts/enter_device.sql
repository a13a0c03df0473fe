insert into private.devices as device (guild_id, id, user_id, name, platform, app_version, last_seen_at)
values ($1, $2, $3, $4, $5, $6, now())
on conflict (guild_id, id) do update
   set name = excluded.name, platform = excluded.platform, app_version = excluded.app_version,
       last_seen_at = excluded.last_seen_at
 where device.user_id = excluded.user_id
returning revoked_at is not null as is_revoked
