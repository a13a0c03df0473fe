//! The lines before a page, from `---` to the next `---`: where they end, what they say of the
//! page, and how to say more in them. Their text is never laid out anew.
//!
//! A file is its front matter followed by its content, byte for byte. The mark that some editors
//! put before UTF-8 text, and blank lines after the front matter, belong to the front matter, so
//! that the content begins with its first line.

use guildhall_sync::model::knowledge::{PageStatus, Sensitivity};
use guildhall_sync::text_enum;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

const MARK: char = '\u{feff}';
const FENCE: &str = "---";

/// What a page says of itself. None where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub title: Option<String>,
    /// The slug or the name of an assistant.
    pub assistant: Option<String>,
    pub sensitivity: Option<Sensitivity>,
    pub pinned: Option<bool>,
    pub status: Option<PageStatus>,
}

/// Front matter that cannot be read, with the line of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct Broken {
    pub line: usize,
    pub fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the front matter that begins here has no closing `---`")]
    NotClosed,
    #[error("the front matter is not a list of `name: value`")]
    NotPairs,
    #[error("the front matter is not YAML: {0}")]
    NotYaml(String),
    #[error("`{0}` is given twice")]
    Twice(Name),
    #[error("`{0}` must be a single word or line")]
    NotAScalar(Name),
    #[error("`{name}` is {found:?} and must be one of: {}", words.join(", "))]
    NotOneOf { name: Name, found: String, words: &'static [&'static str] },
    #[error("`{0}` holds a control character")]
    Control(Name),
}

text_enum! {
    /// The names that are read; all others are left to other programs.
    Name {
        Title = "title",
        Assistant = "assistant",
        Sensitivity = "sensitivity",
        Pinned = "pinned",
        Status = "status",
    }
}

const FLAGS: &[&str] = &["true", "false"];

/// Parts a file into front matter and content.
pub fn part(text: &str) -> Result<(&str, &str), Broken> {
    let before = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let Some(block) = find_block(&text[before..])? else {
        return Ok(text.split_at(before));
    };
    let after = &text[before + block.end..];
    let blank: usize =
        after.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    Ok(text.split_at(before + block.end + blank))
}

/// What the front matter says.
pub fn read(front_matter: &str) -> Result<Facts, Broken> {
    let mut facts = Facts::default();
    for said in list_said(front_matter)? {
        let at = |fault| Broken { line: said.first_line + 1, fault };
        facts.take(said.name, said.value.clone()).map_err(at)?;
    }
    Ok(facts)
}

/// The same front matter with `name` saying `value`, which is YAML on one line. Other lines stay
/// as they are. None where that name stands in a place that cannot be changed line by line.
pub fn with(front_matter: &str, name: Name, value: &str) -> Option<String> {
    let before = if front_matter.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let (mark, rest) = front_matter.split_at(before);
    let Ok(Some(block)) = find_block(rest) else {
        return Some(format!("{mark}{FENCE}\n{name}: {value}\n{FENCE}\n\n{rest}"));
    };
    let end = if rest.split_inclusive('\n').next()?.ends_with("\r\n") { "\r\n" } else { "\n" };
    let line = format!("{name}: {value}{end}");
    let lines: Vec<&str> = rest[..block.end].split_inclusive('\n').collect();
    let place = list_said(front_matter).ok()?.into_iter().find(|said| said.name == name);
    let closing = lines.len() - 1;
    let (first, last) = place.map_or((closing, closing - 1), |said| (said.first_line, said.last_line));
    let kept = [&lines[..first], &[line.as_str()][..], &lines[last + 1..]].concat().concat();
    Some(format!("{mark}{kept}{}", &rest[block.end..]))
}

/// Where the front matter lies: its YAML, and the end of the closing line.
struct Block {
    yaml: std::ops::Range<usize>,
    end: usize,
}

fn find_block(text: &str) -> Result<Option<Block>, Broken> {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == FENCE) else {
        return Ok(None);
    };
    let mut end = first.len();
    for line in lines.clone() {
        let start = end;
        end += line.len();
        if line.trim_end() == FENCE {
            return Ok(Some(Block { yaml: first.len()..start, end }));
        }
    }
    // A page may begin with a line drawn across it; one that goes on like front matter is meant as such.
    match lines.next() {
        Some(next) if begins_with_name(next) => Err(Broken { line: 1, fault: Fault::NotClosed }),
        _ => Ok(None),
    }
}

