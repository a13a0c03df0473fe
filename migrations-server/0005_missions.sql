-- Missions: objectives, and what each clearance may read of them.

create table guildhall.objectives (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  name text not null,
  preferences text[] not null default '{}',
  priority text not null default 'medium' check (priority in ('critical', 'high', 'medium', 'low')),
  -- The lowest rank that may read it.
  rank_id uuid not null,
  progress bigint not null default 0,
  progress_mode text not null default 'manual' check (progress_mode in ('manual', 'from_tasks', 'from_metrics')),
  status text not null default 'active' check (status in ('active', 'completed', 'cancelled', 'on_hold')),
  lead_id uuid,
  squad_id uuid,
  sort_key text not null default '',
  scope_key text not null generated always as ('rank:' || rank_id) stored,
  primary key (guild_id, id),
  unique (guild_id, id, scope_key),
  foreign key (guild_id, rank_id) references guildhall.ranks (guild_id, id),
  foreign key (guild_id, lead_id) references guildhall.users (guild_id, id),
  foreign key (guild_id, squad_id) references guildhall.squads (guild_id, id)
);

create table guildhall.objective_sections (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  objective_id uuid not null,
  section text not null check (section in ('brief', 'tactical', 'classified')),
  body_md text not null default '',
  -- Follows the objective, as the versions of a page follow the page.
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, objective_id, scope_key)
    references guildhall.objectives (guild_id, id, scope_key) on update cascade
);
create unique index objective_sections_key_objective_id_section
  on guildhall.objective_sections (guild_id, objective_id, section) where deleted_at is null;
create index objective_sections_objective_id on guildhall.objective_sections (guild_id, objective_id);
