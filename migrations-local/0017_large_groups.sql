-- What a way to the server that takes only so much makes of a push.

-- Groups that are too large for one push.
create table sync_large_group (
    group_id blob primary key,
    -- How many of its entries the server keeps until it has them all.
    kept integer not null default 0,
    -- The entry that is larger than the way takes: the server is asked about the group without what it says.
    withheld blob
);

-- A push has at most so many bytes, until then: a larger one was not taken.
alter table sync_state add column push_bytes integer;
alter table sync_state add column push_bytes_until integer;
