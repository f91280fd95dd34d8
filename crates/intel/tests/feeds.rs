//! Every format against a sample of what its publisher writes, and against what goes wrong on the way.
//!
//! `feeds/NAME.…` is a sample of the format NAME, `feeds/NAME.….read` what is to be read of it. `WATCHFIRE_BLESS=1` writes
//! the latter anew.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that reads its own samples"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_intel::FeedProfile;
use watchfire_intel::feed::{self, FORMATS, FeedError, FeedFormat, Intake, Options};
use watchfire_model::{Indicator, Moment, Untrusted};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds")
}

/// Name, format and bytes of each sample.
fn samples() -> Vec<(String, &'static dyn FeedFormat, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "read"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let format = name
                .split('.')
                .next()
                .and_then(feed::by_name)
                .expect("samples are called after formats");
            (name, format, fs::read(path).unwrap())
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn read(format: &dyn FeedFormat, bytes: &[u8], options: &Options) -> Result<(Vec<Indicator>, Intake), FeedError> {
    let mut all = Vec::new();
    let mut bytes = bytes;
    let intake = format.read(&mut bytes, options, &mut |indicator| all.push(indicator))?;
    assert_eq!(intake.indicators, all.len() as u64, "indicators are miscounted");
    Ok((all, intake))
}

fn shown(indicators: &[Indicator], intake: &Intake) -> String {
    let mut out = String::new();
    let time = |name: &str, moment: Option<Moment>| moment.map_or(String::new(), |moment| format!(" {name}={moment}"));
    let text = |name: &str, text: &Untrusted| match text.is_empty() {
        true => String::new(),
        false => format!(" {name}='{text}'"),
    };
    for one in indicators {
        let percent = one.confidence.map_or(String::new(), |percent| format!(" {percent}%"));
        writeln!(
            out,
            "{} {} {:?} {}{percent}{}{}{}{}{}",
            one.observable.kind().name(),
            one.observable.raw(),
            one.reach,
            one.towards,
            time("first", one.first_seen),
            time("last", one.last_seen),
            time("until", one.valid_until),
            text("threat", &one.threat),
            text("reference", &one.reference),
        )
        .unwrap();
    }
    for rejected in &intake.examples {
        writeln!(
            out,
            "- {}: {}, {}: '{}'",
            rejected.place, rejected.reason, rejected.why, rejected.text
        )
        .unwrap();
    }
    for note in &intake.notes {
        writeln!(out, "* {note}").unwrap();
    }
    let (made, tlp, pap, next) = (intake.made, intake.tlp, intake.pap, &intake.next);
    writeln!(
        out,
        "{} taken, {} not; made {made:?} {tlp:?} {pap:?} {next:?}",
        intake.indicators,
        intake.not_taken()
    )
    .unwrap();
    out
}

#[test]
fn samples_are_read_as_described() {
    for (name, format, bytes) in samples() {
        let (indicators, intake) =
            read(format, &bytes, &Options::default()).unwrap_or_else(|why| panic!("{name}: {why}"));
        let is = shown(&indicators, &intake);
        let path = folder().join(format!("{name}.read"));
        if std::env::var_os("WATCHFIRE_BLESS").is_some() {
            fs::write(&path, &is).unwrap();
        }
        let said = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(said, is, "{name}");
    }
}

#[test]
fn every_format_has_a_sample_and_is_recognised_by_it() {
    let samples = samples();
    for format in FORMATS {
        let name = format.info().name;
        assert!(
            samples.iter().any(|(_, own, _)| own.info().name == name),
            "{name} has no sample"
        );
        assert!(feed::by_name(name).is_some());
    }
    for (name, format, bytes) in samples {
        let head = bytes.get(..4096).unwrap_or(&bytes);
        let found = feed::detect(head, &name).map(|found| found.info().name);
        assert_eq!(found, Some(format.info().name), "{name}");
    }
}

#[test]
fn a_web_page_in_the_place_of_a_feed_is_said_to_be_one() {
    for format in FORMATS {
        let name = format.info().name;
        for page in ["<!DOCTYPE html><html><body>Sign in", "\u{feff}\n <HTML>"] {
            let error = read(*format, page.as_bytes(), &Options::default()).unwrap_err();
            assert!(matches!(error, FeedError::WebPage { .. }), "{name}: {error}");
            assert!(!error.hint().is_empty());
        }
        assert_eq!(
            read(*format, b"", &Options::default()).unwrap_err(),
            FeedError::Empty,
            "{name}"
        );
        let packed = read(*format, b"\x1f\x8b\x08\0", &Options::default()).unwrap_err();
        assert_eq!(packed, FeedError::Packed("gzip"), "{name}");
    }
    assert!(feed::detect(b"<!DOCTYPE html><html>", "feed.txt").is_none());
}

#[test]
fn json_that_is_cut_off_is_an_error_wherever_it_is_cut() {
    for (name, format, bytes) in samples() {
        if !name.ends_with(".json") {
            continue;
        }
        let whole = bytes.trim_ascii_end().len();
        for length in 1..whole {
            let cut = bytes.get(..length).unwrap();
            let result = read(format, cut, &Options::default());
            assert!(result.is_err(), "{name} cut at {length}");
        }
    }
}

/// Fails as a connection does.
struct Broken<'a>(&'a [u8]);

