-- What many changes at once cost: versions are kept by the statement and not by the row, and the
-- slot of the change log is worked out without a call.

-- A body without settings of its own becomes part of the statement that uses it.
create or replace function sync.log_slot(at timestamptz) returns smallint
language sql stable parallel safe
return (floor(extract(epoch from at) / 604800)::bigint % 8)::smallint;

create or replace function guildhall.keep_sop() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  reason text := nullif(current_setting('guildhall.change_reason', true), '');
  merged text[] := coalesce(string_to_array(nullif(current_setting('guildhall.change_parents', true), ''), ','), '{}');
begin
  if tg_op = 'INSERT' then
    insert into guildhall.sop_versions (
      id, guild_id, sop_id, version, title, content, sha256, changed_kind, changed_by, change_reason, parents
    )
    select gen_random_uuid(), b.guild_id, b.id, b.version, b.title, b.content, b.sha256, guildhall.change_kind(),
           b.updated_by, reason, merged
    from became b;
  else
    insert into guildhall.sop_versions (
      id, guild_id, sop_id, version, title, content, sha256, changed_kind, changed_by, change_reason, parents
    )
    select gen_random_uuid(), b.guild_id, b.id, b.version, b.title, b.content, b.sha256, guildhall.change_kind(),
           b.updated_by, reason, merged
    from became b join was w on w.guild_id = b.guild_id and w.id = b.id
    where b.version <> w.version;
  end if;
  return null;
end
$$;

create or replace function guildhall.keep_knowledge() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  reason text := nullif(current_setting('guildhall.change_reason', true), '');
begin
  if tg_op = 'INSERT' then
    insert into guildhall.knowledge_versions (
      id, guild_id, item_id, version, snapshot, sha256, changed_kind, changed_by, change_reason
    )
    select gen_random_uuid(), b.guild_id, b.id, b.version,
           jsonb_build_object('title', b.title, 'question', b.question, 'answer_md', b.answer_md), b.sha256,
           guildhall.change_kind(), b.updated_by, reason
    from became b;
  else
    insert into guildhall.knowledge_versions (
      id, guild_id, item_id, version, snapshot, sha256, changed_kind, changed_by, change_reason
    )
    select gen_random_uuid(), b.guild_id, b.id, b.version,
           jsonb_build_object('title', b.title, 'question', b.question, 'answer_md', b.answer_md), b.sha256,
           guildhall.change_kind(), b.updated_by, reason
    from became b join was w on w.guild_id = b.guild_id and w.id = b.id
    where b.version <> w.version;
  end if;
  return null;
end
$$;

drop trigger keep_version on guildhall.sops;
drop trigger keep_version on guildhall.knowledge_items;
create trigger keep_first_version after insert on guildhall.sops
  referencing new table as became for each statement execute function guildhall.keep_sop();
create trigger keep_version after update on guildhall.sops
  referencing old table as was new table as became for each statement execute function guildhall.keep_sop();
create trigger keep_first_version after insert on guildhall.knowledge_items
  referencing new table as became for each statement execute function guildhall.keep_knowledge();
create trigger keep_version after update on guildhall.knowledge_items
  referencing old table as was new table as became for each statement execute function guildhall.keep_knowledge();
alter table guildhall.sops enable always trigger keep_first_version;
alter table guildhall.sops enable always trigger keep_version;
alter table guildhall.knowledge_items enable always trigger keep_first_version;
alter table guildhall.knowledge_items enable always trigger keep_version;
