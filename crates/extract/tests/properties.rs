//! What holds for every text: the pieces in which it arrives, the threads that read it and the memory of words change
//! nothing; places are exact; nothing is lost where blocks meet.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test, and it reads the corpus"
)]

#[path = "../../testkit/src/corpus.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the way to the corpus of the test kit, which itself uses this crate"
)]
mod corpus;
#[path = "../../testkit/src/random.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the generator of the test kit, which itself uses this crate"
)]
mod random;
#[allow(dead_code, reason = "shared with the test of types")]
mod samples;

use random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use watchfire_extract::{Extraction, Extractor, Options};
use watchfire_model::{Observable, ObservableType, Observed, Role, Span, TypeSet};

/// See the test of types.
#[allow(dead_code, reason = "only the sentences are used")]
struct Sample {
    kind: ObservableType,
    found: &'static [(&'static str, &'static str)],
    not: &'static [&'static str],
}

/// Numbers of telephones reach beyond their word: with them fewer words are remembered.
fn extractor(types: TypeSet) -> Extractor {
    Extractor::new(Options {
        types,
        ..Options::default()
    })
}

fn each(extractor: &Extractor, text: &[u8]) -> Vec<Observed> {
    let mut found = Vec::new();
    extractor.each(text, &mut |seen| found.push(seen));
    found
}

fn in_pieces(extractor: &Extractor, text: &[u8], random: &mut Random) -> Vec<Observed> {
    let mut found = Vec::new();
    let mut session = extractor.session();
    let mut rest = text;
    let most = 1 + random.index(text.len().max(1));
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(1 + random.index(rest.len().min(most)));
        session.push(piece, &mut |seen| found.push(seen));
        rest = more;
    }
    session.finish(&mut |seen| found.push(seen));
    found
}

/// Yields its text in pieces of any length.
struct Dripping<'t> {
    rest: &'t [u8],
    random: Random,
}

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = self.rest.len().min(out.len());
        let length = if most == 0 { 0 } else { 1 + self.random.index(most) };
        let (piece, rest) = self.rest.split_at(length);
        out[..length].copy_from_slice(piece);
        self.rest = rest;
        Ok(length)
    }
}

/// Roles need the whole text; everything else must not.
fn without_roles(mut extraction: Extraction) -> Extraction {
    for seen in &mut extraction.observed {
        (seen.role, seen.role_reason) = (Role::default(), "");
    }
    extraction
}

fn same(name: &str, one: &Extraction, other: &Extraction) {
    for (one, other) in one.observed.iter().zip(&other.observed) {
        assert_eq!(one, other, "{name}");
    }
    assert_eq!(one.observed.len(), other.observed.len(), "{name}: as many observables");
    let totals = |extraction: &Extraction| {
        (
            extraction.occurrences,
            extraction.bytes,
            extraction.lines,
            extraction.cut_lines,
        )
    };
    assert_eq!(totals(one), totals(other), "{name}: totals");
}

