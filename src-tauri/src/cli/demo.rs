//! The demo's commands.

use super::Demo as Wish;
use super::output::Output;
use crate::demo::{Demo, walk};
use crate::failure::Failure;
use serde_json::json;

pub fn run(wish: Wish, out: Output) -> Result<(), Failure> {
    match wish {
        #[cfg(feature = "desktop")]
        Wish::Window { at, laptop } => window(&Demo::at(at.folder)?, &laptop, out),
        Wish::Start { at, walk } => start(&Demo::at(at.folder)?, walk, out),
        Wish::Stop { at, remove } => {
            let demo = Demo::at(at.folder)?;
            demo.stop()?;
            if remove {
                demo.remove()?;
            }
            let kept = if remove { "Its data is gone." } else { "Its data is there for the next start." };
            out.answer(&json!({"stopped": true, "removed": remove}), |_| {
                format!("The demo is stopped. {kept}\n")
            })
        }
        Wish::StopServer(at) => {
            Demo::at(at.folder)?.stop_server()?;
            out.answer(&json!({"server": "stopped"}), |_| {
                "The server is away. The laptops work on.\n".to_owned()
            })
        }
        Wish::StartServer(at) => {
            let demo = Demo::at(at.folder)?;
            demo.start_server()?;
            let address = format!("http://{}", demo.address()?);
            out.answer(&json!({"server": address}), |_| format!("The server answers at {address}.\n"))
        }
    }
}

fn start(demo: &Demo, walks: bool, out: Output) -> Result<(), Failure> {
    let note = |line: &str| out.note(line);
    demo.start(&note)?;
    if walks {
        walk::walk(demo, &note)?;
    }
    let steps = walk::next_steps(demo)?;
    let laptops = demo.laptops();
    let profiles: Vec<_> = laptops
        .iter()
        .map(|laptop| json!({"profile": laptop.dir, "password_file": laptop.password_file}))
        .collect();
    let server = format!("http://{}", demo.address()?);
    out.answer(&json!({"server": server, "folder": demo.folder, "profiles": profiles}), |_| steps)
}

/// The window speaks with the server itself; its laptop's watcher rests until it is closed.
#[cfg(feature = "desktop")]
fn window(demo: &Demo, laptop: &str, out: Output) -> Result<(), Failure> {
    use crate::cli::PasswordSource;
    use crate::failure::Code;
    use crate::shell;

    let laptop = demo.laptops().into_iter().find(|known| known.person == laptop).ok_or_else(|| {
        Failure::new(Code::NotFound, format!("The demo has no laptop of {laptop:?}."))
            .hint("There are two: ana and ben.")
    })?;
    if let Err(failure) = shell::prepare(false) {
        out.note(&format!("{} Here is the walk through one edit instead.", failure.message));
        return start(demo, true, out);
    }
    demo.start(&|line| out.note(line))?;
    demo.stop_watcher(&laptop)?;
    out.note(&walk::beside_the_window(demo, &laptop)?);
    let password =
        PasswordSource { password_stdin: false, password_file: Some(laptop.password_file.clone()) };
    let closed = shell::open(shell::Wish { profile: laptop.dir.clone(), password, safe_mode: false });
    demo.start_watcher(&laptop)?;
    closed
}
