//! A guild with a desk: people of several roles, a place, two assistants and a page; and devices
//! that push to it.

use guildhall_server::admin;
use guildhall_server::random;
use guildhall_sync::change::{Entry, Group, Operation, SCHEMA, Verdict};
use guildhall_sync::id::{EntryId, GroupId, UserId};
use guildhall_sync::model::find_table;
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{self, Extent, Push, PushAnswer, SentGroup, SignIn, SignedIn};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::json::from_json;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use sqlx::{PgConnection, Row};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

use crate::world::{Answer, GUILD, Served, World, add_person, attempt, send};

pub const ADMIN: &str = "Marco";
pub const MANAGER: &str = "Mona";
pub const OPERATOR: &str = "Otto";
pub const MEMBER: &str = "Pia";

pub const PAGE: &str = "# Opening\n\nCount the coins.\n\nSwitch on the sign.\n\nUnlock the door.\n";

/// The guild, and the ids of what is in it.
pub struct Desk {
    pub world: World,
    pub manager: UserId,
    pub operator: UserId,
    pub member: UserId,
    /// Admins, managers, operators and support ask it.
    pub booking: Uuid,
    /// Only managers ask it.
    pub strategy: Uuid,
    pub harbour: Uuid,
    /// A page of the booking assistant, with [`PAGE`] for its content.
    pub page: Uuid,
}

impl Desk {
    pub async fn start() -> Self {
        let world = World::start().await;
        let manager = add_person(&world.database, world.guild, MANAGER, None, Role::Manager).await;
        let operator = add_person(&world.database, world.guild, OPERATOR, None, Role::Operator).await;
        let member = add_person(&world.database, world.guild, MEMBER, None, Role::Member).await;
        let [booking, strategy, harbour, page] = std::array::from_fn(|_| random::id());
        let desk = Self { world, manager, operator, member, booking, strategy, harbour, page };
        let admits = ["admin", "manager", "operator", "support"];
        desk.add(
            "assistants",
            booking,
            json!({"slug": "booking", "name": "Booking", "access_roles": admits}),
        )
        .await;
        desk.add(
            "assistants",
            strategy,
            json!({"slug": "tactics", "name": "Tactics", "access_roles": ["manager"]}),
        )
        .await;
        desk.add("locations", harbour, json!({"code": "HARB", "name": "Harbour"})).await;
        let works = json!({"user_id": operator, "location_id": harbour});
        desk.add("user_locations", random::id(), works).await;
        desk.add("sops", page, desk.page_row("till", "opening", PAGE)).await;
        desk
    }

    /// Keeps every server from numbering commits by itself, as long as the connection lives.
    pub async fn hold_sealer(&mut self) -> PgConnection {
        let mut holder = self.world.place.connect().await;
        let next = Served::start(&self.world.place.url(), |_| {}).await;
        let lock = "select pg_advisory_lock(hashtextextended('guildhall.sealer', 0))";
        let holding = tokio::spawn(async move {
            sqlx::query(lock).execute(&mut holder).await.expect("the lock");
            holder
        });
        let waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
        while self.list(waiting).await.is_empty() {
            tokio::task::yield_now().await;
        }
        // Who waits has the lock before the next server asks for it again.
        std::mem::replace(&mut self.world.server, next).stop().await;
        holding.await.expect("it does not panic")
    }

    /// Numbers what was committed. Until then a pull hands it out and the next one does again.
    pub async fn number_commits(&self) {
        self.world.psql(format!("select sync.seal('{}')", self.world.guild)).await;
    }

    /// A new page of the booking assistant.
    pub fn page_row(&self, category: &str, section: &str, content: &str) -> Json {
        json!({"assistant_id": self.booking, "category": category, "section": section,
               "title": section, "content": content})
    }

    /// A new ticket at the harbour.
    pub fn ticket_row(&self, reference: &str) -> Json {
        json!({"local_ref": reference, "subject": "Lost key", "location_id": self.harbour,
               "opened_at": "2026-05-01T09:30:00Z"})
    }

    /// Adds a row as the administrator's programs do.
    pub async fn add(&self, table: &str, id: Uuid, row: Json) {
        let table = find_table(table).expect("a table");
        let mut row = object(row);
        row.insert("id".to_owned(), json!(id));
        row.insert("guild_id".to_owned(), json!(self.world.guild));
        let cells = from_json(table, &row).expect("a row");
        admin::insert_rows(&self.world.database, self.world.guild, &[(table, vec![cells])], "test")
            .await
            .expect("inserted");
    }

