//! Which tokens of the base still stand in a side, and what lies between those that stand in both.

use super::tokens::{Grain, Tokens};
use similar::{DiffOp, capture_diff_slices};
use std::collections::HashMap;
use std::ops::Range;

/// For each token of the base its place in the side, where it still stands there. Places ascend.
pub struct Alignment {
    places: Vec<Option<usize>>,
    side_length: usize,
}

/// Between two texts the comparison may have to look at so many pairs of tokens: a fraction of a
/// second. Pages of prose stay far below it.
const MAX_PAIRS: usize = 300_000_000;

impl Alignment {
    /// None where the texts are too large and too different.
    pub fn between(grain: Grain, base: &Tokens, side: &Tokens) -> Option<Self> {
        let mut numbers = HashMap::new();
        let (old, new) = (number(base, &mut numbers), number(side, &mut numbers));
        let (old_changed, new_changed) = changed_lengths(&old, &new);
        if old_changed.saturating_mul(new_changed) > MAX_PAIRS {
            return None;
        }
        let mut places = vec![None; old.len()];
        for operation in capture_diff_slices(grain.algorithm(), &old, &new) {
            if let DiffOp::Equal { old_index, new_index, len } = operation {
                for step in 0..len {
                    places[old_index + step] = Some(new_index + step);
                }
            }
        }
        Some(Self { places, side_length: new.len() })
    }
}

/// How much is left of each without what they begin and end with alike.
fn changed_lengths(old: &[u32], new: &[u32]) -> (usize, usize) {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    (old.len() - tail, new.len() - tail)
}

/// Equal tokens get equal numbers, so that they are compared once and not again and again.
fn number<'a>(tokens: &Tokens<'a>, numbers: &mut HashMap<&'a str, u32>) -> Vec<u32> {
    (0..tokens.len())
        .map(|at| {
            let next = u32::try_from(numbers.len()).expect("a page has far less than 4 billion words");
            *numbers.entry(tokens.token(at)).or_insert(next)
        })
        .collect()
}

pub enum Piece {
    /// Tokens of the base that stand in both sides.
    Stable(Range<usize>),
    /// What lies between two stable pieces, in tokens of each text.
    Changed { base: Range<usize>, theirs: Range<usize>, mine: Range<usize> },
}

/// The three texts side by side. Edits that touch each other lie in one changed piece.
pub fn pieces(theirs: &Alignment, mine: &Alignment) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut at, mut at_theirs, mut at_mine) = (0, 0, 0);
    let ends = std::iter::once((theirs.places.len(), theirs.side_length, mine.side_length));
    for (next, next_theirs, next_mine) in stable_tokens(theirs, mine).chain(ends) {
        if (at, at_theirs, at_mine) != (next, next_theirs, next_mine) {
            pieces.push(Piece::Changed {
                base: at..next,
                theirs: at_theirs..next_theirs,
                mine: at_mine..next_mine,
            });
        }
        match pieces.last_mut() {
            _ if next == theirs.places.len() => {}
            Some(Piece::Stable(range)) => range.end = next + 1,
            _ => pieces.push(Piece::Stable(next..next + 1)),
        }
        (at, at_theirs, at_mine) = (next + 1, next_theirs + 1, next_mine + 1);
    }
    pieces
}

fn stable_tokens<'a>(
    theirs: &'a Alignment,
    mine: &'a Alignment,
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    let both = theirs.places.iter().zip(&mine.places).enumerate();
    both.filter_map(|(at, (theirs, mine))| Some((at, (*theirs)?, (*mine)?)))
}
