-- $2 rows, $3 the same as texts, $4 conflicts, $5 the author.
select c.id, c.entry_id, c.target_table, c.target_id, c.kind, c.units, c.author_id,
       c.base::text as base, c.mine::text as mine, c.theirs::text as theirs,
       c.resolved_at is not null as is_resolved
  from guildhall.sync_conflicts c
 where c.guild_id = $1 and c.deleted_at is null
   and (c.id = any ($4)
     or c.author_id = $5 and c.resolved_at is null
       and (c.target_id = any ($2) or c.kind = 'duplicate' and c.mine ->> 'id' = any ($3)))
