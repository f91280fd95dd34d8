//! Which program a local connection belongs to: tables of sockets (`/proc/net/tcp` and its kin, proc(5)) joined with the
//! open files of processes (`/proc/PID/fd`).
//!
//! Both are looked at now and then, so a socket that opened and closed in between belongs to nobody. Files of other users'
//! processes can be read by root alone: of their sockets the user is known and the program is not. Sockets of other
//! network namespaces (containers) are not in these tables.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use watchfire_model::Untrusted;
use watchfire_model::network::TransportProtocol;

/// Rows of all tables that are looked at.
const MOST_SOCKETS: usize = 1 << 17;
/// Processes that are looked at.
const MOST_PROCESSES: usize = 1 << 15;
/// Open files that are looked at, over all processes.
const MOST_FILES: usize = 1 << 20;
/// Sockets that are remembered when they are gone.
const MOST_REMEMBERED: usize = 1 << 17;
/// How long a socket that is gone is remembered: packets are looked at later than they came.
const REMEMBERED: Duration = Duration::from_secs(120);

/// A socket of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Socket {
    /// What it speaks.
    pub protocol: TransportProtocol,
    /// Its own end.
    pub local: SocketAddr,
    /// The other; none of a socket that listens, or speaks to many.
    pub remote: Option<SocketAddr>,
}

/// Whose a socket is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The process; none where this user may not know.
    pub pid: Option<u32>,
    /// The command's name, at most 15 bytes of it; empty where this user may not know.
    pub command: Untrusted,
    /// The user's number.
    pub user: u32,
}

/// Owners of the sockets of this host, as they were last looked at.
#[derive(Debug, Default)]
pub struct Owners {
    sockets: BTreeMap<Socket, (Owner, Option<Instant>)>,
    looked: Option<Instant>,
}

impl Owners {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks again, unless that was done less than `interval` ago. Says whether it did.
    pub fn refresh(&mut self, interval: Duration) -> bool {
        let now = Instant::now();
        if self.looked.is_some_and(|looked| now.duration_since(looked) < interval) {
            return false;
        }
        self.looked = Some(now);
        self.update(&now_open(), &processes(), now);
        true
    }

    /// Whose packets between these two ends are. The first is this host's.
    pub fn of(&self, protocol: TransportProtocol, local: SocketAddr, remote: SocketAddr) -> Option<&Owner> {
        let any = match local.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        // A socket for both versions has no address of either.
        let both = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let ends = [
            (local.ip(), Some(remote)),
            (local.ip(), None),
            (any, None),
            (both, None),
        ];
        ends.into_iter().find_map(|(address, remote)| {
            let socket = Socket {
                protocol,
                local: SocketAddr::new(address, local.port()),
                remote,
            };
            self.sockets.get(&socket).map(|(owner, _)| owner)
        })
    }

    /// Sockets that are known, those that are gone among them.
    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }

    fn update(&mut self, open: &[Row], processes: &HashMap<u64, (u32, Untrusted)>, now: Instant) {
        for (_, gone) in self.sockets.values_mut() {
            gone.get_or_insert(now);
        }
        for row in open {
            let process = processes.get(&row.inode);
            let owner = Owner {
                pid: process.map(|(pid, _)| *pid),
                command: process.map(|(_, command)| command.clone()).unwrap_or_default(),
                user: row.user,
            };
            self.sockets.insert(row.socket, (owner, None));
        }
        let open = open.len();
        self.sockets
            .retain(|_, (_, gone)| gone.is_none_or(|gone| now.duration_since(gone) < REMEMBERED));
        if self.sockets.len() > open.saturating_add(MOST_REMEMBERED) {
            self.sockets.retain(|_, (_, gone)| gone.is_none());
        }
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    socket: Socket,
    user: u32,
    inode: u64,
}

