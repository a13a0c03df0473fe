//! Ways that take only so much at once: a server, or somebody before it, who answers 413 to larger
//! requests. So small that what people write in a simulation does not fit.

use crate::network::Refused;
use crate::oddities::Oddity;
use crate::random::Random;
use crate::world::World;
use guildhall_local::fault;
use guildhall_sync::protocol::{Extent, Push, RefusalCode};

/// One seed in so many has a narrow way, and of these one in so many keeps it to the end.
const NARROW_IN: usize = 6;
const KEPT_IN: usize = 2;
/// What every way takes, as a device weighs it, and what a narrow one takes, in bytes of JSON.
const LEAST: usize = 900;
const NARROWEST: i64 = 1_400;
const WIDEST: i64 = 2_400;
const PAYLOAD_TOO_LARGE: u16 = 413;

#[derive(Clone, Copy, Debug)]
pub struct Way {
    most: usize,
    /// Whether a stranger answers instead of the server.
    is_by_other: bool,
    /// Whether nobody widens it in the end.
    pub is_kept: bool,
}

impl Way {
    /// None for one that takes everything. Devices of this thread believe in no less than it.
    pub fn draw(own: &mut Random) -> Option<Self> {
        let way = own.one_in(NARROW_IN).then(|| Self {
            most: usize::try_from(own.between(NARROWEST, WIDEST)).expect("few"),
            is_by_other: own.one_in(2),
            is_kept: own.one_in(KEPT_IN),
        });
        fault::narrow_ways(way.map(|_| LEAST));
        way
    }
}

impl World {
    /// What somebody on the way says to a push that is too large for it.
    pub fn is_too_large(&mut self, push: &Push) -> Option<Refused> {
        let way = self.way?;
        let bytes = serde_json::to_vec(push).expect("a push in memory can be printed").len();
        for sent in &push.groups {
            match sent.extent {
                Extent::Part { .. } => self.had.insert(Oddity::Parts),
                Extent::Withheld { .. } => self.had.insert(Oddity::TooLarge),
                Extent::Whole => true,
            };
        }
        (bytes > way.most).then(|| {
            self.had.insert(Oddity::NarrowWay);
            match way.is_by_other {
                true => Refused::ByOther(PAYLOAD_TOO_LARGE),
                false => Refused::Refusal(RefusalCode::TooLarge, None),
            }
        })
    }
}
