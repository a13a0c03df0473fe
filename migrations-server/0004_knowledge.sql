-- What the guild knows. Who may read a version is said by its page: the page's scopes stand in a
-- generated column, the version carries a copy, and the foreign key between the two moves the
-- copy whenever the page moves. A trigger fills the copy when the version is written.

create table guildhall.sops (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  assistant_id uuid not null,
  -- The folder it lies in, parted by '/', and its name in it.
  category text not null default '',
  section text not null,
  title text not null,
  content text not null default '',
  front_matter text not null default '',
  status text not null default 'published' check (status in ('draft', 'published')),
  sensitivity text not null default 'internal' check (sensitivity in ('public', 'internal', 'private', 'confidential')),
  is_pinned boolean not null default false,
  verified_by uuid,
  verified_at timestamptz,
  review_due_at date,
  location_id uuid,
  -- Both are set by a trigger when title or content changes.
  version bigint not null default 0,
  sha256 text not null default '',
  scope_key text not null generated always as (
    'assistant:' || assistant_id
    || case when status = 'published' and sensitivity = 'public' then ' public' else '' end
  ) stored,
  primary key (guild_id, id),
  unique (guild_id, id, scope_key),
  foreign key (guild_id, assistant_id) references guildhall.assistants (guild_id, id),
  foreign key (guild_id, verified_by) references guildhall.users (guild_id, id),
  foreign key (guild_id, location_id) references guildhall.locations (guild_id, id),
  check (octet_length(front_matter) + octet_length(content) <= 512 * 1024)
);
create unique index sops_key_category_section on guildhall.sops (guild_id, category, section) where deleted_at is null;

create table guildhall.sop_versions (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  sop_id uuid not null,
  version bigint not null,
  title text not null,
  content text not null default '',
  sha256 text not null default '',
  changed_kind text not null default 'human' check (changed_kind in ('human', 'system', 'claude', 'import', 'merge', 'rollback')),
  -- None for the system.
  changed_by uuid,
  change_reason text,
  -- For a merge: the numbers of the versions that went into it.
  parents text[] not null default '{}',
  -- A job keeps the latest ones on devices.
  on_devices boolean not null default true,
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, sop_id, scope_key) references guildhall.sops (guild_id, id, scope_key) on update cascade,
  foreign key (guild_id, changed_by) references guildhall.users (guild_id, id)
);
create unique index sop_versions_key_sop_id_version
  on guildhall.sop_versions (guild_id, sop_id, version) where deleted_at is null;
-- For the foreign key: the index above leaves out what was deleted.
create index sop_versions_sop_id on guildhall.sop_versions (guild_id, sop_id);

create table guildhall.sop_reads (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  user_id uuid not null,
  sop_id uuid not null,
  -- The highest version that was read.
  version bigint not null default 0,
  -- By the reader's clock.
  read_at timestamptz not null,
  primary key (guild_id, id),
  foreign key (guild_id, user_id) references guildhall.users (guild_id, id),
  foreign key (guild_id, sop_id) references guildhall.sops (guild_id, id)
);
create unique index sop_reads_key_user_id_sop_id
  on guildhall.sop_reads (guild_id, user_id, sop_id) where deleted_at is null;

create table guildhall.knowledge_items (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  kind text not null check (kind in ('qa', 'article', 'coaching')),
  assistant_id uuid not null,
  category text not null,
  subcategory text,
  topic text not null default '',
  title text,
  question text,
  answer_md text not null default '',
  content_type text,
  source text not null default 'manual' check (source in ('sop', 'manual', 'learned', 'claude', 'import')),
  tags text[] not null default '{}',
  search_keywords text[] not null default '{}',
  location_id uuid,
  metadata jsonb not null default '{}',
  requires_human_review boolean not null default false,
  sensitivity text not null default 'internal' check (sensitivity in ('public', 'internal', 'private', 'confidential')),
  status text not null default 'published' check (status in ('draft', 'published')),
  verified_by uuid,
  verified_at timestamptz,
  review_due_at date,
  -- Both are set by a trigger when title, question or answer changes.
  version bigint not null default 0,
  sha256 text not null default '',
  scope_key text not null generated always as (
    'assistant:' || assistant_id
    || case when status = 'published' and sensitivity = 'public' then ' public' else '' end
  ) stored,
  primary key (guild_id, id),
  unique (guild_id, id, scope_key),
  foreign key (guild_id, assistant_id) references guildhall.assistants (guild_id, id),
  foreign key (guild_id, location_id) references guildhall.locations (guild_id, id),
  foreign key (guild_id, verified_by) references guildhall.users (guild_id, id),
  check (octet_length(answer_md) <= 512 * 1024)
);
-- Questions and headings may be longer than an index entry can be.
create unique index knowledge_items_key_kind_category_topic_question_title
  on guildhall.knowledge_items (guild_id, kind, category, topic, md5(question), md5(title))
  nulls not distinct where deleted_at is null;

create table guildhall.knowledge_versions (
  id uuid not null,
  guild_id uuid not null references guildhall.guilds (id),
  rev bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by uuid,
  updated_at timestamptz not null default now(),
  updated_by uuid,
  deleted_at timestamptz,
  item_id uuid not null,
  version bigint not null,
  -- Title, question and answer, as they stood.
  snapshot jsonb not null default '{}',
  sha256 text not null default '',
  changed_kind text not null default 'human' check (changed_kind in ('human', 'system', 'claude', 'import', 'merge', 'rollback')),
  changed_by uuid,
  change_reason text,
  on_devices boolean not null default true,
  scope_key text not null default '',
  primary key (guild_id, id),
  foreign key (guild_id, item_id, scope_key)
    references guildhall.knowledge_items (guild_id, id, scope_key) on update cascade,
  foreign key (guild_id, changed_by) references guildhall.users (guild_id, id)
);
create unique index knowledge_versions_key_item_id_version
  on guildhall.knowledge_versions (guild_id, item_id, version) where deleted_at is null;
create index knowledge_versions_item_id on guildhall.knowledge_versions (guild_id, item_id);
