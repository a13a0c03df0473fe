-- Full text: an index for each table, so that text of one clearance never lies in the index of another.
-- The indexes hold no text of their own: they read it from the table, by sync_row. Words of removed
-- rows lie in them until the index is merged, which a purge sees to; FTS5's secure-delete would
-- make every save six times as slow.

create virtual table fts_locations using fts5 (
    name,
    content = 'locations', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_users using fts5 (
    name, phonetic,
    content = 'users', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_public_info using fts5 (
    question, answer,
    content = 'public_info', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_tickets using fts5 (
    subject,
    content = 'tickets', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_sops using fts5 (
    title, content,
    content = 'sops', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_knowledge_items using fts5 (
    title, question, answer_md,
    content = 'knowledge_items', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_objectives using fts5 (
    name,
    content = 'objectives', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_objective_sections using fts5 (
    body_md,
    content = 'objective_sections', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

create virtual table fts_competitors using fts5 (
    name, strengths, weaknesses,
    content = 'competitors', content_rowid = 'sync_row', tokenize = 'porter unicode61 remove_diacritics 2'
);

