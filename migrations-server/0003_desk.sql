-- The desk: assistants that answer, approved public answers, tickets.

create table guildhall.assistants (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  slug text not null,
  name text not null,
  purpose text not null default '',
  -- Who may ask it and read what it knows.
  access_roles text[] not null default '{}',
  keywords text[] not null default '{}',
  is_public boolean not null default false,
  -- The smaller goes first; emergencies are 1.
  priority bigint not null default 100,
  provider text,
  model text not null default '',
  temperature numeric(18, 2) not null default 0.70,
  max_tokens bigint not null default 500,
  provider_assistant_ref text,
  escalation_contact text,
  primary key (guild_id, id)
);
create unique index assistants_key_slug on guildhall.assistants (guild_id, slug) where deleted_at is null;

create table guildhall.public_info (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  category text not null,
  question text not null,
  answer text not null default '',
  is_active boolean not null default true,
  valid_from date,
  valid_until date,
  -- Without one it is not given out.
  approved_by uuid,
  approved_at timestamptz,
  primary key (guild_id, id),
  foreign key (guild_id, approved_by) references guildhall.users (guild_id, id)
);
-- A question may be longer than an index entry can be.
create unique index public_info_key_category_question
  on guildhall.public_info (guild_id, category, md5(question)) where deleted_at is null;

create table guildhall.tickets (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  -- What was said at the desk, as in D3-17: device, then count.
  local_ref text not null,
  -- What the server said afterwards.
  number bigint,
  subject text not null,
  customer_label text not null default '',
  status text not null default 'open' check (status in ('open', 'waiting', 'resolved', 'closed')),
  priority text not null default 'medium' check (priority in ('critical', 'high', 'medium', 'low')),
  assistant_id uuid,
  -- Who works there may read it.
  location_id uuid not null,
  assigned_to uuid,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  primary key (guild_id, id),
  foreign key (guild_id, assistant_id) references guildhall.assistants (guild_id, id),
  foreign key (guild_id, location_id) references guildhall.locations (guild_id, id),
  foreign key (guild_id, assigned_to) references guildhall.users (guild_id, id)
);
create unique index tickets_key_local_ref on guildhall.tickets (guild_id, local_ref) where deleted_at is null;
create unique index tickets_number on guildhall.tickets (guild_id, number) where number is not null;
