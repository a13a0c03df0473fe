//! Servers whose database is set back to an earlier state, at a time that the seed chooses: said at
//! once by whoever does it, or noticed by the server or by a laptop, or by nobody for a while, so
//! that others write on. Drawn from a source of its own: what else a seed does stays the same.

use crate::invariants::back;
use crate::invariants::leak::ALL;
use crate::link::Done;
use crate::log::Checked;
use crate::network::{Event, Refused};
use crate::world::World;
use guildhall_local::entries;
use guildhall_local::inbox::guard;
use guildhall_local::link::steps;
use guildhall_sync::client::{self, Failure};
use guildhall_sync::id::EntryId;
use guildhall_sync::protocol::RefusalCode;
use std::collections::BTreeMap;

/// One seed in so many has a restore of a server, and of these one in so many a second one.
const RESTORED_IN: usize = 6;
const TWICE_IN: usize = 4;
const SECOND: i64 = 1_000_000;

/// What is done with the database of a guild.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Dump,
    /// With what the server remembers outside the database, or without it; and after how long
    /// somebody begins a new history, at once for whoever restores as they should.
    SetBack {
        is_remembered: bool,
        silent_for: i64,
    },
    BeginEpoch,
}

impl World {
    /// Puts restores into the time between now and so much later.
    pub fn plan_restores(&mut self, span: i64) {
        if !self.own.one_in(RESTORED_IN) {
            return;
        }
        // Where people meet.
        let guild = self.devices[0].guild;
        let now = self.now();
        for _ in 0..1 + usize::from(self.own.one_in(TWICE_IN)) {
            let dumped = self.own.between(2 * SECOND, span * 3 / 4);
            let back = self.own.between(dumped + SECOND, span - SECOND);
            let is_announced = self.own.one_in(3);
            let silent_for = if is_announced { 0 } else { self.own.between(5, 90) * SECOND };
            let is_remembered = self.own.one_in(2);
            self.at(now + dumped, Event::Restore { guild, act: Act::Dump });
            self.at(now + back, Event::Restore { guild, act: Act::SetBack { is_remembered, silent_for } });
        }
    }

    pub fn act(&mut self, at: usize, act: Act) -> Checked {
        let now = self.now();
        match act {
            Act::Dump => {
                self.dumps.insert(at, self.guilds[at].dump());
                let no = self.guilds[at].last_no;
                self.note(format_args!("server {at} is dumped at {no}"));
            }
            Act::SetBack { is_remembered, silent_for } => {
                self.set_back(at, is_remembered)?;
                match silent_for {
                    0 => self.begin_epoch(at),
                    _ => self.at(now + silent_for, Event::Restore { guild: at, act: Act::BeginEpoch }),
                }
            }
            // Somebody may have begun one for it meanwhile.
            Act::BeginEpoch if !self.silent.contains(&at) => {}
            Act::BeginEpoch => self.begin_epoch(at),
        }
        Ok(())
    }

    fn set_back(&mut self, at: usize, is_remembered: bool) -> Checked {
        let Some(dump) = self.dumps.get(&at) else { return Ok(()) };
        let left = left_before(self, at)?;
        let guild = &mut self.guilds[at];
        guild.set_back(dump, is_remembered);
        let (inbox, devices, authored) = (&guild.inbox, &self.devices, &self.ledger.authored);
        let is_of_other = |device: usize| devices[device].guild != at;
        self.ledger.verdicts.retain(|entry, _| {
            inbox.contains_key(entry) || authored.get(entry).is_some_and(|known| is_of_other(known.device))
        });
        for entry in left {
            self.ledger.authored.entry(entry).and_modify(|authored| authored.had_left = true);
        }
        self.eras[at] += 1;
        self.silent.insert(at);
        for device in self.devices.iter_mut().filter(|device| device.guild == at) {
            (device.last, device.held) = (None, BTreeMap::new());
        }
        let no = self.guilds[at].last_no;
        self.note(format_args!("server {at} is set back to {no}, remembered: {is_remembered}"));
        self.close_all_live(at);
        Ok(())
    }

    fn begin_epoch(&mut self, at: usize) {
        let now = self.now();
        self.silent.remove(&at);
        self.guilds[at].begin_epoch(now);
        self.note(format_args!("server {at} begins a new history"));
        self.close_all_live(at);
    }

