//! Identifiers with a prefix or a fixed shape: catalogue numbers, accounts, cloud resources, markings.

mod account;
mod attack;
mod colons;
mod digits;
mod inside;

pub(crate) use digits::phone;
pub(crate) use inside::in_url;

use self::account::{skype, skype_link};
use self::attack::attack_id;
use self::colons::{arn, cpe};
use self::digits::numbered;
use crate::chain::Chain;
use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{ALNUM, BLANK, DIGIT, HEX, HOST, LETTER, Text, is};
use crate::{agent, hash, ip, path};
use watchfire_model::{Confidence, ObservableType};

const PREFIXED: (Confidence, &str) = (Confidence::High, "a prefix that nothing else has");

fn prefixed<S: Sink>(reader: &mut Reader<'_, '_, S>, kind: ObservableType, start: usize, end: usize) -> Option<usize> {
    let found = Found::new(kind, reader.text.slice(start, end), start, end).because(PREFIXED.0, PREFIXED.1);
    reader.emit(found).then_some(end)
}

/// An identifier that is, or begins, the label `start..end`.
#[inline]
pub(crate) fn label<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let before = text.before(start);
    if is(before, ALNUM) {
        return None;
    }
    match text.at(start) {
        b'C' | b'c' => catalogue(reader, start, end),
        b'T' | b't' => attack_id(reader, start, end).or_else(|| tlp(reader, start, end)),
        b'M' | b'm' => attack_id(reader, start, end),
        b'G' | b'g' => google_or_ghsa(reader, start, end),
        b'U' | b'u'
            if text.at(start + 2) == b'-' && same_case(text, start, start + 2) && text.is_word(start, b"ua-") =>
        {
            analytics(reader, start, end)
        }
        b'P' | b'p' if text.is_word(start, b"pub-") && same_case(text, start, start + 3) => {
            prefixed(reader, ObservableType::GoogleAdsense, start, end)
        }
        b'A' | b'a' => autonomous_system(reader, start, end),
        b'0'..=b'9' => numbered(reader, start),
        _ => None,
    }
    .or_else(|| mac_with_hyphens(reader, start, end))
    .or_else(|| iban_in_groups(reader, start, end))
    .or_else(|| uuid(reader, start, end))
}

fn same_case(text: Text<'_>, start: usize, end: usize) -> bool {
    let upper = text.at(start).is_ascii_uppercase();
    text.slice(start, end)
        .iter()
        .all(|byte| byte.is_ascii_uppercase() == upper)
}

/// `CVE-2026-1234`, `CWE-79`, `ca-pub-…`
fn catalogue<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if text.is_word(start, b"cve") {
        if end == start + 3 && text.at(end) == b' ' {
            return cve_in_two_words(reader, start);
        }
        let year = hyphen(text, start + 3)?;
        let sequence = hyphen(text, text.skip(year, year + 4, DIGIT))?;
        let stop = text.skip(sequence, sequence + 20, DIGIT);
        if stop == sequence || sequence - year < 5 || is(text.at(stop), ALNUM) {
            return None;
        }
        let end = prefixed(reader, ObservableType::Cve, start, stop)?;
        // In a path, what follows is the next folder.
        return Some(if text.before(start) == b'/' {
            end
        } else {
            further_cves(reader, year, end)
        });
    }
    if text.is_word(start, b"cwe") {
        let number = hyphen(text, start + 3)?;
        let stop = text.skip(number, number + 6, DIGIT);
        return (stop > number && !is(text.at(stop), ALNUM))
            .then(|| prefixed(reader, ObservableType::Cwe, start, stop))?;
    }
    if text.is_word(start, b"ca-pub-") {
        return prefixed(reader, ObservableType::GoogleAdsense, start, end);
    }
    None
}

/// `CVE-2021-45046/45105`: further numbers of the same year.
fn further_cves<S: Sink>(reader: &mut Reader<'_, '_, S>, year: usize, mut end: usize) -> usize {
    const MOST: usize = 8;
    let text = reader.text;
    for _ in 0..MOST {
        let stop = text.skip(end + 1, end + 21, DIGIT);
        if text.at(end) != b'/' || stop < end + 5 || !is_edge(text.at(stop)) || text.at(stop) == b'.' {
            break;
        }
        reader.scratch.clear();
        reader.scratch.extend_from_slice(b"CVE-");
        reader.scratch.extend_from_slice(text.slice(year, year + 4));
        reader.scratch.push(b'-');
        reader.scratch.extend_from_slice(text.slice(end + 1, stop));
        let found = Found::new(ObservableType::Cve, reader.scratch, end + 1, stop)
            .because(Confidence::Medium, "a further number behind a CVE of the same year");
        if reader.types.contains(ObservableType::Cve) && !reader.sink.found(found) {
            break;
        }
        end = stop;
    }
    end
}

