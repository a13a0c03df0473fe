select distinct title from sops indexed by sops_in_lists
where deleted_at is null and status = 'published' and length(title) <= ?
order by title collate nocase, title
limit 500
