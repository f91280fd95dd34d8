//! The tool, its rules, and the techniques that they show (sections 3.18, 3.19, 3.49).

use super::Message;
use super::results::level;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_knowledge::attack;
use watchfire_model::{Finding, Report, RuleId, RuleNote, Severity, TechniqueId};

/// The name of the taxonomy.
const ATTACK: &str = "MITRE ATT&CK";

#[derive(Serialize)]
pub(super) struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: &'r [Rule],
    notifications: &'r [Code],
    supported_taxonomies: [Component; 1],
}

/// An entry of `tool.driver.rules`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: RuleId,
    short_description: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: Vec<String>,
    /// What code hosts sort by: a number of CVSS's scale as text.
    #[serde(rename = "security-severity")]
    severity: &'static str,
}

/// An entry of `tool.driver.notifications`.
#[derive(Serialize)]
struct Code {
    id: &'static str,
}

/// A reference to something that is described elsewhere.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference<T> {
    id: T,
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_component: Option<Component>,
}

#[derive(Clone, Copy, Serialize)]
struct Component {
    name: &'static str,
    index: usize,
}

const TAXONOMY: Component = Component { name: ATTACK, index: 0 };

/// `run.taxonomies[0]`: the techniques that findings of this run show.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taxonomy {
    name: &'static str,
    organization: &'static str,
    information_uri: &'static str,
    is_comprehensive: bool,
    taxa: Vec<Taxon>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taxon {
    id: TechniqueId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    help_uri: String,
}

/// What results refer to by number.
pub(super) struct Rules {
    rules: Vec<Rule>,
    by_rule: BTreeMap<RuleId, usize>,
    codes: Vec<Code>,
    by_code: BTreeMap<&'static str, usize>,
    techniques: BTreeMap<TechniqueId, usize>,
}

impl Rules {
    pub(super) fn of(report: &Report) -> Self {
        let hidden = report.suppressed.iter().map(|hidden| &hidden.finding);
        let findings: Vec<&Finding> = report.findings.iter().chain(hidden).collect();
        let mut met: BTreeMap<RuleId, (Severity, BTreeSet<TechniqueId>, &str)> = BTreeMap::new();
        for finding in &findings {
            let new = (finding.severity, BTreeSet::new(), finding.title.as_str());
            let (severity, techniques, _) = met.entry(finding.rule).or_insert(new);
            *severity = finding.severity.max(*severity);
            techniques.extend(finding.techniques.iter().copied());
        }
        let notes: BTreeMap<RuleId, RuleNote> = report.rules.iter().map(|note| (note.rule, *note)).collect();
        let all: BTreeSet<TechniqueId> = met.values().flat_map(|(_, shown, _)| shown.iter().copied()).collect();
        let codes: BTreeSet<&'static str> = report.diagnostics.iter().map(|remark| remark.code).collect();
        Self {
            by_rule: met.keys().enumerate().map(|(at, rule)| (*rule, at)).collect(),
            rules: met
                .into_iter()
                .map(|(id, (severity, techniques, title))| rule(id, notes.get(&id), severity, &techniques, title))
                .collect(),
            by_code: codes.iter().enumerate().map(|(at, code)| (*code, at)).collect(),
            codes: codes.into_iter().map(|id| Code { id }).collect(),
            techniques: all.into_iter().enumerate().map(|(at, id)| (id, at)).collect(),
        }
    }

    /// `run.tool`
    pub(super) fn tool(&self, version: &'static str) -> Tool<'_> {
        Tool {
            driver: Driver {
                name: "Watchfire",
                version,
                semantic_version: version,
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: &self.rules,
                notifications: &self.codes,
                supported_taxonomies: [TAXONOMY],
            },
        }
    }

    /// The number of a rule.
    pub(super) fn index(&self, rule: RuleId) -> usize {
        self.by_rule.get(&rule).copied().unwrap_or_default()
    }

    /// What a notification refers to.
    pub(super) fn code(&self, code: &'static str) -> Reference<&'static str> {
        Reference {
            id: code,
            index: self.by_code.get(code).copied().unwrap_or_default(),
            tool_component: None,
        }
    }

    /// The techniques of a result, each once.
    pub(super) fn taxa(&self, techniques: &[TechniqueId]) -> Vec<Reference<TechniqueId>> {
        let distinct: BTreeSet<TechniqueId> = techniques.iter().copied().collect();
        let reference = |id| Reference {
            id,
            index: self.techniques.get(&id).copied().unwrap_or_default(),
            tool_component: Some(TAXONOMY),
        };
        distinct.into_iter().map(reference).collect()
    }

    /// `run.taxonomies[0]`
    pub(super) fn taxonomy(&self) -> Taxonomy {
        Taxonomy {
            name: ATTACK,
            organization: "MITRE",
            information_uri: "https://attack.mitre.org/",
            is_comprehensive: false,
            taxa: self.techniques.keys().map(|id| taxon(*id)).collect(),
        }
    }
}

fn rule(
    id: RuleId,
    note: Option<&RuleNote>,
    severity: Severity,
    techniques: &BTreeSet<TechniqueId>,
    title: &str,
) -> Rule {
    let mut tags = vec!["security".to_owned()];
    tags.extend(
        techniques
            .iter()
            .map(|id| format!("attack.{}", id.as_str().to_ascii_lowercase())),
    );
    let help = |note: &RuleNote| {
        Message::plain(&format!(
            "{}. Where it is wrong: {}. To hide it, for a reason and for a time: watchfire suppress {id}",
            note.describes, note.false_positives
        ))
    };
    Rule {
        id,
        short_description: Message::plain(note.map_or(title, |note| note.describes)),
        help: note.map(help),
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags,
            severity: match severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.0",
                Severity::Informational => "0.0",
            },
        },
    }
}

fn taxon(id: TechniqueId) -> Taxon {
    Taxon {
        id,
        name: attack::lookup(id.as_str()).map(|entry| entry.name),
        help_uri: format!("https://attack.mitre.org/techniques/{}/", id.as_str().replace('.', "/")),
    }
}
