//! Conversations: each line an event, and what the client wants done.

use super::*;

/// Plays events, one second apart unless they say a time, and prints what each brings about.
fn play(events: &[(u64, Event)]) -> Vec<String> {
    let mut client = Client::default();
    let second = |s: u64| Timestamp::default().plus_ms(s * 1000);
    events
        .iter()
        .map(|(at, event)| {
            let effects = client.step(second(*at), 700, event.clone());
            let words: Vec<_> = effects.iter().map(word).collect();
            format!("{at}: {} | {:?}", words.join(" "), client.standing())
        })
        .collect()
}

fn word(effect: &Effect) -> String {
    match effect {
        Effect::WaitUntil(at) => format!("wait({}ms)", at.0 / 1000),
        other => format!("{other:?}"),
    }
}

fn pushed(unsent: bool) -> Event {
    Event::Pushed(Ok(Pushed { unsent, deferred_ms: None }))
}

fn pulled() -> Event {
    Event::Pulled(Ok(Pulled { more: false, unsent: false }))
}

#[test]
fn an_edit_goes_out_and_its_settlement_comes_back() {
    let lines = play(&[
        (0, Event::Started { unsent: false }),
        (1, pulled()),
        (2, Event::LocalChanged),
        (3, pushed(false)),
        (4, pulled()),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Pull | Receiving
    1: OpenLive wait(55700ms) | Quiet
    2: Push wait(55700ms) | Sending
    3: Pull | Receiving
    4: wait(58700ms) | Quiet
    ");
}

#[test]
fn pull_does_not_wait_for_push() {
    let lines = play(&[
        (0, Event::Started { unsent: true }),
        (1, pulled()),
        (2, Event::Hint),
        (3, pulled()),
        (4, pushed(true)),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Push Pull | Sending
    1: OpenLive wait(55700ms) | Sending
    2: Pull | Sending
    3: wait(57700ms) | Sending
    4: Push Pull | Sending
    ");
}

#[test]
fn without_a_server_it_waits_longer_each_time_and_an_edit_stays_wanted() {
    let away = || Event::Pulled(Err(Failure::Unreachable));
    let lines = play(&[
        (0, Event::Started { unsent: false }),
        (1, away()),
        (2, Event::Due),
        (3, away()),
        (4, Event::LocalChanged),
        (5, Event::Pushed(Err(Failure::Unreachable))),
        (6, Event::NetworkChanged),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Pull | Receiving
    1: wait(1700ms) | Offline { next_try: Timestamp(1700000) }
    2: Pull | Receiving
    3: wait(3700ms) | Offline { next_try: Timestamp(3700000) }
    4: Push Pull | Sending
    5: wait(5700ms) | Receiving
    6: Push | Sending
    ");
}

#[test]
fn the_server_says_how_long_to_wait() {
    let later = Event::Pushed(Err(Failure::Later { retry_after_ms: Some(30_000) }));
    let lines = play(&[
        (0, Event::Started { unsent: true }),
        (1, pulled()),
        (2, later),
        (3, Event::LocalChanged),
        (32, Event::Due),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Push Pull | Sending
    1: OpenLive wait(55700ms) | Sending
    2: wait(32000ms) | Offline { next_try: Timestamp(32000000) }
    3: wait(32000ms) | Offline { next_try: Timestamp(32000000) }
    32: Push wait(55700ms) | Sending
    ");
}

#[test]
fn an_ended_session_stops_everything_until_sign_in() {
    let lines = play(&[
        (0, Event::Started { unsent: true }),
        (1, Event::Pushed(Err(Failure::SignInAgain))),
        (2, Event::LocalChanged),
        (3, Event::Asked),
        (4, Event::SignedIn { unsent: true }),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Push Pull | Sending
    1:  | SignInAgain
    2:  | SignInAgain
    3:  | SignInAgain
    4: Push Pull | Sending
    ");
}

#[test]
fn what_the_server_deferred_is_sent_again_when_it_said() {
    let deferred = Event::Pushed(Ok(Pushed { unsent: false, deferred_ms: Some(2_000) }));
    let lines = play(&[
        (0, Event::Started { unsent: true }),
        (1, pulled()),
        (2, deferred),
        (3, pulled()),
        (4, Event::Due),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Push Pull | Sending
    1: OpenLive wait(55700ms) | Sending
    2: Pull wait(4000ms) | Receiving
    3: wait(4000ms) | Quiet
    4: Push wait(57700ms) | Sending
    ");
}

#[test]
fn a_server_that_closes_live_at_once_is_not_hammered() {
    let lines = play(&[
        (0, Event::Started { unsent: false }),
        (1, pulled()),
        (2, Event::LiveClosed),
        (3, pulled()),
        (3, Event::LiveClosed),
        (4, pulled()),
        (5, Event::Hint),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Pull | Receiving
    1: OpenLive wait(55700ms) | Quiet
    2: Pull wait(2700ms) | Receiving
    3: OpenLive wait(57700ms) | Quiet
    3: Pull wait(3700ms) | Receiving
    4: OpenLive wait(58700ms) | Quiet
    5: Pull | Receiving
    ");
}

/// Whatever fails: once requests succeed, everything wanted is done within the longest wait.
#[test]
fn liveness_under_any_failures() {
    let mut random = 1_u64;
    let mut client = Client::default();
    let mut now = Timestamp::default();
    client.step(now, 0, Event::Started { unsent: true });
    for round in 0..5_000_u64 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        now = now.plus_ms(random >> 50);
        let failure =
            if random & 4 == 0 { Failure::Unreachable } else { Failure::Later { retry_after_ms: None } };
        let event = match round % 6 {
            0 => Event::LocalChanged,
            1 if client.push.in_flight => Event::Pushed(Err(failure)),
            2 if client.pull.in_flight => Event::Pulled(Err(failure)),
            3 => Event::Hint,
            4 => Event::LiveClosed,
            _ => Event::Due,
        };
        client.step(now, random, event);
    }
    now = now.plus_ms(LONGEST_WAIT_MS);
    client.step(now, 0, Event::Due);
    assert!(client.push.in_flight && client.pull.in_flight, "{client:?}");
    client.step(now, 0, pushed(false));
    client.step(now, 0, pulled());
    client.step(now, 0, pulled());
    assert!(client.is_quiet(), "{client:?}");
}
