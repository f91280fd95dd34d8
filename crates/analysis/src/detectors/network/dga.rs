//! Names that a machine makes up, one after another, until one of them exists.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | 30 and more | 0.45 | malware looks for its master like that, and nothing else asks for so many |
//! | 10 and more | 0.30 | |
//! | from outside | 0.10 | a resolver of somebody else asks for what its clients make up |
//!
//! What counts are registered domains, each once, that do not exist, and whose name looks
//! [drawn by lot](watchfire_knowledge::letters); they have to be most of what the host asked for in vain. What is below them does
//! not count: browsers try three names of one label, and a search list puts the organisation's own domain behind. Names that are
//! made of words are not told from those that people chose.

use super::dns_name::{Question, asked, hash};
use super::shared::{Frames, Room, Span, Table, host, is_inside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_knowledge::letters;
use watchfire_model::network::{Dns, Event};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("made-up-names"),
    describes: "a host asks for many domains that do not exist and look drawn by lot",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "made-up-names",
    techniques: &[TechniqueId::new("T1568.002")],
    false_positives: "mail servers that look up senders of spam; measurements; resolvers behind which many hosts are",
};

/// Hosts that are told apart.
const MOST: usize = 1 << 14;
/// Domains of each that are told apart.
const MOST_DOMAINS: usize = 1_024;
/// Domains of each that are named and exist.
const MOST_MET: usize = 3;
/// The answer to a question for what does not exist (RFC 6895).
const NO_SUCH_NAME: u16 = 3;

/// See the module.
#[derive(Debug)]
pub(crate) struct MadeUpNames {
    hosts: Table<IpAddr, Asked>,
    room: Room,
}

#[derive(Debug, Default)]
struct Asked {
    /// Domains that do not exist.
    missing: BTreeSet<u64>,
    /// How many of them look drawn by lot.
    strange: usize,
    examples: Vec<String>,
    /// Domains that look so and exist.
    met: BTreeSet<String>,
    span: Span,
    frames: Frames,
}

impl Default for MadeUpNames {
    fn default() -> Self {
        Self {
            hosts: Table::new(MOST),
            room: Room::new(Room::MOST),
        }
    }
}

/// Whether a question can count: its name does not exist, or does and some of it looks drawn by lot.
fn is_telling(dns: &Dns) -> bool {
    let looks_random = || dns.query.raw().split('.').any(letters::is_random);
    dns.reply.as_ref().is_some_and(|reply| {
        reply.code == NO_SUCH_NAME || reply.code == 0 && !reply.answers.is_empty() && looks_random()
    })
}

impl Detector for MadeUpNames {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, scene: &mut Scene<'_>) {
        if !asked(event).is_some_and(is_telling) {
            return;
        }
        let Some(question) = Question::of(event) else { return };
        let Some(reply) = &question.dns.reply else { return };
        let domain = question.registered();
        let label = domain.split('.').next().unwrap_or_default();
        let is_missing = reply.code == NO_SUCH_NAME;
        let is_met = reply.code == 0 && !reply.answers.is_empty() && letters::is_random(label);
        if !is_missing && !is_met || scene.organisation().owns_domain(domain) {
            return;
        }
        let room = &self.room;
        let worthless = |asked: &Asked| room.frees(asked.strange < 2, asked.missing.len());
        let Some(asked) = self.hosts.row_or(event.originator.ip(), worthless) else {
            return;
        };
        if is_met && asked.met.len() < MOST_MET {
            asked.met.insert(domain.to_owned());
        }
        if is_missing
            && asked.missing.len() < MOST_DOMAINS
            && !asked.missing.contains(&hash(domain))
            && room.take()
            && asked.missing.insert(hash(domain))
            && letters::is_random(label)
        {
            asked.strange += 1;
            asked.span.met(event.time, event.time);
            asked.frames.met(event.frame, || format!("{domain} does not exist"));
            if asked.examples.len() < 3 {
                asked.examples.push(domain.to_owned());
            }
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&from, asked) in self.hosts.rows() {
            if asked.strange < 10 || asked.strange * 2 < asked.missing.len() {
                continue;
            }
            let weight = match asked.strange {
                _ if !is_inside(scene.organisation(), from) => 100,
                30.. => INFO.weight,
                _ => 300,
            };
            let shown = |name: &String| defang(&Untrusted::new(name.as_str()).shown(40));
            let examples: Vec<String> = asked.examples.iter().map(shown).collect();
            let met: Vec<String> = asked.met.iter().map(shown).collect();
            let met = match met.is_empty() {
                true => String::new(),
                false => format!("; found: {}", met.join(", ")),
            };
            let title = format!(
                "made-up names: {} asked for {} domains that do not exist and look drawn by lot ({}), of {} that do not exist, {}{met}",
                host(scene, from),
                asked.strange,
                examples.join(", "),
                asked.missing.len(),
                asked.span.words(),
            );
            say(scene, &INFO, (title, weight), &asked.frames, (&[from], &[from]));
        }
    }
}
