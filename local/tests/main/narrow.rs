//! Ways to a server that take only so much: a push that was too large goes by less at a time, a
//! large group in parts, and what is too large by itself gets a verdict all the same.

use crate::fixture::{Mirror, NOW, cells, sop};
use guildhall_local::error::{Error, RemoteError};
use guildhall_local::keys::marks::Marks;
use guildhall_local::link::steps;
use guildhall_local::outbox::narrow;
use guildhall_local::quarantine;
use guildhall_local::store::state;
use guildhall_local::write::Why;
use guildhall_sync::change::{Entry, RejectCode, Verdict};
use guildhall_sync::id::DeviceId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{
    EntryVerdict, Extent, Kept, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES, MIN_PUSH_BYTES, Push, PushAnswer, Refusal,
    RefusalCode, SentGroup,
};
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use uuid::Uuid;

const DEVICE: DeviceId = DeviceId(Uuid::from_u128(4));
const COMMITTED: Verdict = Verdict::Committed { rev: 1, ord: 0 };

fn too_large() -> Error {
    let refusal = Refusal { code: RefusalCode::TooLarge, message: "no".to_owned(), hint: None };
    RemoteError::Refused { refusal, retry_after_ms: None }.into()
}

fn marks(mirror: &Mirror) -> Marks {
    let profile = mirror.store.read(state::read).expect("the state").profile;
    Marks::new(profile, None, mirror.dir.path().to_owned())
}

fn begin(mirror: &Mirror) -> Push {
    steps::begin_push(&mirror.store, &marks(mirror), DEVICE).expect("begun").expect("something to send")
}

/// New pages with so many bytes of text, as one local transaction.
fn add_pages(mirror: &Mirror, name: &str, pages: usize, bytes: usize) {
    let text = "x".repeat(bytes);
    let added = mirror.store.write(|write| {
        (0..pages).try_for_each(|page| {
            let row = sop(&format!("{name}-{page}"), "a page", &text);
            write.insert(Sop::TABLE, row).map(drop)
        })
    });
    added.expect("written");
}

fn entries(push: &Push) -> Vec<&Entry> {
    push.groups.iter().flat_map(|sent| &sent.group.entries).collect()
}

fn only_group(push: &Push) -> &SentGroup {
    let [sent] = &push.groups[..] else { panic!("{} groups", push.groups.len()) };
    sent
}

fn answer(mirror: &Mirror, entries: &[&Entry], verdict: &Verdict) {
    let told = entries.iter().map(|entry| EntryVerdict {
        entry: entry.id,
        device_seq: entry.device_seq,
        verdict: verdict.clone(),
    });
    steps::end_push(&mirror.store, &PushAnswer { verdicts: told.collect(), kept: None }).expect("stored");
}

fn keep(mirror: &Mirror, sent: &SentGroup, entries: u32) {
    let kept = Some(Kept { group: sent.group.id, entries });
    steps::end_push(&mirror.store, &PushAnswer { verdicts: Vec::new(), kept }).expect("stored");
}

#[test]
fn a_push_that_was_too_large_is_halved_until_it_is_taken() {
    let mirror = Mirror::new();
    (0..40).for_each(|number| add_pages(&mirror, &format!("page{number}"), 1, 5_000));
    let mut sizes = Vec::new();
    loop {
        sizes.push(entries(&begin(&mirror)).len());
        match steps::lose_push(&mirror.store, &too_large()).expect("noted") {
            Some(left) => assert!(left.unsent && left.deferred_ms.is_none(), "it goes on at once"),
            None => break,
        }
    }
    assert_eq!(
        sizes,
        [40, 20, 10, 5, 2],
        "so little is taken by every way: then it waits like for any failure"
    );
    assert_eq!(mirror.count("select count(*) from wal_entries where state = 'unknown'"), 40);
}

#[test]
fn an_answer_of_somebody_on_the_way_counts_as_well() {
    let mirror = Mirror::new();
    (0..2).for_each(|number| add_pages(&mirror, &format!("page{number}"), 1, 20_000));
    begin(&mirror);
    let proxy = RemoteError::NotGuildhall { url: "https://guild.example".to_owned(), status: 413 };
    assert!(steps::lose_push(&mirror.store, &proxy.into()).expect("noted").is_some());
    assert_eq!(entries(&begin(&mirror)).len(), 1);
    let other = RemoteError::NotGuildhall { url: "https://guild.example".to_owned(), status: 502 };
    assert!(steps::lose_push(&mirror.store, &other.into()).expect("noted").is_none());
}

