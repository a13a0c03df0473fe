//! Prepares what the window is built from: its configuration, what its page may call, and its pages
//! in `ui/dist`. Without the feature `desktop` there is nothing to prepare.

fn main() {
    #[cfg(feature = "desktop")]
    desktop::prepare();
}

#[cfg(feature = "desktop")]
mod desktop {
    use std::path::Path;

    /// The only command that the page may call; which of ours it names is checked behind it.
    const COMMANDS: &[&str] = &["run"];
    const PAGES: &str = "../ui/dist";

    pub fn prepare() {
        println!("cargo::rerun-if-changed={PAGES}");
        if !Path::new(PAGES).join("index.html").is_file() {
            println!(
                "cargo::error=The pages of the window are not built: run `make window` first, \
                 or leave the window out with `--no-default-features`."
            );
            return;
        }
        let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
        let prepared = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest));
        if let Err(error) = prepared {
            println!("cargo::error=The window cannot be prepared: {error:#}");
        }
    }
}
