//! Sign-in: who comes in, as which device, and what everybody else is told.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use guildhall_server::admin;
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::config::Rate;
use guildhall_sync::id::DeviceId;
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{RefusalCode, SignIn, SignedIn};
use uuid::Uuid;

use crate::world::{PASSWORD, PERSON, World, add_person, attempt};

fn attempt_as(login: &str) -> SignIn {
    SignIn { login: login.to_owned(), ..attempt() }
}

fn attempt_with(password: &str) -> SignIn {
    SignIn { password: password.to_owned(), ..attempt() }
}

/// Time passes for those who have to wait.
async fn let_locks_pass(world: &World) {
    world.psql("update private.user_credentials set locked_until = now()").await;
}

#[tokio::test]
async fn a_person_comes_in_by_name_or_address_in_any_case() {
    let world = World::start().await;
    for login in [PERSON, "MARCO", "marco@fairway.example", "Marco@Fairway.Example"] {
        let entered: SignedIn = world.server.sign_in(&attempt_as(login)).await.read();
        assert_eq!((entered.guild, entered.user), (world.guild, world.user), "{login}");
        assert_eq!((entered.guild_name.as_str(), entered.user_name.as_str()), ("Fairway", PERSON));
        assert_eq!(entered.role, Role::Admin);
        assert_eq!(world.server.try_token(&entered.tokens).await, Ok(()));
    }
}

#[tokio::test]
async fn whatever_is_wrong_at_the_door_the_answer_is_the_same() {
    let world = World::start().await;
    for name in ["Idle", "Gone", "Locked"] {
        add_person(&world.database, world.guild, name, None, Role::Operator).await;
    }
    world.psql("update guildhall.users set is_active = false where name = 'Idle'").await;
    world.psql("update guildhall.users set deleted_at = now() where name = 'Gone'").await;
    world
        .psql(
            "update private.user_credentials c set failed_attempts = 5, locked_until = now() + interval '1 hour'
             from guildhall.users u where u.id = c.user_id and u.name = 'Locked'",
        )
        .await;
    let other = admin::add_guild(&world.database, "Other", "en", "UTC").await.expect("guild");
    add_person(&world.database, other, "Stranger", None, Role::Admin).await;
    let attempts = [
        attempt_with("another password entirely"),
        attempt_with(""),
        SignIn { guild: "Nowhere".to_owned(), ..attempt() },
        attempt_as("Nobody"),
        attempt_as("Stranger"),
        attempt_as("Idle"),
        attempt_as("Gone"),
        attempt_as("Locked"),
    ];
    let expected = world.server.sign_in(&attempts[0]).await;
    expected.check(401, RefusalCode::WrongCredentials);
    for attempt in &attempts[1..] {
        let answer = world.server.sign_in(attempt).await;
        assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{}", attempt.login);
        assert_eq!(answer.retry_after, None);
    }
}

#[tokio::test]
async fn five_failures_lock_an_account_for_a_quarter_of_an_hour() {
    let world = World::start().await;
    for _ in 0..5 {
        let_locks_pass(&world).await;
        let answer = world.server.sign_in(&attempt_with("another password entirely")).await;
        answer.check(401, RefusalCode::WrongCredentials);
    }
    let wait = world
        .ask("select extract(epoch from locked_until - now())::text as answer from private.user_credentials")
        .await;
    let wait: f64 = wait.parse().expect("seconds");
    assert!((14.0 * 60.0..=15.0 * 60.0).contains(&wait), "{wait} seconds");
    world.server.sign_in(&attempt()).await.check(401, RefusalCode::WrongCredentials);
    let failures = "select failed_attempts::text as answer from private.user_credentials";
    assert_eq!(world.ask(failures).await, "5", "a try at a locked account is no failure");

    let_locks_pass(&world).await;
    world.signed_in().await;
    assert_eq!(world.ask(failures).await, "0");
}

