//! What a report presents each observable as: indicator, reading, the publisher's own, or only mentioned.
//!
//! A text must read like a threat report for this: sentences, and something that speaks of threats. In logs, feeds and
//! plain lists only an indicators heading or column, and defanging, decide. The strongest evidence over all occurrences
//! wins: defanged or listed as an indicator, then the publisher's own, then reading, then what the words around it say.
//! Linear in the text; whatever is not certain stays [`Role::Mentioned`].
//!
//! It never says that something is harmless, and reads no language: it knows a few words of several.

mod heading;
mod hosts;
mod outline;
mod publisher;
mod table;
mod vocabulary;
mod wording;

use outline::{Column, Form, Outline, Site, Topic, lists_values};
use std::collections::BTreeSet;
use watchfire_model::{Family, ObservableType as Type, Observed, Role, Via};
use wording::Cue;

/// Longer texts are no reports, and keep the plain rule: what is defanged is an indicator.
pub(crate) const MOST: usize = 8 << 20;

/// What the extractor says without looking at the text around a value.
pub(crate) const DEFANGED: &str = "defanged";

/// One occurrence with everything known about it.
struct Witness {
    site: Site,
    cue: Option<Cue>,
    /// Not defanged here.
    live: bool,
    /// Written for itself, not as part of a URL or address.
    alone: bool,
}

/// What all occurrences of one observable say together.
#[derive(Clone, Copy, Default)]
struct Evidence {
    /// Presented as an indicator by a list, a table or a heading.
    listed: Option<&'static str>,
    /// Presented as an indicator by the words around it.
    worded: Option<&'static str>,
    /// Given as reading.
    reading: Option<&'static str>,
    /// Likely reading.
    link: Option<&'static str>,
    /// Called something else.
    cleared: Option<&'static str>,
    own: bool,
    /// Somewhere written for itself.
    alone: bool,
}

/// Decides the role of each of `observed`. `places` holds, for each, the first bytes of its occurrences in `text`.
pub(crate) fn assign(text: &[u8], observed: &mut [Observed], places: &[Vec<u64>]) {
    if text.len() > MOST || observed.is_empty() {
        return;
    }
    let mut occurrences: Vec<(usize, u32)> = places
        .iter()
        .zip(0_u32..)
        .flat_map(|(places, entry)| places.iter().map(move |at| (*at as usize, entry)))
        .collect();
    occurrences.sort_unstable();
    let Some(outline) = outline::read(text, &occurrences) else {
        return;
    };
    let report = is_report(&outline, observed);
    let cues = if report {
        let is_hash = |entry: u32| {
            let seen = observed.get(entry as usize);
            seen.is_some_and(|seen| seen.observable.kind().spec().family == Family::FileHash)
        };
        wording::cues(text, &outline.sites, is_hash)
    } else {
        vec![None; outline.sites.len()]
    };
    let witnesses: Vec<Witness> = outline
        .sites
        .iter()
        .zip(cues)
        .map(|(site, cue)| witness(text, observed, *site, cue))
        .collect();
    let publisher = if report {
        publisher::domains(text, observed, &witnesses)
    } else {
        BTreeSet::new()
    };
    let setting = Setting {
        report,
        defangs: observed.iter().any(|seen| defanged(seen) && hosts::of(seen).is_some()),
        publisher,
    };
    let mut evidence = vec![Evidence::default(); observed.len()];
    for witness in &witnesses {
        let entry = witness.site.entry as usize;
        if let (Some(seen), Some(evidence)) = (observed.get(entry), evidence.get_mut(entry)) {
            setting.weigh(seen, witness, evidence);
        }
    }
    for (seen, evidence) in observed.iter_mut().zip(&evidence) {
        (seen.role, seen.role_reason) = setting.decide(seen, evidence);
    }
    if report {
        follow_hosts(observed, &evidence);
    }
}

/// Sentences, and something that speaks of threats.
fn is_report(outline: &Outline, observed: &[Observed]) -> bool {
    let speaks = outline.indicator_headings + outline.indicator_tables > 0
        || observed.iter().any(|seen| {
            defanged(seen)
                || matches!(
                    seen.observable.kind(),
                    Type::Tlp | Type::AttackTechnique | Type::AttackTactic
                )
        })
        || (observed.iter().any(|seen| seen.observable.kind() == Type::Cve)
            && observed
                .iter()
                .any(|seen| seen.observable.kind().spec().family == Family::FileHash));
    let sentences = outline.prose >= 3 || (outline.prose >= 1 && outline.known_headings >= 1);
    speaks && sentences && outline.records <= 3 * outline.prose
}

/// The extractor's own rule said so.
fn defanged(seen: &Observed) -> bool {
    seen.role == Role::Indicator
}

