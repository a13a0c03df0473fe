//! Push: entries of a device's write-ahead log come in, each gets a verdict, and a verdict is
//! stored in the transaction that has its effect. It is answered only after the commit.
//!
//! The quick way decides a whole push at once and writes it in sets. Where Postgres objects, the
//! careful way ([`steps`]) finds out to what.

use crate::auth::{self, Session};
use crate::body;
use crate::db::Isolation;
use crate::db::changes::{self, StreamState};
use crate::error::Error;
use crate::fault;
use crate::marks::Known;
use crate::random;
use crate::state::App;
use axum::body::Body;
use axum::http::HeaderMap;
use claim::Claim;
use complaint::{Complaint, is_passing_error};
use decision::Decision;
use guildhall_sync::change::{Entry, Place, RejectCode, Verdict};
use guildhall_sync::id::{EntryId, GroupId};
use guildhall_sync::protocol::{EntryVerdict, Extent, MAX_PUSH_ENTRIES, Push, PushAnswer, SentGroup};
pub(crate) use history::hex;
use parts::Taken;
use plan::Group;
use sqlx::{Connection, PgConnection};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use uuid::Uuid;

mod attempt;
mod claim;
mod clash;
mod complaint;
mod conflict;
mod decision;
mod duplicate;
mod facts;
mod groups;
mod history;
mod order;
mod parts;
mod plan;
mod read;
mod refusal;
mod returning;
mod steps;
mod version;
mod wish;
mod write;

/// How often a push is tried again as a whole when it met another transaction.
const MAX_TRIES: usize = 3;
/// The longest statement of a push that is larger than most.
const LONG_STATEMENT_MS: u64 = 30_000;

/// An entry as it came, in the order of the push.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    pub entry: &'a Entry,
    pub group: GroupId,
    pub hash: &'a str,
    /// Of an entry from before a restore: its place in the lost history, where it had one.
    pub reoffered: Option<Option<Place>>,
    /// The entry of its group that was too large to be sent: what the others say was not sent either.
    pub withheld: Option<EntryId>,
}

/// What one transaction works on.
pub(crate) struct Work<'a> {
    pub session: Session,
    pub sent: &'a [Sent<'a>],
}

pub(crate) async fn push(app: &App, headers: &HeaderMap, body: Body) -> Result<PushAnswer, Error> {
    let session = auth::find_session(&app.database, headers).await?;
    let push: Push = body::read_json(headers, body, app.push_bytes).await?;
    judge_request(&session, &push)?;
    let push = match parts::take(&app.database, &session, &push).await? {
        None => push,
        Some(Taken::Whole(group)) => Push { groups: vec![group], ..push },
        Some(Taken::Kept(kept)) => return Ok(PushAnswer { verdicts: Vec::new(), kept: Some(kept) }),
        Some(Taken::TooLarge) => return Ok(refuse_too_large(&push)),
    };
    let sent = list_sent(&push);
    let request = Request { app, headers, push: &push, sent: &sent };
    let verdicts = request.decide().await?;
    fault::point("push.after_commit_before_answer");
    app.live.poke(session.guild);
    let answers = sent.iter().enumerate().map(|(place, sent)| EntryVerdict {
        entry: sent.entry.id,
        device_seq: sent.entry.device_seq,
        verdict: verdicts[&place].clone(),
    });
    Ok(PushAnswer { verdicts: answers.collect(), kept: None })
}

/// Refuses a group that is larger than any that can be decided, by those of its entries that came.
fn refuse_too_large(push: &Push) -> PushAnswer {
    let reason = "It belongs to more changes at once than the server takes.";
    let refused = Decision::refuse(RejectCode::TooLarge, reason).into_verdict(decision::Place::default());
    let entries = push.groups.iter().flat_map(|sent| &sent.group.entries);
    let answers = entries.map(|entry| EntryVerdict {
        entry: entry.id,
        device_seq: entry.device_seq,
        verdict: refused.clone(),
    });
    PushAnswer { verdicts: answers.collect(), kept: None }
}

