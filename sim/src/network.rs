//! What is on its way between devices and servers, and what happens to it there.

use crate::happenings::Happening;
use crate::invariants::verdicts;
use crate::log::Checked;
use crate::oddities::Oddity;
use crate::restores::Act;
use crate::server::pull::{Answer, Snapshot};
use crate::server::{Durability, Key};
use crate::weather::Weather;
use crate::world::World;
use guildhall_local::error::{Error, RemoteError};
use guildhall_sync::change::{Place, Verdict};
use guildhall_sync::client;
use guildhall_sync::protocol::frame;
use guildhall_sync::protocol::{Pull, Push, PushAnswer, Refusal, RefusalCode};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Something that happens at a time.
#[derive(Debug)]
pub enum Event {
    Start {
        device: usize,
    },
    Wake {
        device: usize,
        life: u32,
        wake: u64,
    },
    Push {
        to: Trip,
        push: Box<Push>,
    },
    Pushed {
        to: Trip,
        answer: Result<PushAnswer, Refused>,
    },
    Pull {
        to: Trip,
        pull: Box<Pull>,
    },
    Pulled {
        to: Trip,
        answer: Result<Option<Box<Stream>>, Refused>,
    },
    OpenLive {
        device: usize,
        life: u32,
    },
    Hint {
        device: usize,
        life: u32,
    },
    CloseLive {
        device: usize,
        life: u32,
    },
    Seal {
        guild: usize,
    },
    FreeDisk {
        device: usize,
    },
    /// Something that nobody on a device does.
    Happening(Happening),
    Restore {
        guild: usize,
        act: Act,
    },
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Trip {
    pub device: usize,
    pub life: u32,
    /// Nobody waits for the answer to a request that arrives a second time.
    is_copy: bool,
    /// Counts the restores of the server: an answer from before one does not arrive any more.
    era: u32,
    fate: Fate,
}

/// What becomes of a request.
#[derive(Clone, Debug, Default)]
struct Fate {
    is_lost: bool,
    is_answer_lost: bool,
    /// A second time, so much later.
    again: Option<i64>,
    refused: Option<Refused>,
    crash: Option<Crash>,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    BeforeCommit,
    AfterCommit,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The network.
    NoAnswer,
    /// Somebody on the way, or the server.
    Refusal(RefusalCode, Option<u64>),
    /// Somebody on the way who knows nothing of the server, with a status of HTTP.
    ByOther(u16),
}

/// The answer to a pull on its way, and what it was taken from.
#[derive(Debug)]
pub struct Stream {
    pub bytes: Vec<u8>,
    pub is_cut: bool,
    pub snapshot: Snapshot,
    pub secrets: BTreeSet<Key>,
    pub hi: u64,
    pub epoch: Uuid,
    pub granted: BTreeSet<String>,
}

impl Refused {
    pub fn as_error(&self) -> Error {
        match self {
            Self::NoAnswer => {
                RemoteError::Unreachable { url: "sim".to_owned(), what: "no answer".to_owned() }.into()
            }
            Self::ByOther(status) => {
                RemoteError::NotGuildhall { url: "sim".to_owned(), status: *status }.into()
            }
            Self::Refusal(code, retry_after_ms) => {
                let refusal = Refusal { code: *code, message: "refused".to_owned(), hint: None };
                RemoteError::Refused { refusal, retry_after_ms: *retry_after_ms }.into()
            }
        }
    }
}

impl World {
    pub fn happen(&mut self, event: Event) -> Checked {
        match event {
            Event::Start { device } if self.devices[device].store.is_none() => self.start(device),
            Event::Start { .. } => Ok(()),
            Event::Wake { device, life, wake } => {
                if self.is_on(device, life) && self.devices[device].wake == wake {
                    self.step(device, client::Event::Due)?;
                }
                Ok(())
            }
            Event::Push { to, push } => self.push_arrives(&to, &push),
            Event::Pushed { to, answer } => {
                let answer = if self.is_cut_off(&to) { Err(Refused::NoAnswer) } else { answer };
                self.pushed(&to, answer)
            }
            Event::Pull { to, pull } => self.pull_arrives(to, &pull),
            Event::Pulled { to, answer } => {
                let answer = if self.is_cut_off(&to) { Err(Refused::NoAnswer) } else { answer };
                self.pulled(&to, answer)
            }
            Event::OpenLive { device, life } => {
                self.devices[device].is_live = self.is_on(device, life);
                Ok(())
            }
            Event::Hint { device, life } => {
                if self.is_on(device, life) && self.devices[device].is_live {
                    self.step(device, client::Event::Hint)?;
                }
                Ok(())
            }
            Event::CloseLive { device, life } => self.close_live(device, life),
            Event::Seal { guild } => {
                self.seal(guild);
                Ok(())
            }
            Event::FreeDisk { device } => {
                self.devices[device].has_full_disk = false;
                Ok(())
            }
            Event::Happening(happening) => self.let_happen(happening),
            Event::Restore { guild, act } => self.act(guild, act),
        }
    }

