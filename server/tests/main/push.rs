//! Verdicts: each kind, and what it leaves behind.

use guildhall_server::random;
use guildhall_sync::change::{Entry, RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use serde_json::json;

use crate::desk::{ADMIN, Desk, MANAGER, MEMBER, OPERATOR, PAGE, word};

#[track_caller]
fn check_rejected(verdict: &Verdict, expected: RejectCode) {
    match verdict {
        Verdict::Rejected { code, reason, .. } => {
            assert_eq!(*code, expected, "{reason}");
            assert!(reason.ends_with('.'), "it is a sentence: {reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_row_is_committed_with_its_history() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let (ticket, mut entry) = (random::id(), None);
    let verdict = desk
        .push_one(&device, entry.insert(device.insert("tickets", ticket, desk.ticket_row("D1-1"))).clone())
        .await;
    assert_eq!(verdict, Verdict::Committed { rev: 1, ord: 0 });
    let row = desk.row("tickets", ticket).await;
    assert_eq!(row["subject"], "Lost key");
    assert_eq!((&row["created_by"], &row["updated_by"]), (&json!(desk.operator), &json!(desk.operator)));
    let entry = entry.expect("it was pushed");
    let history = desk.list("select * from guildhall.wal_entries where device_id is not null").await;
    assert_eq!(history.len(), 1);
    let line = &history[0];
    assert_eq!(line["id"], json!(entry.id));
    assert_eq!(
        (&line["row_rev"], &line["row_ord"], &line["status"]),
        (&json!(1), &json!(0), &json!("committed"))
    );
    assert_eq!((&line["before_state"], &line["after_state"]["local_ref"]), (&json!(null), &json!("D1-1")));
    assert_eq!(line["actor"], format!("user:{}", desk.operator));
    let hashes = desk.list("select encode(hash, 'hex') as hash from sync.member where pk in (select id from guildhall.tickets)").await;
    assert_eq!(line["sha_after"], hashes[0]["hash"]);
}

#[tokio::test]
async fn an_edit_names_what_it_saw_and_is_committed() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let edit = device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "Opening"}));
    assert_eq!(desk.push_one(&device, edit).await, Verdict::Committed { rev: 2, ord: 0 });
    let row = desk.row("sops", desk.page).await;
    assert_eq!((&row["title"], &row["version"]), (&json!("Opening"), &json!(2)));
}

#[tokio::test]
async fn edits_of_different_paragraphs_are_merged() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let edited = |from: &str, to: &str| json!({"content": PAGE.replace(from, to)});
    let before = || json!({"content": PAGE});
    let first = one.update("sops", desk.page, 1, before(), edited("the coins", "every coin"));
    assert_eq!(word(&desk.push_one(&one, first).await), "committed");
    let second = other.update("sops", desk.page, 1, before(), edited("the door", "both doors"));
    let expected =
        Verdict::Merged { rev: 3, ord: 0, columns: vec!["content".into()], with: Some(desk.operator) };
    assert_eq!(desk.push_one(&other, second).await, expected);
    let content = desk.row("sops", desk.page).await["content"].as_str().expect("text").to_owned();
    assert!(content.contains("every coin") && content.contains("both doors"), "{content}");
    let versions =
        desk.list("select version, changed_kind, parents from guildhall.sop_versions order by version").await;
    assert_eq!(versions[1]["changed_kind"], "human");
    assert_eq!(
        (&versions[2]["changed_kind"], &versions[2]["parents"]),
        (&json!("merge"), &json!(["1", "2"]))
    );
}

#[tokio::test]
async fn edits_of_one_sentence_are_a_conflict_that_keeps_both() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let edited = |to: &str| PAGE.replace("Count the coins.", to);
    let edit = |device: &crate::desk::Device, to: &str| {
        let after = json!({"content": edited(to), "is_pinned": true});
        device.update("sops", desk.page, 1, json!({"content": PAGE, "is_pinned": false}), after)
    };
    desk.push_one(&one, edit(&one, "Weigh the coins.")).await;
    let verdict = desk.push_one(&other, edit(&other, "Forget the coins.")).await;
    let Verdict::Conflict { conflict, units, rev, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!((rev, units), (2, vec!["content".to_owned()]));
    assert_eq!(desk.row("sops", desk.page).await["content"], edited("Weigh the coins."));
    let kept = desk.row("sync_conflicts", conflict.0).await;
    assert_eq!((&kept["kind"], &kept["resolved_at"]), (&json!("text"), &json!(null)));
    assert_eq!(kept["base"], json!({"content": PAGE}));
    assert_eq!(kept["mine"], json!({"content": edited("Forget the coins.")}));
    assert_eq!(kept["theirs"], json!({"content": edited("Weigh the coins.")}));
    assert_eq!(kept["scope_key"], format!("assistant:{}", desk.booking));
    assert_eq!(kept["author_id"], json!(desk.manager));
}

