//! Single pushes of one guild: how many a second are answered to one pusher, and to many at once.
//! Each pusher is a person of its own on a laptop of its own, and waits for its answer before it
//! sends the next edit, as a person does who saves.

use std::time::{Duration, Instant};

use anyhow::bail;
use guildhall_local::clock::Clock;
use guildhall_local::link::wire::Wire;
use guildhall_server::admin::{self, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::db::{Database, DatabaseOptions};
use guildhall_sync::change::{Entry, Group, Operation, SCHEMA, Verdict};
use guildhall_sync::id::{EntryId, GroupId, GuildId};
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{Extent, Push, SentGroup, SignIn, SignedIn};
use guildhall_sync::schema::Row;
use serde_json::{Map, Value as Json};
use sqlx::{Connection, PgConnection, Row as _};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::figure::{Figure, Goal};
use crate::measure::Samples;
use crate::work::{Page, Pages};
use crate::{guild, postgres, server};

const MANY: usize = 32;
const PUSHES: usize = 40;
/// The first ones bring connections and prepared statements up.
const UNCOUNTED: usize = 5;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(MANY);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let (one, many) = runtime.block_on(async {
        let mut pushers = sign_all_in(&cluster.url("guild"), &served.url, &pages).await?;
        let one = race(&mut pushers[..1]).await?;
        anyhow::Ok((one, race(&mut pushers).await?))
    })?;
    served.stop(&runtime)?;
    Ok(vec![
        Figure::new("single pushes of one pusher", one.per_second, "/s"),
        Figure::new("its wait for an answer, p50", one.waits.milliseconds_at(0.5), "ms"),
        Figure::new(format!("single pushes of {MANY} pushers"), many.per_second, "/s")
            .beside("one pusher", one.per_second)
            .goal(Goal::AtLeastTimes(8.0)),
        Figure::new("their wait for an answer, p50", many.waits.milliseconds_at(0.5), "ms"),
    ])
}

/// A person at a laptop, with the page that they write.
struct Pusher {
    wire: Wire,
    signed: SignedIn,
    incarnation: Uuid,
    page: Uuid,
    body: String,
    rev: i64,
    seq: u64,
}

struct Race {
    per_second: f64,
    waits: Samples,
}

async fn sign_all_in(url: &str, server: &str, pages: &[Page]) -> anyhow::Result<Vec<Pusher>> {
    let mut connection = PgConnection::connect(url).await?;
    let row = sqlx::query("select id from guildhall.guilds").fetch_one(&mut connection).await?;
    let (guild, database) = (GuildId(row.try_get("id")?), connect(url).await?);
    let mut pushers = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let name = format!("Pusher {number}");
        let password = guild::PASSWORD.to_owned();
        let person = NewUser { name: name.clone(), email: None, role: Role::Manager, password };
        admin::add_user(&database, guild, person, PasswordCost::default()).await?;
        pushers.push(Pusher::sign_in(server, name, page).await?);
    }
    database.close().await;
    Ok(pushers)
}

async fn connect(url: &str) -> anyhow::Result<Database> {
    Ok(Database::connect(url, DatabaseOptions::default()).await?)
}

/// Each pusher sends its edits one after the other; the clock runs when all of them are warm.
async fn race(pushers: &mut [Pusher]) -> anyhow::Result<Race> {
    futures_util::future::try_join_all(pushers.iter_mut().map(|pusher| pusher.push_some(UNCOUNTED))).await?;
    let begin = Instant::now();
    let counted = pushers.iter_mut().map(|pusher| pusher.push_some(PUSHES));
    let waits = futures_util::future::try_join_all(counted).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let waits: Samples = waits.into_iter().flatten().collect();
    Ok(Race { per_second: waits.count() as f64 / seconds, waits })
}

impl Pusher {
    async fn sign_in(server: &str, login: String, page: &Page) -> anyhow::Result<Self> {
        let wire = Wire::new(server, None)?;
        let attempt = SignIn {
            guild: guild::NAME.to_owned(),
            login,
            password: guild::PASSWORD.to_owned(),
            device: None,
            device_name: "bench".to_owned(),
            platform: "linux".to_owned(),
            app_version: "0".to_owned(),
        };
        let signed = wire.sign_in(&attempt).await?;
        let incarnation = Clock::system().new_id();
        Ok(Self { wire, signed, incarnation, page: page.id, body: page.body.clone(), rev: 1, seq: 0 })
    }

    async fn push_some(&mut self, count: usize) -> anyhow::Result<Vec<Duration>> {
        let mut waits = Vec::new();
        for _ in 0..count {
            let push = self.next_push();
            let begin = Instant::now();
            let answer = self.wire.push(&self.signed.tokens.access, &push).await?;
            waits.push(begin.elapsed());
            match answer.verdicts.first().map(|answer| &answer.verdict) {
                Some(Verdict::Committed { rev, .. }) => self.rev = *rev,
                other => bail!("an edit of one's own page was not committed: {other:?}"),
            }
        }
        Ok(waits)
    }

    fn next_push(&mut self) -> Push {
        self.seq += 1;
        let text = |body: &str| Map::from_iter([("answer_md".to_owned(), Json::from(body))]);
        let body = format!("{} {}", &self.body[..self.body.len().min(900)], self.seq);
        let entry = Entry {
            id: EntryId(Clock::system().new_id()),
            device_seq: self.seq,
            table: KnowledgeItem::TABLE.name.to_owned(),
            row: self.page,
            operation: Operation::Update,
            base_rev: Some(self.rev),
            before: text(&self.body),
            after: text(&body),
            depends_on: Vec::new(),
            schema: SCHEMA,
            authored_at: Clock::system().now(),
            reason: None,
            undo_of: None,
            settles: None,
        };
        self.body = body;
        let hashes = vec![entry.content_hash()];
        let group = Group { id: GroupId(Clock::system().new_id()), entries: vec![entry] };
        Push {
            device: self.signed.device,
            incarnation: self.incarnation,
            epoch: None,
            schema: SCHEMA,
            groups: vec![SentGroup { group, hashes, reoffered: None, extent: Extent::Whole }],
        }
    }
}
