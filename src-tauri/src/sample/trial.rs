//! The sample guild as one of its people would hold it after a first download: rows with all that
//! the server adds to them, in the scopes that the person is granted, and in the frames in which a
//! server would send them. There is no server; the frames go straight into the inbox.

use super::{Rows, SampleError, grants, id_of, rows};
use guildhall_sync::id::{GuildId, UserId};
use guildhall_sync::model::fill_position;
use guildhall_sync::model::knowledge::{ChangedKind, KnowledgeItem, KnowledgeVersion, Sop, SopVersion};
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{Cursor, Frame, MAX_CHUNK_ROWS, PulledRow};
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::scope::scopes_of_row;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cell, Cells, Value};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who somebody is who looks around: at the desk, so that what the desk may not read is not there.
const PERSON: &str = "ana";

/// The person in whose place somebody looks around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

pub fn person(guild: GuildId) -> Result<Person, SampleError> {
    let id = UserId(id_of(guild, "users", PERSON));
    Ok(Person { id, name: super::name_of("users", PERSON)?, role: Role::Operator })
}

/// The whole answer to a first pull of the person.
pub fn frames(guild: GuildId, person: UserId, now: Timestamp) -> Result<Vec<Frame>, SampleError> {
    let rows = as_stored(rows(guild, now)?);
    let scopes: Vec<String> = grants::of(&rows, person).into_iter().collect();
    let mut pulled = pulled(&rows, &scopes);
    pulled.sort_by_key(|(key, _)| *key);
    let pulled: Vec<PulledRow> = pulled.into_iter().map(|(_, row)| row).collect();
    let cursor = || Cursor("sample".to_owned());
    let mut frames = vec![
        Frame::Grants { epoch: guild.0, scopes: scopes.clone() },
        Frame::Begin { epoch: guild.0, hi: 1, scopes: scopes.clone(), rows: 0 },
        Frame::Checkpoint { cursor: cursor() },
        Frame::FillBegin { scopes, since: cursor(), rows: pulled.len() as u64 },
    ];
    frames.extend(pulled.chunks(MAX_CHUNK_ROWS).map(|rows| Frame::Rows(rows.to_vec())));
    frames.push(Frame::FillEnd);
    Ok(frames)
}

/// The place in the order of a download, then the id.
type Place = (Option<usize>, Uuid);

fn pulled(rows: &Rows, scopes: &[String]) -> Vec<(Place, PulledRow)> {
    let places: BTreeMap<&str, u16> = scopes.iter().map(String::as_str).zip(0..).collect();
    let mut pulled = Vec::new();
    for (table, rows) in rows {
        for cells in rows {
            let named = scopes_of_row(table, cells);
            let named: Vec<u16> =
                named.iter().filter_map(|name| places.get(name.as_str()).copied()).collect();
            if named.is_empty() {
                continue;
            }
            let version = cells.value(common::REV).as_int().unwrap_or(1);
            let bytes = cells.encode(table);
            let row =
                PulledRow { table: table.number, version, hash: hash(&bytes), scopes: named, cells: bytes };
            pulled.push(((fill_position(table.number), id(cells)), row));
        }
    }
    pulled
}

/// Rows as the server would have them: with numbers of versions, the versions themselves, and the
/// scopes of their parents.
fn as_stored(mut rows: Rows) -> Rows {
    let mut versions = Vec::new();
    for (table, rows) in &mut rows {
        for cells in rows.iter_mut() {
            versions.extend(with_version(table, cells));
        }
    }
    for (table, version) in versions {
        match rows.iter_mut().find(|(other, _)| other.number == table.number) {
            Some((_, rows)) => rows.push(version),
            None => rows.push((table, vec![version])),
        }
    }
    let scopes = scopes_of_parents(&rows);
    for (table, rows) in &mut rows {
        let Some((parent, scope_key)) = parent_of(table) else { continue };
        for cells in rows {
            let key = cells.value(parent).as_id().and_then(|id| scopes.get(&id));
            cells.set(scope_key, Value::text(key.map_or("", String::as_str)));
        }
    }
    rows
}

/// Gives a page or a piece of knowledge its first version; what the server's triggers do.
fn with_version(table: &'static Table, cells: &mut Cells) -> Option<(&'static Table, Cells)> {
    let (text, kept) = match table.number {
        number if number == Sop::TABLE.number => ("content", SopVersion::TABLE),
        number if number == KnowledgeItem::TABLE.number => ("answer_md", KnowledgeVersion::TABLE),
        _ => return None,
    };
    let said = |name: &str| table.value(cells, name).as_text().map(str::to_owned);
    let sha256 = hex(&Sha256::digest(said(text).unwrap_or_default()));
    let mut version = Cells::default();
    let mut set = |name: &str, value: Value| version.set(column(kept, name), value);
    if kept.number == SopVersion::TABLE.number {
        set("sop_id", Value::Id(id(cells)));
        set("title", Value::text(said("title").unwrap_or_default()));
        set("content", Value::text(said(text).unwrap_or_default()));
    } else {
        let snapshot = json!({"title": said("title"), "question": said("question"), "answer_md": said(text)});
        set("item_id", Value::Id(id(cells)));
        set("snapshot", Value::Json(snapshot.to_string()));
    }
    set("version", Value::Int(1));
    set("sha256", Value::text(&sha256));
    set("changed_kind", ChangedKind::System.to_value());
    for number in [common::GUILD_ID, common::REV, common::CREATED_AT, common::UPDATED_AT] {
        version.set(number, cells.value(number).clone());
    }
    let guild = GuildId(cells.value(common::GUILD_ID).as_id().unwrap_or(Uuid::nil()));
    version.set(common::ID, Value::Id(id_of(guild, kept.name, &id(cells).to_string())));
    kept.fill_defaults(&mut version);
    cells.set(column(table, "version"), Value::Int(1));
    cells.set(column(table, "sha256"), Value::text(sha256));
    Some((kept, version))
}

/// The columns that lead to the parent and that carry its scopes. What answered a ticket names a
/// page, too, and goes with the ticket.
fn parent_of(table: &Table) -> Option<(u16, u16)> {
    let parents = ["ticket_id", "objective_id", "item_id", "sop_id"];
    let parent = parents.iter().find_map(|name| table.column(name))?;
    Some((parent.number, table.column("scope_key")?.number))
}

/// By the id of the row, parted by spaces.
fn scopes_of_parents(rows: &Rows) -> BTreeMap<Uuid, String> {
    let all = rows.iter().flat_map(|(table, rows)| rows.iter().map(move |cells| (table, cells)));
    all.map(|(table, cells)| {
        let names: Vec<String> = scopes_of_row(table, cells).into_iter().collect();
        (id(cells), names.join(" "))
    })
    .collect()
}

fn id(cells: &Cells) -> Uuid {
    cells.value(common::ID).as_id().expect("every row of the sample has an id")
}

fn column(table: &Table, name: &str) -> u16 {
    table.column(name).expect("the registry has this column").number
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
