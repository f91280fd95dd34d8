//! What is wrong with links: what they show, and where they lead.

pub(crate) mod active_scheme;
pub(crate) mod ip_executable;
pub(crate) mod lookalike;
pub(crate) mod numeric_host;
pub(crate) mod odd_slashes;
pub(crate) mod text_differs;
pub(crate) mod userinfo;

use crate::detectors::evidence;
use crate::run::diagnostic;
use crate::unwrap::unwrap;
use std::borrow::Cow;
use std::collections::HashSet;
use watchfire_knowledge::host;
use watchfire_knowledge::infrastructure::{self, Role};
use watchfire_model::url::Url;
use watchfire_model::{Diagnostic, Evidence, Fact, FactSet, Link, Observable, ObservableType, Place, Problem, Target};

/// The links of one artifact.
fn links(facts: &FactSet) -> impl Iterator<Item = &Link> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Link(link) => Some(link),
        _ => None,
    })
}

/// A link, and where it leads in the end.
#[derive(Debug)]
pub(in crate::detectors) struct Lead<'f> {
    pub(in crate::detectors) link: Cow<'f, Link>,
    /// The target behind the services in front of it.
    pub(in crate::detectors) to: String,
}

impl Lead<'_> {
    /// Where it leads, taken apart.
    fn url(&self) -> Option<Url<'_>> {
        Url::parse(&self.to)
    }
}

/// Different targets of one artifact that are looked at: what is said of a page does not change after so many.
const MOST_LEADS: usize = 5_000;

/// The links of one artifact that lead to a place on a network, those in QR codes among them, and those with the same target
/// once; and how many were left out. Link protection and redirectors are looked through.
pub(in crate::detectors) fn leads(facts: &FactSet) -> (Vec<Lead<'_>>, usize) {
    let mut seen = HashSet::new();
    let different = links(facts).filter(|link| seen.insert(link.target.raw()));
    let mut shown = different.map(Cow::Borrowed).chain(scanned(facts).map(Cow::Owned));
    let leads = shown.by_ref().map(|link| {
        let behind = unwrap(link.target.raw()).filter(|behind| behind.resolved);
        let to = behind.map_or_else(|| link.target.raw().to_owned(), |behind| behind.target);
        Lead { link, to }
    });
    let leads = leads.filter(|lead| lead.url().is_some()).take(MOST_LEADS).collect();
    (leads, shown.count())
}

/// Says that there are more links than are looked at.
pub(in crate::detectors) fn left_out(looked_at: usize, left: usize, facts: &FactSet) -> Diagnostic {
    let why = format!("where {left} further links lead was not looked at; {looked_at} were");
    diagnostic(Problem::note("links-left-out", why), facts.origin.path())
}

/// The QR codes of one artifact, as links.
pub(in crate::detectors) fn scanned(facts: &FactSet) -> impl Iterator<Item = Link> {
    facts.facts.iter().filter_map(|fact| match fact {
        Fact::Qr { text, page } => Some(Link {
            target: text.raw().trim().into(),
            text: "".into(),
            loaded: false,
            unseen: false,
            in_outlook: false,
            span: None,
            page: *page,
        }),
        _ => None,
    })
}

/// Where a link stands. Its target is the excerpt.
pub(in crate::detectors) fn place(facts: &FactSet, link: &Link) -> Evidence {
    let place = match (link.page, link.span) {
        (Some(page), _) => Place::Page(page),
        (None, Some(span)) => Place::Bytes(span),
        (None, None) => Place::Whole,
    };
    evidence(facts, place, link.target.raw())
}

/// What to block so that a link leads nowhere: its host, or the page alone where the host serves everybody.
pub(in crate::detectors) fn target(link: &str, host: &str) -> Target {
    let host = host.replace("[.]", ".");
    if is_for_everyone(&host::normal(&host)) {
        Target::Url(live(link).into())
    } else {
        Target::Host(in_ascii(&host).into())
    }
}

/// A link that a mail disarmed as it is for machines.
fn live(link: &str) -> String {
    let link = link.replace("[.]", ".").replace("[:]", ":");
    match link.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("hxxp") => format!("http{}", link.get(4..).unwrap_or_default()),
        _ => link,
    }
}

/// A host as name servers know it, so that nobody takes it for the one that it imitates.
fn in_ascii(host: &str) -> String {
    match Observable::parse(ObservableType::Domain, host) {
        Ok(name) if !host.is_ascii() => name.raw().to_owned(),
        _ => host.to_owned(),
    }
}

/// Shorteners, clouds, click counters: services that pass on whatever a tenant says.
pub(in crate::detectors) fn is_for_everyone(host: &str) -> bool {
    let mut hits = Vec::new();
    infrastructure::host(host, &mut hits);
    hits.iter()
        .any(|hit| matches!(hit.list.role, Role::Shared | Role::Disposable))
}

/// Where a link leads behind the services that stand in front of it.
pub(in crate::detectors) fn leads_to(target: &str) -> String {
    text_differs::destination(target)
}

/// A URL or host for a title: escaped and defanged, since titles go to screens.
pub(in crate::detectors) fn shown(text: &str) -> String {
    let text = text.replace("[.]", ".");
    let text = if text.is_ascii() { text } else { in_ascii(&text) };
    let safe = watchfire_model::Untrusted::new(text).shown(80);
    watchfire_model::observable::defang(&safe)
}
