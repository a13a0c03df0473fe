//! What becomes of one entry, and its effect.

use super::push::{deferred, rejected};
use super::{By, Guild, Key, Row, table_of};
use crate::bugs::{self, ServerBug};
use crate::server::conflict::Kept;
use crate::server::restore::wait_for_base;
use guildhall_sync::change::{Entry, Operation, Place, RejectCode, SCHEMA, Verdict};
use guildhall_sync::id::UserId;
use guildhall_sync::merge::{Edit, RowMerge, UnitConflict, bring_back, is_same, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::permission::{Principal, Related, may_write, related_rows};
use guildhall_sync::schema::{Merge, Rows, Table, common};
use guildhall_sync::scope::scopes_of_row;
use guildhall_sync::upcast::upcast;
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, Type, Value};
use std::rc::Rc;
use uuid::Uuid;

/// Said of an entry whose own row is not there; there are other things that may be missing.
pub const ROW_MISSING: &str = "it is not there, or not for you";

/// Whoever sent the entry, with their rights as they are now.
pub struct Author {
    pub user: Uuid,
    pub principal: Principal,
    pub by: By,
}

/// An entry that was read.
#[derive(Clone)]
pub struct Wish<'a> {
    pub entry: &'a Entry,
    pub table: &'static Table,
    pub before: Cells,
    pub after: Cells,
    /// Of an entry from before a restore: its place in the lost history, where it had one.
    pub reoffered: Option<Option<Place>>,
    /// Of an edit that comes back: the row that it is made on, by the lost history.
    pub old: Option<Cells>,
}

type Answer = Result<Verdict, Verdict>;

impl Author {
    /// An entry may have changed the rights that the next one needs.
    pub fn refresh(&mut self, guild: &Guild) {
        if let Some(principal) = guild.principal(self.user) {
            self.principal = principal;
        }
    }
}

impl Wish<'_> {
    pub fn key(&self) -> Key {
        (self.table.number, self.entry.row)
    }

    pub fn lost_place(&self) -> Option<Place> {
        self.reoffered.flatten()
    }

    pub fn edit(&self) -> Edit<'_> {
        Edit { base_rev: self.entry.base_rev, before: &self.before, after: &self.after }
    }
}

impl Guild {
    pub fn decide(
        &mut self,
        author: &mut Author,
        entry: &Entry,
        reoffered: Option<Option<Place>>,
    ) -> Verdict {
        author.by.entry = Some(entry.id);
        let verdict = match read(entry) {
            Ok(wish) => self.decide_wish(author, &Wish { reoffered, ..wish }),
            Err(refused) => refused,
        };
        author.refresh(self);
        verdict
    }

    fn decide_wish(&mut self, author: &Author, wish: &Wish) -> Verdict {
        if self.waits_for_base(author, wish) {
            return wait_for_base();
        }
        let (back, now) = self.find_comeback(wish).unzip();
        let decided = self.try_decide(author, now.as_ref().unwrap_or(wish));
        let verdict = decided.unwrap_or_else(|refused| refused);
        if let Some(back) = back.filter(|_| verdict.has_effect()) {
            self.note_back(wish.key(), back);
        }
        self.be_patient(author, wish, verdict)
    }

    fn try_decide(&mut self, author: &Author, wish: &Wish) -> Answer {
        let settled = self.find_settled(author, wish)?;
        let row = self.row(wish.key()).cloned();
        let verdict = match (wish.entry.operation, row) {
            (Operation::Insert, None) => self.make(author, wish)?,
            // Somebody else has brought it back.
            (Operation::Insert, Some(_)) if wish.lost_place().is_some() => self.committed(wish.key()),
            (Operation::Insert, Some(row)) => self.make_again(author, wish, &row)?,
            (Operation::Update, Some(row)) => self.change(author, wish, &row)?,
            (Operation::Update, None) => self.change_draft(author, wish)?,
        };
        if let (Some(settled), Verdict::Committed { .. } | Verdict::Merged { .. }) = (settled, &verdict) {
            self.resolve(settled, author.by);
        }
        Ok(verdict)
    }

    /// Keeps what an entry of a group wants as a conflict, because the group cannot be applied.
    pub fn hold(&mut self, author: &mut Author, entry: &Entry) -> Verdict {
        author.by.entry = Some(entry.id);
        let refused = || rejected(RejectCode::GroupRefused, "it belongs to what is in conflict", true);
        let Ok(wish) = read(entry) else { return refused() };
        let row = self.row(wish.key()).cloned();
        let Some(row) = row.filter(|_| entry.operation == Operation::Update) else { return refused() };
        let merge = merge_entry(wish.table, wish.edit(), Some(&row.cells));
        let mut units = merge.conflicts;
        units.extend(merge.applied.iter().map(|columns| whole_unit(&wish, columns, &row.cells)));
        if units.is_empty() {
            return self.committed(wish.key());
        }
        self.keep(author, &wish, units)
    }

