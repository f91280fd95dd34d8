//! Places on a host: registry keys, Windows and Unix paths.
//!
//! Such names contain spaces, and prose does too. A component goes on over a space only if a separator follows soon, or
//! if the last component ends in a known extension; otherwise the name ends at the space.

use crate::chain::Chain;
use crate::escape;
use crate::foreign;
use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{ALNUM, DIGIT, HOST, LETTER, Text, class_of, is};
use watchfire_knowledge::extension;
use watchfire_model::{Confidence, ObservableType};

/// Longest path that is followed.
const MOST: usize = 512;
/// Longest run of words inside one component.
const MOST_COMPONENT: usize = 64;

const HIVES: [&[u8]; 13] = [
    b"hkey_local_machine",
    b"hkey_current_user",
    b"hkey_classes_root",
    b"hkey_users",
    b"hkey_current_config",
    b"hkey_performance_data",
    b"hklm",
    b"hkcu",
    b"hkcr",
    b"hku",
    b"hkcc",
    b"hkpd",
    b"registry",
];

fn is_hive(text: Text<'_>, start: usize, end: usize) -> bool {
    HIVES
        .iter()
        .any(|hive| hive.len() == end - start && text.is_word(start, hive))
}

/// A path or key that begins with the label `start..end` and a backslash.
pub(crate) fn after_name<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    registry(reader, start, end)
}

/// `HKLM\SOFTWARE\…`, `HKLM:\SOFTWARE\…`, `<HKCU>\…`
pub(crate) fn registry<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !matches!(text.at(start), b'H' | b'h' | b'R' | b'r')
        || !is_hive(text, start, end)
        || !reader.types.contains(ObservableType::RegistryKey)
    {
        return None;
    }
    let native = text.is_word(start, b"registry");
    let separator = end + usize::from(matches!(text.at(end), b':' | b'>'));
    if text.at(separator) != b'\\' || (native && text.before(start) != b'\\') {
        return None;
    }
    reader.looks_behind();
    let stop = components(text, separator, Kind::Registry);
    if stop <= separator + 1 {
        return None;
    }
    let start = start - usize::from(native);
    reader.scratch.clear();
    // "<HKCU>\\…": the bracket is no part of the name.
    let named = separator - usize::from(text.before(separator) == b'>');
    reader.scratch.extend_from_slice(text.slice(start, named));
    write_single_backslashes(text, separator, stop, reader.scratch);
    let found = Found::new(ObservableType::RegistryKey, reader.scratch, start, stop)
        .because(Confidence::High, "begins with a registry hive");
    reader.sink.found(found).then_some(stop)
}

/// `C:\Users\…`, `C:/Users/…`
pub(crate) fn drive<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if !is_edge(text.before(start))
        || (text.at(start + 2) == b'/' && (text.at(start + 3) == b'/' || !is(text.at(start + 3), ALNUM)))
    {
        return None;
    }
    windows(reader, (start, start + 2), None, "begins with a drive")
}

/// `\\server\share\…`
pub(crate) fn unc<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if text.at(start + 1) != b'\\' || matches!(text.before(start), b'\\' | b'.') || is(text.before(start), ALNUM) {
        return None;
    }
    // "location:\\\\server\\share", but no drive and no scheme.
    if text.before(start) == b':' {
        let letter = text.before(start - 1);
        if !is(text.before(start.saturating_sub(2)), ALNUM) || matches!(letter | 0x20, b'p' | b's' | b'x') {
            return None;
        }
    }
    let mut host = start + 2;
    while host < start + 4 && text.at(host) == b'\\' {
        host += 1;
    }
    if let Some(server) = long_name(text, host) {
        return long_unc(reader, start, server);
    }
    let local = matches!(text.at(host), b'.' | b'?') && text.at(host + 1) == b'\\';
    let server = Chain::read(text, host);
    let refanged = reader.policy.refang && server.defanged && !server.loose;
    let name = if local {
        host + 1
    } else if refanged {
        server.end
    } else {
        text.skip(host, host + 64, HOST | crate::text::LOCAL)
    };
    let whole = !local && server.end == name;
    let name = web_folder(text, name);
    // "\\\\AppData\\\\Local" in JSON: one backslash, doubled as the next is.
    let escaped = host == start + 2 && text.at(name + 1) == b'\\';
    if escaped
        || name == host
        || text.at(name) != b'\\'
        || !(is(text.at(name + 1), ALNUM) || text.at(name + 1) == b'\\')
    {
        return None;
    }
    if whole {
        reader.server(&server);
    }
    let disguised = (whole && refanged).then_some(&server);
    Some(windows(reader, (start, name), disguised, "begins with a server and a share").unwrap_or(name))
}

