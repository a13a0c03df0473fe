//! Commits are numbered after they have committed, and a reader that pulls meanwhile misses
//! nothing: after each pull its copy equals the snapshot that the pull was answered from.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

use crate::asking::{count, refusal, run};
use crate::place::Place;
use crate::random::Random;

const WRITERS: usize = 12;
const TRANSACTIONS: usize = 30;
const MAX_PULLS: usize = 200;

/// A guild with a few places and tickets, which is all that the writers need.
#[derive(Clone, Debug)]
struct Desk {
    guild: Uuid,
    places: Vec<Uuid>,
}

impl Desk {
    async fn new(connection: &mut PgConnection, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let desk = Self { guild: random.id(), places: (0..3).map(|_| random.id()).collect() };
        let guild = desk.guild;
        run(
            connection,
            &format!(
                "insert into guildhall.guilds (id, guild_id, name) values ('{guild}', '{guild}', '{guild}')"
            ),
        )
        .await;
        for place in &desk.places {
            run(
                connection,
                &format!("insert into guildhall.locations (id, guild_id, code, name) values ('{place}', '{guild}', '{place}', 'x')"),
            )
            .await;
        }
        desk
    }

    /// A statement that adds, edits, moves or removes tickets.
    fn statement(&self, random: &mut Random) -> String {
        let (guild, place, id) = (self.guild, *random.pick(&self.places), random.id());
        // Any ticket: the first one after a random id.
        let some = format!(
            "(select id from guildhall.tickets where guild_id = '{guild}' and id > '{id}' order by id limit 1)"
        );
        match random.below(6) {
            0 | 1 => format!(
                "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
                 values ('{id}', '{guild}', '{id}', 'new', '{place}', now())"
            ),
            2 | 3 => format!(
                "update guildhall.tickets set subject = '{id}' where guild_id = '{guild}' and id = {some}"
            ),
            4 => format!(
                "update guildhall.tickets set location_id = '{place}' where guild_id = '{guild}' and id = {some}"
            ),
            _ => format!("delete from guildhall.tickets where guild_id = '{guild}' and id = {some}"),
        }
    }
}

/// Writes until it has committed or rolled back its share of transactions. Returns how many of
/// them committed.
async fn write(mut connection: PgConnection, desks: Vec<Desk>, seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut committed = 0;
    for _ in 0..TRANSACTIONS {
        let isolation = *random.pick(&["read committed", "read committed", "repeatable read"]);
        run(
            &mut connection,
            &format!("begin isolation level {isolation}; set local synchronous_commit = off"),
        )
        .await;
        let is_whole = write_statements(&mut connection, &desks, &mut random).await;
        if !is_whole || random.one_in(6) {
            run(&mut connection, "rollback").await;
        } else {
            run(&mut connection, "commit").await;
            committed += 1;
        }
    }
    committed
}

/// False when the transaction cannot go on: a deadlock, or a snapshot too old for what it wanted.
async fn write_statements(connection: &mut PgConnection, desks: &[Desk], random: &mut Random) -> bool {
    for _ in 0..=random.below(4) {
        let desk = random.pick(desks).clone();
        let is_tried = random.one_in(3);
        if is_tried {
            run(connection, "savepoint tried").await;
        }
        for _ in 0..=random.below(2) {
            let statement = desk.statement(random);
            if let Err(error) =
                sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await
            {
                let code =
                    error.as_database_error().and_then(|error| error.code().map(|code| code.to_string()));
                assert!(matches!(code.as_deref(), Some("40001" | "40P01")), "{statement}: {error}");
                return false;
            }
        }
        if is_tried {
            let ended = *random.pick(&["release tried", "rollback to tried"]);
            run(connection, ended).await;
        }
    }
    true
}

/// A row in a scope, as a reader holds it.
type Copy = BTreeMap<(i16, Uuid, String), (i64, Vec<u8>)>;

