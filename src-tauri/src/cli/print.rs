//! Answers as text for people. What is printed as JSON instead is the answer itself.

use crate::commands::conflicts::ConflictPage;
use crate::commands::knowledge::{PageLine, PageView};
use crate::commands::quarantine::RefusedView;
use crate::commands::search::{Hits, Marked};
use crate::commands::session::{SignedIn, Synced};
use crate::commands::status::Status;
use crate::commands::versions::VersionLine;
use crate::words::{count, date_and_time, model};
use similar::TextDiff;
use std::fmt::Write;
use std::io::IsTerminal;

pub fn status(status: &Status) -> String {
    let mut out = format!("{}\n\n", status.chip);
    let server = status.server.as_deref().unwrap_or("none");
    writeln!(out, "{} · {} ({}) · server {server}", status.guild, status.user, status.role).ok();
    writeln!(
        out,
        "To send {} · sent {} · needs you {} · refused {}",
        status.unsent, status.sent, status.needs_you, status.refused
    )
    .ok();
    if let Some(at) = status.as_of {
        writeln!(out, "The server was last heard of {}.", date_and_time(at)).ok();
    }
    if let Some(locked) = &status.locked {
        writeln!(out, "{locked}").ok();
    }
    if status.needs_you > 0 {
        out.push_str("See what needs you with `guildhall conflict list`.\n");
    }
    if status.refused > 0 {
        out.push_str("See what was refused with `guildhall quarantine list`.\n");
    }
    out.push_str("\nOn this laptop:\n");
    for table in &status.rows {
        writeln!(out, "  {:>7}  {}", table.rows, table.table.replace('_', " ")).ok();
    }
    out
}

pub fn sample(signed_in: &SignedIn) -> String {
    let SignedIn { guild, user, role, profile, .. } = signed_in;
    format!(
        "You look around in {guild} as {user} ({role}), without a server. What you write stays in {}.\n\
         The password of this profile is `sample`.\n",
        profile.display()
    )
}

pub fn synced(synced: &Synced) -> String {
    let mut out = format!(
        "Sent {}, received {}.\n",
        count(synced.sent, "change", "changes"),
        count(synced.received_rows, "row", "rows")
    );
    let mut line = |number: u64, one: &str, many: &str, rest: &str| {
        if number > 0 {
            writeln!(out, "{} {rest}", count(number, one, many)).ok();
        }
    };
    line(synced.merged, "change was", "changes were", "merged with somebody's edit.");
    line(synced.conflicts, "change needs", "changes need", "you: see `guildhall conflict list`.");
    line(synced.refused, "change was", "changes were", "refused: see `guildhall quarantine list`.");
    line(synced.purged_rows, "row was", "rows were", "removed, because you may not read them any more.");
    out
}

pub fn hits(hits: &Hits) -> String {
    if hits.hits.is_empty() {
        return format!("Nothing on this laptop has {}.\n", hits.words.join(", "));
    }
    let mut out = String::new();
    for hit in &hits.hits {
        let some = if hit.has_all { "" } else { "  (some of the words)" };
        writeln!(out, "{}\n  {} · {}{some}", marked(&hit.title), hit.path, hit.table.replace('_', " ")).ok();
        if !hit.passage.text.is_empty() {
            writeln!(out, "  {}", marked(&hit.passage).replace('\n', " ")).ok();
        }
        out.push('\n');
    }
    out
}

/// The found words stand out where a terminal can show it.
fn marked(marked: &Marked) -> String {
    if !std::io::stdout().is_terminal() {
        return marked.text.clone();
    }
    let units: Vec<u16> = marked.text.encode_utf16().collect();
    let text = |from: usize, to: usize| String::from_utf16_lossy(&units[from..to]);
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in &marked.marks {
        write!(out, "{}\x1b[1m{}\x1b[0m", text(at, *start), text(*start, *end)).ok();
        at = *end;
    }
    out + &text(at, units.len())
}

pub fn pages(pages: &[PageLine]) -> String {
    if pages.is_empty() {
        return "There is no page here. Bring a folder in with `guildhall import`, or write the first with `guildhall sop new`.\n".to_owned();
    }
    let width = pages.iter().map(|page| page.path.chars().count()).max().unwrap_or(0);
    pages.iter().fold(String::new(), |mut out, page| {
        writeln!(out, "{:width$}  {:16}  {}", page.path, page.mark, page.title).ok();
        out
    })
}

