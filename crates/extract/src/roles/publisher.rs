//! Whose text it is: the domains that the writer calls their own.
//!
//! No single sign is enough; each domain collects points, and what the text presents as an indicator collects none.

use super::evidence::Witness;
use super::hosts;
use super::outline::{Column, Form, Topic, lists_values};
use super::vocabulary::CONTACTS;
use super::wording::Cue;
use aho_corasick::AhoCorasick;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use watchfire_model::{ObservableType as Type, Observed};

/// Points from which a domain is the publisher's.
const ENOUGH: u32 = 5;
/// Domains in a text that quotes so much that its own must say more than that.
const MANY: usize = 15;
/// Lines that are looked at for the publisher's name.
const MOST_SIGNS: usize = 1000;
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
    /// A link of its own, outside of sentences, where a text says whose it is.
    imprint: bool,
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
        if hosts::is_platform(host) || hosts::is_platform(domain) {
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
        if label.len() >= 5 && !WORDS.contains(&label.as_str()) && is_named(&names, &label) {
            signs.named = 3;
        }
    }
    let many = signs.len() > MANY;
    signs.retain(|domain, signs| {
        let speaks = signs.mailbox + signs.heading > 0 || (signs.wording > 0 && signs.named > 0);
        let doubtful = many || hosts::is_listed_reference(domain);
        !signs.accused && signs.points() >= ENOUGH && (speaks || ((signs.imprint || signs.wording > 0) && !doubtful))
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
    if site.page || (site.edge && !site.note && (mailbox || site.topic != Topic::References) && !listed) {
        signs.edge = 2;
        signs.imprint |= site.page || site.form != Form::Prose;
    }
    if witness.cue == Some(Cue::Own) {
        signs.wording = 2;
    }
    if site.topic != Topic::References && seen.observable.kind() == Type::Url {
        signs.links += 1;
    }
}

/// Names in the lines that say whose text it is: the short ones at its beginning and end that are no sentences, and those
/// with `©`, "all rights reserved", or "about" at their start. Up to four words after a capital, letters only: "© 2026 Northgate Research" yields `northgate` and
/// `northgateresearch`. Values are left out: a domain is not its own witness.
fn names(text: &[u8]) -> BTreeSet<String> {
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
    static SEARCH: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let mut out = BTreeSet::new();
    let mut add = |line: &[u8]| add_names(line.get(..LONGEST).unwrap_or(line), &mut out);
    let is_full = |line: &&[u8]| !line.trim_ascii().is_empty();
    text.split(|byte| *byte == b'\n')
        .filter(is_full)
        .take(LINES)
        .take_while(|line| is_title(line))
        .for_each(&mut add);
    text.rsplit(|byte| *byte == b'\n')
        .filter(is_full)
        .take(LINES)
        .filter(|line| is_title(line))
        .for_each(&mut add);
    let search = SEARCH.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(SIGNS).ok());
    let mut done = 0;
    for found in search.iter().flat_map(|search| search.find_iter(text)).take(MOST_SIGNS) {
        if found.start() < done {
            continue;
        }
        let start =
            memchr::memrchr(b'\n', text.get(done..found.start()).unwrap_or(&[])).map_or(done, |at| done + at + 1);
        let rest = text.get(start..).unwrap_or(&[]);
        let line = rest
            .get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))
            .unwrap_or(rest);
        done = start + line.len();
        let about = text
            .get(found.start())
            .is_some_and(|byte| byte.eq_ignore_ascii_case(&b'a'))
            && found.len() == b"about ".len();
        let leads = text
            .get(start..found.start())
            .is_some_and(|before| !before.iter().any(u8::is_ascii_alphanumeric));
        if line.len() <= LONGEST && (!about || (leads && is_title(line))) {
            add(line);
        }
    }
    out
}

/// A title or a line of an imprint: short, and no sentence.
fn is_title(line: &[u8]) -> bool {
    const LONGEST: usize = 100;
    let line = line.trim_ascii();
    line.len() <= LONGEST && !matches!(line.last(), Some(b'.' | b'!' | b'?' | b':' | b','))
}

/// `ospreyintel` is named by "Osprey Intelligence"; a short label must be the whole name.
fn is_named(names: &BTreeSet<String>, label: &str) -> bool {
    const LONG: usize = 8;
    let nearest = names.range(label.to_owned()..).next();
    nearest.is_some_and(|name| name == label || (label.len() >= LONG && name.starts_with(label)))
}

fn add_names(line: &[u8], out: &mut BTreeSet<String>) {
    let text = String::from_utf8_lossy(line);
    let is_value = |word: &str| word.trim_end_matches(['.', ',', ')']).contains(['.', '@', '/']);
    let words: Vec<&str> = text.split_whitespace().collect();
    for start in 0..words.len() {
        let mut name = String::new();
        for word in words.iter().skip(start).take(4).take_while(|word| !is_value(word)) {
            let begins = word.chars().find(|c| c.is_alphanumeric());
            if name.is_empty() && begins.is_none_or(char::is_lowercase) {
                break;
            }
            name.push_str(&normalised(word));
            out.insert(name.clone());
        }
    }
}

fn normalised(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
