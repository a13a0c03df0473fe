-- Versions of pages and knowledge items: what people see as v8. Whoever writes, a change of what
-- is read raises the number and keeps what was written. Settings say more about the change:
-- guildhall.change_kind, guildhall.change_reason, and guildhall.change_parents (numbers parted by
-- commas) for a merge.

create function guildhall.change_kind() returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    nullif(current_setting('guildhall.change_kind', true), ''),
    case when nullif(current_setting('guildhall.user', true), '') is null then 'system' else 'human' end
  );
end
$$;

-- An import may bring a number along; a later version never goes back.
create function guildhall.number_sop() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    new.version := greatest(new.version, 1);
    new.sha256 := encode(sha256(convert_to(new.content, 'UTF8')), 'hex');
  elsif (new.title, new.content) is distinct from (old.title, old.content) then
    new.version := old.version + 1;
    new.sha256 := encode(sha256(convert_to(new.content, 'UTF8')), 'hex');
  else
    new.version := old.version;
    new.sha256 := old.sha256;
  end if;
  return new;
end
$$;

create function guildhall.keep_sop() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' or new.version <> old.version then
    insert into guildhall.sop_versions (
      id, guild_id, sop_id, version, title, content, sha256, changed_kind, changed_by, change_reason, parents
    ) values (
      gen_random_uuid(), new.guild_id, new.id, new.version, new.title, new.content, new.sha256,
      guildhall.change_kind(), new.updated_by, nullif(current_setting('guildhall.change_reason', true), ''),
      coalesce(string_to_array(nullif(current_setting('guildhall.change_parents', true), ''), ','), '{}')
    );
  end if;
  return null;
end
$$;

create trigger number_version before insert or update on guildhall.sops
  for each row execute function guildhall.number_sop();
create trigger keep_version after insert or update on guildhall.sops
  for each row execute function guildhall.keep_sop();
alter table guildhall.sops enable always trigger number_version;
alter table guildhall.sops enable always trigger keep_version;

create function guildhall.number_knowledge() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    new.version := greatest(new.version, 1);
    new.sha256 := encode(sha256(convert_to(new.answer_md, 'UTF8')), 'hex');
  elsif (new.title, new.question, new.answer_md) is distinct from (old.title, old.question, old.answer_md) then
    new.version := old.version + 1;
    new.sha256 := encode(sha256(convert_to(new.answer_md, 'UTF8')), 'hex');
  else
    new.version := old.version;
    new.sha256 := old.sha256;
  end if;
  return new;
end
$$;

create function guildhall.keep_knowledge() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' or new.version <> old.version then
    insert into guildhall.knowledge_versions (
      id, guild_id, item_id, version, snapshot, sha256, changed_kind, changed_by, change_reason
    ) values (
      gen_random_uuid(), new.guild_id, new.id, new.version,
      jsonb_build_object('title', new.title, 'question', new.question, 'answer_md', new.answer_md), new.sha256,
      guildhall.change_kind(), new.updated_by, nullif(current_setting('guildhall.change_reason', true), '')
    );
  end if;
  return null;
end
$$;

create trigger number_version before insert or update on guildhall.knowledge_items
  for each row execute function guildhall.number_knowledge();
create trigger keep_version after insert or update on guildhall.knowledge_items
  for each row execute function guildhall.keep_knowledge();
alter table guildhall.knowledge_items enable always trigger number_version;
alter table guildhall.knowledge_items enable always trigger keep_version;
