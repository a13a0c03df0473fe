//! What becomes of an entry, as examples that a guild would give: documents, units of columns,
//! steps of a ticket, refusals, and rows that are not legal together.

use guildhall_sync::merge::{Edit, Refusal, RowMerge, merge_entry, touched};
use guildhall_sync::model::find_table;
use guildhall_sync::model::knowledge::MAX_PAGE_BYTES;
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

const BASE_REV: i64 = 3;

/// A row of a table, and the changes of two people.
struct Case {
    table: &'static Table,
    base: Cells,
}

impl Case {
    fn new(table: &str, row: &[(&str, Value)]) -> Self {
        let table = find_table(table).expect("the table is one of the registry");
        let empty = Self { table, base: [(common::REV, Value::Int(BASE_REV))].into_iter().collect() };
        Self { base: empty.with(row), table }
    }

    fn with(&self, changes: &[(&str, Value)]) -> Cells {
        let mut row = self.base.clone();
        for (name, value) in changes {
            let column = self.table.column(name).expect("the column is one of the table");
            row.set(column.number, value.clone());
        }
        row
    }

    fn merge(&self, theirs: &[(&str, Value)], mine: &[(&str, Value)]) -> RowMerge {
        let mut live = self.with(theirs);
        if !theirs.is_empty() {
            live.set(common::REV, Value::Int(BASE_REV + 1));
        }
        let (before, after) = touched(self.table, &self.base, &self.with(mine));
        let edit = Edit { base_rev: Some(BASE_REV), before: &before, after: &after };
        merge_entry(self.table, edit, Some(&live))
    }

    fn value(&self, merge: &RowMerge, column: &str) -> Value {
        self.table.value(&merge.result, column).into_owned()
    }
}

fn kinds(merge: &RowMerge) -> Vec<(ConflictKind, Vec<&'static str>)> {
    merge.conflicts.iter().map(|conflict| (conflict.kind, conflict.columns.clone())).collect()
}

fn page() -> Case {
    let line = |name, text: &str| (name, Value::text(text));
    let assistant = ("assistant_id", Value::Id(Uuid::nil()));
    Case::new("sops", &[assistant, line("category", "till"), line("section", "open"), line("title", "Open")])
}

fn ticket(status: &str) -> Case {
    let place = ("location_id", Value::Id(Uuid::nil()));
    let (name, subject) = (("local_ref", Value::text("D1-1")), ("subject", Value::text("Locker")));
    Case::new(
        "tickets",
        &[place, name, subject, ("opened_at", Value::Int(0)), ("status", Value::text(status))],
    )
}

