//! Mails that people hand in: a wrapper around the mail that it is about.
//!
//! A colleague forwards what looks odd, or presses a button that does. Whoever reads the report wants to know about the
//! original: who sent the wrapper says nothing about it, and detectors pass the wrapper over. A bounce, a digest and a
//! mail that happens to carry another among other things are no wrappers.
//!
//! Who forwards without attaching leaves the original's words in the text (`crates/analysis/src/inline.rs`). Answers, ordinary
//! forwards and lures look the same, so that this takes more: a colleague, a mailbox for reports or words that say so, and
//! nothing else in the note.

use crate::detectors;
use crate::url::Url;
use std::sync::Arc;
use watchfire_formats::email::forwarded::Quoted;
use watchfire_model::{ArtifactRecord, Fact, MailFacts, Mailbox, Organisation, PartRole};

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

/// What subjects of answers begin with.
const ANSWERS: &[&str] = &[
    "re:", "re :", "aw:", "antw:", "sv:", "rif:", "r:", "odp:", "res:", "ré:",
];

/// Words by which a note says why it forwards something, in lower case.
const WORRIES: &[&str] = &[
    "phish",
    "spam",
    "scam",
    "fraud",
    "suspicious",
    "fake",
    "malicious",
    "legit",
    "is this real",
    "verdächtig",
    "betrug",
    "echt?",
    "suspect",
    "frauduleux",
    "hameçonnage",
    "sospechos",
    "fraude",
    "sospett",
    "truffa",
    "verdacht",
    "oplichting",
    "suspeit",
    "golpe",
    "podejrzan",
    "oszust",
];

/// Visible characters that somebody adds to what he hands in as text.
const INLINE_NOTE: usize = 1_500;

/// Whether a mail may hand in what its text quotes, before its text is looked at.
pub(crate) fn may_hand_in(mail: &MailFacts, organisation: &Organisation) -> bool {
    let domain = mail.author().and_then(Mailbox::domain).unwrap_or_default();
    organisation.owns_domain(domain) || desks(mail).any(|desk| desk.eq_ignore_ascii_case(domain))
}

/// Whether a mail hands in what its text quotes, `note` being the text before that. A stranger never does: a lure that
/// quotes another mail would be looked past.
pub(crate) fn hands_in(mail: &MailFacts, quoted: &Quoted, note: &str, organisation: &Organisation) -> bool {
    let Some(domain) = mail.author().and_then(Mailbox::domain) else {
        return false;
    };
    let subject = mail.subject.raw().trim().to_lowercase();
    let is_post = mail.header("List-Id").is_some() || mail.header("List-Post").is_some();
    let answers = ANSWERS.iter().any(|begin| subject.starts_with(begin)) && !quoted.is_forwarded;
    let has_room = note.chars().filter(|c| !c.is_whitespace()).count() <= INLINE_NOTE;
    if is_post || answers || !has_room || leads_elsewhere(note, domain, organisation) {
        return false;
    }
    let own = organisation.owns_domain(domain);
    let to_own_desk =
        desks(mail).any(|desk| desk.eq_ignore_ascii_case(domain) || organisation.owns_domain(desk) && own);
    let lower = note.to_lowercase();
    let says = WORRIES
        .iter()
        .any(|word| subject.contains(word) || lower.contains(word));
    (to_own_desk || own && says) && !detectors::is_refuted(mail, organisation)
}

/// Whether a note leads to somebody else: signatures lead home.
fn leads_elsewhere(note: &str, domain: &str, organisation: &Organisation) -> bool {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '[' | ']');
    note.split(is_edge).any(|word| {
        let url = match word.get(..4) {
            Some(head) if head.eq_ignore_ascii_case("www.") => format!("http://{word}"),
            _ => word.to_owned(),
        };
        let host = Url::parse(&url).filter(|url| !url.scheme.eq_ignore_ascii_case("mailto"));
        host.is_some_and(|url| {
            let host = url.host.trim_end_matches('.').to_lowercase();
            let home = host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
            !home && !organisation.owns_domain(&host)
        })
    })
}

/// Domains of the mailboxes for reports that a mail goes to.
fn desks(mail: &MailFacts) -> impl Iterator<Item = &str> {
    let entries = mail.to.iter().chain(&mail.delivered_to);
    let addresses = entries.filter_map(|entry| entry.address.as_ref());
    addresses.filter_map(|address| {
        let (local, domain) = address.raw().rsplit_once('@')?;
        let local = local.to_lowercase();
        DESKS.iter().any(|desk| local.contains(desk)).then_some(domain)
    })
}

/// Marks wrappers, and says of the mails inside who handed them in.
pub(crate) fn settle(artifacts: &mut [ArtifactRecord], organisation: &Organisation) {
    let mut found = Vec::new();
    for (at, record) in artifacts.iter().enumerate() {
        let Some(mail) = mail(record) else { continue };
        let inside: Vec<usize> = carried(artifacts, record);
        let is_quoted = |at: &usize| {
            artifacts
                .get(*at)
                .and_then(self::mail)
                .is_some_and(|inner| inner.quoted)
        };
        if let [original] = inside.as_slice()
            && (is_quoted(original) || is_wrapper(mail, organisation))
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
    let to_desk = desks(mail).next().is_some();
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

/// The mails that `record` carries, not those inside of them.
fn carried(artifacts: &[ArtifactRecord], record: &ArtifactRecord) -> Vec<usize> {
    let Some(origin) = record.facts.as_ref().map(|facts| &facts.origin) else {
        return Vec::new();
    };
    let is_inside = |other: &ArtifactRecord| {
        let parent = other.facts.as_ref().and_then(|facts| facts.origin.parent());
        parent.is_some_and(|parent| Arc::ptr_eq(parent, origin))
    };
    let mails = artifacts
        .iter()
        .enumerate()
        .filter(|(_, other)| is_inside(other) && mail(other).is_some());
    mails.map(|(at, _)| at).collect()
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
