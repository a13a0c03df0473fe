//! The groups of a push, as they are put before the plan: entries that are no entries, that came
//! twice, and that were decided before are sorted out.

use super::Sent;
use super::claim::{Claim, Claimed};
use super::decision::Decision;
use super::plan::{Asked, Group};
use super::wish;
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{EntryId, GuildId};
use guildhall_sync::protocol::Push;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use uuid::Uuid;

/// The places in the push of the entries of some groups.
pub fn places(push: &Push, groups: Range<usize>) -> Range<usize> {
    let count = |groups: Range<usize>| push.groups[groups].iter().map(|sent| sent.group.entries.len()).sum();
    let begin: usize = count(0..groups.start);
    let length: usize = count(groups);
    begin..begin + length
}

/// Entries, each with what can be said of it before anything is asked of the database.
pub struct Checked<'a> {
    sent: &'a [Sent<'a>],
    places: Range<usize>,
    hashes: HashMap<usize, String>,
    /// Entries that came before in the same push: by their place, the first place.
    repeated: BTreeMap<usize, usize>,
}

pub fn check<'a>(sent: &'a [Sent<'a>], places: Range<usize>) -> Checked<'a> {
    let mut first: HashMap<EntryId, usize> = HashMap::new();
    let mut repeated = BTreeMap::new();
    for place in places.clone() {
        let earlier = *first.entry(sent[place].entry.id).or_insert(place);
        if earlier != place {
            repeated.insert(place, earlier);
        }
    }
    let hash = |place: usize| match sent[place].withheld {
        Some(_) => sent[place].hash.to_owned(),
        None => sent[place].entry.content_hash(),
    };
    let hashes = places.clone().map(|place| (place, hash(place))).collect();
    Checked { sent, places, hashes, repeated }
}

/// What is put before the plan, and what need not be.
pub struct Ready<'a> {
    pub groups: Vec<Group<'a>>,
    /// Places whose verdict is to be stored.
    pub fresh: Vec<usize>,
    /// Verdicts of earlier pushes.
    pub known: BTreeMap<usize, Verdict>,
}

impl<'a> Checked<'a> {
    /// An entry that is not what its hash says is not claimed: the right one may still come.
    pub fn claims(&self) -> Vec<Claim> {
        let is_claimed = |place: &usize| self.is_as_hashed(*place) && !self.repeated.contains_key(place);
        let claim = |place: usize| {
            let entry = self.sent[place].entry;
            Claim { entry: entry.id, device_seq: entry.device_seq, hash: self.hashes[&place].clone() }
        };
        self.places.clone().filter(is_claimed).map(claim).collect()
    }

    /// Entries of other pushes that these depend on.
    pub fn foreign_dependencies(&self) -> Vec<Uuid> {
        let own: HashSet<EntryId> = self.places.clone().map(|place| self.sent[place].entry.id).collect();
        let wanted = self.places.clone().flat_map(|place| &self.sent[place].entry.depends_on);
        let foreign: HashSet<EntryId> = wanted.copied().filter(|entry| !own.contains(entry)).collect();
        foreign.into_iter().map(|entry| entry.0).collect()
    }

    pub fn ask(
        &self,
        push: &'a Push,
        range: Range<usize>,
        claimed: &HashMap<EntryId, Claimed>,
        guild: GuildId,
    ) -> Ready<'a> {
        let mut ready = Ready { groups: Vec::new(), fresh: Vec::new(), known: BTreeMap::new() };
        for at in range {
            let group = &push.groups[at].group;
            let places = places(push, at..at + 1);
            let asked = places.filter_map(|place| self.ask_one(place, claimed, guild, &mut ready)).collect();
            ready.groups.push(Group { is_alone: group.entries.len() == 1, asked });
        }
        ready
    }

    fn ask_one(
        &self,
        place: usize,
        claimed: &HashMap<EntryId, Claimed>,
        guild: GuildId,
        ready: &mut Ready<'a>,
    ) -> Option<Asked<'a>> {
        let entry = self.sent[place].entry;
        let wish = if !self.is_as_hashed(place) {
            Err(Decision::refuse(RejectCode::Invalid, "It is not what its hash says."))
        } else if let Some(first) = self.repeated.get(&place) {
            if self.hashes[first] == self.hashes[&place] {
                return None;
            }
            Err(reused())
        } else {
            match claimed.get(&entry.id) {
                Some(Claimed::Decided(verdict)) => {
                    ready.known.insert(place, verdict.clone());
                    return None;
                }
                Some(Claimed::Reused) | None => Err(reused()),
                Some(Claimed::Fresh) => {
                    ready.fresh.push(place);
                    let Sent { reoffered, withheld, .. } = self.sent[place];
                    match withheld {
                        Some(large) if large == entry.id => Err(too_large()),
                        Some(_) => Err(Decision::of_refused_group()),
                        None => wish::read(entry, guild).map(|wish| wish::Wish { reoffered, ..wish }),
                    }
                }
            }
        };
        Some(Asked { place, entry, wish })
    }

    /// Gives entries that came twice the verdict of the first one.
    pub fn repeat(&self, verdicts: &mut BTreeMap<usize, Verdict>) {
        for (place, first) in &self.repeated {
            if let (None, Some(verdict)) = (verdicts.get(place), verdicts.get(first).cloned()) {
                verdicts.insert(*place, verdict);
            }
        }
    }

    fn is_as_hashed(&self, place: usize) -> bool {
        self.hashes[&place] == self.sent[place].hash
    }
}

fn too_large() -> Decision {
    Decision::mend(RejectCode::TooLarge, "It is too large for the way to the server.")
}

fn reused() -> Decision {
    Decision::refuse(RejectCode::IdReuse, "Another entry has this id.")
}
