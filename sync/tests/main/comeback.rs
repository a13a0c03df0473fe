//! What a restore took away and authors bring back, in any order.

use crate::property::holds;
use crate::rows::{edited, edited_tables, is_same_row, row};
use guildhall_sync::change::Place;
use guildhall_sync::id::EntryId;
use guildhall_sync::merge::{Edit, LostRow, Returned, RowMerge, bring_back, merge_entry, touched};
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Value};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

/// A row of a server, with what comes back to it.
struct Server {
    table: &'static Table,
    row: Cells,
    lost: LostRow,
}

impl Server {
    fn new(table: &'static Table, restored: &Cells) -> Self {
        let lost = LostRow { restored: restored.clone(), returned: Vec::new() };
        Self { table, row: restored.clone(), lost }
    }

    /// Somebody writes after the restore.
    fn write(&mut self, column: &str, value: Value) {
        let column = self.table.column(column).expect("a column").number;
        self.row.set(column, value);
        self.lost.restored.remove(column);
    }

    fn offer(&mut self, edit: &Returned) -> RowMerge {
        let comeback = self.lost.comeback(self.table, edit);
        let now = Edit { base_rev: None, before: &comeback.before, after: &comeback.after };
        let merge = bring_back(self.table, &comeback.old, now, &self.row);
        if merge.invalid.is_none() {
            self.row = merge.result.clone();
            self.lost.returned.push(edit.clone());
        }
        merge
    }
}

fn returned(table: &'static Table, rev: i64, from: &Cells, to: &Cells) -> Returned {
    let (before, after) = touched(table, from, to);
    let entry = EntryId(Uuid::from_u128(rev.unsigned_abs().into()));
    Returned { place: Place { rev, ord: 0 }, entry, before, after }
}

/// Rows as they followed one another, and the edits that led to them: each was made on one of the
/// rows before, and accepted.
fn history(table: &'static Table, first: Cells, wishes: Vec<(Index, Cells)>) -> (Vec<Cells>, Vec<Returned>) {
    let (mut rows, mut edits) = (vec![first], Vec::new());
    for (seen, wish) in wishes {
        let seen = seen.get(&rows);
        let mut wanted = seen.clone();
        for (number, value) in wish.iter().filter(|(number, _)| *number >= common::FIRST_OWN) {
            wanted.set(number, value.clone());
        }
        let edit = returned(table, rows.len() as i64 + 1, seen, &wanted);
        let now = Edit { base_rev: None, before: &edit.before, after: &edit.after };
        let merge = merge_entry(table, now, rows.last());
        let is_accepted = merge.conflicts.is_empty() && merge.refused.is_empty() && merge.invalid.is_none();
        if is_accepted && !merge.applied.is_empty() {
            rows.push(merge.result);
            edits.push(edit);
        }
    }
    (rows, edits)
}

fn histories() -> impl Strategy<Value = (&'static Table, Cells, Vec<(Index, Cells)>)> {
    select(edited_tables())
        .prop_flat_map(|table| row(table).prop_map(move |first| (table, first)))
        .prop_flat_map(|(table, first)| {
            let wishes = prop::collection::vec((any::<Index>(), edited(table, &first)), 1..7);
            (Just(table), Just(first), wishes)
        })
}

#[test]
fn whatever_comes_back_in_any_order_makes_the_row_that_was_lost() {
    let orders = (histories(), any::<Index>(), any::<u64>());
    holds(4_000, orders, |((table, first, wishes), kept, seed)| {
        let (rows, edits) = history(table, first, wishes);
        let kept = kept.index(rows.len());
        let mut server = Server::new(table, &rows[kept]);
        let mut waiting: Vec<&Returned> = edits[kept..].iter().collect();
        waiting.sort_by_key(|edit| edit.entry.0.as_u128().wrapping_mul(u128::from(seed) | 1) % 1_000_003);
        // What is not legal before another one is there waits for it.
        for _ in 0..=waiting.len() {
            waiting.retain(|edit| {
                let merge = server.offer(edit);
                assert!(merge.conflicts.is_empty() && merge.refused.is_empty(), "{merge:?}");
                merge.invalid.is_some()
            });
        }
        prop_assert!(waiting.is_empty(), "what was accepted once is accepted again: {waiting:?}");
        let was = rows.last().expect("the first row at least");
        prop_assert!(is_same_row(table, &server.row, was), "{:?}\nbecame {:?}", was, server.row);
        Ok(())
    });
}