#[test]
fn documents_merge_by_key() {
    let json = |text: &str| [("pricing", Value::Json(text.to_owned()))];
    let row = |text| Case::new("competitors", &[("name", Value::text("x")), json(text)[0].clone()]);
    let check = |base: &'static str, theirs: &str, mine: &str, expected: Option<&str>| {
        let case = row(base);
        let merge = case.merge(&json(theirs), &json(mine));
        assert_eq!(kinds(&merge).is_empty(), expected.is_some());
        let live = expected.unwrap_or(theirs);
        assert_eq!(case.value(&merge, "pricing"), Value::Json(live.to_owned()));
    };
    check(r#"{"a":1}"#, r#"{"a": 1, "b": 2}"#, r#"{"a":3}"#, Some(r#"{"a":3,"b":2}"#));
    check(r#"{"a":{"x":1,"y":1}}"#, r#"{"a":{"x":2,"y":1}}"#, r#"{"a":{"x":1}}"#, Some(r#"{"a":{"x":2}}"#));
    check("{}", r#"{"a":{"x":1}}"#, r#"{"a":{"y":1}}"#, Some(r#"{"a":{"x":1,"y":1}}"#));
    check(r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#, None);
    check(r#"{"a":1}"#, "{}", r#"{"a":3}"#, None);
    check(r#"{"a":[1]}"#, r#"{"a":[1,2]}"#, r#"{"a":[1,3]}"#, None);
}

/// Postgres prints documents in its own way.
#[test]
fn a_document_printed_in_another_way_is_not_an_edit() {
    let json = |text: &str| [("pricing", Value::Json(text.to_owned()))];
    let name = ("name", Value::text("x"));
    let case = Case::new("competitors", &[name, json(r#"{"b":1e2,"a":[1.50]}"#)[0].clone()]);
    let (printed, mine) = (r#"{"a": [1.50], "b": 100}"#, r#"{"b":1e2,"a":[1.5]}"#);
    let merge = case.merge(&json(printed), &json(mine));
    assert_eq!(case.value(&merge, "pricing"), Value::Json(mine.to_owned()));
    assert!(merge.merged_columns.is_empty() && merge.conflicts.is_empty());
    assert!(case.merge(&[], &json(printed)).applied.is_empty());
}

#[test]
fn columns_of_a_unit_are_taken_from_one_side() {
    let by = |person: u128, at: i64| {
        [("verified_by", Value::Id(Uuid::from_u128(person))), ("verified_at", Value::Int(at))]
    };
    let merge = page().merge(&by(1, 10)[..1], &by(2, 20)[1..]);
    assert_eq!(kinds(&merge), [(ConflictKind::Field, vec!["verified_by", "verified_at"])]);
    assert!(merge.applied.is_empty());
    assert_eq!(page().value(&merge, "verified_at"), Value::Null);
    let merge = page().merge(&[("title", Value::text("Opening"))], &by(2, 20));
    assert_eq!(merge.applied, [["verified_by", "verified_at"]]);
    assert!(merge.merged_columns.is_empty() && merge.conflicts.is_empty());
}

#[test]
fn a_ticket_takes_the_steps_that_its_machine_knows() {
    let to = |status: &str, at: Option<i64>| {
        [("status", Value::text(status)), ("resolved_at", at.map_or(Value::Null, Value::Int))]
    };
    let step = ticket("open").merge(&to("waiting", None), &to("resolved", Some(5)));
    assert_eq!(step.merged_columns, ["status", "resolved_at"]);
    assert_eq!(ticket("open").value(&step, "resolved_at"), Value::Int(5));

    let already = ticket("open").merge(&to("resolved", Some(4)), &to("resolved", Some(5)));
    assert!(already.applied.is_empty() && already.conflicts.is_empty());
    assert_eq!(ticket("open").value(&already, "resolved_at"), Value::Int(4));

    let moved = ticket("open").merge(&to("closed", None), &to("resolved", Some(5)));
    assert_eq!(kinds(&moved), [(ConflictKind::State, vec!["status", "resolved_at"])]);

    let unknown = ticket("closed").merge(&[], &to("open", None));
    let why = Refusal::Step { from: "closed".to_owned(), to: "open".to_owned() };
    assert_eq!(unknown.refused, [("status", why)]);
    assert_eq!(ticket("closed").value(&unknown, "status"), Value::text("closed"));
}

#[test]
fn of_two_who_take_a_free_ticket_the_first_has_it() {
    let to = |person: u128| [("assigned_to", Value::Id(Uuid::from_u128(person)))];
    let race = ticket("open").merge(&to(1), &to(2));
    assert_eq!(race.refused, [("assigned_to", Refusal::Taken { by: Uuid::from_u128(1) })]);
    assert_eq!(ticket("open").value(&race, "assigned_to"), Value::Id(Uuid::from_u128(1)));
    let same = ticket("open").merge(&to(1), &to(1));
    assert!(same.refused.is_empty() && same.applied.is_empty());
    let held = Case { base: ticket("open").with(&to(3)), ..ticket("open") };
    assert_eq!(kinds(&held.merge(&to(1), &to(2))), [(ConflictKind::Field, vec!["assigned_to"])]);
}

#[test]
fn what_a_device_may_not_say_is_refused_and_the_rest_applied() {
    let case = page();
    let after = [(10, Value::Id(Uuid::nil())), (13, Value::text("New")), (23, Value::Int(9))];
    let after: Cells = after.into_iter().collect();
    let edit = Edit { base_rev: Some(BASE_REV), before: &case.base, after: &after };
    let merge = merge_entry(case.table, edit, Some(&case.base));
    assert_eq!(merge.refused, [("version", Refusal::ServerOnly)]);
    assert_eq!(merge.applied, [["title"]]);
    let renumbered = ticket("open").merge(&[], &[("local_ref", Value::text("D1-2"))]);
    assert_eq!(renumbered.refused, [("local_ref", Refusal::SetOnce)]);
}

#[test]
fn two_edits_that_are_not_legal_together_are_a_conflict() {
    let half = Value::text("x".repeat(MAX_PAGE_BYTES / 2 + 1));
    let (content, front) = ([("content", half.clone())], [("front_matter", half)]);
    let merge = page().merge(&content, &front);
    assert_eq!(kinds(&merge), [(ConflictKind::Field, vec!["front_matter"])]);
    assert!(merge.applied.is_empty() && merge.invalid.is_none());
    let alone = page().merge(&[], &[content[0].clone(), front[0].clone()]);
    assert_eq!(alone.invalid.as_ref().map(|invalid| invalid.column), Some("content"));
    assert_eq!(alone.result, page().base);
    assert!(alone.applied.is_empty() && alone.conflicts.is_empty());
}

/// An entry without effect says nothing of a row that was not legal before.
#[test]
fn a_row_that_was_not_legal_before_is_not_blamed_on_the_next() {
    let case = Case::new("sops", &[]);
    let title = [("title", Value::text("Open"))];
    let merge = case.merge(&title, &title);
    assert!(merge.invalid.is_none() && merge.conflicts.is_empty() && merge.applied.is_empty());
}
