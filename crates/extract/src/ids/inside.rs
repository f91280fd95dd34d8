//! What stands in path and query of a URL.

use super::attack::attack_id;
use super::{catalogue, google_or_ghsa};
use crate::found::Sink;
use crate::reader::Reader;
use crate::text::{ALNUM, HOST, is};
use crate::url::Url;
use crate::{decode, hash};

/// How many URLs inside a URL are reported.
const MOST_EMBEDDED: usize = 4;

/// What stands in path and query of a URL: further URLs, digests, catalogue numbers.
pub(crate) fn in_url<S: Sink>(reader: &mut Reader<'_, '_, S>, url: &Url) {
    let text = reader.text;
    let mut at = url.rest;
    let mut embedded = 0;
    while at < url.end {
        let end = text.skip(at, url.end, HOST);
        if end == at {
            at += 1;
            continue;
        }
        let length = end - at;
        let scheme = text.at(end) == b':' && text.at(end + 1) == b'/' && text.at(end + 2) == b'/';
        if scheme && embedded < MOST_EMBEDDED {
            embedded += usize::from(decode::embedded(reader, at, end));
        } else if text.at(end) == b'%' && embedded < MOST_EMBEDDED {
            embedded += usize::from(decode::percent(reader, at, end).is_some());
        } else if text.at(end) == b'@' && embedded < MOST_EMBEDDED {
            embedded += usize::from(decode::email(reader, end, end + 1).is_some());
        } else if length >= decode::SHORTEST && embedded < MOST_EMBEDDED && decode::begins(text, at) {
            embedded += usize::from(decode::base64_in_url(reader, at, end));
        } else if text.before(at) == b'=' && embedded < MOST_EMBEDDED && decode::proofpoint(reader, at, url.end) {
            embedded += 1;
        } else if length >= 32 {
            hash::in_url(reader, at, end);
        } else if (5..=19).contains(&length) && text.before(at) == b'/' && is(text.before(end), ALNUM) {
            in_path(reader, at, end);
        }
        at = end;
    }
}

/// A catalogue number as a segment of a path: `attack.mitre.org/tactics/TA0001/`.
pub(super) fn in_path<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) {
    match reader.text.at(start) {
        b'C' | b'c' => catalogue(reader, start, end),
        b'T' | b'M' => attack_id(reader, start, end),
        b'G' => google_or_ghsa(reader, start, end),
        _ => None,
    };
}