/// Every socket there is.
fn now_open() -> Vec<Row> {
    let tables = [
        ("/proc/net/tcp", TransportProtocol::TCP),
        ("/proc/net/tcp6", TransportProtocol::TCP),
        ("/proc/net/udp", TransportProtocol::UDP),
        ("/proc/net/udp6", TransportProtocol::UDP),
    ];
    let mut found = Vec::new();
    for (path, protocol) in tables {
        // A system without IPv6 has two tables only.
        let table = fs::read_to_string(path).unwrap_or_default();
        let left = MOST_SOCKETS.saturating_sub(found.len());
        found.extend(rows(&table, protocol).take(left));
    }
    found
}

/// The rows of a table that belong to somebody: connections that only wait for late packets do not.
fn rows(table: &str, protocol: TransportProtocol) -> impl Iterator<Item = Row> {
    table.lines().skip(1).filter_map(move |line| {
        let mut fields = line.split_whitespace();
        let local = end(fields.nth(1)?)?;
        let remote = end(fields.next()?)?;
        let user = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok().filter(|inode| *inode != 0)?;
        let remote = (remote.port() != 0).then_some(remote);
        Some(Row {
            socket: Socket {
                protocol,
                local,
                remote,
            },
            user,
            inode,
        })
    })
}

/// `0100007F:1F90`: words of the address in the machine's order, in hexadecimal, and the port. An address of version 4
/// that is written as one of version 6 is one of version 4.
fn end(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = [0; 16];
    let words = address.len() / 8;
    if !matches!(address.len(), 8 | 32) {
        return None;
    }
    for (place, number) in bytes.chunks_exact_mut(4).zip(0..words) {
        let word = address.get(number * 8..number * 8 + 8)?;
        place.copy_from_slice(&u32::from_str_radix(word, 16).ok()?.to_ne_bytes());
    }
    let [a, b, c, d, ..] = bytes;
    let address = match words {
        1 => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        _ => IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical(),
    };
    Some(SocketAddr::new(address, port))
}

/// Processes by the sockets that they have open.
fn processes() -> HashMap<u64, (u32, Untrusted)> {
    let mut found = HashMap::new();
    let mut files = 0;
    let Ok(listing) = fs::read_dir("/proc") else {
        return found;
    };
    for process in listing.take(MOST_PROCESSES).flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // Of other users' processes only root may see it, and a process may end meanwhile.
        let Ok(open) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let mut command = None;
        for file in open.flatten() {
            files += 1;
            if files > MOST_FILES {
                return found;
            }
            let Some(inode) = fs::read_link(file.path()).ok().and_then(|target| inode_of(&target)) else {
                continue;
            };
            let command = command.get_or_insert_with(|| command_of(&process.path()));
            // A socket that several have open is that of the first: the one that opened it has the lowest number.
            let entry = found.entry(inode).or_insert_with(|| (pid, command.clone()));
            if pid < entry.0 {
                *entry = (pid, command.clone());
            }
        }
    }
    found
}

fn command_of(process: &Path) -> Untrusted {
    let command = fs::read(process.join("comm")).unwrap_or_default();
    let command = command.strip_suffix(b"\n").unwrap_or(&command);
    Untrusted::from_bytes(command)
}

