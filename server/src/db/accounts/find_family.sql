select session.guild_id, session.id, session.device_id, session.refresh_hashes, session.spent_refresh_hash,
       device.revoked_at is not null as is_device_revoked,
       session.revoked_at is not null or session.refresh_expires_at <= now()
         or not person.is_active or person.deleted_at is not null as is_ended
  from private.user_sessions session
  join private.devices device on device.guild_id = session.guild_id and device.id = session.device_id
  join guildhall.users person on person.guild_id = session.guild_id and person.id = session.user_id
 where session.family_hash = $1
   for update of session
