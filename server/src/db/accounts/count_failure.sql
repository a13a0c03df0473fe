-- A slip costs nothing, the next ones a few seconds, the fifth and all after it a quarter of an
-- hour, until a success.
update private.user_credentials
   set failed_attempts = least(failed_attempts, 1000) + 1,
       locked_until = now() + case failed_attempts
         when 0 then interval '0'
         when 1 then interval '1 second'
         when 2 then interval '2 seconds'
         when 3 then interval '4 seconds'
         else interval '15 minutes'
       end
 where guild_id = $1 and user_id = $2
