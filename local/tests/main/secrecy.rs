//! Whoever finds the folder reads nothing in it.

use crate::fixture::{Mirror, PASSWORD, server_sop};
use guildhall_local::drafts::Typed;
use guildhall_local::store::state;
use guildhall_local::subject::Subject;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::Tokens;
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;

const SECRETS: [&str; 7] =
    ["typedsecret", "launchcode", "unsentsecret", "accesstoken", "refreshtoken", "Harbour", PASSWORD];

#[test]
fn no_file_of_the_profile_holds_plain_text() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &server_sop("vault", "Vault", &"launchcode ".repeat(2_000)));
    mirror.edit(id, [("content", "unsentsecret unsentsecret")]);
    let typed = Typed {
        subject: Subject::NewTicket,
        title: "typedsecret",
        content: "typedsecret",
        place: "",
        base_revision: None,
    };
    mirror.store.keep_draft(&typed).expect("kept");
    let tokens = Tokens {
        access: "accesstoken".to_owned(),
        access_expires_at: Timestamp(1),
        refresh: "refreshtoken".to_owned(),
        refresh_expires_at: Timestamp(2),
    };
    mirror.store.record(|connection| state::set_tokens(connection, Some(&tokens))).expect("kept");
    let found = mirror.store.read(state::find_tokens).expect("a question").expect("tokens");
    assert_eq!(found.refresh, "refreshtoken");
    let key: String = mirror.store.key().bytes().iter().map(|byte| format!("{byte:02x}")).collect();

    let mut files = 0;
    for file in std::fs::read_dir(mirror.dir.path()).expect("the folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("its bytes");
        files += 1;
        for secret in SECRETS.into_iter().chain([key.as_str(), "SQLite format 3"]) {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{} holds {secret:?}", path.display());
        }
        let raw = mirror.store.key().bytes();
        assert!(!bytes.windows(raw.len()).any(|window| window == raw), "{} holds the key", path.display());
    }
    assert!(files >= 3, "the mirror, its write-ahead file and the slots were looked at");
}