/// `CVE 2014-1001`
fn cve_in_two_words<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    reader.outside = true;
    let year = text.skip(start + 4, start + 8, DIGIT);
    let end = text.skip(year + 1, year + 21, DIGIT);
    let shaped = year == start + 8 && text.at(year) == b'-' && end > year + 4 && is_edge(text.at(end));
    shaped.then(|| prefixed(reader, ObservableType::Cve, start, end))?
}

/// A hyphen as keyboards and typesetters write it; returns its end.
fn hyphen(text: Text<'_>, at: usize) -> Option<usize> {
    match text.at(at) {
        b'-' => Some(at + 1),
        0xE2 if text.at(at + 1) == 0x80 && (0x90..=0x95).contains(&text.at(at + 2)) => Some(at + 3),
        _ => None,
    }
}

/// `TLP:AMBER+STRICT`, `tlp-Amber`, `TLPRED`
fn tlp<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !text.is_word(start, b"tlp") {
        return None;
    }
    reader.looks_behind();
    let mut stop = end;
    if end == start + 3 {
        let gap = text.skip(end, end + 3, BLANK);
        let colour = if text.at(gap) == b':' {
            text.skip(gap + 1, gap + 3, BLANK)
        } else {
            gap
        };
        stop = text.skip(colour, colour + 6, LETTER);
    }
    let strict = text.skip(stop, stop + 1, BLANK);
    if text.is_word(strict, b"+strict") {
        stop = strict + 7;
    }
    prefixed(reader, ObservableType::Tlp, start, stop)
}

/// `GHSA-xxxx-xxxx-xxxx`, `G-ABCDEF1234`, `GTM-ABC123`
fn google_or_ghsa<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    use ObservableType as T;
    let text = reader.text;
    if text.is_word(start, b"ghsa-") {
        return prefixed(reader, T::Ghsa, start, end.min(start + 19));
    }
    if text.at(start) != b'G' {
        return None;
    }
    if text.slice(start, start + 4) == b"GTM-" {
        return prefixed(reader, T::GoogleTagManager, start, end);
    }
    let measured = text.at(start + 1) == b'-'
        && (10..=14).contains(&(end - start))
        && text.slice(start + 2, end).iter().any(u8::is_ascii_digit);
    if measured {
        prefixed(reader, T::GoogleAnalytics, start, end)
    } else {
        None
    }
}

/// `UA-26296840-4`
fn analytics<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    prefixed(reader, ObservableType::GoogleAnalytics, start, end)
}

/// `AS64496`, `ASN64496`, `AS 64496`, `ASN 64496`, `ASN: 64496`
fn autonomous_system<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !text.at(start + 1).eq_ignore_ascii_case(&b's') || text.before(start) == b'_' {
        return None;
    }
    let named = text.at(start + 2).eq_ignore_ascii_case(&b'n');
    let digits = start + if named { 3 } else { 2 };
    if digits == end && (named || text.at(start) == b'A') {
        return distant_number(reader, start, end, named);
    }
    if digits >= end || end - digits > 10 || text.skip(digits, end, DIGIT) != end {
        return None;
    }
    prefixed(reader, ObservableType::Asn, start, end)
}

/// The number of an autonomous system behind a colon or a blank. "AS 400" is a computer.
fn distant_number<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize, named: bool) -> Option<usize> {
    let text = reader.text;
    reader.looks_behind();
    let colon = usize::from(named && text.at(end) == b':');
    reader.outside |= colon > 0;
    let digits = text.skip(end + colon, end + colon + 1, BLANK);
    let stop = text.skip(digits, digits + 11, DIGIT);
    let least = if named { 1 } else { 4 };
    if digits == end || stop < digits + least || !is_edge(text.at(stop)) || text.at(stop) == b'-' {
        return None;
    }
    prefixed(reader, ObservableType::Asn, start, stop)
}

/// `AA-F2-C9-A6-B3-4F`
fn mac_with_hyphens<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let shaped = end - start == 17 && text.at(start + 2) == b'-' && text.at(start + 14) == b'-';
    if !shaped {
        return None;
    }
    let found = Found::new(ObservableType::Mac, text.slice(start, end), start, end)
        .because(Confidence::High, "six pairs of digits");
    reader.emit(found).then_some(end)
}