#[test]
fn what_a_way_takes_is_believed_for_an_hour() {
    let mirror = Mirror::new();
    (0..2).for_each(|number| add_pages(&mirror, &format!("page{number}"), 1, 20_000));
    begin(&mirror);
    steps::lose_push(&mirror.store, &too_large()).expect("noted");
    let now = mirror.store.clock().now();
    let most = |later_ms| {
        mirror
            .store
            .read(|connection| narrow::most_bytes(connection, now.plus_ms(later_ms)))
            .expect("a number")
    };
    assert!((MIN_PUSH_BYTES..30_000).contains(&most(0)), "{}", most(0));
    assert_eq!(most(3_600_000), MAX_PUSH_BYTES);
    let long_ago = mirror.store.read(|connection| narrow::most_bytes(connection, NOW.plus_ms(0)));
    assert_eq!(long_ago.expect("a number"), MAX_PUSH_BYTES, "a clock that was set does not prolong it");
}

#[test]
fn a_large_group_goes_in_parts_from_where_the_server_has_it() {
    let mirror = Mirror::new();
    let of = u32::try_from(2 * MAX_PUSH_ENTRIES + 10).expect("few");
    add_pages(&mirror, "many", of as usize, 10);
    add_pages(&mirror, "later", 1, 10);
    let seen = |push: &Push| (only_group(push).extent, entries(push).len());
    let first = begin(&mirror);
    assert_eq!(seen(&first), (Extent::Part { after: 0, of }, 500));
    keep(&mirror, only_group(&first), 500);
    assert!(steps::unsent(&mirror.store).expect("asked"));
    assert_eq!(seen(&begin(&mirror)), (Extent::Part { after: 500, of }, 500));
    steps::lose_push(&mirror.store, &RemoteError::Cut.into()).expect("noted");
    let second = begin(&mirror);
    assert_eq!(seen(&second), (Extent::Part { after: 500, of }, 500), "sent again");
    // The server has forgotten what it had.
    keep(&mirror, only_group(&second), 0);
    let first = begin(&mirror);
    assert_eq!(seen(&first), (Extent::Part { after: 0, of }, 500));
    keep(&mirror, only_group(&first), 1000);
    let last = begin(&mirror);
    assert_eq!(seen(&last), (Extent::Part { after: 1000, of }, 10));
    keep(&mirror, only_group(&last), of);
    let end = begin(&mirror);
    assert_eq!(seen(&end), (Extent::Part { after: of, of }, 0), "it is asked for its verdicts");
    let lines =
        mirror.store.read(|connection| guildhall_local::entries::list_undecided(connection, of as usize));
    let lines: Vec<Entry> = lines.expect("lines").into_iter().map(|line| line.entry).collect();
    answer(&mirror, &lines.iter().collect::<Vec<_>>(), &COMMITTED);
    assert_eq!(mirror.count("select count(*) from sync_large_group"), 0);
    assert_eq!(entries(&begin(&mirror)).len(), 1, "what came later");
}

#[test]
fn an_entry_that_no_way_takes_is_asked_about_without_what_it_says() {
    let mirror = Mirror::new();
    let text = "x".repeat(200_000);
    let written = mirror.store.write(|write| {
        let id = write.insert(Sop::TABLE, sop("large", "large", &text))?;
        let title = cells(Sop::TABLE, [("title", Value::text("a large one"))]);
        write.update(Sop::TABLE, id, title, Why::default())?;
        write.insert(Sop::TABLE, sop("small", "small", "few words"))
    });
    let ids = written.expect("written").entries;
    for extent in [Extent::Whole, Extent::Part { after: 0, of: 3 }] {
        assert_eq!(only_group(&begin(&mirror)).extent, extent);
        assert!(steps::lose_push(&mirror.store, &too_large()).expect("noted").is_some());
    }
    let push = begin(&mirror);
    assert_eq!(only_group(&push).extent, Extent::Withheld { entry: ids[0] });
    assert_eq!(entries(&push).iter().map(|entry| entry.id).collect::<Vec<_>>(), ids);
    assert!(entries(&push).iter().all(|entry| entry.before.is_empty() && entry.after.is_empty()));
    assert_eq!(only_group(&push).hashes[0], mirror.line(ids[0]).content_hash);
    assert!(
        steps::lose_push(&mirror.store, &too_large()).expect("noted").is_none(),
        "less than this cannot be said"
    );
    let push = begin(&mirror);
    let code = RejectCode::TooLarge;
    let refused = Verdict::Rejected { code, reason: "too large".to_owned(), fixable: true };
    answer(&mirror, &entries(&push)[..1], &refused);
    let items = mirror.store.read(quarantine::list).expect("the quarantine");
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].root.entry.id, items[0].followers.len()), (ids[0], 2));
    assert!(!steps::unsent(&mirror.store).expect("asked"));
}
