//! The device's side of sync as a state machine: events in, effects out. It knows when to push,
//! when to pull and how long to wait; what is pushed and how a pull is stored is known elsewhere.
//!
//! Absent on purpose: sockets, clocks, randomness, rows. The time and a random number come with
//! each event, so the same events always give the same effects.

mod lane;

use crate::time::Timestamp;
use lane::Lane;

/// A pull happens at least this often, give or take a tenth, so that a lost hint costs little.
pub const PULL_EVERY_MS: u64 = 60_000;
/// The first wait after a failure lasts at most this long; each further one up to twice as long.
pub const FIRST_WAIT_MS: u64 = 1_000;
pub const LONGEST_WAIT_MS: u64 = 300_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The file is open and a session is there.
    Started {
        unsent: bool,
    },
    /// A local transaction was committed.
    LocalChanged,
    /// A person asked for a sync now.
    Asked,
    /// The server said that its order of commits has grown.
    Hint,
    LiveClosed,
    /// The network came back or changed: waiting is over.
    NetworkChanged,
    /// A push was answered, and the verdicts are stored.
    Pushed(Result<Pushed, Failure>),
    /// A pull was answered to its end, and all of it is stored.
    Pulled(Result<Pulled, Failure>),
    /// The time asked for by [`Effect::WaitUntil`] has come.
    Due,
    SignedIn {
        unsent: bool,
    },
}

/// What a push left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Whether something can be sent at once.
    pub unsent: bool,
    /// How long the server asked to wait with what it deferred.
    pub deferred_ms: Option<u64>,
}

/// What a pull left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Whether there is more to fetch at once, for example scopes that were granted meanwhile.
    pub more: bool,
    /// Whether something can be sent at once, for example what was waiting for a settlement.
    pub unsent: bool,
}

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer, or one that is not of this server.
    Unreachable,
    /// The server asked to come back later.
    Later { retry_after_ms: Option<u64> },
    /// The session is over.
    SignInAgain,
    /// The program is too old for the server, or the server does not understand it.
    Stopped,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Push,
    Pull,
    OpenLive,
    /// Send [`Event::Due`] at this time; replaces an earlier wish.
    WaitUntil(Timestamp),
}

/// How things stand with the server, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is under way and the last request succeeded.
    Quiet,
    Sending,
    Receiving,
    /// The server did not answer; it is tried again at this time.
    Offline {
        next_try: Timestamp,
    },
    SignInAgain,
    Stopped,
}

/// The state of a device's sync.
#[derive(Debug, Default)]
pub struct Client {
    push: Lane,
    pull: Lane,
    /// The connection that brings hints; wanted once a pull has succeeded.
    live: Lane,
    halt: Option<Halt>,
    /// When the next pull is due although nobody asked.
    next_pull: Option<Timestamp>,
    /// When what the server deferred is sent again. Everything else need not wait for it.
    next_retry: Option<Timestamp>,
}

/// Why nothing is tried until a person does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    SignInAgain,
    Stopped,
}

impl Client {
    /// Takes an event in and says what to do. `random` is any number, new for each call.
    pub fn step(&mut self, now: Timestamp, random: u64, event: Event) -> Vec<Effect> {
        self.take(now, random, event);
        if self.halt.is_some() {
            return Vec::new();
        }
        self.effects(now)
    }

    pub fn standing(&self) -> Standing {
        match self.halt {
            Some(Halt::SignInAgain) => Standing::SignInAgain,
            Some(Halt::Stopped) => Standing::Stopped,
            None if self.push.in_flight => Standing::Sending,
            None if self.pull.in_flight => Standing::Receiving,
            None => match self.push.failed_until().or(self.pull.failed_until()) {
                Some(next_try) => Standing::Offline { next_try },
                None => Standing::Quiet,
            },
        }
    }

    /// Whether nothing is under way and nothing is wanted. What the server deferred may still wait
    /// for its time.
    pub fn is_quiet(&self) -> bool {
        self.standing() == Standing::Quiet && !self.push.wanted && !self.pull.wanted
    }

