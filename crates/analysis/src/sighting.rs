//! Sightings: values of the evidence, and artifacts themselves, of which something bad is known.
//!
//! A file whose digest is known, or a link to a page that is, says more than an address or a name, which change hands.
//! Where a text presents a value as an indicator, as its publisher's own or as further reading, it writes about the value
//! and is not its work: such a sighting is told and weighs nothing.

use crate::detectors::DetectorInfo;
use crate::kin;
use std::collections::HashMap;
use watchfire_model::observable::defang;
use watchfire_model::{
    ArtifactId, ArtifactRecord, Confidence, Evidence, Finding, Met, Observable, ObservableType, Observed, Place,
    Reputation, Role, RuleId, Severity, Target, Verdict, Weight,
};

/// What a sighting weighs, and when it is wrong.
pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("indicator-sighted"),
    describes: "a value, or the file itself, that feeds or decisions call malicious or suspicious",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: RELATED,
    group: "intelligence",
    techniques: &[],
    false_positives: "feeds list what many share or what is no longer bad; a report about an attack names its values",
};

/// Weight of a file or a page that is called malicious.
const SAME: u16 = 800;
/// Of an address, a name or whatever else is.
const RELATED: u16 = 600;
/// Of what is called suspicious.
const SUSPECTED: u16 = 300;
/// Sightings of one artifact that are told.
const MOST: usize = 50;

/// What may be known about an analysis: the observables of `artifacts` and their own digests, each once, in their order.
pub fn askable(artifacts: &[ArtifactRecord]) -> Vec<Observable> {
    let mut seen = std::collections::HashSet::new();
    let mut all = Vec::new();
    for artifact in artifacts {
        let observed = artifact.observables.iter().map(|seen| seen.observable.clone());
        for what in artifact.identities().into_iter().chain(observed) {
            if seen.insert(what.clone()) {
                all.push(what);
            }
        }
    }
    all
}

/// The findings that follow from `known`, which are suspicious or worse. The heaviest of each artifact.
pub fn sightings(artifacts: &[ArtifactRecord], known: &[Reputation]) -> Vec<Finding> {
    let bad = known
        .iter()
        .filter(|known| known.judgement.verdict >= Verdict::Suspicious);
    let bad: HashMap<&Observable, &Reputation> = bad.map(|known| (&known.observable, known)).collect();
    let mut all = Vec::new();
    if bad.is_empty() {
        return all;
    }
    for artifact in artifacts.iter().filter(|artifact| artifact.duplicate_of.is_none()) {
        // The strongest digest that is known: the others say the same.
        let known = artifact.identities().iter().find_map(|own| bad.get(own).copied());
        let itself = known.map(|known| of_artifact(artifact, known));
        let mentioned = artifact
            .observables
            .iter()
            .filter_map(|seen| of_value(artifact, seen, bad.get(&seen.observable)?));
        let mut findings: Vec<Finding> = itself.flatten().into_iter().chain(mentioned).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        findings.truncate(MOST);
        all.extend(findings);
    }
    all
}

fn of_artifact(artifact: &ArtifactRecord, known: &Reputation) -> Option<Finding> {
    let title = format!("this file is known ({})", known.judgement.summary);
    let name = artifact.path.raw().rsplit(['/', '\\']).next().unwrap_or_default();
    let name = kin::last(name);
    let evidence = Evidence {
        artifact: artifact.sha256?,
        path: artifact.path.clone(),
        place: Place::Whole,
        excerpt: known.observable.raw().into(),
    };
    Some(finding(title, weight(known, SAME), evidence).about(Target::File(name.into())))
}

fn of_value(artifact: &ArtifactRecord, seen: &Observed, known: &Reputation) -> Option<Finding> {
    let kind = seen.observable.kind();
    let same = matches!(
        kind,
        ObservableType::Url
            | ObservableType::Md5
            | ObservableType::Sha1
            | ObservableType::Sha224
            | ObservableType::Sha256
            | ObservableType::Sha384
            | ObservableType::Sha512
    );
    // The page itself, and not its host alone.
    let exact = same
        && known
            .enrichments
            .iter()
            .any(|source| source.matched.is_none() && source.weight > Weight::NONE);
    let heaviest = match (seen.role, exact) {
        (Role::Mentioned, true) => SAME,
        (Role::Mentioned, false) => RELATED,
        _ => 0,
    };
    let met = seen.met.as_deref().map(met).unwrap_or_default();
    let title = format!(
        "{} is known ({}){met}",
        seen.observable.defanged(),
        known.judgement.summary
    );
    let place = match (seen.frame, seen.page) {
        (Some(frame), _) => Place::Frame(frame),
        (None, Some(page)) => Place::Page(page),
        (None, None) => Place::Line(seen.line),
    };
    let evidence = |place| Evidence {
        // Of a capture that is read as it comes, nobody knows it.
        artifact: artifact.sha256.unwrap_or(ArtifactId::UNKNOWN),
        path: artifact.path.clone(),
        place,
        excerpt: seen.raw.clone(),
    };
    let finding = finding(title, weight(known, heaviest), evidence(place));
    let further = seen.met.iter().flat_map(|met| met.frames.iter().skip(1));
    let finding = further.fold(finding, |finding, frame| finding.and_at(evidence(Place::Frame(*frame))));
    let value = seen.observable.raw();
    Some(match kind {
        ObservableType::Url => finding.about(Target::Url(value.into())),
        ObservableType::Ipv4 | ObservableType::Ipv6 | ObservableType::Domain => {
            finding.about(Target::Host(value.into()))
        }
        _ => finding,
    })
}

/// How often a capture shows it, and who is concerned.
fn met(met: &Met) -> String {
    let count = |count: u64, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let counts: Vec<String> = [count(met.flows, "flow"), count(met.exchanges, "exchange")]
        .into_iter()
        .flatten()
        .collect();
    let by: Vec<String> = met.by.iter().map(|host| defang(&host.to_string())).collect();
    match (counts.is_empty(), by.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(", in {}", counts.join(" and ")),
        (false, false) => format!(", in {} with {}", counts.join(" and "), by.join(", ")),
    }
}

/// `heaviest` for what is malicious, less for what is suspicious.
fn weight(known: &Reputation, heaviest: u16) -> Weight {
    Weight::from_thousandths(match known.judgement.verdict {
        Verdict::Malicious => heaviest,
        _ => heaviest.min(SUSPECTED),
    })
}

fn finding(title: String, weight: Weight, evidence: Evidence) -> Finding {
    let mut draft = INFO.draft(title);
    draft.weight = weight;
    if weight < Weight::from_thousandths(RELATED) {
        draft.severity = if weight == Weight::NONE {
            Severity::Informational
        } else {
            Severity::Medium
        };
    }
    draft.at(evidence)
}
