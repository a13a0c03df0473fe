//! Whose turn it is to write. People go first: what the server sent waits while a local write is
//! waiting, so that a long download never makes a save slow.

use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Turns {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: bool,
    local_waiting: usize,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a>(&'a Turns);

impl Turns {
    pub fn wait_local(&self) -> Turn<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.local_waiting += 1;
        let mut state =
            self.freed.wait_while(state, |state| state.taken).unwrap_or_else(PoisonError::into_inner);
        state.local_waiting -= 1;
        state.taken = true;
        Turn(self)
    }

    pub fn wait_behind_local(&self) -> Turn<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let must_wait = |state: &mut State| state.taken || state.local_waiting > 0;
        let mut state = self.freed.wait_while(state, must_wait).unwrap_or_else(PoisonError::into_inner);
        state.taken = true;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).taken = false;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_write_that_waits_goes_before_what_the_server_sent() {
        let (turns, order) = (Turns::default(), Mutex::new(Vec::new()));
        let is_waiting = || turns.state.lock().expect("no panic").local_waiting > 0;
        std::thread::scope(|scope| {
            let held = turns.wait_behind_local();
            scope.spawn(|| {
                let _turn = turns.wait_local();
                order.lock().expect("no panic").push("local");
            });
            while !is_waiting() {
                std::thread::yield_now();
            }
            drop(held);
            let _turn = turns.wait_behind_local();
            order.lock().expect("no panic").push("pulled");
        });
        assert_eq!(*order.lock().expect("no panic"), ["local", "pulled"]);
    }
}
