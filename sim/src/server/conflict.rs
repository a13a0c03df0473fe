//! Both sides of what could not be merged, kept as a row that is synced like any other.

use super::decide::{Author, Wish, table};
use super::push::rejected;
use super::{By, Guild, Key, Row};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{ConflictId, EntryId};
use guildhall_sync::merge::UnitConflict;
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::{ConflictKind, SyncConflict};
use guildhall_sync::schema::{Row as _, Table, common};
use guildhall_sync::value::json::{from_json, to_json};
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;

/// A conflict in memory.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: Uuid,
    pub entry: EntryId,
    pub table: &'static Table,
    pub row: Uuid,
    pub kind: ConflictKind,
    pub units: BTreeSet<String>,
    pub base: Cells,
    pub mine: Cells,
    pub theirs: Cells,
    pub author: Option<Uuid>,
    pub is_resolved: bool,
}

impl Kept {
    /// The row that exists only here.
    pub fn draft(&self) -> Option<Uuid> {
        self.mine.value(common::ID).as_id()
    }

    fn read(row: &Row) -> Self {
        let table = find_table(&row.text("target_table")).expect("conflicts are about tables");
        let side = |name: &str| {
            let object = serde_json::from_str(&row.text(name)).expect("sides are objects");
            from_json(table, &object).expect("sides are cells")
        };
        let units = row.table.value(&row.cells, "units");
        Self {
            id: row.id(),
            entry: EntryId(row.link("entry_id").expect("a conflict has an entry")),
            table,
            row: row.link("target_id").expect("a conflict is about a row"),
            kind: ConflictKind::from_word(&row.text("kind")).expect("a word of the column"),
            units: units.as_set().cloned().unwrap_or_default(),
            base: side("base"),
            mine: side("mine"),
            theirs: side("theirs"),
            author: row.link("author_id"),
            is_resolved: row.number("resolved_at").is_some(),
        }
    }
}

impl Guild {
    pub fn conflicts(&self) -> impl Iterator<Item = Kept> {
        self.rows_of("sync_conflicts").filter(|row| !row.is_deleted()).map(|row| Kept::read(row))
    }

    /// The conflict that the entry names, if its author may settle it with this row.
    pub fn find_settled(&self, author: &Author, wish: &Wish) -> Result<Option<Uuid>, Verdict> {
        let Some(ConflictId(id)) = wish.entry.settles else { return Ok(None) };
        let Some(kept) = self.conflicts().find(|kept| kept.id == id) else {
            if wish.lost_place().is_some() {
                // The conflict was lost with what it was about.
                return Ok(None);
            }
            return Err(rejected(RejectCode::NotFound, "the conflict that it settles is not there", true));
        };
        let is_about = (kept.table.number, kept.row) == wish.key() || kept.draft() == Some(wish.entry.row);
        let may = kept.author == Some(author.user) || author.principal.role.leads();
        match (is_about, may) {
            (false, _) => Err(rejected(RejectCode::Invalid, "the conflict is about something else", false)),
            (_, false) => {
                Err(rejected(RejectCode::Forbidden, "it is settled by its author, or by leaders", false))
            }
            (true, true) => Ok(Some(id)),
        }
    }

    pub fn resolve(&mut self, id: Uuid, by: By) {
        let Some(row) = self.find("sync_conflicts", id).filter(|row| row.number("resolved_at").is_none())
        else {
            return;
        };
        let (table, mut cells) = (row.table, row.cells.clone());
        let number = |name: &str| table.column(name).expect("conflicts have it").number;
        cells.set(number("resolved_at"), Value::Int(by.now));
        cells.set(number("resolved_by"), by.user.map_or(Value::Null, Value::Id));
        self.put(table, cells, By { entry: None, ..by });
    }

    pub fn find_draft(&self, author: &Author, wish: &Wish) -> Option<Kept> {
        self.conflicts().find(|kept| {
            kept.draft() == Some(wish.entry.row)
                && kept.table.number == wish.table.number
                && kept.author == Some(author.user)
                && !kept.is_resolved
        })
    }

