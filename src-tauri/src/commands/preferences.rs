//! How a person likes the window: a small file in the profile's folder, which can be read before
//! the profile is open. What cannot be read of it is as if nobody had chosen it.

use crate::failure::Failure;
use crate::host::{Host, blocking};
use crate::views::Nothing;
use guildhall_local::atomic_file;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::path::Path;
use ts_rs::TS;

const FILE_NAME: &str = "preferences.json";
const LEAST_ZOOM: f64 = 0.5;
const MOST_ZOOM: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Preferences {
    pub theme: Theme,
    pub contrast: Contrast,
    pub density: Density,
    pub rail_collapsed: bool,
    /// 1 is as designed.
    pub zoom: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Contrast {
    #[default]
    System,
    More,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

pub async fn preferences(host: &Host, _: Nothing) -> Result<Preferences, Failure> {
    let dir = host.dir();
    blocking(move || Ok(read(&dir))).await
}

/// Answers what is kept.
pub async fn set_preferences(host: &Host, wanted: Preferences) -> Result<Preferences, Failure> {
    let dir = host.dir();
    blocking(move || write(&dir, wanted)).await
}

fn write(dir: &Path, wanted: Preferences) -> Result<Preferences, Failure> {
    let kept = Preferences { zoom: legal_zoom(wanted.zoom), ..wanted };
    let text = serde_json::to_string_pretty(&kept).map_err(Failure::fault)?;
    atomic_file::write(&dir.join(FILE_NAME), text.as_bytes())?;
    Ok(kept)
}

fn read(dir: &Path) -> Preferences {
    let kept = std::fs::read(dir.join(FILE_NAME)).unwrap_or_default();
    let kept: Json = serde_json::from_slice(&kept).unwrap_or_default();
    Preferences {
        theme: field(&kept, "theme").unwrap_or_default(),
        contrast: field(&kept, "contrast").unwrap_or_default(),
        density: field(&kept, "density").unwrap_or_default(),
        rail_collapsed: field(&kept, "rail_collapsed").unwrap_or_default(),
        zoom: legal_zoom(field(&kept, "zoom").unwrap_or(1.0)),
    }
}

/// None where the file does not have it, or has something else there.
fn field<T: DeserializeOwned>(kept: &Json, name: &str) -> Option<T> {
    serde_json::from_value(kept.get(name)?.clone()).ok()
}

fn legal_zoom(zoom: f64) -> f64 {
    if zoom.is_finite() { zoom.clamp(LEAST_ZOOM, MOST_ZOOM) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_read(text: &[u8]) -> Preferences {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join(FILE_NAME), text).expect("a file");
        read(dir.path())
    }

    const DEFAULT: Preferences = Preferences {
        theme: Theme::System,
        contrast: Contrast::System,
        density: Density::Comfortable,
        rail_collapsed: false,
        zoom: 1.0,
    };

    #[test]
    fn what_was_chosen_is_kept_in_a_folder_that_need_not_be_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let profile = dir.path().join("profile");
        assert_eq!(read(&profile), DEFAULT);
        let wanted = Preferences { theme: Theme::Dark, rail_collapsed: true, zoom: 1.25, ..DEFAULT };
        assert_eq!(write(&profile, wanted).expect("kept"), wanted);
        assert_eq!(read(&profile), wanted);
        let far = Preferences { zoom: 40.0, ..wanted };
        assert_eq!(write(&profile, far).expect("kept").zoom, MOST_ZOOM);
    }

    #[test]
    fn what_cannot_be_read_is_as_if_nobody_had_chosen_it() {
        for text in [&b""[..], b"{", b"\xff\xfe", b"[]", b"null", br#"{"theme": 7, "zoom": "big"}"#] {
            assert_eq!(as_read(text), DEFAULT, "{}", String::from_utf8_lossy(text));
        }
        let newer = br#"{"theme": "sepia", "density": "compact", "font": "x", "zoom": -3}"#;
        let expected = Preferences { density: Density::Compact, zoom: LEAST_ZOOM, ..DEFAULT };
        assert_eq!(as_read(newer), expected);
    }
}
