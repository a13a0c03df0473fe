//! Where the programs of Postgres are. Nothing is fetched here; `scripts/setup` does that.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::ClusterError;

/// The folder name that `scripts/postgres` fills.
const CACHED: &str = "guildhall/postgres-18.4";
/// Newest first.
const SYSTEM_RELEASES: [&str; 4] = ["18", "17", "16", "15"];

/// A Postgres installation with the vector extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Holds `postgres` and `initdb`.
    pub folder: PathBuf,
}

impl Binaries {
    /// The one that `GUILDHALL_POSTGRES` names (a folder with `bin/` in it), else the private one
    /// of the set-up, else the system's.
    pub fn find() -> Result<Self, ClusterError> {
        let candidates = list_candidates(|name| std::env::var_os(name).filter(|value| !value.is_empty()));
        candidates
            .iter()
            .find(|candidate| candidate.is_complete())
            .map(|candidate| Self { folder: candidate.programs.clone() })
            .ok_or_else(|| ClusterError::BinariesMissing {
                looked_in: candidates.into_iter().map(|candidate| candidate.programs).collect(),
            })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    programs: PathBuf,
    extensions: PathBuf,
}

impl Candidate {
    fn is_complete(&self) -> bool {
        self.programs.join("postgres").exists()
            && self.programs.join("initdb").exists()
            && self.extensions.join("vector.control").exists()
    }

    /// An installation that keeps everything under one folder.
    fn whole(root: &Path) -> Self {
        Self { programs: root.join("bin"), extensions: root.join("share/postgresql/extension") }
    }

    fn debian(release: &str) -> Self {
        Self {
            programs: Path::new("/usr/lib/postgresql").join(release).join("bin"),
            extensions: Path::new("/usr/share/postgresql").join(release).join("extension"),
        }
    }
}

fn list_candidates(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Candidate> {
    // Whoever names one gets that one or an error, never silently another.
    if let Some(chosen) = variable("GUILDHALL_POSTGRES") {
        return vec![Candidate::whole(Path::new(&chosen))];
    }
    let own_cache = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".cache")));
    let caches = own_cache.into_iter().chain([PathBuf::from("/var/cache")]);
    let in_path: Vec<PathBuf> =
        variable("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    caches
        .map(|cache| Candidate::whole(&cache.join(CACHED)))
        .chain(SYSTEM_RELEASES.map(Candidate::debian))
        .chain(in_path.iter().filter_map(|bin| bin.parent()).map(Candidate::whole))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_installation_is_the_only_candidate() {
        let candidates = list_candidates(|name| match name {
            "GUILDHALL_POSTGRES" => Some("/opt/chosen".into()),
            _ => Some("/elsewhere".into()),
        });
        assert_eq!(candidates, [Candidate::whole(Path::new("/opt/chosen"))]);
    }

    #[test]
    fn the_private_one_comes_before_the_systems() {
        let candidates = list_candidates(|name| (name == "HOME").then(|| "/clerk".into()));
        let places: Vec<_> =
            candidates.iter().map(|candidate| candidate.programs.display().to_string()).collect();
        assert_eq!(places[0], "/clerk/.cache/guildhall/postgres-18.4/bin");
        assert_eq!(places[1], "/var/cache/guildhall/postgres-18.4/bin");
        assert_eq!(places[2], "/usr/lib/postgresql/18/bin");
    }

    #[test]
    fn a_folder_without_vector_is_not_complete() {
        let root = tempfile::tempdir().expect("temporary folder");
        let candidate = Candidate::whole(root.path());
        std::fs::create_dir_all(&candidate.programs).expect("bin");
        std::fs::create_dir_all(&candidate.extensions).expect("extensions");
        std::fs::write(candidate.programs.join("postgres"), "").expect("postgres");
        std::fs::write(candidate.programs.join("initdb"), "").expect("initdb");
        assert!(!candidate.is_complete());
        std::fs::write(candidate.extensions.join("vector.control"), "").expect("vector");
        assert!(candidate.is_complete());
    }
}
