//! Clocks that are wrong, by what two machines tell of the same thing.
//!
//! | told twice | by |
//! |---|---|
//! | a log-in, by its number (`LogonGuid`) | the machine (4624) and the controller of its domain (4769) |
//! | a connection, by the address and port that it comes from | the machine (Sysmon 3) and whoever it logs in to (4624, 4625, 4768, 4769, 4771) |
//! | an event, by when it happened and when it came (`event.ingested`) | the machine and the store that its events are sent to |
//!
//! What comes cannot have happened later: if it has, the machine's clock is ahead at least by that. That it comes later says
//! nothing. Times of records are left as they are: which clock is right, nobody says.

use super::normal::{Normal, Slot};
use std::collections::BTreeMap;
use watchfire_anomaly::sketch::fingerprint;
use watchfire_formats::log::{Record, Value};
use watchfire_model::{Moment, Timestamp, Untrusted};

/// Things told twice that are kept of a block, and of all together.
const OF_BLOCK: usize = 4_096;
const MOST: usize = 200_000;
/// Machines, of a block and of all together.
const MACHINES: usize = 2_000;
/// Records of a block whose arrival is looked at.
const ARRIVALS: u64 = 256;
/// Clocks that differ by less are good enough.
const LEAST: i64 = 10;
/// What is further apart is not the same thing: ports are used again.
const FARTHEST: i64 = 900;
/// Things that have to agree, and within how many milliseconds.
const AGREE: usize = 5;
const EXACT: i64 = 2_000;
/// Clocks that are told.
const TOLD: usize = 5;

/// What one machine tells of something, by the thing.
#[derive(Clone, Copy, Debug)]
struct Told {
    thing: u64,
    machine: u32,
    /// Milliseconds since 1970.
    time: i64,
}

/// Events that a store took, of one machine.
#[derive(Clone, Copy, Debug, Default)]
struct Arrived {
    events: u64,
    /// Those that came before they happened, and by how many seconds at least.
    early: u64,
    least: Option<i64>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    machines: Vec<Box<str>>,
    /// Their places, by name.
    places: BTreeMap<Box<str>, u32>,
    told: Vec<Told>,
    /// Where there was no room for all: things with this digest and above are left out.
    beyond: Option<u64>,
    arrived: BTreeMap<u32, Arrived>,
    looked_at: u64,
}

impl Clocks {
    /// Takes what a record of one of these formats tells that another machine may tell, too.
    pub(super) fn see(&mut self, record: &Record<'_>, normal: &Normal<'_>) {
        let is_stored = match record.format.name {
            "evtx" | "sysmon" | "windows-xml" | "windows-json" => false,
            "winlogbeat" | "ecs" => true,
            _ => return,
        };
        let host = normal.text(Slot::Host);
        let Some(time) = record.time.filter(|_| !host.is_empty()) else {
            return;
        };
        if is_stored && self.looked_at < ARRIVALS {
            self.looked_at += 1;
            let came = record
                .text_of("event.ingested")
                .and_then(|text| Moment::parse(text).ok());
            if let (Some(came), Some(machine)) = (came, self.machine(host)) {
                let arrived = self.arrived.entry(machine).or_default();
                // Of both only whole seconds are compared, so a second may be too many.
                let ahead = time.at.moment().unix().saturating_sub(came.unix()).saturating_sub(1);
                arrived.events += 1;
                if ahead > 0 {
                    arrived.early += 1;
                    arrived.least = least(arrived.least, Some(ahead));
                }
            }
        }
        if self.told.len() >= OF_BLOCK {
            return;
        }
        let of = |names: [&str; 2]| names.iter().find_map(|name| record.get(name));
        match normal.number(Slot::Code) {
            Some(3) => {
                let from = of(["SourceIp", "winlog.event_data.SourceIp"]);
                let port = of(["SourcePort", "winlog.event_data.SourcePort"]);
                self.connection(host, time.at, from, port);
            }
            Some(4624 | 4625 | 4768 | 4769 | 4771) => {
                if let Some(Value::Text(guid)) = of(["LogonGuid", "winlog.event_data.LogonGuid"])
                    && guid.bytes().any(|byte| byte.is_ascii_alphanumeric() && byte != b'0')
                {
                    let guid = guid.trim_matches(['{', '}']).to_ascii_lowercase();
                    self.add(host, time.at, fingerprint(&[b"log-in", guid.as_bytes()]));
                }
                let from = of(["IpAddress", "winlog.event_data.IpAddress"]);
                let port = of(["IpPort", "winlog.event_data.IpPort"]);
                self.connection(host, time.at, from, port);
            }
            _ => {}
        }
    }

