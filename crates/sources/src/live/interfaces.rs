//! The interfaces of this host, with what went through them: `/sys/class/net` (`Documentation/ABI/testing/sysfs-class-net`
//! of Linux), `/proc/net/dev`, and the system's list of addresses.

use super::os;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use watchfire_model::Untrusted;

/// Interfaces that are listed at most.
const MOST: usize = 10_000;
/// Where the system describes them.
const FOLDER: &str = "/sys/class/net";

/// An interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: Untrusted,
    /// The system's number of it.
    pub index: u32,
    /// Its addresses, each with the length of its network.
    pub addresses: Vec<(IpAddr, u8)>,
    /// Its address on the link.
    pub mac: Option<[u8; 6]>,
    /// Whether it can be used.
    pub state: LinkState,
    /// What kind it is, a number of `include/uapi/linux/if_arp.h`.
    pub hardware: u16,
    /// What its frames begin with in a capture, a number of <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// The longest packet that it takes, in bytes.
    pub mtu: u32,
    /// How fast it is, in megabits per second, where it says so.
    pub speed: Option<u32>,
    /// What went through it since it is there.
    pub traffic: Traffic,
}

/// Whether an interface can be used (`operstate`, RFC 2863).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    /// It can.
    Up,
    /// It cannot.
    Down,
    /// It does not say. Loopbacks and tunnels never do.
    #[default]
    Unknown,
    /// Another state, in the system's word.
    Other(Untrusted),
}

impl LinkState {
    fn of_word(word: &str) -> Self {
        match word.trim() {
            "up" => Self::Up,
            "down" => Self::Down,
            "unknown" | "" => Self::Unknown,
            other => Self::Other(other.into()),
        }
    }
}

impl std::fmt::Display for LinkState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Up => f.pad("up"),
            Self::Down => f.pad("down"),
            Self::Unknown => f.pad("unknown"),
            Self::Other(word) => word.fmt(f),
        }
    }
}

/// What went through an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// What came in.
    pub received: Passed,
    /// What went out.
    pub sent: Passed,
}

/// One way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets that were not right.
    pub errors: u64,
    /// Packets for which there was no room or no use.
    pub dropped: u64,
}

/// How much goes through an interface, per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficRate {
    /// Bytes that come in.
    pub received_bytes: u64,
    /// Packets that come in.
    pub received_packets: u64,
    /// Bytes that go out.
    pub sent_bytes: u64,
    /// Packets that go out.
    pub sent_packets: u64,
}

impl Traffic {
    /// How much went through per second since `earlier`, which was so long ago. An interface that was made anew counts
    /// from zero, and its rate is none.
    pub fn rate_since(&self, earlier: &Self, elapsed: Duration) -> TrafficRate {
        let milliseconds = elapsed.as_millis().max(1);
        let rate = |now: u64, before: u64| {
            let per_second = u128::from(now.saturating_sub(before)).saturating_mul(1000) / milliseconds;
            u64::try_from(per_second).unwrap_or(u64::MAX)
        };
        TrafficRate {
            received_bytes: rate(self.received.bytes, earlier.received.bytes),
            received_packets: rate(self.received.packets, earlier.received.packets),
            sent_bytes: rate(self.sent.bytes, earlier.sent.bytes),
            sent_packets: rate(self.sent.packets, earlier.sent.packets),
        }
    }
}

/// The interfaces of this host, by their numbers. What the system does not say of one stays empty.
///
/// # Errors
/// When the system lists none.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let traffic = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let traffic = traffic_of(&traffic);
    let addresses = os::addresses().unwrap_or_default();
    let mut found = Vec::new();
    for entry in fs::read_dir(FOLDER)?.take(MOST) {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        // Other things are listed there too: what bonds exist.
        let Some(mut interface) = described(&name, &entry.path()) else {
            continue;
        };
        let own = addresses.iter().filter(|(owner, ..)| *owner == name);
        interface.addresses = own.map(|(_, address, length)| (*address, *length)).collect();
        interface.traffic = traffic.get(name.as_str()).copied().unwrap_or_default();
        found.push(interface);
    }
    found.sort_by_key(|interface| interface.index);
    Ok(found)
}

/// What a folder of `/sys/class/net` says.
fn described(name: &str, folder: &Path) -> Option<Interface> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let hardware = read("type").trim().parse().unwrap_or(0);
    Some(Interface {
        name: name.into(),
        index: read("ifindex").trim().parse().ok()?,
        addresses: Vec::new(),
        mac: mac(read("address").trim()).filter(|mac| *mac != [0; 6]),
        state: LinkState::of_word(&read("operstate")),
        hardware,
        link: link_of(hardware),
        mtu: read("mtu").trim().parse().unwrap_or(0),
        speed: read("speed").trim().parse().ok(),
        traffic: Traffic::default(),
    })
}

