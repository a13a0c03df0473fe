insert into guildhall.wal_entries (
  id, guild_id, device_id, device_seq, group_id, operation_type, target_table, target_id,
  before_state, after_state, dirty_fields, base_rev, row_rev, row_ord, change_reason,
  sha_before, sha_after, status, verdict, actor, created_by, undo_of, settles, authored_at
)
select id, guild_id, device_id, device_seq, group_id, operation_type, target_table, target_id,
       before_state, after_state, dirty_fields, base_rev, row_rev, row_ord, change_reason,
       sha_before, sha_after, status, verdict, current_setting('guildhall.actor'), created_by,
       undo_of, settles, authored_at
  from jsonb_populate_recordset(null::guildhall.wal_entries, $1::jsonb)
