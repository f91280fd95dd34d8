//! A YARA rule holds.
//!
//! What a match weighs is its author's to say, in the metadata of the rule. The first of `score`, `severity`, `level`,
//! `threat_level` and `importance` that makes sense is taken: a number up to 100 (of `severity` and its like, one up to 10
//! is taken ten times), or a word. signature-base and what is written to its conventions have `score`.
//!
//! | score | words | severity | weight | why |
//! |---|---|---|---|---|
//! | 90–100 | critical | critical | 0.80 | the author knows no innocent file that it matches |
//! | 75–89 | high | high | 0.60 | what THOR and LOKI warn of |
//! | 60–74 | medium, none given | medium | 0.40 | worth a look; whoever gives a rule wants to hear of it |
//! | 40–59 | low | low | 0.15 | prone to match what is innocent: tools of administrators, packers |
//! | 1–39 | info | informational | 0.05 | for the record |
//! | 0 | none | informational | 0.00 | switched off by its author |
//!
//! Matches of many rules are one group: rule sets overlap. One rule is one finding about one root, with every artifact
//! that it matches among its evidence.

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use std::collections::BTreeMap;
use watchfire_knowledge::attack::{self, Kind};
use watchfire_model::observable::defang;
use watchfire_model::{
    Confidence, Evidence, Fact, FactSet, Finding, MetadataValue, Place, RuleId, RuleMatch, Severity, TechniqueId,
    Untrusted, Weight,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct YaraMatch {
    /// By source and name.
    rules: BTreeMap<(Untrusted, Untrusted), Matched>,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("yara-match"),
    describes: "a YARA rule that was given with `--yara` holds",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 400,
    group: "yara",
    techniques: &[],
    false_positives: "whatever the author of the rule did not think of; reports and rule files that quote what rules look for",
};

/// One rule and what it matched.
#[derive(Debug)]
struct Matched {
    rule: RuleMatch,
    evidence: Vec<Evidence>,
    /// Names of artifacts, each once.
    files: Vec<Untrusted>,
    /// Artifacts that it matched.
    artifacts: usize,
}

/// Pieces of evidence of one finding.
const MOST_EVIDENCE: usize = 30;
/// Of these, places in each artifact.
const MOST_PLACES: usize = 10;
/// Files that advice names.
const MOST_FILES: usize = 20;
/// Techniques of one rule.
const MOST_TECHNIQUES: usize = 8;

impl Detector for YaraMatch {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, _: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Rule(rule) = fact else { continue };
            let key = (rule.source.clone(), rule.rule.clone());
            let matched = self.rules.entry(key).or_insert_with(|| Matched {
                rule: RuleMatch::clone(rule),
                evidence: Vec::new(),
                files: Vec::new(),
                artifacts: 0,
            });
            matched.artifacts += 1;
            let name = facts.origin.name();
            if matched.files.len() < MOST_FILES && !matched.files.contains(name) {
                matched.files.push(name.clone());
            }
            let room = MOST_EVIDENCE.saturating_sub(matched.evidence.len()).min(MOST_PLACES);
            matched.evidence.extend(places(facts, rule).take(room));
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        for matched in std::mem::take(&mut self.rules).into_values() {
            if let Some(finding) = matched.finding() {
                scene.found(finding);
            }
        }
    }
}

/// Where a rule found its strings, each with the rule's name, so that a suppression can name it.
fn places(facts: &FactSet, rule: &RuleMatch) -> impl Iterator<Item = Evidence> {
    let name = rule.rule.raw();
    let whole = rule
        .strings
        .is_empty()
        .then(|| evidence(facts, Place::Whole, &format!("{name}: its condition, without a string")));
    let strings = rule.strings.iter().map(move |found| {
        let text = format!("{name} {}: {}", found.identifier.raw(), found.excerpt.raw());
        evidence(facts, Place::Bytes(found.span), &text)
    });
    whole.into_iter().chain(strings)
}

