//! Techniques of ATT&CK that findings and rules show, by the tactics that they serve.

use super::parts::Section;
use super::{Markup, page::Page};
use crate::navigator;
use watchfire_knowledge::attack;
use watchfire_model::{Severity, counted};

/// The tactics of the enterprise matrix, in its order.
const TACTICS: [(&str, &str); 14] = [
    ("reconnaissance", "Reconnaissance"),
    ("resource-development", "Resource development"),
    ("initial-access", "Initial access"),
    ("execution", "Execution"),
    ("persistence", "Persistence"),
    ("privilege-escalation", "Privilege escalation"),
    ("defense-evasion", "Defence evasion"),
    ("credential-access", "Credential access"),
    ("discovery", "Discovery"),
    ("lateral-movement", "Lateral movement"),
    ("collection", "Collection"),
    ("command-and-control", "Command and control"),
    ("exfiltration", "Exfiltration"),
    ("impact", "Impact"),
];
const OTHER: &str = "Other";
/// Techniques of one tactic.
const SHOWN: usize = 40;

pub(super) fn techniques(page: &Page<'_>) -> Option<Section> {
    let said = navigator::said(page.report);
    if said.is_empty() {
        return None;
    }
    let mut columns: Vec<(&str, Vec<(&str, &navigator::Sayings)>)> = TACTICS
        .iter()
        .map(|(_, title)| (*title, Vec::new()))
        .chain([(OTHER, Vec::new())])
        .collect();
    for (id, sayings) in &said {
        // It stands under the first tactic of the matrix that it serves.
        let tactics = attack::lookup(id).map(|entry| entry.tactics).unwrap_or_default();
        let first = TACTICS
            .iter()
            .position(|(tactic, _)| tactics.split(',').any(|own| own == *tactic));
        if let Some((_, column)) = columns.get_mut(first.unwrap_or(TACTICS.len())) {
            column.push((id, sayings));
        }
    }
    let mut body = Markup::default();
    body.open("div", &[("class", "tactics")]);
    for (title, techniques) in columns.iter().filter(|(_, techniques)| !techniques.is_empty()) {
        body.open("div", &[("class", "tactic")])
            .element("h3", &[], title)
            .open("ul", &[]);
        for (id, sayings) in techniques.iter().take(SHOWN) {
            technique(id, sayings, &mut body);
        }
        body.close("ul")
            .more(techniques.len().saturating_sub(SHOWN), "techniques")
            .close("div")
            .newline();
    }
    body.close("div");
    body.element(
        "p",
        &[("class", "hint")],
        "ATT&CK: © The MITRE Corporation, reproduced with its permission.",
    );
    Some(Section {
        id: "techniques",
        title: "ATT&CK techniques",
        body,
    })
}

fn technique(id: &str, sayings: &navigator::Sayings, out: &mut Markup) {
    let severity = sayings
        .keys()
        .next()
        .map_or(Severity::Informational, |(severity, _)| severity.0);
    let count = sayings.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    out.open("li", &[]).brief_in("code", &[], id).text(" ");
    out.brief(attack::lookup(id).map_or("no technique of the catalogue", |entry| entry.name));
    let words = format!("{}, {}", severity.as_str(), counted(count, "sign"));
    out.text(" ").element("span", &[("class", "where")], &words).close("li");
}
