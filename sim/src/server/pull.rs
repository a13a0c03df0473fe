//! Pull: what a device lacks, from one snapshot: this value as it stands.

use super::{Commit, Guild, Key, Row, table_of};
use crate::bugs::{self, ServerBug};
use guildhall_sync::id::DeviceId;
use guildhall_sync::model::{TABLES, fill_position};
use guildhall_sync::protocol::check::Check;
use guildhall_sync::protocol::{
    Cursor, Effect, EntryVerdict, Frame, GoneRow, Pull, PulledRow, RefusalCode, RowKey, grants_hash,
};
use guildhall_sync::value::Hash;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

/// What a device that has taken all of an answer in must hold: version, hash and scopes by row.
pub type Snapshot = BTreeMap<Key, (i64, Hash, Vec<String>)>;

#[derive(Clone, Debug)]
pub struct Answer {
    pub frames: Vec<Frame>,
    pub snapshot: Snapshot,
    /// Rows that are there and that this person may not read.
    pub secrets: BTreeSet<Key>,
    pub hi: u64,
    pub epoch: Uuid,
    /// Told only after a restore.
    pub granted: BTreeSet<String>,
}

/// A place in the order of commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    epoch: Uuid,
    hi: u64,
    seen: u64,
    tag: u64,
}

impl Guild {
    pub fn snapshot(&self, user: Uuid) -> Snapshot {
        let granted = self.grants(user);
        let rows = self.rows.iter().filter_map(|(key, row)| {
            let scopes: Vec<String> = row.scopes.intersection(&granted).cloned().collect();
            (!scopes.is_empty()).then(|| (*key, (row.version, row.hash, scopes)))
        });
        rows.collect()
    }

    /// Rows that the person may not read. Not those that were gone for all and came back: what was
    /// written of them before may be kept, and nobody is told where they came back to.
    pub fn secrets(&self, user: Uuid) -> BTreeSet<Key> {
        let granted = self.grants(user);
        let is_secret =
            |row: &&Rc<Row>| row.scopes.is_disjoint(&granted) && !self.brought_back.contains(&row.key());
        self.rows.values().filter(is_secret).map(|row| row.key()).collect()
    }

    /// None where the device has everything.
    pub fn pull(&mut self, device: DeviceId, user: Uuid, pull: &Pull) -> Result<Option<Answer>, RefusalCode> {
        if self.role(user).is_none() {
            return Err(RefusalCode::SignInAgain);
        }
        self.judge_history()?;
        let hi = self.last_no;
        let unsealed: Vec<u64> =
            self.commits.iter().filter(|commit| commit.number.is_none()).map(|commit| commit.order).collect();
        if !unsealed.is_empty() && !bugs::server_has(ServerBug::UnsealedHandedOut) {
            self.seal();
        }
        let place = Place { epoch: self.epoch, hi, seen: self.last_no, tag: self.last_tag };
        let plan = Plan::make(self, device, user, pull, place, unsealed)?;
        if plan.is_empty() {
            return Ok(None);
        }
        self.outside.hand_out(place.epoch, place.seen, place.tag);
        let frames = plan.frames(self);
        let granted = if self.was_restored() { self.grants(user) } else { BTreeSet::new() };
        let (snapshot, secrets, epoch) = (self.snapshot(user), self.secrets(user), self.epoch);
        Ok(Some(Answer { frames, snapshot, secrets, hi, epoch, granted }))
    }

    fn write_cursor(&self, place: Place) -> Cursor {
        let Place { epoch, hi, seen, tag } = place;
        let text = format!("{epoch}.{hi}.{seen}.{tag}");
        Cursor(format!("{text}.{}", self.sign(&text)))
    }

    /// None for what this server did not sign.
    fn read_cursor(&self, cursor: &Cursor) -> Option<Place> {
        let (text, mac) = cursor.0.rsplit_once('.')?;
        let mut parts = text.split('.');
        let epoch = parts.next()?.parse().ok()?;
        let mut number = || parts.next()?.parse().ok();
        let place = Place { epoch, hi: number()?, seen: number()?, tag: number()? };
        (self.sign(text) == mac).then_some(place)
    }