impl Matched {
    fn finding(self) -> Option<Finding> {
        let (severity, weight) = weigh(score(&self.rule));
        let mut draft = INFO.draft(self.title());
        draft.severity = severity;
        draft.weight = Weight::from_thousandths(weight);
        let mut evidence = self.evidence.into_iter();
        let first = draft.at(evidence.next()?);
        let finding = evidence.fold(first, Finding::and_at);
        let finding = self
            .files
            .iter()
            .fold(finding, |finding, name| finding.about(file(name.raw())));
        Some(finding.showing(techniques(&self.rule)))
    }

    /// `'a.exe' matches the YARA rule Name: description (author; reference)`
    fn title(&self) -> String {
        let name = self.files.first().map(|name| name.shown(60)).unwrap_or_default();
        let (more, verb) = match self.artifacts.saturating_sub(1) {
            0 => (String::new(), "matches"),
            more => (format!(" and {more} more"), "match"),
        };
        let mut title = format!("'{name}'{more} {verb} the YARA rule {}", said(&self.rule.rule, 80));
        if let Some(description) = told(&self.rule, &["description", "desc", "info"]) {
            title = format!("{title}: {}", said(description, 160));
        }
        let behind: Vec<String> = [(&["author"][..], 60), (&["reference", "ref", "url"], 100)]
            .iter()
            .filter_map(|(names, width)| Some(said(told(&self.rule, names)?, *width)))
            .collect();
        if !behind.is_empty() {
            title = format!("{title} ({})", behind.join("; "));
        }
        title
    }
}

/// The first text under one of these names that says something.
fn told<'r>(rule: &'r RuleMatch, names: &[&str]) -> Option<&'r Untrusted> {
    let mut texts = names.iter().filter_map(|name| rule.text(name));
    texts.find(|text| !text.is_empty() && text.raw() != "-")
}

/// What an author wrote, for a title: escaped and defanged.
fn said(text: &Untrusted, width: usize) -> String {
    defang(&text.shown(width))
}

/// How bad its author holds a match to be, up to 100.
fn score(rule: &RuleMatch) -> u8 {
    const NOT_SAID: u8 = 60;
    const NAMES: &[(&str, bool)] = &[
        ("score", false),
        ("severity", true),
        ("level", true),
        ("threat_level", true),
        ("importance", true),
    ];
    let scores = NAMES.iter().filter_map(|(name, is_short)| match rule.get(name)? {
        MetadataValue::Integer(number) => rated(*number, *is_short),
        MetadataValue::Text(text) => match text.raw().trim().parse() {
            Ok(number) => rated(number, *is_short),
            Err(_) => named(text.raw().trim()),
        },
        MetadataValue::Boolean(_) => None,
    });
    scores.into_iter().next().unwrap_or(NOT_SAID)
}

/// A number on a scale of 100, or on one of 10 where it may be short.
fn rated(number: i64, is_short: bool) -> Option<u8> {
    let number = u8::try_from(number).ok().filter(|number| *number <= 100)?;
    Some(if is_short && number <= 10 { number * 10 } else { number })
}

fn named(word: &str) -> Option<u8> {
    const WORDS: &[(&str, u8)] = &[
        ("critical", 95),
        ("high", 80),
        ("medium", 60),
        ("moderate", 60),
        ("low", 40),
        ("info", 20),
        ("informational", 20),
        ("none", 0),
    ];
    let known = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    known.map(|(_, score)| *score)
}

/// See the table above.
fn weigh(score: u8) -> (Severity, u16) {
    match score {
        90.. => (Severity::Critical, 800),
        75..90 => (Severity::High, 600),
        60..75 => (Severity::Medium, 400),
        40..60 => (Severity::Low, 150),
        1..40 => (Severity::Informational, 50),
        0 => (Severity::Informational, 0),
    }
}