    fn connection(&mut self, host: &str, time: Timestamp, from: Option<Value<'_>>, port: Option<Value<'_>>) {
        let Some(Value::Text(from)) = from else { return };
        let Some(from) = super::login::address(from) else {
            return;
        };
        let port = match port {
            Some(Value::Integer(port)) => port,
            Some(Value::Text(port)) => port.parse().unwrap_or_default(),
            _ => 0,
        };
        // Below, ports belong to services, and many connections come from one.
        if port > 1_024 {
            let (from, port) = (from.to_string(), port.to_le_bytes());
            self.add(host, time, fingerprint(&[b"connection", from.as_bytes(), &port]));
        }
    }

    fn machine(&mut self, host: &str) -> Option<u32> {
        let host = super::rules::cut(host, 120);
        if let Some(place) = self.places.get(host) {
            return Some(*place);
        }
        let place = u32::try_from(self.machines.len()).ok()?;
        if self.machines.len() >= MACHINES {
            return None;
        }
        self.machines.push(host.into());
        self.places.insert(host.into(), place);
        Some(place)
    }

    fn add(&mut self, host: &str, time: Timestamp, thing: u64) {
        if let Some(machine) = self.machine(host) {
            let time = time.nanoseconds() / 1_000_000;
            self.told.push(Told { thing, machine, time });
        }
    }

    /// Adds what comes behind it.
    pub(super) fn merge(&mut self, other: Self) {
        let places: Vec<Option<u32>> = other.machines.iter().map(|host| self.machine(host)).collect();
        let own = |machine: u32| places.get(machine as usize).copied().flatten();
        for told in other.told {
            let is_beyond = self.beyond.is_some_and(|beyond| told.thing >= beyond);
            if let Some(machine) = own(told.machine).filter(|_| !is_beyond) {
                self.told.push(Told { machine, ..told });
            }
        }
        if self.told.len() >= 2 * MOST {
            self.sample();
        }
        for (machine, arrived) in other.arrived {
            if let Some(machine) = own(machine) {
                let sum = self.arrived.entry(machine).or_default();
                sum.events += arrived.events;
                sum.early += arrived.early;
                sum.least = least(sum.least, arrived.least);
            }
        }
    }

    /// Keeps the things with the least digests, and of those everything that was told: which they are does not depend on when
    /// they were met.
    fn sample(&mut self) {
        let (_, middle, _) = self.told.select_nth_unstable_by_key(MOST, |told| told.thing);
        let beyond = middle.thing;
        self.beyond = Some(beyond);
        self.told.retain(|told| told.thing < beyond);
    }

    /// What there is to say, in sentences.
    pub(super) fn tell(mut self) -> Vec<String> {
        let mut out = self.apart();
        let name = |machine: u32| self.machines.get(machine as usize).map_or("", |name| &**name);
        for (machine, arrived) in &self.arrived {
            let is_steady = arrived.events >= AGREE as u64 && arrived.early * 10 >= arrived.events * 9;
            if let Some(ahead) = arrived.least.filter(|ahead| is_steady && *ahead >= LEAST) {
                out.push(format!(
                    "the clock of {} is ahead by {} s at least: of {} of its events that were looked at, {} came to their store before they \
                     happened; times are left as they are",
                    shown(name(*machine)),
                    ahead,
                    arrived.events,
                    arrived.early,
                ));
            }
        }
        out.truncate(TOLD);
        out
    }

