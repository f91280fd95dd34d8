//! Somebody logs in from two countries, and nobody could have got from one to the other in between.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | two log-ins of one user whose addresses lie in countries so far apart that the way takes more than 1,000 km/h | 0.25 | one of them may be a thief with the password, or a session that was stolen |
//!
//! Countries are those of the embedded tables, and the way between two is the least that there is between any two places in
//! them (`watchfire_knowledge::middle`). Nothing is said of addresses that do not tell where somebody sits: those of the
//! organisation, of private networks, of networks that hire out machines or ways into the Internet, and of those that lists
//! of infrastructure know. Of one user the first such pair is told, and of many users these many.

use super::{minute, shown};
use crate::detectors::network::{duration, is_inside};
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_knowledge::{geography, infrastructure, middle};
use watchfire_model::log::{LogIn, LogInOutcome, LogPlace};
use watchfire_model::{Confidence, Finding, RuleId, Severity, Target, TechniqueId, Timestamp, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("log-impossible-travel"),
    describes: "logs tell of one user who logs in from two countries, faster than anybody travels",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "impossible-travel",
    techniques: &[TechniqueId::new("T1078")],
    false_positives: "a way into the Internet in another country that no list knows, accounts that several people share, addresses \
                      that moved to another country",
};

/// Kilometres in an hour that nobody exceeds, and kilometres below which nothing is said.
const FASTEST: f64 = 1_000.0;
const NEAR: f64 = 500.0;
/// Users that are remembered, and log-ins of each that are at other places than the one before.
const USERS: usize = 20_000;
const LOGINS: usize = 64;
/// Findings.
const MOST: usize = 20;
/// Words in the name of whoever runs a network, by which it is hired out.
const HIRED: &[&str] = &[
    "hosting",
    "cloud",
    "vpn",
    "data center",
    "datacenter",
    "server",
    "colo",
    "vps",
    "proxy",
    "m247",
    "ovh",
    "digitalocean",
    "hetzner",
    "linode",
    "akamai",
    "amazon",
    "google",
    "microsoft",
    "oracle",
    "alibaba",
    "tencent",
    "leaseweb",
    "choopa",
    "vultr",
    "contabo",
    "scaleway",
    "zscaler",
    "netskope",
    "palo alto",
    "cloudflare",
    "fastly",
    "datacamp",
    "cdn77",
    "private layer",
    "satellite",
    "starlink",
    "inmarsat",
    "viasat",
    "relay",
    "anycast",
];

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ImpossibleTravel {
    users: BTreeMap<(Untrusted, Untrusted), Vec<Stay>>,
}

/// Log-ins of one hour from one address.
#[derive(Clone, Debug)]
struct Stay {
    first: Timestamp,
    last: Timestamp,
    from: IpAddr,
    country: &'static str,
    service: &'static str,
    place: LogPlace,
}

impl Detector for ImpossibleTravel {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_login(&mut self, login: &LogIn, scene: &mut Scene<'_>) {
        let (LogInOutcome::Accepted, Some(from), Some(first)) = (login.outcome, login.from, login.time) else {
            return;
        };
        if is_inside(scene.organisation(), from) || login.user.is_empty() {
            return;
        }
        let Some(country) = country(from) else { return };
        let stay = Stay {
            first,
            last: login.last.unwrap_or(first),
            from,
            country,
            service: login.service,
            place: login.place,
        };
        self.stays(login, stay);
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let Some(log) = scene.log() else { return };
        let mut told = 0;
        for ((user, _), mut stays) in std::mem::take(&mut self.users) {
            stays.sort_by_key(|stay| (stay.first, stay.from));
            let Some((one, other, way)) = pair(&stays) else {
                continue;
            };
            told += 1;
            if told > MOST {
                break;
            }
            let gap = other.first.since(one.last) / 1_000_000_000;
            let when = match gap {
                0 => "at the same time".to_owned(),
                gap => format!("{} later", duration(gap)),
            };
            let title = format!(
                "impossible travel: {} logged in from {} on {} and from {} {when}; at least {way:.0} km lie between",
                shown(&user),
                one.country,
                minute(one.last),
                other.country,
            );
            let record = |stay: &Stay| {
                let text = format!("{} {} from {} ({})", stay.service, user.raw(), stay.from, stay.country);
                log.record(stay.place, &text)
            };
            let finding: Finding = weighed(&INFO, title, INFO.weight, record(one));
            let finding = finding.and_at(record(other));
            scene.found(
                finding
                    .about(Target::Host(other.from.to_string().into()))
                    .of_account(&user)
                    .during(Some(one.first), Some(other.last)),
            );
        }
    }
}

