//! Who reaches for whom at regular times: statistics over flows, and over requests of HTTP, in bounded memory.
//!
//! A series is what one host begins with one port of another, or with one name, wherever that is: a name behind shared
//! hosting has many addresses, and an address many names. How regular a series is, [`measure`] says. Whether that is
//! harmful, nobody says here.
//!
//! Within a connection that stays open, only requests of HTTP are seen: what is sent over TLS or UDP meanwhile is not.

mod measure;
mod series;
#[cfg(test)]
mod tests;

pub(crate) use measure::length;

use super::desk::Learns;
use super::host_name;
use crate::detectors::network::is_inside;
use crate::rows::Rows;
use crate::tagging::Tagger;
use foldhash::fast::RandomState;
use hashbrown::Equivalent;
use measure::{Measured, Silence};
use series::{Occurrence, Series};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::{Event, Exchange, Flow, Gap, Marks, Rhythm, TransportProtocol};
use watchfire_model::{Observable, ObservableType, Organisation, Tag, Timestamp, Untrusted};

/// Series that are told apart, of each kind. When there are more, the half goes of which there is least.
const MOST_SERIES: usize = 7 << 13;
/// What is kept of a series.
const MOST_EACH: usize = 1_024;
/// What is kept of a series when there is much of all.
const LEAST_EACH: usize = 128;
/// What is kept of all series.
const MOST_KEPT: isize = 1 << 20;
/// Flows whose names wait for their end.
const MOST_NAMED: usize = 1 << 17;
/// Addresses behind a name that are told apart.
const MOST_ADDRESSES: usize = 32;
/// How regular a series is that is told.
const TOLD_FROM: u8 = 50;
/// Rhythms that a report names.
pub(super) const TOLD: usize = 200;
/// As many hosts as this, and one in as many of all, are not few.
const MANY: u64 = 5;
/// Frames of each that are named.
const FRAMES: usize = 10;
/// Bytes of the longest name (RFC 1035).
const LONGEST_NAME: usize = 255;

/// Where, over which transport.
type End = (SocketAddr, TransportProtocol);
/// Who, to where, over which transport.
type Pair = (IpAddr, SocketAddr, TransportProtocol);
/// Who, and whom he asks for.
type Named = (IpAddr, Box<str>);

/// The same, to look for it.
struct Asked<'n>(IpAddr, &'n str);

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1).hash(state);
    }
}

impl Equivalent<Named> for Asked<'_> {
    fn equivalent(&self, named: &Named) -> bool {
        self.0 == named.0 && *self.1 == *named.1
    }
}

/// Everything that may have a rhythm.
#[derive(Debug, Default)]
pub(super) struct Rhythms {
    pairs: Rows<Pair, PairSeries>,
    names: Rows<Named, NameSeries>,
    /// Names that flows that go on asked for, by their first frames.
    asked: HashMap<u64, Box<str>, RandomState>,
    kept: isize,
    /// How often what is kept of each had to be halved.
    halvings: u32,
}

#[derive(Debug, Default)]
struct PairSeries {
    series: Series,
    service: Option<&'static str>,
}

#[derive(Debug, Default)]
struct NameSeries {
    series: Series,
    service: Option<&'static str>,
    /// Who answered, and how often.
    addresses: Vec<(End, u64)>,
}

impl NameSeries {
    fn answered(&mut self, end: End) {
        if let Some((_, count)) = self.addresses.iter_mut().find(|(known, _)| *known == end) {
            *count += 1;
        } else if self.addresses.len() < MOST_ADDRESSES {
            self.addresses.reserve_exact(usize::from(self.addresses.is_empty()));
            self.addresses.push((end, 1));
        }
    }

    /// Who answered most often; of several the last in order.
    fn most(&self) -> Option<End> {
        let most = self.addresses.iter().max_by_key(|(end, count)| (*count, *end));
        most.map(|(end, _)| *end)
    }
}

/// What is known of the capture as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole<'w> {
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) gaps: &'w [Gap],
    pub(super) tagger: &'w Tagger,
    /// Whose hosts are inside.
    pub(super) organisation: &'w Organisation,
}

