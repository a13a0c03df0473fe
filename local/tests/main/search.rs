//! What is typed finds rows, and nothing typed is ever an error.

use crate::fixture::{Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::fold::{self, Shadow};
use guildhall_local::search::fulltext::{self, Indexing};
use guildhall_local::search::{self, Found, Query};
use guildhall_local::sops;
use guildhall_local::store::rows;
use guildhall_local::write::Why;
use guildhall_sync::id::SopId;
use guildhall_sync::model::TABLES;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::strategy::Competitor;
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cells, Value};
use proptest::prelude::*;

fn find_in(mirror: &Mirror, typed: &str, tables: &[&'static Table]) -> Found {
    mirror
        .store
        .read(|connection| search::find(connection, &Query { typed, tables, limit: 10 }))
        .expect(typed)
}

fn paths(mirror: &Mirror, typed: &str) -> Vec<String> {
    find_in(mirror, typed, &[]).hits.into_iter().map(|hit| hit.path).collect()
}

fn desk() -> Mirror {
    let mirror = Mirror::new();
    for (section, title, content) in [
        ("projector", "Projector black", "Hold the power key for ten seconds, then reset the bay."),
        ("reset", "Reset a bay", "The bay starts again. The projector stays as it is."),
        ("refunds", "Refunds", "Money comes back to the card. The secret word is alpha1."),
    ] {
        mirror.serve(Sop::TABLE, &server_sop(section, title, content));
    }
    mirror
}

#[test]
fn rows_with_all_words_come_first_and_headings_weigh_more() {
    let mirror = desk();
    assert_eq!(paths(&mirror, "projector"), ["booking/projector", "booking/reset"]);
    let found = find_in(&mirror, "How do I reset the projector's money?", &[]);
    assert_eq!(found.words, ["reset", "projector", "money"]);
    assert!(found.hits.iter().all(|hit| !hit.has_all));
    assert_eq!(found.hits.len(), 3);
    let both = find_in(&mirror, "resetting projectors", &[]);
    assert_eq!(both.hits.iter().map(|hit| hit.has_all).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn the_words_that_were_found_are_marked() {
    let mirror = desk();
    let found = find_in(&mirror, "reset projectors", &[]);
    let hit = found.hits.iter().find(|hit| hit.id == id_of("projector")).expect("the page");
    let marked = |snippet: &search::Snippet| {
        snippet.marks.iter().map(|mark| snippet.text[mark.clone()].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(hit.title.text, "Projector black");
    assert_eq!(marked(&hit.title), ["Projector"]);
    assert!(hit.passage.text.contains("then reset the bay"));
    assert_eq!(marked(&hit.passage), ["reset"]);
}

#[test]
fn only_the_tables_asked_for_are_searched() {
    let mirror = desk();
    let named = [("name", Value::text("Projector Palace")), ("strengths", Value::text("cheap"))];
    mirror.serve(Competitor::TABLE, &from_server(cells(Competitor::TABLE, named), "palace"));
    assert_eq!(find_in(&mirror, "projector", &[Competitor::TABLE]).hits.len(), 1);
    assert_eq!(find_in(&mirror, "projector", &[Sop::TABLE]).hits.len(), 2);
    assert_eq!(find_in(&mirror, "projector", &[]).hits.len(), 3);
}

#[test]
fn an_operator_or_a_column_that_is_typed_is_a_word() {
    let mirror = desk();
    assert_eq!(paths(&mirror, "front_matter:alpha1"), ["booking/refunds"], "two words, one of them there");
    for typed in ["C++", "what?", "50%", "x-y", "foo\"", "'", "NEAR(", "a AND", "*", "{title} : x", "\0", ""]
    {
        find_in(&mirror, typed, &[]);
    }
}

#[test]
fn deleted_and_removed_rows_are_not_found() {
    let mirror = desk();
    let delete = |name| {
        mirror.store.write(|write| sops::delete(write, SopId(id_of(name)), Why::default())).expect("deleted");
    };
    delete("projector");
    assert_eq!(paths(&mirror, "projector"), ["booking/reset"]);
    let removed = mirror.store.apply(|connection| rows::remove(connection, Sop::TABLE, id_of("reset")));
    assert!(removed.expect("removed"));
    assert!(paths(&mirror, "projector").is_empty());
    let undelete =
        mirror.store.write(|write| sops::undelete(write, SopId(id_of("projector")), Why::default()));
    undelete.expect("back");
    assert_eq!(paths(&mirror, "projector"), ["booking/projector"]);
}

#[test]
fn rows_of_a_first_download_become_findable_in_slices() {
    let mirror = Mirror::new();
    mirror
        .store
        .apply(|connection| {
            for number in 0..25 {
                let mut cells = server_sop(&format!("page-{number}"), "Page", "Searchable.");
                Sop::TABLE.fill_defaults(&mut cells);
                let shadow = Shadow { hash: rows::hash_of(Sop::TABLE, &cells), cells, scopes: String::new() };
                let id = id_of(&format!("page-{number}"));
                fold::put_server_row(connection, Sop::TABLE, id, shadow, Indexing::Later)?;
            }
            Ok(())
        })
        .expect("a first download");
    assert!(paths(&mirror, "searchable").is_empty());
    mirror.edit(id_of("page-7"), [("content", "Searchable at once.")]);
    assert_eq!(paths(&mirror, "searchable").len(), 1);

    let (mut after, mut slices) = (0, 0);
    while let Some(last) =
        mirror.store.apply(|connection| fulltext::build(connection, Sop::TABLE, after, 10)).expect("a slice")
    {
        (after, slices) = (last, slices + 1);
    }
    assert_eq!(slices, 3);
    let counts = mirror.store.read(|connection| fulltext::count(connection, Sop::TABLE));
    assert_eq!(counts.expect("the counts"), (25, 25));
}

#[test]
fn text_that_was_changed_is_not_found_by_its_old_words() {
    let mirror = desk();
    mirror.edit(id_of("refunds"), [("content", "Everything is refundable.")]);
    assert!(paths(&mirror, "alpha1").is_empty());
    mirror.serve(Sop::TABLE, &server_sop("reset", "Restart a bay", "It starts again."));
    assert!(paths(&mirror, "stays").is_empty());
    assert_eq!(paths(&mirror, "restart"), ["booking/reset"]);
    for table in TABLES.iter().filter(|table| fulltext::is_searched(table)) {
        let (rows, indexed) =
            mirror.store.read(|connection| fulltext::count(connection, table)).expect("counts");
        assert_eq!(rows, indexed, "{}", table.name);
    }
}

#[test]
fn words_of_removed_rows_leave_the_index_when_it_is_merged() {
    let mirror = Mirror::new();
    for number in 0..60 {
        let text = format!("zzlaunchcode{number} and other words, {}", "more of them ".repeat(number % 7));
        mirror.serve(Sop::TABLE, &server_sop(&format!("page-{number}"), "Page", &text));
    }
    mirror.edit(id_of("page-59"), [("content", "Nothing of it.")]);
    for number in 0..60 {
        let id = id_of(&format!("page-{number}"));
        mirror.store.apply(|connection| rows::remove(connection, Sop::TABLE, id)).expect("removed");
    }
    const HELD: &str =
        "select (select count(*) from fts_sops_data where instr(block, cast('launchcode' as blob)))
        + (select count(*) from fts_sops_idx where instr(term, cast('launchcode' as blob)))";
    assert!(mirror.count(HELD) > 0, "the words are still in the pages");
    let mut slices = 1;
    let merge =
        |begins| mirror.store.apply(|connection| fulltext::forget_removed(connection, Sop::TABLE, begins));
    let mut is_done = merge(true).expect("a slice");
    while !is_done {
        is_done = merge(false).expect("a slice");
        slices += 1;
        assert!(slices < 1_000);
    }
    assert_eq!(mirror.count(HELD), 0);
}

/// Words, operators and noise, so that a good part of what is typed is nearly a query.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        prop::sample::select(vec![
            "AND",
            "OR",
            "NOT",
            "NEAR(",
            ")",
            "(",
            "\"",
            "''",
            "*",
            "^",
            ":",
            "title:",
            "{",
            "}",
            "-",
            "+",
            "\\",
            "reset",
            "projector",
            "\0",
            "\u{f8f1}",
            "ß",
            "İ",
            "ﬀ",
            "é",
            "％",
            ";",
            "--",
            "/*",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

#[test]
fn nothing_that_is_typed_is_an_error() {
    let mirror = desk();
    let config = ProptestConfig { cases: 2_000, ..ProptestConfig::default() };
    proptest!(config, |(typed in typed())| {
        let found = mirror.store.read(|connection| {
            search::find(connection, &Query { typed: &typed, tables: &[Sop::TABLE], limit: 3 })
        });
        prop_assert!(found.is_ok(), "{:?}: {:?}", typed, found);
    });
}

#[test]
fn full_text_follows_every_change() {
    let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    let change = (0_usize..4, prop::sample::select(vec!["alpha", "beta", "gamma beta", ""]), 0_u8..4);
    proptest!(config, |(changes in prop::collection::vec(change, 1..12))| {
        let mirror = Mirror::new();
        for (page, text, kind) in changes {
            let name = format!("page-{page}");
            let mut cells: Cells = server_sop(&name, "Page", text);
            match kind {
                0 => mirror.store.apply(|connection| rows::remove(connection, Sop::TABLE, id_of(&name))).map(drop),
                1 => {
                    cells.set(common::DELETED_AT, Value::Int(5));
                    mirror.serve(Sop::TABLE, &cells);
                    Ok(())
                }
                _ => {
                    mirror.serve(Sop::TABLE, &cells);
                    Ok(())
                }
            }
            .expect("a change");
            for word in ["alpha", "beta"] {
                let expected = format!(
                    "select count(*) from sops where deleted_at is null and content like '%{word}%'"
                );
                let found = format!("select count(*) from fts_sops('{word}')");
                prop_assert_eq!(mirror.count(&found), mirror.count(&expected), "{}", word);
            }
        }
        let intact = mirror.store.record(|connection| {
            Ok(connection.execute("insert into fts_sops (fts_sops) values ('integrity-check')", [])?)
        });
        prop_assert!(intact.is_ok());
    });
}