#[tokio::test]
async fn units_without_conflict_are_applied() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let before = || json!({"title": "opening", "front_matter": ""});
    let first = one.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    desk.push_one(&one, first).await;
    let after = json!({"title": "Other", "front_matter": "tags: []"});
    let verdict = desk.push_one(&other, other.update("sops", desk.page, 1, before(), after)).await;
    let Verdict::Conflict { rev: 3, units, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(units, ["title"]);
    let row = desk.row("sops", desk.page).await;
    assert_eq!((&row["title"], &row["front_matter"]), (&json!("One"), &json!("tags: []")));
}

#[tokio::test]
async fn who_goes_on_writing_replaces_what_they_wanted() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let title = |device: &crate::desk::Device, from: &str, to: &str| {
        device.update("sops", desk.page, 1, json!({"title": from}), json!({"title": to}))
    };
    desk.push_one(&one, title(&one, "opening", "One")).await;
    let together = vec![title(&other, "opening", "Two"), title(&other, "Two", "Three")];
    let first = desk.push_each(&other, together).await;
    let later = desk.push_one(&other, title(&other, "Three", "Four")).await;
    let ids: Vec<_> = first
        .iter()
        .chain([&later])
        .map(|verdict| match verdict {
            Verdict::Conflict { conflict, .. } => *conflict,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let kept = desk.list("select base, mine, theirs from guildhall.sync_conflicts").await;
    assert_eq!(
        kept,
        [json!({"base": {"title": "opening"}, "mine": {"title": "Four"}, "theirs": {"title": "One"}})]
    );
}

#[tokio::test]
async fn a_conflict_is_settled_by_its_author_or_a_leader_only() {
    let desk = Desk::start().await;
    let (one, other, leader) =
        (desk.device(MANAGER).await, desk.device(OPERATOR).await, desk.device(ADMIN).await);
    desk.add("user_locations", random::id(), json!({"user_id": desk.member, "location_id": desk.harbour}))
        .await;
    desk.world
        .psql(format!("update guildhall.users set role = 'support' where id = '{}'", desk.member))
        .await;
    let stranger = desk.device(MEMBER).await;
    let title = |device: &crate::desk::Device, rev, from: &str, to: &str| {
        device.update("sops", desk.page, rev, json!({"title": from}), json!({"title": to}))
    };
    desk.push_one(&one, title(&one, 1, "opening", "One")).await;
    let Verdict::Conflict { conflict, .. } = desk.push_one(&other, title(&other, 1, "opening", "Two")).await
    else {
        panic!("no conflict")
    };
    let settling = |device: &crate::desk::Device| {
        let mut entry = title(device, 2, "One", "Both");
        entry.settles = Some(conflict);
        entry
    };
    check_rejected(&desk.push_one(&stranger, settling(&stranger)).await, RejectCode::Forbidden);
    assert_eq!(desk.row("sync_conflicts", conflict.0).await["resolved_at"], json!(null));
    assert_eq!(word(&desk.push_one(&leader, settling(&leader)).await), "committed");
    let settled = desk.row("sync_conflicts", conflict.0).await;
    assert_eq!(settled["resolved_by"], json!(desk.world.user));
    assert_ne!(settled["resolved_at"], json!(null));
    let mut unknown = title(&other, 3, "Both", "None");
    unknown.settles = Some(guildhall_sync::id::ConflictId(random::id()));
    check_rejected(&desk.push_one(&other, unknown).await, RejectCode::NotFound);
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict_with_a_draft() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let (draft, free) = (random::id(), random::id());
    let taken = device.insert("sops", draft, desk.page_row("till", "opening", "Mine."));
    let other = device.insert("sops", free, desk.page_row("till", "closing", "Lock up."));
    let verdicts = desk.push_each(&device, vec![taken, other]).await;
    assert_eq!(verdicts[1], Verdict::Committed { rev: 1, ord: 0 });
    let Verdict::Conflict { conflict, units, .. } = &verdicts[0] else { panic!("{verdicts:?}") };
    assert_eq!(units, &["category", "section"]);
    assert_eq!(desk.row("sops", draft).await, json!(null));
    let kept = desk.row("sync_conflicts", conflict.0).await;
    assert_eq!((&kept["kind"], &kept["target_id"]), (&json!("duplicate"), &json!(desk.page)));
    assert_eq!((&kept["mine"]["id"], &kept["mine"]["content"]), (&json!(draft), &json!("Mine.")));
    assert_eq!(kept["theirs"]["content"], PAGE);

    let go_on =
        device.update("sops", draft, 0, json!({"content": "Mine."}), json!({"content": "Mine, longer."}));
    assert_eq!(word(&desk.push_one(&device, go_on).await), "conflict");
    assert_eq!(desk.row("sync_conflicts", conflict.0).await["mine"]["content"], "Mine, longer.");

    let mut renamed = device.insert("sops", draft, desk.page_row("till", "opening again", "Mine, longer."));
    renamed.settles = Some(*conflict);
    assert_eq!(word(&desk.push_one(&device, renamed).await), "committed");
    assert_ne!(desk.row("sync_conflicts", conflict.0).await["resolved_at"], json!(null));
    assert_eq!(desk.row("sops", draft).await["content"], "Mine, longer.");
}

#[tokio::test]
async fn renaming_to_a_taken_name_keeps_the_rest() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let page = random::id();
    desk.add("sops", page, desk.page_row("till", "closing", "Lock up.")).await;
    let (before, after) = (
        json!({"section": "closing", "title": "closing"}),
        json!({"section": "opening", "title": "Closing"}),
    );
    let verdict = desk.push_one(&device, device.update("sops", page, 1, before, after)).await;
    let Verdict::Conflict { units, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(units, ["section"]);
    let row = desk.row("sops", page).await;
    assert_eq!((&row["section"], &row["title"]), (&json!("closing"), &json!("Closing")));
}

#[tokio::test]
async fn a_name_taken_by_what_the_author_may_not_see_is_refused() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut hidden = desk.page_row("plans", "prices", "Cheaper.");
    hidden["assistant_id"] = json!(desk.strategy);
    desk.add("sops", random::id(), hidden).await;
    let taken = device.insert("sops", random::id(), desk.page_row("plans", "prices", "Mine."));
    check_rejected(&desk.push_one(&device, taken).await, RejectCode::Invalid);
    assert_eq!(desk.list("select id from guildhall.sync_conflicts").await, [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn deleting_what_another_edited_is_a_conflict_both_ways() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let delete = |device: &crate::desk::Device, rev| {
        let after = json!({"deleted_at": "2026-05-01T09:30:00Z"});
        device.update("sops", desk.page, rev, json!({"deleted_at": null}), after)
    };
    let edit = |device: &crate::desk::Device, from: &str, to: &str| {
        device.update("sops", desk.page, 1, json!({"title": from}), json!({"title": to}))
    };
    desk.push_one(&one, edit(&one, "opening", "One")).await;
    assert_eq!(word(&desk.push_one(&other, delete(&other, 1)).await), "conflict");
    assert_eq!(desk.row("sops", desk.page).await["deleted_at"], json!(null));
    assert_eq!(word(&desk.push_one(&other, delete(&other, 2)).await), "committed");
    let verdict = desk.push_one(&one, edit(&one, "One", "Two")).await;
    assert_eq!(word(&verdict), "conflict");
    let kinds = desk.list("select distinct kind from guildhall.sync_conflicts").await;
    assert_eq!(kinds, [json!({"kind": "delete_vs_edit"})]);
}

#[tokio::test]
async fn an_entry_waits_for_what_it_depends_on() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let page = random::id();
    let make = device.insert("sops", page, desk.page_row("till", "closing", "Lock up."));
    let mut edit = device.update("sops", page, 0, json!({"title": "closing"}), json!({"title": "Closing"}));
    edit.depends_on = vec![make.id];
    let early = desk.push_one(&device, edit.clone()).await;
    assert!(matches!(&early, Verdict::Deferred { retry_after_ms, .. } if *retry_after_ms > 0), "{early:?}");
    assert_eq!(desk.list("select entry_id from sync.inbox").await.len(), 0, "it is not remembered");
    let both = desk.push_each(&device, vec![make, edit.clone()]).await;
    assert_eq!(both, [Verdict::Committed { rev: 1, ord: 0 }, Verdict::Committed { rev: 1, ord: 1 }]);

    // The second edit of a group goes on with the first, which waits.
    let page = random::id();
    let make = device.insert("sops", page, desk.page_row("till", "count", "Count."));
    let title =
        |from: &str, to: &str| device.update("sops", page, 0, json!({"title": from}), json!({"title": to}));
    let group = vec![Entry { depends_on: vec![make.id], ..title("count", "One") }, title("One", "Two")];
    let early = desk.push(&device, vec![group.clone()]).await;
    assert_eq!([word(&early[0]), word(&early[1])], ["deferred", "deferred"]);
    let all = desk.push(&device, vec![vec![make], group]).await;
    assert!(all.iter().all(|verdict| word(verdict) == "committed"), "{all:?}");

    let bad = device.insert("sops", random::id(), desk.page_row("till", " ", "No name."));
    let mut after_bad =
        device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "New"}));
    after_bad.depends_on = vec![bad.id];
    let verdicts = desk.push_each(&device, vec![bad.clone(), after_bad]).await;
    check_rejected(&verdicts[0], RejectCode::Invalid);
    check_rejected(&verdicts[1], RejectCode::DependsOnRefused);
    let mut later = device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "New"}));
    later.depends_on = vec![bad.id, EntryId(random::id())];
    check_rejected(&desk.push_one(&device, later).await, RejectCode::DependsOnRefused);
}