/// `DE89 3704 0044 0532 0130 00`
fn iban_in_groups<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let first = text.at(start).is_ascii_uppercase()
        && text.at(start + 1).is_ascii_uppercase()
        && is(text.at(start + 2), DIGIT)
        && is(text.at(start + 3), DIGIT);
    if !first || end - start > 34 || !reader.types.contains(ObservableType::Iban) {
        return None;
    }
    if end - start >= 15 {
        let found = Found::new(ObservableType::Iban, text.slice(start, end), start, end)
            .because(Confidence::High, "its checksum is right");
        return reader.emit(found).then_some(end);
    }
    if end - start != 4 {
        return None;
    }
    reader.looks_behind();
    let mut stop = end;
    while stop < start + 42 && text.at(stop) == b' ' && is(text.at(stop + 1), ALNUM) {
        let group = text.skip(stop + 1, stop + 6, ALNUM);
        if group - stop > 5 {
            break;
        }
        stop = group;
    }
    // The last group may belong to the sentence: give back groups until the checksum is right.
    while stop > start + 15 {
        let found = Found::new(ObservableType::Iban, text.slice(start, stop), start, stop)
            .because(Confidence::High, "its checksum is right");
        if reader.emit(found) {
            return Some(stop);
        }
        stop = text.skip_back(stop, start, ALNUM).saturating_sub(1);
    }
    None
}

fn uuid<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let shaped = end - start == 36 && text.at(start + 8) == b'-' && text.at(start + 23) == b'-';
    if !shaped || !reader.types.contains(ObservableType::Uuid) {
        return None;
    }
    let found = Found::new(ObservableType::Uuid, text.slice(start, end), start, end)
        .because(Confidence::High, "five groups of digits");
    reader.emit(found).then_some(end)
}

/// Chains that are identifiers: `T1566.001`, `acf2.c9a6.b34f`.
pub(crate) fn chain<S: Sink>(reader: &mut Reader<'_, '_, S>, chain: &Chain) -> Option<usize> {
    let text = reader.text;
    if !chain.is_plain() {
        return None;
    }
    let first = text.skip(chain.start, chain.end, HOST);
    let technique = matches!(text.at(chain.start), b'T' | b't') && first - chain.start == 5;
    if technique
        && !is(text.before(chain.start), ALNUM)
        && let Some(end) = attack_id(reader, chain.start, first)
    {
        if end != first {
            return Some(end.max(chain.end));
        }
        // "T1059.T1059.…": the further ones of this chain at once, so that it is not read again for each.
        let mut end = end;
        while text.at(end) == b'.' && matches!(text.at(end + 1), b'T' | b't') && end < chain.end {
            let next = text.label(end + 1).0;
            match attack_id(reader, end + 1, next) {
                Some(read) => {
                    end = read;
                    if read != next {
                        break;
                    }
                }
                None => break,
            }
        }
        return Some(end);
    }
    let cisco = chain.labels == 3 && chain.end - chain.start == 14 && first - chain.start == 4;
    if cisco
        && text
            .slice(chain.start, chain.end)
            .iter()
            .enumerate()
            .all(|(i, byte)| if i % 5 == 4 { *byte == b'.' } else { is(*byte, HEX) })
    {
        let found = Found::new(
            ObservableType::Mac,
            text.slice(chain.start, chain.end),
            chain.start,
            chain.end,
        )
        .because(Confidence::High, "three groups of four digits");
        return reader.emit(found).then_some(chain.end);
    }
    None
}

/// Things that begin with a label and a colon.
#[inline]
pub(crate) fn before_colon<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let length = end - start;
    if length == 1
        && is(text.at(start), LETTER)
        && matches!(text.at(end + 1), b'\\' | b'/')
        && let Some(read) = path::drive(reader, start)
    {
        return Some(read);
    }
    if length <= 4
        && is(text.at(start), HEX)
        && (is(text.at(end + 1), HEX) || text.at(end + 1) == b':')
        && let Some(read) = ip::six(reader, start)
    {
        return Some(read);
    }
    if is(text.at(start), DIGIT) && length <= 10 {
        return hash::ssdeep(reader, start, end);
    }
    match text.at(start) {
        b'T' | b't' if length == 3 && !is(text.before(start), ALNUM) => tlp(reader, start, end),
        b'a' if text.slice(start, end) == b"arn" => arn(reader, start, end),
        b'c' | b'C' if length == 3 && text.is_word(start, b"cpe") => cpe(reader, start),
        b'a' | b'A' if length == 3 && !is(text.before(start), ALNUM) => autonomous_system(reader, start, end),
        b'b' if text.slice(start, end) == b"bitcoincash" => {
            let stop = text.skip(end + 1, end + 64, ALNUM);
            let found = Found::new(ObservableType::Bch, text.slice(start, stop), start, stop)
                .because(Confidence::High, "its checksum is right");
            reader.emit(found).then_some(stop)
        }
        b'H' | b'h' if length <= 19 => path::registry(reader, start, end),
        _ if agent::is_header(text, start, end) => agent::header(reader, end),
        b'l' if text.slice(start, end) == b"live" && text.before(start) != b':' => skype(reader, start),
        b's' | b'S' if length == 5 && text.is_word(start, b"skype") => skype_link(reader, start),
        _ => None,
    }
}
