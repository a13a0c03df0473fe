select s.id, s.assistant_id, coalesce(a.name, ''), s.category, s.section, s.title, s.version, s.updated_at,
    u.name, s.is_pinned, s.status = 'draft', s.deleted_at is not null,
    exists (select 1 from drafts d where d.row = s.id),
    exists (select 1 from unread_pages c where c.id = s.id)
from sops s indexed by sops_in_lists
left join assistants a on a.id = s.assistant_id
left join users u on u.id = s.updated_by
where s.id = ?