    fn make(&mut self, author: &Author, wish: &Wish) -> Answer {
        let cells = self.new_row(author, wish)?;
        self.judge_references(author, wish, &Cells::default())?;
        self.judge_rights(author, wish.table, None, &cells)?;
        if let Some((columns, other)) = self.clash(&bare(wish.table, cells.clone())) {
            return self.keep_draft(author, wish, cells, columns, other);
        }
        self.put(wish.table, cells, author.by);
        Ok(self.committed(wish.key()))
    }

    fn new_row(&self, author: &Author, wish: &Wish) -> Result<Cells, Verdict> {
        let merge = merge_entry(wish.table, wish.edit(), None);
        judge_merge(&merge)?;
        let mut cells = merge.result;
        cells.set(common::ID, Value::Id(wish.entry.row));
        cells.set(common::GUILD_ID, Value::Id(self.id));
        cells.set(common::REV, Value::Int(0));
        cells.set(common::CREATED_BY, Value::Id(author.user));
        Ok(cells)
    }

    /// The same row once more, from the same person; of what only rises the higher value stays.
    fn make_again(&mut self, author: &Author, wish: &Wish, row: &Row) -> Answer {
        let again = self.new_row(author, wish)?;
        let mut cells = row.cells.clone();
        for column in wish.table.columns {
            let (mine, theirs) = (column.value_in(&again), column.value_in(&row.cells));
            if column.merge == Merge::HighWater {
                if mine.as_int() > theirs.as_int() {
                    cells.set(column.number, mine.into_owned());
                }
            } else if (column.is_writable() || column.number == common::CREATED_BY)
                && !is_same(&mine, &theirs)
            {
                return Err(rejected(RejectCode::Invalid, "something else has this id already", false));
            }
        }
        self.judge_rights(author, wish.table, Some(&row.cells), &cells)?;
        self.put(wish.table, cells, author.by);
        Ok(self.committed(wish.key()))
    }

    fn change(&mut self, author: &Author, wish: &Wish, row: &Rc<Row>) -> Answer {
        let mut merge = match &wish.old {
            Some(old) => bring_back(wish.table, old, wish.edit(), &row.cells),
            None => merge_entry(wish.table, wish.edit(), Some(&row.cells)),
        };
        if bugs::server_has(ServerBug::LastWriterWins) && merge.invalid.is_none() {
            for conflict in std::mem::take(&mut merge.conflicts) {
                conflict.mine.iter().for_each(|(number, value)| merge.result.set(number, value.clone()));
            }
        }
        judge_merge(&merge)?;
        self.judge_references(author, wish, &row.cells)?;
        self.judge_rights(author, wish.table, Some(&row.cells), &wanted(wish, &row.cells))?;
        self.judge_rights(author, wish.table, Some(&row.cells), &merge.result)?;
        let RowMerge { mut result, merged_columns, mut conflicts, .. } = merge;
        if let Some((columns, _)) = self.clash(&bare(wish.table, result.clone())) {
            let touched: Vec<&'static str> =
                columns.iter().copied().filter(|name| names(wish).any(|touched| touched == *name)).collect();
            let touched = if touched.is_empty() { vec!["deleted_at"] } else { touched };
            conflicts.push(UnitConflict {
                kind: ConflictKind::Duplicate,
                ..whole_unit(wish, &touched, &row.cells)
            });
            for name in touched {
                let column = wish.table.column(name).expect("keys name columns");
                result.set(column.number, column.value_in(&row.cells).into_owned());
            }
        }
        let with = row.cells.value(common::UPDATED_BY).as_id().map(UserId);
        self.put(wish.table, result, author.by);
        if !conflicts.is_empty() {
            return Ok(self.keep(author, wish, conflicts));
        }
        let (rev, ord) = (self.rev(wish.key()), 0);
        let columns: Vec<String> = merged_columns.into_iter().map(str::to_owned).collect();
        let merged = Verdict::Merged { rev, ord, columns, with };
        Ok(if merged_is_empty(&merged) { Verdict::Committed { rev, ord } } else { merged })
    }

    /// An edit of a row that only exists as a draft in a conflict.
    fn change_draft(&mut self, author: &Author, wish: &Wish) -> Answer {
        let gone = || rejected(RejectCode::NotFound, ROW_MISSING, true);
        let draft = self.find_draft(author, wish).ok_or_else(gone)?;
        let mut cells = draft.mine.clone();
        wish.after.iter().for_each(|(number, value)| cells.set(number, value.clone()));
        let nothing = Cells::default();
        let edit = Edit { base_rev: None, before: &nothing, after: &cells };
        judge_merge(&merge_entry(wish.table, edit, None))?;
        self.judge_references(author, wish, &Cells::default())?;
        Ok(self.store(Kept { mine: cells, entry: wish.entry.id, ..draft }, author.by))
    }

    pub fn rev(&self, key: Key) -> i64 {
        self.row(key).map_or(0, |row| row.version)
    }

