select question from (
    select question from public_info where is_active = 1 and deleted_at is null
    union
    select question from knowledge_items
    where kind = 'qa' and status = 'published' and deleted_at is null and question is not null
)
where length(question) <= ? and trim(question) <> ''
order by question collate nocase, question
