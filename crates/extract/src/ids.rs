//! Identifiers with a prefix or a fixed shape: catalogue numbers, accounts, cloud resources, markings.

use crate::chain::Chain;
use crate::decode;
use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{ALNUM, BLANK, DASH, DIGIT, HEX, HOST, LETTER, Text, URL, is};
use crate::url::Url;
use crate::{agent, hash, ip, path};
use watchfire_knowledge::attack;
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

/// Numbers that only some ask for.
fn numbered<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    reader.outside |= reader.types.contains(ObservableType::Card) || reader.types.contains(ObservableType::Phone);
    if reader.types.contains(ObservableType::Card) {
        let stop = grouped_digits(text, start, 23);
        let found = Found::new(ObservableType::Card, text.slice(start, stop), start, stop)
            .because(Confidence::Medium, "its check digit is right");
        if stop > start + 11 && reader.emit(found) {
            return Some(stop);
        }
    }
    if reader.types.contains(ObservableType::Phone) {
        return phone(reader, start);
    }
    None
}

/// Digits in groups, with single blanks or hyphens between them.
fn grouped_digits(text: Text<'_>, start: usize, most: usize) -> usize {
    let mut end = start;
    let mut at = start;
    while at < start + most {
        if is(text.at(at), DIGIT) {
            at += 1;
            end = at;
        } else if at > start && matches!(text.at(at), b' ' | b'-') && is(text.at(at + 1), DIGIT) {
            at += 1;
        } else {
            break;
        }
    }
    end
}

/// `+49 30 123456`; only where asked for.
pub(crate) fn phone<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if !is_edge(text.before(start)) {
        return None;
    }
    reader.outside = true;
    let mut end = start;
    let mut at = start + usize::from(text.at(start) == b'+');
    while at < start + 24 {
        match text.at(at) {
            byte if is(byte, DIGIT) => end = at + 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {}
            _ => break,
        }
        at += 1;
    }
    let found = Found::new(ObservableType::Phone, text.slice(start, end), start, end)
        .because(Confidence::Low, "digits grouped like a telephone number");
    (end > start + 6 && reader.emit(found)).then_some(end)
}

/// `T1566`, `TA0001`, `M1036`. With a sub-technique it is a chain, see [`chain`].
fn attack_id<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    use ObservableType as T;
    let text = reader.text;
    let letters = if text.at(start + 1).eq_ignore_ascii_case(&b'a') {
        2
    } else {
        1
    };
    if end - start != letters + 4 || text.skip(start + letters, end, DIGIT) != end || text.before(start) == b'_' {
        return None;
    }
    let kind = match (text.at(start).to_ascii_uppercase(), letters) {
        (b'T', 1) => T::AttackTechnique,
        (b'T', 2) => T::AttackTactic,
        (b'M', 1) => T::AttackMitigation,
        _ => return None,
    };
    // The slash is that of addresses: "techniques/T1059/001".
    let sub = text.skip(end + 1, end + 4, DIGIT);
    let has_sub =
        kind == T::AttackTechnique && matches!(text.at(end), b'.' | b'/') && sub == end + 4 && is_edge(text.at(sub));
    has_sub
        .then(|| emit_attack(reader, kind, start, sub))
        .flatten()
        .or_else(|| emit_attack(reader, kind, start, end))
}

/// An identifier that ATT&CK knows.
fn emit_attack<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    kind: ObservableType,
    start: usize,
    end: usize,
) -> Option<usize> {
    let text = reader.text;
    reader.scratch.clear();
    let id = text.slice(start, end).iter().map(u8::to_ascii_uppercase);
    reader
        .scratch
        .extend(id.map(|byte| if byte == b'/' { b'.' } else { byte }));
    let id = std::str::from_utf8(reader.scratch).ok()?;
    attack::lookup(id)?;
    // "room M1001": a letter and four digits alone may be anything.
    let alone = id.len() == 5 && !is_attack_near(text, start, end);
    // Where something near does speak of ATT&CK, what stands near it elsewhere no longer matters.
    reader.outside |= alone;
    let (confidence, reason) = if alone {
        (
            Confidence::Medium,
            "an identifier that ATT&CK lists, but nothing near it speaks of ATT&CK",
        )
    } else {
        (Confidence::High, "an identifier that ATT&CK lists")
    };
    let found = Found::new(kind, reader.scratch, start, end).because(confidence, reason);
    (reader.types.contains(kind) && reader.sink.found(found)).then_some(end)
}

/// Whether something near `start..end` speaks of ATT&CK: a word of it, or another identifier. Between two identifiers
/// that are close together little is looked at, so the whole stays linear.
fn is_attack_near(text: Text<'_>, start: usize, end: usize) -> bool {
    const NEAR: usize = 256;
    (end..end + NEAR).any(|at| speaks_of_attack(text, at))
        || (start.saturating_sub(NEAR)..start)
            .rev()
            .any(|at| speaks_of_attack(text, at))
}

