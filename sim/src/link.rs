//! The device's side of the network: what its state machine asks for is done with the steps that
//! the real link takes, and may end between any two transactions with the death of the device.

use crate::invariants::{self, own};
use crate::log::{Broken, Checked};
use crate::network::{Event, Refused, Stream, Trip};
use crate::world::World;
use guildhall_local::error::{Error, RemoteError, StoreError};
use guildhall_local::fault::{self, Died};
use guildhall_local::inbox::{self, Applying, Notice, lease};
use guildhall_local::link::steps;
use guildhall_local::{Result, Store};
use guildhall_sync::client::{self, Client, Effect, Failure, Pushed, Standing};
use guildhall_sync::protocol::PushAnswer;
use guildhall_sync::protocol::frame::FrameReader;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// One start in so many opens the file anew.
const OPENS_ANEW_IN: usize = 20;
/// The most steps that a device still takes once its death is decided.
const LAST_STEPS: usize = 8;

/// What a push came to, as the state machine hears it.
type Answered = std::result::Result<Pushed, Failure>;

/// What a piece of work on a device came to.
pub enum Done<T> {
    Well(T),
    Failed(Error),
    Died,
}

impl World {
    /// Does something on a device, which may die over it.
    pub fn attempt<T>(&mut self, device: usize, work: impl FnOnce(&Arc<Store>) -> Result<T>) -> Done<T> {
        let Some(store) = self.devices[device].store.clone() else { return Done::Died };
        fault::write_as(self.devices[device].schema);
        let done = self.risk(device, || work(&store));
        fault::write_as(None);
        done
    }

    fn risk<T>(&mut self, device: usize, work: impl FnOnce() -> Result<T>) -> Done<T> {
        let dies = self.random.per_mille(self.weather.death);
        let steps = self.random.below(LAST_STEPS);
        fault::light(dies.then(|| u32::try_from(steps).expect("few")));
        fault::fill_disk(self.devices[device].has_full_disk);
        let done = catch_unwind(AssertUnwindSafe(work));
        fault::fill_disk(false);
        fault::light(None);
        match done {
            Ok(Ok(value)) => Done::Well(value),
            Ok(Err(error)) => Done::Failed(error),
            Err(payload) if payload.is::<Died>() => Done::Died,
            Err(payload) => resume_unwind(payload),
        }
    }

    /// Opens the file as a program does that starts.
    pub fn start(&mut self, device: usize) -> Checked {
        if self.devices[device].store.is_none() {
            let is_anew = self.random.one_in(OPENS_ANEW_IN);
            let store = self.devices[device].laptop.open(is_anew)?;
            self.devices[device].store = Some(store);
        }
        let life = self.devices[device].life;
        let marks = self.devices[device].marks.clone();
        match self.attempt(device, |store| {
            lease::enforce(store)?;
            steps::take_over(store, &marks)?;
            steps::unsent(store)
        }) {
            Done::Well(unsent) => {
                self.note(format_args!("D{device} starts ({life})"));
                self.learn(device)?;
                self.devices[device].client = Client::default();
                self.step(device, client::Event::Started { unsent })
            }
            Done::Failed(error) => {
                self.failure(device, error)?;
                self.die(device)
            }
            Done::Died => self.die(device),
        }
    }

    /// What the state machine hears of a failure on the laptop itself: a full disk may fail
    /// anything, and nothing else may.
    pub fn failure(&mut self, device: usize, error: Error) -> Checked<Failure> {
        match error {
            Error::Store(StoreError::DiskFull) if self.devices[device].has_full_disk => {
                self.note(format_args!("the disk of D{device} is full"));
                Ok(steps::failure_of(&error))
            }
            error => Err(error.into()),
        }
    }

    pub fn fill_disk(&mut self, device: usize) {
        let seconds = self.random.between(1, 90);
        self.devices[device].has_full_disk = true;
        self.note(format_args!("no more room on D{device} for {seconds}s"));
        self.later(0, seconds * 1_000_000, Event::FreeDisk { device });
    }

    /// As kill -9 does it: what was committed is there, nothing else.
    pub fn die(&mut self, device: usize) -> Checked {
        self.note(format_args!("D{device} dies"));
        self.devices[device].end();
        self.later(50_000, 15_000_000, Event::Start { device });
        Ok(())
    }