    fn is_cut_off(&self, to: &Trip) -> bool {
        self.eras[self.devices[to.device].guild] != to.era
    }

    pub fn is_on(&self, device: usize, life: u32) -> bool {
        self.devices[device].life == life && self.devices[device].store.is_some()
    }

    fn close_live(&mut self, device: usize, life: u32) -> Checked {
        let was_live = std::mem::take(&mut self.devices[device].is_live);
        if was_live && self.is_on(device, life) {
            self.step(device, client::Event::LiveClosed)?;
        }
        Ok(())
    }

    pub fn send_push(&mut self, device: usize, push: Push) {
        let to = self.trip(device);
        let delay = self.weather.delay;
        let entries = push.groups.iter().flat_map(|sent| &sent.group.entries);
        let numbers: Vec<String> = entries.map(|entry| format!("#{}", entry.device_seq)).collect();
        self.note(format_args!("D{device} pushes {}", numbers.join(" ")));
        if to.fate.is_lost || self.devices[device].offline_until > self.now() {
            return self.later(100_000, 8_000_000, Event::Pushed { to, answer: Err(Refused::NoAnswer) });
        }
        if let Some(after) = to.fate.again {
            let copy = Trip { fate: Fate::default(), is_copy: true, ..to.clone() };
            let event = Event::Push { to: copy, push: Box::new(push.clone()) };
            self.later(after / 2, after, event);
        }
        self.later(1_000, delay, Event::Push { to, push: Box::new(push) });
    }

    pub fn send_pull(&mut self, device: usize, pull: Pull) {
        let to = self.trip(device);
        let delay = self.weather.delay;
        if to.fate.is_lost || self.devices[device].offline_until > self.now() {
            return self.later(100_000, 8_000_000, Event::Pulled { to, answer: Err(Refused::NoAnswer) });
        }
        self.later(1_000, delay, Event::Pull { to, pull: Box::new(pull) });
    }

    fn trip(&mut self, device: usize) -> Trip {
        let Weather { lost, doubled, refused, crash, cut, .. } = self.weather.clone();
        let says_when = self.way.is_some() && self.own.one_in(2);
        let unavailable_for = says_when.then(|| self.own.number() % 60_000);
        let random = &mut self.random;
        let refused = random.per_mille(refused).then(|| match random.below(4) {
            0 => Refused::Refusal(RefusalCode::TryLater, Some(random.number() % 40_000)),
            1 => Refused::Refusal(RefusalCode::TooLarge, None),
            2 => Refused::Refusal(RefusalCode::Unavailable, unavailable_for),
            _ => Refused::Refusal(RefusalCode::Internal, None),
        });
        let crash = random.per_mille(crash).then(|| match random.one_in(2) {
            true => Crash::BeforeCommit,
            false => Crash::AfterCommit,
        });
        let fate = Fate {
            is_lost: random.per_mille(lost),
            is_answer_lost: random.per_mille(lost),
            again: random.per_mille(doubled).then(|| random.between(10_000, 40_000_000)),
            refused,
            crash,
            is_cut: random.per_mille(cut),
        };
        let (life, era) = (self.devices[device].life, self.eras[self.devices[device].guild]);
        Trip { device, life, is_copy: false, era, fate }
    }

