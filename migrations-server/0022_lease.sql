-- How many hours a laptop shows what it holds without a contact with the server; the second for
-- what managers may read and for what is classified.
alter table guildhall.guilds
  add column lease_hours bigint not null default 720 check (lease_hours > 0),
  add column guarded_lease_hours bigint not null default 72 check (guarded_lease_hours > 0);
