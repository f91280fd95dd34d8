//! From words to steps. What binds how is pcap-filter(7)'s: `not` most, `and` and `or` the same, from the left. What stands
//! before an address or a number holds for those behind it that have nothing of their own: `port 80 or 443`.

use super::names::{ether_type, named, port, protocol};
use super::words::{Word, number, words};
use super::{Field, Layer, Network, Step, Test, Way, network};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of the longest filter.
const LONGEST: usize = 64 << 10;
/// Parentheses within parentheses.
const DEEPEST: u32 = 64;

/// Why a filter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// In words: `a port is expected, but there is 'x'`.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at)
    }
}

impl std::error::Error for FilterError {}

/// What an address or a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A host, or a network where it is written as one.
    Address,
    Host,
    Net,
    Port,
    PortRange,
    Proto,
}

/// The word before what is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Ether,
    Ip,
    Ip6,
    Arp,
    /// A transport, by its number.
    Carried(u8),
}

/// What stands before an address or a number.
#[derive(Clone, Copy, Debug)]
struct Qualifiers {
    of: Option<Of>,
    way: Way,
    kind: Kind,
}

struct Parser<'t> {
    words: Vec<Word<'t>>,
    at: usize,
    end: usize,
    steps: Vec<Step>,
    before: Qualifiers,
    depth: u32,
}

