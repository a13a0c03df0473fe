-- What is typed and not yet saved. On this laptop only: no other device and no server learns of it.
create table drafts (
    -- What it is a draft of: a page, a new page, an answer to a ticket, a new ticket.
    subject text primary key,
    -- The row that it changes or answers, where there is one: when that may not be read any more,
    -- the draft goes with it.
    row blob,
    title text not null,
    content text not null,
    -- Where a new page shall lie, as the screen keeps it.
    place text not null,
    kept_at integer not null
);
create index drafts_by_row on drafts (row);

-- The page as its author saw it before the first letter. Written once, beside the draft, which is
-- written at every pause.
create table draft_bases (
    subject text primary key,
    -- Names the title and the text below.
    revision integer not null,
    -- The server's revision of the row then; 0 where it is not known.
    rev integer not null,
    title text not null,
    content text not null
);

-- Lists and trees of pages are read from this index alone. The columns that they show lie behind
-- the text in the row, and texts are long.
create index sops_in_lists on sops (
    id, deleted_at, assistant_id, category, section, title, version, updated_at, updated_by, created_by,
    is_pinned, status
);
create index sop_versions_in_lists on sop_versions (sop_id, version, deleted_at, created_at, changed_by);

-- Pages that the person of this mirror has still to read, with the version that they know. One that
-- they have read once is unread when somebody else has made a newer version. One that they have
-- never opened is unread when somebody else has made a version since this laptop began to receive:
-- what was there before the first download is not news.
create view unread_pages as
select p.id, p.to_version,
    coalesce(p.known, (
        select max(v.version) from sop_versions v where v.sop_id = p.id and v.created_at <= p.began_at
    )) as from_version
from (
    select s.id, s.version as to_version, me.user as reader,
        (select min(granted_at) from sync_scope) as began_at,
        (
            select max(r.version) from sop_reads r
            where r.user_id = me.user and r.sop_id = s.id and r.deleted_at is null
        ) as known
    from sync_state me join sops s indexed by sops_in_lists on s.deleted_at is null
) p
where p.to_version > coalesce(p.known, 0)
    and exists (
        select 1 from sop_versions v
        where v.sop_id = p.id and v.version > coalesce(p.known, 0) and v.deleted_at is null
            and v.changed_by is not p.reader and (p.known is not null or v.created_at > p.began_at)
    );
