//! Results, and what went less than perfectly (sections 3.20, 3.27, 3.35, 3.58).

use super::Message;
use super::artifacts::{ArtifactLocation, Artifacts, Location};
use super::rules::{Reference, Rules};
use serde::Serialize;
use std::collections::BTreeMap;
use watchfire_model::{
    ArtifactId, BELOW, DiagnosticSeverity, Evidence, Finding, Place, Report, RuleId, Severity, Suppressed, Target,
    TechniqueId, Weight,
};

/// An entry of `run.results`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultEntry<'r> {
    rule_id: RuleId,
    rule_index: usize,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis_target: Option<ArtifactLocation>,
    locations: Vec<Location<'r>>,
    partial_fingerprints: Fingerprints,
    suppressions: Vec<Suppression<'r>>,
    rank: f64,
    taxa: Vec<Reference<TechniqueId>>,
    properties: ResultProperties<'r>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "finding/v1")]
    finding: String,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    status: &'static str,
    justification: &'r str,
    properties: SuppressionProperties<'r>,
}

#[derive(Serialize)]
struct SuppressionProperties<'r> {
    expires: &'r str,
}

#[derive(Serialize)]
struct ResultProperties<'r> {
    severity: &'static str,
    confidence: &'static str,
    weight: Weight,
    group: &'static str,
    targets: &'r [Target],
}

/// The run itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    descriptor: Reference<&'static str>,
    level: &'static str,
    message: Message,
    locations: Vec<Location<'static>>,
}

impl Invocation {
    /// Successful is what read everything that it was given.
    pub(super) fn of(report: &Report, rules: &Rules, artifacts: &Artifacts<'_>) -> Self {
        let coverage = &report.coverage;
        let notification = |remark: &watchfire_model::Diagnostic| Notification {
            descriptor: rules.code(remark.code),
            level: match remark.severity {
                DiagnosticSeverity::Note => "note",
                DiagnosticSeverity::Warning => "warning",
                DiagnosticSeverity::Error => "error",
            },
            message: Message::plain(remark.message.raw()),
            locations: artifacts.place(&remark.artifact).into_iter().collect(),
        };
        Self {
            execution_successful: coverage.inputs > 0 && coverage.inputs == coverage.inputs_read,
            tool_execution_notifications: report.diagnostics.iter().map(notification).collect(),
        }
    }
}

/// Every finding, then those that a suppression hides.
pub(super) fn all<'r>(report: &'r Report, rules: &Rules, artifacts: &Artifacts<'_>) -> Vec<ResultEntry<'r>> {
    let mut seen: BTreeMap<ArtifactId, u64> = BTreeMap::new();
    let visible = report.findings.iter().map(|finding| (finding, None));
    let hidden = report.suppressed.iter().map(|hidden| (&hidden.finding, Some(hidden)));
    visible
        .chain(hidden)
        .map(|(finding, hidden)| {
            let print = print(finding);
            let count = seen.entry(print).or_insert(0);
            *count += 1;
            result(finding, hidden, format!("{print}:{count}"), rules, artifacts)
        })
        .collect()
}

fn result<'r>(
    finding: &'r Finding,
    hidden: Option<&'r Suppressed>,
    print: String,
    rules: &Rules,
    artifacts: &Artifacts<'_>,
) -> ResultEntry<'r> {
    let evidence = finding.evidence();
    ResultEntry {
        rule_id: finding.rule,
        rule_index: rules.index(finding.rule),
        level: level(finding.severity),
        message: Message::plain(&finding.title),
        analysis_target: evidence.first().and_then(|first| artifacts.target(first)),
        locations: evidence.iter().map(|piece| artifacts.location(piece)).collect(),
        partial_fingerprints: Fingerprints { finding: print },
        suppressions: hidden.map(suppression).into_iter().collect(),
        rank: f64::from(finding.weight.thousandths()) / 10.0,
        taxa: rules.taxa(&finding.techniques),
        properties: ResultProperties {
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            weight: finding.weight,
            group: finding.group,
            targets: &finding.targets,
        },
    }
}

fn suppression(hidden: &Suppressed) -> Suppression<'_> {
    Suppression {
        kind: "external",
        status: "accepted",
        justification: &hidden.why,
        properties: SuppressionProperties {
            expires: &hidden.expires,
        },
    }
}

/// What stays the same where the same thing is found again: the rule, the artifact, where it lies in the file that was
/// given, and the place. Neither the file's own path nor wording, which a later version may better.
fn print(finding: &Finding) -> ArtifactId {
    let mut text = finding.rule.0.as_bytes().to_vec();
    if let Some(Evidence {
        artifact, path, place, ..
    }) = finding.evidence().first()
    {
        let inner = path.raw().split_once(BELOW).map_or("", |(_, inner)| inner);
        text.push(0);
        text.extend_from_slice(artifact.as_bytes());
        text.extend_from_slice(inner.as_bytes());
        text.push(0);
        text.extend_from_slice(place_name(place).as_bytes());
    }
    ArtifactId::of(&text)
}

fn place_name(place: &Place) -> String {
    match place {
        Place::Whole => String::new(),
        Place::Bytes(span) => format!("bytes {} {}", span.start, span.end),
        Place::Line(line) => format!("line {line}"),
        Place::Page(page) => format!("page {page}"),
        Place::Member(member) => format!("member {member}"),
        Place::Header(name) => format!("header {}", name.raw()),
        Place::Frame(frame) => format!("frame {frame}"),
        Place::Record(record) => format!("record {record}"),
    }
}

/// How SARIF says how urgent something is.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}
