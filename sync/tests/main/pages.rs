//! Two people edit one page without hearing of each other, as people edit: sentences, list items,
//! rows of tables and paragraphs come, go, move and are written anew. The pages are those of the
//! sample guild; `MERGE_PAGES` names another folder of Markdown.

use crate::property::holds;
use guildhall_sync::text_merge::merge;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A sentence, a heading, a list item or the row of a table, with what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    gap: String,
    is_new: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Insert { at: Index, number: u32 },
    InsertParagraph { at: Index, number: u32 },
    Replace { at: Index, number: u32 },
    Reword { at: Index, word: Index, number: u32 },
    Remove { at: Index },
    RemoveParagraph { at: Index },
    Move { from: Index, to: Index },
    MoveParagraph { from: Index, to: Index },
}

fn step() -> impl Strategy<Value = Step> {
    let (at, number) = (any::<Index>, any::<u32>);
    prop_oneof![
        6 => (at(), number()).prop_map(|(at, number)| Step::Insert { at, number }),
        2 => (at(), number()).prop_map(|(at, number)| Step::InsertParagraph { at, number }),
        2 => (at(), number()).prop_map(|(at, number)| Step::Replace { at, number }),
        5 => (at(), at(), number()).prop_map(|(at, word, number)| Step::Reword { at, word, number }),
        3 => at().prop_map(|at| Step::Remove { at }),
        1 => at().prop_map(|at| Step::RemoveParagraph { at }),
        2 => (at(), at()).prop_map(|(from, to)| Step::Move { from, to }),
        1 => (at(), at()).prop_map(|(from, to)| Step::MoveParagraph { from, to }),
    ]
}

fn read_pages() -> Vec<String> {
    let sample = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/sample/sops");
    let mut folders = vec![std::env::var_os("MERGE_PAGES").map_or_else(sample, PathBuf::from)];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of pages") {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                pages.push(std::fs::read_to_string(path).expect("a page is UTF-8"));
            }
        }
    }
    pages.sort();
    pages
}

fn parse(page: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for line in page.split_inclusive('\n') {
        let mut rest = line;
        while !rest.is_empty() {
            let text = sentence(rest);
            rest = &rest[text.len()..];
            let gap = &rest[..rest.len() - rest.trim_start().len()];
            rest = &rest[gap.len()..];
            match pieces.last_mut().filter(|_| text.is_empty()) {
                Some(last) => last.gap.push_str(gap),
                None => pieces.push(Piece { text: text.to_owned(), gap: gap.to_owned(), is_new: false }),
            }
        }
    }
    pieces
}

fn sentence(line: &str) -> &str {
    let whole = line.trim_end();
    if whole.trim_start().starts_with(['|', '#']) {
        return whole;
    }
    let end = [". ", "! ", "? "].iter().filter_map(|stop| Some(whole.find(stop)? + 1));
    // `1. ` and the like begin an item.
    let end = end.filter(|end| *end > 3).min().unwrap_or(whole.len());
    &whole[..end]
}

fn print(pieces: &[Piece]) -> String {
    pieces.iter().flat_map(|piece| [piece.text.as_str(), piece.gap.as_str()]).collect()
}

/// What a line begins with: the mark of a list item or of a table.
fn mark(text: &str) -> &str {
    let body = text.trim_start();
    let indent = text.len() - body.len();
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let length = match body {
        _ if digits > 0 && body[digits..].starts_with(". ") => digits + 2,
        _ if body.starts_with("- ") || body.starts_with("* ") || body.starts_with("| ") => 2,
        _ => 0,
    };
    &text[..indent + length]
}

fn new_sentence(like: &str, number: u32) -> String {
    let mark = mark(like);
    let words = ["Ask the desk", "Call the lead on duty", "Write it into the book", "Wait for an answer"];
    let tail = if mark.trim_start() == "| " { " | now |" } else { "." };
    format!("{mark}{} about number {number}{tail}", words[number as usize % words.len()])
}

fn new_piece(text: String, gap: &str) -> Piece {
    Piece { text, gap: gap.to_owned(), is_new: true }
}

/// The pieces of the paragraph that the piece is in.
fn paragraph(pieces: &[Piece], at: usize) -> std::ops::Range<usize> {
    let ends = |piece: &Piece| piece.gap.matches('\n').count() > 1;
    let begin = pieces[..at].iter().rposition(ends).map_or(0, |before| before + 1);
    let end = pieces[at..].iter().position(ends).map_or(pieces.len(), |last| at + last + 1);
    begin..end
}