/// A device that holds every scope of the guild, and asks as a pull does.
struct Reader {
    connection: PgConnection,
    sealer: PgConnection,
    guild: Uuid,
    cursor: i64,
    held: Copy,
    /// What the seals before its pulls said: the numbers and tags of cursors.
    seals: Vec<(i64, i64)>,
}

impl Reader {
    async fn new(place: &Place, guild: Uuid) -> Self {
        let (connection, sealer) = (place.connect().await, place.connect().await);
        Self { connection, sealer, guild, cursor: 0, held: Copy::new(), seals: Vec::new() }
    }

    /// One pull: everything from one snapshot, the commits that have no number yet included.
    async fn pull(&mut self) {
        let mut snapshot =
            self.connection.begin_with("begin isolation level repeatable read").await.expect("begun");
        let stream = sqlx::query(
            "select last_no, sync.needs_seal(stream) as is_waiting from sync.stream where stream = $1",
        )
        .bind(self.guild)
        .fetch_one(&mut *snapshot)
        .await
        .expect("a stream");
        let hi: i64 = stream.try_get("last_no").expect("a number");
        if stream.try_get("is_waiting").expect("a flag") {
            // What a device has seen must be durable before it sees it.
            self.seals.push(seal_with_tag(&mut self.sealer, self.guild).await);
        }
        let changes = sqlx::query(
            "select h.tbl, h.pk, h.scope, m.version, m.hash
             from (select distinct h.tbl, h.pk, h.scope from sync.change h
                   join sync.commit c on c.id = h.commit and c.stream = h.stream
                   where h.stream = $1
                     and (c.commit_no > $2 and c.commit_no <= $3 or c.id in (select sync.unsealed($1)))) h
             left join sync.member m on m.stream = $1 and m.tbl = h.tbl and m.pk = h.pk and m.scope = h.scope",
        )
        .bind(self.guild)
        .bind(self.cursor)
        .bind(hi)
        .fetch_all(&mut *snapshot)
        .await
        .expect("changes");
        for change in changes {
            let key = read_key(&change);
            match change.try_get::<Option<i64>, _>("version").expect("a version") {
                Some(version) => self.held.insert(key, (version, change.try_get("hash").expect("a hash"))),
                None => self.held.remove(&key),
            };
        }
        self.cursor = hi;
        let whole = sqlx::query("select tbl, pk, scope, version, hash from sync.member where stream = $1")
            .bind(self.guild)
            .fetch_all(&mut *snapshot)
            .await
            .expect("members");
        let whole: Copy = whole
            .iter()
            .map(|row| {
                let state =
                    (row.try_get("version").expect("a version"), row.try_get("hash").expect("a hash"));
                (read_key(row), state)
            })
            .collect();
        snapshot.commit().await.expect("read");
        assert!(self.held == whole, "a pull up to {hi} is not its snapshot");
    }
}

fn read_key(row: &sqlx::postgres::PgRow) -> (i16, Uuid, String) {
    (row.try_get("tbl").expect("tbl"), row.try_get("pk").expect("pk"), row.try_get("scope").expect("scope"))
}

async fn seal(connection: &mut PgConnection, guild: Uuid) -> i64 {
    seal_with_tag(connection, guild).await.0
}

async fn seal_with_tag(connection: &mut PgConnection, guild: Uuid) -> (i64, i64) {
    let row = sqlx::query("select last_no, last_tag from sync.seal($1)")
        .bind(guild)
        .fetch_one(connection)
        .await
        .expect("sealed");
    (row.try_get("last_no").expect("a number"), row.try_get("last_tag").expect("a tag"))
}

/// Pulls while somebody writes, and once more when all is quiet.
async fn read(mut reader: Reader, writing: Arc<AtomicUsize>) -> Reader {
    for _ in 0..MAX_PULLS {
        if writing.load(Ordering::SeqCst) == 0 {
            break;
        }
        reader.pull().await;
    }
    while writing.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    reader.pull().await;
    reader
}

