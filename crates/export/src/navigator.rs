//! A layer of the ATT&CK Navigator, format 4.5
//! (<https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md>): the techniques that a report
//! shows, on the matrix that many teams look at.
//!
//! Techniques are those of findings and of Sigma rules that hold, also of rules that are only counted; what suppressions
//! hide is not there. The score is that of the most severe of them, so that colours, legend and gradient agree; who says it
//! and how often stands in the comment. What the catalogue of the enterprise matrix does not have under that identifier
//! (any more) is named in the layer's metadata instead. Left out is everything that is not about techniques.

use crate::nowhere::Nowhere;
use crate::{Detail, Exporter, ExporterInfo, ListingKind, ListingWriter, Matter, ReputationWriter, Style, json};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use watchfire_knowledge::attack::{self, Kind, State};
use watchfire_model::{Report, Severity, Untrusted};

/// See the module.
pub(crate) struct Navigator;

static INFO: ExporterInfo = ExporterInfo {
    name: "navigator",
    describes: "techniques of findings and rules as a layer of the ATT&CK Navigator",
};

const WHAT: &str = "navigator holds techniques, and nothing else";

/// Lines of a comment; the others are counted.
const LINES: usize = 20;
/// Identifiers that no matrix has, of which each is named.
const UNKNOWN: usize = 20;

impl Exporter for Navigator {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn holds(&self, matter: Matter) -> bool {
        matter == Matter::Report
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(&layer(report), out)
    }

    fn listing<'w>(&self, _: ListingKind, _: &Style, _: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Nowhere(WHAT))
    }

    fn document(&self, _: &dyn crate::Document, _: &Style, _: &mut dyn Write) -> io::Result<()> {
        Err(Nowhere(WHAT).error())
    }

    fn reputations(&self, _: Detail, _: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Nowhere(WHAT))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    name: String,
    versions: Versions,
    domain: &'static str,
    description: String,
    sorting: u8,
    layout: Layout,
    hide_disabled: bool,
    techniques: Vec<Technique>,
    gradient: Gradient,
    legend_items: Vec<LegendItem>,
    metadata: Vec<Metadata>,
}

#[derive(Serialize)]
struct Versions {
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Serialize)]
struct Layout {
    layout: &'static str,
    #[serde(rename = "showID")]
    shows_id: bool,
    #[serde(rename = "showName")]
    shows_name: bool,
    #[serde(rename = "expandedSubtechniques")]
    expanded: &'static str,
}

