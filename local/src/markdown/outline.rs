//! The headings of a page, with a name for each that no page can choose freely.

use super::{Heading, Placed, is_heading, text_within};
use pulldown_cmark::{Event, Tag};

/// The longest part of an anchor that is made of words.
const MAX_SLUG_CHARS: usize = 48;

pub fn read(text: &str, events: &[Placed<'_>]) -> Vec<Heading> {
    let (mut outline, mut line, mut at) = (Vec::new(), 0, 0);
    for (place, (event, range)) in events.iter().enumerate().filter(|(_, (event, _))| is_heading(event)) {
        let Event::Start(Tag::Heading { level, .. }) = event else { continue };
        let start = range.start.max(at);
        line += text.as_bytes()[at..start].iter().filter(|byte| **byte == b'\n').count();
        at = start;
        let title = text_within(&events[place..]);
        let anchor = format!("h-{}-{}", outline.len() + 1, slug(&title));
        let anchor = anchor.trim_end_matches('-').to_owned();
        outline.push(Heading { level: *level as u8, text: title, anchor, line });
    }
    outline
}

/// Letters and digits in lower case, with `-` between the words.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let cut: String = slug.chars().take(MAX_SLUG_CHARS).collect();
    cut.trim_end_matches('-').to_owned()
}
