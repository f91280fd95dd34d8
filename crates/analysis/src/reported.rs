//! Mails that people hand in: a wrapper around the mail that it is about.
//!
//! A colleague forwards what looks odd, or presses a button that does. Whoever reads the report wants to know about the
//! original: who sent the wrapper says nothing about it, and detectors pass the wrapper over. A bounce, a digest and a
//! mail that happens to carry another among other things are no wrappers.

use std::collections::HashMap;
use std::sync::Arc;
use watchfire_model::{ArtifactRecord, Fact, MailFacts, Mailbox, Organisation, Origin, PartRole};

/// Characters of text that a person may add.
const NOTE: u64 = 4_000;

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
    let mut found = Vec::new();
    let carried = carried(artifacts);
    for (at, record) in artifacts.iter().enumerate() {
        let Some(mail) = mail(record) else { continue };
        let inside = record
            .facts
            .as_ref()
            .and_then(|facts| carried.get(&Arc::as_ptr(&facts.origin)));
        if let Some([original]) = inside.map(Vec::as_slice)
            && is_wrapper(mail, organisation)
        {
            found.push((at, *original, mail.author().cloned()));
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

/// Whether what a mail says besides the mail that it carries is that somebody hands it in.
fn is_wrapper(mail: &MailFacts, organisation: &Organisation) -> bool {
    let content_type = mail
        .header("Content-Type")
        .map(|value| value.raw().to_lowercase())
        .unwrap_or_default();
    if content_type.contains("delivery-status") || content_type.contains("disposition-notification") {
        return false;
    }
    let texts: u64 = sizes(mail, &[PartRole::Text]);
    let files = mail
        .parts
        .iter()
        .filter(|part| part.role == PartRole::Attachment && !is_mail(part.name.as_ref().map(|n| n.raw())));
    if texts > NOTE || files.count() > 1 {
        return false;
    }
    let own = mail
        .author()
        .and_then(Mailbox::domain)
        .is_some_and(|domain| organisation.owns_domain(domain));
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
    let abuse_report = content_type.contains("feedback-report");
    own || to_desk || handed_on || abuse_report
}

fn sizes(mail: &MailFacts, roles: &[PartRole]) -> u64 {
    mail.parts
        .iter()
        .filter(|part| roles.contains(&part.role))
        .map(|part| part.size)
        .sum()
}

fn is_mail(name: Option<&str>) -> bool {
    name.is_some_and(|name| {
        let name = name.to_lowercase();
        name.ends_with(".eml") || name.ends_with(".msg")
    })
}

/// The mails that lie in each artifact, not those inside of them; by where the artifact came from.
fn carried(artifacts: &[ArtifactRecord]) -> HashMap<*const Origin, Vec<usize>> {
    let mut carried: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, record) in artifacts
        .iter()
        .enumerate()
        .filter(|(_, record)| mail(record).is_some())
    {
        if let Some(parent) = record.facts.as_ref().and_then(|facts| facts.origin.parent()) {
            carried.entry(Arc::as_ptr(parent)).or_default().push(at);
        }
    }
    carried
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
