//! HTML from the parser's events. Every byte of the text goes through [`Writer::escaped`]; tags
//! and attributes are written here and nowhere else. Deep nesting is written flat from a limit on.

use super::clean::{LANGUAGES, class_of};
use super::{Heading, Placed, target};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, Tag, TagEnd};
use std::collections::HashMap;
use std::ops::Range;

/// Lists in lists, quotes in quotes and emphasis in emphasis beyond this show no deeper. What reads
/// the HTML looks at all open tags again and again.
const MAX_LISTS: usize = 64;
const MAX_QUOTES: usize = 32;
const MAX_INLINES: usize = 16;

/// What is written of `events` inside `window`, a range of `text`; words at `marks` are marked.
pub fn write(
    text: &str,
    events: &[Placed<'_>],
    outline: &[Heading],
    marks: &[Range<usize>],
    window: Range<usize>,
) -> String {
    let mut writer = Writer {
        text,
        outline,
        marks,
        window,
        html: String::with_capacity(text.len() + text.len() / 4),
        open: Vec::new(),
        lists: Vec::new(),
        counts: [0; 3],
        headings: 0,
        alignments: Vec::new(),
        cell: 0,
        is_head: false,
        footnotes: HashMap::new(),
    };
    for (event, range) in events {
        writer.event(event, range);
    }
    writer.html
}

struct Writer<'a> {
    text: &'a str,
    outline: &'a [Heading],
    marks: &'a [Range<usize>],
    window: Range<usize>,
    html: String,
    /// What closes each open element; nothing where it was not written.
    open: Vec<(&'static str, Option<Nested>)>,
    lists: Vec<List>,
    /// Of each kind, how many are open.
    counts: [usize; 3],
    /// So many headings have been passed.
    headings: usize,
    alignments: Vec<Alignment>,
    cell: usize,
    is_head: bool,
    footnotes: HashMap<String, usize>,
}

/// What nests without a limit in Markdown.
#[derive(Clone, Copy)]
enum Nested {
    List,
    Quote,
    Inline,
}

struct List {
    next: Option<u64>,
    /// Whether an item before the next one was left out, so that its number has to be said.
    has_gap: bool,
}

impl Nested {
    const fn limit(self) -> usize {
        match self {
            Self::List => MAX_LISTS,
            Self::Quote => MAX_QUOTES,
            Self::Inline => MAX_INLINES,
        }
    }
}

impl Writer<'_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let is_shown = range.start < self.window.end && range.end > self.window.start;
        match event {
            Event::Start(tag) => self.start(tag, is_shown),
            Event::End(end) => self.end(*end),
            _ if !is_shown => {}
            Event::Text(text) => self.marked(text, range),
            Event::Code(text) => {
                self.html.push_str("<code dir=\"auto\">");
                self.marked(text, range);
                self.html.push_str("</code>");
            }
            Event::Html(text) => self.marked(text, range),
            Event::InlineHtml(text) if is_line_break(text) => self.html.push_str("<br>"),
            Event::InlineHtml(text) => {
                self.html.push_str("<span class=\"raw\">");
                self.marked(text, range);
                self.html.push_str("</span>");
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(true) => self.task("Done", '☑'),
            Event::TaskListMarker(false) => self.task("Not done", '☐'),
            Event::FootnoteReference(name) => self.footnote_reference(name),
            // Not asked of the parser.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.escaped(text),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, is_shown: bool) {
        match tag {
            Tag::Item => return self.item(is_shown),
            Tag::List(first) => self.lists.push(List { next: *first, has_gap: false }),
            Tag::Heading { .. } => self.headings += 1,
            Tag::Table(alignments) => self.alignments.clone_from(alignments),
            Tag::TableHead => (self.is_head, self.cell) = (true, 0),
            Tag::TableRow => self.cell = 0,
            _ => {}
        }
        if !is_shown {
            return self.open.push(("", None));
        }
        match tag {
            Tag::Paragraph if self.lists.is_empty() => self.block("<p dir=\"auto\">", "</p>\n"),
            // In a list, all its text together says the direction.
            Tag::Paragraph => self.block("<p>", "</p>\n"),
            Tag::Heading { level, .. } => self.heading(*level as usize),
            Tag::BlockQuote(_) => self.nested(Nested::Quote, "<blockquote>\n", "</blockquote>\n"),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::HtmlBlock => self.block("<pre class=\"raw\" dir=\"ltr\" tabindex=\"0\">", "</pre>\n"),
            Tag::List(None) => self.nested(Nested::List, "<ul dir=\"auto\">\n", "</ul>\n"),
            Tag::List(Some(1)) => self.nested(Nested::List, "<ol dir=\"auto\">\n", "</ol>\n"),
            Tag::List(Some(first)) => {
                let ordered = format!("<ol dir=\"auto\" start=\"{first}\">\n");
                self.nested(Nested::List, &ordered, "</ol>\n");
            }
            Tag::FootnoteDefinition(name) => {
                let number = self.footnote(name);
                self.block(
                    &format!("<div class=\"footnote\" id=\"n-{number}\"><sup>{number}</sup> "),
                    "</div>\n",
                );
            }
            Tag::Table(_) => {
                let open =
                    "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n";
                self.block(open, "</table></div>\n");
            }
            Tag::TableHead => self.block("<thead><tr>", "</tr></thead>\n"),
            Tag::TableRow => self.block("<tr>", "</tr>\n"),
            Tag::TableCell => self.table_cell(),
            Tag::Emphasis => self.nested(Nested::Inline, "<em>", "</em>"),
            Tag::Strong => self.nested(Nested::Inline, "<strong>", "</strong>"),
            Tag::Strikethrough => self.nested(Nested::Inline, "<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.link(dest_url),
            Tag::Image { .. } => self.block("<span class=\"picture\">", "</span>"),
            // Not asked of the parser; their words are written.
            Tag::Item
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => self.block("", ""),
            #[allow(unreachable_patterns, reason = "the parser may learn more")]
            _ => self.block("", ""),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::TableHead => self.is_head = false,
            TagEnd::TableCell => self.cell += 1,
            _ => {}
        }
        let (close, nested) = self.open.pop().unwrap_or(("", None));
        self.html.push_str(close);
        if let Some(nested) = nested {
            self.counts[nested as usize] -= 1;
        }
    }

    fn block(&mut self, open: &str, close: &'static str) {
        self.html.push_str(open);
        self.open.push((close, None));
    }

    fn nested(&mut self, kind: Nested, open: &str, close: &'static str) {
        let count = &mut self.counts[kind as usize];
        *count += 1;
        if *count <= kind.limit() {
            self.html.push_str(open);
            self.open.push((close, Some(kind)));
        } else {
            self.open.push(("", Some(kind)));
        }
    }

    fn heading(&mut self, level: usize) {
        const CLOSE: [&str; 6] = ["</h1>\n", "</h2>\n", "</h3>\n", "</h4>\n", "</h5>\n", "</h6>\n"];
        let anchor = self.outline.get(self.headings - 1).map_or("", |heading| heading.anchor.as_str());
        let open = format!("<h{level} id=\"{anchor}\" dir=\"auto\">");
        self.block(&open, CLOSE[level.clamp(1, 6) - 1]);
    }

    fn item(&mut self, is_shown: bool) {
        let is_deep = self.counts[Nested::List as usize] > MAX_LISTS;
        let Some(list) = self.lists.last_mut() else { return self.open.push(("", None)) };
        let number = list.next.filter(|_| list.has_gap);
        list.next = list.next.map(|next| next.saturating_add(1));
        list.has_gap = !is_shown;
        match (is_shown, number) {
            (false, _) => self.open.push(("", None)),
            // Items of lists that are not written any more are lines of the item that is.
            (true, _) if is_deep => self.block("<br>", ""),
            (true, None) => self.block("<li>", "</li>\n"),
            (true, Some(number)) => self.block(&format!("<li value=\"{number}\">"), "</li>\n"),
        }
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        let named = match kind {
            CodeBlockKind::Fenced(named) => named.split([' ', ',', '{']).next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let language = LANGUAGES.iter().find(|language| language.eq_ignore_ascii_case(named));
        let class = language.map(|language| format!(" class=\"{}\"", class_of(language))).unwrap_or_default();
        self.block(&format!("<pre dir=\"ltr\" tabindex=\"0\"><code{class}>"), "</code></pre>\n");
    }

    fn table_cell(&mut self) {
        let class = match self.alignments.get(self.cell) {
            Some(Alignment::Center) => " class=\"to-center\"",
            Some(Alignment::Right) => " class=\"to-right\"",
            Some(Alignment::Left | Alignment::None) | None => "",
        };
        if self.is_head {
            self.block(&format!("<th scope=\"col\" dir=\"auto\"{class}>"), "</th>");
        } else {
            self.block(&format!("<td dir=\"auto\"{class}>"), "</td>");
        }
    }

    fn link(&mut self, destination: &str) {
        match target::read(destination, self.outline) {
            Some(target) => {
                self.html.push_str("<a data-to=\"");
                self.escaped(&target);
                self.block("\" role=\"link\" tabindex=\"0\">", "</a>");
            }
            None => self.block("", ""),
        }
    }

    fn task(&mut self, words: &str, sign: char) {
        let task = format!("<span class=\"task\" role=\"img\" aria-label=\"{words}\">{sign}</span> ");
        self.html.push_str(&task);
    }

    fn footnote(&mut self, name: &str) -> usize {
        let next = self.footnotes.len() + 1;
        *self.footnotes.entry(name.to_owned()).or_insert(next)
    }

    fn footnote_reference(&mut self, name: &str) {
        let number = self.footnote(name);
        let link = format!("<sup><a data-to=\"#n-{number}\" role=\"link\" tabindex=\"0\">{number}</a></sup>");
        self.html.push_str(&link);
    }

    /// Words at marks are marked where the text stands in the source as it is, which all but
    /// entities and escapes do.
    fn marked(&mut self, text: &str, range: &Range<usize>) {
        let start = match self.text.get(range.clone()).and_then(|source| source.find(text)) {
            Some(offset) => range.start + offset,
            None => return self.escaped(text),
        };
        let end = start + text.len();
        let mut at = start.max(self.text.ceil_char_boundary(self.window.start)).min(end);
        let end = end.min(self.text.floor_char_boundary(self.window.end)).max(at);
        let first = self.marks.partition_point(|mark| mark.end <= at);
        let marks = self.marks;
        for mark in marks[first..].iter().take_while(|mark| mark.start < end) {
            let (from, to) = (mark.start.max(at), mark.end.min(end));
            if let (Some(before), Some(word)) = (self.text.get(at..from), self.text.get(from..to)) {
                self.escaped(before);
                self.html.push_str("<mark>");
                self.escaped(word);
                self.html.push_str("</mark>");
                at = to;
            }
        }
        let rest = &self.text[at..end];
        self.escaped(rest);
    }

    fn escaped(&mut self, text: &str) {
        let mut done = 0;
        for (at, letter) in text.bytes().enumerate() {
            let escape = match letter {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                0 => "\u{fffd}",
                _ => continue,
            };
            self.html.push_str(&text[done..at]);
            self.html.push_str(escape);
            done = at + 1;
        }
        self.html.push_str(&text[done..]);
    }
}

/// The one piece of HTML that people write into tables of Markdown.
fn is_line_break(html: &str) -> bool {
    let inner = html.trim_matches(['<', '>']).trim_end_matches('/').trim();
    inner.eq_ignore_ascii_case("br")
}