fn begins_with_name(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    line.contains(':')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

/// A name that is read here, with what it says. Lines count from 1 after the opening one.
struct Said {
    name: Name,
    value: Option<Scalar>,
    first_line: usize,
    last_line: usize,
}

#[derive(Clone)]
struct Scalar {
    text: String,
    is_plain: bool,
}

fn list_said(front_matter: &str) -> Result<Vec<Said>, Broken> {
    let text = front_matter.trim_start_matches(MARK);
    let Some(block) = find_block(text)? else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Said> = Vec::new();
    for pair in read_nodes(&text[block.yaml])?.chunks_exact(2) {
        let Some(name) = pair[0].scalar.as_ref().and_then(|key| Name::from_word(&key.text)) else {
            continue;
        };
        let first_line = pair[0].first_line;
        if found.iter().any(|said| said.name == name) {
            return Err(Broken { line: first_line + 1, fault: Fault::Twice(name) });
        }
        found.push(Said { name, value: pair[1].scalar.clone(), first_line, last_line: pair[1].last_line });
    }
    Ok(found)
}

/// A key or a value of the outermost mapping. What is not a scalar is not looked into.
struct Node {
    scalar: Option<Scalar>,
    first_line: usize,
    last_line: usize,
}

/// Keys and values of the outermost mapping, in turn.
fn read_nodes(yaml: &str) -> Result<Vec<Node>, Broken> {
    let mut nodes = Vec::new();
    let mut depth = 0_usize;
    for event in Parser::new_from_str(yaml) {
        let (event, span) = event.map_err(|error| Broken {
            line: error.marker().line() + 1,
            fault: Fault::NotYaml(error.info().to_owned()),
        })?;
        let starts_node = matches!(
            event,
            Event::Scalar(..) | Event::Alias(_) | Event::SequenceStart(..) | Event::MappingStart(..)
        );
        if depth == 0 && starts_node && !matches!(event, Event::MappingStart(..)) {
            return Err(Broken { line: span.start.line() + 1, fault: Fault::NotPairs });
        }
        if depth == 1 && starts_node {
            nodes.push(Node::new(&event, span));
        }
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            _ => {}
        }
    }
    Ok(nodes)
}

impl Node {
    fn new(event: &Event<'_>, span: Span) -> Self {
        let scalar = match event {
            Event::Scalar(text, style, ..) => {
                Some(Scalar { text: text.to_string(), is_plain: *style == ScalarStyle::Plain })
            }
            _ => None,
        };
        let (first_line, end) = (span.start.line(), span.end);
        // A block of text ends where the line after it begins.
        let last_line = if end.col() == 0 && end.line() > first_line { end.line() - 1 } else { end.line() };
        Self { scalar, first_line, last_line }
    }
}

impl Facts {
    fn take(&mut self, name: Name, value: Option<Scalar>) -> Result<(), Fault> {
        let Scalar { text, is_plain } = value.ok_or(Fault::NotAScalar(name))?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || is_plain && matches!(text.as_str(), "~" | "null") {
            return Ok(());
        }
        if text.chars().any(char::is_control) {
            return Err(Fault::Control(name));
        }
        let word = text.to_lowercase();
        let one_of = |words| Fault::NotOneOf { name, found: text.clone(), words };
        match name {
            Name::Title => self.title = Some(text),
            Name::Assistant => self.assistant = Some(text),
            Name::Sensitivity => {
                let found = Sensitivity::from_word(&word);
                self.sensitivity = Some(found.ok_or_else(|| one_of(Sensitivity::WORDS))?);
            }
            Name::Pinned => {
                let found = FLAGS.contains(&word.as_str()).then_some(word == "true");
                self.pinned = Some(found.ok_or_else(|| one_of(FLAGS))?);
            }
            Name::Status => {
                let found = PageStatus::from_word(&word);
                self.status = Some(found.ok_or_else(|| one_of(PageStatus::WORDS))?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
