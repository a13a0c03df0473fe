//! Live hints: they come after every write, whoever wrote, and only to who may hear them.

use guildhall_server::admin;
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{self, SignIn, SignedIn, Tokens};

use crate::world::{Served, World, add_person, attempt};

/// A device that listens.
pub struct Listening {
    response: reqwest::Response,
    text: String,
}

impl Listening {
    pub async fn start(server: &Served, tokens: &Tokens) -> Self {
        let request = server.client.get(server.url(protocol::LIVE)).bearer_auth(&tokens.access);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// Where the stream is, as soon as it is said; none at the end.
    pub async fn next(&mut self) -> Option<u64> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let hint = read_hint(event);
                self.text = rest.to_owned();
                if hint.is_some() {
                    return hint;
                }
                continue;
            }
            let more = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&more).expect("text"));
        }
    }
}

fn read_hint(event: &str) -> Option<u64> {
    if event.starts_with(':') {
        return None;
    }
    let data = event.strip_prefix("event: hi\ndata: ").expect("the only event that there is");
    let data: serde_json::Value = serde_json::from_str(data).expect("json");
    Some(data["stream_at"].as_u64().expect("a number"))
}

async fn rename(world: &World, description: &str) {
    world
        .psql(format!("update guildhall.guilds set description = '{description}' where name = 'Fairway'"))
        .await;
}

async fn stream_at(world: &World) -> u64 {
    let last = "select last_no::text as answer from sync.stream join guildhall.guilds on id = stream where name = 'Fairway'";
    world.ask(last).await.parse().expect("a number")
}

#[tokio::test]
async fn a_hint_comes_after_a_write_in_psql() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let mut listening = Listening::start(&world.server, &entered.tokens).await;
    let mut last = listening.next().await.expect("where it is now");
    for description in ["one", "two", "three"] {
        rename(&world, description).await;
        let next = listening.next().await.expect("a hint");
        assert!(next > last, "{next} after {last}");
        last = next;
    }
    assert_eq!(stream_at(&world).await, last, "everything has its number");
}

#[tokio::test]
async fn other_guilds_are_not_heard() {
    let world = World::start().await;
    let other = admin::add_guild(&world.database, "Other", "en", "UTC").await.expect("guild");
    add_person(&world.database, other, "Stranger", None, Role::Admin).await;
    let stranger = SignIn { guild: "Other".to_owned(), login: "Stranger".to_owned(), ..attempt() };
    let stranger: SignedIn = world.server.sign_in(&stranger).await.read();
    let entered = world.signed_in().await;
    let mut theirs = Listening::start(&world.server, &stranger.tokens).await;
    let mut ours = Listening::start(&world.server, &entered.tokens).await;
    let (before, _) = (theirs.next().await, ours.next().await);
    rename(&world, "ours").await;
    ours.next().await.expect("a hint");
    world.psql("update guildhall.guilds set description = 'theirs' where name = 'Other'").await;
    assert_eq!(theirs.next().await, before.map(|last| last + 1), "the first that they hear is their own");
}

#[tokio::test]
async fn several_servers_hear_each_other_and_one_of_them_seals() {
    let world = World::start().await;
    let second = Served::start(&world.place.url(), |_| {}).await;
    let entered = world.signed_in().await;
    let mut here = Listening::start(&world.server, &entered.tokens).await;
    let mut there = Listening::start(&second, &entered.tokens).await;
    assert_eq!(here.next().await, there.next().await);
    rename(&world, "both").await;
    assert_eq!(here.next().await, there.next().await);

    let World { server, place, .. } = world;
    server.stop().await;
    sqlx::raw_sql("update guildhall.guilds set description = 'alone'")
        .execute(&mut place.connect().await)
        .await
        .expect("written");
    there.next().await.expect("the other one has taken over");
    second.stop().await;
}

#[tokio::test]
async fn a_person_who_opens_too_many_loses_the_oldest() {
    let world = World::start_with(|config| config.limits.live_per_user = 2).await;
    let entered = world.signed_in().await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut listening = Listening::start(&world.server, &entered.tokens).await;
        listening.next().await.expect("where it is now");
        open.push(listening);
    }
    assert_eq!(open[0].next().await, None);
    rename(&world, "for two").await;
    for listening in &mut open[1..] {
        listening.next().await.expect("a hint");
    }
}

#[tokio::test]
async fn a_session_that_is_over_hears_no_more() {
    let world = World::start().await;
    let (signs_out, revoked, stays) =
        (world.signed_in().await, world.signed_in().await, world.signed_in().await);
    let mut listening = Vec::new();
    for entered in [&signs_out, &revoked, &stays] {
        let mut open = Listening::start(&world.server, &entered.tokens).await;
        open.next().await.expect("where it is now");
        listening.push(open);
    }
    world.server.sign_out(&signs_out.tokens).await;
    assert_eq!(listening[0].next().await, None);
    world
        .psql(format!("update private.devices set revoked_at = now() where id = '{}'", revoked.device))
        .await;
    assert_eq!(listening[1].next().await, None);
    rename(&world, "for one").await;
    listening[2].next().await.expect("a hint");
}

#[tokio::test]
async fn a_connection_ends_with_its_token() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    world.psql("update private.access_tokens set expires_at = now() + interval '1500 milliseconds'").await;
    let mut listening = Listening::start(&world.server, &entered.tokens).await;
    listening.next().await.expect("where it is now");
    assert_eq!(listening.next().await, None);
}