    fn committed(&self, key: Key) -> Verdict {
        Verdict::Committed { rev: self.rev(key), ord: 0 }
    }

    pub fn may_see(&self, author: &Author, key: Key) -> bool {
        self.row(key)
            .is_some_and(|row| row.scopes.iter().any(|scope| author.principal.scopes.contains(scope)))
    }

    fn judge_references(&self, author: &Author, wish: &Wish, theirs: &Cells) -> Result<(), Verdict> {
        for (number, value) in wish.after.iter().filter(|(number, _)| *number >= common::FIRST_OWN) {
            let column = wish.table.column_by_number(number).expect("the entry was read");
            let Type::Id(table) = column.kind else { continue };
            let (Some(table), Some(id)) = (find_table(table), value.as_id()) else { continue };
            let is_new = !is_same(value, &column.value_in(theirs));
            if is_new && !self.may_see(author, (table.number, id)) {
                return Err(rejected(RejectCode::NotFound, "what it refers to is not there", true));
            }
        }
        Ok(())
    }

    fn judge_rights(
        &self,
        author: &Author,
        table: &'static Table,
        before: Option<&Cells>,
        after: &Cells,
    ) -> Result<(), Verdict> {
        let related: Related = related_rows(table, before, after)
            .into_iter()
            .filter_map(|key| Some((key, self.find(key.0, key.1)?.cells.clone())))
            .collect();
        may_write(&author.principal, table, before, after, &related)
            .map_err(|why| rejected(RejectCode::Forbidden, why.to_string(), false))
    }
}

fn merged_is_empty(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Merged { columns, .. } if columns.is_empty())
}

/// Reads an entry; what is wrong with it by itself is the answer.
pub fn read(entry: &Entry) -> Result<Wish<'_>, Verdict> {
    if entry.schema > SCHEMA {
        return Err(deferred("it was written by a newer program than the server's"));
    }
    let invalid = |why: &str| rejected(RejectCode::Invalid, why, false);
    let table = find_table(&entry.table).filter(|table| table.rows == Rows::Edited);
    let table = table.ok_or_else(|| invalid("nobody writes this table"))?;
    let read = |named| {
        let named = upcast(entry.schema, table.name, named).ok_or_else(|| {
            rejected(RejectCode::Schema, "it was written by a program that is too old", false)
        })?;
        from_json(table, &named).map_err(|error| invalid(&error.to_string()))
    };
    let (before, after) = (read(&entry.before)?, read(&entry.after)?);
    let is_new = entry.operation == Operation::Insert;
    if is_new && (!before.is_empty() || entry.base_rev.is_some()) {
        return Err(invalid("a new row has nothing before it"));
    }
    if !is_new && after.is_empty() && entry.settles.is_none() {
        return Err(invalid("it changes nothing"));
    }
    Ok(Wish { entry, table, before, after, reoffered: None, old: None })
}

fn judge_merge(merge: &RowMerge) -> Result<(), Verdict> {
    if let Some((column, why)) = merge.refused.first() {
        return Err(rejected(RejectCode::Invalid, format!("{column}: {why}"), true));
    }
    match &merge.invalid {
        Some(invalid) => Err(rejected(RejectCode::Invalid, invalid.to_string(), true)),
        None => Ok(()),
    }
}

/// The row as the author would have it: what they may not write they may not leave in a conflict.
fn wanted(wish: &Wish, theirs: &Cells) -> Cells {
    let mut row = theirs.clone();
    let changes = wish.after.iter().filter(|(number, value)| !is_same(value, wish.before.value(*number)));
    changes.for_each(|(number, value)| row.set(number, value.clone()));
    row
}

fn names<'a>(wish: &'a Wish) -> impl Iterator<Item = &'static str> + 'a {
    wish.after.iter().filter_map(|(number, _)| Some(wish.table.column_by_number(number)?.name))
}

/// A unit of which both sides are kept although it could have been applied.
fn whole_unit(wish: &Wish, columns: &[&'static str], theirs: &Cells) -> UnitConflict {
    let side = |cells: &Cells| {
        let columns = columns.iter().filter_map(|name| wish.table.column(name));
        let value = |number: u16| cells.get(number).cloned();
        columns
            .map(|column| {
                (column.number, value(column.number).unwrap_or_else(|| column.value_in(theirs).into_owned()))
            })
            .collect()
    };
    UnitConflict {
        columns: columns.to_vec(),
        kind: ConflictKind::Field,
        base: side(&wish.before),
        mine: side(&wish.after),
        theirs: side(&Cells::default()),
    }
}

/// A row that is only looked at.
fn bare(table: &'static Table, cells: Cells) -> Row {
    let scopes = scopes_of_row(table, &cells);
    Row { table, version: 0, hash: [0; 16], bytes: Vec::new(), scopes, cells }
}

/// The table of a key, for conflicts.
pub fn table(key: Key) -> &'static Table {
    table_of(key)
}
