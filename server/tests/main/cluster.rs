//! The private Postgres itself: it starts, keeps what it promised, and leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guildhall_server::cluster::{Binaries, Cluster, ClusterError, ClusterOptions};
use sqlx::{Connection, PgConnection, Row};

const FAST: ClusterOptions = ClusterOptions { durable: false, max_connections: 20 };
const DURABLE: ClusterOptions = ClusterOptions { durable: true, max_connections: 20 };

fn binaries() -> Binaries {
    Binaries::find().expect("scripts/setup has been run")
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("connection")
}

async fn read_number(connection: &mut PgConnection, question: &'static str) -> i64 {
    let row = sqlx::query(question).fetch_one(connection).await.expect("an answer");
    row.try_get("answer").expect("a number")
}

/// The server's process number, while it runs.
fn server_process(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("pid file");
    Path::new("/proc").join(text.lines().next().expect("process number"))
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("still not so: {what}");
}

#[tokio::test]
async fn vector_and_trigrams_are_there() {
    let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
    let mut connection = connect(&cluster.url("postgres")).await;
    for statement in ["create extension vector", "create extension pg_trgm"] {
        sqlx::query(statement).execute(&mut connection).await.expect(statement);
    }
    let near = "select ('[1,2]'::vector <-> '[1,4]'::vector)::bigint as answer";
    assert_eq!(read_number(&mut connection, near).await, 2);
    let alike = "select (similarity('guild', 'guild') * 10)::bigint as answer";
    assert_eq!(read_number(&mut connection, alike).await, 10);
}

#[tokio::test]
async fn a_copy_of_a_database_is_its_own() {
    let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
    cluster.create_database("the template").await.expect("template");
    let mut template = connect(&cluster.url("the template")).await;
    sqlx::query("create table letters as select 7::bigint as answer")
        .execute(&mut template)
        .await
        .expect("table");
    template.close().await.expect("closed");

    cluster.create_database_from("the template", "copy").await.expect("copy");
    let mut copy = connect(&cluster.url("copy")).await;
    sqlx::query("insert into letters (answer) values (8)").execute(&mut copy).await.expect("insert");
    assert_eq!(read_number(&mut copy, "select count(*) as answer from letters").await, 2);
    let mut template = connect(&cluster.url("the template")).await;
    assert_eq!(read_number(&mut template, "select count(*) as answer from letters").await, 1);

    cluster.drop_database("copy").await.expect("dropped although somebody is connected");
    assert!(PgConnection::connect(&cluster.url("copy")).await.is_err());
}

#[tokio::test]
async fn a_role_without_password_comes_in_through_the_socket() {
    let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
    let mut connection = connect(&cluster.url("postgres")).await;
    sqlx::query("create role clerk login").execute(&mut connection).await.expect("role");
    let mut clerk = connect(&cluster.url_as("clerk", "postgres")).await;
    let question = "select (current_user = 'clerk')::int::bigint as answer";
    assert_eq!(read_number(&mut clerk, question).await, 1);
}

#[tokio::test]
async fn a_killed_cluster_keeps_what_was_committed() {
    let mut cluster = Cluster::start_temporary(&binaries(), DURABLE).expect("cluster");
    let mut connection = connect(&cluster.url("postgres")).await;
    sqlx::query("create table kept (answer bigint)").execute(&mut connection).await.expect("table");
    for _ in 0..3 {
        sqlx::query("insert into kept (answer) values (1)").execute(&mut connection).await.expect("insert");
        let mut open = connection.begin().await.expect("transaction");
        sqlx::query("insert into kept (answer) values (2)").execute(&mut *open).await.expect("insert");
        cluster.kill().expect("killed");
        assert!(sqlx::query("select").execute(&mut *open).await.is_err(), "its backend died too");
        drop(open);
        cluster.restart().expect("restarted");
        connection = connect(&cluster.url("postgres")).await;
    }
    assert_eq!(read_number(&mut connection, "select sum(answer)::bigint as answer from kept").await, 3);
}

