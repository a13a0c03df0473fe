//! A page between file and row: what its text means for the columns of an SOP, and the text that
//! an SOP is written as. Pure.

use super::front_matter::{self, Facts, Name};
use super::refusal::Refusal;
use guildhall_sync::id::AssistantId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::{PageStatus, Sensitivity, Sop};

/// The assistant of a page that names none and lies in no assistant's folder.
pub const GENERAL: &str = "general";

/// What a page's text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub title: String,
    pub assistant_id: AssistantId,
    pub sensitivity: Sensitivity,
    pub is_pinned: bool,
    pub status: PageStatus,
}

/// Where a page stands, and who could answer from it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub category: &'a str,
    pub section: &'a str,
    pub assistants: &'a [Assistant],
}

impl<'a> Place<'a> {
    pub fn of(sop: &'a Sop, assistants: &'a [Assistant]) -> Self {
        Self { category: &sop.category, section: &sop.section, assistants }
    }

    /// By its short name, or by the name that people call it.
    fn get_assistant(self, name: &str) -> Result<AssistantId, Refusal> {
        let by_slug = self.assistants.iter().find(|assistant| assistant.slug == name);
        let by_name =
            || self.assistants.iter().find(|found| found.name.to_lowercase() == name.to_lowercase());
        let found = by_slug.or_else(by_name);
        found.map(|assistant| assistant.id).ok_or_else(|| Refusal::NoAssistant(name.to_owned()))
    }

    /// The one whose short name the outermost folder has, else the general one.
    fn assistant_of_folder(self) -> Result<AssistantId, Refusal> {
        let folder = self.category.split('/').next().unwrap_or_default().replace('-', "_");
        let found = self.assistants.iter().find(|assistant| assistant.slug == folder);
        found.map_or_else(|| self.get_assistant(GENERAL), |assistant| Ok(assistant.id))
    }
}

/// Reads a page. Its title is that of the front matter, else its first heading, else its name.
pub fn read(front_matter: &str, content: &str, place: Place) -> Result<Meaning, Refusal> {
    let Facts { title, assistant, sensitivity, pinned, status } = front_matter::read(front_matter)?;
    let title = title.or_else(|| find_heading(content)).unwrap_or_else(|| place.section.to_owned());
    let assistant_id = match assistant {
        Some(name) => place.get_assistant(&name)?,
        None => place.assistant_of_folder()?,
    };
    Ok(Meaning {
        title,
        assistant_id,
        sensitivity: sensitivity.unwrap_or(Sensitivity::Internal),
        is_pinned: pinned.unwrap_or(false),
        status: status.unwrap_or(PageStatus::Published),
    })
}

impl Meaning {
    pub fn of(sop: &Sop) -> Self {
        Self {
            title: sop.title.clone(),
            assistant_id: sop.assistant_id,
            sensitivity: sop.sensitivity,
            is_pinned: sop.is_pinned,
            status: sop.status,
        }
    }
}

/// The text of the SOP's file: byte for byte as it came, unless the SOP got another title,
/// assistant and so on since. Then the front matter says so, where it can be made to.
pub fn text_of(sop: &Sop, assistants: &[Assistant]) -> String {
    let (kept, content) = (&sop.front_matter, &sop.content.0);
    let wanted = Meaning::of(sop);
    let place = Place::of(sop, assistants);
    let front_matter = if holds_apart(kept, content) { kept.clone() } else { format!("{kept}---\n---\n\n") };
    let said = unsaid(&front_matter, content, &wanted, place)
        .into_iter()
        .try_fold(front_matter.clone(), |front_matter, (name, value)| {
            front_matter::with(&front_matter, name, &value)
        });
    let is_right = |said: &String| {
        holds_apart(said, content) && read(said, content, place).is_ok_and(|meaning| meaning == wanted)
    };
    format!("{}{content}", said.filter(is_right).unwrap_or(front_matter))
}

/// Whether the two would be parted again where they were put together. Blank lines between them
/// may go to either.
fn holds_apart(front_matter: &str, content: &str) -> bool {
    let text = format!("{front_matter}{content}");
    let ends = [front_matter.len(), text.len() - without_blank_lines(content).len()];
    front_matter::part(&text).is_ok_and(|(before, _)| (ends[0]..=ends[1]).contains(&before.len()))
}

fn without_blank_lines(text: &str) -> &str {
    let blank = text.split_inclusive('\n').take_while(|line| line.trim().is_empty());
    &text[blank.map(str::len).sum()..]
}

/// What the text does not say, as the lines that would say it.
fn unsaid(front_matter: &str, content: &str, wanted: &Meaning, place: Place) -> Vec<(Name, String)> {
    let Ok(said) = read(front_matter, content, place) else { return Vec::new() };
    let mut lines = Vec::new();
    if said.title != wanted.title {
        lines.push((Name::Title, quoted(&wanted.title)));
    }
    if said.assistant_id != wanted.assistant_id {
        let found = place.assistants.iter().find(|assistant| assistant.id == wanted.assistant_id);
        lines.extend(found.map(|assistant| (Name::Assistant, quoted(&assistant.slug))));
    }
    if said.sensitivity != wanted.sensitivity {
        lines.push((Name::Sensitivity, wanted.sensitivity.word().to_owned()));
    }
    if said.is_pinned != wanted.is_pinned {
        lines.push((Name::Pinned, wanted.is_pinned.to_string()));
    }
    if said.status != wanted.status {
        lines.push((Name::Status, wanted.status.word().to_owned()));
    }
    lines
}

/// Plain where YAML would read nothing else in it; a string of JSON is one of YAML.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ')
        && text.trim() == text
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off"
        );
    if is_plain { text.to_owned() } else { serde_json::to_string(text).expect("text can always be printed") }
}

/// The first heading outside code, without its marks: `# A heading` or one underlined with `=`.
fn find_heading(content: &str) -> Option<String> {
    let mut fence: Option<&str> = None;
    let mut before = "";
    for line in content.lines() {
        let text = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => {
                let heading = marked_heading(line).or_else(|| underlined(before, text));
                if let Some(heading) = heading.filter(|heading| !heading.is_empty()) {
                    return Some(heading.to_owned());
                }
            }
        }
        before = text;
    }
    None
}

fn marked_heading(line: &str) -> Option<&str> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let text = line.trim();
    let rest = text.trim_start_matches('#');
    let level = text.len() - rest.len();
    let is_heading = indent < 4 && (1..=6).contains(&level) && rest.starts_with([' ', '\t']);
    let closed = rest.trim();
    let open = closed.trim_end_matches('#');
    let title = if open.is_empty() || open.ends_with(' ') { open.trim() } else { closed };
    is_heading.then_some(title)
}

fn underlined<'a>(before: &'a str, text: &str) -> Option<&'a str> {
    (!before.is_empty() && !text.is_empty() && text.chars().all(|c| c == '=')).then_some(before)
}

#[cfg(test)]
mod tests;
