//! Where a link may lead: kept as a word for the program, which asks before it opens anything.

use super::Heading;
use super::outline::slug;

const MAX_CHARS: usize = 2048;
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// None where the link is shown as text only.
pub fn read(destination: &str, outline: &[Heading]) -> Option<String> {
    let destination = destination.trim();
    if let Some(name) = destination.strip_prefix('#') {
        let wanted = slug(name);
        let heading = outline.iter().find(|heading| slug(&heading.text) == wanted)?;
        return Some(format!("#{}", heading.anchor));
    }
    is_allowed(destination).then(|| destination.to_owned())
}

/// Also asked of what has been written: the second look knows no more than the text.
pub fn is_allowed(destination: &str) -> bool {
    let is_plain = |letter: char| !letter.is_control() && letter != '\\';
    if destination.is_empty() || destination.chars().count() > MAX_CHARS || !destination.chars().all(is_plain)
    {
        return false;
    }
    // A colon before any slash ends a scheme, whatever stands before it.
    let first = destination.split(['/', '?', '#']).next().unwrap_or_default();
    match first.split_once(':') {
        Some((scheme, _)) => SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()),
        None => !destination.starts_with("//"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(destination: &str, expected: Option<&str>) {
        let outline = [Heading {
            level: 1,
            text: "Refund rules".to_owned(),
            anchor: "h-1-refund-rules".to_owned(),
            line: 0,
        }];
        assert_eq!(read(destination, &outline).as_deref(), expected, "{destination:?}");
    }

    #[test]
    fn only_what_people_follow_is_a_target() {
        check("https://example.org/a?b=c#d", Some("https://example.org/a?b=c#d"));
        check("mailto:desk@example.org", Some("mailto:desk@example.org"));
        check("TEL:+1", Some("TEL:+1"));
        check("booking/refunds", Some("booking/refunds"));
        check("../opening.md#at-nine", Some("../opening.md#at-nine"));
        check("#Refund-Rules", Some("#h-1-refund-rules"));
        check("#elsewhere", None);
        for hostile in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " java\tscript:x",
            "java\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
            "//example.org/x",
            "\\\\example.org\\x",
            "about:blank",
            "tauri://x",
            "ipc://x",
            "",
        ] {
            check(hostile, None);
        }
    }
}
