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
    4: Push wait(57700ms) | Sending
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

#[test]
fn an_edit_does_not_wait_for_what_the_server_deferred() {
    let deferred = Event::Pushed(Ok(Pushed { unsent: false, deferred_ms: Some(60_000) }));
    let lines = play(&[
        (0, Event::Started { unsent: true }),
        (1, pulled()),
        (2, deferred),
        (3, pulled()),
        (4, Event::LocalChanged),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    0: Push Pull | Sending
    1: OpenLive wait(55700ms) | Sending
    2: Pull wait(62000ms) | Receiving
    3: wait(57700ms) | Quiet
    4: Push wait(57700ms) | Sending
    ");
}

/// A linear congruence: the same numbers for the same seed.
fn next(random: &mut u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *random >> 16
}

/// Any events in any order, in answer to what is under way.
fn fail_somehow(client: &mut Client, now: &mut Timestamp, random: &mut u64) {
    for _ in 0..next(random) % 60 {
        *now = now.plus_ms(next(random) % 20_000);
        let wait = next(random) % (2 * LONGEST_WAIT_MS);
        let failure = match next(random) % 3 {
            0 => Failure::Unreachable,
            1 => Failure::Later { retry_after_ms: None },
            _ => Failure::Later { retry_after_ms: Some(wait) },
        };
        let deferred = Pushed { unsent: next(random).is_multiple_of(2), deferred_ms: Some(wait) };
        let event = match next(random) % 8 {
            0 => Event::LocalChanged,
            1 | 2 if client.push.in_flight => Event::Pushed(Err(failure)),
            3 if client.push.in_flight => Event::Pushed(Ok(deferred)),
            4 if client.pull.in_flight => Event::Pulled(Err(failure)),
            5 if client.pull.in_flight => pulled(),
            6 => Event::Hint,
            7 => Event::LiveClosed,
            _ => Event::Due,
        };
        client.step(*now, next(random), event);
    }
}

/// Whatever failed: from the moment at which requests succeed, what is wanted is under way within
/// the longest wait, by nothing but the wake-ups that were asked for.
#[test]
fn whatever_failed_a_push_is_under_way_within_the_longest_wait() {
    for seed in 0..20_000 {
        let (mut random, mut now, mut client) = (seed, Timestamp::default(), Client::default());
        client.step(now, 0, Event::Started { unsent: true });
        fail_somehow(&mut client, &mut now, &mut random);
        let mut effects = client.step(now, next(&mut random), Event::LocalChanged);
        let healthy_at = now;
        while !client.push.in_flight {
            let due = effects.iter().find_map(|effect| match effect {
                Effect::WaitUntil(due) => Some(*due),
                _ => None,
            });
            now = due.unwrap_or_else(|| panic!("seed {seed}: nobody wakes {client:?}"));
            assert!(now.0 - healthy_at.0 <= 1_000 * LONGEST_WAIT_MS.cast_signed(), "seed {seed}: {client:?}");
            let event = if client.pull.in_flight { pulled() } else { Event::Due };
            effects = client.step(now, next(&mut random), event);
        }
        for _ in 0..4 {
            let event = if client.push.in_flight { pushed(false) } else { pulled() };
            client.step(now, 0, event);
        }
        assert!(client.is_quiet(), "seed {seed}: {client:?}");
    }
}

#[test]
fn a_clock_that_is_set_back_ends_every_wait() {
    let unreachable = || Event::Pulled(Err(Failure::Unreachable));
    let lines = play(&[
        (900_000, Event::Started { unsent: false }),
        (900_001, unreachable()),
        (5, Event::Due),
        (6, pulled()),
        (7, Event::Pushed(Ok(Pushed { unsent: false, deferred_ms: Some(u64::MAX) }))),
        (8, Event::Due),
        (500, Event::Due),
    ]);
    insta::assert_snapshot!(lines.join("\n"), @"
    900000: Pull | Receiving
    900001: wait(900001700ms) | Offline { next_try: Timestamp(900001700000) }
    5: Pull | Receiving
    6: OpenLive wait(60700ms) | Quiet
    7: Pull wait(307000ms) | Receiving
    8: wait(307000ms) | Receiving
    500: Push | Sending
    ");
}