/// Two readers of each guild, who seal what they meet, both at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_commit_is_missed_among_twelve_writers() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let desks = vec![Desk::new(&mut connection, 41).await, Desk::new(&mut connection, 42).await];
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let mut readers = Vec::new();
    for desk in desks.iter().chain(&desks) {
        let reader = Reader::new(&place, desk.guild).await;
        readers.push(tokio::spawn(read(reader, Arc::clone(&writing))));
    }
    let mut writers = Vec::new();
    for seed in 0..WRITERS {
        let (connection, desks, writing) = (place.connect().await, desks.clone(), Arc::clone(&writing));
        writers.push(tokio::spawn(async move {
            let committed = write(connection, desks, 100 + seed as u64).await;
            writing.fetch_sub(1, Ordering::SeqCst);
            committed
        }));
    }
    let mut committed = 0;
    for writer in writers {
        committed += writer.await.expect("a writer");
    }
    assert!(committed > WRITERS * TRANSACTIONS / 4, "{committed} commits");
    for reader in readers {
        let reader = reader.await.expect("a reader");
        assert!(!reader.seals.is_empty(), "commits were met before they were sealed");
        for (number, tag) in reader.seals {
            let kept = format!(
                "sync.commit where stream = '{}' and commit_no = {number} and tag = {tag}",
                reader.guild
            );
            assert_eq!(
                count(&mut connection, &kept).await,
                1,
                "what a device was told of {number} stays true"
            );
        }
    }
    for desk in &desks {
        let last = seal(&mut connection, desk.guild).await;
        let numbered =
            format!("sync.commit where stream = '{}' and commit_no between 1 and {last}", desk.guild);
        assert_eq!(count(&mut connection, &numbered).await, last, "numbers have no holes");
    }
    assert_eq!(count(&mut connection, "sync.commit where commit_no is null").await, 0);
    assert_eq!(count(&mut connection, "sync.audit()").await, 0);
}

#[tokio::test]
async fn a_transaction_leaves_one_commit_in_each_guild_whatever_it_takes_back() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let (one, other) = (Desk::new(&mut connection, 43).await, Desk::new(&mut connection, 44).await);
    let ticket = |desk: &Desk| {
        format!(
            "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
             values (gen_random_uuid(), '{}', gen_random_uuid()::text, 's', '{}', now());",
            desk.guild, desk.places[0]
        )
    };
    let before = count(&mut connection, "sync.commit").await;
    run(
        &mut connection,
        &format!(
            "begin; savepoint a; {first} rollback to a; {first} {second} savepoint b; {first} rollback to b; {second} {first} commit",
            first = ticket(&one),
            second = ticket(&other)
        ),
    )
    .await;
    assert_eq!(count(&mut connection, "sync.commit").await - before, 2);
    let changes = "sync.change h join sync.commit c on c.id = h.commit and c.stream = h.stream
                   where h.tbl = (select sync.table_number('tickets'))";
    assert_eq!(count(&mut connection, changes).await, 4);

    // The setting in which the commit is remembered can be forged, and is not believed.
    let opened =
        sqlx::query("select max(id) as id from sync.commit").fetch_one(&mut connection).await.expect("an id");
    let opened: i64 = opened.try_get("id").expect("an id");
    run(&mut connection, &format!("begin; set local guildhall.commit = '{opened}'; {} commit", ticket(&one)))
        .await;
    assert_eq!(count(&mut connection, "sync.commit").await - before, 3);
}

