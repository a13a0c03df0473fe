(:status is null or t.status = :status)
and (:person is null or t.assigned_to = :person and (:status is not null or t.status in ('open', 'waiting')))
and (
    t.sync_row in (select rowid from fts_tickets where fts_tickets match :words)
    or t.id in (
        select m.ticket_id from ticket_messages m
        where m.deleted_at is null
            and m.sync_row in (select rowid from fts_ticket_messages where fts_ticket_messages match :words)
    )
    or lower(substr(t.local_ref, 1, length(:beginning))) = lower(:beginning)
)