#[tokio::test]
async fn a_group_of_several_is_all_or_nothing() {
    let desk = Desk::start().await;
    let (device, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let make = |section: &str| device.insert("sops", random::id(), desk.page_row("till", section, "Text."));
    let verdicts = desk.push(&device, vec![vec![make("a"), make(" "), make("c")], vec![make("d")]]).await;
    check_rejected(&verdicts[0], RejectCode::GroupRefused);
    check_rejected(&verdicts[1], RejectCode::Invalid);
    check_rejected(&verdicts[2], RejectCode::GroupRefused);
    assert_eq!(word(&verdicts[3]), "committed");
    let verdicts = desk.push(&device, vec![vec![make("e"), make("opening"), make("f")]]).await;
    check_rejected(&verdicts[0], RejectCode::GroupRefused);
    check_rejected(&verdicts[1], RejectCode::Invalid);
    let sections = desk.list("select section from guildhall.sops order by section").await;
    assert_eq!(sections, [json!({"section": "d"}), json!({"section": "opening"})]);

    let second = random::id();
    desk.add("sops", second, desk.page_row("till", "second", "Text.")).await;
    let title = |device: &crate::desk::Device, page, from: &str, to: &str| {
        device.update("sops", page, 1, json!({"title": from}), json!({"title": to}))
    };
    desk.push_one(&other, title(&other, desk.page, "opening", "Theirs")).await;
    let group = vec![
        title(&device, desk.page, "opening", "Mine"),
        title(&device, second, "second", "Second"),
        make("new"),
    ];
    let verdicts = desk.push(&device, vec![group]).await;
    assert_eq!([word(&verdicts[0]), word(&verdicts[1])], ["conflict", "conflict"]);
    check_rejected(&verdicts[2], RejectCode::GroupRefused);
    let titles = desk
        .list("select title from guildhall.sops where section in ('opening', 'second', 'new') order by 1")
        .await;
    assert_eq!(titles, [json!({"title": "Theirs"}), json!({"title": "second"})]);
    let kept = desk.list("select mine from guildhall.sync_conflicts order by mine::text").await;
    assert_eq!(kept, [json!({"mine": {"title": "Mine"}}), json!({"mine": {"title": "Second"}})]);
}

#[tokio::test]
async fn an_edit_in_psql_between_is_merged_like_any_other() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let statement = format!(
        "update guildhall.sops set content = replace(content, 'the coins', 'every coin') where id = '{}'",
        desk.page
    );
    desk.world.psql(statement).await;
    let after = json!({"content": PAGE.replace("the door", "both doors")});
    let verdict =
        desk.push_one(&device, device.update("sops", desk.page, 1, json!({"content": PAGE}), after)).await;
    assert_eq!(verdict, Verdict::Merged { rev: 3, ord: 0, columns: vec!["content".into()], with: None });
    let kinds = desk
        .list("select actor from guildhall.wal_entries where target_table = 'sops' order by row_rev desc")
        .await;
    assert_eq!(kinds[0]["actor"], format!("user:{}", desk.operator));
    assert!(kinds[1]["actor"].as_str().expect("text").starts_with("sql:"), "{kinds:?}");
}

