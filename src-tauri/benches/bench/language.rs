//! Text that looks like English to a compressor and to a full-text index: a skewed vocabulary,
//! phrases that come back, sentences, paragraphs. The same seed gives the same text everywhere.
//! It means nothing, on purpose.

use super::random::Random;

const COMMON: &str = "the of and to in is you for it on with that be at this or if are by as from \
    not have one when they will can then your each please ask open close check call write door room \
    desk light table guest booking member list page before after first next again always never only";
const BEGINNINGS: [&str; 24] = [
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "l", "m", "n", "p", "pl", "r", "s", "sh",
    "st", "t", "tr", "v", "w",
];
const MIDDLES: [&str; 12] = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou", "a", "e"];
const ENDINGS: [&str; 14] = ["", "n", "r", "l", "s", "t", "nd", "st", "ck", "m", "d", "ng", "p", "rt"];
const SUFFIXES: [&str; 8] = ["", "", "", "s", "ed", "ing", "er", "ly"];
const VOCABULARY: usize = 9_000;
const PHRASES: usize = 16_000;
/// So many parts of a sentence out of so many are phrases that come back.
const KNOWN_PARTS: usize = 6;
const PARTS: usize = 10;

#[derive(Debug)]
pub struct Language {
    words: Vec<String>,
    phrases: Vec<String>,
    random: Random,
}

impl Language {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
        words.resize_with(VOCABULARY, || invent_word(&mut random));
        let phrases = (0..PHRASES).map(|_| invent_phrase(&words, &mut random)).collect();
        Self { words, phrases, random }
    }

    /// Any word, the frequent ones more often.
    pub fn word(&mut self) -> &str {
        &self.words[self.random.skewed(self.words.len())]
    }

    /// Any word but the most frequent ones: what people search for.
    pub fn telling_word(&mut self) -> &str {
        let common = COMMON.split_whitespace().count();
        let at = common + self.random.skewed(self.words.len() - common);
        &self.words[at]
    }

    /// A few words with a capital.
    pub fn title(&mut self) -> String {
        let words: Vec<String> = (0..4).map(|_| self.word().to_owned()).collect();
        capitalised(&words.join(" "))
    }

    /// Paragraphs of about so many bytes, never fewer.
    pub fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 200);
        let mut sentences = 0;
        while text.len() < bytes {
            if sentences > 0 {
                text.push_str(if sentences % 5 == 0 { "\n\n" } else { " " });
            }
            text.push_str(&self.sentence());
            sentences += 1;
        }
        text
    }

    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Known phrases with fresh words between them.
    fn sentence(&mut self) -> String {
        let count = 2 + self.random.below(3);
        let parts: Vec<String> = (0..count)
            .map(|_| match self.random.below(PARTS) {
                0..KNOWN_PARTS => self.phrases[self.random.skewed(PHRASES)].clone(),
                _ => invent_phrase(&self.words, &mut self.random),
            })
            .collect();
        capitalised(&parts.join(" ")) + "."
    }
}

fn invent_word(random: &mut Random) -> String {
    let mut word = String::new();
    for _ in 0..1 + random.below(3) {
        for parts in [&BEGINNINGS[..], &MIDDLES, &ENDINGS] {
            word.push_str(parts[random.below(parts.len())]);
        }
    }
    word + SUFFIXES[random.below(SUFFIXES.len())]
}

fn invent_phrase(words: &[String], random: &mut Random) -> String {
    let count = 3 + random.below(4);
    let words: Vec<&str> = (0..count).map(|_| words[random.skewed(words.len())].as_str()).collect();
    words.join(" ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
