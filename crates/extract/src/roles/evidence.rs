//! What each occurrence says about its observable, and what all of them say together.

use super::outline::{Column, Form, Site, Topic, lists_values};
use super::wording::Cue;
use super::{DEFANGED, defanged, hosts, publisher};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_model::{Family, ObservableType as Type, Observed, Role, Via};

/// One occurrence with everything known about it.
pub(super) struct Witness {
    pub(super) site: Site,
    pub(super) cue: Option<Cue>,
    /// Not defanged here.
    pub(super) live: bool,
    pub(super) part: Part,
    /// The target of a link in Markdown: `[words](here)`.
    pub(super) labelled: bool,
}

/// What an occurrence is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// For itself.
    Whole,
    /// Inside a URL or path.
    OfUrl,
    /// Behind the `@` of an address.
    OfMailbox,
}

/// What all occurrences of one observable say together.
#[derive(Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Presented as an indicator by a list, a table or a heading.
    pub(super) listed: Option<&'static str>,
    /// Presented as an indicator by the words around it.
    pub(super) worded: Option<&'static str>,
    /// Given as reading.
    pub(super) reading: Option<&'static str>,
    /// Likely reading.
    pub(super) link: Option<&'static str>,
    /// Called something else.
    pub(super) cleared: Option<&'static str>,
    pub(super) own: bool,
    /// Somewhere written for itself.
    pub(super) alone: bool,
}

