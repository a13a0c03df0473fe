//! What a pull has to answer, decided from the request and the snapshot: grants, settled entries,
//! the change log for live scopes, rows for scopes that are filled.

use super::cursor::{CursorKey, Place};
use super::snapshot::Snapshot;
use crate::auth::Session;
use crate::db::GuildTx;
use crate::db::changes::{self, Change};
use crate::db::errands;
use crate::error::Error;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::EntryId;
use guildhall_sync::protocol::check::Check;
use guildhall_sync::protocol::errand::HandedErrand;
use guildhall_sync::protocol::{EntryVerdict, Filling, Pull, RowKey, grants_hash};
use std::collections::BTreeSet;

#[derive(Debug)]
pub struct Plan {
    /// All scopes of the user, sorted; frames name them by their place here.
    pub granted: Vec<String>,
    /// Whether the device knows other grants than these.
    pub has_new_grants: bool,
    pub settled: Vec<EntryVerdict>,
    /// What the device is asked to do and has not said that it has.
    pub errands: Vec<HandedErrand>,
    /// What happened in live scopes since the device's cursor.
    pub delta: Vec<Change>,
    /// Whether the device's cursor is where the snapshot is.
    pub is_at_hi: bool,
    pub fill: Option<Fill>,
    /// What is compared when all else is said.
    pub check: Option<Check>,
}

/// Scopes that are fetched whole.
#[derive(Debug)]
pub struct Fill {
    pub scopes: Vec<String>,
    /// The last row that the device has from this fill.
    pub after: Option<RowKey>,
    /// Where the fill began.
    pub since: Place,
    /// What happened in these scopes since then.
    pub delta: Vec<Change>,
}

impl Plan {
    pub async fn make(
        transaction: &mut GuildTx,
        key: &CursorKey,
        snapshot: &Snapshot,
        session: &Session,
        request: Pull,
    ) -> Result<Self, Error> {
        let Session { guild, user, device, .. } = *session;
        let standing = changes::read_standing(transaction.connection(), guild, user, device).await?;
        let granted = standing.scopes;
        let known: BTreeSet<String> = granted.iter().cloned().collect();
        let place = match request.cursor.as_ref().and_then(|cursor| key.read(guild, cursor)) {
            Some(place) => check(transaction, snapshot, place).await?,
            None => None,
        };
        let since = match request.filling.as_ref().and_then(|filling| key.read(guild, &filling.since)) {
            Some(place) => check(transaction, snapshot, place).await?,
            None => None,
        };
        let held = request.live.iter().chain(request.filling.iter().flat_map(|filling| &filling.scopes));
        let has_more = held.into_iter().any(|scope| !known.contains(scope));
        let is_told = request.grants_hash == Some(grants_hash(&known));
        if request.holds_all && !is_told {
            return Err(Error::OtherGrants);
        }
        let mut live: BTreeSet<String> = match place {
            Some(_) if request.holds_all => known.clone(),
            Some(_) => request.live.into_iter().filter(|scope| known.contains(scope)).collect(),
            None => BTreeSet::new(),
        };
        let after = place.map_or(snapshot.place.hi, |place| place.hi);
        let delta = match find_changes(transaction, snapshot, after, &live).await? {
            Some(delta) => delta,
            None => {
                live.clear();
                Vec::new()
            }
        };
        let missing: BTreeSet<String> = known.difference(&live).cloned().collect();
        Ok(Self {
            has_new_grants: has_more || !is_told,
            granted,
            settled: list_settled(transaction, session, request.unsettled_from).await?,
            delta,
            is_at_hi: after == snapshot.place.hi,
            errands: match standing.is_asked {
                true => errands::list_handed(transaction.connection(), device).await?,
                false => Vec::new(),
            },
            check: request.check,
            fill: Fill::choose(transaction, missing, request.filling.zip(since), snapshot).await?,
        })
    }

    /// Whether the device has all of it already.
    pub fn is_empty(&self, snapshot: &Snapshot) -> bool {
        self.is_at_hi
            && snapshot.unsealed.is_empty()
            && self.settled.is_empty()
            && self.errands.is_empty()
            && !self.has_new_grants
            && self.fill.is_none()
            && self.check.is_none()
    }
}

impl Fill {
    /// Goes on with a fill that was cut, as far as its scopes are still granted; else begins one.
    async fn choose(
        transaction: &mut GuildTx,
        missing: BTreeSet<String>,
        cut: Option<(Filling, Place)>,
        snapshot: &Snapshot,
    ) -> Result<Option<Self>, Error> {
        if let Some((filling, since)) = cut {
            let scopes = filling.scopes.into_iter().filter(|scope| missing.contains(scope)).collect();
            let delta = find_changes(transaction, snapshot, since.hi, &scopes).await?;
            if let Some(delta) = delta.filter(|_| !scopes.is_empty()) {
                let scopes = scopes.into_iter().collect();
                return Ok(Some(Self { scopes, after: filling.after, since, delta }));
            }
        }
        let scopes: Vec<String> = missing.into_iter().collect();
        let fill = Self { scopes, after: None, since: snapshot.place, delta: Vec::new() };
        Ok(Some(fill).filter(|fill| !fill.scopes.is_empty()))
    }
}

/// None where too much has changed to be told one by one.
async fn find_changes(
    transaction: &mut GuildTx,
    snapshot: &Snapshot,
    after: u64,
    scopes: &BTreeSet<String>,
) -> Result<Option<Vec<Change>>, Error> {
    let (guild, scopes) = (transaction.guild, scopes.iter().cloned().collect::<Vec<_>>());
    changes::find_changes(transaction.connection(), guild, after, &snapshot.unsealed, &scopes).await
}

/// None for a place from which the log cannot be answered: of another history, or too old.
/// A place that this history never reached is one that a restore took away.
async fn check(transaction: &mut GuildTx, snapshot: &Snapshot, place: Place) -> Result<Option<Place>, Error> {
    let (guild, stream) = (transaction.guild, &snapshot.stream);
    if place.epoch != stream.epoch || place.hi + 1 < stream.kept_from {
        return Ok(None);
    }
    if place.hi > stream.last_no || place.seen.number > snapshot.place.seen.number {
        return Err(Error::SetBack { handed_out_at: Some(place.at) });
    }
    match changes::find_tag(transaction.connection(), guild, place.seen.number).await? {
        Some(tag) if tag != place.seen.tag => Err(Error::SetBack { handed_out_at: Some(place.at) }),
        _ => Ok(Some(place)),
    }
}

async fn list_settled(
    transaction: &mut GuildTx,
    session: &Session,
    unsettled_from: u64,
) -> Result<Vec<EntryVerdict>, Error> {
    let decided =
        changes::list_settled(transaction.connection(), session.guild, session.device, unsettled_from)
            .await?;
    let unreadable = |_| Error::Damaged { what: "a verdict" };
    decided
        .into_iter()
        .map(|(entry, device_seq, verdict)| {
            let verdict: Verdict = serde_json::from_str(&verdict).map_err(unreadable)?;
            Ok(EntryVerdict { entry: EntryId(entry), device_seq, verdict })
        })
        .collect()
}
