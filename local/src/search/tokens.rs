//! From what people type to a full-text query: words, each quoted, so that nothing typed can be an
//! operator, a column or an error.

/// More words than this are not looked at.
pub const MAX_TOKENS: usize = 16;
/// Longer words are cut.
pub const MAX_TOKEN_CHARS: usize = 64;

/// Words that say nothing about what is meant. Left out unless nothing else is there.
const STOP_WORDS: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could",
    "did", "do", "does", "for", "from", "get", "had", "has", "have", "he", "her", "him", "his", "how", "i",
    "if", "in", "into", "is", "it", "its", "just", "may", "me", "my", "no", "not", "of", "on", "or", "our",
    "s", "she", "should", "so", "some", "t", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why",
    "will", "with", "would", "you", "your",
];

/// Whether all words must be there, or one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    All,
    Any,
}

/// The words that are looked for, in lower case, each once.
pub fn tokens(typed: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in typed.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().take(MAX_TOKEN_CHARS).collect::<String>().to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let (stop, mut telling): (Vec<_>, Vec<_>) =
        words.into_iter().partition(|word| STOP_WORDS.binary_search(&word.as_str()).is_ok());
    if telling.is_empty() {
        telling = stop;
    }
    telling.truncate(MAX_TOKENS);
    telling
}

/// Stands behind a word of which only the beginning is there. No word holds it.
const OPEN: char = '*';
/// The beginning of a word says something from so many letters on.
const MIN_OPEN_CHARS: usize = 2;

/// As [`tokens`], where the last word is not ended yet.
pub fn tokens_typing(typed: &str) -> Vec<String> {
    let mut words = tokens(typed);
    let last =
        typed.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    if last.chars().count() >= MIN_OPEN_CHARS
        && let Some(word) = words.iter_mut().find(|word| **word == last)
    {
        word.push(OPEN);
    }
    words
}

/// The query over these columns; none where there is nothing to look for.
pub fn query(tokens: &[String], columns: &[&str], how: Match) -> Option<String> {
    if tokens.is_empty() || columns.is_empty() {
        return None;
    }
    let joint = match how {
        Match::All => " AND ",
        Match::Any => " OR ",
    };
    let quoted: Vec<String> = tokens.iter().map(|token| quote(token)).collect();
    Some(format!("{{{}}} : ({})", columns.join(" "), quoted.join(joint)))
}

fn quote(token: &str) -> String {
    match token.strip_suffix(OPEN) {
        Some(begun) => format!("\"{begun}\"{OPEN}"),
        None => format!("\"{token}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &[&str]) {
        assert_eq!(tokens(typed), expected, "{typed}");
    }

    #[test]
    fn what_is_typed_becomes_plain_words() {
        check("How do I reset the projector?", &["reset", "projector"]);
        check("who is there", &["who", "is", "there"]);
        check("C++ \"foo\" OR secret:alpha1 NEAR(x)*", &["c", "foo", "secret", "alpha1", "near", "x"]);
        check("Refund refund REFUND", &["refund"]);
        check("¿Dónde está?", &["dónde", "está"]);
        check(" \t\n'%_-", &[]);
        assert_eq!(tokens(&"x".repeat(1000)), ["x".repeat(MAX_TOKEN_CHARS)]);
        let many: Vec<String> = (0..100).map(|number| format!("word{number}")).collect();
        assert_eq!(tokens(&many.join(" ")).len(), MAX_TOKENS);
    }

    #[test]
    fn stop_words_are_in_order_for_the_look_up() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn every_word_is_quoted_and_only_the_tables_columns_are_looked_at() {
        let words = tokens("reset projector");
        let all = query(&words, &["title", "content"], Match::All);
        assert_eq!(all.as_deref(), Some("{title content} : (\"reset\" AND \"projector\")"));
        let any = query(&words, &["title"], Match::Any);
        assert_eq!(any.as_deref(), Some("{title} : (\"reset\" OR \"projector\")"));
        assert_eq!(query(&[], &["title"], Match::All), None);
        let typing = query(&tokens_typing("reset the proj"), &["title"], Match::All);
        assert_eq!(typing.as_deref(), Some("{title} : (\"reset\" AND \"proj\"*)"));
        assert_eq!(tokens_typing("reset proj "), ["reset", "proj"]);
        assert_eq!(tokens_typing("reset p"), ["reset", "p"]);
        assert_eq!(tokens_typing("x*"), ["x"]);
    }
}
