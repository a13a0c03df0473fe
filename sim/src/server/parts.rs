//! Groups that come in parts: kept until the last one is here. A part that does not go on where the
//! kept ones end changes nothing.

use super::Guild;
use crate::bugs::{self, ServerBug};
use guildhall_sync::change::{Entry, Place};
use guildhall_sync::protocol::{Extent, Kept, Push, SentGroup};
use uuid::Uuid;

/// The device, the history that it knew, and the group.
pub type Name = (Uuid, Option<Uuid>, Uuid);
/// Entries with their hashes, and with their places in a history that was lost.
pub type Held = Vec<(Entry, String, Option<Option<Place>>)>;

impl Guild {
    /// The push with its group whole; else how much of the group is here.
    pub fn gather(&mut self, push: &Push) -> Result<Push, Kept> {
        let [SentGroup { extent: Extent::Part { after, of }, group, hashes, reoffered }] = &push.groups[..]
        else {
            return Ok(push.clone());
        };
        let kept = self.parts.entry((push.device.0, push.epoch, group.id.0)).or_default();
        if *after as usize <= kept.len() {
            for (at, entry) in group.entries.iter().enumerate() {
                let place = reoffered.as_ref().map(|places| places[at]);
                let part = (entry.clone(), hashes[at].clone(), place);
                match kept.get_mut(*after as usize + at) {
                    Some(known) if !bugs::server_has(ServerBug::PartTwice) => *known = part,
                    Some(_) | None => kept.push(part),
                }
            }
        }
        let entries = u32::try_from(kept.len()).expect("few");
        if entries < *of {
            return Err(Kept { group: group.id, entries });
        }
        let mut whole = push.groups[0].clone();
        whole.extent = Extent::Whole;
        whole.group.entries = kept.iter().map(|(entry, ..)| entry.clone()).collect();
        whole.hashes = kept.iter().map(|(_, hash, _)| hash.clone()).collect();
        whole.reoffered = kept.iter().map(|(.., place)| *place).collect();
        Ok(Push { groups: vec![whole], ..push.clone() })
    }
}