/// Where the server begins behind `?\UNC\`, which long names of shares begin with; its backslashes doubled or not.
fn long_name(text: Text<'_>, at: usize) -> Option<usize> {
    let backslashes = |at: usize| text.at(at) == b'\\';
    if !matches!(text.at(at), b'?' | b'.') || !backslashes(at + 1) {
        return None;
    }
    let name = at + 2 + usize::from(backslashes(at + 2));
    if !text.is_word(name, b"unc") || !backslashes(name + 3) {
        return None;
    }
    Some(name + 4 + usize::from(backslashes(name + 4)))
}

/// `\\?\UNC\server\share\…`: a share by its long name. Reported is the usual one.
#[cold]
fn long_unc<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, host: usize) -> Option<usize> {
    let text = reader.text;
    let server = Chain::read(text, host);
    let name = web_folder(text, server.end.max(text.skip(host, host + 64, HOST)));
    if name == host || text.at(name) != b'\\' || !(is(text.at(name + 1), ALNUM) || text.at(name + 1) == b'\\') {
        return None;
    }
    reader.server(&server);
    if !reader.types.contains(ObservableType::FilePath) {
        return Some(name);
    }
    reader.looks_behind();
    let stop = components(text, name, Kind::Windows);
    reader.scratch.clear();
    reader.scratch.extend_from_slice(b"\\\\");
    reader.scratch.extend_from_slice(text.slice(host, name));
    write_single_backslashes(text, name, stop, reader.scratch);
    let found = Found::new(ObservableType::FilePath, reader.scratch, start, stop)
        .because(Confidence::High, "begins with a server and a share");
    reader.sink.found(found).then_some(stop)
}

/// Where the name of a server ends behind the marks of WebDAV: `server@SSL`, `server@8080`, `server@SSL@8443`.
fn web_folder(text: Text<'_>, mut end: usize) -> usize {
    for _ in 0..2 {
        if text.at(end) != b'@' {
            break;
        }
        let mark = text.skip(end + 1, end + 7, ALNUM);
        let port = text.skip(end + 1, mark, DIGIT) == mark && mark > end + 1;
        let secure = mark == end + 4 && text.is_word(end + 1, b"ssl");
        if !(port || secure) {
            break;
        }
        end = mark;
    }
    end
}

/// `%APPDATA%\…`
pub(crate) fn environment<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let name = text.skip(start + 1, start + 32, ALNUM | crate::text::DASH);
    if name < start + 4 || text.at(name) != b'%' || !matches!(text.at(name + 1), b'\\' | b'/') {
        return None;
    }
    windows(reader, (start, name + 1), None, "begins with an environment variable")
}

