select p.id, p.title, p.category, p.section, c.from_version, c.to_version, u.name, p.changed_at
from unread_pages c
join (
    select s.id, s.title, s.category, s.section,
        coalesce(
            (select v.created_at from sop_versions v where v.sop_id = s.id and v.version = s.version),
            s.updated_at
        ) as changed_at,
        (select v.changed_by from sop_versions v where v.sop_id = s.id and v.version = s.version) as changed_by
    from sops s indexed by sops_in_lists
) p on p.id = c.id
left join users u on u.id = p.changed_by
order by p.changed_at desc, p.id
limit ?
