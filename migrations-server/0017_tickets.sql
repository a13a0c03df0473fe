-- What was said in a ticket, and what answered it. Both are read by whoever reads the ticket: they
-- carry its scope, as the versions of a page carry the page's.

alter table guildhall.tickets
  add column scope_key text not null generated always as ('location:' || location_id) stored;
alter table guildhall.tickets add unique (guild_id, id, scope_key);

create table guildhall.ticket_messages (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  ticket_id uuid not null,
  author_kind text not null check (author_kind in ('customer', 'staff', 'assistant', 'system')),
  -- Which of the staff; none for everybody else.
  author_id uuid,
  body text not null default '' check (octet_length(body) <= 512 * 1024),
  -- By the desk's clock.
  said_at timestamptz not null,
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, ticket_id, scope_key)
    references guildhall.tickets (guild_id, id, scope_key) on update cascade,
  foreign key (guild_id, author_id) references guildhall.users (guild_id, id)
);
create index ticket_messages_ticket_id on guildhall.ticket_messages (guild_id, ticket_id);

create table guildhall.ticket_resolutions (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  ticket_id uuid not null,
  -- One of the two; requests are held to it before.
  knowledge_item_id uuid,
  sop_id uuid,
  -- None where nobody said whether it helped.
  satisfied boolean,
  note text not null default '',
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, ticket_id, scope_key)
    references guildhall.tickets (guild_id, id, scope_key) on update cascade,
  foreign key (guild_id, knowledge_item_id) references guildhall.knowledge_items (guild_id, id),
  foreign key (guild_id, sop_id) references guildhall.sops (guild_id, id)
);
create index ticket_resolutions_ticket_id on guildhall.ticket_resolutions (guild_id, ticket_id);

-- The lock keeps the ticket where it is until the row is written.
create function sync.copy_scope_of_ticket() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select p.scope_key into new.scope_key from guildhall.tickets p
  where p.guild_id = new.guild_id and p.id = new.ticket_id for key share;
  if not found then
    raise exception 'there is no ticket %', new.ticket_id using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger copy_scope before insert or update of ticket_id on guildhall.ticket_messages
  for each row execute function sync.copy_scope_of_ticket();
alter table guildhall.ticket_messages enable always trigger copy_scope;
create trigger copy_scope before insert or update of ticket_id on guildhall.ticket_resolutions
  for each row execute function sync.copy_scope_of_ticket();
alter table guildhall.ticket_resolutions enable always trigger copy_scope;

-- Tickets are asked for with the caller's rights, so their children follow them.
alter table guildhall.ticket_messages enable row level security;
alter table guildhall.ticket_messages force row level security;
create policy owner_all on guildhall.ticket_messages to guildhall_owner using (true) with check (true);
create policy own_guild on guildhall.ticket_messages as restrictive to guildhall_app
  using (guild_id = (select private.guild()));
create policy reads on guildhall.ticket_messages for select to guildhall_app using (true);
create policy readable on guildhall.ticket_messages as restrictive to guildhall_app
  using (exists (select from guildhall.tickets t where t.guild_id = ticket_messages.guild_id and t.id = ticket_messages.ticket_id));
-- What was said stays as it was said, but for leaders, who may take it away.
create policy writes on guildhall.ticket_messages for update to guildhall_app using ((select private.leads()));
create policy adds on guildhall.ticket_messages for insert to guildhall_app
  with check (author_id is not distinct from case when author_kind = 'staff' then (select private.person()) end);
grant select, insert, update on guildhall.ticket_messages to guildhall_app;

alter table guildhall.ticket_resolutions enable row level security;
alter table guildhall.ticket_resolutions force row level security;
create policy owner_all on guildhall.ticket_resolutions to guildhall_owner using (true) with check (true);
create policy own_guild on guildhall.ticket_resolutions as restrictive to guildhall_app
  using (guild_id = (select private.guild()));
create policy reads on guildhall.ticket_resolutions for select to guildhall_app using (true);
create policy readable on guildhall.ticket_resolutions as restrictive to guildhall_app
  using (exists (select from guildhall.tickets t where t.guild_id = ticket_resolutions.guild_id and t.id = ticket_resolutions.ticket_id));
create policy writes on guildhall.ticket_resolutions for update to guildhall_app using (true);
create policy adds on guildhall.ticket_resolutions for insert to guildhall_app with check (true);
grant select, insert, update on guildhall.ticket_resolutions to guildhall_app;
