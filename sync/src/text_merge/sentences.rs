//! What a merge must not do to sentences: repeat one that both moved, or lose one that a side
//! wrote. A merge can do both, because it sees words where people wrote sentences.

use super::{Merged, Sides};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Whether no sentence stands in the merged text more often than on either side. Sentences of one
/// word are not counted: both sides may well write a second *Yes.*
pub fn is_without_doubles(merged: &Merged, theirs: &str, mine: &str) -> bool {
    let by_both = || merged.by_both.iter().map(|lines| &merged.text[lines.clone()]);
    let by_theirs: HashSet<&str> = merged.by_theirs.iter().copied().chain(by_both()).flat_map(list).collect();
    let by_mine = merged.by_mine.iter().copied().chain(by_both()).flat_map(list);
    let candidates: HashSet<&str> = by_mine
        .filter(|sentence| by_theirs.contains(sentence) && sentence.split_ascii_whitespace().nth(1).is_some())
        .collect();
    if candidates.is_empty() {
        return true;
    }
    let (theirs, mine) = (count(&candidates, theirs), count(&candidates, mine));
    let most = |sentence| theirs.get(sentence).max(mine.get(sentence)).copied().unwrap_or(0);
    let merged = count(&candidates, &merged.text);
    merged.into_iter().all(|(sentence, times)| times <= most(sentence).max(1))
}

fn count<'a>(candidates: &HashSet<&str>, text: &'a str) -> HashMap<&'a str, u32> {
    let mut counts = HashMap::new();
    for sentence in list(text).filter(|sentence| candidates.contains(sentence)) {
        *counts.entry(sentence).or_default() += 1;
    }
    counts
}

/// Whether words of both sides became one sentence in this place: then [`is_sound`] has to say
/// whether people would have written that.
pub fn are_mixed(place: Sides, merged: &str) -> bool {
    let sets = Sets::of(place, merged);
    let is_made = |sentence: &&str| !sets.theirs.contains(*sentence) && !sets.mine.contains(*sentence);
    let is_lost = |sentence: &&str| !sets.base.contains(*sentence) && !sets.merged.contains(*sentence);
    sets.merged.iter().any(is_made) || sets.theirs.union(&sets.mine).any(is_lost)
}

/// Whether the sentences of the merged text are those of both sides. A sentence may be neither, and
/// those of the sides may be missing, only where both rewrote one sentence of the base.
pub fn is_sound(whole: Sides, merged: &str) -> bool {
    let sets = Sets::of(whole, merged);
    let is_shared_kept = sets.theirs.intersection(&sets.mine).all(|sentence| sets.merged.contains(sentence));
    is_shared_kept
        && are_kept(&sets.base, &sets.theirs, &sets.merged)
        && are_kept(&sets.base, &sets.mine, &sets.merged)
        && are_rewritings(&sets)
}

struct Sets<'a> {
    base: HashSet<&'a str>,
    theirs: HashSet<&'a str>,
    mine: HashSet<&'a str>,
    merged: HashSet<&'a str>,
}

impl<'a> Sets<'a> {
    fn of(sides: Sides<'a>, merged: &'a str) -> Self {
        let [base, theirs, mine, merged] =
            [sides.base, sides.theirs, sides.mine, merged].map(|text| list(text).collect());
        Self { base, theirs, mine, merged }
    }
}

/// The most pairs of sentences that are compared; what would need more is for a person.
const MAX_PAIRS: usize = 100_000;

/// Whether every sentence that the side wrote stands in the merged text. One may be missing: where
/// it is a rewriting of a sentence of the base, and no other that the side wrote may be.
fn are_kept(base: &HashSet<&str>, side: &HashSet<&str>, merged: &HashSet<&str>) -> bool {
    let written: Vec<&str> = side.difference(base).copied().collect();
    let mut missing = (0..written.len()).filter(|at| !merged.contains(written[*at])).peekable();
    if missing.peek().is_none() {
        return true;
    }
    let gone: Vec<&str> = base.difference(side).copied().collect();
    let Some(origins) = list_origins(&written, &gone) else { return false };
    let candidates = |gone: &usize| origins.iter().filter(|origins| origins.possible.contains(gone)).count();
    missing.all(|at| origins[at].likely.iter().any(|gone| candidates(gone) == 1))
}