fn windows<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    (start, separator): (usize, usize),
    disguised: Option<&Chain>,
    reason: &'static str,
) -> Option<usize> {
    if !reader.types.contains(ObservableType::FilePath) {
        return None;
    }
    let text = reader.text;
    reader.looks_behind();
    let stop = components(text, separator, Kind::Windows);
    if stop <= separator + 1 {
        return None;
    }
    reader.scratch.clear();
    if let Some(server) = disguised {
        reader.scratch.extend_from_slice(b"\\\\");
        server.write(text, reader.scratch);

        write_single_backslashes(text, server.end, stop, reader.scratch);
    } else if text.at(separator) == b'\\' && text.at(separator + 1) == b'\\' {
        write_single_backslashes(text, start, stop, reader.scratch);
        if text.at(start) == b'\\' {
            reader.scratch.insert(0, b'\\');
        }
    } else {
        reader.scratch.extend_from_slice(text.slice(start, stop));
    }
    let found = Found::new(ObservableType::FilePath, reader.scratch, start, stop)
        .because(Confidence::High, reason)
        .defanged(disguised.is_some());
    reader.sink.found(found).then_some(stop)
}

/// Text that went through a programming language or JSON has its backslashes doubled.
fn write_single_backslashes(text: Text<'_>, start: usize, end: usize, out: &mut Vec<u8>) {
    for at in start..end {
        let byte = text.at(at);
        let doubled = byte == b'\\' && out.last() == Some(&b'\\');
        if !doubled {
            out.push(byte);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Windows,
    Registry,
}

/// The end of the components that begin with the separator at `at`.
fn components(text: Text<'_>, at: usize, kind: Kind) -> usize {
    let limit = at + MOST;
    let from = at;
    // In JSON a backslash that is not doubled begins an escape: "C:\\\\a.exe\\nThe".
    let doubled = text.at(at) == b'\\' && text.at(at + 1) == b'\\';
    let separator = |byte: u8| byte == b'\\' || (kind == Kind::Windows && byte == b'/');
    let mut at = at;
    loop {
        let first = text.at(at);
        if !separator(first) || at >= limit {
            return at;
        }
        if doubled && first == b'\\' && escape::ends_doubled(text, at) {
            return trim(text, from, at);
        }
        let mut start = at + 1;
        while start < at + 4 && text.at(start) == b'\\' && first == b'\\' {
            start += 1;
        }
        match component(text, start, limit, kind) {
            Component::Inner(end) => at = end,
            Component::Last(end) => return if end > start { end } else { at },
        }
    }
}

enum Component {
    /// Another separator follows at this index.
    Inner(usize),
    Last(usize),
}

fn component(text: Text<'_>, start: usize, limit: usize, kind: Kind) -> Component {
    let mut at = start;
    // Where the component ends if nothing after a space belongs to it.
    let mut first_end = None;
    let limit = limit.min(start + 3 * MOST_COMPONENT);
    while at < limit {
        let byte = text.at(at);
        match byte {
            0x80.. => {
                let (ended, next) = foreign_in_path(text, (start, at), kind);
                if let Some(end) = ended {
                    return Component::Last(end);
                }
                if next == at {
                    break;
                }
                at = next;
                continue;
            }
            b'\\' => {
                let hive = kind == Kind::Registry && first_end.is_some_and(|_| is_hive(text, word_start(text, at), at));
                // A space goes on only if the component stays short.
                let wordy = first_end.is_some_and(|end| at - end > MOST_COMPONENT);
                if hive || wordy {
                    break;
                }
                // "evil file.exe and HKLM\Software": the name ended before this separator.
                if let Some(end) = first_end.and_then(|first| extension_before(text, start, first, at)) {
                    return Component::Last(end);
                }
                return Component::Inner(at);
            }
            b'/' if kind == Kind::Windows && first_end.is_none() => return Component::Inner(at),
            b'<' if is(text.at(at + 1), LETTER) => match placeholder(text, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => break,
            },
            b' ' => {
                if first_end.is_none() {
                    first_end = Some(at);
                }
                let next = text.at(at + 1);
                let drive = text.at(at + 2) == b':' && is(next, LETTER);
                if matches!(next, b'-' | b'/' | b'"' | b' ' | b'(' | b'&' | 0) && next != b'(' || drive {
                    break;
                }
            }
            b',' | b';' | b'=' | b':' | b'?' | b'*' if kind == Kind::Windows => break,
            b',' | b';' | b'=' if kind == Kind::Registry => break,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | 0..=0x1F | 0x7F => break,
            _ => {}
        }
        at += 1;
    }
    Component::Last(last_end(text, start, at, first_end, kind))
}

/// A character beyond ASCII in a component: where the component ended in front of it, if it did, and where it goes on;
/// that is at the character itself if this is punctuation of a sentence.
#[cold]
fn foreign_in_path(text: Text<'_>, (start, at): (usize, usize), kind: Kind) -> (Option<usize>, usize) {
    let (character, length) = foreign::read(text, at);
    if foreign::ends_path(text, at) {
        return (None, at);
    }
    // "C:\\a.exe被", "HKLM\\Software\\Run下"
    let changes = character == foreign::Kind::Wide && is(text.before(at), ALNUM);
    let whole = match kind {
        Kind::Windows => extension_at(text, start, at).is_some(),
        Kind::Registry => text.at(start) < 0x80,
    };
    ((changes && whole).then_some(at), at + length)
}

/// `<username>`, `<SID>`
fn placeholder(text: Text<'_>, at: usize) -> Option<usize> {
    let end = text.skip(at + 1, at + 24, HOST | crate::text::BLANK);
    (text.at(end) == b'>').then_some(end + 1)
}

fn word_start(text: Text<'_>, end: usize) -> usize {
    text.skip_back(end, end.saturating_sub(24), HOST)
}

/// Where the last component `start..stop` really ends.
fn last_end(text: Text<'_>, start: usize, stop: usize, first_end: Option<usize>, kind: Kind) -> usize {
    let Some(first_end) = first_end.filter(|end| *end < stop) else {
        return trim(text, start, stop);
    };
    if kind == Kind::Registry {
        // Key names of several words are capitalised throughout and end their line: "Image File Execution Options".
        let capitals = text
            .slice(start, stop)
            .split(|byte| *byte == b' ')
            .all(|word| word.first().is_some_and(u8::is_ascii_uppercase));
        let line_ends = matches!(text.at(stop), b'\n' | b'\r' | 0 | b'"' | b'\'' | b'`' | b'<' | b'|');
        return if capitals && line_ends && stop - start <= MOST_COMPONENT {
            trim(text, start, stop)
        } else {
            trim(text, start, first_end)
        };
    }
    extension_before(text, start, first_end, stop).unwrap_or_else(|| trim(text, start, first_end))
}

/// "my report.docx is here": the end of the first word that ends in an extension.
fn extension_before(text: Text<'_>, start: usize, first_end: usize, stop: usize) -> Option<usize> {
    if let Some(end) = extension_at(text, start, first_end) {
        return Some(end);
    }
    let mut at = first_end;
    while at < stop.min(start + MOST_COMPONENT) {
        let end = (at + 1..stop).find(|i| text.at(*i) == b' ').unwrap_or(stop);
        if let Some(end) = extension_at(text, at + 1, end) {
            return Some(end);
        }
        at = end;
    }
    None
}

/// The end of a known file extension that ends `start..end`, sentence punctuation aside.
fn extension_at(text: Text<'_>, start: usize, end: usize) -> Option<usize> {
    let end = trim(text, start, end);
    let letters = text.skip_back(end, start, ALNUM);
    (letters > start && text.before(letters) == b'.' && extension::class(text.slice(letters, end)).is_some())
        .then_some(end)
}

fn trim(text: Text<'_>, start: usize, mut end: usize) -> usize {
    while end > start
        && matches!(
            text.before(end),
            b'.' | b',' | b';' | b':' | b')' | b']' | b'}' | b'!' | b'?' | b' ' | b'*'
        )
    {
        // A bracket that the component itself opened stays: "Copy (2)".
        let byte = text.before(end);
        if byte == b')' && text.slice(start, end).contains(&b'(')
            || byte == b'}' && text.slice(start, end).contains(&b'{')
        {
            break;
        }
        end -= 1;
    }
    end
}

/// First components under which files of a Unix system live.
const ROOTS: [&[u8]; 36] = [
    b"etc",
    b"usr",
    b"var",
    b"tmp",
    b"home",
    b"opt",
    b"bin",
    b"sbin",
    b"dev",
    b"proc",
    b"root",
    b"lib",
    b"lib64",
    b"mnt",
    b"media",
    b"srv",
    b"run",
    b"boot",
    b"sys",
    b"data",
    b"sdcard",
    b"storage",
    b"system",
    b"private",
    b"cores",
    b"jffs",
    b"www",
    b"users",
    b"library",
    b"applications",
    b"volumes",
    b"network",
    b"vendor",
    b"flash",
    b"nvram",
    b"config",
];

/// `/etc/passwd`, `~/.ssh/id_rsa`, `/Library/LaunchDaemons/…`
pub(crate) fn unix<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if !reader.types.contains(ObservableType::FilePath) {
        return None;
    }
    let before = text.before(start);
    if is(before, ALNUM)
        || matches!(
            before,
            b'/' | b'.' | b'_' | b'-' | b'%' | b'~' | b')' | b']' | b'}' | b'\\' | b'?' | b'&' | b'*'
        )
        || before >= 0x80
            && matches!(
                foreign::read_back(text, start).0,
                foreign::Kind::Latin | foreign::Kind::Letter
            )
    {
        return None;
    }
    let home = text.at(start) == b'~';
    if home && text.at(start + 1) != b'/' {
        return None;
    }
    let first = start + 1 + usize::from(home);
    let first_end = text.skip(first, first + 16, ALNUM);
    if !home {
        let known = ROOTS
            .iter()
            .any(|root| root.len() == first_end - first && text.is_word(first, root));
        if !known || text.at(first_end) != b'/' {
            return None;
        }
    }
    let mac = text.at(first).is_ascii_uppercase();
    if mac {
        reader.looks_behind();
    }
    let limit = start + MOST;
    let mut end = first;
    loop {
        while end < limit && is_unix(text.at(end)) {
            if text.at(end) < 0x80 {
                end += 1;
                continue;
            }
            let (kind, length) = foreign::read(text, end);
            if kind == foreign::Kind::Mark || (kind == foreign::Kind::Wide && is(text.before(end), ALNUM)) {
                break;
            }
            end += length;
        }
        // macOS: "/Library/Storage/File System/HFS": a capitalised word with a further separator.
        let word = text.skip(end + 1, end + MOST_COMPONENT, HOST);
        let goes_on = mac
            && text.at(end) == b' '
            && text.at(end + 1).is_ascii_uppercase()
            && text.at(word) == b'/'
            && text.before(end) != b'/';
        if !goes_on || end >= limit {
            break;
        }
        end = word;
    }
    while end > first && matches!(text.before(end), b'.' | b',' | b':' | b';' | b')' | b'*' | b'/') {
        end -= 1;
    }
    if end <= first_end + usize::from(!home) || end <= first {
        return None;
    }
    let found = Found::new(ObservableType::FilePath, text.slice(start, end), start, end)
        .because(Confidence::Medium, "begins with a directory of Unix systems");
    reader.emit(found).then_some(end)
}

/// Where a path ends that goes on at `at`.
pub(crate) fn relative_end(text: Text<'_>, at: usize) -> usize {
    (at..at + MOST).find(|at| !is_unix(text.at(*at))).unwrap_or(at + MOST)
}

fn is_unix(byte: u8) -> bool {
    class_of(byte) & HOST != 0
        || matches!(
            byte,
            b'/' | b'.' | b'+' | b'@' | b'%' | b'~' | b',' | b':' | b'=' | b'#' | b'$' | b'{' | b'}'
        )
}