    /// Keeps both sides. The author's open conflict over the same columns goes on.
    pub fn keep(&mut self, author: &Author, wish: &Wish, units: Vec<UnitConflict>) -> Verdict {
        let mut kept = Kept {
            id: self.random.id(),
            entry: wish.entry.id,
            table: wish.table,
            row: wish.entry.row,
            kind: ConflictKind::Field,
            units: BTreeSet::new(),
            base: Cells::default(),
            mine: Cells::default(),
            theirs: Cells::default(),
            author: Some(author.user),
            is_resolved: false,
        };
        for unit in units {
            kept.units.extend(unit.columns.iter().map(|name| (*name).to_owned()));
            kept.kind = unit.kind;
            overlay(&mut kept.base, &unit.base);
            overlay(&mut kept.mine, &unit.mine);
            overlay(&mut kept.theirs, &unit.theirs);
        }
        let open = self.conflicts().find(|open| {
            let is_same = open.table.number == kept.table.number && open.row == kept.row;
            let is_own = open.author == kept.author && !open.is_resolved && open.draft().is_none();
            is_same && is_own && !open.units.is_disjoint(&kept.units)
        });
        if let Some(mut open) = open {
            overlay(&mut open.mine, &kept.mine);
            overlay(&mut open.theirs, &kept.theirs);
            overlay(&mut kept.base, &open.base);
            open.units.extend(kept.units);
            kept = Kept { base: kept.base, entry: kept.entry, kind: kept.kind, ..open };
        }
        self.store(kept, author.by)
    }

    /// A row that cannot be made because another one has its name: kept as a draft.
    pub fn keep_draft(
        &mut self,
        author: &Author,
        wish: &Wish,
        mut mine: Cells,
        columns: &[&str],
        other: Key,
    ) -> Result<Verdict, Verdict> {
        if !self.may_see(author, other) {
            return Err(rejected(
                RejectCode::Invalid,
                format!("something else has this {}", columns.join(" and ")),
                true,
            ));
        }
        for number in [common::GUILD_ID, common::REV, common::CREATED_BY] {
            mine.remove(number);
        }
        let theirs = self.row(other).map(|row| row.cells.clone()).unwrap_or_default();
        let columns_of = |cells: &Cells| {
            let numbers = cells.iter().map(|(number, _)| number).filter(|number| *number != common::ID);
            numbers.filter_map(|number| table(other).column_by_number(number)).collect::<Vec<_>>()
        };
        let theirs = columns_of(&mine)
            .into_iter()
            .map(|column| (column.number, column.value_in(&theirs).into_owned()));
        let kept = Kept {
            id: self.random.id(),
            entry: wish.entry.id,
            table: wish.table,
            row: other.1,
            kind: ConflictKind::Duplicate,
            units: columns.iter().map(|name| (*name).to_owned()).collect(),
            base: Cells::default(),
            theirs: theirs.collect(),
            mine,
            author: Some(author.user),
            is_resolved: false,
        };
        Ok(self.store(kept, author.by))
    }

    pub fn store(&mut self, kept: Kept, by: By) -> Verdict {
        let table = SyncConflict::TABLE;
        let old: Option<Rc<Row>> = self.find(table.name, kept.id).cloned();
        let mut cells = old.map(|row| row.cells.clone()).unwrap_or_default();
        let object =
            |side: &Cells| Value::Json(serde_json::Value::Object(to_json(kept.table, side)).to_string());
        let columns = [
            ("id", Value::Id(kept.id)),
            ("entry_id", Value::Id(kept.entry.0)),
            ("target_table", Value::text(kept.table.name)),
            ("target_id", Value::Id(kept.row)),
            ("kind", Value::text(kept.kind.word())),
            ("units", Value::Set(kept.units.clone())),
            ("base", object(&kept.base)),
            ("mine", object(&kept.mine)),
            ("theirs", object(&kept.theirs)),
            ("author_id", kept.author.map_or(Value::Null, Value::Id)),
        ];
        for (name, value) in columns {
            cells.set(table.column(name).expect("conflicts have it").number, value);
        }
        self.put(table, cells, By { entry: None, ..by });
        let rev = self.rev((kept.table.number, kept.row));
        let units = kept.units.into_iter().collect();
        Verdict::Conflict { rev, ord: 0, conflict: ConflictId(kept.id), units }
    }
}

fn overlay(below: &mut Cells, above: &Cells) {
    above.iter().for_each(|(number, value)| below.set(number, value.clone()));
}