pub fn page(page: &PageView) -> String {
    let mut out = format!("{}\n{} · {}", page.title, page.path, page.mark);
    let by = page.updated_by.as_deref().map(|name| format!(" by {name}")).unwrap_or_default();
    writeln!(out, " · {}{by}", date_and_time(page.updated_at)).ok();
    writeln!(
        out,
        "{} · {} · {}\n",
        page.assistant.as_deref().unwrap_or("no assistant"),
        page.status,
        page.sensitivity
    )
    .ok();
    out.push_str(&page.content);
    for conflict in &page.conflicts {
        out.push_str("\n\n");
        out.push_str(&self::conflict(conflict));
    }
    out
}

pub fn versions(versions: &[VersionLine]) -> String {
    if versions.is_empty() {
        return "The server has not seen this page yet; its history begins there.\n".to_owned();
    }
    versions.iter().fold(String::new(), |mut out, version| {
        let by = version.changed_by.as_deref().unwrap_or("the system");
        write!(
            out,
            "v{:<4} {}  {}  {}",
            version.version,
            date_and_time(version.at),
            version.changed_kind,
            by
        )
        .ok();
        if !version.parents.is_empty() {
            let parents: Vec<String> = version.parents.iter().map(i64::to_string).collect();
            write!(out, "  (merged from v{})", parents.join(" and v")).ok();
        }
        if let Some(reason) = &version.reason {
            write!(out, "  “{reason}”").ok();
        }
        out.push('\n');
        out
    })
}

pub fn conflicts(conflicts: &[ConflictPage]) -> String {
    if conflicts.is_empty() {
        return "Nothing needs you.\n".to_owned();
    }
    conflicts.iter().map(conflict).collect::<Vec<_>>().join("\n")
}

pub fn conflict(page: &ConflictPage) -> String {
    let conflict = &page.view;
    let author = page.mine_by.as_deref().unwrap_or("somebody");
    let mut out = format!(
        "Needs you: {} ({}), by {author}, {}\n  conflict {}\n",
        conflict.of,
        model::kind(conflict.kind),
        date_and_time(conflict.at),
        conflict.id
    );
    for sides in &page.sides {
        writeln!(out, "  {}", sides.label).ok();
        side(&mut out, author, sides.before.as_deref(), sides.mine.as_deref());
        side(&mut out, "live now", sides.before.as_deref(), sides.theirs.as_deref());
    }
    out
}

/// What one side made of it: of a longer text only the lines that differ, with one around them.
fn side(out: &mut String, who: &str, before: Option<&str>, now: Option<&str>) {
    writeln!(out, "  {who}").ok();
    let (before, now) = (before.unwrap_or_default(), now.unwrap_or("(nothing)"));
    if now.lines().count() <= 1 {
        writeln!(out, "{}", indent(now)).ok();
        return;
    }
    let diff = TextDiff::from_lines(before, now);
    for hunk in diff.grouped_ops(1) {
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            write!(out, "    {} {}", change.tag(), change.value().trim_end_matches('\n')).ok();
            out.push('\n');
        }
    }
}

pub fn refused_list(items: &[RefusedView]) -> String {
    if items.is_empty() {
        return "Nothing was refused.\n".to_owned();
    }
    items.iter().map(refused).collect::<Vec<_>>().join("\n")
}

pub fn refused(item: &RefusedView) -> String {
    let mut out = format!(
        "Refused: {} ({})\n  {}\n  written {} · entry {}\n",
        item.of,
        item.table.replace('_', " "),
        item.reason,
        date_and_time(item.written_at),
        item.entry
    );
    for typed in &item.typed {
        writeln!(out, "  {}\n{}", typed.column.replace('_', " "), indent(&typed.after)).ok();
    }
    if item.followers > 0 {
        writeln!(out, "  With it {} that depended on it.", count(item.followers as u64, "change", "changes"))
            .ok();
    }
    out
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    | {line}")).collect::<Vec<_>>().join("\n")
}
