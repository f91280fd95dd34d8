//! What a file system stores beside the bytes of a file: the marks of what was loaded from elsewhere, and further streams.
//!
//! NTFS keeps streams under the name of a file (Microsoft, [MS-FSCC] 2.6.2); drivers on Linux show them as `NAME:STREAM`
//! or as extended attributes `user.STREAM`. The mark of the web is such a stream, `Zone.Identifier`, an INI file
//! ([MS-FSCC] 5.6.1). Programs for Linux write `user.xdg.origin.url` (freedesktop.org, "Common extended attributes"),
//! those of Apple `com.apple.quarantine`. Linux keeps capabilities as
//! `security.capability` (capabilities(7)). Absent: attributes of access control, and those that other security modules use.

use std::fs::File;
use std::io::Read;
use watchfire_model::{Capabilities, Downloaded, Stream, Untrusted};

/// The mark of the web, as a stream.
pub(super) const ZONE: &str = "Zone.Identifier";
/// Where Linux keeps the capabilities of a file.
pub(super) const CAPABILITY: &[u8] = b"security.capability";
/// A mark is a few lines.
const LONGEST_MARK: usize = 64 << 10;
/// Streams that are told of one file.
const MOST_STREAMS: usize = 100;

/// What was stored beside a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Where it was loaded from, if it says so.
    pub downloaded: Option<Downloaded>,
    /// Further streams.
    pub streams: Vec<Stream>,
    /// What of root's rights it gives to whoever runs it.
    pub capabilities: Capabilities,
}

impl Attributes {
    /// Takes in an attribute by its name, and what it holds or begins with.
    pub(super) fn take(&mut self, name: &[u8], size: u64, begins: &[u8]) {
        if name == CAPABILITY {
            self.capabilities = Capabilities::read(begins).unwrap_or_default();
        }
        let Some(name) = name.strip_prefix(b"user.") else {
            return;
        };
        let text = String::from_utf8_lossy(begins);
        match name {
            b"Zone.Identifier" => self.mark(&text),
            b"xdg.origin.url" => self.downloaded.get_or_insert_default().url = text.trim_end_matches('\0').into(),
            b"xdg.referrer.url" => {
                self.downloaded.get_or_insert_default().referrer = text.trim_end_matches('\0').into()
            }
            b"com.apple.quarantine" => drop(self.downloaded.get_or_insert_default()),
            // What file systems and desktops keep for themselves says nothing of the file.
            _ if name.starts_with(b"xdg.") || name.starts_with(b"mime_type") || name == b"DOSATTRIB" => {}
            _ => self.stream(&String::from_utf8_lossy(name), size, begins),
        }
    }

    /// Takes in a mark of the web.
    fn mark(&mut self, text: &str) {
        let mark = self.downloaded.get_or_insert_default();
        // Some writers use UTF-16; its letters here are all of ASCII.
        let text: String = text.chars().filter(|c| *c != '\0').collect();
        for line in text.lines() {
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            match key.trim().to_ascii_lowercase().as_str() {
                "zoneid" => mark.zone = value.trim().parse().ok(),
                "hosturl" => mark.url = Untrusted::new(value.trim()),
                "referrerurl" => mark.referrer = Untrusted::new(value.trim()),
                _ => {}
            }
        }
    }

    fn stream(&mut self, name: &str, size: u64, begins: &[u8]) {
        if self.streams.len() < MOST_STREAMS {
            let runs = [&b"MZ"[..], b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"];
            self.streams.push(Stream {
                name: name.into(),
                size,
                runs: runs.iter().any(|start| begins.starts_with(start)),
            });
        }
    }

    /// Takes in the mark that lies beside the file as a file, or as its stream.
    pub(super) fn beside(&mut self, file: File) {
        let mut text = Vec::new();
        if file.take(LONGEST_MARK as u64).read_to_end(&mut text).is_ok() {
            self.take(b"user.Zone.Identifier", text.len() as u64, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attributes: &[(&str, &[u8])], expected: &Attributes) {
        let mut found = Attributes::default();
        for (name, value) in attributes {
            found.take(name.as_bytes(), value.len() as u64, value);
        }
        assert_eq!(&found, expected);
    }

    fn from(zone: Option<u8>, url: &str, referrer: &str) -> Attributes {
        Attributes {
            downloaded: Some(Downloaded {
                zone,
                url: url.into(),
                referrer: referrer.into(),
            }),
            ..Attributes::default()
        }
    }

    #[test]
    fn the_mark_of_the_web_says_where_a_file_came_from() {
        let mark = b"[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://example.test/\r\nHostUrl=https://example.test/a.exe\r\n";
        let expected = from(Some(3), "https://example.test/a.exe", "https://example.test/");
        check(&[("user.Zone.Identifier", mark)], &expected);
        let wide: Vec<u8> = mark.iter().flat_map(|byte| [*byte, 0]).collect();
        check(&[("user.Zone.Identifier", &wide)], &expected);
        check(&[("user.Zone.Identifier", b"ZoneId=many")], &from(None, "", ""));
        let linux: &[(&str, &[u8])] = &[
            ("user.xdg.origin.url", b"https://example.test/b"),
            ("user.xdg.referrer.url", b"https://example.test/"),
        ];
        check(linux, &from(None, "https://example.test/b", "https://example.test/"));
    }

    #[test]
    fn capabilities_are_read() {
        let expected = Attributes {
            capabilities: Capabilities(1 << 13),
            ..Attributes::default()
        };
        let value = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        check(&[("security.capability", value)], &expected);
        check(&[("security.capability", b"nonsense")], &Attributes::default());
    }

    #[test]
    fn other_attributes_are_streams() {
        let stream = |name: &str, size, runs| Stream {
            name: name.into(),
            size,
            runs,
        };
        let expected = Attributes {
            streams: vec![stream("payload.exe", 4, true), stream("notes", 5, false)],
            ..Attributes::default()
        };
        let stored: &[(&str, &[u8])] = &[
            ("user.payload.exe", b"MZ\x90\0"),
            ("security.selinux", b"x"),
            ("user.notes", b"hello"),
            ("user.xdg.comment", b"x"),
        ];
        check(stored, &expected);
    }
}
