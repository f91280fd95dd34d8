//! Rules of anybody, and anything matched against them.

use watchfire_yara::{Limits, Names, Rules, Source, builtin};

/// Rules that were written to hurt cost no more than themselves; anything can be matched.
pub fn yara(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let good = Source::new("good.yar", "rule Good { condition: true }");
    let (rules, _) = Rules::compile(&[Source::new("fuzz.yar", text), good]);
    assert!(rules.is_some(), "a good rule was lost");
    let Some(rules) = rules else { return };
    let outcome = rules.scan(data, &Names::default(), &Limits::default());
    let is_found = outcome.matches.iter().any(|found| found.rule.raw() == "Good");
    assert!(is_found || !outcome.problems.is_empty(), "a good rule does not match");
    for found in &outcome.matches {
        for string in &found.strings {
            assert!(string.span.end <= data.len() as u64, "a place outside of the file");
        }
    }
}

/// Rules of every kind, and what they look for.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let own = builtin().into_iter().map(|source| source.text.into_bytes());
    let others = [
        "import \"pe\"\nrule A : t { meta: a = 1 b = true strings: $a = \"x\" wide ascii nocase xor(1-9) $b = { 4D 5A [2-4] (50 | 51 ?2) } $c = /ab{1,3}[^c]+$/is condition: for any i in (1..#a) : (@a[i] < filesize) and pe.is_pe and not $b at 0 and $c }",
        "include \"good.yar\"\nprivate global rule B { condition: uint16be(0) == 0x4d5a or A }",
    ];
    own.chain(others.map(|text| text.as_bytes().to_vec())).collect()
}
