//! Texts as screens show them: Markdown as safe HTML with its outline, and what differs between two.

use crate::app::App;
use crate::failure::Failure;
use guildhall_local::{compare, markdown};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, Deserialize, TS)]
pub struct RenderRequest {
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Rendered {
    /// Safe to be shown as it is.
    pub html: String,
    pub outline: Vec<Heading>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Heading {
    pub level: u8,
    pub text: String,
    /// The id of the heading in the HTML.
    pub anchor: String,
    /// Its line in the source; the first is 0.
    pub line: usize,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct TextPair {
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Diff {
    /// How many paragraphs are different.
    pub changed: usize,
    pub hunks: Vec<Hunk>,
}

/// One paragraph or block, on both sides; of an unchanged one both are equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Hunk {
    pub is_changed: bool,
    pub before: Vec<Span>,
    pub after: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Span {
    pub text: String,
    pub is_changed: bool,
}

pub fn render(_: &App, request: RenderRequest) -> Result<Rendered, Failure> {
    Ok(Rendered::of(&request.text))
}

pub fn compare_texts(_: &App, request: TextPair) -> Result<Diff, Failure> {
    Ok(Diff::between(&request.before, &request.after))
}

impl Rendered {
    pub fn of(text: &str) -> Self {
        let rendered = markdown::render(text);
        let heading = |heading: markdown::Heading| Heading {
            level: heading.level,
            text: heading.text,
            anchor: heading.anchor,
            line: heading.line,
        };
        Self { html: rendered.html, outline: rendered.outline.into_iter().map(heading).collect() }
    }
}

impl Diff {
    pub fn between(before: &str, after: &str) -> Self {
        let diff = compare::compare(before, after);
        let spans = |spans: Vec<compare::Span>| {
            spans.into_iter().map(|span| Span { text: span.text, is_changed: span.is_changed }).collect()
        };
        let hunk = |hunk: compare::Hunk| Hunk {
            is_changed: hunk.is_changed,
            before: spans(hunk.before),
            after: spans(hunk.after),
        };
        Self { changed: diff.changed, hunks: diff.hunks.into_iter().map(hunk).collect() }
    }
}
