-- Looks through so many lines at most, the newest first, and says how far it came; the policy of
-- the table lets only those through whose row the asker may read.
with looked as materialized (
  select w.*
    from guildhall.wal_entries w
   where w.guild_id = $1
     and ($2::timestamptz is null or (w.committed_at, w.line) < ($2::timestamptz, $3::bigint))
     and ($4::timestamptz is null or w.committed_at >= $4::timestamptz)
     and ($5::timestamptz is null or w.committed_at < $5::timestamptz)
     and (cardinality($6::uuid[]) = 0 or w.target_id = any ($6))
     and ($16::uuid is null or w.id = $16)
   order by w.committed_at desc, w.line desc
   limit $7
), said as (
  select l.*,
         case
           when l.settles is not null then 'settled'
           when l.undo_of is not null then 'taken_back'
           when l.operation_type = 'insert' then 'added'
           when l.operation_type = 'delete' then 'removed'
           when l.before_state ->> 'deleted_at' is null and l.after_state ->> 'deleted_at' is not null then 'deleted'
           when l.before_state ->> 'deleted_at' is not null and l.after_state ? 'deleted_at'
             and l.after_state ->> 'deleted_at' is null then 'brought_back'
           else 'edited'
         end as kind
    from looked l
   where ($8::uuid is null or l.created_by = $8)
     and (not $9::boolean or l.created_by is null)
     and (cardinality($17::uuid[]) = 0 or l.device_id = any ($17))
     and ($18::text is null or l.status = $18)
     and (cardinality($10::text[]) = 0 or l.target_table = any ($10))
     and (cardinality($10::text[]) > 0 or $16::uuid is not null or l.target_table <> all ($11::text[]))
), found as (
  select s.id, s.line, s.target_table, s.target_id, s.kind, s.operation_type, s.before_state, s.after_state, s.created_by,
         s.actor, s.device_id, s.change_reason, s.status, s.undo_of, s.settles, s.row_rev, s.row_ord,
         s.authored_at, s.committed_at
    from said s
   where (cardinality($12::text[]) = 0 or s.kind = any ($12))
     and ($13::text is null
          or s.target_id = any ($14::uuid[])
          or position(lower($13) in lower(coalesce(s.change_reason, ''))) > 0
          or exists (
            select from jsonb_each(coalesce(s.before_state, '{}')) as v
             where jsonb_typeof(v.value) = 'string' and position(lower($13) in lower(v.value #>> '{}')) > 0
            union all
            select from jsonb_each(coalesce(s.after_state, '{}')) as v
             where jsonb_typeof(v.value) = 'string' and position(lower($13) in lower(v.value #>> '{}')) > 0))
   order by s.committed_at desc, s.line desc
   limit $15
), ending as (
  select count(*) as looked, min((extract(epoch from l.committed_at) * 1000000)::bigint) as at from looked l
)
select f.id, f.line, f.target_table, f.target_id, f.kind, f.created_by, f.actor, f.device_id, f.change_reason, f.status,
       f.undo_of, f.settles, f.row_rev, f.row_ord,
       (extract(epoch from f.authored_at) * 1000000)::bigint as authored_at,
       (extract(epoch from f.committed_at) * 1000000)::bigint as at,
       case when f.operation_type = 'update' then array(
         select c.name from jsonb_object_keys(coalesce(f.after_state, '{}')) as c (name)
          where f.before_state -> c.name is distinct from f.after_state -> c.name order by 1
       ) else '{}' end as columns,
       e.looked, e.at as looked_to,
       (select l.line from looked l order by l.committed_at, l.line limit 1) as looked_line
  from ending e left join found f on true
 order by f.committed_at desc, f.line desc