pub(super) fn witness(text: &[u8], observed: &[Observed], site: Site, cue: Option<Cue>) -> Witness {
    let there = text.get(site.at..).unwrap_or(&[]);
    let before = site.at.checked_sub(1).and_then(|at| text.get(at)).copied();
    let seen = observed.get(site.entry as usize);
    let live = seen.is_none_or(|seen| !defanged(seen) || stands_plainly(there, seen.observable.raw()));
    Witness {
        site,
        cue,
        live,
        part: match before {
            Some(b'@') => Part::OfMailbox,
            Some(b'/' | b'\\') => Part::OfUrl,
            // `[@]name`, `[://]name`
            Some(b']' | b'}') if seen.is_some_and(|seen| seen.via == Some(Via::Email)) => Part::OfMailbox,
            Some(b']' | b'}') => Part::OfUrl,
            _ => Part::Whole,
        },
        labelled: text.get(..site.at).unwrap_or(&[]).ends_with(b"]("),
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
pub(super) struct Setting {
    pub(super) report: bool,
    /// It defangs what is dangerous, so what is live is not.
    pub(super) defangs: bool,
    /// Of each observable: a site that reports quote.
    pub(super) references: Vec<bool>,
    /// Domains that it links to again and again, mostly without a bad word.
    pub(super) quoted: BTreeSet<String>,
    pub(super) publisher: BTreeSet<String>,
}

impl Setting {
    /// Adds what one occurrence says.
    pub(super) fn weigh(&self, seen: &Observed, witness: &Witness, evidence: &mut Evidence) {
        let site = &witness.site;
        evidence.alone |= witness.part == Part::Whole;
        let host = hosts::of(seen);
        let reference = self.references.get(site.entry as usize).is_some_and(|known| *known);
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
            Some(Cue::Legitimate) if is_hash(seen) && site.form != Form::Prose => {}
            Some(Cue::Legitimate) if witness.live => keep(&mut evidence.cleared, Some("called legitimate")),
            Some(Cue::Imitated) if witness.live => keep(&mut evidence.cleared, Some("named as what is imitated")),
            // The phrase before a list speaks of the list, which may hold bystanders.
            Some(Cue::Malicious) if host.is_some_and(hosts::is_shared) => {}
            Some(cue) if cue.accuses() && !(link && (reference || evidence.own)) => {
                keep(&mut evidence.worded, self.worded(seen, cue, witness));
            }
            _ => {}
        }
        keep(&mut evidence.worded, by_itself(seen, witness));
        let named_site = seen.observable.kind() == Type::Domain && reference && witness.live;
        let mailbox = seen.observable.kind() == Type::Email || witness.part == Part::OfMailbox;
        let addressed = matches!(seen.observable.kind(), Type::Url | Type::Domain | Type::Email);
        let readable = link || named_site || is_account(seen) || (addressed && site.topic == Topic::References);
        if !readable {
            return;
        }
        let reading = match () {
            () if site.topic == Topic::References => Some("under a references heading"),
            () if site.column == Column::Reference => Some("in a column of references"),
            () if site.note => Some("in a numbered note"),
            () if witness.cue == Some(Cue::Reference) => Some("introduced as something to read"),
            () if witness.labelled => Some("a link under words of the text"),
            () => None,
        };
        keep(&mut evidence.reading, reading);
        let likely = match () {
            () if reference => Some("a site that reports quote"),
            () if self.defangs && !mailbox => Some("live link in a text that defangs its indicators"),
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
            Column::Other
                if self.report
                    && (seen.observable.kind() == Type::FileName
                        || matches!(family, Family::FileHash | Family::Fingerprint)) =>
            {
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
        let mailbox = seen.observable.kind() == Type::Email || witness.part == Part::OfMailbox;
        // A text that defangs its indicators means nothing by what it leaves live, mailboxes apart.
        if family == Family::Network && self.defangs && !mailbox {
            return None;
        }
        // Behind the first value of a line stands what explains it.
        let explains = witness.site.form != Form::Prose && !witness.site.leads;
        if is_link(seen, witness)
            && (explains || witness.labelled || self.quoted.contains(hosts::registrable(hosts::of(seen)?)))
        {
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
    pub(super) fn decide(&self, seen: &Observed, evidence: &Evidence) -> (Role, &'static str) {
        let kind = seen.observable.kind();
        let defanged = defanged(seen);
        if self.report && kind == Type::Tlp {
            return (Role::Mentioned, "marks the text");
        }
        if self.report && kind.spec().family == Family::Catalogue {
            return (Role::Mentioned, "names a catalogue entry");
        }
        let part = matches!(seen.via, Some(Via::Url | Via::Email)) && !evidence.alone;
        // Words speak of what somebody put there: who blocks the host blocks everyone else on it.
        let worded = evidence.worded.is_some() && evidence.reading.is_none() && kind == Type::Domain;
        let accused =
            (part && (defanged || evidence.listed.is_some())) || (worded && !defanged && evidence.listed.is_none());
        if accused && hosts::of(seen).is_some_and(hosts::is_shared) {
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
            let alike = name.contains(&label) || (label.contains(&name) && name.len() * 2 >= label.len());
            label.len() >= 5 && name.len() >= 5 && !publisher::WORDS.contains(&label.as_str()) && alike
        })
    }
}

/// Something a reader can go to: a live URL, or the host in one.
fn is_link(seen: &Observed, witness: &Witness) -> bool {
    let clickable = match seen.observable.kind() {
        Type::Url => true,
        Type::Domain => witness.part == Part::OfUrl,
        _ => false,
    };
    clickable && witness.live && seen.encoding.is_none()
}

/// A value that stands by itself on a line of a report is there to be looked for, unless one can go to it.
fn by_itself(seen: &Observed, witness: &Witness) -> Option<&'static str> {
    let site = &witness.site;
    let listed = match seen.observable.kind() {
        _ if is_hash(seen) => site.form != Form::Prose,
        Type::Ipv4 | Type::Ipv6 | Type::Socket | Type::Onion => site.form == Form::Lone && site.leads,
        // Nobody puts reading on a bare address.
        Type::Url => {
            site.form == Form::Lone && site.leads && hosts::of(seen).is_some_and(|host| host.parse::<IpAddr>().is_ok())
        }
        Type::Domain => {
            site.form == Form::Lone
                && site.leads
                && witness.part == Part::Whole
                && !hosts::of(seen).is_some_and(|host| hosts::is_shared(host) || hosts::is_reference(host))
        }
        _ => false,
    };
    let elsewhere = matches!(
        site.topic,
        Topic::References | Topic::About | Topic::Legitimate | Topic::Catalogue
    );
    (listed && !elsewhere && site.column == Column::None && !site.page).then_some("listed by itself in a report")
}

/// Domains with at least four live links of which fewer than half stand near a bad word.
pub(super) fn quoted(observed: &[Observed], witnesses: &[Witness]) -> BTreeSet<String> {
    const OFTEN: usize = 4;
    let mut links: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for witness in witnesses {
        let Some(seen) = observed
            .get(witness.site.entry as usize)
            .filter(|seen| is_link(seen, witness))
        else {
            continue;
        };
        let Some(host) = hosts::of(seen) else { continue };
        let (all, bad) = links.entry(hosts::registrable(host)).or_default();
        *all += 1;
        *bad += usize::from(witness.cue.is_some_and(Cue::accuses));
    }
    links
        .into_iter()
        .filter(|(_, (all, bad))| *all >= OFTEN && bad * 2 < *all)
        .map(|(domain, _)| domain.to_owned())
        .collect()
}

pub(super) fn is_hash(seen: &Observed) -> bool {
    seen.observable.kind().spec().family == Family::FileHash
}

fn is_account(seen: &Observed) -> bool {
    seen.observable.kind().spec().family == Family::Account
}

pub(super) fn keep(slot: &mut Option<&'static str>, more: Option<&'static str>) {
    *slot = slot.or(more);
}
