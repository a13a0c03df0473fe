//! Random Markdown and edits of it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Sentences share most of their words, so that alignments are easily misled.
const SENTENCES: [&str; 12] = [
    "Open the till at nine.",
    "Open the door at nine.",
    "Open the door at ten, then lock the till.",
    "Count the coins in the till.",
    "Count the notes in the drawer twice!",
    "Who has the key?",
    "Ask the lead on duty.",
    "Yes.",
    "The price is 10.50 a day.",
    "- item",
    "# The till",
    "Café, naïve — “quoted”.",
];

/// Between sentences: most are blanks, some begin a line or a paragraph.
const GAPS: [&str; 8] = [" ", " ", "\n", "\n", "\n\n", "\n\n", "\r\n", "  \n \n"];

pub const MOST_PIECES: usize = 14;

#[derive(Clone, Debug)]
pub enum Step {
    /// A sentence that stands nowhere else, made of common words and one number.
    Insert {
        at: Index,
        like: usize,
        number: u32,
        gap: usize,
    },
    Remove {
        at: Index,
    },
    Replace {
        at: Index,
        with: usize,
    },
    /// Another word in the middle of a sentence.
    Reword {
        at: Index,
        word: Index,
        number: u32,
    },
    Move {
        from: Index,
        to: Index,
    },
    ToCrLf,
}

/// A text as sentences, each with what follows it.
pub type Pieces = Vec<(String, &'static str)>;

pub fn pieces() -> impl Strategy<Value = Pieces> {
    let piece = (select(&SENTENCES[..]), select(&GAPS[..]));
    vec(piece.prop_map(|(sentence, gap)| (sentence.to_owned(), after(sentence, gap))), 0..MOST_PIECES)
}

/// What has no stop stands on a line of its own.
fn after(sentence: &str, gap: &'static str) -> &'static str {
    if sentence.ends_with(['.', '!', '?']) || gap.contains('\n') { gap } else { "\n" }
}

pub fn print(pieces: &Pieces) -> String {
    pieces.iter().flat_map(|(sentence, gap)| [sentence.as_str(), gap]).collect()
}

pub fn page() -> BoxedStrategy<String> {
    pieces().prop_map(|pieces| print(&pieces)).boxed()
}

pub fn insertion() -> BoxedStrategy<Step> {
    (any::<Index>(), 0..SENTENCES.len(), any::<u32>(), 0..GAPS.len())
        .prop_map(|(at, like, number, gap)| Step::Insert { at, like, number, gap })
        .boxed()
}

pub fn step() -> BoxedStrategy<Step> {
    let replacing = (any::<Index>(), 0..SENTENCES.len()).prop_map(|(at, with)| Step::Replace { at, with });
    prop_oneof![10 => step_of_ones_own(), 1 => replacing].boxed()
}

/// A step that adds nothing which the other side could add as well.
pub fn step_of_ones_own() -> BoxedStrategy<Step> {
    prop_oneof![
        3 => insertion(),
        2 => any::<Index>().prop_map(|at| Step::Remove { at }),
        3 => rewording(),
        1 => moving(),
        1 => Just(Step::ToCrLf),
    ]
    .boxed()
}

pub fn moving() -> BoxedStrategy<Step> {
    (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Step::Move { from, to }).boxed()
}

fn rewording() -> BoxedStrategy<Step> {
    (any::<Index>(), any::<Index>(), any::<u32>())
        .prop_map(|(at, word, number)| Step::Reword { at, word, number })
        .boxed()
}

pub fn inserted_sentence(like: usize, number: u32) -> String {
    let sentence = SENTENCES[like];
    let end = sentence.trim_end_matches(['.', '!', '?']).len();
    format!("{} {number}.", &sentence[..end])
}

pub fn reworded(sentence: &str, word: Index, number: u32) -> String {
    let mut words: Vec<String> = sentence.split(' ').map(str::to_owned).collect();
    let word = word.index(words.len());
    let stop = words[word].trim_start_matches(|c| !matches!(c, '.' | '!' | '?'));
    words[word] = format!("w{number}{stop}");
    words.join(" ")
}

fn take(pieces: &mut Pieces, step: &Step) {
    match step {
        Step::Insert { at, like, number, gap } => {
            let at = at.index(pieces.len() + 1);
            if let Some(before) = at.checked_sub(1).map(|before| &mut pieces[before])
                && before.1.is_empty()
            {
                before.1 = " ";
            }
            pieces.insert(at, (inserted_sentence(*like, *number), GAPS[*gap]));
        }
        _ if pieces.is_empty() => {}
        Step::Remove { at } => drop(pieces.remove(at.index(pieces.len()))),
        Step::Replace { at, with } => {
            let at = at.index(pieces.len());
            pieces[at].0 = SENTENCES[*with].to_owned();
            pieces[at].1 = after(&pieces[at].0, pieces[at].1);
        }
        Step::Reword { at, word, number } => {
            let at = at.index(pieces.len());
            pieces[at].0 = reworded(&pieces[at].0, *word, *number);
        }
        Step::Move { from, to } => {
            let moved = pieces.remove(from.index(pieces.len()));
            pieces.insert(to.index(pieces.len() + 1), moved);
        }
        Step::ToCrLf => {
            pieces.iter_mut().for_each(|piece| piece.1 = if piece.1 == "\n" { "\r\n" } else { piece.1 })
        }
    }
}

pub fn taken(pieces: &Pieces, steps: &[Step]) -> Pieces {
    let mut edited = pieces.clone();
    steps.iter().for_each(|step| take(&mut edited, step));
    edited
}

/// Some edits of a text whose pieces are not known: words, lines and paragraphs come and go.
pub fn edited(text: String) -> BoxedStrategy<String> {
    vec(step(), 1..4)
        .prop_map(move |steps| {
            let mut pieces: Pieces = text.split_inclusive(' ').map(|piece| (piece.to_owned(), "")).collect();
            steps.iter().for_each(|step| take(&mut pieces, step));
            print(&pieces)
        })
        .boxed()
}
