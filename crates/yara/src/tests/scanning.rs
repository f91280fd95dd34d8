//! What a scan hands out.

use super::{names, rules, scan};
use crate::{Limits, Names};
use std::sync::Arc;
use std::time::Duration;
use watchfire_model::{MetadataValue, Span};

#[test]
fn metadata_tags_and_strings_come_out_with_their_places() {
    let rules = rules(
        "rule A : one two {
            meta: author = \"somebody\" score = 70 live = true author = \"else\"
            strings: $text = \"evil\" $wide = \"evil\" wide $hex = { 4D 5A ?? 00 } $none = \"absent\"
            condition: any of them }",
    );
    let outcome = scan(&rules, b"evil e\0v\0i\0l\0 MZ\x90\0 evil");
    let found = &outcome.matches[0];
    assert_eq!(found.source.raw(), "a.yar");
    assert_eq!(
        found.tags.iter().map(|tag| tag.raw()).collect::<Vec<_>>(),
        ["one", "two"]
    );
    assert_eq!(found.text("Author").unwrap().raw(), "somebody");
    assert_eq!(found.get("score"), Some(&MetadataValue::Integer(70)));
    assert_eq!(found.get("live"), Some(&MetadataValue::Boolean(true)));
    assert_eq!(found.metadata.len(), 4);
    let strings: Vec<_> = found
        .strings
        .iter()
        .map(|place| {
            (
                place.identifier.raw(),
                place.span.start,
                place.span.end,
                place.excerpt.raw(),
            )
        })
        .collect();
    assert_eq!(
        strings,
        [
            ("$text", 0, 4, "evil"),
            ("$text", 19, 23, "evil"),
            ("$wide", 5, 13, "evil"),
            ("$hex", 14, 18, "4d 5a 90 00"),
        ]
    );
    assert!(!found.truncated);
}

#[test]
fn places_and_excerpts_are_bounded_and_counts_are_not_what_is_told() {
    let rules = rules("rule A { strings: $a = \"ab\" $b = /x{500}/ condition: #a == 100 and $b }");
    let bytes = [b"ab".repeat(100), vec![b'x'; 500]].concat();
    let outcome = scan(&rules, &bytes);
    let found = &outcome.matches[0];
    assert!(found.truncated);
    assert_eq!(found.strings.len(), 4);
    let last = found.strings.last().unwrap();
    assert_eq!(last.span, Span { start: 200, end: 700 });
    assert_eq!(last.excerpt.raw(), format!("{}…", "x".repeat(64)));
}

#[test]
fn more_rules_than_are_told_are_counted() {
    let text: String = (0..30)
        .map(|at| format!("rule R{at} {{ condition: true }}\n"))
        .collect();
    let limits = Limits {
        matches: 10,
        ..Limits::default()
    };
    let outcome = rules(&text).scan(b"", &Names::default(), &limits);
    assert_eq!((outcome.matches.len(), outcome.problems.len()), (10, 1));
    assert_eq!(outcome.problems[0].message.raw(), "20 further rules match");
}

#[test]
fn modules_read_programs_and_survive_what_is_none() {
    let rules = rules(
        "import \"pe\" import \"elf\" import \"hash\" import \"math\" import \"dotnet\" import \"macho\"
         rule Pe { condition: pe.number_of_sections == 1 and pe.number_of_signatures == 0 }
         rule Elf { condition: elf.type == elf.ET_EXEC }
         rule Dotnet { condition: dotnet.is_dotnet }
         rule Macho { condition: macho.cputype == 7 }
         rule Hash { condition: hash.md5(0, filesize) == \"900150983cd24fb0d6963f7d28e17f72\" }
         rule Noise { condition: math.entropy(0, filesize) >= 7.9 }",
    );
    assert_eq!(names(&scan(&rules, b"abc")), ["Hash"]);
    let noise: Vec<u8> = noise(1, 100_000);
    assert_eq!(names(&scan(&rules, &noise)), ["Noise"]);
    for head in [&b"MZ"[..], b"\x7fELF\x02\x01\x01", b"\xcf\xfa\xed\xfe", b"dex\n035\0"] {
        for length in (0..600).step_by(7) {
            scan(&rules, &[head, &noise[..length]].concat());
        }
    }
}

/// Bytes that look random, the same each time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[test]
fn time_that_runs_out_is_said() {
    let rules = rules("rule A { strings: $a = \"ab\" condition: #a > 1000 } rule B { condition: true }");
    let limits = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    let outcome = rules.scan(&b"ab".repeat(1_000_000), &Names::default(), &limits);
    let codes: Vec<_> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["yara-timeout"]);
}

#[test]
fn threads_share_rules_and_see_the_same() {
    let rules = Arc::new(rules(
        "rule A { strings: $a = \"evil\" condition: $a and extension == \".a\" }",
    ));
    let seen: Vec<_> = std::thread::scope(|scope| {
        let work = ["x.a", "x.b", "y.a"].map(|path| {
            let rules = rules.clone();
            scope.spawn(move || {
                let named = Names::of(path, watchfire_model::MediaType::UNKNOWN);
                rules.scan(b"some evil here", &named, &Limits::default())
            })
        });
        work.map(|thread| thread.join().unwrap()).into()
    });
    assert_eq!(
        seen.iter().map(names).map(|names| names.len()).collect::<Vec<_>>(),
        [1, 0, 1]
    );
    assert_eq!(seen[0], seen[2]);
}
