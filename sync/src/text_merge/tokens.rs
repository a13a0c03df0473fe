//! A text cut into pieces of one size, without losing a byte.

use super::sentences::sentence_length;
use similar::Algorithm;
use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    Paragraph,
    Line,
    Sentence,
    Word,
}

impl Grain {
    pub fn finer(self) -> Option<Self> {
        match self {
            Self::Paragraph => Some(Self::Line),
            Self::Line => Some(Self::Sentence),
            Self::Sentence => Some(Self::Word),
            Self::Word => None,
        }
    }

    /// How two texts in such tokens are compared. What stands once in both is the same passage: were
    /// it only one token among many, a paragraph would be given up for the blank lines around it.
    /// Words that stand once say nothing of the kind.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::Paragraph | Self::Line | Self::Sentence => Algorithm::Patience,
            Self::Word => Algorithm::Myers,
        }
    }

    /// Whether its tokens begin and end with lines.
    pub fn has_whole_lines(self) -> bool {
        matches!(self, Self::Paragraph | Self::Line)
    }
}

/// A text and where its tokens end. Put together, the tokens are the text.
pub struct Tokens<'a> {
    text: &'a str,
    /// The first is 0: token `n` lies between bounds `n` and `n + 1`.
    bounds: Vec<usize>,
}

impl<'a> Tokens<'a> {
    pub fn of(text: &'a str, grain: Grain) -> Self {
        let mut bounds = vec![0];
        match grain {
            Grain::Paragraph => cut_paragraphs(text, &mut bounds),
            Grain::Line => cut_lines(text, &mut bounds),
            Grain::Sentence => cut_sentences(text, &mut bounds),
            Grain::Word => cut_words(text, &mut bounds),
        }
        Self { text, bounds }
    }

    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    pub fn token(&self, at: usize) -> &'a str {
        self.text(at..at + 1)
    }

    pub fn text(&self, range: Range<usize>) -> &'a str {
        &self.text[self.bounds[range.start]..self.bounds[range.end]]
    }
}

/// Runs of lines with something on them, and the runs of blank lines between.
fn cut_paragraphs(text: &str, bounds: &mut Vec<usize>) {
    let mut end = 0;
    let mut blank = None;
    for line in text.split_inclusive('\n') {
        let is_blank = line.trim_ascii().is_empty();
        if blank.is_some_and(|before| before != is_blank) {
            bounds.push(end);
        }
        blank = Some(is_blank);
        end += line.len();
    }
    if blank.is_some() {
        bounds.push(end);
    }
}

fn cut_lines(text: &str, bounds: &mut Vec<usize>) {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        bounds.push(end);
    }
}

/// Sentences with the blanks before them; a line end belongs to the sentence that it ends.
fn cut_sentences(text: &str, bounds: &mut Vec<usize>) {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(length) = sentence_length(rest) {
            rest = &rest[length..];
            let is_line_end = rest.trim().is_empty();
            end += if is_line_end { length + std::mem::take(&mut rest).len() } else { length };
            bounds.push(end);
        }
    }
}

/// Words with all that is written into them (`10.50`, `9:30`, `it's`, links), the punctuation
/// around them, the blanks between them, and each line end.
fn cut_words(text: &str, bounds: &mut Vec<usize>) {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = line_end(rest)
            .or_else(|| run(rest, |c| c.is_whitespace() && c != '\n' && c != '\r'))
            .unwrap_or_else(|| {
                let chunk = run(rest, |c| !c.is_whitespace()).unwrap_or(1);
                cut_chunk(&rest[..chunk], at, bounds);
                chunk
            });
        at += length;
        if bounds.last() != Some(&at) {
            bounds.push(at);
        }
    }
}

fn line_end(rest: &str) -> Option<usize> {
    if rest.starts_with("\r\n") { Some(2) } else { rest.starts_with(['\n', '\r']).then_some(1) }
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> Option<usize> {
    let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    (length > 0).then_some(length)
}

/// Parts the punctuation at both ends of a word from it; the end of the chunk is left to the caller.
fn cut_chunk(chunk: &str, at: usize, bounds: &mut Vec<usize>) {
    let lead = chunk.len() - chunk.trim_start_matches(['(', '[', '{', '"', '\'', '*', '_', '`']).len();
    let tail =
        chunk.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '*', '_', '`']).len();
    if lead > 0 {
        bounds.push(at + lead);
    }
    if tail > lead && tail < chunk.len() {
        bounds.push(at + tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, grain: Grain, expected: &[&str]) {
        let tokens = Tokens::of(text, grain);
        let cut: Vec<&str> = (0..tokens.len()).map(|at| tokens.token(at)).collect();
        assert_eq!(cut, expected);
        assert_eq!(cut.concat(), text);
    }

    #[test]
    fn tokens_put_together_are_the_text() {
        check("", Grain::Paragraph, &[]);
        check("a\nb\n\n \nc", Grain::Paragraph, &["a\nb\n", "\n \n", "c"]);
        check("a\r\n\r\nb", Grain::Line, &["a\r\n", "\r\n", "b"]);
        check("Ask. Wait?  Go\r\nDone. \n", Grain::Sentence, &["Ask.", " Wait?", "  Go\r\n", "Done. \n"]);
        check(
            "Pay **10.50**, by 9:30!\r\n  (é)",
            Grain::Word,
            &["Pay", " ", "**", "10.50", "**,", " ", "by", " ", "9:30", "!", "\r\n", "  ", "(", "é", ")"],
        );
        check("... ***", Grain::Word, &["...", " ", "***"]);
        check("\u{a0}\rx", Grain::Word, &["\u{a0}", "\r", "x"]);
    }
}
