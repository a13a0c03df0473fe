with session as (
  update private.user_sessions
     set refresh_hashes = $3, spent_refresh_hash = $4, refreshed_at = now(),
         refresh_expires_at = now() + $5 * interval '1 second'
   where guild_id = $1 and id = $2
  returning device_id, refresh_expires_at
), seen as (
  update private.devices set last_seen_at = now()
   where guild_id = $1 and id = (select device_id from session)
), forgotten as (
  delete from private.access_tokens
   where guild_id = $1 and session_id = $2 and expires_at <= now()
), token as (
  insert into private.access_tokens (guild_id, session_id, hash, expires_at)
  values ($1, $2, $6, now() + $7 * interval '1 second')
  returning expires_at
)
select (extract(epoch from token.expires_at) * 1000000)::bigint as access_expires_at,
       (extract(epoch from session.refresh_expires_at) * 1000000)::bigint as refresh_expires_at
  from session, token
