-- Strategy: what managers know of others.

create table guildhall.competitors (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  category text not null default 'direct' check (category in ('direct', 'indirect', 'potential')),
  pricing jsonb not null default '{}',
  locations jsonb not null default '{}',
  services text[] not null default '{}',
  strengths text not null default '',
  weaknesses text not null default '',
  -- In per cent.
  market_share numeric(18, 2),
  primary key (guild_id, id)
);
create unique index competitors_key_name on guildhall.competitors (guild_id, lower(name)) where deleted_at is null;
