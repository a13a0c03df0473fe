-- What was said in a ticket, and what answered it; and tickets are found by their customer, too.

-- Something that was said in a ticket. It stays as it was said.
create table ticket_messages (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    ticket_id blob not null,
    author_kind text not null,
    author_id blob,
    body text not null,
    said_at integer not null,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index ticket_messages_by_ticket_id on ticket_messages (ticket_id, said_at);

-- A page or a piece of knowledge that was given as the answer to a ticket.
create table ticket_resolutions (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    ticket_id blob not null,
    knowledge_item_id blob,
    sop_id blob,
    satisfied integer,
    note text not null,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index ticket_resolutions_by_ticket_id on ticket_resolutions (ticket_id);

create virtual table fts_ticket_messages using fts5 (
    body,
    content = 'ticket_messages', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

drop table fts_tickets;
create virtual table fts_tickets using fts5 (
    subject, customer_label,
    content = 'tickets', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);
insert into fts_tickets (rowid, subject, customer_label)
select sync_row, subject, customer_label from tickets where deleted_at is null;
