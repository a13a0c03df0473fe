-- What the device was signed in as before, and what nobody will ask about any more.
with ended as (
  update private.user_sessions
     set revoked_at = now()
   where guild_id = $1 and device_id = $3 and revoked_at is null
)
delete from private.user_sessions
 where guild_id = $1 and user_id = $2
   and least(revoked_at, refresh_expires_at) < now() - interval '90 days'
