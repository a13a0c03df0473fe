//! Real folders, with everything in them that is no page.

use super::*;
use std::fs::{create_dir_all, write};
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        write(path, bytes).expect("a file");
    }
    folder
}

fn told(folder: &TempDir) -> String {
    let found = read(folder.path()).expect("the folder can be read");
    let pages = found.pages.iter().map(|page| format!("page {}", page.path));
    let refused = found.refused.iter().map(|refused| format!("{}: {}", refused.path, refused.why));
    let lines: Vec<_> = pages.chain(refused).chain([format!("skipped {}", found.skipped)]).collect();
    lines.join("\n")
}

#[test]
fn pages_are_read_and_other_files_are_counted() {
    let folder = folder(&[
        ("about.md", b"# About"),
        ("booking/access/pin.md", b""),
        ("booking/plan.png", b"\x89PNG\0"),
        ("LICENSE", b"free"),
        (".git/notes.md", b"x"),
        (".hidden.md", b"x"),
    ]);
    insta::assert_snapshot!(told(&folder), @r"
    page about.md
    page booking/access/pin.md
    skipped 4
    ");
}

#[test]
fn what_is_no_page_is_refused_in_a_sentence() {
    let folder = folder(&[
        ("latin.md", b"caf\xe9"),
        ("wide.md", b"\xff\xfe#\0 \0A\0"),
        ("picture.md", b"\x89PNG\x00\x1a"),
        ("UPPER.MD", b"x"),
        ("other.markdown", b"x"),
        ("con.md", b"x"),
        ("what?.md", b"x"),
        ("fits.md", &vec![b'x'; MAX_PAGE_BYTES]),
        ("long.md", &vec![b'x'; MAX_PAGE_BYTES + 1]),
    ]);
    insta::assert_snapshot!(told(&folder), @r#"
    page fits.md
    UPPER.MD: the ending must be `.md`, in small letters
    con.md: the name cannot be taken: "con" is a device on Windows
    latin.md: it is not UTF-8 text: see byte 3; save it as UTF-8
    long.md: it has 524289 bytes; a page has 524288 at most
    other.markdown: the ending must be `.md`, in small letters
    picture.md: it is not text: byte 4 is zero
    what?.md: the name cannot be taken: "what?" holds '?', which not every system can write
    wide.md: it is not text: byte 3 is zero
    skipped 0
    "#);
}

#[test]
fn a_file_of_50_megabytes_is_refused_without_being_read() {
    let folder = folder(&[]);
    let file = File::create(folder.path().join("huge.md")).expect("a file");
    file.set_len(50 * 1024 * 1024).expect("a file with a hole");
    insta::assert_snapshot!(told(&folder), @r"
    huge.md: it has 52428800 bytes; a page has 524288 at most
    skipped 0
    ");
}

#[test]
fn files_that_a_laptop_cannot_tell_apart_are_both_named() {
    let folder = folder(&[
        ("a/Pin.md", b"x"),
        ("a/pin.md", b"y"),
        ("a/cafe\u{301}.md", b"x"),
        ("a/café.md", b"y"),
        ("b/pin.md", b"z"),
    ]);
    let told = told(&folder);
    assert!(told.starts_with("page b/pin.md\n"), "{told}");
    assert!(
        told.contains("a/Pin.md: some laptops cannot tell its name from a/pin.md; rename one of them"),
        "{told}"
    );
    assert!(told.contains("a/pin.md: some laptops cannot tell its name from a/Pin.md"), "{told}");
    assert!(told.contains("a/café.md: some laptops cannot tell its name from a/cafe\u{301}.md"), "{told}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_folder_only() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.md", b"secret")]);
    let folder = folder(&[("a/real.md", b"real")]);
    let link = |target: &Path, name: &str| symlink(target, folder.path().join(name)).expect("a link");
    link(&outside.path().join("secret.md"), "out.md");
    link(outside.path(), "away.md");
    link(Path::new("a/real.md"), "in.md");
    link(Path::new("a"), "folder.md");
    link(Path::new("nowhere"), "broken.md");
    link(Path::new("../../../../etc/passwd"), "a/up.md");
    link(outside.path(), "linked-folder");
    let told = told(&folder);
    assert!(!told.contains("secret"), "{told}");
    insta::assert_snapshot!(told, @r"
    page a/real.md
    page in.md
    a/up.md: it is a link that leads out of the folder
    away.md: it is a link that leads out of the folder
    broken.md: it cannot be read: No such file or directory (os error 2)
    folder.md: it is a link to a folder; only the folder itself is read
    out.md: it is a link that leads out of the folder
    skipped 1
    ");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = folder(&[]);
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.md")).status();
    assert!(made.expect("mkfifo is there").success());
    insta::assert_snapshot!(told(&folder), @r"
    pipe.md: it is not a file
    skipped 0
    ");
}