    fn sign(&self, text: &str) -> String {
        let digest = Sha256::digest(format!("{} {text}", self.id));
        digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// None for a place from which the log cannot be answered.
    fn check(&self, cursor: &Cursor) -> Result<Option<Place>, RefusalCode> {
        let Some(place) = self.read_cursor(cursor) else { return Ok(None) };
        let is_kept = place.hi + 1 >= self.kept_from || bugs::server_has(ServerBug::LogTooOld);
        if place.epoch != self.epoch || !is_kept {
            return Ok(None);
        }
        let tag =
            self.commits.iter().find(|commit| commit.number == Some(place.seen)).map(|commit| commit.tag);
        if place.hi > self.last_no || place.seen > self.last_no || tag.is_some_and(|tag| tag != place.tag) {
            return Err(RefusalCode::SetBack);
        }
        Ok(Some(place))
    }

    /// The last thing that happened to each row in these scopes after a commit.
    fn changes(&self, after: u64, unsealed: &[u64], scopes: &BTreeSet<String>) -> BTreeMap<Key, Gone> {
        let is_new = |commit: &&Rc<Commit>| match commit.number {
            Some(number) if bugs::server_has(ServerBug::GreaterForGreaterOrEqual) => number > after + 1,
            Some(number) => number > after || unsealed.contains(&commit.order),
            None => true,
        };
        let mut found: BTreeMap<Key, Gone> = BTreeMap::new();
        for commit in self.commits.iter().filter(is_new) {
            for change in commit.changes.iter().filter(|change| scopes.contains(&change.scope)) {
                let gone = found.entry(change.key).or_default();
                gone.scopes.insert(change.scope.clone());
                if change.version > gone.version {
                    (gone.version, gone.effect) = (change.version, change.gone);
                } else if change.version == gone.version {
                    gone.effect = change.gone.or(gone.effect);
                }
            }
        }
        found
    }
}

#[derive(Clone, Debug, Default)]
struct Gone {
    scopes: BTreeSet<String>,
    version: i64,
    effect: Option<Effect>,
}

struct Plan {
    place: Place,
    granted: Vec<String>,
    has_new_grants: bool,
    settled: Vec<EntryVerdict>,
    delta: BTreeMap<Key, Gone>,
    is_at_hi: bool,
    fill: Option<Fill>,
    check: Option<Check>,
}

struct Fill {
    scopes: BTreeSet<String>,
    after: Option<RowKey>,
    since: Place,
    delta: BTreeMap<Key, Gone>,
}

impl Plan {
    fn make(
        guild: &Guild,
        device: DeviceId,
        user: Uuid,
        pull: &Pull,
        place: Place,
        unsealed: Vec<u64>,
    ) -> Result<Self, RefusalCode> {
        let granted = guild.grants(user);
        let from = pull.cursor.as_ref().map(|cursor| guild.check(cursor)).transpose()?.flatten();
        let held = pull.live.iter().chain(pull.filling.iter().flat_map(|filling| &filling.scopes));
        let has_more = held.into_iter().any(|scope| !granted.contains(scope));
        let live: BTreeSet<String> = match from {
            Some(_) => pull.live.iter().filter(|scope| granted.contains(*scope)).cloned().collect(),
            None => BTreeSet::new(),
        };
        let after = from.map_or(place.hi, |from| from.hi);
        let missing: BTreeSet<String> = granted.difference(&live).cloned().collect();
        let knows = pull.grants_hash.as_ref() == Some(&grants_hash(&granted));
        let knows =
            !has_more && (knows || bugs::server_has(ServerBug::GrantsNotSaid) && pull.grants_hash.is_some());
        Ok(Self {
            place,
            has_new_grants: !knows,
            settled: list_settled(guild, device, pull.unsettled_from),
            delta: guild.changes(after, &unsealed, &live),
            is_at_hi: after == place.hi && unsealed.is_empty(),
            fill: Fill::choose(guild, missing, pull, place, &unsealed)?,
            granted: granted.into_iter().collect(),
            check: pull.check.clone(),
        })
    }

    fn is_empty(&self) -> bool {
        self.is_at_hi
            && self.settled.is_empty()
            && !self.has_new_grants
            && self.fill.is_none()
            && self.check.is_none()
    }

    fn frames(self, guild: &mut Guild) -> Vec<Frame> {
        let mut frames = Vec::new();
        if self.has_new_grants {
            frames.push(Frame::Grants { epoch: self.place.epoch, scopes: self.granted.clone() });
        }
        for settled in self.settled.chunks(1 + guild.random.below(20)) {
            frames.push(Frame::Settled(settled.to_vec()));
        }
        let (epoch, hi) = (self.place.epoch, self.place.hi);
        let rows = self.delta.len() as u64;
        frames.push(Frame::Begin { epoch, hi, scopes: self.granted.clone(), rows });
        tell_changes(guild, &self.granted, &self.delta, &mut frames);
        frames.push(Frame::Checkpoint { cursor: guild.write_cursor(self.place) });
        if let Some(fill) = self.fill {
            fill.frames(guild, &self.granted, &mut frames);
        }
        if let Some(check) = &self.check {
            guild.tell_check(check, &self.granted, &mut frames);
        }
        frames
    }
}

impl Fill {
    fn choose(
        guild: &Guild,
        missing: BTreeSet<String>,
        pull: &Pull,
        place: Place,
        unsealed: &[u64],
    ) -> Result<Option<Self>, RefusalCode> {
        if let Some(cut) = &pull.filling
            && let Some(since) = guild.check(&cut.since)?
        {
            let scopes: BTreeSet<String> =
                cut.scopes.iter().filter(|scope| missing.contains(*scope)).cloned().collect();
            if !scopes.is_empty() {
                let delta = guild.changes(since.hi, unsealed, &scopes);
                let delta = if bugs::server_has(ServerBug::FillWithoutLog) { BTreeMap::new() } else { delta };
                return Ok(Some(Self { scopes, after: cut.after, since, delta }));
            }
        }
        let fill = Self { scopes: missing, after: None, since: place, delta: BTreeMap::new() };
        Ok(Some(fill).filter(|fill| !fill.scopes.is_empty()))
    }

