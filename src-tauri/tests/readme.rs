//! Every command that the README shows is run here as it stands, in order, on a demo of its own.

use std::path::Path;
use std::process::{Command, Output};

const README: &str = include_str!("../../README.md");

/// The lines that begin with a prompt, in the blocks that show a console.
fn commands() -> Vec<&'static str> {
    let blocks = README.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ ")).collect()
}

#[test]
fn every_command_of_the_readme_works_as_it_is_written() {
    let commands = commands();
    assert!(commands.len() > 20, "the README shows what can be done");
    let folder = tempfile::Builder::new().prefix("gh").tempdir_in("/tmp").expect("a temporary folder");
    let demo = Demo::start(folder.path());
    for command in commands {
        let output = demo.run(command);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{command}` ended with {}: {text}", output.status);
    }
}

/// A demo that is stopped whatever happens.
struct Demo<'a> {
    folder: &'a Path,
}

impl<'a> Demo<'a> {
    fn start(folder: &'a Path) -> Self {
        let demo = Self { folder };
        // Postgres runs as another user where we are root, and has to pass through.
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("our own folder");
        std::fs::create_dir(folder.join("handbook")).expect("our own folder");
        std::fs::write(folder.join("handbook/page.md"), "# A page\n\nOne sentence.\n")
            .expect("our own folder");
        std::fs::write(folder.join("note.md"), "# Cakes\n\nAsk for allergies.\n").expect("our own folder");
        std::fs::write(folder.join("ada.password"), "quiet harbour lantern 7\n").expect("our own folder");
        let started = demo.run("guildhall demo start");
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        demo
    }

    fn run(&self, command: &str) -> Output {
        let data = self.folder.join("demo");
        let at = |name: &str| data.join(name).display().to_string();
        let laptop = |name: &str| {
            format!("guildhall --profile {} --password-file {}", at(name), at(&format!("{name}.password")))
        };
        let program = Path::new(env!("CARGO_BIN_EXE_guildhall"));
        let programs = program.parent().expect("the program lies in a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let database = at("postgres").replace('/', "%2F");
        Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder)
            .env("PATH", format!("{programs}:{path}"))
            .env("GUILDHALL_DEMO", &data)
            .env("XDG_STATE_HOME", self.folder.join("state"))
            .env("ANA", laptop("ana"))
            .env("BEN", laptop("ben"))
            .env("DATABASE_URL", format!("postgres://postgres@{database}:5432/guildhall"))
            .output()
            .expect("a shell")
    }
}

impl Drop for Demo<'_> {
    fn drop(&mut self) {
        self.run("guildhall demo stop");
    }
}
