//! A mail as its detectors see it: header, words, links and files together, gathered once for all of them.
//!
//! A mail that only hands in another one is no letter: who forwards something suspicious is not what it is about.

use super::proof::Proof;
use crate::detectors::evidence;
use crate::detectors::link::scanned;
use crate::kin::{Family, is_body, mail};
use std::collections::HashSet;
use watchfire_formats::identify::media;
use watchfire_knowledge::brand::{self, Shown};
use watchfire_knowledge::host;
use watchfire_knowledge::wording::{self, Found};
use watchfire_knowledge::{confusable, mail as carriers};
use watchfire_model::{
    ArtifactRecord, Evidence, Fact, FactSet, Link, MailFacts, Mailbox, MediaType, ObservableType, Observed,
    Organisation, Place, Wording,
};

/// Links of one mail that are looked at.
const LINKS: usize = 300;
/// Bytes of words that are looked at.
const WORDS: usize = 12_000;

/// A mail and what came with it.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Of the mail itself.
    pub(crate) facts: &'a FactSet,
    pub(crate) mail: &'a MailFacts,
    /// Its parts, in their order.
    pub(crate) parts: Vec<Part<'a>>,
    /// Links that a reader of the mail can follow into the web, those in QR codes last.
    pub(crate) links: Vec<Led<'a>>,
    /// Subject and bodies in their plain form.
    pub(crate) plain: String,
    /// What they speak of.
    pub(crate) found: Found,
    /// The domain of the sender that is shown, in lower case; empty where there is none.
    pub(crate) domain: String,
    /// What is known about whether that domain sent it.
    pub(crate) proof: Proof<'a>,
    /// The well-known name that the sender shows.
    pub(crate) named: Option<Shown>,
}

/// One part, as an artifact of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) facts: &'a FactSet,
    pub(crate) observed: &'a [Observed],
    /// It is what a reader reads, and no file.
    pub(crate) is_body: bool,
}

impl<'a> Part<'a> {
    /// Whether whoever opens the mail has its links before them.
    fn is_read(&self) -> bool {
        self.is_body || self.facts.media_type == media::CALENDAR
    }

    /// What it gives to read.
    pub(crate) fn wording(&self) -> Option<&'a Wording> {
        self.facts.facts.iter().find_map(|fact| match fact {
            Fact::Wording(wording) => Some(wording),
            _ => None,
        })
    }
}

/// A link and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct Led<'a> {
    /// The target behind link protection.
    pub(crate) to: String,
    /// Its host, lower case.
    pub(crate) host: String,
    /// It stands in a QR code of a picture or document that the mail carries.
    pub(crate) is_scanned: bool,
    at: &'a FactSet,
    place: Place,
}

impl Led<'_> {
    /// Where it stands.
    pub(crate) fn evidence(&self) -> Evidence {
        evidence(self.at, self.place.clone(), &self.to)
    }

    /// What of the host somebody registered.
    pub(crate) fn site(&self) -> &str {
        host::registrable(&self.host)
    }
}

