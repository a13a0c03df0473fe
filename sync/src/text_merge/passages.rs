//! Three texts in passages, for a person who decides where no rule can: what comes together by
//! itself is said as it comes together, and only the rest is asked for.

use super::alignment::{self, Alignment, Piece};
use super::merge;
use super::tokens::{Grain, Tokens};
use std::ops::Range;

/// The same place of the three texts. Put together, each side's pieces are that side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage<'a> {
    pub base: &'a str,
    pub theirs: &'a str,
    pub mine: &'a str,
    /// What comes of it by itself; none where a person decides.
    pub merged: Option<String>,
}

impl Passage<'_> {
    /// Whether nobody has changed it.
    pub fn is_same(&self) -> bool {
        self.base == self.theirs && self.base == self.mine
    }
}

/// In their order. Where the texts have a merge, their merged passages are that merge. Where they
/// have none although every passage has, as when both moved one of them, whatever somebody has
/// changed is for the person.
pub fn passages<'a>(base: &'a str, theirs: &'a str, mine: &'a str) -> Vec<Passage<'a>> {
    if let Some(text) = merge(base, theirs, mine) {
        let whole = cut(Grain::Paragraph, base, theirs, mine);
        let is_it = whole.iter().map(|passage| passage.merged.as_deref()).collect::<Option<String>>();
        if is_it.is_some_and(|joined| joined == text) {
            return whole;
        }
        return vec![Passage { base, theirs, mine, merged: Some(text) }];
    }
    let mut passages = cut(Grain::Paragraph, base, theirs, mine);
    if passages.iter().all(|passage| passage.merged.is_some()) {
        for passage in passages.iter_mut().filter(|passage| !passage.is_same()) {
            passage.merged = None;
        }
    }
    passages
}

fn cut<'a>(grain: Grain, base: &'a str, theirs: &'a str, mine: &'a str) -> Vec<Passage<'a>> {
    let whole = || vec![Passage { base, theirs, mine, merged: None }];
    let texts = [base, theirs, mine].map(|text| Tokens::of(text, grain));
    let aligned = |side: &Tokens<'_>| Alignment::between(grain, &texts[0], side);
    let (Some(to_theirs), Some(to_mine)) = (aligned(&texts[1]), aligned(&texts[2])) else { return whole() };
    let mut passages = Vec::new();
    for piece in alignment::pieces(&to_theirs, &to_mine) {
        match piece {
            Piece::Stable(range) => {
                let text = texts[0].text(range);
                passages.push(Passage {
                    base: text,
                    theirs: text,
                    mine: text,
                    merged: Some(text.to_owned()),
                });
            }
            Piece::Changed { base, theirs, mine } => {
                for (base, theirs, mine) in side_by_side(base, theirs, mine) {
                    let place = [texts[0].text(base), texts[1].text(theirs), texts[2].text(mine)];
                    passages.extend(decide(grain, place));
                }
            }
        }
    }
    passages
}

/// As many tokens on every side are the same tokens, changed: lines of a list, one under the other.
fn side_by_side(
    base: Range<usize>,
    theirs: Range<usize>,
    mine: Range<usize>,
) -> Vec<(Range<usize>, Range<usize>, Range<usize>)> {
    if base.len() != theirs.len() || base.len() != mine.len() {
        return vec![(base, theirs, mine)];
    }
    let one = |range: &Range<usize>, at: usize| range.start + at..range.start + at + 1;
    (0..base.len()).map(|at| (one(&base, at), one(&theirs, at), one(&mine, at))).collect()
}

/// A place that somebody has changed: whole where it comes together, line by line where only some
/// of its lines do.
fn decide<'a>(grain: Grain, [base, theirs, mine]: [&'a str; 3]) -> Vec<Passage<'a>> {
    let merged = merge(base, theirs, mine);
    let finer = grain.finer().filter(|finer| finer.has_whole_lines() && merged.is_none());
    if let Some(finer) = finer {
        let lines = cut(finer, base, theirs, mine);
        if lines.iter().any(|line| line.merged.is_some()) && lines.iter().any(|line| line.merged.is_none()) {
            return lines;
        }
    }
    vec![Passage { base, theirs, mine, merged }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open<'a>(passages: &'a [Passage<'a>]) -> Vec<(&'a str, &'a str)> {
        let asked = passages.iter().filter(|passage| passage.merged.is_none());
        asked.map(|passage| (passage.theirs, passage.mine)).collect()
    }

    #[test]
    fn only_what_clashes_is_asked_for() {
        let passages = passages(
            "# Till\n\nCount the coins.\n\nPrice: 10.\n\nLock the drawer.\n",
            "# Till\n\nCount every coin.\n\nPrice: 12.\n\nLock the drawer.\n",
            "# Till\n\nCount the coins.\n\nPrice: 11.\n\nLock the drawer and the door.\n",
        );
        assert_eq!(open(&passages), [("Price: 12.\n", "Price: 11.\n")]);
        let text: String =
            passages.iter().map(|passage| passage.merged.as_deref().unwrap_or(passage.mine)).collect();
        assert_eq!(text, "# Till\n\nCount every coin.\n\nPrice: 11.\n\nLock the drawer and the door.\n");
    }

    #[test]
    fn of_a_list_only_the_line_that_clashes_is_asked_for() {
        let passages =
            passages("- one\n- two\n- three\n", "- one\n- dos\n- tres\n", "- uno\n- deux\n- three\n");
        assert_eq!(open(&passages), [("- dos\n", "- deux\n")]);
    }

    #[test]
    fn a_passage_that_both_moved_is_for_the_person() {
        let moved = "Ring the bell at noon.\n\n";
        let passages = passages(
            &format!("{moved}First part here.\n\nSecond part here.\n\nThird part here.\n"),
            &format!("First part here.\n\n{moved}Second part here.\n\nThird part here.\n"),
            &format!("First part here.\n\nSecond part here.\n\n{moved}Third part here.\n"),
        )
        .iter()
        .filter(|passage| passage.merged.is_none())
        .count();
        assert!(passages > 0);
    }

    #[test]
    fn put_together_the_pieces_are_the_texts_and_a_merge_is_the_merge() {
        let words = ["a", "b", "c\n", "\n\n", "d. ", "- e\n", "f "];
        let mut state = 7_u64;
        let mut text = |length: u64| {
            let mut draw = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(state >> 33).expect("small")
            };
            (0..length).map(|_| words[draw() % words.len()]).collect::<String>()
        };
        for length in 0..600 {
            let (base, theirs, mine) = (text(length % 12), text(length % 10), text(length % 11));
            let cut = passages(&base, &theirs, &mine);
            let join = |side: fn(&Passage<'_>) -> String| cut.iter().map(side).collect::<String>();
            assert_eq!(join(|passage| passage.base.to_owned()), base);
            assert_eq!(join(|passage| passage.theirs.to_owned()), theirs);
            assert_eq!(join(|passage| passage.mine.to_owned()), mine);
            let together = cut.iter().map(|passage| passage.merged.as_deref()).collect::<Option<String>>();
            assert_eq!(together, merge(&base, &theirs, &mine), "{base:?} {theirs:?} {mine:?}");
        }
    }
}
