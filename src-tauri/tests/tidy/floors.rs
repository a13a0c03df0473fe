//! Which crate may see which: read from Cargo itself, so renamed and optional dependencies count too.

use std::process::Command;

use serde_json::Value;

use super::project::{Violation, root};

/// What the lowest floor may see: plain values, encodings and a text diff.
const SYNC_SEES: [&str; 7] = ["jiff", "postcard", "serde", "serde_json", "sha2", "similar", "uuid"];

/// Crates that a floor must not depend on.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    ("guildhall-local", &["guildhall-server", "sqlx", "sqlx-postgres", "axum", "tauri"]),
    ("guildhall-server", &["guildhall-local", "rusqlite", "sqlite-vec", "keyring-core", "tauri"]),
    ("guildhall", &["rusqlite", "sqlite-vec", "sqlx", "sqlx-postgres", "guildhall-sim"]),
    // Its server is a second opinion.
    ("guildhall-sim", &["guildhall-server", "guildhall"]),
];

const WEBVIEWS: [&str; 5] = ["tauri", "tao", "wry", "webkit2gtk", "webkit2gtk-sys"];

/// A direct dependency of one of our crates that ends up in what users run.
#[derive(Debug)]
pub struct Edge {
    pub from: String,
    pub to: String,
}

pub fn read_edges() -> Vec<Edge> {
    let output = cargo(&["metadata", "--format-version=1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&output).expect("cargo metadata is JSON");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            // Tests may look through floors: a journey looks into both databases.
            if dependency["kind"] != "dev" {
                edges.push(Edge { from: text(&package["name"]), to: text(&dependency["name"]) });
            }
        }
    }
    assert!(edges.iter().any(|edge| edge.from == "guildhall-sync"), "the floors were not found");
    edges
}

pub fn forbidden_edges(edges: &[Edge]) -> Vec<Violation> {
    edges
        .iter()
        .filter(|edge| {
            let is_above_sync = edge.from == "guildhall-sync" && !SYNC_SEES.contains(&edge.to.as_str());
            let is_forbidden =
                FORBIDDEN.iter().any(|(from, to)| *from == edge.from && to.contains(&edge.to.as_str()));
            is_above_sync || is_forbidden
        })
        .map(|edge| Violation {
            path: format!("{}/Cargo.toml", folder_of(&edge.from)),
            line: 1,
            advice: format!("{} may not see {}: move what needs it one floor up", edge.from, edge.to),
        })
        .collect()
}

pub fn list_crates_without_default_features() -> Vec<String> {
    let options = ["tree", "-p=guildhall", "--no-default-features", "--edges=normal,build", "--prefix=none"];
    let output = cargo(&options);
    let names: Vec<String> =
        output.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "guildhall-server"), "the tree was not read: {output}");
    names
}

pub fn webviews(crates: &[String]) -> Vec<Violation> {
    crates
        .iter()
        .filter(|name| WEBVIEWS.contains(&name.as_str()))
        .map(|name| Violation {
            path: "src-tauri/Cargo.toml".to_owned(),
            line: 1,
            advice: format!("{name} must come with the feature `desktop` only"),
        })
        .collect()
}

fn folder_of(package: &str) -> &str {
    package.strip_prefix("guildhall-").unwrap_or("src-tauri")
}

fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo speaks UTF-8")
}

#[test]
fn an_edge_upwards_is_found() {
    let edge = |from: &str, to: &str| Edge { from: from.to_owned(), to: to.to_owned() };
    let edges = [
        edge("guildhall-sync", "serde"),
        edge("guildhall-sync", "tokio"),
        edge("guildhall-local", "guildhall-sync"),
        edge("guildhall-local", "guildhall-server"),
        edge("guildhall-server", "rusqlite"),
        edge("guildhall", "guildhall-local"),
    ];
    let places: Vec<String> = forbidden_edges(&edges).into_iter().map(|found| found.path).collect();
    assert_eq!(places, ["sync/Cargo.toml", "local/Cargo.toml", "server/Cargo.toml"]);
    assert_eq!(webviews(&["serde".to_owned(), "wry".to_owned()]).len(), 1);
}
