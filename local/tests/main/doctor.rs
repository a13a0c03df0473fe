//! Each thing that can be wrong is found by the check that names it.

use crate::fixture::Mirror;
use guildhall_local::doctor;

/// The names of the checks that are not well.
fn found(mirror: &Mirror) -> Vec<&'static str> {
    let unwell = doctor::examine(&mirror.store).into_iter().filter(|check| !check.is_well);
    unwell.inspect(|check| assert!(check.advice.is_some())).map(|check| check.name).collect()
}

#[test]
fn a_profile_in_use_is_well() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    mirror.serve_sop("opening", "two");
    mirror.edit(id, [("content", "three")]);
    let checks = doctor::examine(&mirror.store);
    assert_eq!(checks.len(), 8);
    assert_eq!(found(&mirror), [""; 0]);
}

#[test]
fn what_is_wrong_is_named() {
    for (expected, damage) in [
        ("full text", "insert into fts_sops (fts_sops) values ('delete-all')"),
        ("rows", "update sops set title = 'One flipped word' where sync_dirty = 0"),
        (
            "arrivals",
            "insert into sync_mismatch values (13, zeroblob(16), 7, x'00', x'01', 'the bytes have another hash', 0)",
        ),
        ("outbox", "update sops set sync_dirty = 0"),
        ("outbox", "update sync_state set next_device_seq = 1"),
        ("outbox", "delete from wal_entries"),
        ("outbox", "update wal_entries set after_state = '{\"content\":\"forged\"}'"),
        ("keys", "update sync_state set profile = zeroblob(16)"),
    ] {
        let mirror = Mirror::new();
        let id = mirror.serve_sop("refunds", "one");
        mirror.serve_sop("opening", "two");
        mirror.edit(id, [("content", "three")]);
        mirror.store.record(|connection| Ok(connection.execute_batch(damage)?)).expect("damage");
        assert!(found(&mirror).contains(&expected), "{damage}: {:?}", found(&mirror));
    }
}

#[test]
fn a_flipped_byte_in_the_file_is_found() {
    let mirror = Mirror::new();
    for number in 0..40 {
        mirror.serve_sop(&format!("page-{number}"), &"text ".repeat(800));
    }
    assert!(mirror.store.truncate_wal().expect("a checkpoint"));
    let path = mirror.dir.path().join("mirror.db");
    let mut bytes = std::fs::read(&path).expect("the file");
    let at = bytes.len() - 3_000;
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).expect("the file is written");
    assert!(found(&mirror).contains(&"encryption"), "{:?}", found(&mirror));
}