fn witness(text: &[u8], observed: &[Observed], site: Site, cue: Option<Cue>) -> Witness {
    let there = text.get(site.at..).unwrap_or(&[]);
    let before = site.at.checked_sub(1).and_then(|at| text.get(at)).copied();
    let seen = observed.get(site.entry as usize);
    let live = seen.is_none_or(|seen| !defanged(seen) || stands_plainly(there, seen.observable.raw()));
    Witness {
        site,
        cue,
        live,
        alone: !matches!(before, Some(b'/' | b'@' | b']' | b'}' | b'\\')),
    }
}

/// The value up to its path stands there as it is, in any case.
fn stands_plainly(there: &[u8], value: &str) -> bool {
    let end = value
        .find("://")
        .and_then(|at| value.get(at + 3..))
        .and_then(|rest| rest.find('/').map(|path| value.len() - rest.len() + path))
        .unwrap_or(value.len());
    let host = value.as_bytes().get(..end).unwrap_or(&[]);
    there
        .get(..host.len())
        .is_some_and(|there| there.eq_ignore_ascii_case(host))
}

/// What is known about the text as a whole.
struct Setting {
    report: bool,
    /// It defangs what is dangerous, so what is live is not.
    defangs: bool,
    publisher: BTreeSet<String>,
}

impl Setting {
    /// Adds what one occurrence says.
    fn weigh(&self, seen: &Observed, witness: &Witness, evidence: &mut Evidence) {
        let site = &witness.site;
        evidence.alone |= witness.alone;
        let host = hosts::of(seen);
        let reference = host.is_some_and(hosts::is_reference);
        let link = is_link(seen, witness);
        evidence.own |= witness.live && seen.encoding.is_none() && self.is_own(seen);
        let listed = self
            .listed(seen, witness)
            .filter(|_| !(witness.live && (evidence.own || (link && reference))));
        keep(&mut evidence.listed, listed);
        if !self.report {
            return;
        }
        if site.topic == Topic::Legitimate {
            keep(&mut evidence.cleared, Some("listed as legitimate"));
        }
        let named = witness
            .cue
            .filter(|_| site.topic != Topic::References && site.topic != Topic::About);
        match named {
            Some(Cue::Legitimate) if witness.live => keep(&mut evidence.cleared, Some("called legitimate")),
            Some(Cue::Imitated) if witness.live => keep(&mut evidence.cleared, Some("named as what is imitated")),
            Some(cue) if cue.accuses() && !(link && (reference || evidence.own)) => {
                keep(&mut evidence.worded, self.worded(seen, cue, witness));
            }
            _ => {}
        }
        let named_site = seen.observable.kind() == Type::Domain && reference && witness.live;
        if !link && !named_site && !is_account(seen) {
            return;
        }
        let reading = match () {
            () if site.topic == Topic::References => Some("under a references heading"),
            () if site.column == Column::Reference => Some("in a column of references"),
            () if site.note => Some("in a numbered note"),
            () if witness.cue == Some(Cue::Reference) => Some("introduced as something to read"),
            () => None,
        };
        keep(&mut evidence.reading, reading);
        let likely = match () {
            () if reference => Some("a site that reports quote"),
            () if self.defangs => Some("live link in a text that defangs its indicators"),
            () => None,
        };
        keep(&mut evidence.link, likely);
    }