/// Places are where the text is, in order, and once.
fn places(text: &[u8], occurrences: &[Observed]) {
    let mut line = 1;
    let mut counted = 0;
    let mut seen = BTreeSet::new();
    let mut last = 0;
    for found in occurrences {
        let (start, end) = (found.span.start as usize, found.span.end as usize);
        assert!(start < end && end <= text.len(), "{found:?} is outside the text");
        assert_eq!(
            String::from_utf8_lossy(&text[start..end]),
            found.raw.raw(),
            "raw of {found:?}"
        );
        if start >= counted {
            line += text[counted..start].iter().filter(|byte| **byte == b'\n').count() as u64;
        } else {
            line -= text[start..counted].iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        counted = start;
        assert_eq!(found.line, line, "line of {found:?}");
        assert_eq!(found.count, 1);
        assert!(start + 262_144 > last, "{found:?} comes late");
        last = last.max(start);
        let key = (found.span, found.observable.clone(), found.via, found.encoding);
        assert!(seen.insert(key) || found.encoding.is_some(), "{found:?} is told twice");
    }
}

/// Distinct observables as the occurrences tell them: count and first place.
fn summed(occurrences: &[Observed]) -> BTreeMap<Observable, (u64, Span)> {
    let mut sums = BTreeMap::new();
    for found in occurrences {
        let sum = sums.entry(found.observable.clone()).or_insert((0, found.span));
        sum.0 += 1;
        sum.1 = sum.1.min(found.span);
    }
    sums
}

/// Everything that must hold for a text.
fn check(name: &str, text: &[u8], random: &mut Random) {
    check_types(name, TypeSet::all(), text, random);
    check_types(name, TypeSet::by_default(), text, random);
}

fn check_types(name: &str, types: TypeSet, text: &[u8], random: &mut Random) {
    let extractor = extractor(types);
    let plain = without_roles(extractor.extract_without_memory(text));
    same(
        &format!("{name}: with memory"),
        &without_roles(extractor.extract(text)),
        &plain,
    );
    for threads in 1..=3 {
        let mut reader = Dripping {
            rest: text,
            random: random.fork(name),
        };
        let read = extractor.extract_reader(&mut reader, threads).expect("it can be read");
        same(&format!("{name}: {threads} threads"), &without_roles(read), &plain);
    }
    let occurrences = each(&extractor, text);
    places(text, &occurrences);
    let sums = summed(&occurrences);
    assert_eq!(sums.len(), plain.observed.len(), "{name}: each tells of as many");
    for seen in &plain.observed {
        let sum = (seen.count, seen.span);
        assert_eq!(sums.get(&seen.observable), Some(&sum), "{name}: {seen:?}");
    }
    let pieces = in_pieces(&extractor, text, random);
    for (one, other) in pieces.iter().zip(&occurrences) {
        assert_eq!(one, other, "{name}: in pieces");
    }
    assert_eq!(pieces.len(), occurrences.len(), "{name}: in pieces");
}

/// Every sentence of the samples, without its marks.
fn sentences() -> Vec<String> {
    samples::all()
        .flat_map(|sample| {
            sample
                .found
                .iter()
                .map(|(text, _)| *text)
                .chain(sample.not.iter().copied())
        })
        .map(|text| text.replace(['«', '»'], ""))
        .collect()
}

const TRIGGERS: &[&str] = &[
    ".",
    "[.]",
    "(dot)",
    " dot ",
    "@",
    "[at]",
    " at ",
    ":",
    "[:]",
    "://",
    "[://]",
    "/",
    "\\",
    "%3A%2F%2F",
    "%",
    "http",
    "hxxp",
    "h**p",
    "__",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "\"",
    "'",
    "`",
    "|",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "-",
    "_",
    ",",
    ";",
    "=",
    "&",
    "?",
    "#",
    "^",
    "~",
    "$",
    "*",
    "+",
    "a",
    "com",
    "example",
    "evil",
    "www",
    "1",
    "10",
    "255",
    "f0",
    "2001:db8::",
    "::",
    "00:11:",
    "T1059",
    ".001",
    "TA0001",
    "M1036",
    "CVE-2024-1234",
    "CVE ",
    "CWE-7",
    "AS64496",
    "HKLM\\a",
    "C:\\a b",
    "/etc/",
    "~/",
    "%TEMP%\\",
    "\\\\srv\\x",
    ".exe",
    ".py",
    "Mozilla/5.0 (",
    "User-Agent: x/1",
    "rule a { condition: true }",
    "rule ",
    "{ condition:",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
    "\nmDMEXEcE6RYJKwYBBAHa\n",
    "-----END PGP PUBLIC KEY BLOCK-----",
    "TLP:",
    "tlp ",
    "RED",
    "imphash ",
    "md5: ",
    "ja3 ",
    "version ",
    "port ",
    "d41d8cd98f00b204e9800998ecf8427e",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "aHR0cDovL2V2aWwuZXhhbXBsZS94",
    "687474703a2f2f6576696c2e6578616d706c65",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "+44 20 7946 0958",
    "arn:aws:s3:::b/c D",
    "cpe:/o:a:b",
    "live:.cid.1a2b",
    "skype:abcdef",
    "t.me/abcdef",
    "1536:gQA4ws6RTPdn1:uiEo/",
    "\u{30fb}",
    "\u{3002}",
    "\u{ff0e}",
    "\u{2011}",
    "\u{201c}",
    "\u{a0}",
    "é",
    "中",
    "\u{202e}",
    "：",
    "→",
    "я",
    "한",
    "\\n",
    "\\r\\n",
    "\\\\t",
    "\\u003c",
    "\\x20",
    "\\033[0m",
    "\u{1b}[32m",
    "[1;31m",
    "#012",
    "\"key\":\"",
    "DOT",
    "-dot-",
    "o'",
    "x.y",
];

fn trigger_text(random: &mut Random, pieces: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..pieces {
        text.extend_from_slice(random.pick(TRIGGERS).as_bytes());
        if random.chance(1, 50) {
            text.push(random.bits() as u8);
        }
    }
    text
}

#[test]
fn texts_of_trigger_bytes() {
    let mut random = Random::new(1);
    for round in 0..400 {
        let pieces = 1 + random.index(60);
        let text = trigger_text(&mut random, pieces);
        check(
            &format!("round {round}, {:?}", String::from_utf8_lossy(&text)),
            &text,
            &mut random,
        );
    }
}

#[test]
fn random_bytes() {
    let mut random = Random::new(2);
    for round in 0..100 {
        let length = random.index(4_000);
        let text = random.bytes(length);
        check(&format!("round {round}"), &text, &mut random);
    }
    let text = random.bytes(700_000);
    check("long", &text, &mut random);
}

#[test]
fn words_that_come_again_in_other_company() {
    let mut random = Random::new(3);
    for round in 0..4 {
        // A few hundred pieces, shuffled over and over: each word has many neighbours.
        let words: Vec<Vec<u8>> = (0..150)
            .map(|_| {
                let pieces = 1 + random.index(4);
                trigger_text(&mut random, pieces)
            })
            .collect();
        let mut text = Vec::new();
        while text.len() < 900_000 {
            text.extend_from_slice(&words[random.index(words.len())]);
            text.extend_from_slice(
                random
                    .pick(&[
                        " ", " ", " ", "\n", "  ", ", ", "\"", "<", ">", "", "'", " (", ") ", ". ",
                    ])
                    .as_bytes(),
            );
        }
        check(&format!("round {round}"), &text, &mut random);
    }
}

#[test]
fn sentences_of_every_type_in_any_order() {
    let mut random = Random::new(4);
    let sentences = sentences();
    // Longer than what is read whole for the roles, so that threads share it.
    for (name, ending, length) in [("lines", "\n", 9_000_000), ("one line", " ", 3_500_000)] {
        let mut text = String::new();
        while text.len() < length {
            text.push_str(&sentences[random.index(sentences.len())]);
            text.push_str(ending);
        }
        if ending == " " {
            text = text.replace('\n', " ");
        }
        check_types(name, TypeSet::by_default(), text.as_bytes(), &mut random);
    }
}

#[test]
fn one_word_without_an_end() {
    let mut random = Random::new(5);
    for piece in ["a.b/", "x", "http://a.example/", "1.2.3.4,", "evil.example;"] {
        let text = piece.repeat(1_000_000 / piece.len());
        check(piece, text.as_bytes(), &mut random);
    }
}

/// Numbered values, closely spaced over several blocks, with and without line ends: each is found once.
#[test]
fn nothing_is_lost_or_doubled_where_blocks_meet() {
    let extractor = extractor(TypeSet::all());
    for (name, filler) in [
        ("one line", " some words "),
        ("lines", "\n"),
        ("words", " "),
        ("csv", ", "),
    ] {
        let mut text = String::new();
        let mut wanted = BTreeMap::new();
        let mut number = 0;
        while text.len() < 3_300_000 {
            let (written, value) = match number % 4 {
                0 => (format!("v{number}.example"), format!("v{number}.example")),
                1 => (
                    format!("hxxp://v{number}[.]example/a"),
                    format!("http://v{number}.example/a"),
                ),
                2 => (
                    format!("u{number} [at] mail [dot] example"),
                    format!("u{number}@mail.example"),
                ),
                _ => (format!("v{number} [.] example"), format!("v{number}.example")),
            };
            wanted.insert(value, text.len() as u64);
            text.push_str(&written);
            text.push_str(filler);
            number += 1;
        }
        let found: BTreeMap<String, u64> = each(&extractor, text.as_bytes())
            .into_iter()
            .filter(|seen| seen.via.is_none() && wanted.contains_key(seen.observable.raw()))
            .map(|seen| (seen.observable.raw().to_owned(), seen.span.start))
            .collect();
        let missing: Vec<_> = wanted
            .iter()
            .filter(|(value, start)| found.get(*value) != Some(start))
            .take(5)
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let extraction = extractor.extract(text.as_bytes());
        let doubled = extraction.observed.iter().find(|seen| {
            seen.count > 1 && wanted.contains_key(seen.observable.raw()) && seen.observable.raw() != "mail.example"
        });
        assert!(doubled.is_none(), "{name}: {doubled:?}");
    }
}

#[test]
fn long_things_are_found_whole_where_blocks_meet() {
    let extractor = extractor(TypeSet::all());
    let mut text = String::new();
    let mut rules = 0;
    while text.len() < 1_500_000 {
        text.push_str(&format!("rule r{rules} {{\n  strings:\n"));
        for line in 0..200 {
            text.push_str(&format!("    $a{line} = \"some text\"\n"));
        }
        text.push_str("  condition:\n    any of them\n}\n\n");
        rules += 1;
    }
    let found = each(&extractor, text.as_bytes());
    let whole = found
        .iter()
        .filter(|seen| seen.observable.kind() == ObservableType::YaraRule && seen.raw.raw().ends_with('}'));
    assert_eq!(whole.count(), rules);
}

#[test]
fn slices_of_the_corpus() {
    let Some(corpus) = corpus::corpus("slices_of_the_corpus") else {
        return;
    };
    let mut random = Random::new(6);
    for path in corpus::files(&corpus) {
        let name = path.strip_prefix(&corpus).unwrap_or(&path).display().to_string();
        if !random.chance(1, 25) && !name.starts_with("ioc/") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("the corpus can be read");
        let from = random.index(bytes.len());
        let text = &bytes[from..bytes.len().min(from + 400_000)];
        check(&name, text, &mut random);
    }
}
