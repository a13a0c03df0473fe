-- What people changed at once and a person has to settle, and the history of every change.

create table guildhall.sync_conflicts (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  -- The line of history that could not be merged.
  entry_id uuid not null,
  -- The row that it is about, which is there: a trigger looks.
  target_table text not null,
  target_id uuid not null,
  kind text not null check (kind in ('field', 'text', 'delete_vs_edit', 'duplicate', 'state')),
  units text[] not null default '{}',
  base jsonb not null default '{}',
  mine jsonb not null default '{}',
  -- What the server had, and what is live.
  theirs jsonb not null default '{}',
  author_id uuid,
  resolved_at timestamptz,
  resolved_by uuid,
  -- The scopes of the row that it is about. Triggers copy them, when the conflict is written
  -- and whenever the row moves; both hold the row's lock.
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, author_id) references guildhall.users (guild_id, id),
  foreign key (guild_id, resolved_by) references guildhall.users (guild_id, id)
);
create index sync_conflicts_target on guildhall.sync_conflicts (guild_id, target_id);

-- Not a synced table: asked for online, by whoever may read the row today.
create table guildhall.wal_entries (
  id uuid not null,
  guild_id uuid not null,
  -- None for what did not come from a device.
  device_id uuid,
  device_seq bigint,
  group_id uuid,
  operation_type text not null check (operation_type in ('insert', 'update', 'delete')),
  target_table text not null,
  target_id uuid not null,
  -- The touched columns by name, as they were and as they became.
  before_state jsonb,
  after_state jsonb,
  dirty_fields text[] not null default '{}',
  -- What the author saw.
  base_rev bigint,
  -- What came of it: the row's rev, and the place among several entries that made that rev.
  row_rev bigint,
  row_ord integer not null default 0,
  change_reason text,
  -- The row's hash, in hexadecimal.
  sha_before text,
  sha_after text,
  status text not null default 'committed' check (status in ('pending', 'committed', 'rolled_back')),
  verdict jsonb,
  -- Who or what wrote: sql:{role} where nobody said.
  actor text not null,
  created_by uuid,
  -- The entry that this one takes back.
  undo_of uuid,
  -- The conflict that this one settles.
  settles uuid,
  -- By the author's clock; shown, never used to decide.
  authored_at timestamptz not null default now(),
  committed_at timestamptz not null default now(),
  primary key (guild_id, id)
);
create index wal_entries_target on guildhall.wal_entries (guild_id, target_id, row_rev, row_ord);
