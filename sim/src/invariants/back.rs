//! After a restore of the server: what laptops still held is there again, or somebody is told.

use super::held::{self, name};
use crate::ledger::{Authored, words};
use crate::log::{Broken, Checked};
use crate::network::Stream;
use crate::server::{Guild, Key};
use crate::world::World;
use guildhall_local::Store;
use guildhall_local::entries::{EntryState, Line};
use guildhall_local::restore::witness;
use guildhall_sync::change::{Operation, Verdict};
use guildhall_sync::value::Hash;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// States of rows that a device has to tell of, each with the scopes in which it was held.
#[derive(Clone, Debug, Default)]
pub struct Testimony {
    epoch: Option<Uuid>,
    rows: BTreeMap<Key, (i64, Vec<String>)>,
}

/// Notes what the device holds otherwise than the new history, or what that has not at all.
pub fn expect(world: &mut World, device: usize, store: &Store, stream: &Stream) -> Checked {
    let held = held::read(store)?;
    if held.epoch.is_none_or(|epoch| epoch == stream.epoch) {
        // A scope that was lost meanwhile takes its rows along.
        let testimony = &mut world.devices[device].testimony;
        testimony.rows.retain(|_, (_, scopes)| scopes.iter().any(|scope| stream.granted.contains(scope)));
        return Ok(());
    }
    let is_news = |key: &Key, hash: &Hash| stream.snapshot.get(key).is_none_or(|(_, known, _)| known != hash);
    let mut rows: BTreeMap<Key, (i64, Vec<String>)> = BTreeMap::new();
    for (key, (version, hash, scopes)) in held.rows {
        if is_news(&key, &hash) && scopes.iter().any(|scope| stream.granted.contains(scope)) {
            rows.insert(key, (version, scopes));
        }
    }
    world.devices[device].testimony = Testimony { epoch: Some(stream.epoch), rows };
    Ok(())
}

/// What a laptop held and the server had not, the server was told.
pub fn invariant_12_told(world: &World, device: usize) -> Checked {
    let at = &world.devices[device];
    let guild = &world.guilds[at.guild];
    if at.testimony.epoch != Some(guild.epoch) {
        return Ok(());
    }
    let told: BTreeMap<Key, i64> =
        guild.aftermath.witnesses.iter().map(|told| ((told.table, told.row), told.version)).fold(
            BTreeMap::new(),
            |mut told, (key, version)| {
                let known = told.entry(key).or_insert(version);
                *known = version.max(*known);
                told
            },
        );
    let missing = at.testimony.rows.iter().find(|(key, (version, _))| told.get(key) < Some(version));
    match missing {
        Some((key, (version, _))) => {
            let what = format!("D{device} held {} v{version}, and nobody was told", name(*key));
            Err(Broken::new("12_epoch_clone_skew_schema", what))
        }
        None => Ok(()),
    }
}

/// Whether the device still has something to tell.
pub fn has_untold(store: &Store) -> Checked<bool> {
    Ok(!store.read(witness::list)?.is_empty())
}

/// Words that came back to a history in which they are not to be seen: others had replaced them, or
/// an administrator is asked about them.
pub fn list_kept(guild: &Guild) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for (_, cells) in guild.list_returned().iter().chain(&guild.superseded) {
        kept.extend(super::history::words_of(cells));
    }
    kept.extend(guild.aftermath.witnesses.iter().flat_map(|told| words(&told.cells)));
    kept
}

/// Whether an entry that the lost history had accepted does not come back: what it said has left
/// the laptop with its row, or its conflict was over, settled or taken back.
pub fn stays_away(guild: &Guild, line: &Line, authored: &Authored) -> bool {
    let had_left = authored.had_left && has_left(line);
    let is_over = matches!(line.state, EntryState::Conflict | EntryState::Undone)
        && matches!(line.verdict, Some(Verdict::Conflict { .. }));
    guild.was_restored() && !guild.inbox.contains_key(&line.entry.id) && (had_left || is_over)
}

/// Whether what the entry said has left the laptop with its row.
pub fn has_left(line: &Line) -> bool {
    let entry = &line.entry;
    let is_cut = || !entry.before.keys().eq(entry.after.keys());
    line.content_hash != entry.content_hash() || entry.operation == Operation::Update && is_cut()
}