    /// A new device of the person.
    pub async fn device(&self, person: &str) -> Device {
        let attempt = SignIn { login: person.to_owned(), guild: GUILD.to_owned(), ..attempt() };
        let signed: SignedIn = self.world.server.sign_in(&attempt).await.read();
        Device { signed, incarnation: random::id(), last_seq: AtomicU64::new(0) }
    }

    /// A row as Postgres prints it; null where there is none.
    pub async fn row(&self, table: &'static str, id: Uuid) -> Json {
        let mut connection = self.world.place.connect().await;
        let sql = format!("select to_jsonb(r)::text as row from guildhall.{table} r where id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .fetch_optional(&mut connection)
            .await
            .expect("row");
        row.map_or(Json::Null, |row| serde_json::from_str(row.try_get("row").expect("text")).expect("json"))
    }

    /// The first column of what a question has for an answer, as JSON lines.
    pub async fn list(&self, question: &str) -> Vec<Json> {
        let mut connection = self.world.place.connect().await;
        let sql = format!("select to_jsonb(q)::text as line from ({question}) q");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("lines");
        rows.iter()
            .map(|row| serde_json::from_str(row.try_get("line").expect("text")).expect("json"))
            .collect()
    }

    pub async fn push(&self, device: &Device, groups: Vec<Vec<Entry>>) -> Vec<Verdict> {
        let answer: PushAnswer = self.send(device, &device.request(groups)).await.read();
        answer.verdicts.into_iter().map(|answer| answer.verdict).collect()
    }

    /// Pushes entries that were each written alone.
    pub async fn push_each(&self, device: &Device, entries: Vec<Entry>) -> Vec<Verdict> {
        self.push(device, entries.into_iter().map(|entry| vec![entry]).collect()).await
    }

    pub async fn push_one(&self, device: &Device, entry: Entry) -> Verdict {
        self.push_each(device, vec![entry]).await.remove(0)
    }

    pub async fn send(&self, device: &Device, push: &Push) -> Answer {
        self.send_json(device, push).await
    }

    /// Sends a push that need not be one.
    pub async fn send_json(&self, device: &Device, push: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(push).expect("json");
        let body = zstd::encode_all(&body[..], 3).expect("memory takes it");
        let server = &self.world.server;
        let request =
            server.client.post(server.url(protocol::PUSH)).bearer_auth(&device.signed.tokens.access);
        send(request.header("content-encoding", "zstd").body(body)).await
    }
}

/// A laptop of a person, which counts its entries.
pub struct Device {
    pub signed: SignedIn,
    pub incarnation: Uuid,
    last_seq: AtomicU64,
}

impl Device {
    pub fn insert(&self, table: &str, row: Uuid, after: Json) -> Entry {
        self.entry(table, row, Operation::Insert, None, json!({}), after)
    }

    pub fn update(&self, table: &str, row: Uuid, base_rev: i64, before: Json, after: Json) -> Entry {
        self.entry(table, row, Operation::Update, Some(base_rev), before, after)
    }

    fn entry(
        &self,
        table: &str,
        row: Uuid,
        operation: Operation,
        base_rev: Option<i64>,
        before: Json,
        after: Json,
    ) -> Entry {
        Entry {
            id: EntryId(random::id()),
            device_seq: self.last_seq.fetch_add(1, Ordering::Relaxed) + 1,
            table: table.to_owned(),
            row,
            operation,
            base_rev,
            before: object(before),
            after: object(after),
            depends_on: Vec::new(),
            schema: SCHEMA,
            authored_at: Timestamp::parse("2026-05-01T09:30:00Z").expect("a time"),
            reason: None,
            undo_of: None,
            settles: None,
        }
    }

    pub fn request(&self, groups: Vec<Vec<Entry>>) -> Push {
        let groups = groups.into_iter().map(|entries| SentGroup {
            hashes: entries.iter().map(Entry::content_hash).collect(),
            reoffered: None,
            extent: Extent::Whole,
            group: Group { id: GroupId(random::id()), entries },
        });
        Push {
            device: self.signed.device,
            incarnation: self.incarnation,
            epoch: None,
            schema: SCHEMA,
            groups: groups.collect(),
        }
    }
}

pub fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

/// The word for a verdict.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Committed { .. } => "committed",
        Verdict::Merged { .. } => "merged",
        Verdict::Conflict { .. } => "conflict",
        Verdict::Rejected { .. } => "rejected",
        Verdict::Deferred { .. } => "deferred",
    }
}