impl std::io::Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match std::io::Read::read(&mut self.0, buffer)? {
            0 => Err(std::io::Error::other("connection reset")),
            read => Ok(read),
        }
    }
}

#[test]
fn an_input_that_fails_is_an_error_and_no_end() {
    for (name, format, bytes) in samples() {
        let error = format
            .read(&mut Broken(&bytes), &Options::default(), &mut |_| {})
            .unwrap_err();
        assert!(matches!(error, FeedError::Input(_)), "{name}: {error}");
    }
}

#[test]
fn tables_are_read_as_the_user_maps_them() {
    let check = |map: &str, text: &str, expected: Result<&str, &str>| {
        let options = Options {
            columns: Some(feed::Columns::parse(map).unwrap()),
            ..Options::default()
        };
        let is = read(feed::by_name("csv").unwrap(), text.as_bytes(), &options);
        let is = is.map(|(all, intake)| shown(&all, &intake).lines().next().unwrap_or_default().to_owned());
        assert_eq!(
            is.as_deref().map_err(ToString::to_string),
            expected.map_err(str::to_owned),
            "{map}"
        );
    };
    check(
        "value=2,threat=3+4,confidence=1",
        "90,evil.example,bad,worse\n",
        Ok("domain evil.example Exact malicious 90% threat='bad, worse'"),
    );
    check(
        "value=what,first_seen=when,delimiter=tab",
        "when\twhat\n2026-11-21\t203.0.113.7\n",
        Ok("ipv4 203.0.113.7 Exact malicious first=2026-11-21T00:00:00Z"),
    );
    check(
        "value=what",
        "# when,what\n2026-11-21,203.0.113.7\n",
        Ok("ipv4 203.0.113.7 Exact malicious"),
    );
    check(
        "value=where",
        "when,what\n1,2\n",
        Err("the columns do not fit: no column is called 'where'"),
    );
    check(
        "value=1,header=yes",
        "what,x\nevil.example,1\n",
        Ok("domain evil.example Exact malicious"),
    );
}

#[test]
fn the_user_has_the_last_word_on_reach_verdict_confidence_and_threat() {
    let options = Options {
        reach: feed::UserReach::parse("below,prefix").unwrap(),
        towards: Some(watchfire_model::Verdict::Suspicious),
        confidence: Some(40),
        threat: "own list".to_owned(),
        ..Options::default()
    };
    let (all, intake) = read(
        feed::by_name("plain").unwrap(),
        b"evil.example\nhttp://evil.example/a # x\nhttp://evil.example/a?b\n",
        &options,
    )
    .unwrap();
    assert_eq!(
        shown(&all, &intake),
        "domain evil.example Below suspicious 40% threat='own list'\n\
         url http://evil.example/a Prefix suspicious 40% threat='x'\n\
         url http://evil.example/a?b Exact suspicious 40% threat='own list'\n\
         3 taken, 0 not; made None None None None\n"
    );
}

