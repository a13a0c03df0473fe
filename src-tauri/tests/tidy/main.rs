//! The house rules of CONTRIBUTING.md as tests. Each failure names the place and what to do.
//!
//! This reads source text with a small scanner of its own. It is not a compiler: where a rule
//! needs types, clippy has it (`clippy.toml`, the lints in `Cargo.toml`).

mod floors;
mod functions;
mod project;
mod rules;
mod source;

use project::Violation;
use source::Source;

fn check(rule: impl Fn(&Source) -> Vec<Violation>) {
    let sources = project::read_rust_sources();
    assert!(sources.len() > 20, "found only {} Rust files: the rule would check nothing", sources.len());
    report(sources.iter().flat_map(rule).collect());
}

fn report(violations: Vec<Violation>) {
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    check(rules::long_file);
}

#[test]
fn no_function_is_longer_than_70_lines() {
    check(rules::long_functions);
}

#[test]
fn every_file_opens_with_what_it_is() {
    check(rules::missing_opening);
}

#[test]
fn modules_lie_beside_their_folders() {
    check(rules::mod_file);
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    check(rules::unwraps);
}

#[test]
fn the_clock_is_read_in_two_files() {
    check(rules::clock_reads);
}

#[test]
fn sql_stays_on_its_floors() {
    check(rules::misplaced_sql);
}

#[test]
fn nothing_is_ignored_or_left_to_do() {
    check(rules::unfinished);
}

#[test]
fn no_type_is_named_after_nothing() {
    check(rules::empty_names);
}

#[test]
fn no_file_knows_a_developers_machine_or_a_registrys_address() {
    report(project::list_files().iter().flat_map(|path| rules::foreign_places(path)).collect());
}

#[test]
fn floors_see_only_what_is_below() {
    report(floors::forbidden_edges(&floors::read_edges()));
}

#[test]
fn the_build_without_default_features_holds_no_webview() {
    report(floors::webviews(&floors::list_crates_without_default_features()));
}
