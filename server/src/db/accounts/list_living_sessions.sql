select session.id
  from private.user_sessions session
  join private.devices device on device.guild_id = session.guild_id and device.id = session.device_id
  join guildhall.users person on person.guild_id = session.guild_id and person.id = session.user_id
 where session.id = any ($1)
   and session.revoked_at is null and device.revoked_at is null
   and person.is_active and person.deleted_at is null
