-- An entry is stored once, with its verdict, when that is known: not as a claim before it, to be
-- written again. One index finds a device's numbers, for all its lives and for one.

delete from sync.inbox where verdict is null;
alter table sync.inbox alter column verdict set not null;
alter table sync.inbox drop constraint inbox_device_seq;
drop index sync.inbox_settled;
alter table sync.inbox add constraint inbox_device_seq unique (guild_id, device_id, device_seq, incarnation);
revoke update, delete on sync.inbox from guildhall_app;
