//! What goes wrong is said in a sentence, with an exit code that scripts can read, and everything
//! stays as it was.

use crate::house::device::Device;
use crate::house::program::{self, Laptop};
use crate::house::server::Server;
use crate::house::{GUILD, House};
use std::path::Path;

const PAGE: &str = "booking/access/pin-failures";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_or_key_opens_nothing_and_changes_nothing() {
    let house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    let before = ana.contents();
    ana.program(|laptop| {
        let guess = Laptop { password: "not the password at all", ..laptop };
        guess.run(&["status"]).refuses(4, "password is wrong");
        assert_eq!(guess.run(&["status", "--json"]).refuses_in_json(4)["code"], "locked");
        let slots = laptop.profile.join("keyslots");
        let own = std::fs::read(&slots).expect("the slots");
        std::fs::copy(ben.profile().join("keyslots"), &slots).expect("somebody else's slots");
        laptop.run(&["status"]).refuses(4, ".");
        std::fs::write(&slots, &own[..own.len() / 2]).expect("half of them");
        laptop.run(&["status"]).refuses(4, "damaged");
        std::fs::write(&slots, own).expect("the slots again");
        laptop.run(&["status"]).well();
        let nobody = Laptop { profile: Path::new("/nonexistent/profile"), ..laptop };
        nobody.run(&["status"]).refuses(4, "no profile");
    });
    assert_eq!(ana.contents(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_or_knows_the_session_no_more_costs_nothing() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let revoke = "update private.user_sessions set revoked_at = now(); delete from private.access_tokens";
    house.psql(revoke).await;
    let edit = ["sop", "edit", PAGE, "--append", "Written while signed out."];
    ana.program(|laptop| {
        laptop.run(&edit).well();
        laptop.run(&["sync"]).refuses(4, "token");
    });
    house.stop_server();
    ana.program(|laptop| {
        laptop.run(&["sync"]).refuses(5, "did not answer");
        let failure = laptop.run(&["sync", "--json"]).refuses_in_json(5);
        assert_eq!(failure["code"], "offline");
        let chip = laptop.run(&["status", "--json"]).json()["chip"].to_string();
        assert!(chip.starts_with("\"Offline · 1 to send"), "{chip}");
    });
    assert!(ana.text(PAGE).contains("Written while signed out."));
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_guilds_server_is_not_taken_for_ones_own() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let name = house.name_of("ben");
    let server = house.server.url();
    ana.program(|laptop| {
        let guild = GUILD;
        let as_ben = ["sign-in", &server, "--guild", guild, "--name", &name, "--no-keyring"];
        laptop.run(&as_ben).refuses(6, "belongs to another person");
        let elsewhere = ["sign-in", &server, "--guild", "Nobody", "--name", "x", "--no-keyring"];
        laptop.run(&elsewhere).refuses(4, "wrong");
        laptop
            .run(&["sign-in", "http://10.1.2.3", "--guild", guild, "--name", "x"])
            .refuses(2, "in the open");
    });
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_pages_are_named_and_nothing_is_written() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a file");
    write("broken.md", b"---\ntitle: [unclosed\n---\nText.\n");
    write("binary.md", b"\x00\x01\x02PNG");
    write("latin.md", b"caf\xe9\n");
    write("Twin.md", b"One.\n");
    write("twin.md", b"Two.\n");
    write("huge.md", &vec![b'a'; 50 * 1024 * 1024]);
    write("CON.md", b"A name that some systems keep for themselves.\n");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("outside.md")).expect("a link");
    let before = ana.contents();
    let path = folder.path().to_str().expect("a plain path");
    ana.program(|laptop| {
        let said = laptop.run(&["import", path, "--apply"]);
        for name in ["broken.md", "binary.md", "latin.md", "twin.md", "huge.md", "CON.md", "outside.md"] {
            assert!(said.out.contains(&format!("{name}: ")), "{name} is not named: {said:?}");
        }
        assert_eq!(said.code, Some(6), "{said:?}");
        laptop.run(&["sop", "new", "../../etc/cron", "--file", "-"]).refuses(6, ".");
        laptop.run(&["sop", "show", "../../../etc/passwd"]).refuses(3, "nothing named");
        laptop.run(&["import", "/nonexistent/folder"]).refuses(1, "nonexistent");
    });
    assert_eq!(ana.contents(), before, "everything is as it was");
}

#[test]
fn an_administrator_is_told_what_is_missing() {
    let run = |arguments: &[&str]| {
        let mut command = program::guildhall();
        command.args(arguments);
        program::run(command, "nine grey herons over the pier\n")
    };
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    run(&["migrate", "--database-url", nowhere]).refuses(1, ".");
    run(&["serve", "--database-url", nowhere]).refuses(1, ".");
    run(&["serve", "--database-url", nowhere, "--listen", "0.0.0.0:0"]).refuses(2, "certificate");
    assert!(Server::try_start(nowhere, None, "").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_whose_making_was_cut_short_is_finished_by_the_next_sign_in() {
    let house = House::of_sample().await;
    let (url, name) = (house.server.url(), house.name_of("ben"));
    for damage in ["update sync_state set user = null, guild = null, device = null", "delete from sync_state"]
    {
        let ben = Device::sign_in(&url, &name).await;
        ben.store.record(|connection| Ok(connection.execute_batch(damage)?)).expect("a crash at that moment");
        ben.program(|laptop| laptop.run(&["status"]).refuses(4, "Sign in first"));
        let sign_in = ["sign-in", &url, "--guild", GUILD, "--name", &name, "--no-keyring"];
        ben.program(|laptop| laptop.run(&sign_in).well());
        ben.sync().await;
        assert!(ben.find_page(PAGE).is_some(), "{damage}");
        ben.demand_well();
    }
}