/// The steps of a filter.
pub(super) fn steps(text: &str) -> Result<Vec<Step>, FilterError> {
    if text.len() > LONGEST {
        let message = format!("the filter is longer than {LONGEST} bytes");
        return Err(FilterError {
            at: text.len(),
            message,
        });
    }
    let mut parser = Parser {
        words: words(text),
        at: 0,
        end: text.len(),
        steps: Vec::new(),
        before: Qualifiers {
            of: None,
            way: Way::Either,
            kind: Kind::Address,
        },
        depth: 0,
    };
    if parser.words.is_empty() {
        return Ok(Vec::new());
    }
    parser.expression()?;
    match parser.peek() {
        None => Ok(parser.steps),
        Some(_) => Err(parser.expected("'and', 'or' or the end is")),
    }
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t str> {
        self.words.get(self.at).map(|word| word.text)
    }

    fn peek_after(&self) -> Option<&'t str> {
        self.words.get(self.at + 1).map(|word| word.text)
    }

    fn take(&mut self, text: &str) -> bool {
        let is_there = self.peek() == Some(text);
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self, what: &str) -> Result<&'t str, FilterError> {
        let word = self.peek().ok_or_else(|| self.expected(what))?;
        self.at += 1;
        Ok(word)
    }

    /// `what` comes with its verb: `a port is`.
    fn expected(&self, what: &str) -> FilterError {
        let (at, found) = match self.words.get(self.at) {
            Some(word) => (word.at, format!("there is '{}'", shown(word.text))),
            None => (self.end, "the filter ends".to_owned()),
        };
        FilterError {
            at,
            message: format!("{what} expected, but {found}"),
        }
    }

    /// What is wrong with the word that was taken last.
    fn wrong(&self, message: String) -> FilterError {
        let word = self.words.get(self.at.saturating_sub(1));
        FilterError {
            at: word.map_or(0, |word| word.at),
            message,
        }
    }

    /// Terms between `and` and `or`.
    fn expression(&mut self) -> Result<(), FilterError> {
        self.term()?;
        loop {
            let stands = match self.peek() {
                Some("and" | "&&") => false,
                Some("or" | "||") => true,
                _ => return Ok(()),
            };
            self.at += 1;
            let step = self.steps.len();
            self.steps.push(Step::Unless(stands, 0));
            self.term()?;
            let until = self.steps.len();
            if let Some(Step::Unless(_, place)) = self.steps.get_mut(step) {
                *place = until;
            }
        }
    }

    fn term(&mut self) -> Result<(), FilterError> {
        let mut is_turned = false;
        while matches!(self.peek(), Some("not" | "!")) {
            self.at += 1;
            is_turned = !is_turned;
        }
        if self.take("(") {
            self.inside()?;
        } else {
            self.primitive()?;
        }
        if is_turned {
            self.steps.push(Step::Not);
        }
        Ok(())
    }

    /// What stands in parentheses, and the closing one.
    fn inside(&mut self) -> Result<(), FilterError> {
        if self.depth >= DEEPEST {
            return Err(self.wrong(format!("there are more than {DEEPEST} parentheses within one another")));
        }
        self.depth += 1;
        self.expression()?;
        self.depth -= 1;
        if self.take(")") {
            Ok(())
        } else {
            Err(self.expected("')' is"))
        }
    }

    fn ask(&mut self, test: Test) -> Result<(), FilterError> {
        self.steps.push(Step::Ask(test));
        Ok(())
    }

    fn primitive(&mut self) -> Result<(), FilterError> {
        match self.peek() {
            Some("less" | "greater") => self.length(),
            Some("len") => self.compared_length(),
            Some("vlan") => {
                self.at += 1;
                let number = self.peek().and_then(number);
                self.at += usize::from(number.is_some());
                match number.map(u16::try_from) {
                    None => self.ask(Test::Vlan(None)),
                    Some(Ok(number)) if number < 4_096 => self.ask(Test::Vlan(Some(number))),
                    Some(_) => Err(self.wrong("a vlan has a number below 4096".to_owned())),
                }
            }
            Some("broadcast") => self.word(Test::Broadcast),
            Some("multicast") => self.word(Test::Multicast),
            _ => self.qualified(),
        }
    }

    fn word(&mut self, test: Test) -> Result<(), FilterError> {
        self.at += 1;
        self.ask(test)
    }

    fn length(&mut self) -> Result<(), FilterError> {
        let is_less = self.take("less");
        self.at += usize::from(!is_less);
        let length = self.bytes()?;
        self.ask(if is_less {
            Test::Length(0, length)
        } else {
            Test::Length(length, u32::MAX)
        })
    }

    /// `len <= 100`.
    fn compared_length(&mut self) -> Result<(), FilterError> {
        self.at += 1;
        let what = "a comparison such as '<=' is";
        let relation = self.next(what)?;
        if !matches!(relation, "=" | "==" | "!=" | "<" | "<=" | ">" | ">=") {
            return self.no(what);
        }
        let length = self.bytes()?;
        let (low, high) = match relation {
            "<" | ">=" => (length, u32::MAX),
            "<=" | ">" => (0, length),
            _ => (length, length),
        };
        self.ask(Test::Length(low, high))?;
        if matches!(relation, "!=" | "<" | ">") {
            self.steps.push(Step::Not);
        }
        Ok(())
    }

    fn bytes(&mut self) -> Result<u32, FilterError> {
        let what = "a number of bytes is";
        let word = self.next(what)?;
        number(word).map_or_else(|| self.no(what), Ok)
    }

    /// `tcp dst port 80`: whose, which end, what kind, and what it is.
    fn qualified(&mut self) -> Result<(), FilterError> {
        let of = self.peek().and_then(of);
        self.at += usize::from(of.is_some());
        if let (Some(of), Some(test)) = (of, self.peek()) {
            let special = match (of, test) {
                (Of::Ether, "broadcast") => Some(Test::Broadcast),
                (Of::Ether, "multicast") => Some(Test::Multicast),
                (Of::Ip, "multicast") => Some(Test::Group(Layer::Ip)),
                (Of::Ip6, "multicast") => Some(Test::Group(Layer::Ip6)),
                (Of::Carried(protocol), "[") => return self.field(protocol),
                _ => None,
            };
            if let Some(test) = special {
                return self.word(test);
            }
        }
        let way = self.way();
        let kind = self.peek().and_then(kind);
        self.at += usize::from(kind.is_some());
        if let (Some(of), None, None) = (of, way, kind) {
            let test = match of {
                Of::Ip => Test::Ip,
                Of::Ip6 => Test::Ip6,
                Of::Arp => Test::Arp,
                Of::Carried(number) => Test::Protocol(Layer::Any, number),
                Of::Ether => return Err(self.expected("'host', 'src', 'dst' or 'proto' is")),
            };
            return self.ask(test);
        }
        if of.is_some() || way.is_some() || kind.is_some() {
            self.before = Qualifiers {
                of,
                way: way.unwrap_or(Way::Either),
                kind: kind.unwrap_or(Kind::Address),
            };
            self.fits()?;
            if self.take("(") {
                return self.inside();
            }
        }
        self.value()
    }

    fn way(&mut self) -> Option<Way> {
        let is_end = |word| matches!(word, Some("src" | "dst"));
        let first = self.peek().filter(|word| is_end(Some(*word)))?;
        let third = self.words.get(self.at + 2).map(|word| word.text);
        let other = is_end(third) && third != Some(first);
        match self.peek_after() {
            Some("or" | "||") if other => {
                self.at += 3;
                Some(Way::Either)
            }
            Some("and" | "&&") if other => {
                self.at += 3;
                Some(Way::Both)
            }
            _ => {
                self.at += 1;
                Some(if first == "src" { Way::Source } else { Way::Destination })
            }
        }
    }

    /// Whether what stands before goes together.
    fn fits(&self) -> Result<(), FilterError> {
        let Qualifiers { of, way, kind } = self.before;
        let fits = match (of, kind) {
            (None, Kind::Proto) => way == Way::Either,
            (None, _) => true,
            (Some(Of::Ether), kind) => {
                matches!(kind, Kind::Host | Kind::Address) || kind == Kind::Proto && way == Way::Either
            }
            (Some(Of::Ip | Of::Ip6), Kind::Proto) => way == Way::Either,
            (Some(Of::Ip | Of::Ip6 | Of::Arp), kind) => matches!(kind, Kind::Host | Kind::Address | Kind::Net),
            (Some(Of::Carried(6 | 17 | 132)), kind) => matches!(kind, Kind::Port | Kind::PortRange),
            (Some(Of::Carried(_)), _) => false,
        };
        if fits {
            return Ok(());
        }
        let last = self.words.get(self.at.saturating_sub(1)).map_or("", |word| word.text);
        Err(self.wrong(format!("'{}' does not go with what stands before it", shown(last))))
    }

    /// An address or a number, by what stands before it or stood before the last one.
    fn value(&mut self) -> Result<(), FilterError> {
        let Qualifiers { of, way, kind } = self.before;
        match (of, kind) {
            (Some(Of::Ether), Kind::Proto) => {
                let word = self.next("a number of Ethernet's protocols is")?;
                match ether_type(word) {
                    Some(number) => self.ask(Test::EtherType(number)),
                    None => self.no("a number of Ethernet's protocols is"),
                }
            }
            (Some(Of::Ether), _) => {
                let word = self.next("an address of Ethernet is")?;
                match mac(word) {
                    Some(address) => self.ask(Test::Ether(way, address)),
                    None => self.no("an address of Ethernet is"),
                }
            }
            (of, Kind::Proto) => {
                let word = self.next("a protocol is")?;
                let layer = layer(of);
                match protocol(word) {
                    Some(number) => self.ask(Test::Protocol(layer, number)),
                    None => self.no("a protocol is"),
                }
            }
            (of, Kind::Port | Kind::PortRange) => self.port(of, way, kind == Kind::PortRange),
            (of, _) => {
                let network = self.network(kind)?;
                self.ask(Test::Address(layer(of), way, network))
            }
        }
    }

    /// The last word is something else.
    fn no<T>(&mut self, what: &str) -> Result<T, FilterError> {
        self.at -= 1;
        Err(self.expected(what))
    }

    fn port(&mut self, of: Option<Of>, way: Way, is_range: bool) -> Result<(), FilterError> {
        let transport = match of {
            Some(Of::Carried(number)) => Some(number),
            _ => None,
        };
        let what = if is_range { "a range of ports is" } else { "a port is" };
        let word = self.next(what)?;
        let range = match word.split_once('-').filter(|_| is_range) {
            Some((low, high)) => port(low).zip(port(high)),
            None => port(word).map(|port| (port, port)),
        };
        match range {
            Some((low, high)) => self.ask(Test::Port(transport, way, low.min(high), low.max(high))),
            None => self.no(what),
        }
    }

    fn network(&mut self, kind: Kind) -> Result<Network, FilterError> {
        let what = match kind {
            Kind::Net => "a network is",
            Kind::Host => "an address is",
            _ => "an address or a word of the language is",
        };
        let word = self.next(what)?;
        if let Some((address, bits)) = word.split_once('/').filter(|_| kind != Kind::Host) {
            return match (partial(address), number(bits)) {
                (Some((address, _)), Some(bits)) if bits <= width(address) => {
                    self.exact(network(address, bits), address)
                }
                _ => self.no(what),
            };
        }
        if kind == Kind::Net {
            let Some((address, bits)) = partial(word) else {
                return self.no(what);
            };
            if self.take("mask") {
                let mask = self.next("a mask is")?;
                return match (address, mask.parse::<Ipv4Addr>()) {
                    (IpAddr::V4(address), Ok(mask)) => {
                        let (address, mask) = (u32::from(address), u32::from(mask));
                        Ok(Network::V4(address & mask, mask))
                    }
                    _ => self.no("a mask is"),
                };
            }
            return Ok(network(address, bits));
        }
        match word.parse::<IpAddr>() {
            Ok(address) => Ok(network(address, width(address))),
            Err(_) if kind == Kind::Host && is_name(word) => {
                Err(self.wrong(format!("'{}' is no address; names are not looked up", shown(word))))
            }
            Err(_) => self.no(what),
        }
    }

    /// Bits behind those that count are a slip.
    fn exact(&self, network: Network, address: IpAddr) -> Result<Network, FilterError> {
        if self::network(address, width(address)) == whole(network) {
            return Ok(network);
        }
        Err(self.wrong("the address has bits that the length of the network leaves out".to_owned()))
    }

    /// `tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn`.
    fn field(&mut self, protocol: u8) -> Result<(), FilterError> {
        self.at += 1;
        let what = "'tcpflags', 'icmptype' or 'icmpcode' is";
        let word = self.next(what)?;
        let field = match (protocol, word) {
            (6, "tcpflags" | "13") => Field::TcpFlags,
            (1, "icmptype" | "0") => Field::IcmpType,
            (1, "icmpcode" | "1") => Field::IcmpCode,
            (58, "icmp6type" | "0") => Field::Icmp6Type,
            (58, "icmp6code" | "1") => Field::Icmp6Code,
            _ => return self.no(what),
        };
        if !self.take("]") {
            return Err(self.expected("']' is"));
        }
        let mask = if self.take("&") { self.bits()? } else { 0xff };
        let is_equal = match self.peek() {
            Some("=" | "==") => true,
            Some("!=") => false,
            _ => return Err(self.expected("'==' or '!=' is")),
        };
        self.at += 1;
        let value = self.bits()?;
        self.ask(Test::Field(field, mask, is_equal, value))
    }

    /// A number, a name, or several of them between `|`, with or without parentheses.
    fn bits(&mut self) -> Result<u8, FilterError> {
        let is_inside = self.take("(");
        let mut bits = 0;
        loop {
            let what = "a number or a name such as 'tcp-syn' is";
            let word = self.next(what)?;
            let Some(bit) = number(word)
                .and_then(|bit| u8::try_from(bit).ok())
                .or_else(|| named(word))
            else {
                return self.no(what);
            };
            bits |= bit;
            if !(is_inside && self.take("|")) {
                break;
            }
        }
        if is_inside && !self.take(")") {
            return Err(self.expected("')' is"));
        }
        Ok(bits)
    }
}

