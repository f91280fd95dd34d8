//! Names as URI references (RFC 3986; RFC 8089 for the scheme `file`).
//!
//! Everything but unreserved characters is percent-encoded, so a name can neither end a path nor begin a query, and
//! invisible characters stay visible. A name of which bytes were no text has U+FFFD in their place, as everywhere.

use std::fmt::Write;
use std::path::is_separator;

/// A file by the path that was given: `file:` for absolute paths, else a relative reference.
pub(super) fn root(path: &str) -> String {
    let path = if is_separator('\\') {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let drive =
        is_separator('\\') && matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    if drive {
        let rest = path.get(2..).unwrap_or_default();
        return format!("file:///{}:{}", path.get(..1).unwrap_or_default(), encoded(rest, true));
    }
    if is_separator('\\')
        && let Some(share) = path.strip_prefix("//")
    {
        return format!("file://{}", encoded(share, true));
    }
    if path.starts_with('/') {
        return format!("file:///{}", encoded(path.trim_start_matches('/'), true));
    }
    let mut path = path.as_str();
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    if path.is_empty() {
        return ".".to_owned();
    }
    encoded(path, true)
}

/// A member by its name within its container: a reference that begins with `/` (section 3.24.2).
///
/// The name is an attacker's. Where it would climb out of its folder, or be read as the name of a host, its slashes are
/// encoded, and it is one segment.
pub(super) fn member(name: &str) -> String {
    let climbs = name.split('/').any(|segment| matches!(segment, "." | ".."));
    if climbs || name.starts_with('/') {
        let whole = encoded(name, false);
        // Dots alone would still be taken for a folder.
        let end = if matches!(name, "." | "..") { "%2F" } else { "" };
        return format!("/{whole}{end}");
    }
    format!("/{}", encoded(name, true))
}

/// `text` percent-encoded; slashes stay where `slashes` says so.
fn encoded(text: &str, slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b'/' if slashes => out.push('/'),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_relative_references_or_file_uris() {
        for (path, uri) in [
            ("mail.eml", "mail.eml"),
            ("./in//mail 1.eml", "in//mail%201.eml"),
            ("a:b", "a%3Ab"),
            ("100%.txt", "100%25.txt"),
            ("q?x#y", "q%3Fx%23y"),
            ("\u{202e}gpj\u{1b}[2J", "%E2%80%AEgpj%1B%5B2J"),
            ("a\u{fffd}b", "a%EF%BF%BDb"),
            (".", "."),
            ("", "."),
        ] {
            assert_eq!(root(path), uri, "{path:?}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn absolute_paths_are_file_uris() {
        assert_eq!(root("/tmp/a b"), "file:///tmp/a%20b");
        assert_eq!(root("//tmp/x"), "file:///tmp/x");
        assert_eq!(root("C:\\x"), "C%3A%5Cx");
    }

    #[cfg(windows)]
    #[test]
    fn drives_and_shares_are_file_uris() {
        assert_eq!(root("C:\\a b"), "file:///C:/a%20b");
        assert_eq!(root("\\\\server\\share\\x"), "file://server/share/x");
    }

    #[test]
    fn members_begin_with_a_slash_and_stay_inside() {
        for (name, uri) in [
            ("word/document.xml", "/word/document.xml"),
            ("../../etc/passwd", "/..%2F..%2Fetc%2Fpasswd"),
            ("/etc/passwd", "/%2Fetc%2Fpasswd"),
            ("//evil.example/x", "/%2F%2Fevil.example%2Fx"),
            ("..", "/..%2F"),
            ("a\\b", "/a%5Cb"),
            ("", "/"),
        ] {
            assert_eq!(member(name), uri, "{name:?}");
        }
    }
}
