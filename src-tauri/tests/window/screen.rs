//! A display without a monitor, and programs that end with the test, however that ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Starts a program in a group of its own and ends the whole group when its own input ends: when
/// we drop it, and when we are killed.
const KEEPER: &str = r#"setsid "$@" & group=$!; read -r _; kill -9 "-$group""#;

/// A larger screen than the window, so that its size is its own wish.
const SCREEN: &str = "1600x1000x24";

/// A program, and all that it started.
#[derive(Debug)]
pub struct Kept(Child);

impl Kept {
    pub fn start(program: &Command) -> Self {
        Self::start_said_to(program, Stdio::null())
    }

    fn start_said_to(program: &Command, output: Stdio) -> Self {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => keeper.env(name, value),
                None => keeper.env_remove(name),
            };
        }
        keeper.stdin(Stdio::piped()).stdout(output).stderr(Stdio::inherit());
        Self(keeper.spawn().expect("a shell"))
    }

    fn first_line(&mut self) -> String {
        let mut line = String::new();
        let output = self.0.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("a pipe");
        line.trim().to_owned()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It ends because its input did.
        self.0.wait().ok();
    }
}

/// The display of this test program, as DISPLAY names it.
pub fn display() -> &'static str {
    // Lives in a static, which is never dropped: the end of the process closes its input.
    static DISPLAY: OnceLock<(Kept, String)> = OnceLock::new();
    let (_, name) = DISPLAY.get_or_init(|| {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        let mut server = Kept::start_said_to(&server, Stdio::piped());
        let number = server.first_line();
        assert!(!number.is_empty(), "Xvfb does not start: run scripts/setup");
        (server, format!(":{number}"))
    });
    name
}