    /// Machines whose clocks are apart, by what both tell.
    fn apart(&mut self) -> Vec<String> {
        self.told
            .sort_unstable_by_key(|told| (told.thing, told.machine, told.time));
        let mut pairs: BTreeMap<(u32, u32), Vec<i64>> = BTreeMap::new();
        for same in self.told.chunk_by(|one, other| one.thing == other.thing) {
            // Of each machine, what it told first.
            let mut firsts: Vec<Told> = Vec::new();
            for told in same {
                if firsts.last().is_none_or(|last| last.machine != told.machine) {
                    firsts.push(*told);
                }
            }
            if let [one, other] = firsts.as_slice()
                && (one.time - other.time).abs() <= FARTHEST * 1_000
            {
                pairs
                    .entry((one.machine, other.machine))
                    .or_default()
                    .push(one.time - other.time);
            }
        }
        let mut apart: Vec<(usize, String)> = Vec::new();
        for ((one, other), mut by) in pairs {
            by.sort_unstable();
            let middle = by.get(by.len() / 2).copied().unwrap_or_default();
            let agree = by.iter().filter(|time| (**time - middle).abs() <= EXACT).count();
            let seconds = (middle.abs() + 500) / 1_000;
            if agree < AGREE || agree * 4 < by.len() * 3 || seconds < LEAST {
                continue;
            }
            let (ahead, behind) = if middle > 0 { (one, other) } else { (other, one) };
            let name = |machine: u32| self.machines.get(machine as usize).map_or("", |name| &**name);
            apart.push((
                agree,
                format!(
                    "the clock of {} is {seconds} s ahead of that of {}: {agree} log-ins and connections that both tell of are that \
                     far apart; times are left as they are",
                    shown(name(ahead)),
                    shown(name(behind)),
                ),
            ));
        }
        apart.sort_by_key(|(agree, _)| std::cmp::Reverse(*agree));
        apart.into_iter().map(|(_, said)| said).collect()
    }
}

/// The smaller of two numbers, where there are two.
fn least(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn shown(name: &str) -> String {
    watchfire_model::observable::defang(&Untrusted::from(name).shown(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Things that machines tell of: which, who, when in seconds.
    fn told(things: impl IntoIterator<Item = (u64, &'static str, i64)>) -> Vec<String> {
        let (mut first, mut second) = (Clocks::default(), Clocks::default());
        for (thing, machine, time) in things {
            let clocks = if thing % 2 == 0 { &mut first } else { &mut second };
            clocks.add(machine, Timestamp::new(time, 0), thing);
        }
        first.merge(second);
        first.tell()
    }

    #[test]
    fn clocks_that_are_apart_are_told_by_what_both_tell() {
        let said = told((0..8).flat_map(|thing| {
            let time = 1_000 * i64::try_from(thing).unwrap_or_default();
            [(thing, "dc", time), (thing, "PC", time + 97)]
        }));
        assert_eq!(
            said,
            [
                "the clock of PC is 97 s ahead of that of dc: 8 log-ins and connections that both tell of are that far apart; times are left as they are"
            ]
        );
    }

    #[test]
    fn clocks_that_agree_say_nothing() {
        let both = |by: fn(i64) -> i64| {
            told((0..8).flat_map(move |thing| {
                let number = i64::try_from(thing).unwrap_or_default();
                [
                    (thing, "dc", 1_000 * number),
                    (thing, "PC", 1_000 * number + by(number)),
                ]
            }))
        };
        assert!(both(|_| 2).is_empty());
        // Every time another: ports that are used again.
        assert!(both(|number| 30 + 40 * number).is_empty());
        // Too few.
        assert!(told((0..3).flat_map(|thing| [(thing, "dc", 0), (thing, "PC", 97)])).is_empty());
    }

    /// One log is read before the other, and neither fits.
    #[test]
    fn what_there_is_no_room_for_takes_both_sides_along() {
        let mut all = Clocks::default();
        for (machine, ahead) in [("dc", 0), ("PC", 97)] {
            for block in 0..u64::try_from(3 * MOST / OF_BLOCK).unwrap_or_default() {
                let mut clocks = Clocks::default();
                for number in 0..OF_BLOCK as u64 {
                    let thing = (block * OF_BLOCK as u64 + number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                    clocks.add(machine, Timestamp::new(ahead, 0), thing);
                }
                all.merge(clocks);
            }
        }
        assert!(all.told.len() < 2 * MOST);
        let said = all.tell();
        assert!(
            said[0].starts_with("the clock of PC is 97 s ahead of that of dc"),
            "{said:?}"
        );
    }

    #[test]
    fn a_store_tells_by_how_much_at_least() {
        let mut clocks = Clocks::default();
        let machine = clocks.machine("PC").unwrap_or_default();
        let arrived = |least| Arrived {
            events: 10,
            early: 10,
            least,
        };
        clocks.arrived.insert(machine, arrived(Some(40)));
        let mut other = Clocks::default();
        let machine = other.machine("PC").unwrap_or_default();
        other.arrived.insert(machine, arrived(Some(25)));
        clocks.merge(other);
        assert!(clocks.tell()[0].contains("ahead by 25 s at least"));
    }
}