    fn take(&mut self, now: Timestamp, random: u64, event: Event) {
        self.mind_clock(now);
        match event {
            Event::Started { unsent } | Event::SignedIn { unsent } => {
                *self = Self::default();
                self.push.wanted = unsent;
                self.pull.wanted = true;
            }
            Event::LocalChanged => self.push.wanted = true,
            Event::Hint => {
                self.pull.wanted = true;
                self.live.works();
            }
            Event::Asked => self.retry_at_once(),
            Event::NetworkChanged => self.retry_at_once(),
            Event::LiveClosed => {
                self.live.failed(now, random, &Failure::Unreachable);
                self.pull.wanted = true;
            }
            Event::Pushed(answer) => self.take_pushed(now, random, answer),
            Event::Pulled(answer) => self.take_pulled(now, random, answer),
            Event::Due => {}
        }
        if self.next_pull.is_some_and(|at| at <= now) {
            self.pull.wanted = true;
        }
        if self.next_retry.take_if(|at| *at <= now).is_some() {
            self.push.wanted = true;
        }
    }

    /// The clock may have been set back since a time was worked out.
    fn mind_clock(&mut self, now: Timestamp) {
        for lane in [&mut self.push, &mut self.pull, &mut self.live] {
            lane.mind_clock(now);
        }
        let latest = now.plus_ms(2 * PULL_EVERY_MS);
        self.next_pull = self.next_pull.map(|at| if at > latest { now } else { at });
        let latest = now.plus_ms(LONGEST_WAIT_MS);
        self.next_retry = self.next_retry.map(|at| if at > latest { now } else { at });
    }

    fn retry_at_once(&mut self) {
        self.push.forget_waiting();
        self.pull.forget_waiting();
        self.live.forget_waiting();
        self.push.wanted = true;
        self.pull.wanted = true;
    }

    fn take_pushed(&mut self, now: Timestamp, random: u64, answer: Result<Pushed, Failure>) {
        match answer {
            Ok(pushed) => {
                self.push.succeeded(pushed.unsent);
                self.next_retry = pushed.deferred_ms.map(|ms| now.plus_ms(ms.min(LONGEST_WAIT_MS)));
                // The server answers again: what waits only because it did not need not wait.
                self.pull.forget_failure();
                // What settles many pushes comes in one answer after the last of them.
                self.pull.wanted |= !pushed.unsent;
            }
            Err(failure) => {
                self.push.failed(now, random, &failure);
                self.halt_on(&failure);
            }
        }
    }

    fn take_pulled(&mut self, now: Timestamp, random: u64, answer: Result<Pulled, Failure>) {
        match answer {
            Ok(pulled) => {
                self.pull.succeeded(pulled.more);
                self.push.wanted |= pulled.unsent;
                self.push.forget_failure();
                self.live.wanted |= !self.live.in_flight;
                self.next_pull = Some(now.plus_ms(PULL_EVERY_MS * 9 / 10 + random % (PULL_EVERY_MS / 5)));
            }
            Err(failure) => {
                self.live.wanted = false;
                self.next_pull = None;
                self.pull.failed(now, random, &failure);
                self.halt_on(&failure);
            }
        }
    }

    fn halt_on(&mut self, failure: &Failure) {
        match failure {
            Failure::SignInAgain => self.halt = Some(Halt::SignInAgain),
            Failure::Stopped => self.halt = Some(Halt::Stopped),
            Failure::Unreachable | Failure::Later { .. } => {}
        }
    }

    fn effects(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.push.begin(now) {
            effects.push(Effect::Push);
        }
        if self.pull.begin(now) {
            effects.push(Effect::Pull);
        }
        if self.live.begin(now) {
            effects.push(Effect::OpenLive);
        }
        let next_pull = self.next_pull.filter(|_| !self.pull.in_flight);
        let next_retry = self.next_retry.filter(|_| !self.push.in_flight);
        let due = [self.push.due(), self.pull.due(), self.live.due(), next_pull, next_retry];
        effects.extend(due.into_iter().flatten().min().map(Effect::WaitUntil));
        effects
    }
}

#[cfg(test)]
mod tests;
