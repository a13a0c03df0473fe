//! A text as one would say it to a customer: no Markdown, lists that can be read, tables as lines.
//! What is struck out, comments and raw HTML are left out: they are not meant for them.

use super::Placed;
use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

/// Deeper lists are not moved further in.
const MAX_INDENT: usize = 8;

pub fn write(source: &str, events: &[Placed<'_>], window: Range<usize>) -> String {
    let mut plain = Plain { source, window, ..Plain::default() };
    for (event, range) in events {
        plain.event(event, range);
    }
    plain.text.trim().to_owned()
}

#[derive(Default)]
struct Plain<'a> {
    source: &'a str,
    window: Range<usize>,
    text: String,
    lists: Vec<Option<u64>>,
    /// Open things whose text is left out.
    hidden: usize,
    /// Where the text of each open link began, and where it leads.
    links: Vec<(usize, String)>,
    heads: Vec<String>,
    cells: Vec<String>,
    /// Where the open cell began.
    cell: usize,
}

impl Plain<'_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let is_shown = range.start < self.window.end && range.end > self.window.start;
        match event {
            Event::Start(tag) => self.start(tag, is_shown),
            Event::End(end) => self.end(*end, is_shown),
            _ if !is_shown || self.hidden > 0 => {}
            Event::Text(text) | Event::Code(text) => self.words(text, range),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.new_line(),
            Event::InlineHtml(html) if html.to_ascii_lowercase().starts_with("<br") => self.new_line(),
            Event::Rule => self.new_block(),
            Event::TaskListMarker(is_done) => self.text.push_str(if *is_done { "☑ " } else { "☐ " }),
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    /// Of a text that the window cuts, what lies in it.
    fn words(&mut self, text: &str, range: &Range<usize>) {
        let is_inside = range.start >= self.window.start && range.end <= self.window.end;
        let cut = range.start.max(self.window.start)..range.end.min(self.window.end);
        match self.source.get(cut) {
            Some(part) if !is_inside && self.source.get(range.clone()) == Some(text) => {
                self.text.push_str(part)
            }
            _ => self.text.push_str(text),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, is_shown: bool) {
        match tag {
            Tag::List(first) => {
                self.lists.push(*first);
                if is_shown {
                    self.new_line()
                }
            }
            Tag::Item => self.item(is_shown),
            Tag::Paragraph if self.lists.is_empty() && is_shown => self.new_block(),
            Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) if is_shown => self.new_block(),
            Tag::Strikethrough | Tag::HtmlBlock | Tag::FootnoteDefinition(_) => self.hidden += 1,
            Tag::Link { dest_url, .. } => self.links.push((self.text.len(), dest_url.to_string())),
            Tag::TableHead => self.heads.clear(),
            Tag::TableRow => self.cells.clear(),
            Tag::TableCell => self.cell = self.text.len(),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd, is_shown: bool) {
        match end {
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() && is_shown {
                    self.new_block()
                }
            }
            TagEnd::Paragraph if !self.lists.is_empty() && is_shown => self.new_line(),
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table if is_shown => {
                self.new_block()
            }
            TagEnd::Strikethrough | TagEnd::HtmlBlock | TagEnd::FootnoteDefinition => self.hidden -= 1,
            TagEnd::Link => self.link(),
            TagEnd::TableCell => {
                let cell = self.text.split_off(self.cell.min(self.text.len()));
                self.cells.push(cell.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            TagEnd::TableHead => self.heads = std::mem::take(&mut self.cells),
            TagEnd::TableRow if is_shown => self.row(),
            _ => {}
        }
    }

    fn item(&mut self, is_shown: bool) {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(MAX_INDENT));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            Some(None) | None => "• ".to_owned(),
        };
        if is_shown {
            self.new_line();
            self.text.push_str(&indent);
            self.text.push_str(&mark);
        }
    }

    /// Says where a link leads where its text does not.
    fn link(&mut self) {
        let Some((start, target)) = self.links.pop() else { return };
        let said = self.text.get(start..).unwrap_or_default();
        let address = target.strip_prefix("mailto:").or(target.strip_prefix("tel:")).unwrap_or(&target);
        let is_address = target.starts_with("https://") || target.starts_with("http://") || address != target;
        if is_address && !said.is_empty() && said != address && said != target {
            self.text.push_str(&format!(" ({address})"));
        }
    }

    /// `Day: Monday, Opens: 9:00`.
    fn row(&mut self) {
        let cells = self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        let named = cells.map(|(at, cell)| match self.heads.get(at).filter(|head| !head.is_empty()) {
            Some(head) => format!("{head}: {cell}"),
            None => cell.clone(),
        });
        let line = named.collect::<Vec<_>>().join(", ");
        self.new_line();
        self.text.push_str(&line);
    }

    fn new_line(&mut self) {
        let kept = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(kept);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn new_block(&mut self) {
        self.new_line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}
