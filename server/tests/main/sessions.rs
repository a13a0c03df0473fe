//! Tokens after sign-in: they change at each refresh, forgive a lost answer, and end with a theft.

use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{RefusalCode, SignedIn, Tokens};
use uuid::Uuid;

use crate::world::World;

async fn refreshed(world: &World, entered: &SignedIn, tokens: &Tokens) -> Tokens {
    world.server.refresh(entered.device, tokens).await.read()
}

async fn check_over(world: &World, entered: &SignedIn, tokens: &Tokens) {
    let answer = world.server.refresh(entered.device, tokens).await;
    answer.check(401, RefusalCode::SignInAgain);
    assert_eq!(world.server.try_token(tokens).await, Err(RefusalCode::SignInAgain));
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_that_work() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let mut tokens = entered.tokens.clone();
    for _ in 0..3 {
        let next = refreshed(&world, &entered, &tokens).await;
        assert!(next.access != tokens.access && next.refresh != tokens.refresh);
        assert!(next.refresh_expires_at >= tokens.refresh_expires_at);
        assert_eq!(world.server.try_token(&next).await, Ok(()));
        assert_eq!(world.server.try_token(&tokens).await, Ok(()), "requests under way are not cut off");
        tokens = next;
    }
}

#[tokio::test]
async fn a_lost_answer_signs_nobody_out() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let lost = refreshed(&world, &entered, &entered.tokens).await;
    let lost_too = refreshed(&world, &entered, &entered.tokens).await;
    let arrived = refreshed(&world, &entered, &entered.tokens).await;
    assert_eq!(world.server.try_token(&arrived).await, Ok(()));
    let next = refreshed(&world, &entered, &arrived).await;
    assert_eq!(world.server.try_token(&next).await, Ok(()));
    assert!(lost.refresh != lost_too.refresh && lost_too.refresh != arrived.refresh);
}

#[tokio::test]
async fn an_answer_that_was_overtaken_by_its_repetition_is_as_good() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let (one, other) = tokio::join!(
        world.server.refresh(entered.device, &entered.tokens),
        world.server.refresh(entered.device, &entered.tokens)
    );
    let (one, other): (Tokens, Tokens) = (one.read(), other.read());
    assert_ne!(one.refresh, other.refresh);
    let next = refreshed(&world, &entered, &one).await;
    refreshed(&world, &entered, &next).await;
}

#[tokio::test]
async fn an_old_token_ends_the_family() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let second = refreshed(&world, &entered, &entered.tokens).await;
    let third = refreshed(&world, &entered, &second).await;
    check_over(&world, &entered, &entered.tokens).await;
    check_over(&world, &entered, &third).await;
    check_over(&world, &entered, &second).await;
    world.signed_in().await;
}

#[tokio::test]
async fn whoever_of_thief_and_owner_comes_second_ends_the_family() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let thief = refreshed(&world, &entered, &entered.tokens).await;
    let owner = refreshed(&world, &entered, &entered.tokens).await;
    refreshed(&world, &entered, &thief).await;
    check_over(&world, &entered, &owner).await;
    check_over(&world, &entered, &thief).await;
}

#[tokio::test]
async fn another_device_with_the_token_ends_the_family() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let other = DeviceId(Uuid::from_u128(7));
    world.server.refresh(other, &entered.tokens).await.check(401, RefusalCode::SignInAgain);
    check_over(&world, &entered, &entered.tokens).await;
}

#[tokio::test]
async fn an_expired_token_is_told_to_sign_in_again() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    world.psql("update private.access_tokens set expires_at = now()").await;
    assert_eq!(world.server.try_token(&entered.tokens).await, Err(RefusalCode::SignInAgain));
    let tokens = refreshed(&world, &entered, &entered.tokens).await;
    assert_eq!(world.server.try_token(&tokens).await, Ok(()));
    world.psql("update private.user_sessions set refresh_expires_at = now()").await;
    world.server.refresh(entered.device, &tokens).await.check(401, RefusalCode::SignInAgain);
}

#[tokio::test]
async fn what_is_no_token_opens_nothing() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let with = |access: &str, refresh: &str| Tokens {
        access: access.to_owned(),
        refresh: refresh.to_owned(),
        ..entered.tokens.clone()
    };
    let swapped = with(&entered.tokens.refresh, &entered.tokens.access);
    for tokens in [swapped, with("", ""), with("%%%", "%%%"), with(&"A".repeat(43), &"A".repeat(64))] {
        check_over(&world, &entered, &tokens).await;
    }
    assert_eq!(world.server.try_token(&entered.tokens).await, Ok(()), "and it ends nothing");
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::start().await;
    let (here, elsewhere) = (world.signed_in().await, world.signed_in().await);
    assert_eq!(world.server.sign_out(&here.tokens).await.status.as_u16(), 204);
    check_over(&world, &here, &here.tokens).await;
    world.server.sign_out(&here.tokens).await.check(401, RefusalCode::SignInAgain);
    assert_eq!(world.server.try_token(&elsewhere.tokens).await, Ok(()));
}