impl Letter<'_> {
    /// The sender that is shown.
    pub(crate) fn author(&self) -> Option<&Mailbox> {
        self.mail.author()
    }

    /// All names that the sender shows, as programs run them together.
    pub(crate) fn shown_name(&self) -> String {
        let names = self.mail.from.iter().map(|entry| entry.name.raw());
        names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// What of the sender's domain somebody registered.
    pub(crate) fn site(&self) -> &str {
        host::registrable(&self.domain)
    }

    /// Where a field of the header stands.
    pub(crate) fn header(&self, name: &str, text: &str) -> Evidence {
        evidence(self.facts, Place::Header(name.into()), text)
    }

    /// The mail as a whole.
    pub(crate) fn whole(&self, text: &str) -> Evidence {
        evidence(self.facts, Place::Whole, text)
    }

    /// The bodies' words.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = (&FactSet, &Wording)> {
        let bodies = self.parts.iter().filter(|part| part.is_body);
        bodies.filter_map(|part| Some((part.facts, part.wording()?)))
    }

    /// Where the words stand that a finding is about: the first body that there is.
    pub(crate) fn words(&self, excerpt: &str) -> Evidence {
        match self.bodies().next() {
            Some((facts, _)) => evidence(facts, Place::Whole, excerpt),
            None => self.whole(excerpt),
        }
    }

    /// Characters that a reader sees.
    pub(crate) fn visible(&self) -> u64 {
        self.bodies().map(|(_, wording)| wording.length).max().unwrap_or(0)
    }

    /// Whether it was verified, or the receiver's own server saw a proof, that the shown sender's domain sent it.
    pub(crate) fn is_vouched_for(&self) -> bool {
        self.proof.is_given
    }

    /// Whether the receiver's server found no policy of the sender's domain, and guessed one.
    pub(crate) fn is_without_policy(&self) -> bool {
        let recorded = self.proof.recorded.as_ref();
        let word = recorded.and_then(|recorded| recorded.word("dmarc"));
        self.proof.verified.is_none() && matches!(word, Some("bestguesspass" | "none"))
    }

    /// The well-known name that the sender shows, and that is not its own.
    pub(crate) fn foreign_name(&self) -> Option<Shown> {
        self.named.filter(|found| !brand::belongs(found.brand, &self.domain))
    }

    /// Whether the sender has a mailbox where anyone has one.
    pub(crate) fn is_free(&self) -> bool {
        carriers::is_free(&self.domain)
    }

    /// A list or a shop that many subscribed to: its mails may be left, by a machine. Anybody can write so; where nobody
    /// proved the sender although somebody looked, it says nothing.
    pub(crate) fn is_bulk(&self) -> bool {
        let says_so = self.mail.header("List-Unsubscribe").is_some() || self.mail.header("List-Id").is_some();
        says_so && (self.is_vouched_for() || self.is_from_list() || !self.proof.is_looked_for())
    }

    /// The same, where it is proved who runs it.
    pub(crate) fn is_known_bulk(&self) -> bool {
        self.is_bulk() && (self.is_vouched_for() || self.is_from_list())
    }

    /// Whether a mailing list handed it on, which changes mails and breaks their proofs: one that proved its own name.
    pub(crate) fn is_from_list(&self) -> bool {
        let proved = self.proof.proved();
        let is_proved = |site: &str| proved.iter().any(|domain| host::registrable(domain) == site);
        ["List-Id", "List-Post"].iter().any(|name| {
            let field = self
                .mail
                .header(name)
                .map(|value| host::normal(value.raw()))
                .unwrap_or_default();
            let hosts = field.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
            hosts
                .filter(|host| host.contains('.'))
                .any(|host| is_proved(host::registrable(host)))
        })
    }
}

/// The letters among the artifacts of one root.
pub(crate) fn letters<'a>(artifacts: &'a [ArtifactRecord], organisation: &'a Organisation) -> Vec<Letter<'a>> {
    let mails = artifacts.iter().enumerate().filter_map(|(at, record)| {
        let mail = mail(record).filter(|mail| !mail.is_wrapper)?;
        Some((at, record.facts.as_ref()?, mail))
    });
    let mails: Vec<_> = mails.collect();
    if mails.is_empty() {
        return Vec::new();
    }
    let family = Family::of(artifacts);
    let letters = mails
        .into_iter()
        .map(|(at, facts, mail)| letter(facts, mail, parts(&family, at), organisation));
    letters.collect()
}

/// The parts of a mail, and those that something is only wrapped around.
fn parts<'a>(family: &Family<'a>, of: usize) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for at in family.children(of) {
        parts.extend(part(family, at));
        let is_wrapping = |record: &&ArtifactRecord| is_wrapping(record.media_type) && mail(record).is_none();
        if family.record(at).as_ref().is_some_and(is_wrapping) {
            parts.extend(family.children(at).filter_map(|at| part(family, at)));
        }
    }
    parts
}