    /// Presented as an indicator by where it stands.
    fn listed(&self, seen: &Observed, witness: &Witness) -> Option<&'static str> {
        let site = &witness.site;
        let family = seen.observable.kind().spec().family;
        match site.column {
            Column::Indicator => return Some("in the indicators column of a table"),
            Column::Reference => return None,
            Column::Value
                if self.report && (family == Family::FileHash || lists_values(site.topic) || !self.defangs) =>
            {
                return Some("in a table of indicators");
            }
            Column::Other if self.report && matches!(family, Family::Host | Family::FileHash | Family::Fingerprint) => {
                return Some("beside an indicator in a table");
            }
            Column::Value | Column::None => {}
            Column::Other => return None,
        }
        let link = is_link(seen, witness);
        if site.note
            || (link && witness.cue == Some(Cue::Reference))
            || (link && site.topic != Topic::Indicators && self.defangs)
        {
            return None;
        }
        match (site.topic, site.form) {
            (Topic::Indicators, Form::Lone | Form::Listed) => Some("listed under an indicators heading"),
            (Topic::Values, Form::Lone | Form::Listed) if self.report => {
                Some("listed under a heading of indicators' kinds")
            }
            (Topic::Lingering, Form::Lone) if self.report => Some("listed after an indicators heading"),
            (Topic::Indicators, Form::Prose) if self.report && !link && family != Family::Account => {
                Some("mentioned under an indicators heading")
            }
            _ => None,
        }
    }

    /// Presented as an indicator by the words around it.
    fn worded(&self, seen: &Observed, cue: Cue, witness: &Witness) -> Option<&'static str> {
        let family = seen.observable.kind().spec().family;
        // A text that defangs its indicators means nothing by what it leaves live.
        if family == Family::Network && self.defangs {
            return None;
        }
        match (cue, family) {
            (Cue::Command, Family::Network | Family::Fingerprint) => Some("named as command and control"),
            (Cue::Delivery, Family::Network | Family::FileHash) => Some("named as where malware comes from"),
            (Cue::Dropped, Family::FileHash | Family::Host) => Some("named as what malware leaves behind"),
            (Cue::Sample, Family::FileHash) => Some("named as a sample"),
            (Cue::Sender, Family::Network | Family::Payment) => Some("named as sender, lure or payee"),
            (Cue::Malicious, Family::Network | Family::FileHash)
                if witness.site.form != Form::Prose || !is_link(seen, witness) =>
            {
                Some("named as malicious")
            }
            _ => None,
        }
    }

    fn is_own(&self, seen: &Observed) -> bool {
        hosts::of(seen).is_some_and(|host| self.publisher.contains(hosts::registrable(host)))
    }

    /// The strongest evidence wins.
    fn decide(&self, seen: &Observed, evidence: &Evidence) -> (Role, &'static str) {
        let kind = seen.observable.kind();
        let defanged = defanged(seen);
        if self.report && kind == Type::Tlp {
            return (Role::Mentioned, "marks the text");
        }
        if self.report && kind.spec().family == Family::Catalogue {
            return (Role::Mentioned, "names a catalogue entry");
        }
        let part = matches!(seen.via, Some(Via::Url | Via::Email)) && !evidence.alone;
        if part && (defanged || evidence.listed.is_some()) && hosts::of(seen).is_some_and(hosts::is_shared) {
            return (Role::Mentioned, "host of an indicator, shared with others");
        }
        if defanged {
            let reason = match () {
                () if evidence.own => "defanged, although on the publisher's own domain",
                () if evidence.reading.is_some() => "defanged, although given as something to read",
                () => DEFANGED,
            };
            return (Role::Indicator, reason);
        }
        if let Some(listed) = evidence.listed {
            let reason = if evidence.reading.is_some() {
                "listed as an indicator, although also given as something to read"
            } else {
                listed
            };
            return (Role::Indicator, reason);
        }
        if evidence.own {
            return (Role::Publisher, "on the publisher's own domain");
        }
        if self.is_named_like_publisher(seen) {
            return (Role::Publisher, "named like the publisher");
        }
        if let Some(cleared) = evidence.cleared {
            return (Role::Mentioned, cleared);
        }
        if let Some(reading) = evidence.reading {
            return (Role::Reference, reading);
        }
        if let Some(worded) = evidence.worded {
            return (Role::Indicator, worded);
        }
        match evidence.link {
            Some(link) => (Role::Reference, link),
            None => (Role::Mentioned, ""),
        }
    }

    /// An account, or a page on a platform, under the publisher's name.
    fn is_named_like_publisher(&self, seen: &Observed) -> bool {
        let value = seen.observable.raw();
        let account = match seen.observable.kind() {
            Type::Url if hosts::of(seen).is_some_and(hosts::is_platform) => {
                let path = value.split_once("://").map_or(value, |(_, rest)| rest);
                path.split(['/', '?']).nth(1).unwrap_or_default()
            }
            _ if is_account(seen) => value,
            _ => return false,
        };
        let letters = |text: &str| -> String {
            let letters = text.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).collect()
        };
        let name = letters(account);
        self.publisher.iter().any(|domain| {
            let label = letters(domain.split('.').next().unwrap_or_default());
            label.len() >= 5 && name.len() >= 5 && (name.contains(&label) || label.contains(&name))
        })
    }
}

/// Whoever is on the host of an indicator is one.
fn follow_hosts(observed: &mut [Observed], evidence: &[Evidence]) {
    let accused: BTreeSet<String> = observed
        .iter()
        .filter(|seen| seen.role == Role::Indicator)
        .filter(|seen| {
            matches!(
                seen.observable.kind(),
                Type::Domain | Type::Ipv4 | Type::Ipv6 | Type::Onion
            )
        })
        .map(|seen| seen.observable.raw().to_owned())
        .collect();
    if accused.is_empty() {
        return;
    }
    for (seen, evidence) in observed.iter_mut().zip(evidence) {
        if seen.role == Role::Indicator || evidence.own || evidence.reading.is_some() || evidence.cleared.is_some() {
            continue;
        }
        let follows = hosts::of(seen)
            .is_some_and(|host| !hosts::is_shared(host) && hosts::ancestors(host).any(|host| accused.contains(host)));
        if follows {
            (seen.role, seen.role_reason) = (Role::Indicator, "its host is presented as an indicator");
        }
    }
}

/// Something a reader can click on: a live URL or mailbox, or the host in one.
fn is_link(seen: &Observed, witness: &Witness) -> bool {
    let clickable = match seen.observable.kind() {
        Type::Url | Type::Email => true,
        Type::Domain => !witness.alone,
        _ => false,
    };
    clickable && witness.live && seen.encoding.is_none()
}

fn is_account(seen: &Observed) -> bool {
    seen.observable.kind().spec().family == Family::Account
}

fn keep(slot: &mut Option<&'static str>, more: Option<&'static str>) {
    *slot = slot.or(more);
}