    fn push_arrives(&mut self, to: &Trip, push: &Push) -> Checked {
        let (device, user) = (&self.devices[to.device], self.devices[to.device].user);
        let at = device.guild;
        if let Some(refused) = to.fate.refused.clone().or_else(|| self.is_too_large(push)) {
            self.note(format_args!("push of D{} refused: {refused:?}", to.device));
            self.later(1_000, self.weather.delay, Event::Pushed { to: to.clone(), answer: Err(refused) });
            return Ok(());
        }
        let whole = match self.guilds[at].gather(push) {
            Ok(whole) => whole,
            Err(kept) => {
                self.note(format_args!("D{}: {} entries of a group are kept", to.device, kept.entries));
                self.push_answered(to, Ok(PushAnswer { verdicts: Vec::new(), kept: Some(kept) }), false);
                return Ok(());
            }
        };
        let push = &whole;
        let is_back = |place: &Place| place.rev > 0;
        let mut places = push.groups.iter().filter_map(|sent| sent.reoffered.as_ref()).flatten().flatten();
        if places.any(is_back) {
            self.had.insert(Oddity::NewHistory);
        }
        let guild_before = self.guilds[at].clone();
        let previews = self.preview(to.device, push)?;
        let now = self.now();
        let (rate, random) = (self.weather.deferred, &mut self.random);
        let puts_off: Vec<usize> = (0..push.groups.len()).filter(|_| random.per_mille(rate)).collect();
        let answer = self.guilds[at].push(user, push, &puts_off, now);
        if to.fate.crash == Some(Crash::BeforeCommit) || answer.is_err() {
            self.guilds[at] = guild_before.clone();
            self.mind_history(at, answer.as_ref().err());
        } else {
            self.guilds[at].commit(Durability::OnDisk, None);
            self.expect_seal(at);
        }
        if let (Ok(answer), None) = (&answer, to.fate.crash) {
            self.judge_push(to.device, push, answer, &previews)?;
            verdicts::invariant_04_both_sides_kept(&guild_before, &self.guilds[at], push, answer)?;
            verdicts::invariant_04_comebacks_overwrite_nothing(&guild_before, &self.guilds[at], push)?;
            verdicts::invariant_07_groups_are_whole(&guild_before, push, answer)?;
        }
        self.note(format_args!("push of D{}: {}", to.device, told(&answer)));
        if to.fate.crash.is_some() {
            self.crash_server(at)?;
        }
        self.push_answered(to, answer, to.fate.crash.is_some());
        Ok(())
    }

    fn push_answered(&mut self, to: &Trip, answer: Result<PushAnswer, RefusalCode>, is_crashed: bool) {
        let lost = to.fate.is_answer_lost || is_crashed;
        let answer = match answer {
            _ if lost => Err(Refused::NoAnswer),
            Ok(answer) => Ok(answer),
            Err(code) => Err(Refused::Refusal(code, None)),
        };
        if !to.is_copy {
            let wait = if lost { 9_000_000 } else { self.weather.delay };
            self.later(1_000, wait, Event::Pushed { to: to.clone(), answer });
        }
    }

