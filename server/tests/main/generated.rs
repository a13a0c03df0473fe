//! Generated files are as their sources say.

use std::path::Path;

use guildhall_server::capture;

#[test]
fn the_generated_capture_is_as_the_registry_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations-server/generated/capture.sql");
    let wanted = capture::generate();
    if std::env::var_os("GUILDHALL_RENEW").is_some() {
        std::fs::write(&path, &wanted).expect("the generated file is written");
    }
    let found = std::fs::read_to_string(&path).expect("the generated file");
    assert!(
        found == wanted,
        "migrations-server/generated/capture.sql is stale; GUILDHALL_RENEW=1 cargo test -p guildhall-server generated"
    );
}
