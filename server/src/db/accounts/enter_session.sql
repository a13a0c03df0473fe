select session.id, session.guild_id, session.user_id, session.device_id,
       device.revoked_at is not null as is_device_revoked,
       session.revoked_at is not null or not person.is_active or person.deleted_at is not null as is_ended,
       (extract(epoch from token.expires_at - now()) * 1000)::bigint as remaining_ms,
       set_config('guildhall.guild', session.guild_id::text, true),
       set_config('guildhall.user', session.user_id::text, true),
       set_config('guildhall.actor', 'user:' || session.user_id, true),
       set_config('role', 'guildhall_app', true)
  from private.access_tokens token
  join private.user_sessions session on session.guild_id = token.guild_id and session.id = token.session_id
  join private.devices device on device.guild_id = session.guild_id and device.id = session.device_id
  join guildhall.users person on person.guild_id = session.guild_id and person.id = session.user_id
 where token.hash = $1
   and token.expires_at > now()
