//! How bad things are: which faults a simulation has, and how often. Drawn once for each seed, so
//! that some have many of one kind and none of another.

use crate::random::Random;

/// Times in a thousand, but where it says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// Requests that do not arrive, and answers that do not.
    pub lost: u32,
    /// Requests that arrive a second time later on.
    pub doubled: u32,
    /// Answers to a pull that end before their end.
    pub cut: u32,
    /// Requests that the server puts off, or that are too large for something on the way.
    pub refused: u32,
    /// Steps of a device in which it dies between two transactions.
    pub death: u32,
    /// Requests at which the server crashes, before or after it has committed.
    pub crash: u32,
    /// Frames after which something else happens before the next one is taken.
    pub interleaved: u32,
    /// Commits of others that are not on the disk when they are told.
    pub unflushed: u32,
    /// Groups that the server puts off.
    pub deferred: u32,
    /// The longest way, in microseconds.
    pub delay: i64,
}

impl Weather {
    pub fn draw(random: &mut Random) -> Self {
        let mut rate = |most: i64| {
            let is_on = !random.one_in(3);
            if is_on { u32::try_from(random.between(0, most)).unwrap_or(0) } else { 0 }
        };
        Self {
            lost: rate(250),
            doubled: rate(200),
            cut: rate(400),
            refused: rate(150),
            death: rate(50),
            crash: rate(150),
            interleaved: rate(300),
            unflushed: rate(700),
            deferred: rate(200),
            delay: i64::from(rate(3_000)) * 1_000 + 50_000,
        }
    }

    pub fn fine() -> Self {
        Self { delay: 40_000, ..Self::default() }
    }
}
