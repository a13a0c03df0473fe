//! The real keyring of a Linux desktop, in a session of its own that ends with the test. Where
//! D-Bus or the GNOME keyring is not installed there is nothing to test, and that is said.

use crate::child;
use crate::fixture::{Mirror, PASSWORD, open};
use guildhall_local::clock::Clock;
use guildhall_local::error::{Error, KeyError, StoreError};
use guildhall_local::keys::marks::{Mark, Marks};
use guildhall_local::keys::{self, Ring};
use guildhall_local::profile;
use std::path::Path;
use std::process::Command;
use uuid::Uuid;

const TEST: &str = "keyring::the_desktops_keyring_opens_the_mirror";
/// Unlocks the keyring of a new home, then runs what follows in its session.
const SESSION: &str =
    r#"printf "$KEYRING_WORD" | gnome-keyring-daemon --unlock --components=secrets && exec "$@""#;

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// What the child does inside the session.
fn use_keyring() {
    let ring = Ring::system();
    let Mirror { store, dir } = Mirror::new();
    store.stay_unlocked(&ring).expect("the keyring has it");
    drop(store);
    profile::open_with_keyring(dir.path(), &ring, Clock::system()).expect("the keyring opens the mirror");
    open(dir.path()).expect("the password still opens it");

    let outside = tempfile::tempdir().expect("a folder");
    let marks = Marks::new(Uuid::from_u128(7), Some(ring.clone()), outside.path().to_owned());
    let mark = Mark { incarnation: Uuid::from_u128(8), pushed_seq: 9 };
    marks.record(mark).expect("a mark");
    assert_eq!(marks.find().expect("a question"), Some(mark));
    assert_eq!(std::fs::read_dir(outside.path()).expect("the folder").count(), 0, "not in a file");

    keys::remove_keyring(dir.path(), &ring).expect("taken away");
    let gone = profile::open_with_keyring(dir.path(), &ring, Clock::system());
    assert!(matches!(gone, Err(Error::Store(StoreError::Key(KeyError::NoSlot("keyring"))))), "{gone:?}");
}

#[test]
fn the_desktops_keyring_opens_the_mirror() {
    if child::folder().is_some() {
        return use_keyring();
    }
    if !is_installed("dbus-run-session") || !is_installed("gnome-keyring-daemon") {
        return child::say("There is no GNOME keyring on this machine: it is not tested here.");
    }
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", SESSION, "sh"])
        .arg(std::env::current_exe().expect("this program"))
        .args([TEST, "--exact", "--nocapture"])
        .env(child::FOLDER, home.path())
        .env("KEYRING_WORD", PASSWORD)
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .expect("a session");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn without_a_session_there_is_no_keyring_and_the_password_opens() {
    const TEST: &str = "keyring::without_a_session_there_is_no_keyring_and_the_password_opens";
    if child::folder().is_some() {
        let Mirror { store, dir } = Mirror::new();
        let refused = store.stay_unlocked(&Ring::system());
        assert!(matches!(refused, Err(Error::Store(StoreError::Key(KeyError::NoKeyring)))), "{refused:?}");
        open(dir.path()).expect("the password opens it");
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([TEST, "--exact", "--nocapture"])
        .env(child::FOLDER, Path::new("anywhere"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        .output()
        .expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
