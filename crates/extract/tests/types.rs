//! Every type in a sentence: where it must be found, with its exact bytes and its normal form, and where something that
//! looks like it must not. A type without a sample fails.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test"
)]

mod samples;

use std::collections::BTreeSet;
use watchfire_extract::{Extractor, Options, Pattern};
use watchfire_model::{ObservableType, TypeSet};

/// One type: sentences that hold it, and sentences that only look so.
struct Sample {
    kind: ObservableType,
    /// A sentence with the raw text between `«` and `»`, and the normal form.
    found: &'static [(&'static str, &'static str)],
    /// Sentences without it.
    not: &'static [&'static str],
}

fn extractor(kind: ObservableType) -> Extractor {
    let mut options = Options::default();
    if !options.types.contains(kind) {
        options.types = TypeSet::by_default().with(kind);
    }
    if kind == ObservableType::Pattern {
        options.patterns = vec![Pattern::new("ticket", r"\bSOC-\d{4,}\b").expect("the pattern is valid")];
    }
    Extractor::new(options)
}

/// Byte ranges and normal forms of what is of type `kind`.
fn of_type(kind: ObservableType, text: &str) -> BTreeSet<(usize, usize, String)> {
    let mut found = BTreeSet::new();
    extractor(kind).each(text.as_bytes(), &mut |seen| {
        if seen.observable.kind() == kind {
            let (start, end) = (seen.span.start as usize, seen.span.end as usize);
            found.insert((start, end, seen.observable.raw().to_owned()));
        }
    });
    found
}

/// What is wrong with one sentence, alone and in the middle of a text.
fn problems(kind: ObservableType, marked: &str, value: &str) -> Vec<String> {
    let start = marked.find('«').expect("the raw text is marked");
    let text = marked.replacen('«', "", 1);
    let end = text.find('»').expect("the mark closes");
    let text = text.replacen('»', "", 1);
    let mut problems = Vec::new();
    for (before, after) in [
        ("", ""),
        ("Observed today:\n", "\nNothing else was seen."),
        ("The host did this. ", " Then it stopped."),
    ] {
        let whole = format!("{before}{text}{after}");
        let wanted = (before.len() + start, before.len() + end, value.to_owned());
        let found = of_type(kind, &whole);
        if found != BTreeSet::from([wanted.clone()]) {
            let shown: Vec<_> = found
                .iter()
                .map(|(start, end, value)| (&whole[*start..*end], value))
                .collect();
            let raw = &whole[wanted.0..wanted.1];
            problems.push(format!(
                "{kind} in {whole:?}:\n  expected {raw:?} as {value:?}\n  found    {shown:?}"
            ));
        }
    }
    problems
}

#[test]
fn every_type_is_found_where_it_stands() {
    let mut bad = Vec::new();
    for sample in samples::all() {
        for (marked, value) in sample.found {
            bad.extend(problems(sample.kind, marked, value));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn look_alikes_are_not_found() {
    let mut bad = Vec::new();
    for sample in samples::all() {
        for text in sample.not {
            let found = of_type(sample.kind, text);
            if !found.is_empty() {
                bad.push(format!("{} in {text:?}: {found:?}", sample.kind));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn every_type_has_samples_of_both_sorts() {
    for kind in ObservableType::ALL {
        let mut samples = samples::all().filter(|sample| sample.kind == *kind);
        let sample = samples.next().unwrap_or_else(|| panic!("'{kind}' has no sample"));
        assert!(samples.next().is_none(), "'{kind}' has two samples");
        assert!(!sample.found.is_empty(), "'{kind}' has no sentence");
        assert!(!sample.not.is_empty(), "'{kind}' has no look-alike");
    }
}

#[test]
fn what_nobody_asked_for_is_not_looked_for() {
    for sample in samples::all() {
        let options = Options {
            types: TypeSet::all().without(sample.kind),
            ..Options::default()
        };
        let extractor = Extractor::new(options);
        for (marked, _) in sample.found {
            let text = marked.replace(['«', '»'], "");
            for seen in extractor.extract(text.as_bytes()).observed {
                assert_ne!(seen.observable.kind(), sample.kind, "in {text:?}");
            }
        }
    }
}

#[test]
fn a_place_counts_once_for_all_patterns_of_one_name() {
    let pattern = |name, expression| Pattern::new(name, expression).expect("the pattern is valid");
    let options = Options {
        patterns: vec![
            pattern("x", "(?i)EVIL"),
            pattern("x", "evil"),
            pattern("x", "evil-[0-9]"),
            pattern("y", "evil"),
        ],
        ..Options::default()
    };
    let found = Extractor::new(options.clone()).extract(b"evil EVIL evil-7").observed;
    let counts: Vec<_> = found
        .iter()
        .map(|seen| (seen.observable.raw().to_owned(), seen.count))
        .collect();
    let expected = [("evil", 2), ("evil", 2), ("EVIL", 1), ("evil-7", 1)];
    assert_eq!(counts.len(), expected.len(), "{counts:?}");
    for (value, count) in expected {
        assert!(counts.contains(&(value.to_owned(), count)), "{counts:?}");
    }
    let mut each = 0;
    Extractor::new(options).each(b"evil", &mut |_| each += 1);
    assert_eq!(each, 2);
    assert!(Pattern::new("x", "").is_err());
}