    /// A server that finds its history shorter than what was handed out does nothing more.
    pub fn mind_history(&mut self, at: usize, code: Option<&RefusalCode>) {
        if code == Some(&RefusalCode::SetBack) && !self.guilds[at].is_set_back {
            self.guilds[at].is_set_back = true;
            self.note(format_args!("server {at} stands still"));
        }
    }

    /// What a person is told while the server stands still.
    pub fn note_refusal(&mut self, device: usize, refused: &Refused) -> Checked {
        if !matches!(refused, Refused::Refusal(RefusalCode::SetBack, _)) {
            return Ok(());
        }
        let Some(store) = self.devices[device].store.clone() else { return Ok(()) };
        Ok(steps::note_refusal(&store, &refused.as_error())?)
    }

    /// Tells the server what only this laptop still holds. Says why not all of it was told.
    pub fn testify(&mut self, device: usize) -> Checked<Done<Result<(), Failure>>> {
        let (at, user, id) = {
            let device = &self.devices[device];
            (device.guild, device.user, device.id)
        };
        if !self.guilds[at].was_restored() {
            return Ok(Done::Well(Ok(())));
        }
        loop {
            let request = match self.attempt(device, |store| steps::begin_testimony(store, id)) {
                Done::Well(Some(request)) => request,
                Done::Well(None) => return Ok(Done::Well(Ok(()))),
                Done::Failed(error) => return Ok(Done::Failed(error)),
                Done::Died => return Ok(Done::Died),
            };
            let answer = match self.own.per_mille(self.weather.lost) {
                true => Err(Refused::NoAnswer),
                false => self.guilds[at]
                    .testify(user, &request)
                    .map_err(|code| Refused::Refusal(code, None))
                    .and_then(|answer| match self.own.per_mille(self.weather.lost) {
                        true => Err(Refused::NoAnswer),
                        false => Ok(answer),
                    }),
            };
            self.note(format_args!("D{device} tells of {} rows: {answer:?}", request.rows.len()));
            let answer = match answer {
                Ok(answer) => answer,
                Err(refused) => return Ok(Done::Well(Err(steps::failure_of(&refused.as_error())))),
            };
            match self.attempt(device, |store| steps::end_testimony(store, &request, answer)) {
                Done::Well(true) => {}
                Done::Well(false) => return Ok(Done::Well(Ok(()))),
                Done::Failed(error) => return Ok(Done::Failed(error)),
                Done::Died => return Ok(Done::Died),
            }
        }
    }

    /// More would be removed than goes without a question: somebody looks, and says yes.
    pub fn allow_removal(&mut self, device: usize, failure: Failure) -> Checked {
        self.note(format_args!("D{device} asks before it removes so much"));
        if let Some(store) = self.devices[device].store.clone() {
            guard::go_on(&store)?;
        }
        self.step(device, client::Event::Pulled(Err(failure)))
    }

    /// Before a device takes in the first answer of a new history.
    pub fn expect_testimony(&mut self, device: usize, stream: &crate::network::Stream) -> Checked {
        let at = self.devices[device].guild;
        match self.devices[device].store.clone() {
            Some(store) if self.guilds[at].was_restored() => back::expect(self, device, &store, stream),
            Some(_) | None => Ok(()),
        }
    }
}

/// Entries whose words had left their laptop with the row. Nothing is known of a laptop that is off,
/// or that is just taking an answer in.
fn left_before(world: &World, at: usize) -> Checked<Vec<EntryId>> {
    let (mut left, authored) = (Vec::new(), &world.ledger.authored);
    let devices = world.devices.iter().enumerate();
    for (number, device) in devices.filter(|(_, device)| device.guild == at) {
        let Some(store) = device.store.as_ref().filter(|_| world.depth == 0) else {
            left.extend(authored.iter().filter(|(_, known)| known.device == number).map(|(id, _)| *id));
            continue;
        };
        let lines = store.read(|connection| entries::list_latest(connection, ALL))?;
        left.extend(lines.iter().filter(|line| back::has_left(line)).map(|line| line.entry.id));
    }
    Ok(left)
}
