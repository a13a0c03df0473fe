//! The rules that can be seen in the text of one file.

use super::functions::list_functions;
use super::project::{Violation, root};
use super::source::Source;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
/// Types that must be called like a table that users know.
const GIVEN_NAMES: [&str; 1] = ["PublicInfo"];

pub fn long_file(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().count();
    let advice = format!("{lines} lines, at most {FILE_LINES}: give a part of it a file and a name");
    (lines > FILE_LINES).then(|| source.violation(lines, advice)).into_iter().collect()
}

pub fn long_functions(source: &Source) -> Vec<Violation> {
    list_functions(source)
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES)
        .map(|function| {
            let advice = format!(
                "{} has {} lines, at most {FUNCTION_LINES}: name its steps",
                function.name, function.lines
            );
            source.violation(function.line, advice)
        })
        .collect()
}

pub fn missing_opening(source: &Source) -> Vec<Violation> {
    let is_there = source.text.starts_with("//! ");
    let advice = "open with `//!`: what this file is, and what it does not do on purpose";
    (!is_there).then(|| source.violation(1, advice)).into_iter().collect()
}

pub fn mod_file(source: &Source) -> Vec<Violation> {
    let is_mod = source.path.rsplit('/').next() == Some("mod.rs");
    is_mod
        .then(|| source.violation(1, "call it like its folder, and put it beside that"))
        .into_iter()
        .collect()
}

pub fn unwraps(source: &Source) -> Vec<Violation> {
    let advice = "return the error, or `expect(\"why this cannot fail\")`";
    find_code(source, &[".unwrap()", ".unwrap_err()"], advice)
        .into_iter()
        .filter(|found| !source.is_test(found.line))
        .collect()
}

pub fn clock_reads(source: &Source) -> Vec<Violation> {
    const READS: [&str; 8] = [
        "SystemTime::now",
        "Instant::now",
        "Utc::now",
        "Local::now",
        "Zoned::now",
        "Timestamp::now",
        "OffsetDateTime::now",
        "now_v7(",
    ];
    let may_read = ["local/src/clock.rs", "server/src/clock.rs"].contains(&source.path.as_str());
    if may_read || source.path.contains("/benches/") {
        return Vec::new();
    }
    find_code(
        source,
        &READS,
        "take the time as an argument; local/src/clock.rs and server/src/clock.rs read it",
    )
}

pub fn misplaced_sql(source: &Source) -> Vec<Violation> {
    let floor = source.path.split('/').next().unwrap_or_default();
    let may_hold = ["local", "server"].contains(&floor);
    source
        .literals
        .iter()
        .filter(|(line, text)| !may_hold && !source.is_test(*line) && is_sql(text))
        .map(|(line, _)| {
            source.violation(*line, "SQL belongs to local/ and server/: ask them by a named function")
        })
        .collect()
}

