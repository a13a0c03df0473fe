//! Two people who want one thing: the same name, the same ticket.

use guildhall_server::random;
use guildhall_sync::change::{RejectCode, Verdict};
use serde_json::json;

use crate::desk::{ADMIN, Desk, Device, OPERATOR, word};

/// What refers to a row whose name is taken waits for the person who settles that.
#[tokio::test]
async fn children_follow_a_row_that_was_merged_into_another() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let ticket = random::id();
    desk.add("tickets", ticket, desk.ticket_row("D1-1")).await;
    for merges in [true, false] {
        let (draft, child) = (random::id(), random::id());
        let page = device.insert("sops", draft, desk.page_row("till", "opening", "Mine."));
        let answer =
            device.insert("ticket_resolutions", child, json!({"ticket_id": ticket, "sop_id": draft}));
        let verdicts = desk.push_each(&device, vec![page, answer.clone()]).await;
        let Verdict::Conflict { conflict, .. } = verdicts[0] else { panic!("{verdicts:?}") };
        assert_eq!(word(&verdicts[1]), "deferred", "{verdicts:?}");
        let mut settles = match merges {
            true => device.update("sops", desk.page, 1, json!({}), json!({})),
            false => device.insert("sops", draft, desk.page_row("till", "a free name", "Mine.")),
        };
        settles.settles = Some(conflict);
        assert_eq!(word(&desk.push_one(&device, settles).await), "committed");
        assert_eq!(word(&desk.push_one(&device, answer).await), "committed");
        let parent = if merges { desk.page } else { draft };
        assert_eq!(desk.row("ticket_resolutions", child).await["sop_id"], json!(parent));
    }
}

#[tokio::test]
async fn who_takes_a_free_ticket_second_hears_who_was_first() {
    let desk = Desk::start().await;
    let (first, second) = (desk.device(OPERATOR).await, desk.device(ADMIN).await);
    let ticket = random::id();
    desk.add("tickets", ticket, desk.ticket_row("D1-1")).await;
    let take = |device: &Device, person| {
        device.update("tickets", ticket, 1, json!({"assigned_to": null}), json!({"assigned_to": person}))
    };
    assert_eq!(word(&desk.push_one(&first, take(&first, desk.operator)).await), "committed");
    let verdict = desk.push_one(&second, take(&second, desk.world.user)).await;
    let Verdict::Rejected { code, reason, fixable } = &verdict else { panic!("{verdict:?}") };
    assert_eq!((*code, reason.as_str(), *fixable), (RejectCode::Taken, "Otto has taken it already.", true));
    assert_eq!(desk.row("tickets", ticket).await["assigned_to"], json!(desk.operator));
}

/// Alone each of the two would have been taken.
#[tokio::test]
async fn a_constraint_that_fails_only_after_a_merge_is_a_conflict() {
    let desk = Desk::start().await;
    let device = desk.device(ADMIN).await;
    let rival = random::id();
    desk.add("competitors", rival, json!({"name": "Links", "strengths": "", "weaknesses": ""})).await;
    desk.world
        .psql("alter table guildhall.competitors add check (length(strengths) + length(weaknesses) < 20)")
        .await;
    let edit = |column: &str, text: &str| {
        device.update("competitors", rival, 1, json!({column: ""}), json!({column: text}))
    };
    let strong = edit("strengths", "near the lake");
    assert_eq!(word(&desk.push_one(&device, strong).await), "committed");
    let verdict = desk.push_one(&device, edit("weaknesses", "far from town")).await;
    let Verdict::Conflict { conflict, units, .. } = &verdict else { panic!("{verdict:?}") };
    assert_eq!(units, &["weaknesses"]);
    assert_eq!(desk.row("sync_conflicts", conflict.0).await["mine"]["weaknesses"], "far from town");
    assert_eq!(desk.row("competitors", rival).await["weaknesses"], "");
    let alone = edit("weaknesses", "so far away that nobody goes there");
    assert_eq!(word(&desk.push_one(&device, alone).await), "conflict");
}
