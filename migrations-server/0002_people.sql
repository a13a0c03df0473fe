-- The guild, its places and its people. Columns are those of the registry (sync/src/model), and a
-- test compares both. Every table here has the same eight columns first.
--
-- Keys begin with the guild, so that no guild can feel another's rows. A business key holds among
-- live rows only, and its index is named {table}_key_{columns}: a violation names what clashed.
-- created_by and updated_by are filled by the server and refer to nothing: a person may be gone.

create table guildhall.guilds (
  id uuid not null,
  -- A guild belongs to itself, so that it syncs like everything in it.
  guild_id uuid not null,
  -- Raised by a trigger at every change; what devices know a state of the row by.
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  -- People delete by setting it; only jobs remove rows.
  deleted_at timestamptz,
  name text not null,
  description text not null default '',
  locale text not null default 'en',
  timezone text not null default 'UTC',
  desk_edits text not null default 'direct' check (desk_edits in ('direct', 'propose')),
  primary key (guild_id, id),
  unique (id),
  check (guild_id = id)
);
-- The one key without a guild before it: guilds are told apart by it at sign-in.
create unique index guilds_key_name on guildhall.guilds (lower(name)) where deleted_at is null;

create table guildhall.ranks (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  phonetic text not null default '',
  -- A larger level is more senior.
  hierarchy_level bigint not null,
  primary key (guild_id, id),
  -- Two ranks change places in two writes, so this is looked at last. A unique index over live
  -- rows cannot wait, an exclusion can.
  constraint ranks_key_hierarchy_level
    exclude using btree (guild_id with =, hierarchy_level with =) where (deleted_at is null)
    deferrable initially deferred
);
create unique index ranks_key_name on guildhall.ranks (guild_id, lower(name)) where deleted_at is null;

create table guildhall.access_levels (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  -- As in objective.read.tactical.
  user_actions text[] not null default '{}',
  primary key (guild_id, id)
);
create unique index access_levels_key_name on guildhall.access_levels (guild_id, lower(name)) where deleted_at is null;

create table guildhall.rank_access_levels (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  rank_id uuid not null,
  access_level_id uuid not null,
  primary key (guild_id, id),
  foreign key (guild_id, rank_id) references guildhall.ranks (guild_id, id),
  foreign key (guild_id, access_level_id) references guildhall.access_levels (guild_id, id)
);
create unique index rank_access_levels_key_rank_id_access_level_id
  on guildhall.rank_access_levels (guild_id, rank_id, access_level_id) where deleted_at is null;

create table guildhall.squads (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  squad_lead_id uuid,
  primary key (guild_id, id)
);
create unique index squads_key_name on guildhall.squads (guild_id, lower(name)) where deleted_at is null;

create table guildhall.users (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  phonetic text not null default '',
  role text not null check (role in ('admin', 'manager', 'operator', 'support', 'kiosk', 'customer', 'member')),
  -- Without one: what the lowest rank may.
  rank_id uuid,
  squad_id uuid,
  preferences text[] not null default '{}',
  is_active boolean not null default true,
  primary key (guild_id, id),
  foreign key (guild_id, rank_id) references guildhall.ranks (guild_id, id),
  -- A squad and its lead name each other, so both look last.
  constraint users_squad_id_fkey foreign key (guild_id, squad_id) references guildhall.squads (guild_id, id)
    deferrable initially deferred
);
create unique index users_key_name on guildhall.users (guild_id, lower(name)) where deleted_at is null;

alter table guildhall.squads
  add constraint squads_squad_lead_id_fkey foreign key (guild_id, squad_lead_id) references guildhall.users (guild_id, id)
  deferrable initially deferred;

create table guildhall.user_contacts (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  user_id uuid not null,
  email text not null,
  primary key (guild_id, id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id)
);
create unique index user_contacts_key_user_id on guildhall.user_contacts (guild_id, user_id) where deleted_at is null;
create unique index user_contacts_key_email on guildhall.user_contacts (guild_id, lower(email)) where deleted_at is null;

create table guildhall.locations (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  code text not null,
  name text not null,
  timezone text not null default 'UTC',
  address jsonb not null default '{}',
  primary key (guild_id, id)
);
create unique index locations_key_code on guildhall.locations (guild_id, lower(code)) where deleted_at is null;

create table guildhall.user_locations (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  user_id uuid not null,
  location_id uuid not null,
  primary key (guild_id, id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id),
  foreign key (guild_id, location_id) references guildhall.locations (guild_id, id)
);
create unique index user_locations_key_user_id_location_id
  on guildhall.user_locations (guild_id, user_id, location_id) where deleted_at is null;
