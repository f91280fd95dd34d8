//! A Sigma rule holds for records of a log.
//!
//! What a match weighs is its author's to say, by the rule's level. Which matches are told at all is decided before: by
//! default stable rules of level high and above, and all that ship; the others are counted.
//!
//! | level | weight | why |
//! |---|---|---|
//! | critical | 0.70 | the author holds it to be an incident |
//! | high | 0.45 | worth a prompt look, and wrong now and then |
//! | medium | 0.20 | common in ordinary administration |
//! | low, informational, none | 0.05 | for the record |
//!
//! Matches of one tactic of ATT&CK are one group: rule sets overlap, and stages of an attack do not. Guessed passwords are
//! one group with what is said of log-ins themselves. One rule is one
//! finding, with the first records that it matches among its evidence.

use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::attack::{self, Kind};
use watchfire_model::log::{RuleCount, RuleHit, RuleLevel, RuleReason, RuleSaid};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, Finding, RuleId, Severity, TechniqueId, Untrusted, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SigmaMatch {
    hits: Vec<RuleHit>,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("sigma-match"),
    describes: "a Sigma rule holds for records of a log",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "sigma",
    techniques: &[],
    false_positives: "whatever the author of the rule says; `watchfire rules explain` shows it",
};

/// Groups of findings, by the first tactic of a rule.
const GROUPS: &[(&str, &str)] = &[
    ("reconnaissance", "sigma-reconnaissance"),
    ("resource-development", "sigma-resource-development"),
    ("initial-access", "sigma-initial-access"),
    ("execution", "sigma-execution"),
    ("persistence", "sigma-persistence"),
    ("privilege-escalation", "sigma-privilege-escalation"),
    ("defense-evasion", "sigma-defense-evasion"),
    ("stealth", "sigma-defense-evasion"),
    ("defense-impairment", "sigma-defense-evasion"),
    ("credential-access", "sigma-credential-access"),
    ("discovery", "sigma-discovery"),
    ("lateral-movement", "sigma-lateral-movement"),
    ("collection", "sigma-collection"),
    ("command-and-control", "sigma-command-and-control"),
    ("exfiltration", "sigma-exfiltration"),
    ("impact", "sigma-impact"),
];

/// What log-ins say, a detector says as well.
const GUESSING: &str = "password-guessing";

/// Hits that are kept: each rule gives a few.
const MOST: usize = 10_000;

impl Detector for SigmaMatch {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_hit(&mut self, hit: &RuleHit, _: &mut Scene<'_>) {
        if self.hits.len() < MOST {
            self.hits.push(hit.clone());
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let hits = std::mem::take(&mut self.hits);
        let mut rules: Vec<(&RuleHit, Vec<&RuleHit>)> = Vec::new();
        for hit in &hits {
            match rules
                .iter_mut()
                .find(|(first, _)| std::sync::Arc::ptr_eq(&first.rule, &hit.rule))
            {
                Some((_, all)) => all.push(hit),
                None => rules.push((hit, vec![hit])),
            }
        }
        for (first, all) in rules {
            if let Some(finding) = finding(first, &all, scene) {
                scene.found(finding);
            }
        }
    }
}

fn finding(first: &RuleHit, all: &[&RuleHit], scene: &Scene<'_>) -> Option<Finding> {
    let log = scene.log()?;
    let said = &first.rule;
    let mut draft = INFO.draft(title(first));
    draft.severity = said.level.severity();
    draft.weight = Weight::from_thousandths(weight(said.level));
    draft.confidence = match said.status {
        "stable" => Confidence::High,
        "experimental" => Confidence::Low,
        _ => Confidence::Medium,
    };
    let tactic = said.tactics.first().map_or("", Untrusted::raw);
    let guesses = said.techniques.iter().any(|id| id.raw().starts_with("T1110"));
    draft.group = GROUPS
        .iter()
        .find(|(name, _)| *name == tactic)
        .map_or(INFO.group, |(_, group)| group);
    if guesses {
        draft.group = GUESSING;
    }
    let mut evidence = all
        .iter()
        .map(|hit| log.record(hit.place, &why(&hit.reasons, &hit.text)));
    let finding = draft.at(evidence.next()?);
    let finding = all.iter().fold(finding, |finding, hit| {
        let finding = finding.of_account(&hit.user);
        hit.traces.iter().cloned().fold(finding, Finding::with_trace)
    });
    let seen = first.seen;
    let finding = finding.during(seen.map(|seen| seen.first), seen.map(|seen| seen.last));
    Some(evidence.fold(finding, Finding::and_at).showing(techniques(said)))
}

const fn weight(level: RuleLevel) -> u16 {
    match level {
        RuleLevel::Critical => 700,
        RuleLevel::High => 450,
        RuleLevel::Medium => 200,
        RuleLevel::Low | RuleLevel::Informational | RuleLevel::Unset => 50,
    }
}

/// `Sigma: Title, 12 times on FIN-PC-07 (Author; licence)`
fn title(first: &RuleHit) -> String {
    let said = &first.rule;
    let mut title = format!("Sigma: {}", shown(&said.title, 100));
    match first.count {
        1 => title.push_str(", once"),
        times => title.push_str(&format!(", {times} times")),
    }
    match first.hosts.as_slice() {
        [] => {}
        [host] => title.push_str(&format!(" on {}", shown(host, 60))),
        [host, rest @ ..] if first.hosts.len() >= RuleCount::HOSTS => {
            title.push_str(&format!(
                " on {}, {} more and maybe others",
                shown(host, 60),
                rest.len()
            ));
        }
        [host, rest @ ..] => title.push_str(&format!(" on {} and {} more", shown(host, 60), rest.len())),
    }
    let behind: Vec<String> = [(&said.author, 60), (&said.license, 40)]
        .into_iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, width)| text.shown(width).to_string())
        .collect();
    if !behind.is_empty() && !said.is_shipped() {
        title.push_str(&format!(" ({})", behind.join("; ")));
    }
    title
}

/// What made it hold, then the record.
pub(crate) fn why(reasons: &[RuleReason], text: &Untrusted) -> String {
    let reasons = reasons.iter().take(2).map(|reason| {
        let field = if reason.field.is_empty() { "text" } else { &reason.field };
        format!("{field} {} '{}'", reason.operator, reason.pattern.raw())
    });
    let reasons: Vec<String> = reasons.collect();
    match reasons.is_empty() {
        true => text.raw().to_owned(),
        false => format!("{}: {}", reasons.join(", "), text.raw()),
    }
}

fn shown(text: &Untrusted, width: usize) -> String {
    defang(&text.shown(width))
}

/// Techniques that are known by the identifiers that the rule names.
fn techniques(said: &RuleSaid) -> Vec<TechniqueId> {
    const MOST: usize = 8;
    let known = said.techniques.iter().filter_map(|id| {
        let entry = attack::lookup(id.raw()).filter(|entry| entry.kind == Kind::Technique)?;
        Some(TechniqueId::new(entry.id))
    });
    known.take(MOST).collect()
}
