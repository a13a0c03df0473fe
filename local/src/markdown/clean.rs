//! The second look at the HTML: only these tags, only these attributes, and none that holds an
//! address.

use super::target;
use ammonia::Builder;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Languages that a block of code may be marked as.
pub const LANGUAGES: [&str; 26] = [
    "bash",
    "c",
    "console",
    "cpp",
    "css",
    "csv",
    "diff",
    "go",
    "html",
    "ini",
    "java",
    "javascript",
    "json",
    "markdown",
    "php",
    "python",
    "ruby",
    "rust",
    "sh",
    "shell",
    "sql",
    "text",
    "toml",
    "typescript",
    "xml",
    "yaml",
];

const TAGS: [&str; 29] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const ATTRIBUTES: [(&str, &[&str]); 18] = [
    ("a", &["data-to", "role", "tabindex"]),
    ("div", &["aria-label", "id", "role", "tabindex"]),
    ("h1", &["dir", "id"]),
    ("h2", &["dir", "id"]),
    ("h3", &["dir", "id"]),
    ("h4", &["dir", "id"]),
    ("h5", &["dir", "id"]),
    ("h6", &["dir", "id"]),
    ("li", &["value"]),
    ("ol", &["dir", "start"]),
    ("p", &["dir"]),
    ("pre", &["dir", "tabindex"]),
    ("span", &["aria-label", "role"]),
    ("td", &["dir"]),
    ("th", &["dir", "scope"]),
    ("ul", &["dir"]),
    ("code", &["dir"]),
    ("blockquote", &["dir"]),
];

static BUILDER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let sides = || HashSet::from(["to-center", "to-right"]);
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .tag_attributes(
            ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect(),
        )
        .allowed_classes(HashMap::from([
            ("code", LANGUAGES.iter().map(|language| class_of(language)).collect()),
            ("div", HashSet::from(["footnote", "table"])),
            ("pre", HashSet::from(["raw"])),
            ("span", HashSet::from(["picture", "raw", "task"])),
            ("td", sides()),
            ("th", sides()),
        ]))
        .link_rel(None)
        .attribute_filter(|_, name, value| is_legal(name, value).then_some(Cow::Borrowed(value)));
    builder
});

pub fn clean(html: &str) -> String {
    BUILDER.clean(html).to_string()
}

/// As written for a language of the list.
pub fn class_of(language: &'static str) -> &'static str {
    CLASSES.get(language).copied().unwrap_or_default()
}

static CLASSES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let class = |language: &&'static str| (*language, &*format!("language-{language}").leak());
    LANGUAGES.iter().map(class).collect()
});

fn is_legal(name: &str, value: &str) -> bool {
    match name {
        "data-to" => match value.strip_prefix('#') {
            Some(anchor) => is_anchor(anchor),
            None => target::is_allowed(value),
        },
        "id" => is_anchor(value),
        "dir" => matches!(value, "auto" | "ltr"),
        "role" => matches!(value, "link" | "img" | "group"),
        "scope" => value == "col",
        "tabindex" => value == "0",
        "start" | "value" => value.parse::<u64>().is_ok(),
        "class" | "aria-label" => true,
        _ => false,
    }
}

/// Names of headings and footnotes: no property of a document or a window is called so.
fn is_anchor(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || letter == '-';
    (name.starts_with("h-") || name.starts_with("n-")) && name.chars().all(is_plain)
}