/// Sentences begin with a capital and SQL here is lower case, so its first words tell.
fn is_sql(text: &str) -> bool {
    const BEGINNINGS: [&str; 11] = [
        "select ",
        "insert into ",
        "insert or ",
        "delete from ",
        "create table ",
        "create index ",
        "create unique index ",
        "create trigger ",
        "drop table ",
        "alter table ",
        "pragma ",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let is_shouted = text.starts_with(|first: char| first.is_uppercase())
        && words.first().is_some_and(|first| first.len() > 1 && *first == first.to_uppercase());
    let text = if is_shouted { text.to_lowercase() } else { text };
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || (text.starts_with("update ") && text.contains(" set "))
}

pub fn unfinished(source: &Source) -> Vec<Violation> {
    let ignored = find_code(source, &["#[ignore"], "an ignored test guards nothing: repair it or remove it");
    let left = find_code(source, &["todo!", "unimplemented!"], "finish it, or leave it out");
    ignored.into_iter().chain(left).collect()
}

pub fn empty_names(source: &Source) -> Vec<Violation> {
    const ENDINGS: [&str; 9] =
        ["Manager", "Service", "Helper", "Util", "Utils", "Handler", "Processor", "Data", "Info"];
    let mut found = Vec::new();
    for (line, code) in source.code_lines() {
        let mut words = code.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        while let Some(word) = words.next() {
            if !["struct", "enum", "trait", "type"].contains(&word) {
                continue;
            }
            let name = words.next().unwrap_or_default();
            if GIVEN_NAMES.contains(&name) {
                continue;
            }
            if let Some(ending) = ENDINGS.iter().find(|ending| name.ends_with(**ending)) {
                found.push(source.violation(line, format!("{name}: say what it is; {ending} says nothing")));
            }
        }
    }
    found
}

/// For every file of the project, whatever its language.
pub fn foreign_places(path: &str) -> Vec<Violation> {
    // In pieces, so that this file passes.
    const PLACES: [&str; 9] = [
        concat!("/", "work/"),
        concat!("/", "root/"),
        concat!("/", "home/"),
        concat!("/", "Users/"),
        concat!("registry", ".npmjs.org"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("static.crates", ".io"),
        concat!("index.crates", ".io"),
    ];
    let Ok(text) = std::fs::read_to_string(root().join(path)) else { return Vec::new() };
    text.lines()
        .enumerate()
        .flat_map(|(index, line)| {
            PLACES.iter().filter(|place| line.contains(**place)).map(move |place| (index, place))
        })
        .map(|(index, place)| Violation {
            path: path.to_owned(),
            line: index + 1,
            advice: format!("{place} is not the same for everybody: leave it out"),
        })
        .collect()
}

fn find_code(source: &Source, needles: &[&str], advice: &str) -> Vec<Violation> {
    source
        .code_lines()
        .filter(|(_, code)| needles.iter().any(|needle| code.contains(needle)))
        .map(|(line, _)| source.violation(line, advice))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(&Source) -> Vec<Violation>, path: &str, text: &str, expected: &[usize]) {
        let found: Vec<usize> =
            rule(&Source::new(path, text.to_owned())).iter().map(|violation| violation.line).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn each_rule_finds_what_it_looks_for() {
        check(long_file, "a.rs", &"x\n".repeat(500), &[]);
        check(long_file, "a.rs", &"x\n".repeat(501), &[501]);
        check(long_functions, "a.rs", &format!("fn f() {{\n{}}}", "x;\n".repeat(68)), &[]);
        check(long_functions, "a.rs", &format!("\nfn f() {{\n{}}}", "x;\n".repeat(69)), &[2]);
        check(missing_opening, "a.rs", "//! What it is.\n", &[]);
        check(missing_opening, "a.rs", "// What it is.\n", &[1]);
        check(mod_file, "local/src/store/mod.rs", "", &[1]);
        check(mod_file, "local/src/store_mod.rs", "", &[]);
        check(unfinished, "a.rs", "#[ignore = \"slow\"]\nfn a() { todo!() }\n// todo!", &[1, 2]);
    }

    #[test]
    fn unwrap_is_for_tests() {
        let text =
            "fn a() { b.unwrap(); b.unwrap_or(1); }\n#[cfg(test)]\nmod tests {\n fn c() { b.unwrap(); }\n}\n";
        check(unwraps, "local/src/a.rs", text, &[1]);
        check(unwraps, "local/tests/a.rs", text, &[]);
    }

    #[test]
    fn the_clock_has_its_files() {
        let text = "let a = Instant::now();\n// Instant::now\nlet b = \"Instant::now\";\n";
        check(clock_reads, "server/src/push.rs", text, &[1]);
        check(clock_reads, "server/tests/push.rs", text, &[1]);
        check(clock_reads, "server/src/clock.rs", text, &[]);
        check(clock_reads, "src-tauri/benches/push.rs", text, &[]);
    }

    #[test]
    fn sql_is_told_from_sentences() {
        let text = "f(\"select 1\");\nf(\"Select a page.\");\nf(\"SELECT id FROM sops\");\nf(\"update sops\n set x = 1\");\n\
                    f(\"update the page\");\n// \"select 1\"\n";
        check(misplaced_sql, "sync/src/a.rs", text, &[1, 3, 4]);
        check(misplaced_sql, "local/src/a.rs", text, &[]);
    }

    #[test]
    fn names_that_say_nothing_are_found_at_their_end() {
        let text = "pub struct SopData {}\nenum Information {}\nstruct Metadata;\ntrait DataSource {}\nstruct Info<'a>(&'a u8);\n";
        check(empty_names, "a.rs", text, &[1, 5]);
    }
}
