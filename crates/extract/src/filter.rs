//! The filters: text with every network observable made live again, or made harmless.
//!
//! Both change only what the extractor recognises, where it stands; everything else passes byte for byte. What stands
//! inside something longer is changed with it.

use crate::found::{Found, Sink};
use crate::options::Policy;
use crate::reader::Reader;
use crate::scan;
use crate::text::{ALNUM, BLANK, BRACKET, HIGH, Text, is};
use watchfire_model::{Confidence, Encoding, Observable, ObservableType, TypeSet, observable};

/// How often a text is filtered again at most.
const MOST_ROUNDS: usize = 4;

/// One change: what stands at `start..end` becomes `text`.
struct Change {
    start: usize,
    end: usize,
    text: Vec<u8>,
}

struct Changes<'t> {
    source: &'t [u8],
    changes: Vec<Change>,
    change: fn(&Found<'_>, &[u8]) -> Option<Vec<u8>>,
}

impl Sink for Changes<'_> {
    fn found(&mut self, found: Found<'_>) -> bool {
        let valid = std::str::from_utf8(found.clean).is_ok_and(|text| Observable::parse(found.kind, text).is_ok());
        let raw = self.source.get(found.start..found.end).unwrap_or(&[]);
        if valid
            && !is_prose(self.source, &found)
            && let Some(text) = (self.change)(&found, raw)
        {
            self.changes.push(Change {
                start: found.start,
                end: found.end,
                text,
            });
        }
        valid
    }
}

/// "is open . net profit": a name with blanks in it that only looks like one, between words. Alone it is one, unless it is
/// "bob @example.com".
fn is_prose(source: &[u8], found: &Found<'_>) -> bool {
    if found.confidence > Confidence::Low {
        return false;
    }
    let raw = source.get(found.start..found.end).unwrap_or(&[]);
    if !raw.iter().any(|byte| is(*byte, BLANK)) {
        return false;
    }
    let text = Text::new(source);
    let before = text.skip_back(found.start, found.start.saturating_sub(4), BLANK);
    let behind = text.skip(found.end, found.end + 4, BLANK);
    raw.contains(&b'@') || is(text.before(before), ALNUM | HIGH) || is(text.at(behind), ALNUM | HIGH)
}