impl Rhythms {
    fn named(&mut self, (by, name): (IpAddr, &str), end: End, service: Option<&'static str>, occurrence: Occurrence) {
        let each = self.most_each();
        let is_known = self.names.get(&Asked(by, name)).is_some();
        if !is_known && self.names.len() >= MOST_SERIES {
            self.kept -= sweep(&mut self.names, |name| &name.series);
        }
        let heard = match is_known {
            true => self.names.get_mut(&Asked(by, name)),
            false => self.names.row((by, name.into()), MOST_SERIES, NameSeries::default),
        };
        let Some(name) = heard else { return };
        name.service = name.service.or(service);
        name.answered(end);
        self.kept += name.series.add(occurrence, each);
    }

    fn most_each(&self) -> usize {
        (MOST_EACH >> self.halvings).max(LEAST_EACH)
    }

    fn make_room(&mut self) {
        while self.kept > MOST_KEPT && self.most_each() > LEAST_EACH {
            self.halvings += 1;
            let each = self.most_each();
            let pairs = self.pairs.values_mut().map(|pair| &mut pair.series);
            let all = pairs.chain(self.names.values_mut().map(|name| &mut name.series));
            self.kept += all.map(|series| series.cut(each)).sum::<isize>();
        }
        if self.kept > MOST_KEPT {
            self.kept -= sweep(&mut self.pairs, |pair| &pair.series);
            self.kept -= sweep(&mut self.names, |name| &name.series);
        }
    }

    /// What has a rhythm by now: what few hosts do before what many do, and the most regular first.
    pub(super) fn told(&self, whole: Whole<'_>) -> Vec<Rhythm> {
        let (Some(first), Some(last)) = (whole.first, whole.last) else {
            return Vec::new();
        };
        let silences: Vec<Silence> = whole.gaps.iter().map(Silence::of).collect();
        let is_inside = |address| is_inside(whole.organisation, address);
        let measured = |series: &Series| measure::measure(series, (first, last), &silences);
        let is_told = |measured: &Measured| measured.score >= TOLD_FROM;
        let mut rhythms = Vec::new();
        // What a name tells is not told of its addresses again.
        let mut covered: BTreeSet<Pair> = BTreeSet::new();
        for ((originator, name), heard) in ordered(&self.names, |heard| &heard.series) {
            let Some(measured) = measured(&heard.series).filter(is_told) else {
                continue;
            };
            let ends = heard.addresses.iter();
            covered.extend(ends.map(|((address, transport), _)| (*originator, *address, *transport)));
            let Some((responder, transport)) = heard.most() else {
                continue;
            };
            let pair = (*originator, responder, transport);
            let mut rhythm = rhythm(pair, (&heard.series, heard.service), measured, (first, last));
            rhythm.responders = heard.addresses.len() as u64;
            rhythm.name_tags = tags(whole.tagger, ObservableType::Domain, name);
            rhythm.name = Some(Untrusted::new(name.clone()));
            rhythms.push(rhythm);
        }
        for (pair, heard) in ordered(&self.pairs, |heard| &heard.series) {
            if covered.contains(pair) {
                continue;
            }
            if let Some(measured) = measured(&heard.series).filter(is_told) {
                rhythms.push(rhythm(*pair, (&heard.series, heard.service), measured, (first, last)));
            }
        }
        self.prevalence(&mut rhythms, is_inside);
        rhythms.sort_by(|one, other| {
            let is_common = |rhythm: &Rhythm| rhythm.alike >= MANY && rhythm.alike * MANY >= rhythm.hosts;
            let rank = |rhythm: &Rhythm| (is_common(rhythm), std::cmp::Reverse(rhythm.score), rhythm.first_frame);
            let ends = |rhythm: &Rhythm| (rhythm.originator, rhythm.responder, rhythm.transport);
            let by_name = || one.name.cmp(&other.name);
            rank(one)
                .cmp(&rank(other))
                .then_with(by_name)
                .then_with(|| ends(one).cmp(&ends(other)))
        });
        for rhythm in &mut rhythms {
            let address = rhythm.responder.ip();
            let kind = if address.is_ipv4() {
                ObservableType::Ipv4
            } else {
                ObservableType::Ipv6
            };
            rhythm.address_tags = tags(whole.tagger, kind, &address.to_string());
        }
        rhythms
    }