    pub fn step(&mut self, device: usize, event: client::Event) -> Checked {
        let now = self.devices[device].laptop.now();
        let random = self.devices[device].laptop.number();
        let effects = self.devices[device].client.step(now, random, event);
        self.devices[device].wake += 1;
        for effect in effects {
            self.perform(device, effect)?;
        }
        // Somebody looks at a program that has stopped, and starts it anew.
        let is_halted =
            matches!(self.devices[device].client.standing(), Standing::Stopped | Standing::SignInAgain);
        if is_halted {
            self.note(format_args!("D{device} stands still"));
            self.devices[device].end();
            self.later(1_000_000, 20_000_000, Event::Start { device });
        }
        Ok(())
    }

    fn perform(&mut self, device: usize, effect: Effect) -> Checked {
        let life = self.devices[device].life;
        match effect {
            Effect::Push => self.push(device),
            Effect::Pull => match self.attempt(device, |store| inbox::request(store)) {
                Done::Well(pull) => {
                    self.send_pull(device, pull);
                    Ok(())
                }
                Done::Failed(error) => Err(error.into()),
                Done::Died => self.die(device),
            },
            Effect::OpenLive => {
                let is_lost = self.random.per_mille(self.weather.lost) || self.is_offline(device);
                if is_lost {
                    // It would have been live for a moment.
                    self.devices[device].is_live = true;
                    self.later(1_000, 2_000_000, Event::CloseLive { device, life });
                } else {
                    self.later(1_000, self.weather.delay, Event::OpenLive { device, life });
                }
                Ok(())
            }
            Effect::WaitUntil(due) => {
                let wake = self.devices[device].wake;
                let wait = (due.0 - self.devices[device].laptop.now().0).max(0);
                self.at(self.now().saturating_add(wait), Event::Wake { device, life, wake });
                Ok(())
            }
        }
    }

    pub fn is_offline(&self, device: usize) -> bool {
        self.devices[device].offline_until > self.now()
    }

    fn push(&mut self, device: usize) -> Checked {
        let (id, marks) = (self.devices[device].id, self.devices[device].marks.clone());
        let begun = self.attempt(device, |store| match steps::begin_push(store, &marks, id)? {
            Some(push) => Ok(Ok(push)),
            None => Ok(Err(steps::left(store)?)),
        });
        match begun {
            Done::Well(Ok(push)) => {
                self.send_push(device, push);
                Ok(())
            }
            Done::Well(Err(left)) => self.step(device, client::Event::Pushed(Ok(left))),
            Done::Failed(error) => {
                let failure = self.failure(device, error)?;
                self.step(device, client::Event::Pushed(Err(failure)))
            }
            Done::Died => self.die(device),
        }
    }

    pub fn pushed(&mut self, to: &Trip, answer: std::result::Result<PushAnswer, Refused>) -> Checked {
        let device = to.device;
        if !self.is_on(device, to.life) {
            return Ok(());
        }
        let done = match &answer {
            Ok(answer) => self.end_push(device, answer)?,
            Err(refused) => {
                self.note_refusal(device, refused)?;
                let (error, marks) = (refused.as_error(), self.devices[device].marks.clone());
                let failure = steps::failure_of(&error);
                self.attempt(device, |store| {
                    let left = steps::lose_push(store, &error)?;
                    if steps::is_fork(&error) {
                        marks.begin_anew(store)?;
                        return Ok(Ok(steps::left(store)?));
                    }
                    Ok(left.ok_or(failure))
                })
            }
        };
        match done {
            Done::Well(answer) => self.step(device, client::Event::Pushed(answer)),
            Done::Failed(error) => {
                let failure = self.failure(device, error)?;
                self.step(device, client::Event::Pushed(Err(failure)))
            }
            Done::Died => self.die(device),
        }
    }

    fn end_push(&mut self, device: usize, answer: &PushAnswer) -> Checked<Done<Answered>> {
        let Some(store) = self.devices[device].store.clone() else { return Ok(Done::Died) };
        let shown = own::shown_before(&store, answer)?;
        let done = self.attempt(device, |store| Ok(steps::end_push(store, answer)?.0)).map(Ok);
        if matches!(done, Done::Well(_)) {
            own::invariant_06_answers_take_nothing(device, &store, &shown)?;
            own::invariant_13_dependents_go_along(device, &store)?;
        }
        Ok(done)
    }

    pub fn pulled(
        &mut self,
        to: &Trip,
        answer: std::result::Result<Option<Box<Stream>>, Refused>,
    ) -> Checked {
        let device = to.device;
        if !self.is_on(device, to.life) {
            return Ok(());
        }
        match answer {
            Err(refused) => {
                self.note_refusal(device, &refused)?;
                let failure = steps::failure_of(&refused.as_error());
                self.step(device, client::Event::Pulled(Err(failure)))
            }
            Ok(None) => self.tell_and_end(device, |store| Ok(steps::end_empty_pull(store)?.0)),
            Ok(Some(stream)) => self.take_in(to, &stream),
        }
    }