fn speaks_of_attack(text: Text<'_>, at: usize) -> bool {
    let number = |at: usize| text.skip(at, at + 4, DIGIT) == at + 4 && is_edge(text.at(at + 4));
    match text.at(at) {
        b'a' | b'A' => {
            text.is_word(at, b"att&")
                || (text.is_word(at, b"attack")
                    && matches!(text.at(at + 6), b'.' | b'-' | b':')
                    && is(text.at(at + 7), LETTER))
        }
        b'm' | b'M' => {
            (text.is_word(at, b"mit") && (text.is_word(at + 3, b"re") || text.is_word(at + 3, b"igation")))
                || (is_edge(text.before(at)) && number(at + 1))
        }
        b't' | b'T' if is_edge(text.before(at)) => {
            let words: [&[u8]; 3] = [b"actic", b"echnique", b"tp"];
            words.iter().any(|word| text.is_word(at + 1, word))
                || number(at + 1 + usize::from(text.at(at + 1).eq_ignore_ascii_case(&b'a')))
        }
        _ => false,
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
        return Some(end.max(if end == first { first } else { chain.end }));
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

/// `live:.cid.1a2b3c`, `live:name`
fn skype<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let mut end = start + 5;
    while end < start + 64 && (is(text.at(end), ALNUM) || matches!(text.at(end), b'.' | b'_' | b'-' | b',')) {
        end += 1;
    }
    while end > start + 5 && matches!(text.before(end), b'.' | b',') {
        end -= 1;
    }
    reader.outside = true;
    let telling = text.at(start + 5) == b'.' || [b"skype".as_slice(), b"id"].contains(&reader.before(start).nearest());
    let found = Found::new(ObservableType::Skype, text.slice(start, end), start, end)
        .because(Confidence::Medium, "a Skype live name");
    (telling && end > start + 7 && reader.emit(found)).then_some(end)
}

/// `skype:some.one?chat`: the name; what to do with it is not part of it.
fn skype_link<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let name = start + 6;
    let mut end = name;
    while end < name + 64 && (is(text.at(end), ALNUM) || matches!(text.at(end), b'.' | b'_' | b'-' | b',' | b':')) {
        end += 1;
    }
    while end > name && matches!(text.before(end), b'.' | b',' | b':') {
        end -= 1;
    }
    prefixed(reader, ObservableType::Skype, start, end)
}

/// `cpe:2.3:a:vendor:product:…`, `cpe:/a:vendor:product`
fn cpe<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    // What has this head is one, so that nothing is read in vain behind it.
    let uri = text.slice(start + 4, start + 5) == b"/";
    let part = if uri { start + 5 } else { start + 8 };
    let head = (uri || text.slice(start + 4, part) == b"2.3:") && text.at(part + 1) == b':';
    if !head || !matches!(text.at(part) | 0x20, b'a' | b'h' | b'o' | b'*' | b'-') {
        return None;
    }
    let most = if uri { 6 } else { 10 };
    let mut colons = 0;
    let mut end = part;
    while end < start + 512 && is_cpe(text.at(end), uri) {
        colons += u32::from(text.at(end) == b':' && text.before(end) != b'\\');
        if colons > most {
            break;
        }
        end += 1;
    }
    while end > start && matches!(text.before(end), b'.' | b':') {
        end -= 1;
    }
    prefixed(reader, ObservableType::Cpe, start, end)
}

/// `:aws:service:region:account:`, each short. What has this head is an ARN, so nothing is read in vain behind it.
fn has_arn_head(text: Text<'_>, colon: usize) -> bool {
    let mut at = colon;
    let mut account = (colon, colon);
    for longest in [12, 32, 32, 12] {
        if text.at(at) != b':' {
            return false;
        }
        let end = text.skip(at + 1, at + 2 + longest, ALNUM | DASH);
        let end = if end == at + 1 && text.at(end) == b'*' {
            end + 1
        } else {
            end
        };
        account = (at + 1, end);
        at = end;
    }
    let account = text.slice(account.0, account.1);
    let numbered = account.len() == 12 && account.iter().all(u8::is_ascii_digit);
    text.is_word(colon, b":aws") && text.at(at) == b':' && (numbered || matches!(account, b"" | b"aws" | b"*"))
}

fn is_cpe(byte: u8, uri: bool) -> bool {
    is(byte, ALNUM)
        || matches!(
            byte,
            b'-' | b'.' | b'_' | b'~' | b'%' | b':' | b'!' | b'*' | b'+' | b'&' | b'@'
        )
        || (!uri && matches!(byte, b'\\' | b'?' | b'/' | b'$' | b'#' | b'^' | b'='))
}

/// `arn:partition:service:region:account:resource`. A resource may contain spaces; it goes on while the words look like
/// parts of a name rather than of a sentence.
fn arn<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !reader.types.contains(ObservableType::Arn) || !has_arn_head(text, end) {
        return None;
    }
    reader.looks_behind();
    let limit = end + 512;
    let part = |byte: u8| is(byte, URL) && !matches!(byte, b';' | b')' | b']' | b'}');
    let mut stop = end;
    while stop < limit && part(text.at(stop)) {
        stop += 1;
    }
    let named = text.slice(start, stop).contains(&b'/');
    while named && text.at(stop) == b' ' && stop < limit {
        let mut word = stop + 1;
        while word < limit && part(text.at(word)) {
            word += 1;
        }
        let capital = text.at(stop + 1).is_ascii_uppercase();
        let joins =
            text.slice(stop + 1, word) == b"and" && text.at(word) == b' ' && text.at(word + 1).is_ascii_uppercase();
        let ended = matches!(text.before(stop), b'.' | b',' | b':');
        if word == stop + 1 || ended || !(capital || joins) {
            break;
        }
        stop = word;
    }
    while stop > end && matches!(text.before(stop), b',' | b':')
        || (text.before(stop) == b'.' && text.before(stop - 1) != b'?')
    {
        stop -= 1;
    }
    prefixed(reader, ObservableType::Arn, start, stop)
}

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
fn in_path<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) {
    match reader.text.at(start) {
        b'C' | b'c' => catalogue(reader, start, end),
        b'T' | b'M' => attack_id(reader, start, end),
        b'G' => google_or_ghsa(reader, start, end),
        _ => None,
    };
}