    /// How many hosts reach for the same, at least half as often, and of how many: of those on the same side, since half of
    /// the Internet knocks at a door, and few of the organisation's hosts go out by it. Whether their times can be told as
    /// well does not matter: of what comes twice an hour, chance decides that.
    fn prevalence(&self, rhythms: &mut [Rhythm], is_inside: impl Fn(IpAddr) -> bool) {
        let pairs = self.pairs.iter();
        let originators: BTreeSet<IpAddr> = pairs.map(|((originator, _, _), _)| *originator).collect();
        let inside = originators.iter().filter(|address| is_inside(**address)).count();
        let outside = originators.len() - inside;
        let mut named: BTreeMap<(bool, &str), Vec<u64>> = BTreeMap::new();
        let mut reached: BTreeMap<(bool, SocketAddr), Vec<u64>> = BTreeMap::new();
        let sides: Vec<bool> = rhythms.iter().map(|rhythm| is_inside(rhythm.originator)).collect();
        let names: Vec<Option<Untrusted>> = rhythms.iter().map(|rhythm| rhythm.name.clone()).collect();
        for ((rhythm, name), side) in rhythms.iter().zip(&names).zip(&sides) {
            match name {
                Some(name) => _ = named.entry((*side, name.raw())).or_default(),
                None => _ = reached.entry((*side, rhythm.responder)).or_default(),
            }
        }
        let of_names = self.names.iter();
        of_names.for_each(|((originator, name), heard)| {
            if let Some(counts) = named.get_mut(&(is_inside(*originator), &**name)) {
                counts.push(heard.series.count);
            }
        });
        let of_pairs = self.pairs.iter();
        of_pairs.for_each(|((originator, responder, _), heard)| {
            if let Some(counts) = reached.get_mut(&(is_inside(*originator), *responder)) {
                counts.push(heard.series.count);
            }
        });
        for ((rhythm, name), side) in rhythms.iter_mut().zip(&names).zip(&sides) {
            let counts = match name {
                Some(name) => named.get(&(*side, name.raw())),
                None => reached.get(&(*side, rhythm.responder)),
            };
            let is_alike = |count: &&u64| **count * 2 >= rhythm.count;
            rhythm.alike = counts
                .map_or(1, |counts| counts.iter().filter(is_alike).count() as u64)
                .max(1);
            rhythm.hosts = if *side { inside } else { outside } as u64;
        }
    }
}

impl Learns for Rhythms {
    /// Learns what a flow asks for.
    fn event(&mut self, event: &Event) {
        match &event.exchange {
            Exchange::Tls(tls) => {
                let name = tls.client.as_ref().and_then(|client| client.server_name.as_ref());
                if let Some(name) = name.and_then(|name| normal(name.raw()))
                    && self.asked.len() < MOST_NAMED
                {
                    self.asked.insert(event.flow, name.into());
                }
            }
            Exchange::Http(http) => {
                let short = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
                let head = http.method.raw().len() + http.target.raw().len();
                let name = http.host.as_ref().and_then(|host| normal(host_name(host.raw())?));
                let Some(name) = name else { return };
                let occurrence = Occurrence {
                    time: event.time,
                    frame: event.frame,
                    sent: short(http.sent.saturating_add(head as u64)),
                    received: http.reply.as_ref().map_or(0, |reply| short(reply.received)),
                };
                let end = (event.responder, TransportProtocol::TCP);
                self.named((event.originator.ip(), &name), end, Some("http"), occurrence);
            }
            _ => {}
        }
    }

    /// Counts a flow that is over.
    fn flow(&mut self, flow: &Flow) {
        let is_known = matches!(flow.protocol, TransportProtocol::TCP | TransportProtocol::UDP);
        let address = flow.responder.address;
        // What carries another flow may begin in the same frame: the name is that of the inner one.
        let name = if flow.carries {
            None
        } else {
            self.asked.remove(&flow.first_frame)
        };
        if !is_known || flow.carries || is_for_many(address) {
            return;
        }
        let occurrence = Occurrence::of(flow);
        let responder = SocketAddr::new(address, flow.responder.port);
        let service = flow.services.last().copied();
        let each = self.most_each();
        let key = (flow.originator.address, responder, flow.protocol);
        if self.pairs.len() >= MOST_SERIES && self.pairs.get(&key).is_none() {
            self.kept -= sweep(&mut self.pairs, |pair| &pair.series);
        }
        if let Some(pair) = self.pairs.row(key, MOST_SERIES, PairSeries::default) {
            pair.service = pair.service.or(service);
            self.kept += pair.series.add(occurrence, each);
        }
        if let Some(name) = name {
            self.named(
                (flow.originator.address, &name),
                (responder, flow.protocol),
                service,
                occurrence,
            );
        }
        self.make_room();
    }
}

