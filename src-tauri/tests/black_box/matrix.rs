//! Several laptops and a server, each a process or many, over networks that fail: connections are
//! cut or stand still at every kind of byte, processes are killed, networks go away. Afterwards
//! everything that was acknowledged is everywhere, once.
//!
//! `GUILDHALL_LONG=1` does it 240 times for each kind; `GUILDHALL_SEED=7` once, with this seed.

mod desks;

use crate::house::proxy::{Fault, Harm};
use desks::{Desks, end};
use std::io::Write;
use std::process::Child;
use std::time::Duration;

const RUNS: u64 = 3;
const LONG_RUNS: u64 = 240;
const ROUNDS: usize = 3;
/// Where a process that writes may end.
const WRITING: [&str; 2] = ["write.before_commit", "write.after_commit"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cut,
    Pause,
    Kill,
    Disconnect,
}

async fn run_all(kind: Kind) {
    let one = std::env::var("GUILDHALL_SEED").ok().and_then(|seed| seed.parse().ok());
    let runs = if std::env::var_os("GUILDHALL_LONG").is_some() { LONG_RUNS } else { RUNS };
    for seed in one.map_or(1..runs + 1, |seed| seed..seed + 1) {
        let what = format!("{kind:?}, GUILDHALL_SEED={seed}");
        writeln!(std::io::stdout().lock(), "{what}").expect("somebody listens");
        let mut desks = Desks::open(seed).await;
        for round in 0..ROUNDS {
            some_edits(&mut desks);
            match kind {
                Kind::Cut | Kind::Pause => meet_fault(&mut desks, kind).await,
                Kind::Kill => kill_somebody(&mut desks, round).await,
                Kind::Disconnect => go_away(&mut desks, round).await,
            }
        }
        desks.settle(&what).await;
    }
}

fn some_edits(desks: &mut Desks) {
    for at in 0..desks.desks.len() {
        for _ in 0..=desks.chance.below(2) {
            desks.edit(at);
        }
    }
}

/// Everybody syncs, and somebody's network fails at a byte of it.
async fn meet_fault(desks: &mut Desks, kind: Kind) {
    let pause = Duration::from_millis(400);
    let harms = match kind {
        Kind::Cut => [Harm::Cut, Harm::Cut, Harm::Truncate, Harm::Stranger],
        _ => [Harm::Pause(pause), Harm::HalfOpen, Harm::Trickle, Harm::Twice],
    };
    for at in 0..desks.desks.len() {
        let harm = desks.chance.pick(&harms);
        if harm == Harm::HalfOpen {
            let mut stuck = hold(desks, at, &["sync"]).await;
            desks.desks[at].proxy.heal();
            stuck.wait().expect("the process is ours");
        } else {
            let fault = Fault::anywhere(harm, &mut desks.chance);
            desks.desks[at].proxy.arm(fault);
            desks.try_sync(at);
        }
    }
}

/// Starts the program at a desk, and returns when nothing of it passes any more.
async fn hold(desks: &mut Desks, at: usize, arguments: &[&str]) -> Child {
    let fault = Fault::hold(&mut desks.chance);
    let held = desks.desks[at].proxy.meet(fault);
    let started = desks.start(at, arguments);
    held.await;
    started
}

/// A process that syncs or writes, or the server while somebody syncs, is ended in the middle of it.
async fn kill_somebody(desks: &mut Desks, round: usize) {
    let at = desks.pick();
    match round % 3 {
        0 => {
            let mut watching = hold(desks, at, &["sync", "--watch"]).await;
            end(&mut watching);
        }
        1 => {
            let mut watching = desks.start(at, &["sync", "--watch"]);
            let point = desks.chance.pick(&WRITING);
            let mut writing = desks.begin_edit(at, point);
            let ended = writing.wait().expect("the process is ours");
            assert!(!ended.success(), "it comes by {point}");
            end(&mut watching);
        }
        _ => {
            let mut syncing = hold(desks, at, &["sync"]).await;
            desks.kill_server();
            desks.desks[at].proxy.heal();
            syncing.wait().expect("the process is ours");
            desks.start_server();
        }
    }
    desks.desks[at].proxy.heal();
    some_edits(desks);
    desks.try_sync(at);
}

/// Laptops that keep in touch lose the network and get it back, somewhere in what they do.
async fn go_away(desks: &mut Desks, round: usize) {
    let lost = desks.pick();
    for at in 0..desks.desks.len() {
        if let Some(mut before) = desks.desks[at].watching.take() {
            end(&mut before);
        }
        desks.edit(at);
        let watch = ["sync", "--watch"];
        let running = if at == lost { hold(desks, at, &watch).await } else { desks.start(at, &watch) };
        desks.desks[at].watching = Some(running);
    }
    desks.desks[lost].proxy.disconnect();
    some_edits(desks);
    if round.is_multiple_of(2) {
        desks.desks[lost].proxy.heal();
    }
    some_edits(desks);
    desks.desks.iter().for_each(|desk| desk.proxy.heal());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_cut_at_any_byte_lose_nothing_and_double_nothing() {
    run_all(Kind::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_stand_still_crawl_or_say_things_twice_lose_nothing_and_double_nothing() {
    run_all(Kind::Pause).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_are_killed_lose_nothing_and_double_nothing() {
    run_all(Kind::Kill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn networks_that_go_away_and_come_back_lose_nothing_and_double_nothing() {
    run_all(Kind::Disconnect).await;
}