    fn pull_arrives(&mut self, to: Trip, pull: &Pull) -> Checked {
        let (user, id, at) = {
            let device = &self.devices[to.device];
            (device.user, device.id, device.guild)
        };
        let delay = self.weather.delay;
        if let Some(refused) = to
            .fate
            .refused
            .clone()
            .filter(|_| !matches!(to.fate.refused, Some(Refused::Refusal(RefusalCode::TooLarge, _))))
        {
            self.later(1_000, delay, Event::Pulled { to, answer: Err(refused) });
            return Ok(());
        }
        let had_unsealed = self.guilds[at].needs_seal();
        let answer = self.guilds[at].pull(id, user, pull);
        self.mind_history(at, answer.as_ref().err());
        let line = match &answer {
            Ok(Some(answer)) => format!("{} frames up to {}", answer.frames.len(), answer.hi),
            Ok(None) => "nothing new".to_owned(),
            Err(code) => format!("{code:?}"),
        };
        self.note(format_args!("pull of D{}: {line}", to.device));
        if had_unsealed {
            self.hint(at);
        }
        if to.fate.crash.is_some() {
            self.crash_server(at)?;
        }
        let lost = to.fate.is_answer_lost;
        let answer = match answer {
            _ if lost => Err(Refused::NoAnswer),
            Ok(answer) => Ok(answer.map(|answer| Box::new(self.stream(answer, to.fate.is_cut)))),
            Err(code) => Err(Refused::Refusal(code, None)),
        };
        let wait = if lost { 9_000_000 } else { delay };
        self.later(1_000, wait, Event::Pulled { to, answer });
        Ok(())
    }

    /// As bytes; a cut one ends between two frames or within one.
    fn stream(&mut self, answer: Answer, is_cut: bool) -> Stream {
        let mut bytes = Vec::new();
        answer.frames.iter().for_each(|frame| frame::write(&mut bytes, frame));
        if is_cut {
            bytes.truncate(self.random.below(bytes.len() + 1));
        }
        let Answer { snapshot, secrets, hi, epoch, granted, .. } = answer;
        Stream { bytes, is_cut, snapshot, secrets, hi, epoch, granted }
    }

    /// Commits are numbered a moment after they are made.
    pub fn expect_seal(&mut self, guild: usize) {
        if self.guilds[guild].needs_seal() {
            self.later(0, 400_000, Event::Seal { guild });
        }
    }

    fn seal(&mut self, guild: usize) {
        if self.guilds[guild].needs_seal() {
            self.guilds[guild].seal();
            self.hint(guild);
        }
    }

    /// Tells the devices that listen.
    fn hint(&mut self, guild: usize) {
        for device in 0..self.devices.len() {
            let is_told = self.devices[device].guild == guild && self.devices[device].is_live;
            if is_told && !self.random.per_mille(self.weather.lost) {
                let life = self.devices[device].life;
                self.later(1_000, self.weather.delay, Event::Hint { device, life });
            }
        }
    }

    pub fn crash_server(&mut self, guild: usize) -> Checked {
        let lost = self.guilds[guild].crash();
        self.note(format_args!("server {guild} crashes{}", if lost { " and forgets" } else { "" }));
        self.close_all_live(guild);
        Ok(())
    }

    pub fn close_all_live(&mut self, guild: usize) {
        for device in 0..self.devices.len() {
            if self.devices[device].guild == guild {
                let life = self.devices[device].life;
                self.later(1_000, 500_000, Event::CloseLive { device, life });
            }
        }
    }
}

fn told(answer: &Result<PushAnswer, RefusalCode>) -> String {
    match answer {
        Ok(answer) => {
            let word = |verdict: &Verdict| match verdict {
                Verdict::Committed { .. } => "committed".to_owned(),
                Verdict::Merged { .. } => "merged".to_owned(),
                Verdict::Conflict { .. } => "conflict".to_owned(),
                Verdict::Rejected { code, reason, .. } => format!("rejected ({code:?}: {reason})"),
                Verdict::Deferred { .. } => "deferred".to_owned(),
            };
            answer.verdicts.iter().map(|told| word(&told.verdict)).collect::<Vec<_>>().join(", ")
        }
        Err(code) => format!("{code:?}"),
    }
}