/// Forgets the series that are shortest, or at least half of them. How much was kept of them.
fn sweep<K: Hash + Eq, S>(all: &mut Rows<K, S>, series: impl Fn(&S) -> &Series) -> isize {
    let mut ranks: Vec<(u64, Timestamp)> = all.iter().map(|(_, one)| series(one).rank()).collect();
    let middle = ranks.len() / 2;
    if ranks.is_empty() {
        return 0;
    }
    let (_, middle, _) = ranks.select_nth_unstable(middle);
    let middle = *middle;
    let mut gone = 0;
    all.retain(|_, one| {
        let series = series(one);
        let stays = series.rank() > middle;
        if !stays {
            gone += isize::try_from(series.memory()).unwrap_or(isize::MAX);
        }
        stays
    });
    gone
}

fn rhythm(
    (originator, responder, transport): Pair,
    (series, service): (&Series, Option<&'static str>),
    measured: Measured,
    (begins, ends): (Timestamp, Timestamp),
) -> Rhythm {
    let (first, last) = series.ends().unwrap_or((NEVER, NEVER));
    Rhythm {
        originator,
        responder,
        responders: 1,
        transport: transport.name().unwrap_or_default(),
        service,
        name: None,
        name_tags: Vec::new(),
        address_tags: Vec::new(),
        count: measured.count,
        interval: measured.interval / 1_000_000,
        jitter: measured.jitter,
        missing: measured.missing,
        first: first.time,
        last: last.time,
        first_frame: first.frame,
        last_frame: last.frame,
        frames: frames(series, first.frame, last.frame),
        alike: 1,
        hosts: 1,
        score: measured.score,
        parts: measured.parts,
        marks: marks(series, begins, ends),
    }
}

const NEVER: Occurrence = Occurrence {
    time: Timestamp::from_nanoseconds(0),
    frame: 0,
    sent: 0,
    received: 0,
};

/// Frames to look at, the first and the last among them.
fn frames(series: &Series, first: u64, last: u64) -> Vec<u64> {
    let kept = series.kept();
    let step = kept.len().div_ceil(FRAMES.saturating_sub(1)).max(1);
    let between = kept.iter().step_by(step).map(|kept| kept.frame);
    let frames: BTreeSet<u64> = between.chain([first, last]).collect();
    frames.into_iter().collect()
}

/// Connections over the time of the capture.
fn marks(series: &Series, begins: Timestamp, ends: Timestamp) -> Marks {
    let seconds = ends.since(begins) / 1_000_000_000 + 1;
    let step = seconds.div_ceil(Marks::MOST).max(60);
    let length = usize::try_from(seconds.div_ceil(step)).unwrap_or_default();
    let mut counts = vec![0_u32; length];
    for (time, count) in series.over_time() {
        let at = usize::try_from(time.since(begins) / 1_000_000_000 / step).unwrap_or(usize::MAX);
        if let Some(mark) = counts.get_mut(at) {
            *mark = mark.saturating_add(count);
        }
    }
    Marks { step, counts }
}

fn tags(tagger: &Tagger, kind: ObservableType, text: &str) -> Vec<Tag> {
    let mut marks = crate::Marks::default();
    let mut tags = Vec::new();
    if let Ok(observable) = Observable::parse(kind, text) {
        tagger.mark(&observable, &mut marks);
        marks.append_tags(&mut tags);
    }
    tags
}

/// A name as it is compared: in small letters, without a dot at its end; nothing where it is an address or too long.
fn normal(name: &str) -> Option<Cow<'_, str>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_name = !name.is_empty() && name.len() <= LONGEST_NAME && name.parse::<IpAddr>().is_err();
    let is_large = name.bytes().any(|byte| byte.is_ascii_uppercase());
    is_name.then(|| match is_large {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    })
}

/// Those that are long enough for a rhythm, by their keys.
fn ordered<K: Hash + Ord, S>(all: &Rows<K, S>, series: impl Fn(&S) -> &Series) -> Vec<(&K, &S)> {
    let is_long = |(_, one): &(&K, &S)| series(one).size() > measure::LEAST;
    let mut all: Vec<(&K, &S)> = all.iter().filter(is_long).collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    all
}

/// Whether nobody in particular is reached there.
fn is_for_many(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_for_net = address.is_private() && address.octets().last() == Some(&255);
            address.is_multicast() || address.is_broadcast() || is_for_net
        }
        IpAddr::V6(address) => address.is_multicast(),
    }
}
