-- What somebody asked the link to do about this mirror, whichever process has the link: one after
-- the other. The last ones are kept, with what came of them.
create table sync_errand (
    line integer primary key,
    id blob not null unique,
    kind text not null check (kind in ('sync', 'verify', 'repair', 'download', 'rebuild')),
    -- For a download: the scopes, sorted, each between spaces.
    scopes text not null default '',
    asked_at integer not null,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled')),
    -- What came of it so far, as JSON.
    counts text,
    ended_at integer
);

-- 1 while scopes are fetched again that were held whole: versions held from before do not count.
alter table sync_state add column is_fetching_again integer not null default 0;