#[test]
fn the_same_edit_twice_changes_nothing() {
    holds(1_000, histories(), |(table, first, wishes)| {
        let (rows, edits) = history(table, first, wishes);
        let mut server = Server::new(table, &rows[0]);
        for edit in &edits {
            server.offer(edit);
            let before = server.row.clone();
            server.offer(edit);
            prop_assert!(is_same_row(table, &server.row, &before));
        }
        Ok(())
    });
}

fn page(title: &str, content: &str) -> Cells {
    let table = sops();
    let texts = [("category", "till"), ("section", "open"), ("title", title), ("content", content)];
    let mut page: Cells = [(common::REV, Value::Int(4))].into_iter().collect();
    page.set(table.column("assistant_id").expect("a column").number, Value::Id(Uuid::nil()));
    for (name, text) in texts {
        page.set(table.column(name).expect("a column").number, Value::text(text));
    }
    page
}

fn sops() -> &'static Table {
    find_table("sops").expect("a table")
}

fn text(server: &Server, column: &str) -> String {
    server.table.value(&server.row, column).as_text().unwrap_or_default().to_owned()
}

#[test]
fn the_later_of_two_lost_edits_wins_whoever_comes_first() {
    let rows = [page("One", "Text."), page("Two", "Text."), page("Three", "Text.")];
    let early = returned(sops(), 5, &rows[0], &rows[1]);
    let late = returned(sops(), 6, &rows[1], &rows[2]);
    for order in [[&early, &late], [&late, &early]] {
        let mut server = Server::new(sops(), &rows[0]);
        for edit in order {
            assert_eq!(server.offer(edit).conflicts, []);
        }
        assert_eq!(text(&server, "title"), "Three");
    }
}

#[test]
fn only_what_was_written_after_the_restore_is_in_conflict() {
    let (was, wanted) = (page("One", "Count the coins."), page("Two", "Count all the coins."));
    let edit = returned(sops(), 5, &was, &wanted);
    let mut server = Server::new(sops(), &was);
    server.write("title", Value::text("New"));
    let merge = server.offer(&edit);
    assert_eq!(merge.conflicts.len(), 1, "{merge:?}");
    assert_eq!(merge.conflicts[0].columns, ["title"]);
    assert_eq!(text(&server, "title"), "New", "theirs stays live");
    assert_eq!(text(&server, "content"), "Count all the coins.", "nobody else wrote here");
}

#[test]
fn what_was_written_after_the_restore_is_in_conflict_though_it_is_as_a_lost_edit_made_it() {
    let rows = [page("One", "Text."), page("Two", "Text."), page("Raw", "Text."), page("Three", "Text.")];
    let early = returned(sops(), 5, &rows[0], &rows[1]);
    // What lay between was written past every laptop, and does not come back.
    let late = returned(sops(), 7, &rows[2], &rows[3]);
    let mut server = Server::new(sops(), &rows[0]);
    server.write("title", Value::text("Two"));
    assert_eq!(server.offer(&early).conflicts, []);
    assert_eq!(server.offer(&late).conflicts.len(), 1);
    assert_eq!(text(&server, "title"), "Two", "theirs stays live");
}

#[test]
fn a_text_that_was_built_on_a_missing_one_gives_way_to_it_when_it_comes() {
    let rows = [
        page("One", "Count the coins.\n\nLock up."),
        page("One", "Count the notes.\n\nLock up."),
        page("One", "Count the cheques.\n\nLock up twice."),
    ];
    let early = returned(sops(), 5, &rows[0], &rows[1]);
    let late = returned(sops(), 6, &rows[1], &rows[2]);
    let mut server = Server::new(sops(), &rows[0]);
    assert_eq!(server.offer(&late).conflicts, []);
    assert_eq!(server.offer(&early).conflicts, []);
    assert_eq!(text(&server, "content"), "Count the cheques.\n\nLock up twice.");
}

#[test]
fn a_lost_edit_of_a_row_that_was_deleted_since_is_in_conflict() {
    let edit = returned(sops(), 5, &page("One", "Text."), &page("Two", "Text."));
    let mut server = Server::new(sops(), &page("One", "Text."));
    server.write("deleted_at", Value::Int(7));
    assert_eq!(server.offer(&edit).conflicts.len(), 1);
}
