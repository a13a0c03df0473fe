//! What follows from a refusal: what depends on a refused entry goes with it, as one item of
//! quarantine, and the rows show the server's state again. What was typed stays.

use super::{refresh, unheard};
use crate::entries;
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::write::Touched;
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{EntryId, GroupId};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// What is needed of an entry to see what it hangs on.
struct Link {
    id: EntryId,
    group: GroupId,
    depends_on: Vec<EntryId>,
    undecided: bool,
}

/// `refused` were just refused by the server, in the order of their numbers.
pub fn follow(connection: &Connection, refused: &[EntryId], now: Timestamp) -> Result<Vec<Touched>> {
    if refused.is_empty() {
        return Ok(Vec::new());
    }
    let roots = find_roots(connection, refused)?;
    let mut gone: Vec<EntryId> = roots.keys().copied().collect();
    gone.sort();
    let keeps = fault::has(Bug::DependentsKept);
    for (entry, root) in roots.iter().filter(|(entry, _)| !keeps || refused.contains(entry)) {
        let update = "update wal_entries set refused_with = ? where id = ?";
        connection.prepare_cached(update)?.execute([root.0, entry.0])?;
        if !refused.contains(entry) {
            refuse_dependent(connection, *entry, now)?;
        }
    }
    if fault::has(Bug::RefusedStaysShown) {
        return Ok(Vec::new());
    }
    refresh(connection, &gone)
}

/// For each entry that goes, the first one at whose refusal it goes.
fn find_roots(connection: &Connection, refused: &[EntryId]) -> Result<HashMap<EntryId, EntryId>> {
    let links = list_links(connection, refused)?;
    let mut roots: HashMap<EntryId, EntryId> = HashMap::new();
    let mut groups: HashMap<GroupId, EntryId> = HashMap::new();
    for id in refused {
        if is_cause(connection, *id)? {
            roots.insert(*id, *id);
            groups.extend(links.iter().find(|link| link.id == *id).map(|link| (link.group, *id)));
        }
    }
    loop {
        let before = roots.len();
        for link in links.iter().filter(|link| link.undecided || refused.contains(&link.id)) {
            let by_entry = link.depends_on.iter().find_map(|parent| roots.get(parent).copied());
            let root = groups.get(&link.group).copied().or(by_entry);
            if let (Some(root), false) = (root, roots.contains_key(&link.id)) {
                roots.insert(link.id, root);
                groups.entry(link.group).or_insert(root);
            }
        }
        if roots.len() == before {
            break;
        }
    }
    for id in refused {
        roots.entry(*id).or_insert(*id);
    }
    Ok(roots)
}

/// Whether the entry was refused for itself, not for what it hangs on.
fn is_cause(connection: &Connection, id: EntryId) -> Result<bool> {
    let verdict = entries::find(connection, id)?.and_then(|line| line.verdict);
    let follows = matches!(
        verdict,
        Some(Verdict::Rejected { code: RejectCode::DependsOnRefused | RejectCode::GroupRefused, .. })
    );
    Ok(!follows)
}

fn list_links(connection: &Connection, refused: &[EntryId]) -> Result<Vec<Link>> {
    let mut select = connection.prepare_cached(
        "select id, group_id, depends_on, settled_at is null and decided_at is null as undecided
         from wal_entries where settled_at is null or state = 'rejected' order by device_seq",
    )?;
    let mut rows = select.query([])?;
    let mut links = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, undecided) = (EntryId(row.get("id")?), row.get("undecided")?);
        if undecided || refused.contains(&id) {
            let depends_on = entries::parse(&row.get::<_, String>("depends_on")?)?;
            links.push(Link { id, group: GroupId(row.get("group_id")?), depends_on, undecided });
        }
    }
    Ok(links)
}

fn refuse_dependent(connection: &Connection, id: EntryId, now: Timestamp) -> Result<()> {
    unheard::note(connection, id)?;
    let verdict = Verdict::Rejected {
        code: RejectCode::DependsOnRefused,
        reason: "what it depends on was refused".to_owned(),
        fixable: true,
    };
    let mut update = connection.prepare_cached(
        "update wal_entries set state = 'rejected', status = 'rolled_back', verdict = ?, decided_at = ?,
         settled_at = ?, retry_at = null where id = ?",
    )?;
    update.execute(params![entries::print(&verdict), now.0, now.0, id.0])?;
    Ok(())
}