/// At most so much of a word is said back.
fn shown(word: &str) -> String {
    word.chars().take(40).flat_map(char::escape_debug).collect()
}

fn whole(net: Network) -> Network {
    match net {
        Network::V4(address, _) => Network::V4(address, u32::MAX),
        Network::V6(address, _) => Network::V6(address, u128::MAX),
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn is_name(word: &str) -> bool {
    word.contains(|letter: char| letter.is_alphabetic()) && of(word).is_none()
}

/// An address, or its first numbers and the bits that they are: `10.1`.
fn partial(word: &str) -> Option<(IpAddr, u32)> {
    if let Ok(address) = word.parse::<Ipv6Addr>() {
        return Some((address.into(), 128));
    }
    let mut octets = [0; 4];
    let mut count = 0;
    for part in word.split('.') {
        let octet: u8 = part.parse().ok()?;
        *octets.get_mut(count)? = octet;
        count += 1;
    }
    Some((Ipv4Addr::from(octets).into(), u32::try_from(count).ok()? * 8))
}

fn mac(word: &str) -> Option<[u8; 6]> {
    let mut address = [0; 6];
    let mut count = 0;
    for part in word.split([':', '-', '.']) {
        if part.len() > 2 || !part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *address.get_mut(count)? = u8::from_str_radix(part, 16).ok()?;
        count += 1;
    }
    (count == 6).then_some(address)
}

const fn layer(of: Option<Of>) -> Layer {
    match of {
        Some(Of::Ip) => Layer::Ip,
        Some(Of::Ip6) => Layer::Ip6,
        Some(Of::Arp) => Layer::Arp,
        _ => Layer::Any,
    }
}

fn of(word: &str) -> Option<Of> {
    Some(match word {
        "ether" => Of::Ether,
        "ip" => Of::Ip,
        "ip6" => Of::Ip6,
        "arp" => Of::Arp,
        "tcp" | "udp" | "sctp" | "icmp" | "icmp6" | "igmp" | "ah" | "esp" | "pim" | "vrrp" => {
            Of::Carried(protocol(word)?)
        }
        _ => return None,
    })
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "host" => Kind::Host,
        "net" => Kind::Net,
        "port" => Kind::Port,
        "portrange" => Kind::PortRange,
        "proto" => Kind::Proto,
        _ => return None,
    })
}
