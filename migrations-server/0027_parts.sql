-- Groups that are too large for one push travel in parts. They wait here until the last one has come.

create table sync.parted (
  guild_id uuid not null,
  device_id uuid not null,
  group_id uuid not null,
  -- The history that the device knew when it sent them.
  epoch uuid,
  -- How many entries the group has, and how many of them, from the first on, are here.
  entries integer not null,
  kept integer not null default 0,
  bytes bigint not null default 0,
  touched_at timestamptz not null default now(),
  primary key (guild_id, device_id, group_id)
);

create table sync.part (
  guild_id uuid not null,
  device_id uuid not null,
  group_id uuid not null,
  -- The entry's place in the group, from 0.
  place integer not null,
  -- As it came: its hash is over these very bytes.
  entry text not null,
  content_hash text not null,
  -- Of an entry from before a restore: whether it is one, and its place in the lost history.
  is_reoffered boolean not null,
  lost_rev bigint,
  lost_ord bigint,
  primary key (guild_id, device_id, group_id, place),
  foreign key (guild_id, device_id, group_id) references sync.parted on delete cascade
);

-- Nothing here is a row of anybody yet: whoever pushes in the guild may keep and take it.
do $$
declare
  name text;
begin
  foreach name in array array['parted', 'part'] loop
    execute format('alter table sync.%I enable row level security', name);
    execute format('alter table sync.%I force row level security', name);
    execute format('create policy owner_all on sync.%I to guildhall_owner using (true) with check (true)', name);
    execute format('create policy own_guild on sync.%I to guildhall_app using (guild_id = (select private.guild()))', name);
    execute format('grant select, insert, update, delete on sync.%I to guildhall_app', name);
  end loop;
end
$$;