/// `socket:[4711]`.
fn inode_of(target: &Path) -> Option<u64> {
    let number = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    /// An end as this machine writes it.
    fn written(end: &str) -> String {
        let end: SocketAddr = end.parse().expect("an end");
        let bytes = match end.ip() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let words = bytes
            .chunks(4)
            .map(|word| u32::from_ne_bytes(word.try_into().expect("four")));
        let words: String = words.map(|word| format!("{word:08X}")).collect();
        format!("{words}:{:04X}", end.port())
    }

    fn line(local: &str, remote: &str, user: u32, inode: u64) -> String {
        let (local, remote) = (written(local), written(remote));
        format!(
            "   0: {local} {remote} 01 00000000:00000000 00:00000000 00000000 {user:5}        0 {inode} 1 0000 20 4\n"
        )
    }

    fn at(end: &str) -> SocketAddr {
        end.parse().expect("an end")
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn an_end_is_read_as_a_kernel_wrote_it() {
        assert_eq!(end("0100007F:1F90"), Some(at("127.0.0.1:8080")));
        assert_eq!(end("00000000000000000000000001000000:0016"), Some(at("[::1]:22")));
        assert_eq!(end("0000000000000000FFFF00000100007F:0016"), Some(at("127.0.0.1:22")));
        for text in [
            "",
            ":",
            "0100007F",
            "0100007:0016",
            "0100007F:10000",
            "XX00007F:0016",
            "éé00007:0016",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_is_joined_with_the_processes() {
        let table = [
            HEAD,
            &line("10.0.0.5:50000", "192.0.2.1:443", 1000, 71),
            &line("0.0.0.0:22", "0.0.0.0:0", 0, 72),
            &line("[::]:53", "[::]:0", 5, 73),
            &line("10.0.0.5:50001", "192.0.2.1:443", 0, 0),
            "   9: nonsense\n",
        ]
        .concat();
        let open: Vec<Row> = rows(&table, TransportProtocol::TCP).collect();
        assert_eq!(open.len(), 3);
        let processes = HashMap::from([
            (71, (4711, Untrusted::from("browser"))),
            (73, (99, Untrusted::from("named"))),
        ]);
        let mut owners = Owners::new();
        owners.update(&open, &processes, Instant::now());
        let of = |local, remote| {
            let owner = owners.of(TransportProtocol::TCP, at(local), at(remote))?;
            Some((owner.pid, owner.command.raw(), owner.user))
        };
        assert_eq!(
            of("10.0.0.5:50000", "192.0.2.1:443"),
            Some((Some(4711), "browser", 1000))
        );
        // Whoever comes to a port that is listened to belongs to who listens, whose program is not known here.
        assert_eq!(of("10.0.0.5:22", "192.0.2.9:1234"), Some((None, "", 0)));
        // A socket for both versions.
        assert_eq!(of("10.0.0.5:53", "192.0.2.9:1234"), Some((Some(99), "named", 5)));
        assert_eq!(of("10.0.0.5:50001", "192.0.2.1:443"), None);
        assert_eq!(
            owners.of(TransportProtocol::UDP, at("10.0.0.5:22"), at("192.0.2.9:1234")),
            None
        );
    }

    #[test]
    fn a_socket_that_is_gone_is_remembered_for_a_while() {
        let table = [HEAD, &line("10.0.0.5:50000", "192.0.2.1:443", 1000, 71)].concat();
        let open: Vec<Row> = rows(&table, TransportProtocol::TCP).collect();
        let start = Instant::now();
        let mut owners = Owners::new();
        owners.update(&open, &HashMap::new(), start);
        owners.update(&[], &HashMap::new(), start + Duration::from_secs(5));
        assert_eq!(owners.len(), 1);
        owners.update(&[], &HashMap::new(), start + Duration::from_secs(5) + REMEMBERED);
        assert!(owners.is_empty());
    }

    #[test]
    fn only_sockets_are_sockets() {
        assert_eq!(inode_of(Path::new("socket:[4711]")), Some(4711));
        for target in ["socket:[]", "socket:[x]", "pipe:[4711]", "/tmp/socket:[1]", "socket:[1"] {
            assert_eq!(inode_of(Path::new(target)), None, "{target}");
        }
    }

    /// The one test that asks this machine: a socket of our own is ours.
    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_owns_its_socket() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let mut owners = Owners::new();
        assert!(owners.refresh(Duration::from_secs(1)));
        assert!(!owners.refresh(Duration::from_secs(60)));
        let local = socket.local_addr().expect("an address");
        let owner = owners.of(TransportProtocol::UDP, local, at("127.0.0.1:9"));
        assert_eq!(owner.and_then(|owner| owner.pid), Some(std::process::id()));
    }
}