/// Whether each sentence that no side wrote is like one that both sides rewrote.
fn are_rewritings(sets: &Sets) -> bool {
    let is_new = |sentence: &&&str| !sets.theirs.contains(**sentence) && !sets.mine.contains(**sentence);
    let made: Vec<&str> = sets.merged.iter().filter(is_new).copied().collect();
    let gone: Vec<&str> = sets.base.iter().filter(is_new).copied().collect();
    let origins = list_origins(&made, &gone);
    origins.is_some_and(|origins| origins.iter().all(|origins| !origins.likely.is_empty()))
}

/// The sentences that a written one may be a rewriting of, by their places among those that are
/// gone: those that it shares most words with. Half of the shorter one makes it possible, more
/// than half likely.
struct Origins {
    possible: Vec<usize>,
    likely: Vec<usize>,
}

/// None where there are too many to compare.
fn list_origins(written: &[&str], gone: &[&str]) -> Option<Vec<Origins>> {
    if gone.len() * written.len() > MAX_PAIRS {
        return None;
    }
    let gone: Vec<Vec<&str>> = gone.iter().map(|sentence| words(sentence)).collect();
    let origins = |sentence: &&str| {
        let words = words(sentence);
        let common: Vec<usize> = gone.iter().map(|gone| shared(&words, gone)).collect();
        let most = common.iter().copied().max().unwrap_or(0);
        let shorter = |at: usize| words.len().min(gone[at].len());
        let nearest = || (0..gone.len()).filter(|at| common[*at] == most);
        Origins {
            possible: nearest().filter(|at| most * 2 >= shorter(*at)).collect(),
            likely: nearest().filter(|at| most * 2 > shorter(*at)).collect(),
        }
    };
    Some(written.iter().map(origins).collect())
}

/// The words of a sentence, sorted, without what stands around them.
fn words(sentence: &str) -> Vec<&str> {
    let chunks = sentence.split_whitespace().map(|chunk| chunk.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<&str> = chunks.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

fn shared(left: &[&str], right: &[&str]) -> usize {
    let (mut left, mut right, mut count) = (left, right, 0);
    while let ([l, left_rest @ ..], [r, right_rest @ ..]) = (left, right) {
        match l.cmp(r) {
            Ordering::Less => left = left_rest,
            Ordering::Greater => right = right_rest,
            Ordering::Equal => {
                count += 1;
                (left, right) = (left_rest, right_rest);
            }
        }
    }
    count
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    sentences(text).into_iter().map(|range| &text[range])
}

/// Where the sentences lie, without the blanks around them. A line end ends a sentence, so that a
/// list item and a heading are sentences too.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        while let Some(length) = sentence_length(&line[from..]) {
            push_trimmed(text, start + from..start + from + length, &mut found);
            from += length;
        }
        start += line.len();
    }
    found
}

fn push_trimmed(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let start = range.start + piece.len() - piece.trim_start().len();
    let end = start + piece.trim().len();
    if text[start..end].contains(char::is_alphanumeric) {
        found.push(start..end);
    }
}

/// Up to the first full stop with a blank behind it, closing quotes and marks included. The number of
/// a list item belongs to the sentence that it counts.
pub fn sentence_length(rest: &str) -> Option<usize> {
    let mut has_stop = false;
    let body = number_length(rest);
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at < body) {
        match c {
            '.' | '!' | '?' | '…' => has_stop = true,
            ')' | ']' | '"' | '\'' | '*' | '_' | '`' | '”' | '»' => {}
            c if c.is_whitespace() && has_stop => return Some(at),
            _ => has_stop = false,
        }
    }
    (!rest.is_empty()).then_some(rest.len())
}

/// How long the number with a full stop is that a sentence begins with, blanks before it included.
fn number_length(rest: &str) -> usize {
    let body = rest.trim_start();
    let counted = body.trim_start_matches(|c: char| c.is_ascii_digit());
    match counted.strip_prefix('.').filter(|_| counted.len() < body.len()) {
        Some(sentence) if !sentence.trim().is_empty() => rest.len() - sentence.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_stops_and_at_lines() {
        let text = "Open at 9.30 sharp. \"Really?\" (Yes.) ok\n- item one\n\n...\n# Head";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["Open at 9.30 sharp.", "\"Really?\"", "(Yes.)", "ok", "- item one", "# Head"]);
    }

    #[test]
    fn the_number_of_an_item_belongs_to_its_sentence() {
        let text = "1. Look. Then ask.\n  2. Is it 5? 3. Or\n4.\n12.5 each. 7.";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["1. Look.", "Then ask.", "2. Is it 5?", "3. Or", "4.", "12.5 each.", "7."]);
    }
}
