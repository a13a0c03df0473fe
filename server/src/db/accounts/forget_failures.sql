update private.user_credentials
   set failed_attempts = 0, locked_until = null, password_hash = coalesce($3, password_hash)
 where guild_id = $1 and user_id = $2
   and (failed_attempts > 0 or locked_until is not null or $3 is not null)
