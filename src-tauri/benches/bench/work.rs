//! The work that everything is measured on: rows of about 1,066 bytes as JSON, from a seed.

use serde::Serialize;
use uuid::Uuid;

use super::language::Language;

const SEED: u64 = 20_261_121;
const ORGS: usize = 8;
const BODY_BYTES: usize = 775;
/// 1 November 2026, in milliseconds since 1970.
const BEGIN_MS: u64 = 1_793_491_200_000;
const TAGS: [&str; 10] =
    ["access", "bays", "billing", "doors", "events", "lights", "members", "safety", "scores", "tools"];

#[derive(Clone, Debug, Serialize)]
pub struct Page {
    pub id: Uuid,
    pub org: Uuid,
    pub title: String,
    pub body: String,
    pub status: &'static str,
    pub tags: Vec<&'static str>,
    pub version: i64,
    /// Counted from 1.
    #[serde(skip)]
    pub number: u64,
    /// Microseconds since 1970.
    pub updated_at: i64,
}

impl Page {
    /// What it is about: its own number, among a hundred of a kind.
    pub fn topic(&self) -> String {
        format!("shelf {}/{}", self.number / 100, self.number % 100)
    }
}

/// The same pages at every call; the first ones are the same whatever the count.
#[derive(Debug)]
pub struct Pages {
    language: Language,
    orgs: Vec<Uuid>,
    made: u64,
}

impl Pages {
    pub fn begin() -> Self {
        let mut language = Language::new(SEED);
        let orgs = (0..ORGS).map(|_| language.random().id(BEGIN_MS)).collect();
        Self { language, orgs, made: 0 }
    }

    /// The values of `org`.
    pub fn orgs() -> Vec<Uuid> {
        Self::begin().orgs
    }

    pub fn list(count: usize) -> Vec<Page> {
        Self::begin().take(count).collect()
    }
}

impl Iterator for Pages {
    type Item = Page;

    fn next(&mut self) -> Option<Page> {
        self.made += 1;
        let made_at_ms = BEGIN_MS + self.made;
        let random = self.language.random();
        let id = random.id(made_at_ms);
        let org = self.orgs[random.below(ORGS)];
        let first_tag = random.below(TAGS.len());
        let tag_count = 1 + random.below(3);
        let status = if random.below(10) == 0 { "draft" } else { "published" };
        let version = 1 + random.skewed(40) as i64;
        let mut tags: Vec<_> = TAGS.iter().cycle().skip(first_tag).take(tag_count).copied().collect();
        tags.sort_unstable();
        Some(Page {
            id,
            org,
            title: self.language.title(),
            body: self.language.text(BODY_BYTES),
            status,
            tags,
            version,
            updated_at: i64::try_from(made_at_ms * 1000).expect("a time of this century"),
            number: self.made,
        })
    }
}
