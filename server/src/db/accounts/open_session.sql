with session as (
  insert into private.user_sessions
         (guild_id, id, user_id, device_id, family_hash, refresh_hashes, refresh_expires_at)
  values ($1, $2, $3, $4, $5, array[$6::bytea], now() + $7 * interval '1 second')
  returning refresh_expires_at
), token as (
  insert into private.access_tokens (guild_id, session_id, hash, expires_at)
  values ($1, $2, $8, now() + $9 * interval '1 second')
  returning expires_at
)
select (extract(epoch from token.expires_at) * 1000000)::bigint as access_expires_at,
       (extract(epoch from session.refresh_expires_at) * 1000000)::bigint as refresh_expires_at
  from session, token
