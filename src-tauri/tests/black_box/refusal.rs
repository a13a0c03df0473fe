//! What the server refuses stays with whoever typed it, until they decide.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::quarantine::{self, Item};
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;
use guildhall_sync::change::RejectCode;
use guildhall_sync::id::SopId;

const PAGE: &str = "booking/access/pin-failures";
const SENTENCE: &str = "The lock knows it within one minute.";
const TYPED: &str = "The lock knows it when it pleases.";

/// The one thing that was refused, with the code, and whether it can be put right.
fn only_item(device: &Device, expected: (RejectCode, bool), typed: &str) -> Item {
    let mut items = device.read(quarantine::list);
    assert_eq!(items.len(), 1, "{items:?}");
    let item = items.remove(0);
    let (code, reason, fixable) = item.refusal().expect("a refusal");
    assert_eq!((code, fixable), expected, "{reason}");
    let kept = quarantine::typed(&item.root);
    assert!(kept.iter().any(|kept| kept.column == "content" && kept.after.contains(typed)), "{kept:?}");
    assert_eq!(device.status()["chip"], "Needs you (1)");
    device.demand_well();
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_edit_keeps_the_clerks_text_until_they_give_it_up() {
    let house = House::of_sample().await;
    let ben = house.laptop_of("ben").await;
    ben.rewrite(PAGE, SENTENCE, TYPED);
    house.psql("update guildhall.guilds set desk_edits = 'propose'").await;
    assert_eq!(ben.sync().await.refused, 1);

    let page = ben.page(PAGE);
    assert!(page.content.0.contains(SENTENCE), "the server's text is live");
    assert_eq!(ben.mark(page.id.0), "Refused");
    let item = only_item(&ben, (RejectCode::Forbidden, false), TYPED);
    let id = item.root.entry.id.0.to_string();
    let left = ben.program(|laptop| {
        let shown = laptop.run(&["quarantine", "show", &id]).well();
        assert!(shown.contains("This is changed by admins and managers only."), "{shown}");
        assert!(shown.contains(TYPED), "{shown}");
        laptop.run(&["quarantine", "resend", &id]).refuses(6, "Copy what you need of it");
        laptop.run(&["quarantine", "discard", &id]).well()
    });
    assert_eq!(left, "Nothing was refused.\n");
    assert_eq!(ben.mark(page.id.0), "On server (v1)");
    assert_eq!(ben.sync().await.sent, 0);
    let kept =
        "select count(*) from wal_entries where state = 'discarded' and after_state like '%when it pleases%'";
    assert_eq!(ben.count(kept), 1, "it stays readable");
    assert_eq!(
        house.ask::<i64>("select max(version) from guildhall.sops where section = 'pin-failures'").await,
        1
    );
    ben.demand_well();
}

/// A page with the name of one that the operator may not see.
fn add_page_with_hidden_name(ben: &Device) -> SopId {
    let new = NewSop {
        assistant: None,
        category: "strategy/risk".to_owned(),
        section: "risk-register".to_owned(),
        title: "What our neighbours charge".to_owned(),
        content: TYPED.to_owned(),
        front_matter: String::new(),
    };
    ben.write(|write| sops::create(write, &new, Why::default())).value
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_page_keeps_the_clerks_text_and_is_sent_again_when_it_can_be() {
    let house = House::of_sample().await;
    let ben = house.laptop_of("ben").await;
    let page = add_page_with_hidden_name(&ben);
    assert_eq!(ben.sync().await.refused, 1);
    let item = only_item(&ben, (RejectCode::Invalid, true), TYPED);
    assert!(ben.find_page(&page.0.to_string()).is_none(), "what the server does not have is no page");

    house.psql("update guildhall.sops set section = 'renamed' where section = 'risk-register' and category = 'strategy/risk'").await;
    let id = item.root.entry.id.0.to_string();
    let left = ben.program(|laptop| laptop.run(&["quarantine", "resend", &id, "--json"]).json());
    assert_eq!(left.as_array().map(Vec::len), Some(0));
    assert_eq!((ben.text("strategy/risk/risk-register"), ben.unsent()), (TYPED.to_owned(), 1));
    assert_eq!(ben.sync().await.sent, 1);
    let live = "select content from guildhall.sops where section = 'risk-register'";
    assert_eq!(house.ask::<String>(live).await, TYPED);
    assert_eq!(ben.mark(ben.page("strategy/risk/risk-register").id.0), "On server (v1)");
    ben.demand_well();
}
