-- $1 guild, $2 device, $3 author; the rest are columns of the same length.
insert into guildhall.wal_entries (
  id, guild_id, device_id, device_seq, group_id, operation_type, target_table, target_id,
  before_state, after_state, dirty_fields, base_rev, row_rev, row_ord, change_reason,
  sha_before, sha_after, status, verdict, actor, created_by, undo_of, settles, authored_at
)
select id, $1, $2, device_seq, group_id, operation_type, target_table, target_id,
       before_state::jsonb, after_state::jsonb, string_to_array(dirty_fields, ','),
       base_rev, row_rev, row_ord, change_reason, sha_before, sha_after, status, verdict::jsonb,
       current_setting('guildhall.actor'), $3, undo_of, settles, authored_at::timestamptz
  from unnest(
    $4::uuid[], $5::bigint[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::text[],
    $12::text[], $13::bigint[], $14::bigint[], $15::int[], $16::text[], $17::text[], $18::text[],
    $19::text[], $20::text[], $21::uuid[], $22::uuid[], $23::text[]
  ) as line (
    id, device_seq, group_id, operation_type, target_table, target_id, before_state, after_state,
    dirty_fields, base_rev, row_rev, row_ord, change_reason, sha_before, sha_after,
    status, verdict, undo_of, settles, authored_at
  )
