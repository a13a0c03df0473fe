//! The ways to the mirror's key, and each way in which there is none.

use crate::fixture::{Mirror, PASSWORD, account, open};
use guildhall_local::clock::Clock;
use guildhall_local::error::{Error, KeyError, StoreError};
use guildhall_local::keys::ring::{Secret, Vault};
use guildhall_local::keys::{self, Cost, Key, Ring, SlotKind};
use guildhall_local::profile;
use guildhall_local::{Result, Store};
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(50);

/// A keyring in memory, in the states that a real one can be in.
#[derive(Default)]
struct TestVault {
    secrets: Mutex<HashMap<String, Vec<u8>>>,
    refusal: Mutex<Option<KeyError>>,
    /// Waits for a word that never comes.
    silence: Mutex<Option<Receiver<()>>>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().expect("no test fails while it holds this")
}

impl TestVault {
    fn admit(&self) -> std::result::Result<(), KeyError> {
        if let Some(silence) = lock(&self.silence).take() {
            let _ = silence.recv();
        }
        lock(&self.refusal).clone().map_or(Ok(()), Err)
    }
}

impl Vault for TestVault {
    fn read(&self, name: &str) -> std::result::Result<Option<Secret>, KeyError> {
        self.admit()?;
        Ok(lock(&self.secrets).get(name).cloned().map(Secret::new))
    }

