-- Secrets. Only guildhall_auth reads them, while somebody signs in, refreshes or is recognised.

create table private.user_credentials (
  guild_id uuid not null,
  user_id uuid not null,
  -- Argon2id, with its parameters before it.
  password_hash text not null,
  failed_attempts integer not null default 0,
  locked_until timestamptz,
  must_change boolean not null default false,
  changed_at timestamptz not null default now(),
  primary key (guild_id, user_id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id)
);

create table private.devices (
  guild_id uuid not null references guildhall.guilds (id),
  id uuid not null,
  -- One file of one person.
  user_id uuid not null,
  name text not null,
  platform text not null default '',
  app_version text not null default '',
  -- Changes when the file was restored or copied.
  incarnation uuid,
  last_seen_at timestamptz,
  last_device_seq bigint not null default 0,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (guild_id, id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id)
);
create index devices_user_id on private.devices (guild_id, user_id);

-- A person signed in on a device. Tokens stand here as SHA-256: a copy of this table opens nothing.
create table private.user_sessions (
  guild_id uuid not null references guildhall.guilds (id),
  id uuid not null,
  user_id uuid not null,
  device_id uuid not null,
  -- What all refresh tokens of the session have in common.
  family_hash bytea not null unique,
  -- The refresh tokens that are good for one more use.
  refresh_hashes bytea[] not null,
  -- An answer can be lost on the way, so the device may repeat its last refresh.
  spent_refresh_hash bytea,
  refresh_expires_at timestamptz not null,
  refreshed_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (guild_id, id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id),
  foreign key (guild_id, device_id) references private.devices (guild_id, id)
);
create index user_sessions_user_id on private.user_sessions (guild_id, user_id);
create index user_sessions_device_id on private.user_sessions (guild_id, device_id);

create table private.access_tokens (
  hash bytea primary key,
  guild_id uuid not null,
  session_id uuid not null,
  expires_at timestamptz not null,
  foreign key (guild_id, session_id) references private.user_sessions (guild_id, id) on delete cascade
);
create index access_tokens_session_id on private.access_tokens (guild_id, session_id);
