//! Markdown as people read it: HTML that can neither load nor run anything, an outline, the
//! passage that answers best, and plain text for a customer.
//!
//! A small writer of our own makes the HTML from the parser's events, so that nothing of the text
//! is ever a tag; then a sanitiser with a small list of what is allowed looks at it again. Absent
//! on purpose: addresses that a webview would follow, images, raw HTML (it is shown as text).

use guildhall_sync::model::knowledge::MAX_PAGE_BYTES;
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::ops::Range;

mod clean;
mod outline;
mod plain;
mod section;
mod target;
mod writer;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub html: String,
    pub outline: Vec<Heading>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    pub text: String,
    /// The id of the heading in the HTML: begins with `h-`, so it is no name that a page has.
    pub anchor: String,
    /// In the source, counted from 0.
    pub line: usize,
}

/// The part of a page that answers best.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    pub heading: Option<String>,
    /// The text below the heading, with the found words in `<mark>`.
    pub html: String,
    /// The same text without Markdown, for a customer.
    pub copy: String,
}

/// An event with its place in the source.
type Placed<'a> = (Event<'a>, Range<usize>);

pub fn render(text: &str) -> Rendered {
    let text = within_limits(text);
    let events = parse(text);
    let outline = outline::read(text, &events);
    let html = writer::write(text, &events, &outline, &[], 0..text.len());
    Rendered { html: clean::clean(&html), outline }
}

/// `marks` are the places of the found words in `text`, in order.
pub fn passage(text: &str, marks: &[Range<usize>]) -> Passage {
    let text = within_limits(text);
    let events = parse(text);
    let outline = outline::read(text, &events);
    let section = section::best(text, &events, marks);
    let html = writer::write(text, &events, &outline, marks, section.window.clone());
    let copy = plain::write(text, &events, section.window);
    Passage { heading: section.heading, html: clean::clean(&html), copy }
}

/// The whole text without Markdown.
pub fn plain(text: &str) -> String {
    let text = within_limits(text);
    plain::write(text, &parse(text), 0..text.len())
}

fn parse(text: &str) -> Vec<Placed<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(text, options).into_offset_iter().collect()
}

/// No stored page is longer. What somebody types beyond it is refused when it is saved.
fn within_limits(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_PAGE_BYTES)]
}

/// The words of what stands between a start and its end: `events` begins with the start.
fn text_within(events: &[Placed<'_>]) -> String {
    let (mut text, mut depth) = (String::new(), 0_usize);
    for (event, _) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn is_heading(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { .. }))
}
