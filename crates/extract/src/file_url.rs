//! `file:` URLs without a host (RFC 8089): the path that they name.
//!
//! With a host (`file://server/share`) they are read like any other URL.

use crate::chain::Chain;
use crate::decode;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{LETTER, Text, URL, is};
use crate::url;
use watchfire_model::{Confidence, ObservableType, Via};

/// Longest path of a file URL.
const MOST: usize = 1024;

/// Whether a scheme and an empty authority stand at `start`.
#[inline]
pub(crate) fn begins(text: Text<'_>, start: usize) -> bool {
    text.is_word(start, b"file:///")
}

/// Reports the path of the URL at `start`; returns its end.
pub(crate) fn read<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> usize {
    let text = reader.text;
    let slashes = start + b"file:".len();
    let name = first_name(text, slashes);
    let mut end = name;
    while end < start + MOST && (is(text.at(end), URL) || text.at(end) == b'\\') {
        end += 1;
    }
    let end = url::trim(text, name, end);
    let path = named(text, slashes, name, end);
    let found = Found::new(ObservableType::FilePath, &path, start, end)
        .because(Confidence::High, "the path of a file URL")
        .via(Via::Url);
    reader.emit(found);
    let server = Chain::read(text, name);
    if path.starts_with(b"\\\\") && server.end < end && matches!(text.at(server.end), b'/' | b'\\') {
        reader.server(&server);
    }
    end
}

/// The path that a whole file URL names.
pub(crate) fn path(url: &[u8]) -> Option<Vec<u8>> {
    let text = Text::new(url);
    let slashes = b"file:".len();
    begins(text, 0).then(|| named(text, slashes, first_name(text, slashes), url.len()))
}

/// Where the first name begins behind the slashes.
fn first_name(text: Text<'_>, slashes: usize) -> usize {
    let mut name = slashes;
    while text.at(name) == b'/' && name < slashes + 8 {
        name += 1;
    }
    name
}

/// The path that begins with the name at `name`, behind slashes from `slashes` on.
fn named(text: Text<'_>, slashes: usize, name: usize, end: usize) -> Vec<u8> {
    let drive = is(text.at(name), LETTER) && text.at(name + 1) == b':';
    let written = decode::unescape(text.slice(name, end));
    let mut path = match (drive, name - slashes) {
        (true, _) => Vec::new(),
        (false, 3) => b"/".to_vec(),
        // "file:////server/share" is a network path with two slashes of its own.
        (false, _) => b"\\\\".to_vec(),
    };
    let network = path == b"\\\\";
    path.extend(
        written
            .iter()
            .map(|byte| if network && *byte == b'/' { b'\\' } else { *byte }),
    );
    path
}