#[tokio::test]
async fn rights_are_those_of_the_moment() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let edit = |rev, from: &str, to: &str| {
        device.update("sops", desk.page, rev, json!({"title": from}), json!({"title": to}))
    };
    assert_eq!(word(&desk.push_one(&device, edit(1, "opening", "One")).await), "committed");
    desk.world.psql("update guildhall.guilds set desk_edits = 'propose'").await;
    check_rejected(&desk.push_one(&device, edit(2, "One", "Two")).await, RejectCode::Forbidden);
    desk.world.psql("update guildhall.assistants set access_roles = '{admin}' where slug = 'booking'").await;
    check_rejected(&desk.push_one(&device, edit(2, "One", "Two")).await, RejectCode::NotFound);
    let member = desk.device(MEMBER).await;
    let ticket = member.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    check_rejected(&desk.push_one(&member, ticket).await, RejectCode::Forbidden);
}

#[tokio::test]
async fn what_an_entry_refers_to_must_be_there_for_its_author() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    for (column, id) in [("assigned_to", random::id()), ("assistant_id", desk.strategy)] {
        let mut row = desk.ticket_row("D1-1");
        row[column] = json!(id);
        let verdict = desk.push_one(&device, device.insert("tickets", random::id(), row)).await;
        check_rejected(&verdict, RejectCode::NotFound);
    }
}

