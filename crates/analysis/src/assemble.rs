//! From analyses to the report.

use crate::detectors::catalogue;
use crate::incident::{self, Matter};
use crate::judge::by_place;
use crate::mails::Sorted;
use crate::{Analysis, recommend};
use foldhash::fast::RandomState;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use watchfire_model::{
    ArtifactRecord, Coverage, Date, Finding, Moment, ObservableType, Observed, Organisation, Report, Role, RuleId,
    RuleNote, Search, Suppressed, Suppression, Tlp, Totals, Untrusted,
};

/// What a report says about itself, and what it hides.
#[derive(Clone, Copy, Debug)]
pub struct Assembly<'a> {
    /// The instant that expiry and decay refer to.
    pub as_of: Moment,
    /// The version of Watchfire.
    pub version: &'static str,
    /// How the report may be shared.
    pub tlp: Option<Tlp>,
    /// Findings not to see.
    pub suppressions: &'a [Suppression],
    /// Whose evidence it is.
    pub organisation: &'a Organisation,
    /// What was searched, if it is a search.
    pub search: Option<&'a Search>,
}

/// Puts analyses together in the given order, hides what is suppressed, and judges.
pub fn assemble(analyses: impl IntoIterator<Item = Analysis>, assembly: &Assembly<'_>) -> Report {
    let Analysis {
        mut artifacts,
        findings,
        diagnostics,
        coverage,
        log,
    } = analyses.into_iter().collect();
    link(&mut artifacts);
    let (mut findings, suppressed) = suppress(findings, assembly.suppressions, assembly.as_of.date());
    findings.sort_by(order);
    incident::date(&mut findings, &artifacts);
    let most = artifacts.iter().map(|artifact| artifact.observables.len()).max();
    let mut distinct = HashSet::with_capacity_and_hasher(most.unwrap_or_default(), RandomState::default());
    let mut occurrences = 0u64;
    for observed in artifacts.iter().flat_map(|artifact| &artifact.observables) {
        distinct.insert(&observed.observable);
        occurrences = occurrences.saturating_add(observed.count);
    }
    let totals = Totals {
        occurrences,
        observables: distinct.len() as u64,
        findings: findings.len() as u64,
        suppressed: suppressed.len() as u64,
    };
    let sorted = Sorted::of(&artifacts, &findings);
    let mails = sorted.judged(assembly.organisation);
    let (mut judgement, about) = sorted.together(&coverage, assembly.search);
    let about: Vec<Finding> = about.into_iter().cloned().collect();
    // That the code of programs is not read is no reason to look at each of a disk's.
    let advised = match assembly.search {
        Some(_) => Coverage {
            artifacts_read: coverage.artifacts,
            ..coverage.clone()
        },
        None => coverage.clone(),
    };
    let files = sorted.files();
    let incidents = match assembly.search {
        None if sorted.has_stories() => {
            let matter = Matter {
                kin: sorted.kin(),
                artifacts: &artifacts,
                findings: &findings,
                mails: &mails,
                log: log.as_deref(),
                organisation: assembly.organisation,
            };
            incident::incidents(&matter, &coverage)
        }
        _ => Vec::new(),
    };
    if sorted.are_several() {
        incident::lead(&mut judgement, &incidents, &findings, &coverage);
    }
    let rules = rules(&findings, &suppressed);
    Report {
        schema: "watchfire.report/1",
        version: assembly.version,
        as_of: assembly.as_of.to_string(),
        tlp: assembly.tlp,
        recommendations: recommend(&about, &advised, judgement.verdict, assembly.organisation),
        judgement,
        incidents,
        findings,
        suppressed,
        mails,
        files,
        search: assembly.search.cloned().map(Box::new),
        log,
        artifacts,
        reputations: Vec::new(),
        data: Vec::new(),
        diagnostics,
        coverage,
        totals,
        rules,
    }
}

/// What the catalogue says of the rules of findings.
fn rules(findings: &[Finding], suppressed: &[Suppressed]) -> Vec<RuleNote> {
    let hidden = suppressed.iter().map(|hidden| &hidden.finding);
    let met: BTreeSet<RuleId> = findings.iter().chain(hidden).map(|finding| finding.rule).collect();
    if met.is_empty() {
        return Vec::new();
    }
    let known: BTreeMap<RuleId, RuleNote> = catalogue()
        .map(|info| {
            let note = RuleNote {
                rule: info.rule,
                describes: info.describes,
                false_positives: info.false_positives,
            };
            (info.rule, note)
        })
        .collect();
    met.iter().filter_map(|rule| known.get(rule).copied()).collect()
}

/// Says of each artifact where another one writes its SHA-256: a report and the file that it is about, a list and a
/// sample. Where a text presents it as an indicator, that place comes first.
fn link(artifacts: &mut [ArtifactRecord]) {
    let mut written: HashMap<&str, (Role, &Untrusted, &Observed)> = HashMap::new();
    for artifact in artifacts.iter() {
        let digests = artifact.observables.iter();
        for seen in digests.filter(|seen| seen.observable.kind() == ObservableType::Sha256) {
            let here = (seen.role, &artifact.path, seen);
            let place = written.entry(seen.observable.raw()).or_insert(here);
            if seen.role == Role::Indicator && place.0 != Role::Indicator {
                *place = here;
            }
        }
    }
    if written.is_empty() {
        return;
    }
    let place = |artifact: &ArtifactRecord| -> Option<Untrusted> {
        let (_, path, seen) = written.get(artifact.sha256?.to_string().as_str())?;
        let place = match (seen.frame, seen.page) {
            (Some(frame), _) => format!("{} frame {frame}", path.raw()),
            (None, Some(page)) => format!("{} page {page}", path.raw()),
            (None, None) => format!("{}:{}", path.raw(), seen.line),
        };
        Some(place.into())
    };
    let places: Vec<Option<Untrusted>> = artifacts.iter().map(place).collect();
    for (artifact, place) in artifacts.iter_mut().zip(places) {
        artifact.listed_in = place;
    }
}

/// Most severe first, then heaviest, then by place.
fn order(a: &Finding, b: &Finding) -> Ordering {
    (b.severity, b.weight)
        .cmp(&(a.severity, a.weight))
        .then_with(|| by_place(a, b))
}

/// Takes out what a suppression hides on the day `today`. The first that applies gives the reason.
fn suppress(findings: Vec<Finding>, suppressions: &[Suppression], today: Date) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut visible = Vec::new();
    let mut hidden = Vec::new();
    for finding in findings {
        match suppressions
            .iter()
            .find(|suppression| suppression.hides(&finding, today))
        {
            Some(suppression) => hidden.push(Suppressed {
                finding,
                why: suppression.why.clone(),
                expires: suppression.expires.to_string(),
            }),
            None => visible.push(finding),
        }
    }
    hidden.sort_by(|a, b| order(&a.finding, &b.finding));
    (visible, hidden)
}