fn changes(source: &[u8], change: fn(&Found<'_>, &[u8]) -> Option<Vec<u8>>) -> Vec<Change> {
    use ObservableType as T;
    let types: TypeSet = [
        T::Url,
        T::Domain,
        T::Onion,
        T::Email,
        T::Xmpp,
        T::Ipv4,
        T::Ipv4Cidr,
        T::Ipv6,
        T::Ipv6Cidr,
        T::Socket,
    ]
    .into_iter()
    .collect();
    let text = Text::new(source);
    let mut sink = Changes {
        source,
        changes: Vec::new(),
        change,
    };
    let mut scratch = Vec::new();
    let mut reader = Reader::new(text, 0, &mut sink, (types, Policy::default()), &mut scratch);
    scan::each(reader.words(0..source.len()), |start, end| reader.word(start, end));
    let mut changes = sink.changes;
    // The outermost first; what lies inside it or overlaps it is dropped.
    changes.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut end = 0;
    changes.retain(|change| {
        let keep = change.start >= end;
        end = end.max(change.end);
        keep
    });
    changes
}

/// See [`crate::defang`].
pub(crate) fn defang(source: &[u8]) -> Vec<u8> {
    settled(source, defang_once)
}

/// See [`crate::refang`].
pub(crate) fn refang(source: &[u8]) -> Vec<u8> {
    settled(source, refang_once)
}

/// Filters again until nothing changes: where values are glued together, a change can make its neighbour readable.
fn settled(source: &[u8], once: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = once(source);
    for _ in 0..MOST_ROUNDS {
        let next = once(&out);
        if next == out {
            break;
        }
        out = next;
    }
    out
}

fn defang_once(source: &[u8]) -> Vec<u8> {
    let changes = changes(source, |found, raw| match found.encoding {
        None if found.defanged => Some(disguised(found, raw)),
        None => Some(defanged(raw)?.into_bytes()),
        // Only its host is escaped, which browsers undo: "http://ev%69l.example".
        Some(Encoding::Percent) if found.kind == ObservableType::Url && is_live(raw) => {
            Some(defanged(raw)?.into_bytes())
        }
        Some(Encoding::Percent) if found.kind == ObservableType::Url => Some(escaped(raw)),
        Some(_) => None,
    });
    let mut out = Vec::with_capacity(source.len() + source.len() / 8);
    let mut at = 0;
    for change in changes {
        out.extend_from_slice(source.get(at..change.start).unwrap_or(&[]));
        out.extend_from_slice(&change.text);
        at = change.end;
    }
    out.extend_from_slice(source.get(at..).unwrap_or(&[]));
    out
}

/// Whether a scheme stands in front that can be clicked on.
fn is_live(raw: &[u8]) -> bool {
    let scheme = memchr::memmem::find(raw, b"://").and_then(|end| raw.get(..end));
    scheme.is_some_and(|scheme| !scheme.get(1..3).is_some_and(|inner| inner.eq_ignore_ascii_case(b"xx")))
}

/// A live value made harmless. The slashes of JSON stay escaped.
fn defanged(raw: &[u8]) -> Option<String> {
    let raw = std::str::from_utf8(raw).ok()?;
    if raw.contains("\\/") {
        return Some(observable::defang(&raw.replace("\\/", "/")).replace('/', "\\/"));
    }
    Some(observable::defang(raw))
}

/// What is disguised somewhere may be live all the same: a URL whose path has a dot in brackets, or a host whose full stops
/// are those of another script, which browsers read as dots.
fn disguised(found: &Found<'_>, raw: &[u8]) -> Vec<u8> {
    let (Ok(written), Ok(clean)) = (std::str::from_utf8(raw), std::str::from_utf8(found.clean)) else {
        return raw.to_vec();
    };
    let host = match clean.split_once("://") {
        Some((scheme, _)) => {
            let behind = written.get(scheme.len()..).and_then(|rest| rest.strip_prefix("://"));
            let live = written
                .get(..scheme.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(scheme));
            match behind.filter(|_| live) {
                Some(behind) => written.len() - behind.len(),
                None => return raw.to_vec(),
            }
        }
        None => 0,
    };
    let rest = written.get(host..).unwrap_or_default();
    let end = host + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (live, path) = written.split_at_checked(end).unwrap_or((written, ""));
    let hidden = live.get(host..).unwrap_or_default();
    let harmless =
        hidden.contains(['[', ']', '(', ')', '{', '}', '\\', '^', '<', ' ', '\t', ',']) || hidden.contains("DOT");
    if harmless || hidden.contains("-dot-") {
        return raw.to_vec();
    }
    let dotted = live.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    [observable::defang(&dotted).as_str(), path].concat().into_bytes()
}

/// A URL in percent escapes: the dots of its host.
fn escaped(raw: &[u8]) -> Vec<u8> {
    let lower = raw.to_ascii_lowercase();
    let slashes = [b"%2f%2f".as_slice(), b"%252f%252f", b"//"];
    let host = slashes
        .iter()
        .filter_map(|slashes| Some(memchr::memmem::find(&lower, slashes)? + slashes.len()))
        .min()
        .unwrap_or(0);
    let mut out = raw.get(..host).unwrap_or_default().to_vec();
    let mut rest = raw.get(host..).unwrap_or_default();
    while let Some((byte, more)) = rest.split_first() {
        match byte {
            b'%' | b'/' | b'[' => break,
            b'.' => out.extend_from_slice(b"[.]"),
            other => out.push(*other),
        }
        rest = more;
    }
    out.extend_from_slice(rest);
    out
}

fn refang_once(source: &[u8]) -> Vec<u8> {
    // A port behind a fifth dot is how netstat writes it, not a disguise.
    let changes = changes(source, |found, raw| {
        let written = found.kind != ObservableType::Socket || found.defanged;
        if !written || found.encoding.is_some() {
            return None;
        }
        // JSON escapes its slashes and more; what is live there stays as it is.
        let escaped = found.kind == ObservableType::Url && raw.contains(&b'\\');
        let more = || {
            [b"\\u00".as_slice(), b"\\x"]
                .iter()
                .any(|escape| memchr::memmem::find(raw, escape).is_some())
        };
        if escaped && (!found.defanged || more()) {
            return None;
        }
        let clean = with_case_of(found.clean, raw);
        if escaped && raw.windows(2).any(|pair| pair == b"\\/") {
            let slashes = |byte: u8| if byte == b'/' { vec![b'\\', b'/'] } else { vec![byte] };
            return Some(clean.into_iter().flat_map(slashes).collect());
        }
        Some(clean)
    });
    let text = Text::new(source);
    let mut out = Vec::with_capacity(source.len());
    let mut at = 0;
    for change in changes {
        let enclosed = enclosed_label(text, change.start, change.end);
        let start = if enclosed && change.start > at {
            change.start - 1
        } else {
            change.start
        };
        brackets(text, at, start, &mut out);
        out.extend_from_slice(&change.text);
        at = change.end;
    }
    brackets(text, at, source.len(), &mut out);
    schemes(&mut out);
    out
}

/// Makes schemes live wherever they stand, also those of URLs inside URLs and those in front of what is no host: `hxxp`
/// before `://`. The separators are live by now.
pub(crate) fn schemes(text: &mut [u8]) {
    for separator in [b"://".as_slice(), b":\\/\\/"] {
        schemes_before(text, separator);
    }
}

fn schemes_before(text: &mut [u8], separator: &[u8]) {
    let finder = memchr::memmem::Finder::new(separator);
    let mut from = 0;
    while let Some(colon) = finder.find(text.get(from..).unwrap_or(&[])) {
        let mut end = from + colon;
        from = end + separator.len();
        if end
            .checked_sub(1)
            .and_then(|last| text.get(last))
            .is_some_and(|byte| byte | 0x20 == b's')
        {
            end -= 1;
        }
        let Some(scheme) = end.checked_sub(4).and_then(|start| text.get_mut(start..end)) else {
            continue;
        };
        let plain = match &*scheme {
            b"hxxp" | b"hXXp" => b"http",
            b"HXXP" | b"HXXp" => b"HTTP",
            b"Hxxp" => b"Http",
            _ => continue,
        };
        scheme.copy_from_slice(plain);
    }
}

/// `HXXP` was `HTTP`: the scheme keeps its case.
fn with_case_of(clean: &[u8], raw: &[u8]) -> Vec<u8> {
    let mut out = clean.to_vec();
    let scheme = out.windows(3).position(|window| window == b"://").unwrap_or(0);
    for (letter, written) in out.iter_mut().take(scheme).zip(raw) {
        let same = written.eq_ignore_ascii_case(letter);
        let disguised = matches!(written, b'X') && raw.first().is_some_and(u8::is_ascii_uppercase);
        if written.is_ascii_uppercase() && (same || disguised) {
            letter.make_ascii_uppercase();
        }
    }
    out
}

/// `[www].example.com`: the bracket before the first label goes with the one behind it.
fn enclosed_label(text: Text<'_>, start: usize, end: usize) -> bool {
    let opens = matches!(text.before(start), b'[' | b'(' | b'{');
    let close = text.slice(start, end).iter().position(|byte| is(*byte, BRACKET));
    opens
        && close.is_some_and(|at| {
            matches!(text.at(start + at), b']' | b')' | b'}')
                && text.slice(start, start + at).iter().all(u8::is_ascii_alphanumeric)
        })
}

/// Copies text, with lone disguised separators replaced: `[.]`, `(at)`, `[:]`, `[://]`, `[-]`.
fn brackets(text: Text<'_>, from: usize, to: usize, out: &mut Vec<u8>) {
    let mut at = from;
    while at < to {
        match lone(text, at, to) {
            Some((end, plain)) => {
                out.extend_from_slice(plain);
                at = end;
            }
            None => {
                out.push(text.at(at));
                at += 1;
            }
        }
    }
}

/// Brackets around one separator.
const MOST_BRACKETS: usize = 12;

fn closing(open: u8) -> Option<u8> {
    match open {
        b'[' => Some(b']'),
        b'(' => Some(b')'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

fn lone(text: Text<'_>, at: usize, to: usize) -> Option<(usize, &'static [u8])> {
    const WORDS: [(&[u8], &[u8]); 12] = [
        (b".", b"."),
        (b"dot", b"."),
        (b"punto", b"."),
        (b"punkt", b"."),
        (b"@", b"@"),
        (b"at", b"@"),
        (b"arroba", b"@"),
        (b"://", b"://"),
        (b":", b":"),
        (b"/", b"/"),
        (b"-", b"-"),
        (b"et", b"@"),
    ];
    // Brackets in brackets go together, or the second time would find more: "([@])".
    let core = text.skip(at, at + MOST_BRACKETS, BRACKET);
    if core == at || is(text.at(core), BRACKET) {
        return None;
    }
    let (word, plain) = WORDS
        .iter()
        .find(|(word, _)| text.is_word(core, word) && is(text.at(core + word.len()), BRACKET))?;
    let mut end = core + word.len();
    let mut opened = core;
    while opened > at && end < to && Some(text.at(end)) == closing(text.at(opened - 1)) {
        opened -= 1;
        end += 1;
    }
    (opened == at).then_some((end, *plain))
}