fn judge_request(session: &Session, push: &Push) -> Result<(), Error> {
    let wrong = |what: &str| Err(Error::BadRequest(what.to_owned()));
    if push.device != session.device {
        return wrong("the device is another one than signed in");
    }
    if push.groups.iter().any(|sent| sent.hashes.len() != sent.group.entries.len()) {
        return wrong("every entry has one hash");
    }
    let has_places = |sent: &SentGroup| {
        sent.reoffered.as_ref().is_none_or(|places| places.len() == sent.group.entries.len())
    };
    if !push.groups.iter().all(has_places) {
        return wrong("every entry that is offered again has a place, or says that it has none");
    }
    if !push.groups.iter().all(|sent| is_extent(sent, push.groups.len())) {
        return wrong("what comes of a group is not what it says");
    }
    let entries: usize = push.groups.iter().map(|sent| sent.group.entries.len()).sum();
    if entries > MAX_PUSH_ENTRIES && push.groups.len() > 1 {
        return wrong("too many entries between groups");
    }
    Ok(())
}

/// A part is alone in its push and lies within its group; who withholds an entry names one.
fn is_extent(sent: &SentGroup, groups: usize) -> bool {
    let entries = &sent.group.entries;
    match sent.extent {
        Extent::Whole => true,
        Extent::Part { after, of } => groups == 1 && of > 0 && after as usize + entries.len() <= of as usize,
        Extent::Withheld { entry } => entries.iter().any(|sent| sent.id == entry),
    }
}

fn list_sent(push: &Push) -> Vec<Sent<'_>> {
    push.groups
        .iter()
        .flat_map(|sent| {
            let group = sent.group.id;
            let entries = sent.group.entries.iter().zip(&sent.hashes).enumerate();
            entries.map(move |(at, (entry, hash))| {
                let reoffered = sent.reoffered.as_ref().map(|places| places.get(at).copied().flatten());
                let withheld = match sent.extent {
                    Extent::Withheld { entry } => Some(entry),
                    Extent::Whole | Extent::Part { .. } => None,
                };
                Sent { entry, group, hash, reoffered, withheld }
            })
        })
        .collect()
}

struct Request<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    push: &'a Push,
    sent: &'a [Sent<'a>],
}