fn part<'a>(family: &Family<'a>, at: usize) -> Option<Part<'a>> {
    let own = family.facts(at)?;
    let read = family.readings(at).next().or(family.record(at))?;
    let is_body = is_body(own);
    Some(Part {
        // A file is called what this mail calls it, whatever was in it elsewhere.
        facts: if is_body { read.facts.as_ref()? } else { own },
        observed: &read.observables,
        is_body,
    })
}

/// Whether it is only wrapped around parts of the mail: a signature, a packet of Outlook.
fn is_wrapping(media_type: MediaType) -> bool {
    matches!(media_type, media::PKCS7 | media::TNEF)
}

fn letter<'a>(
    facts: &'a FactSet,
    mail: &'a MailFacts,
    parts: Vec<Part<'a>>,
    organisation: &'a Organisation,
) -> Letter<'a> {
    let mut text = mail.subject.raw().to_owned();
    for wording in parts.iter().filter(|part| part.is_body).filter_map(Part::wording) {
        text.push('\n');
        text.push_str(wording.shown.raw());
        if text.len() > WORDS {
            break;
        }
    }
    let plain = confusable::plain(&text);
    let domain = mail
        .author()
        .and_then(Mailbox::domain)
        .map(host::normal)
        .unwrap_or_default();
    let mut letter = Letter {
        facts,
        mail,
        links: links(&parts, host::registrable(&domain)),
        parts,
        found: wording::themes(&plain),
        plain,
        proof: Proof::of(facts, mail, host::registrable(&domain), organisation),
        domain,
        named: None,
    };
    letter.named = brand::shown_in(&letter.shown_name());
    letter
}

/// Links of pages and texts, of invitations and, last, of QR codes; and, of a page without links, the addresses in it. Of
/// those that Outlook alone shows only what leads away from the sender's `home`, and where no other link does: most repeat
/// what others show, and nobody is excused by what few see.
fn links<'a>(parts: &[Part<'a>], home: &str) -> Vec<Led<'a>> {
    let mut found: Vec<Led<'a>> = Vec::new();
    let mut in_outlook: Vec<Led<'a>> = Vec::new();
    for part in parts.iter().filter(|part| part.is_read()) {
        let mut any = false;
        for fact in &part.facts.facts {
            let Fact::Link(link) = fact else { continue };
            any = true;
            if found.len() > LINKS {
                break;
            }
            let into = if link.in_outlook { &mut in_outlook } else { &mut found };
            if !link.loaded && into.len() <= LINKS {
                into.extend(led(part.facts, link.target.raw(), Some(link)));
            }
        }
        let urls = part
            .observed
            .iter()
            .filter(|observed| !any && observed.observable.kind() == ObservableType::Url && observed.via.is_none());
        for observed in urls.take(LINKS) {
            found.extend(led(part.facts, observed.observable.raw(), None));
        }
    }
    let known: HashSet<String> = found.iter().map(|led| led.site().to_owned()).collect();
    found.extend(
        in_outlook
            .into_iter()
            .filter(|led| led.site() != home && !known.contains(led.site())),
    );
    for part in parts.iter().filter(|part| !part.is_body) {
        let codes = scanned(part.facts).filter_map(|link| {
            Some(Led {
                is_scanned: true,
                ..led(part.facts, link.target.raw(), Some(&link))?
            })
        });
        found.extend(codes.take(LINKS));
    }
    found
}

fn led<'a>(at: &'a FactSet, target: &str, link: Option<&Link>) -> Option<Led<'a>> {
    let to = crate::detectors::link::leads_to(target);
    let host = host::of_link(&to)?;
    let place = link.map_or(Place::Whole, |link| match (link.page, link.span) {
        (Some(page), _) => Place::Page(page),
        (None, Some(span)) => Place::Bytes(span),
        (None, None) => Place::Whole,
    });
    Some(Led {
        host,
        to,
        is_scanned: false,
        at,
        place,
    })
}
