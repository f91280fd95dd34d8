//! A sender that programs read in different ways: the name that is shown and the address do not belong together.
//!
//! | case | weight | why |
//! |---|---|---|
//! | an entry without an address stands before the one with it, whose own name says nothing: `Account team ,_<x@…>` | 0.45 | filters read the first entry, people the whole line; there is no innocent reason |
//! | the same, and the name with the address says something: `Last, First <x@…>` | 0.08 | mailers that do not quote a comma |
//! | several `From` fields | 0.35 | forbidden (RFC 5322, section 3.6), and programs differ in which they show |
//! | addresses of several organisations, and no `Sender` | 0.35 | RFC 5322, section 3.6.2, wants to know who sent it; proofs are for one of them |
//! | a `From` without any address | 0.35 | whoever sends mail has one |
//! | an address below a name that no registry gives (`mail@my__bank.com`) | 0.35 | the sender was made up, and answers reach nobody |
//! | an address that cannot exist | 0.15 | `a@b.example.`; careless generators |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_model::{Confidence, Mailbox, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SenderList;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-sender-list"),
    describes: "the sender is a list whose first entry has no address, or there is more or less than one sender",
    severity: Severity::Medium,
    confidence: Confidence::High,
    weight: 450,
    group: "sender-identity",
    techniques: &[TechniqueId::new("T1684.001"), TechniqueId::new("T1566")],
    false_positives: "mailers that do not quote 'Last, First'",
};

impl Detector for SenderList {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mail = letter.mail;
        let said = letter.shown_name();
        let excerpt = mail.header("From").map_or("", watchfire_model::Untrusted::raw);
        let Some((what, weight)) = case(letter).filter(|_| !mail.quoted) else {
            // What stands in a quoted header is how the forwarder's program writes.
            return;
        };
        let name = watchfire_model::Untrusted::new(said).shown(60);
        let title = match name.is_empty() {
            true => what.to_owned(),
            false => format!("{what}: '{name}'"),
        };
        scene.found(weighed(&INFO, title, weight, letter.header("From", excerpt)));
    }
}

fn case(letter: &Letter<'_>) -> Option<(&'static str, u16)> {
    let mail = letter.mail;
    if mail.from_fields > 1 {
        return Some(("several From fields", 350));
    }
    let first = mail.from.iter().position(|entry| entry.address.is_some());
    let Some(first) = first else {
        // Without any field it is a fragment and no mail.
        return (mail.from_fields == 1).then_some(("the sender has no address", 350));
    };
    let mut sites = mail.from.iter().filter_map(Mailbox::domain).map(host::normal);
    let is_of_several = sites.any(|domain| host::registrable(&domain) != letter.site());
    if is_of_several && mail.header("Sender").is_none() {
        return Some(("the sender is several, of different domains", 350));
    }
    let named_before = mail.from.iter().take(first).any(|entry| !entry.name.is_empty());
    let says = |text: &str| text.chars().any(char::is_alphanumeric);
    let own = mail.from.get(first).is_some_and(|entry| says(entry.name.raw()));
    match (named_before, own) {
        (true, false) => Some((
            "the name that is shown is an entry of its own, apart from the address",
            450,
        )),
        (true, true) => Some(("a comma divides the sender's name", 80)),
        _ if !letter.domain.starts_with('[') && !host::may_be_registered(letter.site()) => {
            Some(("the sender's domain is a name that no registry gives", 350))
        }
        _ => {
            let odd = letter.domain.ends_with('.') || !letter.domain.contains('.') || letter.domain.contains("..");
            let written = mail
                .header("From")
                .is_some_and(|from| from.raw().trim_end_matches('>').ends_with('.'));
            (odd && written).then_some(("the sender's address cannot exist", 150))
        }
    }
}