#[tokio::test]
async fn guesses_at_the_same_time_are_counted_one_after_the_other() {
    let world = World::start().await;
    let guesses = (0..12).map(|number| {
        let server = &world.server;
        async move { server.sign_in(&attempt_with(&format!("guess number {number}"))).await }
    });
    for answer in futures_util::future::join_all(guesses).await {
        answer.check(401, RefusalCode::WrongCredentials);
    }
    let failures = world.ask("select failed_attempts::text as answer from private.user_credentials").await;
    let failures: i32 = failures.parse().expect("a number");
    assert!((1..=5).contains(&failures), "{failures} guesses were looked at");
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed_at_sign_in() {
    let world = World::start().await;
    let params = Params::new(1024, 1, 1, None).expect("params");
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(PASSWORD.as_bytes(), b"0123456789abcdef")
        .expect("hash");
    world.psql(format!("update private.user_credentials set password_hash = '{cheap}'")).await;
    world.signed_in().await;
    let renewed = world.ask("select password_hash as answer from private.user_credentials").await;
    assert!(renewed.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"), "{renewed}");
    world.signed_in().await;
    let kept = world.ask("select password_hash as answer from private.user_credentials").await;
    assert_eq!(kept, renewed);
}

#[tokio::test]
async fn a_device_stays_who_it_is_and_nobody_takes_it_over() {
    let world = World::start().await;
    add_person(&world.database, world.guild, "Ines", None, Role::Operator).await;
    let first = world.signed_in().await;
    let again = SignIn {
        device: Some(first.device),
        device_name: "desk 4".to_owned(),
        app_version: "0.2.0".to_owned(),
        ..attempt()
    };
    let second: SignedIn = world.server.sign_in(&again).await.read();
    assert_eq!(second.device, first.device);
    let device = "select name || ' ' || platform || ' ' || app_version as answer from private.devices";
    assert_eq!(world.ask(device).await, "desk 4 linux 0.2.0");
    assert_eq!(
        world.server.try_token(&first.tokens).await,
        Err(RefusalCode::SignInAgain),
        "what it was signed in as before is over"
    );

    let ines = SignIn { device: Some(first.device), ..attempt_as("Ines") };
    let ines: SignedIn = world.server.sign_in(&ines).await.read();
    assert_ne!(ines.device, first.device);
    assert_eq!(world.server.try_token(&second.tokens).await, Ok(()), "and nobody else is disturbed");

    let unknown = DeviceId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
    let restored: SignedIn =
        world.server.sign_in(&SignIn { device: Some(unknown), ..attempt() }).await.read();
    assert_eq!(restored.device, unknown, "the server may have been restored to a time before the device");
}

#[tokio::test]
async fn a_revoked_device_is_told_so_wherever_it_comes() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    world.psql("update private.devices set revoked_at = now()").await;
    assert_eq!(world.server.try_token(&entered.tokens).await, Err(RefusalCode::DeviceRevoked));
    let refreshed = world.server.refresh(entered.device, &entered.tokens).await;
    refreshed.check(403, RefusalCode::DeviceRevoked);
    let again = world.server.sign_in(&SignIn { device: Some(entered.device), ..attempt() }).await;
    again.check(403, RefusalCode::DeviceRevoked);
    world.signed_in().await;
}

#[tokio::test]
async fn whoever_is_closed_out_is_not_served_any_more() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    for change in ["is_active = false", "is_active = true, deleted_at = now()"] {
        world.psql(format!("update guildhall.users set {change}")).await;
        assert_eq!(world.server.try_token(&entered.tokens).await, Err(RefusalCode::SignInAgain), "{change}");
        let refreshed = world.server.refresh(entered.device, &entered.tokens).await;
        refreshed.check(401, RefusalCode::SignInAgain);
    }
}

#[tokio::test]
async fn another_password_ends_what_was_begun_with_the_old_one() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let new = "an altogether new one".to_owned();
    admin::new_password(&world.database, world.guild, world.user, new.clone(), PasswordCost::default())
        .await
        .expect("changed");
    assert_eq!(world.server.try_token(&entered.tokens).await, Err(RefusalCode::SignInAgain));
    world.server.sign_in(&attempt()).await.check(401, RefusalCode::WrongCredentials);
    let entered: SignedIn = world.server.sign_in(&attempt_with(&new)).await.read();
    assert_eq!(world.server.try_token(&entered.tokens).await, Ok(()));
}

#[tokio::test]
async fn too_many_tries_are_sent_away_until_a_time() {
    let world =
        World::start_with(|config| config.limits.account_sign_ins = Rate { burst: 2, per_minute: 6 }).await;
    for login in [PERSON, "Nobody"] {
        for _ in 0..2 {
            let answer = world.server.sign_in(&attempt_as(login)).await;
            assert_ne!(answer.status.as_u16(), 429);
        }
        let answer = world.server.sign_in(&attempt_as(login)).await;
        answer.check(429, RefusalCode::TryLater);
        let wait: u32 = answer.retry_after.expect("a time").parse().expect("seconds");
        assert!((1..=10).contains(&wait), "{wait} seconds");
    }
    let world =
        World::start_with(|config| config.limits.peer_sign_ins = Rate { burst: 2, per_minute: 6 }).await;
    for login in ["Nobody", "Nobody else"] {
        world.server.sign_in(&attempt_as(login)).await.check(401, RefusalCode::WrongCredentials);
    }
    world.server.sign_in(&attempt()).await.check(429, RefusalCode::TryLater);
}

#[tokio::test]
async fn the_database_holds_no_token_that_could_be_used() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let refreshed = world.server.refresh(entered.device, &entered.tokens).await;
    let tokens: guildhall_sync::protocol::Tokens = refreshed.read();
    let everything = world
        .ask(
            "select string_agg(kept, ' ') as answer from (
               select to_jsonb(c)::text as kept from private.user_credentials c
               union all select to_jsonb(d)::text from private.devices d
               union all select to_jsonb(s)::text from private.user_sessions s
               union all select to_jsonb(t)::text from private.access_tokens t) all_rows",
        )
        .await;
    use base64::Engine;
    for token in [&entered.tokens.access, &entered.tokens.refresh, &tokens.access, &tokens.refresh] {
        let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).expect("base64url");
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!everything.contains(token) && !everything.contains(&hex));
        assert!(!everything.contains(&hex[..32]), "nor its beginning");
    }
    assert!(!everything.contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_the_door_does_not_stop_the_house() {
    let world = World::start_with(|config| {
        config.limits.peer_sign_ins = Rate { burst: 1000, per_minute: 1000 };
    })
    .await;
    let entered = world.signed_in().await;
    let crowd = (0..60).map(|number| {
        let server = &world.server;
        async move { server.sign_in(&attempt_as(&format!("nobody {number}"))).await }
    });
    let (answers, served) =
        tokio::join!(futures_util::future::join_all(crowd), world.server.try_token(&entered.tokens));
    assert_eq!(served, Ok(()));
    let (waited, sent_away): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status.as_u16() == 401);
    assert!(waited.len() >= 34, "{} found a place", waited.len());
    assert!(!sent_away.is_empty(), "more came than there are places");
    for answer in sent_away {
        answer.check(503, RefusalCode::Unavailable);
        assert!(answer.retry_after.is_some());
    }
}
