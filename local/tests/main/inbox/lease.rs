//! What is held too long without a contact is put away, whole, and is back after the next one.

use super::{content, edit, sop_row};
use crate::answer::{DESK, delta, grants, pulled};
use crate::fixture::{Mirror, PASSWORD, cells, id_of, server_sop};
use guildhall_local::clock::Clock;
use guildhall_local::inbox::{self, lease};
use guildhall_local::search::{self, Query};
use guildhall_local::store::{Store, rows};
use guildhall_local::{outbox, profile};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::strategy::Competitor;
use guildhall_sync::protocol::PulledRow;
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Value;

const HOUR_MS: u64 = 3_600_000;
const SCOPES: [&str; 2] = [DESK, "managers"];

fn rows_of_both() -> Vec<PulledRow> {
    let rival =
        cells(Competitor::TABLE, [("name", Value::text("Rival")), ("strengths", Value::text("A view."))]);
    let mut rival_row = server_sop("rival", "rival", "");
    rival_row = rival_row.iter().filter(|(number, _)| *number < 10).map(|(n, v)| (n, v.clone())).collect();
    rival.iter().for_each(|(number, value)| rival_row.set(number, value.clone()));
    vec![
        pulled(Sop::TABLE, &server_sop("open", "Open", "Count the coins."), &[0]),
        pulled(Sop::TABLE, &server_sop("both", "Both", "For all."), &[0, 1]),
        pulled(Sop::TABLE, &server_sop("secret", "Secret", "Only for managers."), &[1]),
        pulled(Competitor::TABLE, &rival_row, &[1]),
    ]
}

/// The same file, opened so many hours from now.
pub fn open_after(mirror: &Mirror, hours: u64) -> Store {
    let system = Clock::system();
    let now = move || system.now().plus_ms(hours * HOUR_MS);
    let clock = Clock { now: Box::new(now), fill: Clock::system().fill };
    profile::open_with_password(mirror.dir.path(), PASSWORD, clock).expect("the mirror opens")
}

fn away(store: &Store) -> Vec<String> {
    let list = store.read(lease::list).expect("the leases");
    list.into_iter().map(|away| away.scope).collect()
}

fn is_here(store: &Store, name: &str) -> bool {
    let find = |connection: &_| rows::exists(connection, Sop::TABLE, id_of(name));
    store.read(find).expect("a question")
}

fn count(store: &Store, table: &str) -> i64 {
    let select = format!("select count(*) from {table}");
    let count = store.read(|connection| Ok(connection.query_row(&select, [], |row| row.get(0))?));
    count.expect("a number")
}

fn finds(store: &Store, words: &str) -> bool {
    let query = Query { typed: words, tables: &[Sop::TABLE], limit: 10 };
    let found = store.read(|connection| search::find(connection, &query));
    !found.expect("an answer").hits.is_empty()
}

fn unsent(store: &Store) -> usize {
    let batch = store.read(|connection| outbox::next_batch(connection, Timestamp(i64::MAX)));
    batch.expect("a batch").entries().count()
}

#[test]
fn what_is_guarded_goes_first_and_all_of_it_comes_back() {
    let mirror = Mirror::filled(&SCOPES, &rows_of_both());
    edit(&mirror, id_of("secret"), "Only for managers, typed.");
    assert_eq!(lease::enforce(&mirror.store).expect("looked at"), 0);

    let store = open_after(&mirror, 73);
    assert_eq!(away(&store), ["managers"]);
    assert!(is_here(&store, "open") && is_here(&store, "both") && !is_here(&store, "secret"));
    assert_eq!(
        (count(&store, "competitors"), finds(&store, "managers"), finds(&store, "coins")),
        (0, false, true)
    );
    assert_eq!(unsent(&store), 1, "what was typed is still sent");

    let set_back = open_after(&mirror, 0);
    assert_eq!(away(&set_back), ["managers"]);
    assert!(!is_here(&set_back, "secret"), "a clock set back gains nothing");

    let store = open_after(&mirror, 24 * 31);
    assert_eq!(away(&store), SCOPES);
    assert_eq!((count(&store, "sops"), finds(&store, "coins")), (0, false));

    inbox::confirm(&store).expect("a contact");
    assert_eq!((away(&store).len(), count(&store, "sync_away"), count(&store, "competitors")), (0, 0, 1));
    assert!(["open", "both", "secret"].iter().all(|name| is_here(&store, name)));
    assert!(finds(&store, "coins") && finds(&store, "typed"));
    assert_eq!(content(&mirror, id_of("secret")).as_deref(), Some("Only for managers, typed."));
    assert_eq!(sop_row(&mirror, id_of("both")).map(|row| row.own.scopes), Some(format!(" {DESK} managers ")));
    assert_eq!(lease::enforce(&store).expect("looked at"), 0, "the lease runs anew");
}

/// A clock that stood in a far year does not lock a laptop for ever.
#[test]
fn after_a_contact_time_is_counted_anew() {
    let mirror = Mirror::filled(&SCOPES, &rows_of_both());
    drop(open_after(&mirror, 24 * 3650));
    let store = open_after(&mirror, 1);
    assert_eq!(away(&store), SCOPES);
    inbox::confirm(&store).expect("a contact");
    assert!(is_here(&store, "open"));
    assert_eq!(away(&open_after(&mirror, 2)).len(), 0);
}

#[test]
fn what_was_put_away_and_is_granted_no_more_is_removed() {
    let mirror = Mirror::filled(&SCOPES, &rows_of_both());
    edit(&mirror, id_of("secret"), "Only for managers, typed.");
    drop(open_after(&mirror, 73));
    let mut frames = vec![grants(&[DESK])];
    frames.extend(delta(9, Vec::new()));
    mirror.take(frames).expect("an answer");
    assert_eq!((count(&mirror.store, "sync_away"), count(&mirror.store, "competitors")), (0, 0));
    assert!(is_here(&mirror.store, "both") && !is_here(&mirror.store, "secret"));
    assert_eq!(unsent(&mirror.store), 0, "it waits in quarantine");
    let refused = mirror.store.read(guildhall_local::quarantine::list).expect("the refused");
    assert_eq!(refused.len(), 1);
}

/// The change that arrives first meets the row that was away.
#[test]
fn a_change_of_a_row_that_was_away_is_stored_over_it() {
    let mirror = Mirror::filled(&SCOPES, &rows_of_both());
    drop(open_after(&mirror, 24 * 31));
    assert!(!is_here(&mirror.store, "open"));
    let mut changed = server_sop("open", "Open", "Count the notes.");
    changed.set(guildhall_sync::schema::common::REV, Value::Int(99));
    mirror.take(delta(9, vec![pulled(Sop::TABLE, &changed, &[0])])).expect("an answer");
    assert_eq!(content(&mirror, id_of("open")).as_deref(), Some("Count the notes."));
    assert!(is_here(&mirror.store, "secret"));
}
