//! What is carried in names: each question about another name of one domain, each name as long and as strange as data is.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | 100 names and more of 40 letters and more, or half of them asked for by records that carry data | 0.60 | no service is asked for so many such names but one that answers with data |
//! | 50 names and more of 20 letters and more | 0.35 | a service that measures or looks up digests can look so |
//! | the organisation's own domain | 0.10 | |
//!
//! For each host and registered domain: how many names below it, how often each is asked for, how long they are, how many of
//! them look [drawn by lot](watchfire_knowledge::letters), what records are asked for, how many bytes go each way. Most of the
//! names have to be strange, and hardly one asked for twice. Domains under which a known party looks up digests, addresses and
//! files ([`LOOKUPS`]) do not count, nor do names that are looked up backwards. Proofs of mail (SPF, DKIM) are few for each domain.

use super::dns_name::{Question, asked, hash, most_below};
use super::shared::{Frames, Room, Span, Table, amount, host, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_knowledge::letters;
use watchfire_model::network::{DnsType, Event};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("dns-tunnel"),
    describes: "a host asks for so many, so long and so strange names of one domain that they carry data",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "dns-tunnel",
    techniques: &[
        TechniqueId::new("T1071.004"),
        TechniqueId::new("T1572"),
        TechniqueId::new("T1048.003"),
    ],
    false_positives: "services that look up digests of files or of addresses; measurements of resolvers",
};

/// Hosts and domains that are told apart.
const MOST: usize = 1 << 15;
/// Names of each that are told apart.
const MOST_NAMES: usize = 2_048;
/// Letters of a name below which it carries next to nothing.
const SHORTEST: usize = 8;

/// Domains of those who look up digests, addresses or files of everybody in names: makers of antivirus, lists of senders of
/// spam, content delivery networks, measurements. Nobody else answers below them. By letter.
const LOOKUPS: &[&str] = &[
    "abuse.ch",
    "abuseat.org",
    "akadns.net",
    "akamai.net",
    "akamaiedge.net",
    "akamaihd.net",
    "akamaized.net",
    "amazonaws.com",
    "apple-dns.net",
    "avast.com",
    "avg.com",
    "avira-update.com",
    "azure.com",
    "azureedge.net",
    "barracudabrts.com",
    "barracudacentral.org",
    "bitdefender.net",
    "brightcloud.com",
    "cloudapp.net",
    "cloudfront.net",
    "cymru.com",
    "dnswl.org",
    "dotnxdomain.net",
    "e5.sk",
    "edgekey.net",
    "eset.com",
    "esetrs.com",
    "f-secure.com",
    "facebook.com",
    "fastly.net",
    "fbcdn.net",
    "footprint.net",
    "forefront.com",
    "fortiguard.net",
    "google.com",
    "googleapis.com",
    "googleusercontent.com",
    "googlevideo.com",
    "gstatic.com",
    "gvt1.com",
    "icloud.com",
    "kaspersky-labs.com",
    "kaspersky.com",
    "l-msedge.net",
    "mailshell.net",
    "mailspike.net",
    "mcafee.com",
    "microsoft.com",
    "msedge.net",
    "netflix.com",
    "nflxso.net",
    "nflxvideo.net",
    "njabl.org",
    "office.com",
    "office.net",
    "opendns.com",
    "paloaltonetworks.com",
    "rfc-ignorant.org",
    "senderbase.org",
    "senderscore.com",
    "sophosxl.com",
    "sophosxl.net",
    "sorbs.net",
    "spamcop.net",
    "spamhaus.com",
    "spamhaus.net",
    "spamhaus.org",
    "support-intelligence.net",
    "surbl.org",
    "symantec.com",
    "symcd.com",
    "team-cymru.org",
    "trafficmanager.net",
    "trendmicro.com",
    "uceprotect.net",
    "uribl.com",
    "webcfs00.com",
    "webrootcloudav.com",
    "windows.com",
    "windows.net",
    "windowsupdate.com",
    "zscaler.net",
];

/// See the module.
#[derive(Debug)]
pub(crate) struct DnsTunnel {
    domains: Table<(IpAddr, String), Asked>,
    room: Room,
}

/// What one host asked about one domain.
#[derive(Debug, Default)]
struct Asked {
    questions: u64,
    /// In order.
    names: Vec<u64>,
    /// Letters of the names, dots not counted, and of the longest.
    letters: u64,
    longest: usize,
    /// Names that look drawn by lot.
    strange: u64,
    /// Questions for records that hold more than an address.
    carrying: u64,
    /// Bytes of names that were asked for, and of what was answered.
    sent: u64,
    received: u64,
    span: Span,
    frames: Frames,
}

