//! Workbooks: sheets, types of cells, limits of rows, and formulas that are text.

use super::*;
use crate::samples;
use std::collections::BTreeMap;
use watchfire_model::ObservableType;

/// Members of the archive, by name, inflated by the list at its end.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let number = |at: usize, length: usize| {
        let bytes = &bytes[at..at + length];
        bytes
            .iter()
            .rev()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let end = bytes.len() - 22;
    let (mut at, mut parts) = (number(end + 16, 4), BTreeMap::new());
    for _ in 0..number(end + 10, 2) {
        assert_eq!(number(at, 4), 0x0201_4b50);
        let (packed, size, name) = (number(at + 20, 4), number(at + 24, 4), number(at + 28, 2));
        let from = number(at + 42, 4);
        let title = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        let content = from + 30 + number(from + 26, 2);
        let text = ::miniz_oxide::inflate::decompress_to_vec(&bytes[content..content + packed]).unwrap();
        assert_eq!(
            (text.len(), crc32fast::hash(&text) as usize),
            (size, number(at + 16, 4)),
            "{title}"
        );
        parts.insert(title, String::from_utf8(text).unwrap());
        at += 46 + name;
    }
    parts
}

fn workbook_of(report: &Report, most: u32) -> BTreeMap<String, String> {
    let mut out = Vec::new();
    write(report, most, &mut out).unwrap();
    let mut again = Vec::new();
    write(report, most, &mut again).unwrap();
    assert!(out == again, "the same report gives the same bytes");
    parts(&out)
}

#[test]
fn a_hostile_report_is_text_in_cells() {
    let parts = workbook_of(&samples::hostile(), ROWS);
    assert!(parts["xl/workbook.xml"].contains("<sheets><sheet name=\"summary\""));
    for (name, text) in &parts {
        assert!(
            !text.contains("<f>") && !text.contains(['\0', '\u{1b}', '\u{202e}']),
            "{name}"
        );
        assert_eq!(text.matches("<row ").count(), text.matches("</row>").count(), "{name}");
    }
    let all: String = parts.values().map(String::as_str).collect();
    assert!(all.contains("=cmd|&#39; /C calc&#39;!A1 &quot;quoted&quot;"));
    assert!(all.contains("\\u{1b}[2J\\u{202e}\\u{0}"));
    assert!(
        all.contains("<autoFilter ref=\"A1:L3\"/>"),
        "two findings below their names"
    );
}

#[test]
fn a_list_that_is_too_long_goes_on_on_further_sheets() {
    let mut report = samples::report();
    let seen = |number: u32| {
        let value = format!("host-{number}.com");
        samples::observed(ObservableType::Domain, &value, &[], watchfire_model::Verdict::Unknown)
    };
    report.artifacts = vec![samples::artifact("note.txt", (0..25).map(seen).collect())];
    let parts = workbook_of(&report, 10);
    let book = &parts["xl/workbook.xml"];
    assert!(
        book.contains("name=\"observables 3\"") && !book.contains("name=\"observables 4\""),
        "{book}"
    );
    let summary = parts.values().find(|text| text.contains("continued on")).unwrap();
    assert!(summary.contains("25 rows, continued on 2 further sheets"), "{summary}");
}
