//! The files of the built window, and no others.

use std::path::Path;

/// Type and content of a file below `folder`; the page itself for `/`.
pub fn read(folder: &Path, path: &str) -> Option<(&'static str, Vec<u8>)> {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let file = folder.join(name).canonicalize().ok()?;
    let kind = kind_of(file.extension()?.to_str()?)?;
    if !file.starts_with(folder) {
        return None;
    }
    Some((kind, std::fs::read(file).ok()?))
}

fn kind_of(end: &str) -> Option<&'static str> {
    Some(match end {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let pages = folder.path().join("pages");
        std::fs::create_dir(&pages).expect("a folder");
        std::fs::write(folder.path().join("secret.json"), "{}").expect("a file");
        std::fs::write(pages.join("index.html"), "hello").expect("a file");
        let pages = pages.canonicalize().expect("a folder");
        assert_eq!(read(&pages, "/").expect("the page").1, b"hello");
        for path in ["/../secret.json", "/absent.js", "//etc/passwd", "/..", "/index.html/../../secret.json"]
        {
            assert!(read(&pages, path).is_none(), "{path}");
        }
    }
}
