-- $1 the guild's name, $2 a person's name or e-mail address. What looks like an address is one,
-- even where somebody carries it as a name.
with named as (
  select person.guild_id, person.id, position('@' in $2) > 0 as is_second
    from guildhall.guilds guild
    join guildhall.users person on person.guild_id = guild.id
   where lower(guild.name) = lower($1) and guild.deleted_at is null
     and lower(person.name) = lower($2) and person.deleted_at is null
  union all
  select contact.guild_id, contact.user_id, position('@' in $2) = 0
    from guildhall.guilds guild
    join guildhall.user_contacts contact on contact.guild_id = guild.id
   where lower(guild.name) = lower($1) and guild.deleted_at is null
     and lower(contact.email) = lower($2) and contact.deleted_at is null
)
select guild.id as guild_id, guild.name as guild_name, person.id as user_id, person.name as user_name,
       person.role, credentials.password_hash,
       person.is_active and coalesce(credentials.locked_until <= now(), true) as is_open
  from named
  join guildhall.guilds guild on guild.id = named.guild_id
  join guildhall.users person on person.guild_id = named.guild_id and person.id = named.id
  join private.user_credentials credentials
    on credentials.guild_id = named.guild_id and credentials.user_id = named.id
 where person.deleted_at is null
 order by named.is_second
 limit 1