#[test]
fn a_dropped_cluster_leaves_neither_process_nor_folder() {
    let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
    let (folder, process) = (cluster.folder().to_path_buf(), server_process(cluster.folder()));
    assert!(folder.exists() && process.exists());
    drop(cluster);
    assert!(!folder.exists() && !process.exists());
}

#[test]
fn a_panic_leaves_neither_process_nor_folder() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
        sender.send((cluster.folder().to_path_buf(), server_process(cluster.folder()))).expect("sent");
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    let (folder, process) = receiver.recv().expect("started before the panic");
    assert!(!folder.exists() && !process.exists());
}

/// This test starts itself a second time, in another process, and kills that.
#[test]
fn a_killed_owner_leaves_neither_process_nor_folder() {
    const ROLE: &str = "GUILDHALL_TEST_OWNS_A_CLUSTER";
    if std::env::var_os(ROLE).is_some() {
        let cluster = Cluster::start_temporary(&binaries(), FAST).expect("cluster");
        println!("\nfolder={}", cluster.folder().display());
        loop {
            std::thread::park();
        }
    }
    let mut owner = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "cluster::a_killed_owner_leaves_neither_process_nor_folder", "--nocapture"])
        .env(ROLE, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("second process");
    let output = BufReader::new(owner.stdout.take().expect("its output"));
    let folder = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("folder=").map(PathBuf::from))
        .expect("the second process says where its cluster is");
    let process = server_process(&folder);
    assert!(process.exists());
    owner.kill().expect("killed");
    owner.wait().expect("reaped");
    wait_until("folder gone", || !folder.exists());
    wait_until("its process gone", || !is_alive(&process));
}

#[test]
fn a_cluster_left_running_can_be_found_and_stopped() {
    let place = tempfile::tempdir_in("/tmp").expect("folder");
    let folder = place.path().join("kept");
    open_to_all(place.path());
    assert!(matches!(Cluster::attach(&binaries(), &folder, FAST), Err(ClusterError::NotRunning { .. })));

    Cluster::start(&binaries(), &folder, FAST).expect("started").leave_running();
    let process = server_process(&folder);
    drop(Cluster::attach(&binaries(), &folder, FAST).expect("still there"));
    assert!(is_alive(&process), "a handle on it may come and go");

    Cluster::attach(&binaries(), &folder, FAST).expect("still there").stop().expect("stopped");
    wait_until("its process gone", || !is_alive(&process));
    assert!(matches!(Cluster::attach(&binaries(), &folder, FAST), Err(ClusterError::NotRunning { .. })));
}

#[tokio::test]
async fn a_stopped_cluster_starts_again_with_its_rows() {
    let place = tempfile::tempdir_in("/tmp").expect("folder");
    let folder = place.path().join("kept");
    open_to_all(place.path());
    let cluster = Cluster::start(&binaries(), &folder, DURABLE).expect("started");
    let mut connection = connect(&cluster.url("postgres")).await;
    sqlx::query("create table kept as select 5::bigint as answer")
        .execute(&mut connection)
        .await
        .expect("table");
    drop(cluster);

    let cluster = Cluster::start(&binaries(), &folder, DURABLE).expect("started again");
    let mut connection = connect(&cluster.url("postgres")).await;
    assert_eq!(read_number(&mut connection, "select answer from kept").await, 5);
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let impossible = ClusterOptions { durable: false, max_connections: 0 };
    let error = Cluster::start_temporary(&binaries(), impossible).expect_err("no connections at all");
    assert!(
        matches!(&error, ClusterError::NotStarted { log, .. } if log.contains("max_connections")),
        "{error}"
    );
}

/// Where the tests run as root, Postgres runs as another user, who has to get there.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

/// A process that ended but that nobody has awaited yet counts as gone.
fn is_alive(process: &Path) -> bool {
    std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| !stat.contains(") Z"))
}
