//! What is different between two texts, for people: block beside block, and inside blocks that
//! changed, word by word. Put together, the spans of a side are that side, byte for byte.
//!
//! Absent on purpose: merging (that is `guildhall_sync::text_merge`), and any order in time.

use crate::clock;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

mod cut;

/// Texts that are too different to be compared in this time are shown coarser, not later.
const PATIENCE: Duration = Duration::from_millis(400);

/// Two blocks with so little in common, of a hundred, are not one that was rewritten.
const LEAST_ALIKE_PERCENT: usize = 30;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// How many blocks are different.
    pub changed: usize,
    pub hunks: Vec<Hunk>,
}

/// A paragraph, a list item or another block, on both sides. Both are equal where it is unchanged;
/// one is empty where it was added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    pub is_changed: bool,
    pub before: Vec<Span>,
    pub after: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub is_changed: bool,
}

pub fn compare(before: &str, after: &str) -> Diff {
    let deadline = clock::deadline(PATIENCE);
    let (old, new) = (cut::blocks(before), cut::blocks(after));
    let mut hunks = Vec::new();
    for operation in operations(&old, &new, deadline) {
        let (old, new) = (&old[operation.old_range()], &new[operation.new_range()]);
        match operation {
            DiffOp::Equal { .. } => hunks.extend(old.iter().map(|block| unchanged(block))),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                hunks.extend(changed(old, new, deadline));
            }
        }
    }
    let changed = hunks.iter().filter(|hunk| hunk.is_changed).count();
    Diff { changed, hunks }
}

fn unchanged(block: &str) -> Hunk {
    let spans = vec![Span { text: block.to_owned(), is_changed: false }];
    Hunk { is_changed: false, before: spans.clone(), after: spans }
}

/// Blocks in one place that are not the same: those that are alike side by side.
fn changed(old: &[&str], new: &[&str], deadline: Instant) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut at_old, mut at_new) = (0, 0);
    for (with_old, with_new) in pairs(old, new, deadline) {
        hunks.extend(old[at_old..with_old].iter().map(|block| one_sided(block, "")));
        hunks.extend(new[at_new..with_new].iter().map(|block| one_sided("", block)));
        // Where there was no time to find what is the same, the same may stand here.
        hunks.push(match old[with_old] == new[with_new] {
            true => unchanged(old[with_old]),
            false => by_word(old[with_old], new[with_new], deadline),
        });
        (at_old, at_new) = (with_old + 1, with_new + 1);
    }
    hunks.extend(old[at_old..].iter().map(|block| one_sided(block, "")));
    hunks.extend(new[at_new..].iter().map(|block| one_sided("", block)));
    hunks
}

fn one_sided(before: &str, after: &str) -> Hunk {
    let spans = |text: &str| match text {
        "" => Vec::new(),
        text => vec![Span { text: text.to_owned(), is_changed: true }],
    };
    Hunk { is_changed: true, before: spans(before), after: spans(after) }
}

/// Looks so far ahead for a block that is alike.
const LOOK_AHEAD: usize = 8;

/// Places of blocks that belong together, in ascending order on both sides.
fn pairs(old: &[&str], new: &[&str], deadline: Instant) -> Vec<(usize, usize)> {
    if let ([_], [_]) = (old, new) {
        return vec![(0, 0)];
    }
    let old_words: Vec<Counts<'_>> = old.iter().map(|block| word_counts(block)).collect();
    let new_words: Vec<Counts<'_>> = new.iter().map(|block| word_counts(block)).collect();
    let (mut pairs, mut from) = (Vec::new(), 0);
    for (at, words) in old_words.iter().enumerate() {
        if clock::is_over(deadline) {
            break;
        }
        let ahead = from..new.len().min(from + LOOK_AHEAD);
        let best = ahead.map(|place| (likeness(words, &new_words[place]), place));
        // The nearest of those that are most alike.
        let best = best.fold((0, 0), |best, next| if next.0 > best.0 { next } else { best });
        if best.0 >= LEAST_ALIKE_PERCENT {
            pairs.push((at, best.1));
            from = best.1 + 1;
        }
    }
    pairs
}

type Counts<'a> = HashMap<&'a str, usize>;

fn word_counts(block: &str) -> Counts<'_> {
    let mut counts = HashMap::new();
    for word in cut::words(block).into_iter().filter(|word| word.chars().any(char::is_alphanumeric)) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Of a hundred words, how many stand in both.
fn likeness(old: &Counts<'_>, new: &Counts<'_>) -> usize {
    let all = old.values().sum::<usize>() + new.values().sum::<usize>();
    let (few, many) = if old.len() < new.len() { (old, new) } else { (new, old) };
    let both: usize =
        few.iter().map(|(word, count)| (*count).min(many.get(word).copied().unwrap_or(0))).sum();
    (both * 200).checked_div(all).unwrap_or(0)
}

fn by_word(before: &str, after: &str, deadline: Instant) -> Hunk {
    let (old, new) = (cut::words(before), cut::words(after));
    let (mut left, mut right) = (Spans::default(), Spans::default());
    for operation in operations(&old, &new, deadline) {
        let is_changed = !matches!(operation, DiffOp::Equal { .. });
        left.add(&old, operation.old_range(), is_changed);
        right.add(&new, operation.new_range(), is_changed);
    }
    Hunk { is_changed: true, before: left.join(), after: right.join() }
}

fn operations(old: &[&str], new: &[&str], deadline: Instant) -> Vec<DiffOp> {
    let mut numbers = HashMap::new();
    let (old, new) = (number(old, &mut numbers), number(new, &mut numbers));
    capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline))
}

/// Equal pieces get equal numbers, so that they are compared once and not again and again.
fn number<'a>(pieces: &[&'a str], numbers: &mut HashMap<&'a str, usize>) -> Vec<usize> {
    let mut numbered = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let next = numbers.len();
        numbered.push(*numbers.entry(piece).or_insert(next));
    }
    numbered
}

/// Spans of one side as they come.
#[derive(Default)]
struct Spans(Vec<Span>);

impl Spans {
    fn add(&mut self, words: &[&str], range: Range<usize>, is_changed: bool) {
        let text = words[range].concat();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.is_changed == is_changed => last.text.push_str(&text),
            _ => self.0.push(Span { text, is_changed }),
        }
    }

    /// Two changed spans with nothing but a blank between them are read as one.
    fn join(self) -> Vec<Span> {
        let mut joined: Vec<Span> = Vec::new();
        let mut rest = self.0.into_iter().peekable();
        while let Some(mut span) = rest.next() {
            let is_between = joined.last().is_some_and(|last| last.is_changed) && rest.peek().is_some();
            if is_between && !span.is_changed && is_blank_in_line(&span.text) {
                span.is_changed = true;
            }
            match joined.last_mut() {
                Some(last) if last.is_changed == span.is_changed => last.text.push_str(&span.text),
                _ => joined.push(span),
            }
        }
        joined
    }
}

fn is_blank_in_line(text: &str) -> bool {
    text.chars().all(|letter| letter.is_whitespace() && letter != '\n')
}

#[cfg(test)]
mod tests;