#[derive(Serialize)]
struct Technique {
    #[serde(rename = "techniqueID")]
    id: &'static str,
    score: u8,
    color: &'static str,
    comment: String,
    enabled: bool,
    metadata: Vec<Metadata>,
    links: [Link; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: Vec<&'static str>,
    min_value: u8,
    max_value: u8,
}

#[derive(Serialize)]
struct LegendItem {
    label: &'static str,
    color: &'static str,
}

#[derive(Serialize)]
struct Metadata {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Link {
    label: &'static str,
    url: String,
}

/// Each severity with its score and colour. They are a step of the gradient apart.
const SEVERITIES: [(Severity, u8, &str); 5] = [
    (Severity::Informational, 0, "#d9d9d9"),
    (Severity::Low, 25, "#fed976"),
    (Severity::Medium, 50, "#fd8d3c"),
    (Severity::High, 75, "#f03b20"),
    (Severity::Critical, 100, "#bd0026"),
];

/// Score and colour.
fn shade(severity: Severity) -> (u8, &'static str) {
    let found = SEVERITIES.iter().find(|(own, ..)| *own == severity);
    found.map_or((0, "#d9d9d9"), |(_, score, colour)| (*score, *colour))
}

/// Who says that a technique was used: most severe first, then by name.
pub(crate) type Sayings = BTreeMap<(std::cmp::Reverse<Severity>, String), u64>;

/// What is said of techniques, by identifiers as they were written.
pub(crate) fn said(report: &Report) -> BTreeMap<String, Sayings> {
    let mut all: BTreeMap<String, Sayings> = BTreeMap::new();
    let mut say = |technique: &str, severity, who: &str, times: u64| {
        let sayings = all.entry(technique.to_owned()).or_default();
        let count = sayings
            .entry((std::cmp::Reverse(severity), who.to_owned()))
            .or_default();
        *count = count.saturating_add(times);
    };
    for finding in &report.findings {
        // Rules that hold come with their counts below, those among them that are told as well.
        if finding.rule.0 == SIGMA && report.log.is_some() {
            continue;
        }
        for technique in finding.techniques.iter() {
            say(technique.as_str(), finding.severity, &finding.title, 1);
        }
    }
    for rule in report.log.iter().flat_map(|log| &log.rules) {
        let who = format!("Sigma: {}", rule.rule.title.shown(100));
        for technique in &rule.rule.techniques {
            say(technique.raw(), rule.rule.level.severity(), &who, rule.count);
        }
    }
    all
}

/// The rule of findings that tell matches of Sigma rules.
const SIGMA: &str = "sigma-match";

fn layer(report: &Report) -> Layer {
    let mut techniques = Vec::new();
    let mut unknown = BTreeSet::new();
    for (id, sayings) in said(report) {
        let entry = attack::lookup(&id).filter(|entry| {
            let is_enterprise = entry.domains.split(',').any(|domain| domain == "enterprise");
            entry.kind == Kind::Technique && entry.state == State::Current && is_enterprise
        });
        match entry {
            Some(entry) => techniques.push(technique(entry.id, &sayings)),
            None => {
                unknown.insert(id);
            }
        }
    }
    let judgement = &report.judgement;
    Layer {
        name: format!("Watchfire, as of {}", report.as_of),
        versions: Versions {
            navigator: "4.9.0",
            layer: "4.5",
        },
        domain: "enterprise-attack",
        description: Untrusted::new(judgement.summary.as_str()).to_string(),
        sorting: 3,
        layout: Layout {
            layout: "side",
            shows_id: true,
            shows_name: true,
            expanded: "annotated",
        },
        hide_disabled: false,
        techniques,
        gradient: Gradient {
            colors: SEVERITIES.iter().map(|(.., colour)| *colour).collect(),
            min_value: 0,
            max_value: 100,
        },
        legend_items: SEVERITIES
            .iter()
            .map(|(severity, _, color)| LegendItem {
                label: severity.as_str(),
                color,
            })
            .collect(),
        metadata: metadata(report, &unknown),
    }
}

fn metadata(report: &Report, unknown: &BTreeSet<String>) -> Vec<Metadata> {
    let judgement = &report.judgement;
    let mut rows = vec![
        ("verdict", judgement.verdict.as_str().to_owned()),
        ("score", judgement.score.get().to_string()),
        ("confidence", judgement.confidence.as_str().to_owned()),
        ("made by", format!("Watchfire {}", report.version)),
        (
            "inputs",
            format!("{} of {} read", report.coverage.inputs_read, report.coverage.inputs),
        ),
    ];
    rows.extend(report.tlp.map(|tlp| ("tlp", tlp.to_string())));
    if let Some(log) = &report.log {
        rows.push(("records", log.all.records.to_string()));
        rows.push(("rules asked", log.rules_asked.to_string()));
    }
    if !unknown.is_empty() {
        let mut named: Vec<String> = unknown
            .iter()
            .take(UNKNOWN)
            .map(|id| Untrusted::from(id.clone()).shown(20).to_string())
            .collect();
        if unknown.len() > UNKNOWN {
            named.push(format!("and {} more", unknown.len() - UNKNOWN));
        }
        rows.push(("not in the matrix", named.join(", ")));
    }
    rows.into_iter().map(|(name, value)| Metadata { name, value }).collect()
}

fn technique(id: &'static str, sayings: &Sayings) -> Technique {
    let severity = sayings
        .first_key_value()
        .map_or(Severity::Informational, |((severity, _), _)| severity.0);
    let mut lines: Vec<String> = sayings
        .iter()
        .take(LINES)
        .map(|((severity, who), times)| {
            let times = match times {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            format!("{}: {}, {times}", severity.0.as_str(), Untrusted::new(who.as_str()))
        })
        .collect();
    if sayings.len() > LINES {
        lines.push(format!("and {} more", sayings.len() - LINES));
    }
    let (score, color) = shade(severity);
    let count: u64 = sayings.values().fold(0, |sum, times| sum.saturating_add(*times));
    Technique {
        id,
        score,
        color,
        comment: lines.join("\n"),
        enabled: true,
        metadata: vec![
            Metadata {
                name: "severity",
                value: severity.as_str().to_owned(),
            },
            Metadata {
                name: "count",
                value: count.to_string(),
            },
        ],
        links: [Link {
            label: "ATT&CK",
            url: format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/")),
        }],
    }
}