impl Asked {
    fn count(&mut self, question: &Question<'_>, event: &Event, room: &Room) {
        let below = question.below();
        let name = hash(below);
        let place = self.names.binary_search(&name).err();
        let place = place.filter(|_| self.names.len() < MOST_NAMES);
        // Without room for its name a question says nothing, not even that names are asked for twice.
        if place.is_some() && !room.take() {
            return;
        }
        let reply = question.dns.reply.as_ref();
        self.questions += 1;
        self.sent = self.sent.saturating_add(below.len() as u64);
        let answered: usize = reply.map_or(0, |reply| {
            reply.answers.iter().map(|answer| answer.data.raw().len()).sum()
        });
        self.received = self.received.saturating_add(answered as u64);
        self.carrying += u64::from(carries(question.dns.kind));
        self.span.met(event.time, event.time);
        let Some(place) = place else { return };
        // Of most domains, one is asked for.
        self.names.reserve_exact(usize::from(self.names.is_empty()));
        self.names.insert(place, name);
        let letters = below.bytes().filter(|byte| *byte != b'.').count();
        self.letters += letters as u64;
        self.longest = self.longest.max(letters);
        if below.split('.').any(letters::is_random) {
            self.strange += 1;
            self.frames
                .met(event.frame, || format!("{} {}", question.dns.kind, question.name));
        }
    }

    /// What it weighs, if it is a tunnel.
    fn weight(&self) -> Option<u16> {
        let names = self.names.len() as u64;
        let mean = self.letters.checked_div(names)?;
        let fresh = names >= MOST_NAMES as u64 || self.questions <= names * 3;
        if names < 50 || mean < 20 || !fresh || self.strange * 10 < names * 6 {
            return None;
        }
        let heavy = names >= 100 && (mean >= 40 || self.carrying * 2 >= self.questions);
        Some(if heavy { INFO.weight } else { 350 })
    }
}

/// Whether records of that kind hold what somebody wants to say: TXT, NULL, CNAME, MX, KEY, SRV, and what is for private use.
const fn carries(kind: DnsType) -> bool {
    matches!(kind.0, 5 | 10 | 15 | 16 | 25 | 33 | 65_280..)
}

impl Default for DnsTunnel {
    fn default() -> Self {
        Self {
            domains: Table::new(MOST),
            room: Room::new(Room::MOST),
        }
    }
}

impl Detector for DnsTunnel {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        if asked(event).is_none_or(|dns| most_below(dns) < SHORTEST) {
            return;
        }
        let Some(question) = Question::of(event) else { return };
        let registered = question.registered();
        if question.below().len() < SHORTEST || LOOKUPS.binary_search(&registered).is_ok() {
            return;
        }
        let key = (event.originator.ip(), registered.to_owned());
        let room = &self.room;
        let worthless = |asked: &Asked| room.frees(asked.names.len() < 4, asked.names.len());
        if let Some(asked) = self.domains.row_or(key, worthless) {
            asked.count(&question, event, room);
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for ((from, domain), asked) in self.domains.rows_where(|asked| asked.weight().is_some()) {
            let Some(weight) = asked.weight() else { continue };
            let weight = if scene.organisation().owns_domain(domain) {
                100
            } else {
                weight
            };
            let names = asked.names.len();
            let kinds = match asked.carrying * 100 / asked.questions.max(1) {
                0..10 => String::new(),
                part => format!(", {part} % for records that carry data"),
            };
            let title = format!(
                "data in names: {} asked for {names}{} names of {}, {} letters each on average, {} % as if drawn by lot{kinds}; {} out, {} in, {}",
                host(scene, *from),
                if names >= MOST_NAMES { " and more" } else { "" },
                defang(&Untrusted::from(domain.as_str()).shown(60)),
                asked.letters / (names as u64).max(1),
                asked.strange * 100 / (names as u64).max(1),
                amount(asked.sent),
                amount(asked.received),
                asked.span.words(),
            );
            say(scene, &INFO, (title, weight), &asked.frames, (&[*from], &[*from]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_lookups_stand_by_letter() {
        assert!(LOOKUPS.is_sorted());
        assert!(LOOKUPS.binary_search(&"cloudfront.net").is_ok());
    }
}
