//! One group, tried out: its entries in their order, over rows that it changes on the way. What it
//! did is taken into the plan, or dropped.

use super::conflict::Sides;
use super::decision::Decision;
use super::facts::{Clash, Facts, Refused};
use super::plan::{Asked, Change, Line, Outcome, Plan};
use super::refusal::{forbidden, invalid_row, refused_column, taken};
use super::wish::{Key, Wish};
use cells::{names, part, wanted, whole_unit};
use guildhall_sync::change::{Operation, RejectCode};
use guildhall_sync::id::UserId;
use guildhall_sync::merge::{Edit, RowMerge, UnitConflict, is_same, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::permission::{Related, may_write, related_rows};
use guildhall_sync::schema::{Column, Merge, Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

pub mod cells;
mod comeback;
mod settle;

pub struct Attempt<'a> {
    facts: &'a Facts,
    plan: &'a Plan,
    new_id: &'a dyn Fn() -> Uuid,
    outcome: Outcome,
}

impl<'a> Attempt<'a> {
    pub fn new(facts: &'a Facts, plan: &'a Plan, new_id: &'a dyn Fn() -> Uuid) -> Self {
        Self { facts, plan, new_id, outcome: Outcome::default() }
    }

    pub fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Decides an entry and does what it says. `waits` is the answer where what it depends on
    /// stands in its way.
    pub fn decide(&mut self, asked: &Asked, waits: Option<Decision>) -> Decision {
        let wish = match &asked.wish {
            Ok(wish) => wish,
            Err(decision) => return decision.clone(),
        };
        if let Some(decision) = waits {
            return self.facts.returning.be_impatient(wish, decision);
        }
        if self.waits_for_base(wish) {
            return Decision::when_settled(
                "what it was built on was lost, and its author has not brought it back yet",
            );
        }
        let comeback = self.find_comeback(wish);
        let now = comeback.as_ref().map_or(wish, |comeback| &comeback.now);
        let decision = self.try_decide(asked.place, now).unwrap_or_else(|refused| refused);
        if decision.has_effect() {
            self.outcome.returned.extend(comeback.map(|comeback| comeback.back));
        }
        self.facts.returning.be_patient(wish, decision)
    }

    /// Keeps what an entry wants as a conflict, whole, because its group cannot be applied.
    pub fn hold(&mut self, asked: &Asked) -> Decision {
        if let Some(Refused::Taken(clash)) = self.facts.refusals.get(&asked.entry.id)
            && asked.entry.operation == Operation::Insert
        {
            return taken(clash.columns);
        }
        let (Ok(wish), Some(theirs)) = (&asked.wish, self.row_of(asked)) else {
            return Decision::of_refused_group();
        };
        let merge = merge_entry(wish.table, wish.edit(), Some(&theirs));
        self.keep_whole(asked.place, wish, &theirs, merge)
    }

    /// Applies nothing, and keeps all that the entry would have changed as a conflict.
    fn keep_whole(&mut self, place: usize, wish: &Wish, theirs: &Cells, merge: RowMerge) -> Decision {
        let mut sides = Sides::default();
        merge.conflicts.into_iter().for_each(|unit| sides.add(unit));
        for columns in merge.applied {
            sides.add(whole_unit(wish, &columns, theirs));
        }
        self.write_line(place, wish, theirs, theirs, false);
        if sides.units.is_empty() { Decision::Committed } else { self.keep(wish, sides) }
    }

    /// What Postgres does not take may have been legal before others wrote: then both sides are
    /// kept, because no other words of the author would help.
    fn keep_beside(&mut self, place: usize, wish: &Wish, refused: &Decision) -> Result<Decision, Decision> {
        let has_moved = |row: &&Cells| row.value(common::REV).as_int() != wish.entry.base_rev;
        let is_edit = wish.entry.operation == Operation::Update && refused.is_invalid();
        let theirs = self.find(wish.key()).filter(has_moved).filter(|_| is_edit).cloned();
        let theirs = theirs.ok_or_else(|| refused.clone())?;
        let merge = merge_entry(wish.table, wish.edit(), Some(&theirs));
        judge_merge(&merge, self.facts)?;
        self.judge_references(wish, Some(&theirs))?;
        self.judge_rights(wish.table, Some(&theirs), &wanted(wish, &theirs))?;
        Ok(self.keep_whole(place, wish, &theirs, merge))
    }

    fn row_of(&self, asked: &Asked) -> Option<Cells> {
        let wish = asked.wish.as_ref().ok()?;
        self.find(wish.key()).filter(|_| wish.entry.operation == Operation::Update).cloned()
    }

    fn try_decide(&mut self, place: usize, wish: &Wish) -> Result<Decision, Decision> {
        let settled = self.find_settled(wish)?.cloned();
        let clash = match self.facts.refusals.get(&wish.entry.id) {
            Some(Refused::Plain(decision)) => return self.keep_beside(place, wish, decision),
            Some(Refused::Taken(clash)) => Some(clash.clone()),
            None => None,
        };
        let decision = match (wish.entry.operation, self.find(wish.key()).cloned()) {
            (Operation::Insert, None) => self.make(place, wish, clash)?,
            (Operation::Insert, Some(row)) if wish.lost_place().is_some() => {
                self.find_again(place, wish, &row)
            }
            (Operation::Insert, Some(row)) => self.make_again(place, wish, &row)?,
            (Operation::Update, Some(row)) => self.change(place, wish, &row, clash)?,
            (Operation::Update, None) => self.change_draft(place, wish)?,
        };
        if decision.is_whole() {
            settled.into_iter().for_each(|conflict| self.note_settled(wish, &conflict));
        }
        Ok(decision)
    }

    fn make(&mut self, place: usize, wish: &Wish, clash: Option<Clash>) -> Result<Decision, Decision> {
        let row = self.new_row(wish)?;
        self.judge_references(wish, None)?;
        self.judge_rights(wish.table, None, &row)?;
        if let Some(clash) = clash {
            return self.keep_draft(place, wish, row, clash);
        }
        self.write_line(place, wish, &Cells::default(), &row, false);
        self.outcome.rows.insert(wish.key(), Change { table: wish.table, before: None, after: row });
        Ok(Decision::Committed)
    }

    fn new_row(&self, wish: &Wish) -> Result<Cells, Decision> {
        let merge = merge_entry(wish.table, wish.edit(), None);
        judge_merge(&merge, self.facts)?;
        let mut row = merge.result;
        row.set(common::ID, Value::Id(wish.entry.row));
        row.set(common::GUILD_ID, Value::Id(self.facts.principal.guild.0));
        row.set(common::CREATED_BY, Value::Id(self.facts.principal.user.0));
        row.set(common::REV, Value::Int(0));
        Ok(row)
    }

    /// The same row, made again by the same person, is there already; of what only rises, the higher
    /// value stays. Anything else is refused.
    fn make_again(&mut self, place: usize, wish: &Wish, row: &Cells) -> Result<Decision, Decision> {
        let again = self.new_row(wish)?;
        let rises = |column: &Column| column.merge == Merge::HighWater;
        let is_same_row = wish.table.columns.iter().all(|column| {
            let by = column.number == common::CREATED_BY;
            rises(column)
                || !(by || column.is_writable())
                || is_same(&column.value_in(&again), &column.value_in(row))
        });
        if !is_same_row {
            return Err(Decision::refuse(RejectCode::Invalid, "Something else has this id already."));
        }
        self.judge_rights(wish.table, Some(row), row)?;
        let mut after = row.clone();
        for column in wish.table.columns.iter().filter(|column| rises(column)) {
            let (theirs, mine) = (column.value_in(row), column.value_in(&again));
            if mine.as_int() > theirs.as_int() {
                after.set(column.number, mine.into_owned());
            }
        }
        self.write_line(place, wish, row, &after, false);
        if after != *row {
            let before = self.facts.rows.get(&wish.key()).cloned();
            self.outcome.rows.insert(wish.key(), Change { table: wish.table, before, after });
        }
        Ok(Decision::Committed)
    }

    fn change(
        &mut self,
        place: usize,
        wish: &Wish,
        theirs: &Cells,
        clash: Option<Clash>,
    ) -> Result<Decision, Decision> {
        let (taken, free) = part(&wish.after, wish.table, clash.as_ref());
        let (_, before) = part(&wish.before, wish.table, clash.as_ref());
        let edit = Edit { base_rev: wish.entry.base_rev, before: &before, after: &free };
        let merge = wish.merge(edit, theirs);
        judge_merge(&merge, self.facts)?;
        self.judge_references(wish, Some(theirs))?;
        self.judge_rights(wish.table, Some(theirs), &wanted(wish, theirs))?;
        self.judge_rights(wish.table, Some(theirs), &merge.result)?;

        let RowMerge { result, applied, merged_columns, conflicts, .. } = merge;
        let mut sides = Sides::default();
        conflicts.into_iter().for_each(|unit| sides.add(unit));
        if !taken.is_empty() {
            let columns: Vec<&'static str> = names(wish.table, &taken).collect();
            sides.add(UnitConflict { kind: ConflictKind::Duplicate, ..whole_unit(wish, &columns, theirs) });
        }
        let is_text = |name: &&str| wish.table.column(name).is_some_and(|column| column.merge == Merge::Text);
        self.write_line(place, wish, theirs, &result, merged_columns.iter().any(is_text));
        if !applied.is_empty() {
            let before = self.facts.rows.get(&wish.key()).cloned();
            self.outcome.rows.insert(wish.key(), Change { table: wish.table, before, after: result });
        }
        if !sides.units.is_empty() {
            return Ok(self.keep(wish, sides));
        }
        if merged_columns.is_empty() {
            return Ok(Decision::Committed);
        }
        let columns = merged_columns.into_iter().map(str::to_owned).collect();
        Ok(Decision::Merged { columns, with: theirs.value(common::UPDATED_BY).as_id().map(UserId) })
    }

    fn write_line(&mut self, place: usize, wish: &Wish, before: &Cells, after: &Cells, is_merge: bool) {
        let changed = after.iter().filter_map(|(number, _)| wish.table.column_by_number(number));
        let changed: Vec<_> = changed
            .filter(|column| column.number != common::REV)
            .filter(|column| !is_same(&column.value_in(before), &column.value_in(after)))
            .collect();
        let named = |row: &Cells| {
            let cells = changed.iter().map(|column| (column.number, column.value_in(row).into_owned()));
            to_json(wish.table, &cells.collect())
        };
        let was = if before.is_empty() { serde_json::Map::new() } else { named(before) };
        let line = Line { place, key: wish.key(), ord: 0, before: was, after: named(after), is_merge };
        self.outcome.lines.push(line);
    }

    fn judge_references(&self, wish: &Wish, theirs: Option<&Cells>) -> Result<(), Decision> {
        let nothing = Cells::default();
        let theirs = theirs.unwrap_or(&nothing);
        for (table, id) in cells::references(wish.table, &wish.after, theirs) {
            let key = (table.number, id);
            if self.find(key).is_none() && !self.facts.readable.contains(&key) {
                if self.is_draft(key) {
                    return Err(Decision::when_settled("what it refers to has a name that is taken"));
                }
                let reason = format!("What it refers to ({}) is not there.", table.name.replace('_', " "));
                return Err(Decision::mend(RejectCode::NotFound, reason));
            }
        }
        Ok(())
    }

    fn judge_rights(
        &self,
        table: &'static Table,
        before: Option<&Cells>,
        after: &Cells,
    ) -> Result<(), Decision> {
        let related: Related = related_rows(table, before, after)
            .into_iter()
            .filter_map(|(name, id)| {
                let key = (find_table(name)?.number, id);
                let row = self.find(key).or_else(|| self.facts.related.get(&(name, id)))?;
                Some(((name, id), row.clone()))
            })
            .collect();
        may_write(&self.facts.principal, table, before, after, &related).map_err(|why| forbidden(&why))
    }

    /// The row as this group sees it.
    fn find(&self, key: Key) -> Option<&Cells> {
        let change = self.outcome.rows.get(&key).or_else(|| self.plan.rows.get(&key));
        change.map(|change| &change.after).or_else(|| self.facts.rows.get(&key))
    }
}

fn judge_merge(merge: &RowMerge, facts: &Facts) -> Result<(), Decision> {
    if let Some((column, why)) = merge.refused.first() {
        return Err(refused_column(column, why, &facts.holders));
    }
    merge.invalid.as_ref().map_or(Ok(()), |invalid| Err(invalid_row(invalid)))
}
