//! Mails that people hand in: a wrapper around the mail that it is about.
//!
//! A colleague forwards what looks odd, or presses a button that does. Whoever reads the report wants to know about the
//! original: who sent the wrapper says nothing about it, and detectors pass the wrapper over. A bounce, a digest and a
//! mail that happens to carry another among other things are no wrappers.
//!
//! Anybody can attach a harmless mail to a harmful one. Only what has nothing to do harm with is passed over: a few words
//! that ask for nothing, no file, no form, and no link that does not stand in the original as well or lead to whoever hands
//! it in. It comes from one's own domain, where the configuration names one, and nothing recorded speaks against that.
//! Whatever else carries a mail is judged, and the mail inside too.

use crate::detectors::trusted;
use crate::host;
use crate::url::Url;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use watchfire_knowledge::confusable;
use watchfire_knowledge::wording::{self, Theme};
use watchfire_model::{ArtifactRecord, Fact, FactSet, MailFacts, Mailbox, Organisation, Origin, PartRole};

/// Characters of text that a person may add.
const NOTE: u64 = 4_000;
/// What nobody who hands a mail in writes about.
const LURES: &[Theme] = &[
    Theme::Windfall,
    Theme::Payment,
    Theme::GiftCard,
    Theme::Errand,
    Theme::Extortion,
    Theme::Prize,
];

/// Names of mailboxes that reports go to.
const DESKS: &[&str] = &[
    "phish", "abuse", "security", "soc", "spam", "report", "incident", "cert", "csirt", "infosec", "helpdesk", "itsec",
];

/// What programs and people write before the subject of what they hand in.
const SUBJECTS: &[&str] = &[
    "fw:",
    "fwd:",
    "wg:",
    "tr:",
    "rv:",
    "i:",
    "vs:",
    "doorst:",
    "[phish",
    "phish",
    "[spam",
    "spam",
    "suspicious",
    "report",
    "[report",
    "verdächtig",
    "potential",
];

