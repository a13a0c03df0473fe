//! The TypeScript of commands and events, written from the types here. Renew it with
//! `GUILDHALL_RENEW=1 cargo test --workspace --features faults generated`.

use crate::events::Event;
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS, TypeVisitor};

/// What was declared.
#[allow(missing_debug_implementations, reason = "only a test has one")]
pub struct List {
    config: Config,
    commands: Vec<(String, String, String)>,
}

impl List {
    pub fn command<Request: TS + 'static, Answer: TS + 'static>(&mut self, name: &str) {
        self.export::<Request>();
        self.export::<Answer>();
        let (request, answer) = (Request::name(&self.config), Answer::name(&self.config));
        self.commands.push((name.to_owned(), request, answer));
    }

    /// Of a list or an option what is in it.
    fn export<T: TS + 'static>(&self) {
        match T::output_path() {
            Some(_) => T::export_all(&self.config).expect("the type can be written"),
            None => T::visit_generics(&mut Inside(&self.config)),
        }
    }
}

struct Inside<'a>(&'a Config);

impl TypeVisitor for Inside<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            T::export_all(self.0).expect("the type can be written");
        }
    }
}

#[test]
fn the_generated_typescript_is_as_the_commands_say() {
    let fresh = tempfile::tempdir().expect("a folder");
    write_all(fresh.path());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/generated");
    if std::env::var_os("GUILDHALL_RENEW").is_some() {
        std::fs::remove_dir_all(&kept).ok();
        std::fs::create_dir_all(&kept).expect("a folder");
        for (name, text) in read_all(fresh.path()) {
            std::fs::write(kept.join(name), text).expect("it is written");
        }
    }
    let (fresh, kept) = (read_all(fresh.path()), read_all(&kept));
    assert_eq!(
        fresh.keys().collect::<Vec<_>>(),
        kept.keys().collect::<Vec<_>>(),
        "renew: see this file's head"
    );
    for (name, text) in fresh {
        assert_eq!(Some(&text), kept.get(&name), "{name} is stale: see this file's head");
    }
}

fn write_all(folder: &Path) {
    let config = Config::default().with_out_dir(folder).with_large_int("number");
    let mut list = List { config, commands: Vec::new() };
    list.export::<Event>();
    list.export::<Failure>();
    crate::commands::declare(&mut list);
    std::fs::write(folder.join("Commands.ts"), commands(&list)).expect("it is written");
    let names: Vec<String> = read_all(folder).into_keys().collect();
    let mut index = String::from(HEAD);
    for name in names.iter().filter_map(|name| name.strip_suffix(".ts")) {
        writeln!(index, "export type * from \"./{name}\";").expect("a string takes it");
    }
    std::fs::write(folder.join("index.ts"), index).expect("it is written");
}

/// Name to request and answer.
fn commands(list: &List) -> String {
    let mut text = String::from(HEAD);
    let mut names: Vec<&str> = list
        .commands
        .iter()
        .flat_map(|(_, request, answer)| [request.as_str(), answer])
        .flat_map(bare)
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        writeln!(text, "import type {{ {name} }} from \"./{name}\";").expect("a string takes it");
    }
    text.push_str("\n/** Each command with its request and its answer. */\nexport type Commands = {\n");
    for (name, request, answer) in &list.commands {
        writeln!(text, "  {name}: [{request}, {answer}];").expect("a string takes it");
    }
    text + "};\n"
}

/// The types that are named in `Array<X>` or `X | null`.
fn bare(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter(|part| !["Array", "null", "string", "number", "boolean", ""].contains(part))
}

const HEAD: &str = "// Generated from the program's types. Not edited by hand.\n";

fn read_all(folder: &Path) -> BTreeMap<String, String> {
    let Ok(files) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = files.map(|file| file.expect("an entry").path());
    let is_typescript = |path: &PathBuf| path.extension().is_some_and(|end| end == "ts");
    paths
        .filter(is_typescript)
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("it can be read"))
        })
        .collect()
}
