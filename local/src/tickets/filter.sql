(:status is null or t.status = :status)
and (:person is null or t.assigned_to = :person and (:status is not null or t.status in ('open', 'waiting')))
and coalesce(:words, :beginning) is null
