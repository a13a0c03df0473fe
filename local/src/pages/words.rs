//! Whether a name holds the words that somebody types to narrow a list: any part of a word, in any
//! order, whatever the case and the accents. The mirror asks it as `holds_words(name, folded)`.

use crate::error::Result;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// In small letters without accents.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    text.trim().nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// `words` are folded already.
pub fn holds(name: &str, words: &str) -> bool {
    let name = folded(name);
    words.split_whitespace().all(|word| name.contains(word))
}

/// Makes it known to a connection.
pub fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("holds_words", 2, flags, |asked| {
        let text = |at| asked.get_raw(at).as_str().unwrap_or_default();
        Ok(holds(text(0), text(1)))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_words_are_found_in_any_order_whatever_the_accents() {
        for (name, typed, expected) in [
            ("Refunds to a card booking/refunds", "card ref", true),
            ("Refunds to a card booking/refunds", "book/", false),
            ("Refunds to a card booking/refunds", "ING/REF", true),
            ("Öffnung des Cafés", "cafe offn", true),
            ("ΑΘΗΝΑ", "αθηνα", true),
            ("anything", "", true),
            ("anything", "other", false),
        ] {
            assert_eq!(holds(name, &folded(typed)), expected, "{typed} in {name}");
        }
    }
}