#[test]
fn dates_that_cannot_be_read_are_counted_and_the_first_is_named() {
    let table = "ip,first_seen,last_seen\n203.0.113.1,yesterday,2026-11-21\n203.0.113.2,-,soon\n203.0.113.3,,0\n";
    let (all, intake) = read(feed::by_name("csv").unwrap(), table.as_bytes(), &Options::default()).unwrap();
    assert_eq!((all.len(), intake.not_taken(), intake.unreadable_dates), (3, 0, 2));
    let note = "the first date that cannot be read is 'yesterday'; what bears such a date counts from when the feed was fetched";
    assert_eq!(intake.notes, [note]);
}

#[test]
fn a_list_of_which_most_cannot_be_read_says_so() {
    let (_, intake) = read(
        feed::by_name("plain").unwrap(),
        b"a b c\nd e f\n203.0.113.7\n",
        &Options::default(),
    )
    .unwrap();
    assert!(intake.is_mostly_malformed());
    let (_, intake) = read(
        feed::by_name("plain").unwrap(),
        b"a b c\n10.0.0.1\n203.0.113.7\n",
        &Options::default(),
    )
    .unwrap();
    assert!(!intake.is_mostly_malformed(), "what is refused was read");
}

#[test]
fn text_of_strangers_is_cut_and_stays_untrusted() {
    let long = format!("203.0.113.7 # \u{1b}[31m{}\n", "é".repeat(4000));
    let (all, _) = read(feed::by_name("plain").unwrap(), long.as_bytes(), &Options::default()).unwrap();
    let threat = &all.first().unwrap().threat;
    assert!(threat.raw().len() <= Indicator::MAX_THREAT);
    assert!(!threat.to_string().contains('\u{1b}'));
}

/// A small generator, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (most.max(1) as u64)).unwrap()
    }
}

#[test]
fn damaged_feeds_are_read_without_a_panic_and_give_sane_indicators() {
    let samples = samples();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (_, format, bytes) in &samples {
        for _ in 0..150 {
            let mut damaged = bytes.clone();
            match random.below(4) {
                0 => damaged.truncate(random.below(bytes.len())),
                1 => {
                    for _ in 0..8 {
                        let at = random.below(damaged.len());
                        damaged[at] ^= 1 << random.below(8);
                    }
                }
                2 => {
                    let (_, _, other) = &samples[random.below(samples.len())];
                    let at = random.below(damaged.len());
                    damaged.truncate(at);
                    damaged.extend(&other[random.below(other.len())..]);
                }
                _ => {
                    let from = random.below(damaged.len());
                    let piece: Vec<u8> = damaged[from..].iter().take(random.below(40)).copied().collect();
                    damaged.splice(from..from, piece.repeat(40));
                }
            }
            if let Ok((all, intake)) = read(*format, &damaged, &Options::default()) {
                assert!(intake.examples.len() <= 5);
                for indicator in all {
                    assert!(indicator.threat.raw().len() <= Indicator::MAX_THREAT);
                    assert!(indicator.reference.raw().len() <= Indicator::MAX_REFERENCE);
                    assert!(indicator.confidence.is_none_or(|percent| percent <= 100));
                }
            }
            feed::detect(&damaged, "");
        }
    }
}

/// How the indicators of samples count that are read as a well-known feed.
fn counts_as(known: &feed::catalogue::Known) -> String {
    let profile = FeedProfile {
        name: known.name.into(),
        grade: known.grade,
        group: known.group.into(),
        lifetime: None,
        fetched: Moment::from_unix(0),
    };
    let mut ranks = BTreeSet::new();
    for (_, format, bytes) in samples() {
        if format.info().name == known.format {
            let (indicators, _) = read(format, &bytes, &Options::default()).unwrap();
            ranks.extend(indicators.iter().map(|indicator| profile.rank(indicator.towards)));
        }
    }
    let words: Vec<String> = ranks.iter().map(|rank| format!("{rank:?}").to_lowercase()).collect();
    words.join(", ")
}

