//! What a window asks of the program behind it, and what it is told without asking.

use crate::house::bridge::Bridge;
use crate::house::{GUILD, House, PASSWORD};
use serde_json::json;

const PAGE: &str = "booking/access/pin-failures";

#[tokio::test(flavor = "multi_thread")]
async fn the_door_opens_for_the_token_and_this_host_only() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let bridge = Bridge::start(&ana.profile(), Some(PASSWORD)).await;
    let answer = async |request: reqwest::RequestBuilder| request.send().await.expect("an answer").status();
    assert_eq!(answer(bridge.post("session", json!({}))).await, 401);
    let forged = bridge.post("session", json!({})).header("x-guildhall-token", "x".repeat(43));
    assert_eq!(answer(forged).await, 401);
    for (name, value) in [("host", "guildhall.example"), ("origin", "http://guildhall.example")] {
        let foreign = bridge.post("session", json!({})).header("x-guildhall-token", &bridge.token);
        assert_eq!(answer(foreign.header(name, value)).await, 403, "{name}");
    }
    assert_eq!(bridge.run("session", json!({})).await["user"], house.name_of("ana"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_told_in_a_sentence() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let bridge = Bridge::start(&ana.profile(), None).await;
    let code =
        async |name, request| bridge.try_run(name, request).await.expect_err("a failure")["code"].clone();
    assert_eq!(code("search", json!({"text": "pin", "tables": [], "limit": 3})).await, "locked");
    assert_eq!(code("unlock", json!({"password": "wrong", "remember": false})).await, "locked");
    assert_eq!(code("unlock", json!({"password": 7})).await, "bad_request");
    assert_eq!(code("no_such_command", json!({})).await, "bad_request");
    assert_eq!(bridge.run("session", json!({})).await["state"], "locked");
    let unlocked = bridge.run("unlock", json!({"password": PASSWORD, "remember": false})).await;
    assert_eq!((&unlocked["state"], &unlocked["guild"]), (&json!("open"), &json!(GUILD)));
    assert_eq!(bridge.run("lock", json!({})).await["state"], "locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chip_follows_the_server_and_the_person() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let mut bridge = Bridge::start(&ana.profile(), Some(PASSWORD)).await;
    bridge.until("status", json!({}), |status| status["state"] == "all_on_server").await;

    let chosen = bridge.run("work_offline", json!({"on": true})).await;
    assert_eq!((&chosen["state"], &chosen["works_offline"]), (&json!("offline"), &json!(true)));
    ana.rewrite(PAGE, "A PIN has six digits.", "A PIN has six digits, never more.");
    bridge.until("status", json!({}), |status| status["unsent"] == 1).await;
    bridge.run("work_offline", json!({"on": false})).await;
    bridge.until("status", json!({}), |status| status["state"] == "all_on_server").await;

    house.stop_server();
    bridge.until("status", json!({}), |status| status["state"] == "offline").await;
    let failure = bridge.try_run("sync_now", json!({})).await.expect_err("nobody is there");
    assert_eq!(failure["code"], "offline");
    house.start_server();
    bridge.run("sync_now", json!({})).await;
    bridge.until("status", json!({}), |status| status["state"] == "all_on_server").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_another_laptop_or_process_is_told_by_itself() {
    let house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    let mut bridge = Bridge::start(&ana.profile(), Some(PASSWORD)).await;
    bridge.until("status", json!({}), |status| status["state"] == "all_on_server").await;
    let id = json!(ana.page(PAGE).id.0);

    ben.rewrite(PAGE, "A PIN has six digits.", "A PIN has six digits, never more.");
    ben.sync().await;
    let told = bridge.hear(|event| event["table"] == "sops").await;
    assert_eq!((&told["origin"], &told["ids"]), (&json!("server"), &json!([id])));

    ana.rewrite(PAGE, "never more.", "never less.");
    bridge.hear(|event| event["origin"] == "elsewhere").await;
    bridge.until("status", json!({}), |status| status["state"] == "all_on_server").await;
    ben.sync().await;
    assert!(ben.text(PAGE).contains("never less."), "it was sent without being asked");
}