    fn frames(self, guild: &mut Guild, granted: &[String], frames: &mut Vec<Frame>) {
        let place = |table: u16, id: Uuid| (fill_position(table), id);
        let after = self.after.map(|after| place(after.table, after.id));
        let is_wanted = |row: &&Rc<Row>| {
            let key = row.key();
            row.scopes.iter().any(|scope| self.scopes.contains(scope)) && Some(place(key.0, key.1)) > after
        };
        let mut rows: Vec<Rc<Row>> = guild.rows.values().filter(is_wanted).cloned().collect();
        rows.sort_by_key(|row| place(row.table.number, row.id()));
        let since = guild.write_cursor(self.since);
        let count = (rows.len() + self.delta.len()) as u64;
        frames.push(Frame::FillBegin { scopes: self.scopes.iter().cloned().collect(), since, rows: count });
        let pulled: Vec<PulledRow> = rows.iter().map(|row| pulled(row, granted)).collect();
        for rows in pulled.chunks(1 + guild.random.below(24)) {
            frames.push(Frame::Rows(rows.to_vec()));
        }
        tell_changes(guild, granted, &self.delta, frames);
        frames.push(Frame::FillEnd);
    }
}

fn list_settled(guild: &Guild, device: DeviceId, from: u64) -> Vec<EntryVerdict> {
    let own =
        guild.inbox.iter().filter(|(_, decided)| decided.device == device && decided.device_seq >= from);
    let own = own
        .filter(|(_, decided)| decided.device_seq > from || !bugs::server_has(ServerBug::FirstNeverSettled));
    let mut own: Vec<EntryVerdict> = own
        .map(|(entry, decided)| EntryVerdict {
            entry: *entry,
            device_seq: decided.device_seq,
            verdict: decided.verdict.clone(),
        })
        .collect();
    own.sort_by_key(|settled| settled.device_seq);
    own
}

/// Rows in their last state, and how the others went.
fn tell_changes(
    guild: &mut Guild,
    granted: &[String],
    changes: &BTreeMap<Key, Gone>,
    frames: &mut Vec<Frame>,
) {
    for table in TABLES {
        let of_table = changes.range((table.number, Uuid::nil())..=(table.number, Uuid::max()));
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        for (key, change) in of_table {
            let row = guild.row(*key).filter(|row| row.scopes.iter().any(|scope| granted.contains(scope)));
            match row {
                Some(row) => rows.push(pulled(row, granted)),
                None => gone.push(gone_row(*key, change, granted)),
            }
        }
        for rows in rows.chunks(1 + guild.random.below(24)) {
            frames.push(Frame::Rows(rows.to_vec()));
        }
        if !gone.is_empty() {
            frames.push(Frame::Gone(gone));
        }
    }
}

pub fn pulled(row: &Row, granted: &[String]) -> PulledRow {
    let places = places(granted, &row.scopes);
    let places = if bugs::server_has(ServerBug::PutWithoutScopes) { places[..1].to_vec() } else { places };
    PulledRow {
        table: row.table.number,
        version: row.version,
        hash: row.hash,
        scopes: places,
        cells: row.bytes.clone(),
    }
}

fn gone_row(key: Key, change: &Gone, granted: &[String]) -> GoneRow {
    let effect = change.effect.unwrap_or(Effect::Leave);
    let scopes = places(granted, &change.scopes);
    GoneRow { table: table_of(key).number, id: key.1, version: change.version, effect, scopes }
}

pub fn places(granted: &[String], scopes: &BTreeSet<String>) -> Vec<u16> {
    let place = |(at, scope): (usize, &String)| {
        scopes.contains(scope).then(|| u16::try_from(at).expect("there are few scopes"))
    };
    granted.iter().enumerate().filter_map(place).collect()
}
