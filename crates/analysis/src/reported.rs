//! Mails that people hand in: a wrapper around the mail that it is about.
//!
//! A colleague forwards what looks odd, or presses a button that does. Whoever reads the report wants to know about the
//! original: who sent the wrapper says nothing about it, and detectors pass the wrapper over. A bounce, a digest and a
//! mail that happens to carry another among other things are no wrappers.
//!
//! Anybody can attach a harmless mail to a harmful one. Only what has nothing to do harm with is passed over: a few words
//! that ask for nothing, no file, no form, and no link that does not stand in the original as well or lead to a domain of one's
//! own. It comes from one's own domain, where the configuration names one, and nothing recorded speaks against that.
//! Whatever else carries a mail is judged, and the mail inside too.
//!
//! Who forwards without attaching leaves the original's words in the text (`crates/analysis/src/inline.rs`). Answers, ordinary
//! forwards and lures look the same, so that this takes more: a colleague, a mailbox for reports or words that say so, and
//! nothing else in the note.

use crate::detectors;
use crate::kin::{Family, is_body, mail};
use std::collections::HashSet;
use watchfire_formats::email::forwarded::Quoted;
use watchfire_knowledge::confusable;
use watchfire_knowledge::wording::{self, Theme};
use watchfire_knowledge::{host, subject};
use watchfire_model::url::Url;
use watchfire_model::{ArtifactRecord, Fact, FactSet, MailFacts, Mailbox, MediaType, Organisation, PartRole};

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

/// What people and buttons write before the subject of what they hand in.
const SUBJECTS: &[&str] = &[
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
    let answers = subject::answers(&subject) && !quoted.is_forwarded;
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

/// Whether a note leads to somebody else than the mail's `home`: signatures lead home.
fn leads_elsewhere(note: &str, home: &str, organisation: &Organisation) -> bool {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '[' | ']');
    note.split(is_edge).any(|word| {
        let url = match word.get(..4) {
            Some(head) if head.eq_ignore_ascii_case("www.") => format!("http://{word}"),
            _ => word.to_owned(),
        };
        let url = Url::parse(&url).filter(|url| !url.scheme.eq_ignore_ascii_case("mailto"));
        url.is_some_and(|url| !is_home(url.host, Some(home), organisation))
    })
}

/// Whether a host is one's own, or of the domain `home` where there is one.
fn is_home(host: &str, home: Option<&str>, organisation: &Organisation) -> bool {
    let (host, home) = (host::normal(host), home.map(host::normal));
    let lies_in = |home: &str| {
        host.strip_suffix(home)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    organisation.owns_domain(&host) || home.is_some_and(|home| !home.is_empty() && lies_in(&home))
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
    for (wrapper, original, reporter) in handed_in(&Family::of(artifacts), organisation) {
        if let Some(mail) = artifacts.get_mut(wrapper).and_then(mail_mut) {
            mail.is_wrapper = true;
        }
        // Wrapped twice: the first who handed it in is who met it.
        if let Some(mail) = artifacts.get_mut(original).and_then(mail_mut) {
            mail.reported_by = reporter;
        }
    }
}

/// The places of wrappers and of the mails inside, and who handed them in.
fn handed_in(family: &Family<'_>, organisation: &Organisation) -> Vec<(usize, usize, Option<Mailbox>)> {
    let mail = |at: usize| family.record(at).and_then(mail);
    let wrapper = |at: usize| {
        let outer = mail(at)?;
        let mut inside = family.children(at).filter(|at| mail(*at).is_some());
        let original = inside.next().filter(|_| inside.next().is_none())?;
        let is_wrapper = mail(original)?.quoted
            || is_handed_in(outer, organisation) && is_harmless(outer, family, at, original, organisation);
        is_wrapper.then(|| (at, original, outer.author().cloned()))
    };
    family.places().filter_map(wrapper).collect()
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
    let domain = mail
        .author()
        .and_then(Mailbox::domain)
        .map(host::normal)
        .unwrap_or_default();
    if detectors::is_refuted(mail, organisation) {
        return false;
    }
    if !organisation.domains.is_empty() {
        return organisation.owns_domain(&domain);
    }
    let to_desk = desks(mail).next().is_some();
    let subject = mail.subject.raw().trim().to_lowercase();
    let handed_on = subject::forwards(&subject) || SUBJECTS.iter().any(|begin| subject.starts_with(begin));
    to_desk || handed_on || content_type.contains("feedback-report")
}

/// Whether a mail has nothing to do harm with besides the mail that it carries, `original`.
fn is_harmless(mail: &MailFacts, family: &Family<'_>, at: usize, original: usize, organisation: &Organisation) -> bool {
    let mut files = mail.parts.iter().filter(|part| match part.role {
        PartRole::Attachment => true,
        PartRole::Inline => !part.media_type.raw().starts_with("image/"),
        _ => false,
    });
    if files.any(|part| !is_mail(part.name.as_ref().map(|name| name.raw()))) {
        return false;
    }
    let is_shown = |at: &usize| {
        family
            .facts(*at)
            .is_some_and(|facts| facts.role == Some(PartRole::Inline))
    };
    let is_picture = |at: usize| {
        let kind = family.record(at).map(|record| record.media_type);
        kind.is_some_and(|kind| kind == MediaType::UNKNOWN || kind.0.starts_with("image/"))
    };
    let mut shown = family
        .children(at)
        .filter(is_shown)
        .filter(|at| family.record(*at).and_then(self::mail).is_none());
    if !shown.all(is_picture) {
        return false;
    }
    let read = |of: usize| family.children(of).flat_map(|at| family.readings(at));
    let quoted: HashSet<&str> = read(original)
        .filter_map(|record| record.facts.as_ref())
        .flat_map(links)
        .collect();
    // A colleague's signature leads home; a stranger's home is where he wants his readers.
    let leads_away = |target: &str| {
        let host = Url::parse(target).map(|url| url.host).unwrap_or_default();
        !quoted.contains(target) && !is_home(host, None, organisation)
    };
    let harms = |fact: &Fact| match fact {
        Fact::Wording(wording) => {
            let spoken = wording::themes(&confusable::plain(wording.shown.raw()));
            wording.length > NOTE || LURES.iter().any(|theme| spoken.has(*theme))
        }
        Fact::Form(_) => true,
        _ => false,
    };
    let mut bodies = family.children(at).filter(|at| family.facts(*at).is_some_and(is_body));
    bodies.all(|body| {
        // Bytes of which nobody knows what they give to read are not harmless.
        let is_harmless = |record: &ArtifactRecord| {
            let read = record.facts.as_ref().filter(|read| !read.facts.is_empty());
            record.size == 0 || read.is_some_and(|read| !read.facts.iter().any(harms) && !links(read).any(leads_away))
        };
        let mut readings = family.readings(body).peekable();
        readings.peek().is_some() && readings.all(is_harmless)
    })
}

/// Where the links of a page or text lead that a reader can follow.
fn links(facts: &FactSet) -> impl Iterator<Item = &str> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Link(link) if !link.loaded => Some(link.target.raw()),
        _ => None,
    })
}

fn is_mail(name: Option<&str>) -> bool {
    name.is_some_and(|name| {
        let name = name.to_lowercase();
        name.ends_with(".eml") || name.ends_with(".msg")
    })
}

fn mail_mut(record: &mut ArtifactRecord) -> Option<&mut MailFacts> {
    record.facts.as_mut()?.facts.iter_mut().find_map(|fact| match fact {
        Fact::Mail(mail) => Some(&mut **mail),
        _ => None,
    })
}
