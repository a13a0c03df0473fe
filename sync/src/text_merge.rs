//! Three-way merge of Markdown: by paragraph, inside paragraphs that both sides changed by line,
//! inside such lines by sentence and by word. Bytes outside the changed places are kept as they
//! are.
//!
//! Absent on purpose: conflict markers, and a clock. Two edits that meet in one place, or whose
//! union would repeat or lose a sentence, have no merge, and then there is no text at all. The
//! same three texts give the same answer on every machine; texts that are too large and too
//! different to be compared in good time have no merge either.

mod alignment;
pub mod passages;
mod sentences;
mod tokens;

use alignment::{Alignment, Piece};
use std::ops::Range;
use tokens::{Grain, Tokens};

/// The merged text; none where a person has to decide.
pub fn merge(base: &str, theirs: &str, mine: &str) -> Option<String> {
    let sides = Sides { base, theirs, mine };
    if let Some((text, _)) = sides.changed_by_one() {
        return Some(text.to_owned());
    }
    let mut merged = Merged::default();
    merged.merge_at(Grain::Paragraph, sides)?;
    let is_sound = sentences::is_without_doubles(&merged, theirs, mine)
        && (!merged.has_mixed_sentences || sentences::is_sound(sides, &merged.text));
    is_sound.then_some(merged.text)
}

/// The same place of the three texts.
#[derive(Clone, Copy)]
struct Sides<'a> {
    base: &'a str,
    theirs: &'a str,
    mine: &'a str,
}

/// Whose text stands in a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Author {
    Both,
    Theirs,
    Mine,
}

impl<'a> Sides<'a> {
    fn changed_by_one(self) -> Option<(&'a str, Author)> {
        if self.theirs == self.mine {
            Some((self.theirs, Author::Both))
        } else if self.mine == self.base {
            Some((self.theirs, Author::Theirs))
        } else if self.theirs == self.base {
            Some((self.mine, Author::Mine))
        } else {
            None
        }
    }
}

/// The text as far as it is merged, and where its sentences have to be looked at again.
#[derive(Default)]
struct Merged<'a> {
    text: String,
    /// Lines that only one side changed.
    by_theirs: Vec<&'a str>,
    by_mine: Vec<&'a str>,
    /// Lines that were put together from both sides, as places in `text`.
    by_both: Vec<Range<usize>>,
    /// Some sentence in such lines has words of both sides.
    has_mixed_sentences: bool,
}

impl<'a> Merged<'a> {
    fn merge_at(&mut self, grain: Grain, sides: Sides<'a>) -> Option<()> {
        let base = Tokens::of(sides.base, grain);
        let theirs = Tokens::of(sides.theirs, grain);
        let mine = Tokens::of(sides.mine, grain);
        let to_theirs = Alignment::between(grain, &base, &theirs)?;
        let to_mine = Alignment::between(grain, &base, &mine)?;
        for piece in alignment::pieces(&to_theirs, &to_mine) {
            match piece {
                Piece::Stable(range) => self.text.push_str(base.text(range)),
                Piece::Changed { base: b, theirs: t, mine: m } => {
                    let place = Sides { base: base.text(b), theirs: theirs.text(t), mine: mine.text(m) };
                    self.merge_place(grain, place)?;
                }
            }
        }
        Some(())
    }

    fn merge_place(&mut self, grain: Grain, place: Sides<'a>) -> Option<()> {
        let Some((text, author)) = place.changed_by_one() else {
            return self.merge_finer(grain, place);
        };
        self.text.push_str(text);
        match author {
            Author::Theirs if grain.has_whole_lines() => self.by_theirs.push(text),
            Author::Mine if grain.has_whole_lines() => self.by_mine.push(text),
            _ => {}
        }
        Some(())
    }

