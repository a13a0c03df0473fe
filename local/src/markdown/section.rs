//! Which part of a page answers best: what stands under one heading, and of that no more than a
//! screen holds.

use super::{Placed, is_heading, text_within};
use pulldown_cmark::Event;
use std::collections::HashSet;
use std::ops::Range;

/// Whole blocks are added around the best one up to this size.
const WANTED_BYTES: usize = 1_800;
/// A larger block is cut around its first found word.
const MAX_BLOCK_BYTES: usize = 6_000;
/// So much is left before that word.
const LEAD_BYTES: usize = 400;

#[derive(Debug, Default)]
pub struct Section {
    pub heading: Option<String>,
    /// What is shown, as a range of the source; without the heading.
    pub window: Range<usize>,
}

struct Part {
    heading: Option<String>,
    whole: Range<usize>,
    /// Paragraphs, lists, tables: what stands outermost.
    blocks: Vec<Range<usize>>,
}

pub fn best(text: &str, events: &[Placed<'_>], marks: &[Range<usize>]) -> Section {
    let parts = parts(events);
    let with_text = || parts.iter().filter(|part| !part.blocks.is_empty());
    let mut best = None;
    for part in with_text() {
        let score = score(text, marks, &part.whole);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, part));
        }
    }
    let Some((_, part)) = best else { return Section::default() };
    Section { heading: part.heading.clone(), window: window(text, &part.blocks, marks) }
}

fn parts(events: &[Placed<'_>]) -> Vec<Part> {
    let mut parts = vec![Part { heading: None, whole: 0..0, blocks: Vec::new() }];
    let mut depth = 0_usize;
    for (place, (event, range)) in events.iter().enumerate() {
        if depth == 0 && is_heading(event) {
            let heading = Some(text_within(&events[place..])).filter(|text| !text.is_empty());
            parts.push(Part { heading, whole: range.clone(), blocks: Vec::new() });
        } else if depth == 0
            && let Some(part) = parts.last_mut()
        {
            part.blocks.push(range.clone());
            part.whole.end = part.whole.end.max(range.end);
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    parts
}

/// Different words count most, then how often they stand there.
fn score(text: &str, marks: &[Range<usize>], range: &Range<usize>) -> usize {
    let inside = marks_in(marks, range);
    let words: HashSet<String> =
        inside.iter().filter_map(|mark| text.get(mark.clone())).map(str::to_lowercase).collect();
    words.len() * 10 + inside.len().min(9)
}

fn marks_in<'m>(marks: &'m [Range<usize>], range: &Range<usize>) -> &'m [Range<usize>] {
    let first = marks.partition_point(|mark| mark.end <= range.start);
    let last = marks.partition_point(|mark| mark.start < range.end);
    &marks[first..last.max(first)]
}

fn window(text: &str, blocks: &[Range<usize>], marks: &[Range<usize>]) -> Range<usize> {
    let scores: Vec<usize> = blocks.iter().map(|block| score(text, marks, block)).collect();
    let highest = scores.iter().copied().max().unwrap_or(0);
    let place = scores.iter().position(|score| *score == highest).unwrap_or(0);
    let Some(block) = blocks.get(place) else { return 0..0 };
    if block.len() > MAX_BLOCK_BYTES {
        return cut(text, block, marks);
    }
    let (mut first, mut last) = (place, place);
    loop {
        let size = blocks[last].end - blocks[first].start;
        let fits = |more: usize| size + more <= WANTED_BYTES;
        if last + 1 < blocks.len() && fits(blocks[last + 1].end - blocks[last].end) {
            last += 1;
        } else if first > 0 && fits(blocks[first].start - blocks[first - 1].start) {
            first -= 1;
        } else {
            return blocks[first].start..blocks[last].end;
        }
    }
}

/// Around the first found word, at blanks where there are some.
fn cut(text: &str, block: &Range<usize>, marks: &[Range<usize>]) -> Range<usize> {
    let word = marks_in(marks, block).first().map_or(block.start, |mark| mark.start);
    let start = text.ceil_char_boundary(word.saturating_sub(LEAD_BYTES).max(block.start));
    let end = text.floor_char_boundary((start + MAX_BLOCK_BYTES).min(block.end));
    let Some(inside) = text.get(start..end) else { return block.clone() };
    let lead = if start == block.start {
        0
    } else {
        blank_in(&inside[..text.floor_char_boundary(start + 100).min(end) - start])
    };
    start + lead..end
}

fn blank_in(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(0)
}