impl ImpossibleTravel {
    fn stays(&mut self, login: &LogIn, stay: Stay) {
        let key = (lower(&login.user), lower(&login.domain));
        if self.users.len() >= USERS && !self.users.contains_key(&key) {
            return;
        }
        remember(self.users.entry(key).or_default(), stay);
    }
}

/// Who stays where he is says nothing more: of log-ins in one country, in the order in which they happened, the two ends are
/// kept. Both, since what is read later may have happened in between.
fn remember(stays: &mut Vec<Stay>, stay: Stay) {
    if let [.., begin, end] = stays.as_mut_slice()
        && begin.country == stay.country
        && end.country == stay.country
        && begin.first <= end.first
        && end.first <= stay.first
    {
        *end = stay;
    } else if stays.len() < LOGINS {
        stays.push(stay);
    }
}

/// The first two in a row between which nobody can travel, and how far it is.
fn pair(stays: &[Stay]) -> Option<(&Stay, &Stay, f64)> {
    let pairs = stays.iter().zip(stays.iter().skip(1));
    let mut far = pairs.filter_map(|(one, other)| {
        let way = middle::least_way(one.country, other.country)?;
        let hours = other.first.since(one.last) as f64 / 3.6e12;
        (way >= NEAR && way > FASTEST * hours).then_some((one, other, way))
    });
    far.next()
}

/// The country of an address that tells where somebody sits.
fn country(address: IpAddr) -> Option<&'static str> {
    let mut lists = Vec::new();
    infrastructure::ip(address, &mut lists);
    let known = geography::locate(address);
    let holder = known.network.and_then(geography::Network::holder);
    let holder = holder
        .map(|holder| holder.to_string().to_lowercase())
        .unwrap_or_default();
    let is_hired = HIRED.iter().any(|word| holder.contains(word));
    let country = known.country.map(geography::Country::code);
    country.filter(|_| lists.is_empty() && !is_hired)
}

fn lower(text: &Untrusted) -> Untrusted {
    text.raw().to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(country: &'static str, minute: i64) -> Stay {
        Stay {
            first: Timestamp::new(minute * 60, 0),
            last: Timestamp::new(minute * 60, 0),
            from: IpAddr::from([192, 0, 2, 1]),
            country,
            service: "m365",
            place: LogPlace::default(),
        }
    }

    fn check(stays: &[Stay], expected: Option<(&str, &str)>) {
        let found = pair(stays).map(|(one, other, _)| (one.country, other.country));
        assert_eq!(found, expected, "{stays:?}");
    }

    #[test]
    fn nobody_is_in_two_far_countries_within_an_hour() {
        check(&[stay("DE", 0), stay("VN", 40)], Some(("DE", "VN")));
        let stays = [stay("DE", 0), stay("DE", 30), stay("VN", 50), stay("DE", 50)];
        check(&stays, Some(("DE", "VN")));
    }

    #[test]
    fn what_is_read_later_may_have_happened_in_between() {
        let day = 24 * 60;
        let read = [stay("DE", 0), stay("DE", day), stay("DE", 4 * day), stay("US", 2 * day)];
        let mut stays = Vec::new();
        read.into_iter().for_each(|stay| remember(&mut stays, stay));
        assert_eq!(stays.len(), 3);
        stays.sort_by_key(|stay| stay.first);
        check(&stays, None);
    }

    #[test]
    fn whoever_has_time_or_no_way_to_go_travels() {
        check(&[stay("DE", 0), stay("VN", 13 * 60)], None);
        check(&[stay("DE", 0), stay("FR", 1)], None);
        check(&[stay("DE", 0), stay("US", 11 * 60)], None);
        check(&[stay("DE", 0), stay("XX", 1)], None);
    }

    #[test]
    fn addresses_that_tell_nothing_have_no_country() {
        // Set aside; a list of clouds and public resolvers.
        for address in ["192.0.2.1", "10.0.0.1", "8.8.8.8", "1.1.1.1"] {
            let address = address.parse().expect("an address");
            assert_eq!(country(address), None, "{address}");
        }
    }
}