    fn merge_finer(&mut self, grain: Grain, place: Sides<'a>) -> Option<()> {
        let start = self.text.len();
        self.merge_at(grain.finer()?, place)?;
        if grain == Grain::Line {
            let lines = start..self.text.len();
            self.has_mixed_sentences |= sentences::are_mixed(place, &self.text[lines.clone()]);
            self.by_both.push(lines);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, theirs: &str, mine: &str, expected: Option<&str>) {
        assert_eq!(merge(base, theirs, mine).as_deref(), expected, "theirs, then mine");
        assert_eq!(merge(base, mine, theirs).as_deref(), expected, "mine, then theirs");
    }

    #[test]
    fn edits_of_two_paragraphs_come_together() {
        check(
            "# Till\n\nCount the coins.\n\nLock the drawer.\n",
            "# Till\n\nCount the coins twice.\n\nLock the drawer.\n",
            "# Till\n\nCount the coins.\n\nLock the drawer and the door.\n",
            Some("# Till\n\nCount the coins twice.\n\nLock the drawer and the door.\n"),
        );
    }

    #[test]
    fn edits_of_two_lines_of_one_list_come_together() {
        check(
            "- one\n- two\n- three\n",
            "- uno\n- two\n- three\n",
            "- one\n- two\n- tre\n",
            Some("- uno\n- two\n- tre\n"),
        );
    }

    #[test]
    fn edits_of_two_words_of_one_line_come_together() {
        check(
            "The bar opens at nine on weekdays.",
            "The bar opens at ten on weekdays.",
            "The bar opens at nine on Mondays.",
            Some("The bar opens at ten on Mondays."),
        );
    }

    #[test]
    fn two_answers_in_one_place_are_for_a_person() {
        check("Price: 10.50\n", "Price: 12.50\n", "Price: 10.75\n", None);
        check("a\n", "a\n\nTheir end.\n", "a\n\nMy end.\n", None);
        check("Keep this.\n\nAnd this.\n", "Keep this.\n", "Keep this.\n\nAnd this too.\n", None);
    }

    #[test]
    fn a_passage_that_both_moved_is_not_doubled() {
        let passage = "Ring the bell at noon.\n\n";
        check(
            &format!("{passage}First part here.\n\nSecond part here.\n\nThird part here.\n"),
            &format!("First part here.\n\n{passage}Second part here.\n\nThird part here.\n"),
            &format!("First part here.\n\nSecond part here.\n\n{passage}Third part here.\n"),
            None,
        );
    }

    #[test]
    fn a_sentence_that_would_be_lost_among_words_is_for_a_person() {
        check("Who has the key?", "Who has the key 7. Who has my key?", "Who has the bell?", None);
        check("Open late.", "Open early.", "Closed late.", None);
    }

    #[test]
    fn an_item_stays_in_its_list_whatever_blank_lines_come_and_go() {
        let (list, look) =
            ("1. Look at the green light.\n2. Call Jun.\n\n", "1. Is the network down? Ask.\n\n");
        let longer = "1. Look at the green light.\n2. Write it down. Twice.\n2. Call Jun.\n\n";
        let (kept, note) = ("1. Is the network down? ", "Write a note. Call the lead.\n\n");
        let press = "1. Press reset.\n\n";
        check(
            &format!("Doors fail safe.\n\n{look}{press}{list}Never wedge a door.\n"),
            &format!("{look}{press}{longer}Never wedge a door.\n"),
            &format!("Doors fail safe.\n\n{kept}{press}{list}{note}Never wedge a door.\n"),
            Some(&format!("{kept}{press}{longer}{note}Never wedge a door.\n")),
        );
    }

    #[test]
    fn line_ends_and_trailing_blanks_stay_as_they_were() {
        check(
            "one  \r\ntwo\r\n\r\nthree",
            "one!  \r\ntwo\r\n\r\nthree",
            "one  \r\ntwo\r\n\r\nthree!",
            Some("one!  \r\ntwo\r\n\r\nthree!"),
        );
    }

    #[test]
    fn the_same_edit_of_both_is_one_edit() {
        check("a b\n\nc\n", "a x\n\nc\n", "a x\n\nd\n", Some("a x\n\nd\n"));
    }
}