/// Marks wrappers, and says of the mails inside who handed them in.
pub(crate) fn settle(artifacts: &mut [ArtifactRecord], organisation: &Organisation) {
    let mut carried: HashMap<*const Origin, Vec<usize>> = HashMap::new();
    for (at, record) in artifacts.iter().enumerate() {
        let parent = record.facts.as_ref().and_then(|facts| facts.origin.parent());
        if let Some(parent) = parent {
            carried.entry(Arc::as_ptr(parent)).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (at, record) in artifacts.iter().enumerate() {
        let (Some(mail), Some(facts)) = (mail(record), &record.facts) else {
            continue;
        };
        let parts = carried.get(&Arc::as_ptr(&facts.origin)).map(Vec::as_slice);
        let parts = || {
            parts
                .unwrap_or_default()
                .iter()
                .filter_map(|at| Some((*at, artifacts.get(*at)?)))
        };
        let mut inside = parts().filter(|(_, part)| self::mail(part).is_some());
        let (Some((original, _)), None) = (inside.next(), inside.next()) else {
            continue;
        };
        let texts: Vec<&FactSet> = parts()
            .filter_map(|(_, part)| part.facts.as_ref())
            .filter(is_body)
            .collect();
        let below = carried.get(
            &artifacts
                .get(original)
                .and_then(|record| Some(Arc::as_ptr(&record.facts.as_ref()?.origin)))
                .unwrap_or(std::ptr::null()),
        );
        let within = below
            .into_iter()
            .flatten()
            .filter_map(|at| artifacts.get(*at)?.facts.as_ref());
        let quoted: HashSet<&str> = within.flat_map(links).collect();
        if is_handed_in(mail, organisation) && is_harmless(mail, &texts, &quoted) {
            found.push((at, original, mail.author().cloned()));
        }
    }
    for (wrapper, original, reporter) in found {
        if let Some(mail) = artifacts.get_mut(wrapper).and_then(mail_mut) {
            mail.is_wrapper = true;
        }
        // Wrapped twice: the first who handed it in is who met it.
        if let Some(mail) = artifacts.get_mut(original).and_then(mail_mut) {
            mail.reported_by = reporter;
        }
    }
}

/// Whether somebody hands in the mail that this one carries, by who writes to whom and how it is called.
fn is_handed_in(mail: &MailFacts, organisation: &Organisation) -> bool {
    let content_type = mail
        .header("Content-Type")
        .map(|value| value.raw().to_lowercase())
        .unwrap_or_default();
    if content_type.contains("delivery-status") || content_type.contains("disposition-notification") {
        return false;
    }
    let recorded = trusted(mail, organisation);
    let domain = mail
        .author()
        .and_then(Mailbox::domain)
        .map(host::normal)
        .unwrap_or_default();
    let is_refused = recorded.is_some_and(|recorded| {
        let fails = |method| matches!(recorded.word(method), Some("fail" | "softfail"));
        let is_proved = recorded.vouches_for(host::registrable(&domain));
        !recorded.about_gateway && !is_proved && (fails("dmarc") || fails("spf") || fails("compauth"))
    });
    if is_refused {
        return false;
    }
    if !organisation.domains.is_empty() {
        return organisation.owns_domain(&domain);
    }
    let to_desk = mail
        .to
        .iter()
        .chain(&mail.delivered_to)
        .filter_map(|entry| entry.address.as_ref())
        .any(|address| {
            let local = address.raw().split('@').next().unwrap_or_default().to_lowercase();
            DESKS.iter().any(|desk| local.contains(desk))
        });
    let subject = mail.subject.raw().trim().to_lowercase();
    let handed_on = SUBJECTS.iter().any(|begin| subject.starts_with(begin));
    to_desk || handed_on || content_type.contains("feedback-report")
}

/// Whether a mail has nothing to do harm with besides the mail that it carries. `quoted` are the links of that one.
fn is_harmless(mail: &MailFacts, texts: &[&FactSet], quoted: &HashSet<&str>) -> bool {
    let is_file = |role| matches!(role, PartRole::Attachment);
    let mut files = mail.parts.iter().filter(|part| is_file(part.role));
    if files.any(|part| !is_mail(part.name.as_ref().map(|name| name.raw()))) {
        return false;
    }
    let own = mail
        .author()
        .and_then(Mailbox::domain)
        .map(host::normal)
        .unwrap_or_default();
    let leads_away = |target: &str| {
        let host = Url::parse(target).map(|url| host::normal(url.host)).unwrap_or_default();
        !quoted.contains(target) && host::registrable(&host) != host::registrable(&own)
    };
    texts.iter().all(|facts| {
        let harmless = facts.facts.iter().all(|fact| match fact {
            Fact::Wording(wording) => {
                let spoken = wording::themes(&confusable::plain(wording.shown.raw()));
                wording.length <= NOTE && !LURES.iter().any(|theme| spoken.has(*theme))
            }
            Fact::Form(_) => false,
            _ => true,
        });
        harmless && !links(facts).any(leads_away)
    })
}

/// Where the links of a page or text lead that a reader can follow.
fn links(facts: &FactSet) -> impl Iterator<Item = &str> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Link(link) if !link.loaded => Some(link.target.raw()),
        _ => None,
    })
}

fn is_body(facts: &&FactSet) -> bool {
    matches!(facts.role, Some(PartRole::Text | PartRole::Html))
}

fn is_mail(name: Option<&str>) -> bool {
    name.is_some_and(|name| {
        let name = name.to_lowercase();
        name.ends_with(".eml") || name.ends_with(".msg")
    })
}

fn mail(record: &ArtifactRecord) -> Option<&MailFacts> {
    record.facts.as_ref()?.facts.iter().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&**mail),
        _ => None,
    })
}

fn mail_mut(record: &mut ArtifactRecord) -> Option<&mut MailFacts> {
    record.facts.as_mut()?.facts.iter_mut().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&mut **mail),
        _ => None,
    })
}
