//! The demo's commands.

use super::Demo as Wish;
use super::output::Output;
use crate::demo::{Demo, walk};
use crate::failure::Failure;
use serde_json::json;

pub fn run(wish: Wish, out: Output) -> Result<(), Failure> {
    let note = |line: &str| out.note(line);
    match wish {
        Wish::Start { at, walk: walks } => {
            let demo = Demo::at(at.folder)?;
            demo.start(&note)?;
            if walks {
                walk::walk(&demo, &note)?;
            }
            let steps = walk::next_steps(&demo)?;
            let laptops = demo.laptops();
            let profiles: Vec<_> = laptops
                .iter()
                .map(|laptop| json!({"profile": laptop.dir, "password_file": laptop.password_file}))
                .collect();
            let server = format!("http://{}", demo.address()?);
            out.answer(&json!({"server": server, "folder": demo.folder, "profiles": profiles}), |_| steps)
        }
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
