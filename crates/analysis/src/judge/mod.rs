//! The judge: from evidence to a verdict with its reasons. [`judge`] weighs findings, [`judge_reputation`] what sources say
//! of one observable; both by the same score and the same bands.
//!
//! Evidence of one group is not independent, so only the heaviest of each group counts. The score is
//! `round(100·(1−Π(1−w)))` over the groups, in integer arithmetic, so that it is the same on every machine. Benign is
//! never the absence of bad: it takes a known-good identity for every input and full coverage. What belongs together is
//! judged together; what does not is [judged by the worst of it](crate::assemble()).

mod reputation;
mod score;

pub use reputation::judge_reputation;

use crate::sighting;
use score::Groups;
use std::cmp::Ordering;
use watchfire_model::{
    ArtifactRecord, Confidence, Coverage, Evidence, Finding, Judgement, KnownGood, Place, Reason, Score, Untrusted,
    Verdict, Weight, agreeing, counted,
};

/// From this score on, the evidence suffices to act.
///
/// Two independent findings of weight 0.55, or one of 0.80: no detector weighs that much alone, unless what it saw has
/// no innocent explanation.
pub const MALICIOUS: Score = Score::new(80);

/// From this score on, a person should look. One strong finding, or two of weight 0.25.
pub const SUSPICIOUS: Score = Score::new(40);

/// The rule by which something is like something bad, as a learned model has it.
const LIKENESS: &str = "mail-phishing-model";

/// The name and version of the rules below. Another version may judge the same evidence differently.
pub const RULESET: &str = "watchfire.judge/3";

/// Judges one analysis or many together. `findings` are those that count, without suppressed ones.
///
/// More findings never lower the verdict; neither does less coverage raise it.
pub fn judge(findings: &[Finding], artifacts: &[ArtifactRecord], coverage: &Coverage) -> Judgement {
    weigh(
        &findings.iter().collect::<Vec<_>>(),
        &artifacts.iter().collect::<Vec<_>>(),
        coverage,
    )
}

/// The same for what was found and read among other things.
pub(crate) fn weigh(findings: &[&Finding], artifacts: &[&ArtifactRecord], coverage: &Coverage) -> Judgement {
    let groups = groups(findings);
    let score = groups.score();
    let known_good = known_good(artifacts, coverage);
    let verdict = match score {
        score if score >= MALICIOUS => Verdict::Malicious,
        score if score >= SUSPICIOUS => Verdict::Suspicious,
        _ if known_good.is_some() && !is_accused(findings) => Verdict::Benign,
        _ => Verdict::Unknown,
    };
    let mut reasons = reasons(findings);
    reasons.extend(known_good);
    if verdict == Verdict::Unknown {
        reasons.extend(unknown_because(coverage, speaks_nothing(findings)));
    } else if !coverage.is_complete() {
        reasons.push(about_the_whole(not_looked_at(coverage)));
    }
    Judgement {
        verdict,
        score,
        confidence: confidence(verdict, findings, &groups, coverage),
        summary: summary(verdict, findings, artifacts, coverage),
        reasons,
        decided_by: String::new(),
        ruleset: RULESET,
    }
}

/// Whether a feed or a decision calls something bad that is in it: a list of harmless files does not overrule that.
fn is_accused(findings: &[&Finding]) -> bool {
    let by_others = |finding: &&Finding| finding.group == sighting::INFO.group && finding.weight > Weight::NONE;
    findings.iter().any(by_others)
}

/// Whether none of the findings weighs anything.
fn speaks_nothing(findings: &[&Finding]) -> bool {
    findings.iter().all(|finding| finding.weight == Weight::NONE)
}

/// The score alone.
pub(crate) fn points(findings: &[&Finding]) -> Score {
    groups(findings).score()
}

fn groups<'f>(findings: &[&'f Finding]) -> Groups<'f> {
    Groups::of(findings.iter().map(|finding| (finding.group, finding.weight)))
}

/// Speaks for benign where every input is known by its identity and nothing was left out.
fn known_good(artifacts: &[&ArtifactRecord], coverage: &Coverage) -> Option<Reason> {
    let mut roots = artifacts.iter().filter(|artifact| artifact.depth == 0).peekable();
    let surely = |root: &ArtifactRecord| root.known_good.as_ref().and_then(KnownGood::surely).cloned();
    let first = surely(roots.peek()?)?;
    let count = artifacts.iter().filter(|artifact| artifact.depth == 0).count() as u64;
    let all = roots.all(|root| surely(root).is_some());
    if !all || count != coverage.inputs || !coverage.is_complete() {
        return None;
    }
    let evidence = artifacts
        .iter()
        .filter(|artifact| artifact.depth == 0)
        .take(8)
        .filter_map(|root| {
            Some(Evidence {
                artifact: root.sha256?,
                path: root.path.clone(),
                place: Place::Whole,
                excerpt: root.sha256?.to_string().into(),
            })
        });
    Some(Reason {
        text: format!("every input is known good by its digest (list {first})"),
        towards: Verdict::Benign,
        weight: Weight::NONE,
        group: "known-good".into(),
        source: None,
        evidence: evidence.collect(),
    })
}