/// Techniques of ATT&CK that the rule names: in its tags, and under metadata that is about ATT&CK.
fn techniques(rule: &RuleMatch) -> Vec<TechniqueId> {
    let is_about = |name: &Untrusted| {
        let name = name.raw().to_lowercase();
        ["attack", "att&ck", "mitre", "technique", "ttp"]
            .iter()
            .any(|word| name.contains(word))
    };
    let values = rule
        .metadata
        .iter()
        .filter(|(name, _)| is_about(name))
        .filter_map(|(_, value)| match value {
            MetadataValue::Text(text) => Some(text),
            _ => None,
        });
    let mut found = Vec::new();
    for text in rule.tags.iter().chain(values) {
        for word in text
            .raw()
            .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_'))
        {
            // Tags have no dots.
            let id = word.trim_matches(['.', '_']).replace('_', ".").to_uppercase();
            let known = attack::lookup(&id).filter(|entry| entry.kind == Kind::Technique);
            let Some(technique) = known.map(|entry| TechniqueId::new(entry.id)) else {
                continue;
            };
            if found.len() < MOST_TECHNIQUES && !found.contains(&technique) {
                found.push(technique);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(metadata: &[(&str, MetadataValue)], tags: &[&str]) -> RuleMatch {
        RuleMatch {
            rule: "Rule".into(),
            metadata: metadata
                .iter()
                .map(|(name, value)| ((*name).into(), value.clone()))
                .collect(),
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            ..RuleMatch::default()
        }
    }

    #[test]
    fn authors_say_what_their_rules_weigh() {
        let text = |text: &str| MetadataValue::Text(text.into());
        let number = MetadataValue::Integer;
        for (name, value, expected) in [
            ("score", number(100), 100),
            ("score", number(8), 8),
            ("Score", text("70"), 70),
            ("score", number(-1), 60),
            ("score", number(1_000), 60),
            ("severity", number(7), 70),
            ("severity", text("Critical"), 95),
            ("level", text("low"), 40),
            ("threat_level", number(10), 100),
            ("importance", number(25), 25),
            ("score", MetadataValue::Boolean(true), 60),
            ("hash", text("90"), 60),
        ] {
            assert_eq!(
                score(&rule(&[(name, value.clone())], &[])),
                expected,
                "{name} {value:?}"
            );
        }
        let both = rule(&[("severity", text("low")), ("score", number(80))], &[]);
        assert_eq!(score(&both), 80);
        assert_eq!(
            [100, 75, 74, 59, 39, 0].map(|score| weigh(score).1),
            [800, 600, 400, 150, 50, 0]
        );
    }

    #[test]
    fn techniques_come_from_tags_and_from_what_is_about_them() {
        let text = |text: &str| MetadataValue::Text(text.into());
        let rule = rule(
            &[
                ("mitre_attack", text("T1059.001, t1105 and T9999")),
                ("reference", text("https://attack.mitre.org/techniques/T1566/")),
            ],
            &["FILE", "T1552_004", "T1105"],
        );
        let found: Vec<_> = techniques(&rule).into_iter().map(TechniqueId::as_str).collect();
        assert_eq!(found, ["T1552.004", "T1105", "T1059.001"]);
    }

    #[test]
    fn titles_quote_authors_escaped_and_defanged() {
        let text = |text: &str| MetadataValue::Text(text.into());
        let matched = Matched {
            rule: rule(
                &[
                    ("description", text("Bad\u{1b}[31m thing")),
                    ("author", text("-")),
                    ("reference", text("https://evil.example/a")),
                ],
                &[],
            ),
            evidence: Vec::new(),
            files: vec!["a.exe".into()],
            artifacts: 3,
        };
        assert_eq!(
            matched.title(),
            r"'a.exe' and 2 more match the YARA rule Rule: Bad\u{1b}[31m thing (hxxps://evil[.]example/a)"
        );
    }
}
