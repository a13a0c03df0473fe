-- What decides what the asking person may do, as it is now.
select private.role() as role, private.level() as rank_level, private.scopes() as scopes,
       coalesce(private.desk_edits(), 'propose') as desk_edits,
       array(
         select distinct action
           from guildhall.rank_access_levels held
           join guildhall.access_levels level on level.guild_id = held.guild_id and level.id = held.access_level_id
          cross join unnest(level.user_actions) as action
          where held.guild_id = private.guild() and held.rank_id = private.rank()
            and held.deleted_at is null and level.deleted_at is null
       ) as actions