/// One reason for each finding, heaviest first.
pub(crate) fn reasons(findings: &[&Finding]) -> Vec<Reason> {
    let mut ranked = findings.to_vec();
    ranked.sort_by(|a, b| heaviest_first(a, b));
    let reason = |finding: &Finding| Reason {
        text: finding.title.clone(),
        towards: if finding.weight >= Weight::from_thousandths(500) {
            Verdict::Malicious
        } else if finding.weight > Weight::NONE {
            Verdict::Suspicious
        } else {
            Verdict::Unknown
        },
        weight: finding.weight,
        group: finding.group.into(),
        source: None,
        evidence: finding.evidence().to_vec(),
    };
    ranked.into_iter().map(reason).collect()
}

/// The order of reasons. It names everything that tells findings apart, so that it does not depend on how they came.
fn heaviest_first(a: &Finding, b: &Finding) -> Ordering {
    let key = |finding: &Finding| (finding.weight, finding.severity, finding.confidence);
    key(b).cmp(&key(a)).then_with(|| by_place(a, b))
}

/// By path and place of the evidence; then by what was found there.
pub(crate) fn by_place(a: &Finding, b: &Finding) -> Ordering {
    let places = |finding: &Finding| -> Vec<(Untrusted, Place, Untrusted)> {
        let place = |evidence: &Evidence| (evidence.path.clone(), evidence.place.clone(), evidence.excerpt.clone());
        finding.evidence().iter().map(place).collect()
    };
    places(a)
        .cmp(&places(b))
        .then_with(|| (a.rule, a.group, &a.title).cmp(&(b.rule, b.group, &b.title)))
}

/// Why nothing can be said.
fn unknown_because(coverage: &Coverage, nothing_found: bool) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !coverage.is_complete() {
        reasons.push(about_the_whole(not_looked_at(coverage)));
    }
    let why = match (coverage.artifacts, coverage.bytes, nothing_found) {
        (0, ..) => "nothing could be read",
        (_, 0, true) => "no bytes, no verdict: an empty file may be what is left of another",
        (.., true) => "nothing known speaks against it; no reputation source was asked",
        (.., false) => "what was found is too weak for a verdict; no reputation source was asked",
    };
    reasons.push(about_the_whole(why.to_owned()));
    reasons
}

fn about_the_whole(text: String) -> Reason {
    Reason {
        text,
        towards: Verdict::Unknown,
        weight: Weight::NONE,
        group: "coverage".into(),
        source: None,
        evidence: Vec::new(),
    }
}

/// What the verdict does not cover, in words.
fn not_looked_at(coverage: &Coverage) -> String {
    let mut parts = Vec::new();
    let unread = coverage.inputs.saturating_sub(coverage.inputs_read);
    if unread > 0 {
        let inputs = counted(coverage.inputs, "input");
        parts.push(format!("{unread} of {inputs} could not be read"));
    }
    let unread = coverage.artifacts.saturating_sub(coverage.artifacts_read);
    if unread > 0 {
        let artifacts = counted(coverage.artifacts, "artifact");
        let were = agreeing(unread, "was", "were");
        parts.push(format!("{unread} of {artifacts} {were} not read in full"));
    }
    if !coverage.limits_reached.is_empty() {
        let limits: Vec<&str> = coverage.limits_reached.iter().map(|limit| limit.as_str()).collect();
        parts.push(format!("a limit was reached ({})", limits.join(", ")));
    }
    parts.join("; ")
}

/// Sure where independent evidence agrees; less so where something was not looked at.
fn confidence(verdict: Verdict, findings: &[&Finding], groups: &Groups<'_>, coverage: &Coverage) -> Confidence {
    match verdict {
        Verdict::Benign => Confidence::High,
        Verdict::Unknown => Confidence::Low,
        Verdict::Suspicious | Verdict::Malicious => {
            let counts = |finding: &&&Finding| finding.weight > Weight::NONE;
            let surest = findings.iter().filter(counts).map(|finding| finding.confidence).max();
            match surest {
                Some(Confidence::High) if groups.len() > 1 && coverage.is_complete() => Confidence::High,
                Some(Confidence::High | Confidence::Medium) => Confidence::Medium,
                _ => Confidence::Low,
            }
        }
    }
}

/// One sentence for the first line of the screen.
fn summary(verdict: Verdict, findings: &[&Finding], artifacts: &[&ArtifactRecord], coverage: &Coverage) -> String {
    match verdict {
        Verdict::Malicious | Verdict::Suspicious => {
            // What was found comes before what it is like.
            let likeness = |finding: &Finding| finding.weight == Weight::NONE || finding.rule.0 == LIKENESS;
            let top = findings
                .iter()
                .min_by(|a, b| likeness(a).cmp(&likeness(b)).then_with(|| heaviest_first(a, b)));
            let others = findings
                .iter()
                .filter(|finding| finding.weight > Weight::NONE)
                .count()
                .saturating_sub(1);
            let top = top.map(|finding| finding.title.as_str()).unwrap_or_default();
            match others {
                0 => top.to_owned(),
                1 => format!("{top}, and 1 further finding"),
                _ => format!("{top}, and {others} further findings"),
            }
        }
        Verdict::Benign => "known good by its identity".to_owned(),
        Verdict::Unknown if artifacts.is_empty() => "nothing could be read".to_owned(),
        Verdict::Unknown if speaks_nothing(findings) && artifacts.iter().all(|artifact| artifact.size == 0) => {
            "there is nothing in it to judge".to_owned()
        }
        Verdict::Unknown if !coverage.is_complete() => "nothing decisive in what could be read".to_owned(),
        Verdict::Unknown if speaks_nothing(findings) => "nothing known speaks against it".to_owned(),
        Verdict::Unknown => "nothing decisive is known".to_owned(),
    }
}
