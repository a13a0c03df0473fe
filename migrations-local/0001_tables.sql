-- The synced tables. Columns are those of the registry, in its order: ids are 16-byte blobs, booleans,
-- numbers, times (microseconds) and dates (days) integers, sets sorted JSON arrays of text.
-- The mirror's own columns: sync_row ties a row to its full text and must survive a vacuum;
-- sync_hash is the server's hash of the row; sync_scopes are the names of the scopes by which this
-- device holds it, sorted, each between spaces; sync_dirty is 1 while it has entries that the server
-- has not settled; sync_aside holds the canonical bytes of columns newer than this program.
-- Neither unique keys nor foreign keys lie between these tables: rows arrive in any order, and two
-- devices may give one name twice before the server says so.

-- A guild: the tenant that everything else belongs to.
create table guilds (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    description text not null,
    locale text not null,
    timezone text not null,
    desk_edits text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index guilds_by_name on guilds (name);

-- A step on the guild's ladder.
create table ranks (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    phonetic text not null,
    hierarchy_level integer not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index ranks_by_name on ranks (name);
create index ranks_by_hierarchy_level on ranks (hierarchy_level);

-- A named set of things that people may do.
create table access_levels (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    user_actions text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index access_levels_by_name on access_levels (name);

-- An access level that a rank holds.
create table rank_access_levels (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    rank_id blob not null,
    access_level_id blob not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index rank_access_levels_by_rank_id on rank_access_levels (rank_id, access_level_id);

-- People who do missions together.
create table squads (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    squad_lead_id blob,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index squads_by_name on squads (name);

-- A person, as every member may see them.
create table users (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    phonetic text not null,
    role text not null,
    rank_id blob,
    squad_id blob,
    preferences text not null,
    is_active integer not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index users_by_name on users (name);
create index users_by_squad_id on users (squad_id);

-- How to reach a person: for managers and for that person alone.
create table user_contacts (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    user_id blob not null,
    email text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index user_contacts_by_user_id on user_contacts (user_id);
create index user_contacts_by_email on user_contacts (email);

-- A place where the guild works.
create table locations (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    code text not null,
    name text not null,
    timezone text not null,
    address text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index locations_by_code on locations (code);

-- Who works where.
create table user_locations (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    user_id blob not null,
    location_id blob not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index user_locations_by_user_id on user_locations (user_id, location_id);

-- Something that a customer waits for.
create table tickets (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    local_ref text not null,
    number integer,
    subject text not null,
    customer_label text not null,
    status text not null,
    priority text not null,
    assistant_id blob,
    location_id blob not null,
    assigned_to blob,
    opened_at integer not null,
    resolved_at integer,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index tickets_by_local_ref on tickets (local_ref);
create index tickets_by_status on tickets (status, opened_at);
create index tickets_by_location_id on tickets (location_id);

-- One of the voices that answer: what it knows, who may ask it, which words lead to it.
create table assistants (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    slug text not null,
    name text not null,
    purpose text not null,
    access_roles text not null,
    keywords text not null,
    is_public integer not null,
    priority integer not null,
    provider text,
    model text not null,
    temperature integer not null,
    max_tokens integer not null,
    provider_assistant_ref text,
    escalation_contact text,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index assistants_by_slug on assistants (slug);

-- A standard operating procedure: how this guild does one thing.
create table sops (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    assistant_id blob not null,
    category text not null,
    section text not null,
    title text not null,
    content text not null,
    front_matter text not null,
    status text not null,
    sensitivity text not null,
    is_pinned integer not null,
    verified_by blob,
    verified_at integer,
    review_due_at integer,
    location_id blob,
    version integer not null,
    sha256 text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index sops_by_category on sops (category, section);
create index sops_by_assistant_id on sops (assistant_id);

-- An answer that anybody may be given.
create table public_info (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    category text not null,
    question text not null,
    answer text not null,
    is_active integer not null,
    valid_from integer,
    valid_until integer,
    approved_by blob,
    approved_at integer,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index public_info_by_category on public_info (category, question);

-- Something that the guild wants to reach.
create table objectives (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    preferences text not null,
    priority text not null,
    rank_id blob not null,
    progress integer not null,
    progress_mode text not null,
    status text not null,
    lead_id blob,
    squad_id blob,
    sort_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index objectives_by_status on objectives (status, sort_key);

-- What one clearance may read of an objective.
create table objective_sections (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    objective_id blob not null,
    section text not null,
    body_md text not null,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index objective_sections_by_objective_id on objective_sections (objective_id, section);

-- A piece of knowledge smaller than an SOP.
create table knowledge_items (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    kind text not null,
    assistant_id blob not null,
    category text not null,
    subcategory text,
    topic text not null,
    title text,
    question text,
    answer_md text not null,
    content_type text,
    source text not null,
    tags text not null,
    search_keywords text not null,
    location_id blob,
    metadata text not null,
    requires_human_review integer not null,
    sensitivity text not null,
    status text not null,
    verified_by blob,
    verified_at integer,
    review_due_at integer,
    version integer not null,
    sha256 text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index knowledge_items_by_kind on knowledge_items (kind, category, topic);
create index knowledge_items_by_assistant_id on knowledge_items (assistant_id);

-- How far a person has read a page.
create table sop_reads (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    user_id blob not null,
    sop_id blob not null,
    version integer not null,
    read_at integer not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index sop_reads_by_user_id on sop_reads (user_id, sop_id);
create index sop_reads_by_sop_id on sop_reads (sop_id);

-- Two versions of something, both kept until a person settles it. The server's is live.
create table sync_conflicts (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    entry_id blob not null,
    target_table text not null,
    target_id blob not null,
    kind text not null,
    units text not null,
    base text not null,
    mine text not null,
    theirs text not null,
    author_id blob,
    resolved_at integer,
    resolved_by blob,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index sync_conflicts_by_target_id on sync_conflicts (target_id);

-- Somebody whom customers could go to instead.
create table competitors (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    name text not null,
    category text not null,
    pricing text not null,
    locations text not null,
    services text not null,
    strengths text not null,
    weaknesses text not null,
    market_share integer,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index competitors_by_name on competitors (name);

-- A version of an SOP, as it stood.
create table sop_versions (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    sop_id blob not null,
    version integer not null,
    title text not null,
    content text not null,
    sha256 text not null,
    changed_kind text not null,
    changed_by blob,
    change_reason text,
    parents text not null,
    on_devices integer not null,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index sop_versions_by_sop_id on sop_versions (sop_id, version);

-- A version of a knowledge item, as it stood.
create table knowledge_versions (
    sync_row integer primary key,
    id blob not null unique, guild_id blob not null, rev integer not null,
    created_at integer not null, created_by blob, updated_at integer not null, updated_by blob, deleted_at integer,
    item_id blob not null,
    version integer not null,
    snapshot text not null,
    sha256 text not null,
    changed_kind text not null,
    changed_by blob,
    change_reason text,
    on_devices integer not null,
    scope_key text not null,
    sync_hash blob, sync_scopes text not null default '', sync_dirty integer not null default 0, sync_aside blob
);
create index knowledge_versions_by_item_id on knowledge_versions (item_id, version);