    /// Frame after frame; between two of them other things may happen on the same device.
    fn take_in(&mut self, to: &Trip, stream: &Stream) -> Checked {
        let device = to.device;
        let Some(store) = self.devices[device].store.clone() else { return Ok(()) };
        self.expect_testimony(device, stream)?;
        let seen: RefCell<Checked> = RefCell::new(Ok(()));
        let twins = self.twins[self.devices[device].guild];
        let mut notify = |notice: Notice| {
            let checked = invariants::watch(&store, &notice, twins);
            if checked.is_err() {
                *seen.borrow_mut() = checked;
            }
        };
        let outcome = match self.take_frames(to, stream, &store, &mut notify)? {
            Some(outcome) => outcome,
            None => return Ok(()),
        };
        seen.into_inner()?;
        match outcome {
            Done::Well(outcome) => {
                let bytes = stream.bytes.len() as u64;
                invariants::check_after_pull(self, device, stream, &outcome)?;
                self.tell_and_end(device, |store| Ok(steps::end_pull(store, outcome, bytes)?.0))
            }
            Done::Failed(error @ Error::Remote(RemoteError::Guarded { .. })) if self.has_restores(device) => {
                self.allow_removal(device, steps::failure_of(&error))
            }
            Done::Failed(Error::Remote(RemoteError::Cut)) if stream.is_cut => {
                self.note(format_args!("D{device} was cut off"));
                self.step(device, client::Event::Pulled(Err(Failure::Unreachable)))
            }
            Done::Failed(error) => self.fail_pull(device, error),
            Done::Died => self.die(device),
        }
    }

    /// The last steps of a pull: what only this laptop holds is told before it counts as done.
    fn tell_and_end(
        &mut self,
        device: usize,
        end: impl FnOnce(&Arc<Store>) -> Result<client::Pulled>,
    ) -> Checked {
        match self.testify(device)? {
            Done::Well(Ok(())) => {}
            Done::Well(Err(failure)) => return self.step(device, client::Event::Pulled(Err(failure))),
            Done::Failed(error) => return self.fail_pull(device, error),
            Done::Died => return self.die(device),
        }
        match self.attempt(device, end) {
            Done::Well(pulled) => self.step(device, client::Event::Pulled(Ok(pulled))),
            Done::Failed(error) => self.fail_pull(device, error),
            Done::Died => self.die(device),
        }
    }

    fn has_restores(&self, device: usize) -> bool {
        self.guilds[self.devices[device].guild].was_restored()
    }

    fn fail_pull(&mut self, device: usize, error: Error) -> Checked {
        let failure = self.failure(device, error)?;
        self.step(device, client::Event::Pulled(Err(failure)))
    }

    /// None where the device ended meanwhile for another reason.
    fn take_frames(
        &mut self,
        to: &Trip,
        stream: &Stream,
        store: &Store,
        notify: &mut dyn FnMut(Notice),
    ) -> Checked<Option<Done<inbox::Outcome>>> {
        let mut applying = match self.risk(to.device, || Applying::begin(store, notify)) {
            Done::Well(applying) => applying,
            Done::Failed(error) => return Ok(Some(Done::Failed(error))),
            Done::Died => return Ok(Some(Done::Died)),
        };
        let mut reader = FrameReader::default();
        reader.push(&stream.bytes);
        loop {
            let frame = reader.next_frame().map_err(|error| Broken::new("engine", error.to_string()))?;
            let Some(frame) = frame else { break };
            match self.risk(to.device, || applying.frame(frame)) {
                Done::Well(()) => {}
                Done::Failed(error) => return Ok(Some(Done::Failed(error))),
                Done::Died => return Ok(Some(Done::Died)),
            }
            if self.depth == 0 && self.random.per_mille(self.weather.interleaved) {
                let until = self.now() + self.random.between(1_000, 3_000_000);
                self.depth += 1;
                let checked = self.run_until(until);
                self.depth -= 1;
                checked?;
                if !self.is_on(to.device, to.life) {
                    return Ok(None);
                }
            }
        }
        if stream.is_cut {
            return Ok(Some(Done::Failed(RemoteError::Cut.into())));
        }
        Ok(Some(self.risk(to.device, || applying.finish())))
    }
}

impl<T> Done<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Done<U> {
        match self {
            Self::Well(value) => Done::Well(change(value)),
            Self::Failed(error) => Done::Failed(error),
            Self::Died => Done::Died,
        }
    }
}