    fn write(&self, name: &str, secret: &[u8]) -> std::result::Result<(), KeyError> {
        self.admit()?;
        lock(&self.secrets).insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn remove(&self, name: &str) -> std::result::Result<(), KeyError> {
        self.admit()?;
        lock(&self.secrets).remove(name);
        Ok(())
    }
}

fn ring(vault: &Arc<TestVault>) -> Ring {
    Ring::over(Arc::clone(vault) as Arc<dyn Vault>, PATIENCE)
}

#[track_caller]
fn key_error<T>(outcome: Result<T>) -> KeyError {
    match outcome {
        Err(Error::Store(StoreError::Key(error))) => error,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it opened"),
    }
}

fn slots_file(dir: &Path) -> std::path::PathBuf {
    dir.join("keyslots")
}

#[test]
fn the_password_opens_and_another_does_not() {
    let Mirror { store, dir } = Mirror::new();
    drop(store);
    open(dir.path()).expect("the password opens");
    let wrong = profile::open_with_password(dir.path(), "nine grey herons", Clock::system());
    assert_eq!(key_error(wrong), KeyError::WrongPassword);
}

#[test]
fn a_changed_password_takes_the_place_of_the_old_one() {
    let Mirror { store, dir } = Mirror::new();
    store.change_password("another long sentence to say", Cost::Least).expect("changed");
    assert_eq!(key_error(open(dir.path())), KeyError::WrongPassword);
    let opened = profile::open_with_password(dir.path(), "another long sentence to say", Clock::system());
    opened.expect("the new one opens");
}

#[test]
fn the_full_cost_of_a_guess_is_written_beside_the_slot() {
    let dir = tempfile::tempdir().expect("a folder");
    profile::create(dir.path(), &account(), PASSWORD, Cost::Full, Clock::system()).expect("a profile");
    let slots = std::fs::read_to_string(slots_file(dir.path())).expect("the slots");
    assert!(slots.contains(r#""memory_kib":65536,"rounds":3,"lanes":4"#), "{slots}");
    open(dir.path()).expect("it opens");
}

#[test]
fn every_damage_to_the_slots_is_told_from_a_wrong_password() {
    let Mirror { store, dir } = Mirror::new();
    drop(store);
    let path = slots_file(dir.path());
    let whole = std::fs::read(&path).expect("the slots");
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).expect("the slots are written");
        let error = key_error(open(dir.path()));
        assert_eq!(error, KeyError::DamagedSlots { path: path.clone() }, "byte {at}");
        std::fs::write(&path, &whole[..at]).expect("the slots are written");
        let error = key_error(open(dir.path()));
        assert_eq!(error, KeyError::DamagedSlots { path: path.clone() }, "cut at {at}");
    }
    std::fs::remove_file(&path).expect("the slots are gone");
    assert_eq!(key_error(open(dir.path())), KeyError::NoSlots { path });
}

#[test]
fn slots_of_another_profile_and_a_missing_mirror_have_their_own_sentences() {
    let (one, other) = (Mirror::new(), Mirror::new());
    std::fs::copy(slots_file(other.dir.path()), slots_file(one.dir.path())).expect("copied");
    let outcome = open(one.dir.path());
    assert!(matches!(outcome, Err(Error::Store(StoreError::WrongKey { .. }))), "{outcome:?}");

    let empty = tempfile::tempdir().expect("a folder");
    std::fs::copy(slots_file(other.dir.path()), slots_file(empty.path())).expect("copied");
    let outcome = open(empty.path());
    assert!(matches!(outcome, Err(Error::Store(StoreError::NoMirror { .. }))), "{outcome:?}");
}

#[test]
fn no_key_is_made_where_a_mirror_exists() {
    let Mirror { store, dir } = Mirror::new();
    drop(store);
    std::fs::remove_file(slots_file(dir.path())).expect("the slots are gone");
    let again = profile::create(dir.path(), &account(), PASSWORD, Cost::Least, Clock::system());
    assert!(matches!(again, Err(Error::Store(StoreError::MirrorExists { .. }))), "{again:?}");
    assert!(!slots_file(dir.path()).exists());
}

#[test]
fn a_newer_mirror_is_refused_with_a_sentence() {
    let Mirror { store, dir } = Mirror::new();
    store.record(|connection| Ok(connection.pragma_update(None, "user_version", 1000)?)).expect("a number");
    drop(store);
    let outcome = open(dir.path());
    assert!(matches!(outcome, Err(Error::Store(StoreError::NewerMirror { found: 1000, .. }))), "{outcome:?}");
}

#[test]
fn the_keyring_opens_until_it_is_taken_away() {
    let Mirror { store, dir } = Mirror::new();
    let vault = Arc::new(TestVault::default());
    let ring = ring(&vault);
    let open_with = |ring| profile::open_with_keyring(dir.path(), ring, Clock::system());
    assert_eq!(key_error(open_with(&ring)), KeyError::NoSlot("keyring"));
    store.stay_unlocked(&ring).expect("the keyring has it");
    assert!(keys::read_slots(dir.path()).expect("the slots").has(SlotKind::Keyring));
    open_with(&ring).expect("the keyring opens");
    open(dir.path()).expect("the password still opens");

    keys::remove_keyring(dir.path(), &ring).expect("taken away");
    assert_eq!(key_error(open_with(&ring)), KeyError::NoSlot("keyring"));
    assert!(lock(&vault.secrets).is_empty());
}

#[test]
fn a_keyring_that_is_locked_absent_empty_changed_or_silent_is_named_as_such() {
    let Mirror { store, dir } = Mirror::new();
    let vault = Arc::new(TestVault::default());
    let ring = ring(&vault);
    store.stay_unlocked(&ring).expect("the keyring has it");
    let open_with = || profile::open_with_keyring(dir.path(), &ring, Clock::system());

    for refusal in [KeyError::KeyringLocked, KeyError::NoKeyring] {
        *lock(&vault.refusal) = Some(refusal.clone());
        assert_eq!(key_error(open_with()), refusal);
    }
    *lock(&vault.refusal) = None;

    let (hold, silence) = channel();
    *lock(&vault.silence) = Some(silence);
    assert_eq!(key_error(open_with()), KeyError::KeyringSilent);
    drop(hold);

    lock(&vault.secrets).values_mut().for_each(|secret| secret[0] ^= 1);
    assert_eq!(key_error(open_with()), KeyError::WrongKeyringSecret);
    lock(&vault.secrets).clear();
    assert_eq!(key_error(open_with()), KeyError::NotInKeyring);
    open(dir.path()).expect("the password still opens");
}

#[test]
fn a_keyring_that_refuses_leaves_no_slot_behind() {
    let Mirror { store, dir } = Mirror::new();
    let vault = Arc::new(TestVault::default());
    *lock(&vault.refusal) = Some(KeyError::KeyringLocked);
    assert_eq!(key_error(store.stay_unlocked(&ring(&vault))), KeyError::KeyringLocked);
    assert!(!keys::read_slots(dir.path()).expect("the slots").has(SlotKind::Keyring));
}

#[test]
fn every_new_key_is_another_one() {
    let clock = Clock::system();
    assert_ne!(Key::new(&clock).bytes(), Key::new(&clock).bytes());
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::create(dir.path(), Key::new(&clock), clock.new_id(), Clock::system());
    drop(store.expect("a mirror"));
    let outcome = Store::open(dir.path(), Key::new(&clock), Clock::system());
    assert!(matches!(outcome, Err(Error::Store(StoreError::WrongKey { .. }))), "{outcome:?}");
}