/// How frames of a kind of interface begin in a capture. Kinds are those of `include/uapi/linux/if_arp.h`; what has no
/// header that is the same on all systems is written "cooked" (LINKTYPE_LINUX_SLL2).
pub(super) fn link_of(hardware: u16) -> u16 {
    match hardware {
        // Ethernet; and the loopback, which has its header.
        1 | 772 => 1,
        // Tunnels without a header of their own: tun, IP in IP in all four ways.
        0xfffe | 768 | 769 | 776 => 101,
        801 => 105,
        802 => 119,
        803 => 127,
        _ => 276,
    }
}

/// What people call a link of [`Interface::link`].
pub fn link_name(link: u16) -> &'static str {
    match link {
        1 => "Ethernet",
        101 => "raw IP",
        105 => "802.11",
        119 | 127 => "802.11 with radio",
        _ => "Linux cooked",
    }
}

/// Six bytes in hexadecimal with colons between them.
fn mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut mac {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

/// The table of `/proc/net/dev`: a name, a colon, eight numbers of what came in, eight of what went out.
fn traffic_of(table: &str) -> BTreeMap<&str, Traffic> {
    let lines = table.lines().take(MOST).filter_map(|line| line.rsplit_once(':'));
    lines
        .filter_map(|(name, numbers)| {
            let mut numbers = numbers.split_whitespace().map(|number| number.parse().ok());
            let mut passed = || {
                let mut next = || numbers.next().flatten();
                let passed = Passed {
                    bytes: next()?,
                    packets: next()?,
                    errors: next()?,
                    dropped: next()?,
                };
                for _ in 0..4 {
                    next()?;
                }
                Some(passed)
            };
            let traffic = Traffic {
                received: passed()?,
                sent: passed()?,
            };
            Some((name.trim(), traffic))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
eth0:9 8 7 6 5 4 3 2 19 18 17 16 15 14 13 12
eth0:1:     5 5 0 0 0 0 0 0 5 5 0 0 0 0 0 0
broken: 1 2 3
";

    #[test]
    fn counters_are_read_by_name() {
        let table = traffic_of(TABLE);
        let passed = |bytes, packets, errors, dropped| Passed {
            bytes,
            packets,
            errors,
            dropped,
        };
        assert_eq!(table.keys().copied().collect::<Vec<_>>(), ["eth0", "eth0:1", "lo"]);
        assert_eq!(table["eth0"].received, passed(9, 8, 7, 6));
        assert_eq!(table["eth0"].sent, passed(19, 18, 17, 16));
        assert_eq!(table["lo"].sent, passed(1000, 10, 0, 0));
    }

    #[test]
    fn a_rate_is_per_second_and_never_below_nothing() {
        let at = |bytes, packets| Traffic {
            received: Passed {
                bytes,
                packets,
                ..Passed::default()
            },
            sent: Passed::default(),
        };
        let rate = at(5000, 10).rate_since(&at(1000, 0), Duration::from_secs(2));
        assert_eq!((rate.received_bytes, rate.received_packets), (2000, 5));
        let anew = at(10, 1).rate_since(&at(1000, 10), Duration::ZERO);
        assert_eq!(anew, TrafficRate::default());
    }

    #[test]
    fn addresses_of_links_have_six_bytes() {
        assert_eq!(mac("02:00:00:00:00:ff"), Some([2, 0, 0, 0, 0, 255]));
        for text in ["", "02:00", "02:00:00:00:00:ff:01", "02:00:00:00:00:xx"] {
            assert_eq!(mac(text), None, "{text}");
        }
    }

    #[test]
    fn links_are_those_that_other_programs_write() {
        for (hardware, link, name) in [
            (1, 1, "Ethernet"),
            (772, 1, "Ethernet"),
            (0xfffe, 101, "raw IP"),
            (803, 127, "802.11 with radio"),
            (512, 276, "Linux cooked"),
        ] {
            assert_eq!((link_of(hardware), link_name(link)), (link, name), "{hardware}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_loopback_is_there_with_its_address() {
        let found = interfaces().expect("a list");
        let loopback = found
            .iter()
            .find(|interface| interface.hardware == 772)
            .expect("a loopback");
        assert!(loopback.index > 0);
        assert!(loopback.addresses.iter().all(|(address, _)| !address.is_unspecified()));
        assert!(
            loopback
                .addresses
                .contains(&("127.0.0.1".parse().expect("an address"), 8))
        );
    }
}