#[test]
fn the_table_of_the_manual_lists_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/feeds.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut formats =
        String::from("| format | what it is | about | asserts | besides | meets |\n|---|---|---|---|---|---|\n");
    for info in FORMATS.iter().map(|format| format.info()) {
        let describes = info.describes;
        writeln!(
            formats,
            "| [`{}`]({}) | {describes} | {} | {} | {} | {} |",
            info.name,
            info.source,
            info.yields,
            info.towards,
            info.fields,
            info.reach.replace("||", "two bars, ")
        )
        .unwrap();
    }
    let mut known = String::from(
        "| name | what it lists | format | grade | counts as | group | every | terms |\n|---|---|---|---|---|---|---|---|\n",
    );
    for feed in feed::catalogue::KNOWN {
        let key = feed.key.as_ref().map_or(String::new(), |key| {
            let variable = key.variable().unwrap();
            let needed = if key.is_required { "needs" } else { "takes" };
            format!("; {needed} the key in `{variable}`")
        });
        writeln!(
            known,
            "| `{}` | {} | `{}` | {} | {} | {} | {} h | {}{key} |",
            feed.name,
            feed.describes,
            feed.format,
            feed.grade,
            counts_as(feed),
            feed.group,
            feed.refresh / 3600,
            feed.terms
        )
        .unwrap();
    }
    let mut is = text.clone();
    for (name, table) in [("formats", formats), ("catalogue", known)] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = is.split_once(&begin).expect("the table's beginning is marked");
        let (_, after) = rest.split_once(&end).expect("the table's end is marked");
        is = format!("{before}{begin}{table}{end}{after}");
    }
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        fs::write(&path, &is).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        is,
        "WATCHFIRE_BLESS=1 writes it anew"
    );
}

#[test]
fn examples_of_the_specification_are_read() {
    let Some(corpus) = std::env::var_os("WATCHFIRE_CORPUS") else {
        println!("SKIPPED: WATCHFIRE_CORPUS is not set");
        return;
    };
    let mut folders = vec![Path::new(&corpus).join("stix-schemas/examples")];
    let mut taken = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let bytes = fs::read(&path).unwrap();
                let format = feed::by_name("stix").unwrap();
                let (_, intake) =
                    read(format, &bytes, &Options::default()).unwrap_or_else(|why| panic!("{path:?}: {why}"));
                // One example has a slip of the pen in a domain.
                let malformed = intake.rejected.get(&feed::Reason::Malformed).copied();
                assert!(malformed.unwrap_or_default() <= 1, "{path:?}: {:?}", intake.examples);
                taken += intake.indicators;
            }
        }
    }
    assert!(taken > 30, "{taken}");
}

#[test]
fn the_manifest_of_a_feed_names_events_and_nothing_else() {
    let text = r#"{"5BF30242-8ef4-4c52-a2d7-0b7b0a016219":{"info":"Loader","timestamp":"1795262400","Orgc":{"name":"x"}},
        "../../etc/passwd":{"info":"climbs"},"5bf30242-8ef4-4c52-a2d7-0b7b0a01621x":{"info":"x"}}"#;
    let events = feed::misp_manifest(&mut text.as_bytes(), &Options::default()).unwrap();
    let names: Vec<_> = events
        .iter()
        .map(|event| (&*event.uuid, event.changed.is_some()))
        .collect();
    assert_eq!(names, [("5bf30242-8ef4-4c52-a2d7-0b7b0a016219", true)]);
    assert!(feed::misp_manifest(&mut b"[]".as_slice(), &Options::default()).is_err());
    assert!(feed::misp_manifest(&mut br#"{"a":"#.as_slice(), &Options::default()).is_err());
}

#[test]
fn entities_and_document_types_are_refused() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE ioc [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><ioc>&b;</ioc>";
    let error = read(feed::by_name("openioc").unwrap(), bomb.as_bytes(), &Options::default()).unwrap_err();
    assert!(error.to_string().contains("document type"), "{error}");
    let deep = "<ioc>".repeat(5_000);
    assert!(read(feed::by_name("openioc").unwrap(), deep.as_bytes(), &Options::default()).is_err());
}