#[tokio::test]
async fn sealing_waits_for_nobody_and_skips_what_is_still_open() {
    let place = Place::new().await;
    let (mut connection, mut slow) = (place.connect().await, place.connect().await);
    let desk = Desk::new(&mut connection, 45).await;
    let add = |name: &str| {
        format!(
            "insert into guildhall.locations (id, guild_id, code, name) values (gen_random_uuid(), '{}', '{name}', 'x')",
            desk.guild
        )
    };
    let begun = seal(&mut connection, desk.guild).await;
    run(&mut slow, &format!("begin; {}", add("slow"))).await;
    run(&mut connection, &add("quick")).await;
    assert_eq!(seal(&mut connection, desk.guild).await, begun + 1);
    assert_eq!(seal(&mut connection, desk.guild).await, begun + 1, "nothing waits");
    run(&mut slow, "commit").await;
    let waiting =
        sqlx::query("select sync.needs_seal($1) as answer").bind(desk.guild).fetch_one(&mut connection).await;
    assert!(waiting.expect("an answer").try_get::<bool, _>("answer").expect("a flag"));
    assert_eq!(seal(&mut connection, desk.guild).await, begun + 2, "the older transaction comes later");

    run(&mut connection, "begin isolation level repeatable read").await;
    let error = refusal(&mut connection, &format!("select sync.seal('{}')", desk.guild)).await;
    assert!(error.to_string().contains("read committed"), "{error}");
}

/// Another cluster counts transactions from the start: after a dump is restored there, commits
/// must be found although their transactions look older than the last numbering.
#[tokio::test]
async fn commits_are_found_in_another_cluster() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let desk = Desk::new(&mut connection, 46).await;
    let begun = seal(&mut connection, desk.guild).await;
    run(
        &mut connection,
        "update sync.stream set numbering_xmin = '9000000000000000', numbering_system = numbering_system + 1;
         update sync.commit set system_id = system_id + 1",
    )
    .await;
    run(
        &mut connection,
        &format!("update guildhall.locations set name = 'y' where guild_id = '{}'", desk.guild),
    )
    .await;
    assert_eq!(seal(&mut connection, desk.guild).await, begun + 1);
}

#[tokio::test]
async fn a_new_epoch_forgets_commits_and_goes_on_counting() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let desk = Desk::new(&mut connection, 47).await;
    let begun = seal(&mut connection, desk.guild).await;
    let epoch = format!("select epoch from sync.stream where stream = '{}'", desk.guild);
    let before =
        sqlx::query(AssertSqlSafe(epoch.clone())).fetch_one(&mut connection).await.expect("an epoch");
    run(&mut connection, &format!("select sync.new_epoch('{}')", desk.guild)).await;
    let after = sqlx::query(AssertSqlSafe(epoch)).fetch_one(&mut connection).await.expect("an epoch");
    assert_ne!(
        before.try_get::<Uuid, _>("epoch").expect("id"),
        after.try_get::<Uuid, _>("epoch").expect("id")
    );
    for table in ["sync.commit", "sync.change"] {
        assert_eq!(
            count(&mut connection, &format!("{table} where stream = '{}'", desk.guild)).await,
            0,
            "{table}"
        );
    }
    assert_ne!(count(&mut connection, "sync.member").await, 0, "the projection stays");
    run(
        &mut connection,
        &format!("update guildhall.locations set name = 'y' where guild_id = '{}'", desk.guild),
    )
    .await;
    assert_eq!(seal(&mut connection, desk.guild).await, begun + 1);
}

#[tokio::test]
async fn trimming_says_from_where_changes_are_kept() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let desk = Desk::new(&mut connection, 48).await;
    let begun = seal(&mut connection, desk.guild).await;
    run(
        &mut connection,
        &format!("update guildhall.locations set name = 'y' where guild_id = '{}'", desk.guild),
    )
    .await;
    run(&mut connection, &format!("select sync.trim('{}', clock_timestamp())", desk.guild)).await;
    let kept = format!("sync.stream where stream = '{}' and kept_from = {}", desk.guild, begun + 1);
    assert_eq!(count(&mut connection, &kept).await, 1);
    assert_eq!(count(&mut connection, "sync.commit where commit_no is not null").await, 0);
    assert_eq!(count(&mut connection, "sync.commit").await, 1, "what is not sealed stays");
}
