//! What a test of a filter asks, in terms of numbers in a frame.

use super::assembler::{BEHIND_X, LOAD_BYTE, LOAD_HALF, LOAD_MEMORY, LOAD_WORD};
use super::{ETHERNET, PROTOCOL};
use crate::filter::{Field, Layer, Network, Test, Way};

/// Which IP a part of a program is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Four,
    Six,
}

/// What is asked, in terms of numbers in a frame.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Always(bool),
    /// A number is loaded, masked and compared.
    Is(Load, u32, Compare),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Where a number is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Load {
    Word(u32),
    Half(u32),
    Byte(u32),
    /// Behind the header of IP.
    HalfBehind(u32),
    ByteBehind(u32),
    Protocol,
}

/// What it is held against.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compare {
    Equal(u32),
    AtLeast(u32),
    Greater(u32),
}

impl Load {
    pub(super) const fn instruction(self) -> (u16, u32) {
        match self {
            Self::Word(at) => (LOAD_WORD, at),
            Self::Half(at) => (LOAD_HALF, at),
            Self::Byte(at) => (LOAD_BYTE, at),
            Self::HalfBehind(at) => (LOAD_HALF + BEHIND_X, ETHERNET + at),
            Self::ByteBehind(at) => (LOAD_BYTE + BEHIND_X, ETHERNET + at),
            Self::Protocol => (LOAD_MEMORY, PROTOCOL),
        }
    }
}

/// What a test is in a packet of this version; nothing, where no program can tell.
pub(super) fn condition(version: Version, test: &Test) -> Option<Condition> {
    let is = |load, value| Condition::Is(load, u32::MAX, Compare::Equal(value));
    let is_version = |asked| Condition::Always(version == asked);
    let is_layer = |layer| match layer {
        Layer::Any => true,
        Layer::Ip => version == Version::Four,
        Layer::Ip6 => version == Version::Six,
        Layer::Arp => false,
    };
    Some(match *test {
        Test::Ip | Test::EtherType(0x0800) => is_version(Version::Four),
        Test::Ip6 | Test::EtherType(0x86dd) => is_version(Version::Six),
        Test::Arp | Test::EtherType(_) => Condition::Always(false),
        Test::Protocol(layer, number) if is_layer(layer) => is(Load::Protocol, number.into()),
        Test::Protocol(..) => Condition::Always(false),
        Test::Address(layer, way, network) if is_layer(layer) => addresses(version, way, network),
        Test::Address(..) => Condition::Always(false),
        Test::Port(transport, way, low, high) => Condition::All(vec![
            match transport {
                Some(number) => is(Load::Protocol, number.into()),
                None => Condition::Any(vec![
                    is(Load::Protocol, 6),
                    is(Load::Protocol, 17),
                    is(Load::Protocol, 132),
                ]),
            },
            both(way, |is_source| {
                range(Load::HalfBehind(if is_source { 0 } else { 2 }), low, high)
            }),
        ]),
        Test::Ether(way, address) => both(way, |is_source| {
            let at = if is_source { 6 } else { 0 };
            let [a, b, c, d, e, f] = address;
            Condition::All(vec![
                is(Load::Word(at), u32::from_be_bytes([a, b, c, d])),
                is(Load::Half(at + 4), u16::from_be_bytes([e, f]).into()),
            ])
        }),
        Test::Broadcast => Condition::All(vec![is(Load::Word(0), u32::MAX), is(Load::Half(4), 0xffff)]),
        Test::Multicast => Condition::Is(Load::Byte(0), 1, Compare::Equal(1)),
        Test::Group(layer) => match version {
            Version::Four if layer != Layer::Ip6 => Condition::Is(Load::Byte(30), u32::MAX, Compare::AtLeast(224)),
            Version::Six if layer != Layer::Ip => is(Load::Byte(38), 0xff),
            _ => Condition::Always(false),
        },
        Test::Field(field, mask, is_equal, value) => {
            let (protocol, at) = match field {
                Field::TcpFlags => (6, 13),
                Field::IcmpType => (1, 0),
                Field::IcmpCode => (1, 1),
                Field::Icmp6Type => (58, 0),
                Field::Icmp6Code => (58, 1),
            };
            let equal = Condition::Is(Load::ByteBehind(at), mask.into(), Compare::Equal(value.into()));
            let asked = if is_equal {
                equal
            } else {
                Condition::Not(Box::new(equal))
            };
            Condition::All(vec![is(Load::Protocol, protocol), asked])
        }
        // The kernel has taken the tag out, and with it four bytes.
        Test::Vlan(_) | Test::Length(..) => return None,
    })
}

/// What is asked of one end or of both.
fn both(way: Way, ask: impl Fn(bool) -> Condition) -> Condition {
    match way {
        Way::Source => ask(true),
        Way::Destination => ask(false),
        Way::Either => Condition::Any(vec![ask(true), ask(false)]),
        Way::Both => Condition::All(vec![ask(true), ask(false)]),
    }
}

fn range(load: Load, low: u16, high: u16) -> Condition {
    let greater = Condition::Is(load, u32::MAX, Compare::Greater(high.into()));
    Condition::All(vec![
        Condition::Is(load, u32::MAX, Compare::AtLeast(low.into())),
        Condition::Not(Box::new(greater)),
    ])
}

fn addresses(version: Version, way: Way, network: Network) -> Condition {
    match (version, network) {
        (Version::Four, Network::V4(network, mask)) => both(way, |is_source| {
            let at = if is_source { 26 } else { 30 };
            Condition::Is(Load::Word(at), mask, Compare::Equal(network))
        }),
        (Version::Six, Network::V6(network, mask)) => both(way, |is_source| {
            let at: u32 = if is_source { 22 } else { 38 };
            let words = (0..4_u32).filter_map(|word| {
                let part = |number: u128| (number >> (96 - 32 * word)) as u32;
                let place = Load::Word(at + 4 * word);
                (part(mask) > 0).then(|| Condition::Is(place, part(mask), Compare::Equal(part(network))))
            });
            Condition::All(words.collect())
        }),
        _ => Condition::Always(false),
    }
}
