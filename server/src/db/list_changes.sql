-- $1 the guild, $2 the last commit that is known, $3 commits without a number that count too,
-- $4 the scopes, $5 the most rows.
with commits as (
  select k.id, k.slot from sync.commit k where k.stream = $1 and k.commit_no > $2
  union
  select k.id, k.slot from sync.commit k where k.id = any ($3)
), touched as (
  select c.tbl, c.pk, c.scope, c.effect, c.version, c.ord
  from commits k join sync.change c on c.stream = $1 and c.commit = k.id and c.slot = k.slot
  where c.scope = any ($4)
)
select t.tbl, t.pk,
       (array_agg(t.effect order by t.version desc, t.ord desc))[1] as effect,
       max(t.version) as version,
       array_agg(distinct t.scope) as scopes
from touched t
group by t.tbl, t.pk
order by t.tbl, t.pk
limit $5