#[tokio::test]
async fn an_admin_sets_up_an_assistant_and_its_pages_in_one_go() {
    let desk = Desk::start().await;
    let device = desk.device(ADMIN).await;
    let [assistant, page, place, ticket] = std::array::from_fn(|_| random::id());
    let mut row = desk.page_row("tech", "reset", "Switch it off.");
    row["assistant_id"] = json!(assistant);
    let mut at = desk.ticket_row("D1-1");
    at["location_id"] = json!(place);
    let group = vec![
        device.insert(
            "assistants",
            assistant,
            json!({"slug": "tech", "name": "Tech", "access_roles": ["admin"]}),
        ),
        device.insert("sops", page, row),
        device.insert("locations", place, json!({"code": "HILL", "name": "Hill"})),
        device.insert("tickets", ticket, at),
    ];
    let verdicts = desk.push(&device, vec![group]).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Committed { rev: 1, ord: 0 }), "{verdicts:?}");
}

#[tokio::test]
async fn a_row_made_again_by_its_author_is_there_already() {
    let desk = Desk::start().await;
    let (device, other) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let ticket = random::id();
    let make = |device: &crate::desk::Device| device.insert("tickets", ticket, desk.ticket_row("D1-1"));
    desk.push_one(&device, make(&device)).await;
    assert_eq!(word(&desk.push_one(&device, make(&device)).await), "committed");
    check_rejected(&desk.push_one(&other, make(&other)).await, RejectCode::Invalid);
    check_rejected(
        &desk.push_one(&device, device.insert("tickets", ticket, desk.ticket_row("D1-2"))).await,
        RejectCode::Invalid,
    );
    assert_eq!(desk.list("select rev from guildhall.tickets").await, [json!({"rev": 1})]);
}

/// Two laptops of one person, both without a network, on which the same page was read.
#[tokio::test]
async fn a_mark_that_two_devices_made_is_one_and_only_rises() {
    let desk = Desk::start().await;
    let (first, second) = (desk.device(OPERATOR).await, desk.device(OPERATOR).await);
    let mark = random::id();
    let make = |device: &crate::desk::Device, version: i64, read_at: &str| {
        let row =
            json!({"user_id": desk.operator, "sop_id": desk.page, "version": version, "read_at": read_at});
        device.insert("sop_reads", mark, row)
    };
    let (early, late) = ("2026-05-01T09:30:00Z", "2026-05-02T09:30:00Z");
    for (device, version, read_at) in [(&first, 2, early), (&second, 3, late), (&first, 1, early)] {
        let verdict = desk.push_one(device, make(device, version, read_at)).await;
        assert_eq!(word(&verdict), "committed", "{verdict:?}");
    }
    let marks =
        desk.list("select version, extract(day from read_at)::int as day, rev from guildhall.sop_reads");
    assert_eq!(marks.await, [json!({"version": 3, "day": 2, "rev": 2})]);
}

#[tokio::test]
async fn ranks_change_places() {
    let desk = Desk::start().await;
    let device = desk.device(ADMIN).await;
    let [low, high] = std::array::from_fn(|_| random::id());
    desk.add("ranks", low, json!({"name": "Low", "hierarchy_level": 1})).await;
    desk.add("ranks", high, json!({"name": "High", "hierarchy_level": 2})).await;
    let level = |rank, from, to| {
        device.update("ranks", rank, 1, json!({"hierarchy_level": from}), json!({"hierarchy_level": to}))
    };
    let verdicts = desk.push(&device, vec![vec![level(low, 1, 2), level(high, 2, 1)]]).await;
    assert_eq!([word(&verdicts[0]), word(&verdicts[1])], ["committed", "committed"], "{verdicts:?}");
    let verdict = desk
        .push_one(
            &device,
            device.update("ranks", low, 2, json!({"hierarchy_level": 2}), json!({"hierarchy_level": 1})),
        )
        .await;
    assert_eq!(word(&verdict), "conflict");
}
