//! Whose text it is: the domains that the writer calls their own.
//!
//! No single sign is enough; each domain collects points, and what the text presents as an indicator collects none.

use super::outline::{Column, Form, Topic, lists_values};
use super::vocabulary::CONTACTS;
use super::wording::Cue;
use super::{Witness, hosts};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{ObservableType as Type, Observed};

/// Points from which a domain is the publisher's.
const ENOUGH: u32 = 5;
/// The same where much else is quoted, or where the domain is one that others quote.
const PLENTY: u32 = 7;
/// Domains in a text that quotes much.
const MANY: usize = 15;
/// Labels of domains that stand in every report anyway.
pub(super) const WORDS: [&str; 10] = [
    "advisory",
    "analysis",
    "cyber",
    "defense",
    "intelligence",
    "malware",
    "research",
    "report",
    "security",
    "threat",
];

#[derive(Default)]
struct Signs {
    /// Highest value per sign, so that one sign repeated is still one.
    mailbox: u32,
    heading: u32,
    edge: u32,
    wording: u32,
    links: u32,
    named: u32,
    accused: bool,
}

impl Signs {
    fn points(&self) -> u32 {
        self.mailbox + self.heading + self.edge + self.wording + self.links.min(2) + self.named
    }
}

/// The publisher's registrable domains.
pub(super) fn domains(text: &[u8], observed: &[Observed], witnesses: &[Witness]) -> BTreeSet<String> {
    let mut signs: BTreeMap<String, Signs> = BTreeMap::new();
    for witness in witnesses {
        let Some(seen) = observed.get(witness.site.entry as usize) else {
            continue;
        };
        let Some(host) = hosts::of(seen) else { continue };
        let domain = hosts::registrable(host);
        if hosts::is_platform(host) {
            continue;
        }
        let signs = signs.entry(domain.to_owned()).or_default();
        signs.accused |= accuses(witness);
        if !witness.live || signs.accused {
            continue;
        }
        collect(signs, seen, witness);
    }
    let names = names(text);
    for (domain, signs) in &mut signs {
        let label = normalised(domain.split('.').next().unwrap_or_default());
        if label.len() >= 5 && !WORDS.contains(&label.as_str()) && names.contains(&label) {
            signs.named = 3;
        }
    }
    let many = signs.len() > MANY;
    signs.retain(|domain, signs| {
        let enough = if many || hosts::is_listed_reference(domain) {
            PLENTY
        } else {
            ENOUGH
        };
        !signs.accused && signs.points() >= enough
    });
    let most = signs.values().map(Signs::points).max().unwrap_or_default();
    signs
        .into_iter()
        .filter(|(_, signs)| signs.points() == most || (signs.mailbox + signs.heading + signs.named >= 5))
        .map(|(domain, _)| domain)
        .collect()
}

/// What an indicator looks like cannot be the publisher.
fn accuses(witness: &Witness) -> bool {
    let site = &witness.site;
    !witness.live
        || (lists_values(site.topic) && site.form == Form::Lone && !site.page)
        || site.column == Column::Indicator
        || (site.column == Column::Value && !site.page)
        || (site.form == Form::Prose && matches!(witness.cue, Some(Cue::Command | Cue::Delivery)))
}

fn collect(signs: &mut Signs, seen: &Observed, witness: &Witness) {
    let site = &witness.site;
    if seen.observable.kind() == Type::Email {
        let local = seen.observable.raw().split('@').next().unwrap_or_default();
        let contact = CONTACTS.iter().any(|name| local.contains(name));
        signs.mailbox = signs.mailbox.max(if contact { 3 } else { 1 });
    }
    if site.topic == Topic::About {
        signs.heading = 3;
    }
    let mailbox = seen.observable.kind() == Type::Email;
    let listed = lists_values(site.topic) && site.form != Form::Prose;
    if site.page || (site.edge && (mailbox || site.topic != Topic::References) && !listed) {
        signs.edge = 2;
    }
    if witness.cue == Some(Cue::Own) {
        signs.wording = 2;
    }
    if site.topic != Topic::References && seen.observable.kind() == Type::Url {
        signs.links += 1;
    }
}

/// What says in words whose text it is, letters only: its first and last lines, and those with `©`, "about" or "all
/// rights reserved". So `northgateresearch` stands in "© 2026 Northgate Research". Values are left out: a domain is not
/// its own witness.
fn names(text: &[u8]) -> String {
    const LINES: usize = 4;
    const LONGEST: usize = 300;
    const SIGNS: [&str; 6] = [
        "\u{a9}",
        "copyright",
        "(c) 20",
        "all rights reserved",
        "alle rechte",
        "about ",
    ];
    let lines = || {
        text.split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
    };
    let mut out = String::new();
    let mut add = |line: &[u8]| {
        out.push('\n');
        out.push_str(&words(line.get(..LONGEST).unwrap_or(line)));
    };
    lines().take(LINES).for_each(&mut add);
    let last = text
        .rsplit(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    last.take(LINES).for_each(&mut add);
    for line in lines().filter(|line| line.len() <= LONGEST) {
        let lower = String::from_utf8_lossy(line).to_lowercase();
        if SIGNS.iter().any(|sign| lower.contains(sign)) {
            add(line);
        }
    }
    out
}

fn words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let is_value = |word: &str| word.trim_end_matches(['.', ',', ')']).contains(['.', '@', '/']);
    text.split_whitespace()
        .filter(|word| !is_value(word))
        .map(normalised)
        .collect()
}

fn normalised(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