impl Request<'_> {
    /// All in one transaction; where it keeps meeting others, each group in one of its own.
    async fn decide(&self) -> Result<BTreeMap<usize, Verdict>, Error> {
        for _ in 0..MAX_TRIES {
            match self.decide_groups(0..self.push.groups.len()).await {
                Err(error) if is_passing_error(&error) => {}
                answer => return answer,
            }
        }
        let mut verdicts = BTreeMap::new();
        for group in 0..self.push.groups.len() {
            verdicts.extend(self.decide_alone(group).await?);
        }
        Ok(verdicts)
    }

    async fn decide_alone(&self, group: usize) -> Result<BTreeMap<usize, Verdict>, Error> {
        for _ in 0..MAX_TRIES {
            match self.decide_groups(group..group + 1).await {
                Err(error) if is_passing_error(&error) => {}
                answer => return answer,
            }
        }
        let verdict = Decision::later("others are changing the same at this moment");
        let places = groups::places(self.push, group..group + 1);
        Ok(places.map(|place| (place, verdict.clone().into_verdict(decision::Place::default()))).collect())
    }

    /// One transaction.
    async fn decide_groups(&self, range: Range<usize>) -> Result<BTreeMap<usize, Verdict>, Error> {
        let known = self.app.marks.snapshot();
        let begun = auth::begin(&self.app.database, self.headers, Isolation::ReadCommitted).await?;
        let (mut transaction, session) = begun;
        let places = groups::places(self.push, range.clone());
        if places.len() > MAX_PUSH_ENTRIES {
            transaction.allow_ms(LONG_STATEMENT_MS).await?;
        }
        let connection = transaction.connection();
        let stream = self.read_stream(connection, &session, known.get(&session.guild)).await?;
        if let Some(answers) = self.refuse_other_epoch(stream.epoch, places.clone()) {
            return Ok(answers);
        }
        let checked = groups::check(self.sent, places);
        let claims = checked.claims();
        let claimed = claim::claim(connection, &session, self.push.incarnation, &claims).await?;
        let mut decided =
            claim::list_decided(connection, session.guild, checked.foreign_dependencies()).await?;
        let mut asked = checked.ask(self.push, range, &claimed, session.guild);
        duplicate::follow(connection, session.guild, &mut asked.groups).await?;
        let known =
            asked.known.iter().map(|(place, verdict)| (self.sent[*place].entry.id, verdict.has_effect()));
        decided.extend(known);
        let work = Work { session, sent: self.sent };
        let mut verdicts = decide_quickly(connection, &work, &mut decided, &asked.groups).await?;
        let mut claims: HashMap<EntryId, Claim> =
            claims.into_iter().map(|claim| (claim.entry, claim)).collect();
        let fresh: Vec<(Claim, Verdict)> = asked
            .fresh
            .iter()
            .filter_map(|place| {
                Some((claims.remove(&self.sent[*place].entry.id)?, verdicts.get(place)?.clone()))
            })
            .collect();
        claim::conclude(connection, &session, self.push.incarnation, &fresh).await?;
        let highest = self.sent.iter().map(|sent| sent.entry.device_seq).max().unwrap_or_default();
        transaction.note_device(session.device, self.push.incarnation, highest).await?;
        fault::point("push.before_commit");
        transaction.commit().await?;
        verdicts.extend(asked.known);
        checked.repeat(&mut verdicts);
        Ok(verdicts)
    }

    /// Where the guild's history stands, unless it was set back: then nothing is decided on it.
    async fn read_stream(
        &self,
        connection: &mut PgConnection,
        session: &Session,
        known: Option<&Known>,
    ) -> Result<StreamState, Error> {
        sqlx::query("select set_config('guildhall.push', 'on', true)").execute(&mut *connection).await?;
        let stream = changes::read_stream(connection, session.guild).await?;
        if stream.is_set_back {
            return Err(Error::SetBack { handed_out_at: None });
        }
        if let Some(known) = known.filter(|known| known.is_ahead_of(&stream, None)) {
            let seen_by = "a server that had handed out more";
            self.app.database.stop_guild(session.guild, stream.epoch, seen_by, known.at).await?;
            return Err(Error::SetBack { handed_out_at: Some(known.at) });
        }
        Ok(stream)
    }

    /// What was written before a restore is taken only from a device that has heard of it.
    fn refuse_other_epoch(&self, epoch: Uuid, places: Range<usize>) -> Option<BTreeMap<usize, Verdict>> {
        if self.push.epoch.is_none_or(|known| known == epoch) {
            return None;
        }
        let later = Decision::later("the server has begun a new history; it is told at the next pull");
        let verdict = later.into_verdict(decision::Place::default());
        Some(places.map(|place| (place, verdict.clone())).collect())
    }
}

/// Decides everything on one reading and writes it in sets. Where Postgres objects, takes that
/// back and decides each half for itself, down to the group that it objects to, which goes step by
/// step: a few bad entries do not make the others slow.
async fn decide_quickly(
    connection: &mut PgConnection,
    work: &Work<'_>,
    decided: &mut HashMap<EntryId, bool>,
    groups: &[Group<'_>],
) -> Result<BTreeMap<usize, Verdict>, Error> {
    let asked = || groups.iter().flat_map(|group| &group.asked);
    if asked().count() > 1 && asked().any(steps::changes_rights) {
        return steps::decide(connection, work, decided, groups).await;
    }
    let facts = read::read(connection, &work.session, groups, decided, &HashMap::new()).await?;
    let plan = plan::plan(groups, &facts, random::id);
    let mut savepoint = connection.begin().await?;
    match write::write(&mut savepoint, &work.session, work.sent, &plan).await {
        Ok(verdicts) => {
            savepoint.commit().await?;
            steps::note_decided(decided, groups, &verdicts);
            Ok(verdicts)
        }
        Err(error) if Complaint::of(&error).is_some() => {
            savepoint.rollback().await?;
            decide_halves(connection, work, decided, groups).await
        }
        Err(error) => Err(error),
    }
}

async fn decide_halves(
    connection: &mut PgConnection,
    work: &Work<'_>,
    decided: &mut HashMap<EntryId, bool>,
    groups: &[Group<'_>],
) -> Result<BTreeMap<usize, Verdict>, Error> {
    if groups.len() < 2 {
        return steps::decide(connection, work, decided, groups).await;
    }
    let (first, second) = groups.split_at(groups.len() / 2);
    let mut verdicts = Box::pin(decide_quickly(connection, work, decided, first)).await?;
    verdicts.extend(Box::pin(decide_quickly(connection, work, decided, second)).await?);
    Ok(verdicts)
}