fn take(pieces: &mut Vec<Piece>, step: &Step) {
    if pieces.len() < 2 {
        return;
    }
    match step {
        Step::Insert { at, number } => {
            let at = at.index(pieces.len());
            let gap =
                if pieces[at].gap.contains('\n') || !mark(&pieces[at].text).is_empty() { "\n" } else { " " };
            let text = new_sentence(&pieces[at].text, *number);
            pieces.insert(at, new_piece(text, gap));
        }
        Step::InsertParagraph { at, number } => {
            let at = paragraph(pieces, at.index(pieces.len())).start;
            pieces.insert(at, new_piece(new_sentence("", *number), " "));
            pieces.insert(at + 1, new_piece(format!("That is all of paragraph {number}."), "\n\n"));
        }
        Step::Replace { at, number } => {
            let at = at.index(pieces.len());
            let text = new_sentence(&pieces[at].text, *number);
            let gap = pieces[at].gap.clone();
            pieces[at] = new_piece(text, &gap);
        }
        Step::Reword { at, word, number } => {
            let at = at.index(pieces.len());
            let mut words: Vec<String> = pieces[at].text.split(' ').map(str::to_owned).collect();
            let word = word.index(words.len());
            if words[word].starts_with(char::is_alphabetic) {
                words[word] = format!("word{number}");
                pieces[at].text = words.join(" ");
            }
        }
        Step::Remove { at } => drop(pieces.remove(at.index(pieces.len()))),
        Step::RemoveParagraph { at } => {
            let range = paragraph(pieces, at.index(pieces.len()));
            pieces.drain(range);
        }
        Step::Move { from, to } => {
            let moved = pieces.remove(from.index(pieces.len()));
            pieces.insert(to.index(pieces.len() + 1), moved);
        }
        Step::MoveParagraph { from, to } => {
            let range = paragraph(pieces, from.index(pieces.len()));
            let moved: Vec<Piece> = pieces.drain(range).collect();
            let to = if pieces.is_empty() { 0 } else { paragraph(pieces, to.index(pieces.len())).start };
            pieces.splice(to..to, moved);
        }
    }
}

fn edited(page: &[Piece], steps: &[Step]) -> Vec<Piece> {
    let mut pieces = page.to_vec();
    steps.iter().for_each(|step| take(&mut pieces, step));
    pieces
}

/// How often each passage of more than one word stands in a page.
fn count(page: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for piece in parse(page).into_iter().filter(|piece| piece.text.contains(' ')) {
        *counts.entry(piece.text.trim().to_owned()).or_default() += 1;
    }
    counts
}

/// A merge has every sentence that somebody wrote, and repeats none. Where there is no merge, the
/// conflict has both pages whole.
#[test]
fn two_people_edit_one_page_and_every_sentence_stands_once() {
    let pages: Vec<Vec<Piece>> = read_pages().iter().map(|page| parse(page)).collect();
    assert!(pages.iter().any(|page| page.len() > 20), "there are pages to edit");
    let edits = (select(pages), vec(step(), 1..8), vec(step(), 1..8));
    let (merged_count, all) = (Cell::new(0), Cell::new(0));
    holds(12_000, edits, |(page, theirs, mine)| {
        let sides = [edited(&page, &theirs), edited(&page, &mine)];
        let [their_text, my_text] = sides.each_ref().map(|side| print(side));
        let merged = merge(&print(&page), &their_text, &my_text);
        prop_assert_eq!(&merged, &merge(&print(&page), &my_text, &their_text));
        all.set(all.get() + 1);
        let Some(merged) = merged else { return Ok(()) };
        merged_count.set(merged_count.get() + 1);
        for piece in sides.iter().flatten().filter(|piece| piece.is_new) {
            prop_assert!(merged.contains(&piece.text), "{:?} is missing in {merged:?}", piece.text);
        }
        let (theirs, mine) = (count(&their_text), count(&my_text));
        for (passage, times) in count(&merged) {
            let most = theirs.get(&passage).max(mine.get(&passage)).copied().unwrap_or(1);
            prop_assert!(times <= most, "{passage:?} stands {times} times in {merged:?}");
        }
        Ok(())
    });
    assert!(merged_count.get() * 3 > all.get(), "{} of {} were merged", merged_count.get(), all.get());
}
