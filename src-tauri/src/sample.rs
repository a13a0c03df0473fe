//! The sample guild that the program carries: rows by table, ready to be inserted into a guild.
//! Ids follow from the guild and the row's name, so loading it twice gives the same rows.

use guildhall_sync::id::GuildId;
use guildhall_sync::model::TABLES;
use guildhall_sync::model::desk::{Assistant, PublicInfo};
use guildhall_sync::model::people::Guild;
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Type, Value, json};
use include_dir::{Dir, File, include_dir};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod grants;
mod pages;
pub mod trial;

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample");

/// What the sample guild is called.
pub const GUILD: &str = "Fairway Collective";

/// Of the sample's public answers, those that every guild begins with.
const FIRST_ANSWERS: usize = 4;

pub type Rows = Vec<(&'static Table, Vec<Cells>)>;

/// The whole sample guild, as the guild with this id, in an order in which it can be inserted.
pub fn rows(guild: GuildId, now: Timestamp) -> Result<Rows, SampleError> {
    let loader = Loader { guild, now };
    in_order_of_references().into_iter().map(|table| Ok((table, loader.cells_of(table)?))).collect()
}

/// Each table after those that it refers to. Where tables refer to each other the database waits
/// for the end of the transaction, so any of them may be first.
fn in_order_of_references() -> Vec<&'static Table> {
    let mut rest = TABLES.to_vec();
    let mut order: Vec<&'static Table> = Vec::new();
    while !rest.is_empty() {
        let is_placed = |name: &str| !rest.iter().any(|table| table.name == name);
        let is_ready = |table: &&Table| {
            table.own_columns().all(|column| match column.kind {
                Type::Id(name) => name == table.name || is_placed(name),
                _ => true,
            })
        };
        let at = rest.iter().position(is_ready).unwrap_or(0);
        order.push(rest.remove(at));
    }
    order
}

/// Why the sample that this program carries cannot be read.
#[derive(Debug)]
pub struct SampleError(String);

impl std::fmt::Display for SampleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "The sample guild of this program is broken: {}.", self.0)
    }
}

impl std::error::Error for SampleError {}

/// What every new guild starts with: the seven assistants, and public answers to be approved.
pub fn starter_rows(guild: GuildId, now: Timestamp) -> Result<Rows, SampleError> {
    let loader = Loader { guild, now };
    let mut drafts = loader.cells_of(PublicInfo::TABLE)?;
    drafts.truncate(FIRST_ANSWERS);
    let approval =
        ["approved_by", "approved_at"].into_iter().filter_map(|name| PublicInfo::TABLE.column(name));
    for column in approval {
        drafts.iter_mut().for_each(|cells| cells.set(column.number, Value::Null));
    }
    Ok(vec![(Assistant::TABLE, loader.cells_of(Assistant::TABLE)?), (PublicInfo::TABLE, drafts)])
}

/// The id that a row of the sample has in a guild.
pub fn id_of(guild: GuildId, table: &str, name: &str) -> Uuid {
    let digest =
        Sha256::new_with_prefix(guild.0.as_bytes()).chain_update(table).chain_update("/").chain_update(name);
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What a row of the sample is called.
pub fn name_of(table: &str, name: &str) -> Result<String, SampleError> {
    let found =
        objects(table)?.into_iter().find(|object| object.get("ref").is_some_and(|found| found == name));
    let missing = || SampleError(format!("there is no {table}/{name}"));
    found.and_then(|object| object.get("name")?.as_str().map(str::to_owned)).ok_or_else(missing)
}

struct Loader {
    guild: GuildId,
    now: Timestamp,
}

impl Loader {
    fn cells_of(&self, table: &'static Table) -> Result<Vec<Cells>, SampleError> {
        let objects = if table.name == "sops" { pages::objects(&SAMPLE)? } else { objects(table.name)? };
        objects.into_iter().map(|object| self.cells(table, object)).collect()
    }

    /// One object of the sample as a row: references become ids, what is not said its default.
    fn cells(&self, table: &'static Table, mut object: Map<String, Json>) -> Result<Cells, SampleError> {
        let Some(Json::String(name)) = object.remove("ref") else {
            return Err(SampleError(format!("a row of {} has no ref", table.name)));
        };
        let broken = |what: String| SampleError(format!("{}/{name}: {what}", table.name));
        for column in table.own_columns() {
            if let (Type::Id(_), Some(value)) = (column.kind, object.get_mut(column.name)) {
                let reference = value.as_str().and_then(|text| text.split_once('/'));
                let (to, name) =
                    reference.ok_or_else(|| broken(format!("{} is no reference", column.name)))?;
                *value = Json::String(id_of(self.guild, to, name).to_string());
            }
        }
        let mut cells = json::from_json(table, &object).map_err(|error| broken(error.to_string()))?;
        let id =
            if table.name == Guild::TABLE.name { self.guild.0 } else { id_of(self.guild, table.name, &name) };
        cells.set(common::ID, Value::Id(id));
        cells.set(common::GUILD_ID, Value::Id(self.guild.0));
        cells.set(common::REV, Value::Int(1));
        cells.set(common::CREATED_AT, Value::Int(self.now.0));
        cells.set(common::UPDATED_AT, Value::Int(self.now.0));
        table.fill_defaults(&mut cells);
        Ok(cells)
    }
}

/// The objects of `<table>.json`, or of all files in the folder `<table>`; none where neither is.
fn objects(table: &str) -> Result<Vec<Map<String, Json>>, SampleError> {
    let mut files: Vec<&File<'_>> = SAMPLE.get_file(format!("{table}.json")).into_iter().collect();
    if let Some(folder) = SAMPLE.get_dir(table) {
        files.extend(folder.files());
    }
    let mut objects = Vec::new();
    for file in files {
        let broken = |error| SampleError(format!("{}: {error}", file.path().display()));
        let read: Vec<Map<String, Json>> = serde_json::from_slice(file.contents()).map_err(broken)?;
        objects.extend(read);
    }
    Ok(objects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reference_names_a_row_of_the_sample() {
        let guild = GuildId(Uuid::from_u128(7));
        let rows = rows(guild, Timestamp(0)).expect("the sample can be read");
        let ids: BTreeSet<Uuid> = rows.iter().flat_map(|(_, rows)| rows).map(id).collect();
        for (table, rows) in &rows {
            for cells in rows {
                for column in table.own_columns().filter(|column| matches!(column.kind, Type::Id(_))) {
                    let named = cells.value(column.number).as_id();
                    assert!(named.is_none_or(|id| ids.contains(&id)), "{}.{}", table.name, column.name);
                }
            }
        }
    }

    #[test]
    fn it_has_what_a_club_needs() {
        let rows = rows(GuildId(Uuid::from_u128(7)), Timestamp(0)).expect("the sample can be read");
        let count =
            |name: &str| rows.iter().find(|(table, _)| table.name == name).map_or(0, |(_, rows)| rows.len());
        assert_eq!(count("assistants"), 7);
        assert!(count("locations") >= 2 && count("squads") >= 2 && count("ranks") >= 3);
        assert!(count("sops") >= 40, "{} SOPs", count("sops"));
        assert!(count("knowledge_items") >= 120, "{} questions", count("knowledge_items"));
        assert!(count("objective_sections") >= 9 && count("tickets") >= 10 && count("competitors") >= 4);
        assert!(count("ticket_messages") >= 60 && count("ticket_resolutions") >= 20);
    }

    fn id(cells: &Cells) -> Uuid {
        cells.value(common::ID).as_id().expect("every row has an id")
    }
}
