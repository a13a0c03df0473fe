-- The index of messages alone says when one was said last; a message that was taken away happened too.
with page as (
    select
        t.id, t.local_ref, t.subject, t.customer_label, t.status, t.priority, t.assigned_to, t.location_id, t.opened_at,
        max(
            t.opened_at, coalesce(t.resolved_at, 0),
            coalesce((select max(said_at) from ticket_messages where ticket_id = t.id), 0)
        ) as changed_at
    from tickets t
    where t.deleted_at is null and $filter
    order by changed_at desc, t.id desc
    limit :limit offset :offset
)
select
    page.*, person.name as person, place.name as place,
    (
        select substr(body, 1, 400) from ticket_messages m
        where m.ticket_id = page.id and m.deleted_at is null
        order by m.said_at desc, m.id desc limit 1
    ) as last_message
from page
left join users person on person.id = page.assigned_to
left join locations place on place.id = page.location_id
order by page.changed_at desc, page.id desc
