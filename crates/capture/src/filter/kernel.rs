//! Filters as programs of classic BPF (McCanne and Jacobson, "The BSD Packet Filter", 1993), which kernels run before a frame
//! costs anything.
//!
//! A program drops only what the filter itself would drop, and lets through whatever it cannot tell: it answers for whole,
//! untagged IP over Ethernet that is no fragment and carries TCP, UDP, SCTP or ICMP right behind its header, and lets every
//! other frame through. So the filter is asked again afterwards. Cards take the outermost tag of a VLAN out before programs
//! see a frame; filters see through tags, and what asks for one (`vlan`) or for lengths cannot be said to a kernel.
//!
//! Absent: optimising. A frame costs some dozens of instructions.

use super::{Field, Filter, Layer, Network, Step, Test, Way};

/// An instruction, as kernels take it (`struct sock_filter` of Linux).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What is done.
    pub code: u16,
    /// How many instructions are passed over where a condition holds.
    pub jump_true: u8,
    /// How many where it does not.
    pub jump_false: u8,
    /// The number that it is done with.
    pub value: u32,
}

/// The longest program that Linux takes (`BPF_MAXINSNS`).
const MOST: usize = 4_096;

// Codes of instructions: A is what is worked with, X is where the header of IP ends, M is memory.
const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
/// Added to a load: at X and a number.
const BEHIND_X: u16 = 0x20;
const LOAD_LENGTH: u16 = 0x80;
const LOAD_NUMBER: u16 = 0x00;
const LOAD_MEMORY: u16 = 0x60;
const STORE: u16 = 0x02;
const X_NUMBER: u16 = 0x01;
/// Four times the lower half of a byte.
const X_HEADER: u16 = 0xb1;
const A_TO_X: u16 = 0x07;
const X_TO_A: u16 = 0x87;
const ADD: u16 = 0x04;
const SUBTRACT_X: u16 = 0x1c;
const AND: u16 = 0x54;
const XOR: u16 = 0xa4;
const GO: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_GREATER: u16 = 0x25;
const IF_AT_LEAST: u16 = 0x35;
const IF_AT_LEAST_X: u16 = 0x3d;
const IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Bytes of Ethernet's header.
const ETHERNET: u32 = 14;
/// Bytes behind a header of IP that have to be there: as many as any transport asks about.
const TRANSPORT: u32 = 20;
/// Where the answer, the length and the protocol are kept.
const ANSWER: u32 = 0;
const LENGTH: u32 = 1;
const PROTOCOL: u32 = 2;

/// Transports that are looked at.
const KNOWN: [u32; 5] = [6, 17, 1, 58, 132];

/// Where a program goes on: a place that is known once everything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label(usize);

/// Which IP a part of a program is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Four,
    Six,
}

/// What is asked, in terms of numbers in a frame.
#[derive(Clone, Debug)]
enum Condition {
    Always(bool),
    /// A number is loaded, masked and compared.
    Is(Load, u32, Compare),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

#[derive(Clone, Copy, Debug)]
enum Load {
    Word(u32),
    Half(u32),
    Byte(u32),
    /// Behind the header of IP.
    HalfBehind(u32),
    ByteBehind(u32),
    Protocol,
}

#[derive(Clone, Copy, Debug)]
enum Compare {
    Equal(u32),
    AtLeast(u32),
    Greater(u32),
}

/// A jump whose ends are not places yet.
#[derive(Clone, Copy, Debug)]
struct Draft {
    code: u16,
    value: u32,
    jumps: Option<(Label, Label)>,
}

#[derive(Debug, Default)]
struct Program {
    drafts: Vec<Draft>,
    /// Where labels stand, as far as that is known.
    places: Vec<Option<usize>>,
}

impl Filter {
    /// The filter as a program for frames of Ethernet: it returns 0 for frames that this filter leaves out, and `u32::MAX` for
    /// those that it keeps or that a kernel cannot tell. Nothing, where it asks what no program can tell, or would be too long.
    ///
    /// Frames have to be whole: of what was cut, filters say otherwise.
    pub fn program(&self) -> Option<Vec<Instruction>> {
        let mut program = Program::default();
        let (keep, version_4, version_6) = (program.label(), program.label(), program.label());
        program.head(keep, version_4, version_6);
        for (version, begins) in [(Version::Four, version_4), (Version::Six, version_6)] {
            program.put(begins);
            program.header(version, keep);
            program.steps(version, &self.steps, keep)?;
        }
        program.put(keep);
        program.plain(RETURN, u32::MAX);
        program.finish()
    }
}

impl Program {
    fn label(&mut self) -> Label {
        self.places.push(None);
        Label(self.places.len() - 1)
    }

    /// A label stands here.
    fn put(&mut self, label: Label) {
        if let Some(place) = self.places.get_mut(label.0) {
            *place = Some(self.drafts.len());
        }
    }

    fn plain(&mut self, code: u16, value: u32) {
        self.drafts.push(Draft {
            code,
            value,
            jumps: None,
        });
    }

    /// To one label or the other.
    fn jump(&mut self, code: u16, value: u32, holds: Label, fails: Label) {
        self.drafts.push(Draft {
            code,
            value,
            jumps: Some((holds, fails)),
        });
    }

    /// Goes on behind this only if a condition holds; to `otherwise` if it does not.
    fn only(&mut self, code: u16, value: u32, otherwise: Label) {
        self.whether(code, value, true, otherwise);
    }

    /// Goes on behind this where a condition is so, else far away: jumps on a condition are short, others are not.
    fn whether(&mut self, code: u16, value: u32, is_so: bool, otherwise: Label) {
        let (away, on) = (self.label(), self.label());
        let (holds, fails) = if is_so { (on, away) } else { (away, on) };
        self.jump(code, value, holds, fails);
        self.put(away);
        self.go(otherwise);
        self.put(on);
    }

    fn go(&mut self, label: Label) {
        self.jump(GO, 0, label, label);
    }

    /// Which IP there is; everything else is kept.
    fn head(&mut self, keep: Label, version_4: Label, version_6: Label) {
        self.plain(LOAD_LENGTH, 0);
        self.only(IF_AT_LEAST, ETHERNET + 20 + TRANSPORT, keep);
        self.plain(LOAD_HALF, 12);
        self.whether(IF_EQUAL, 0x0800, false, version_4);
        self.only(IF_EQUAL, 0x86dd, keep);
        self.go(version_6);
    }

    /// Keeps packets that are not whole and plain; of others, X is where their header ends.
    fn header(&mut self, version: Version, keep: Label) {
        let (first, protocol) = match version {
            Version::Four => (0x40, 23),
            Version::Six => (0x60, 20),
        };
        self.plain(LOAD_BYTE, ETHERNET);
        self.plain(AND, 0xf0);
        self.only(IF_EQUAL, first, keep);
        match version {
            Version::Four => {
                // Pieces of a packet.
                self.plain(LOAD_HALF, 20);
                self.whether(IF_ANY_BIT, 0x3fff, false, keep);
                self.plain(X_HEADER, ETHERNET);
                self.plain(X_TO_A, 0);
                self.only(IF_AT_LEAST, 20, keep);
                self.plain(LOAD_HALF, 16);
                self.plain(STORE, LENGTH);
                self.only(IF_AT_LEAST_X, 0, keep);
                self.plain(SUBTRACT_X, 0);
                self.only(IF_AT_LEAST, TRANSPORT, keep);
                self.plain(LOAD_MEMORY, LENGTH);
                self.plain(ADD, ETHERNET);
            }
            Version::Six => {
                self.plain(LOAD_LENGTH, 0);
                self.only(IF_AT_LEAST, ETHERNET + 40 + TRANSPORT, keep);
                self.plain(LOAD_HALF, 18);
                self.only(IF_AT_LEAST, TRANSPORT, keep);
                self.plain(ADD, ETHERNET + 40);
            }
        }
        // All that the header promises is there.
        self.plain(A_TO_X, 0);
        self.plain(LOAD_LENGTH, 0);
        self.only(IF_AT_LEAST_X, 0, keep);
        match version {
            Version::Four => self.plain(X_HEADER, ETHERNET),
            Version::Six => self.plain(X_NUMBER, 40),
        }
        self.plain(LOAD_BYTE, protocol);
        self.plain(STORE, PROTOCOL);
        let known = self.label();
        for number in KNOWN {
            let next = self.label();
            self.jump(IF_EQUAL, number, known, next);
            self.put(next);
        }
        self.go(keep);
        self.put(known);
    }

    /// The steps of a filter, with the answer in memory.
    fn steps(&mut self, version: Version, steps: &[Step], keep: Label) -> Option<()> {
        self.plain(LOAD_NUMBER, 1);
        self.plain(STORE, ANSWER);
        let labels: Vec<Label> = (0..=steps.len()).map(|_| self.label()).collect();
        for (at, step) in steps.iter().enumerate() {
            self.put(*labels.get(at)?);
            match step {
                Step::Ask(test) => {
                    let condition = condition(version, test)?;
                    self.ask(&condition);
                }
                Step::Not => {
                    self.plain(LOAD_MEMORY, ANSWER);
                    self.plain(XOR, 1);
                    self.plain(STORE, ANSWER);
                }
                Step::Unless(stands, until) => {
                    let until = *labels.get((*until).clamp(at + 1, steps.len()))?;
                    self.plain(LOAD_MEMORY, ANSWER);
                    self.whether(IF_EQUAL, u32::from(*stands), false, until);
                }
            }
            if self.drafts.len() > MOST {
                return None;
            }
        }
        self.put(*labels.get(steps.len())?);
        self.plain(LOAD_MEMORY, ANSWER);
        self.whether(IF_EQUAL, 1, false, keep);
        self.plain(RETURN, 0);
        Some(())
    }

    /// Puts the answer to a question into memory.
    fn ask(&mut self, condition: &Condition) {
        let (holds, fails, over) = (self.label(), self.label(), self.label());
        self.condition(condition, holds, fails);
        self.put(holds);
        self.plain(LOAD_NUMBER, 1);
        self.go(over);
        self.put(fails);
        self.plain(LOAD_NUMBER, 0);
        self.put(over);
        self.plain(STORE, ANSWER);
    }

    /// Goes to one label or the other. Conditions are as deep as tests are written: three at most.
    fn condition(&mut self, condition: &Condition, holds: Label, fails: Label) {
        match condition {
            Condition::Always(true) => self.go(holds),
            Condition::Always(false) => self.go(fails),
            Condition::Not(inner) => self.condition(inner, fails, holds),
            Condition::All(all) => {
                for one in all {
                    let next = self.label();
                    self.condition(one, next, fails);
                    self.put(next);
                }
                self.go(holds);
            }
            Condition::Any(any) => {
                for one in any {
                    let next = self.label();
                    self.condition(one, holds, next);
                    self.put(next);
                }
                self.go(fails);
            }
            Condition::Is(load, mask, compare) => {
                let (code, place) = load.instruction();
                self.plain(code, place);
                if *mask != u32::MAX {
                    self.plain(AND, *mask);
                }
                let (code, value) = match *compare {
                    Compare::Equal(value) => (IF_EQUAL, value),
                    Compare::AtLeast(value) => (IF_AT_LEAST, value),
                    Compare::Greater(value) => (IF_GREATER, value),
                };
                self.jump(code, value, holds, fails);
            }
        }
    }

    /// Instructions with the distances of their jumps; nothing, where one is too far or the program too long.
    fn finish(self) -> Option<Vec<Instruction>> {
        if self.drafts.len() > MOST {
            return None;
        }
        let place = |label: Label| self.places.get(label.0).copied().flatten();
        let instruction = |(at, draft): (usize, &Draft)| {
            let Draft { code, value, jumps } = *draft;
            let Some((holds, fails)) = jumps else {
                return Some(Instruction {
                    code,
                    jump_true: 0,
                    jump_false: 0,
                    value,
                });
            };
            let far = |label: Label| place(label)?.checked_sub(at + 1);
            let near = |label: Label| u8::try_from(far(label)?).ok();
            Some(match code {
                GO => Instruction {
                    code,
                    jump_true: 0,
                    jump_false: 0,
                    value: u32::try_from(far(holds)?).ok()?,
                },
                _ => Instruction {
                    code,
                    jump_true: near(holds)?,
                    jump_false: near(fails)?,
                    value,
                },
            })
        };
        self.drafts.iter().enumerate().map(instruction).collect()
    }
}

impl Load {
    const fn instruction(self) -> (u16, u32) {
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
fn condition(version: Version, test: &Test) -> Option<Condition> {
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

#[cfg(test)]
mod tests {
    use super::super::tests::{Twin, ethernet, frames, ip, ip6, matches, tcp, udp};
    use super::*;

    /// Runs a program as kernels do: what it returns for a frame.
    fn run(program: &[Instruction], frame: &[u8]) -> u32 {
        let (mut a, mut x, mut memory) = (0_u32, 0_u32, [None; 16]);
        let load = |at: u64, size: u64| {
            let bytes = frame.get(usize::try_from(at).ok()?..usize::try_from(at + size).ok()?)?;
            Some(bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)))
        };
        let mut at = 0;
        loop {
            let Instruction { code, value, .. } = program[at];
            at += 1;
            let skip = |holds: bool| {
                let Instruction {
                    jump_true, jump_false, ..
                } = program[at - 1];
                usize::from(if holds { jump_true } else { jump_false })
            };
            let place = u64::from(value);
            let behind = place + u64::from(x);
            // A load beyond the frame ends a program, and the frame is dropped.
            let loaded = |number: Option<u32>| number.expect("programs load nothing that is not there");
            match code {
                LOAD_WORD => a = loaded(load(place, 4)),
                LOAD_HALF => a = loaded(load(place, 2)),
                LOAD_BYTE => a = loaded(load(place, 1)),
                0x40 => a = loaded(load(behind, 4)),
                0x48 => a = loaded(load(behind, 2)),
                0x50 => a = loaded(load(behind, 1)),
                LOAD_LENGTH => a = u32::try_from(frame.len()).unwrap(),
                LOAD_NUMBER => a = value,
                LOAD_MEMORY => a = memory[value as usize].expect("memory is written before it is read"),
                STORE => memory[value as usize] = Some(a),
                X_NUMBER => x = value,
                X_HEADER => x = 4 * (loaded(load(place, 1)) & 15),
                A_TO_X => x = a,
                X_TO_A => a = x,
                ADD => a = a.wrapping_add(value),
                SUBTRACT_X => a = a.wrapping_sub(x),
                AND => a &= value,
                XOR => a ^= value,
                GO => at += value as usize,
                IF_EQUAL => at += skip(a == value),
                IF_GREATER => at += skip(a > value),
                IF_AT_LEAST => at += skip(a >= value),
                IF_AT_LEAST_X => at += skip(a >= x),
                IF_ANY_BIT => at += skip(a & value != 0),
                RETURN => return value,
                other => panic!("no instruction {other:#x}"),
            }
        }
    }

    fn program(filter: &str) -> Option<Vec<Instruction>> {
        Filter::parse(filter).unwrap().program()
    }

    /// Whether a program says exactly what the filter does.
    #[track_caller]
    fn check(filter: &str, bytes: &[u8], expected: bool) {
        let program = program(filter).unwrap_or_else(|| panic!("{filter} has no program"));
        assert_eq!(matches(filter, bytes), expected, "{filter}");
        assert_eq!(run(&program, bytes) > 0, expected, "{filter} as a program");
    }

    #[test]
    fn programs_leave_out_what_filters_leave_out_of_plain_packets() {
        let web = ethernet(0x0800, &ip(6, 0, &tcp(50_000, 80, 2)));
        let name = ethernet(0x0800, &ip(17, 0, &udp(50_002, 53, b"what is there")));
        let six = ethernet(0x86dd, &ip6(6, &tcp(50_003, 8_080, 0x18)));
        let ping = ethernet(0x0800, &ip(1, 0, &[8; 40]));
        for (filter, [is_web, is_name, is_six, is_ping]) in [
            ("tcp", [true, false, true, false]),
            ("ip6", [false, false, true, false]),
            ("port 53 or 8080", [false, true, true, false]),
            ("tcp src portrange 50000-50002", [true, false, false, false]),
            ("host 198.51.100.7 and not udp", [true, false, false, true]),
            ("src net 2001:db8::/32", [false, false, true, false]),
            ("dst host 2001:db8::1", [false, false, false, false]),
            ("net 192.0.2.0/24 and port 80", [true, false, false, false]),
            ("tcp[tcpflags] & tcp-syn != 0", [true, false, false, false]),
            ("icmp[icmptype] == 8", [false, false, false, true]),
            ("icmp[icmptype] != 8", [false, false, false, false]),
            ("ether src 02:00:00:00:00:01 and udp", [false, true, false, false]),
            ("broadcast or multicast or ip multicast", [false, false, false, false]),
            ("arp or proto 89", [false, false, false, false]),
            ("", [true, true, true, true]),
        ] {
            check(filter, &web, is_web);
            check(filter, &name, is_name);
            check(filter, &six, is_six);
            check(filter, &ping, is_ping);
        }
    }

    #[test]
    fn what_no_program_can_tell_has_none() {
        for filter in ["vlan", "tcp or vlan 5", "greater 100", "not len <= 60"] {
            assert_eq!(program(filter), None, "{filter}");
        }
        let long = vec!["port 80"; 600].join(" or ");
        assert_eq!(program(&long), None);
        assert!(program("tcp").is_some_and(|program| program.len() < 120));
    }

    /// Frames as they are, and with some of their bytes and of their length changed.
    fn damaged(random: &mut u64) -> Vec<u8> {
        let mut next = |most: usize| {
            *random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*random >> 33) as usize % most
        };
        let mut frames = frames();
        let mut frame = frames.swap_remove(next(frames.len()));
        if next(3) > 0 {
            frame.extend(vec![0x41; next(40)]);
        }
        for _ in 0..next(4) {
            // Mostly in the headers.
            let at = next(frame.len().min(60));
            frame[at] = [0, 1, 6, 17, 0x45, 0x46, 0x60, 0xff, 8, 40][next(10)];
        }
        if next(5) == 0 {
            frame.truncate(next(frame.len()).max(14));
        }
        frame
    }

    #[test]
    fn nothing_is_dropped_that_a_filter_keeps() {
        let mut random = 7;
        let (mut dropped, mut programs) = (0, 0);
        for _ in 0..600 {
            let text = Twin::grow(&mut random, 0).text();
            let Some(program) = program(&text) else { continue };
            programs += 1;
            for _ in 0..60 {
                let frame = damaged(&mut random);
                let is_kept = run(&program, &frame) > 0;
                assert!(is_kept || !matches(&text, &frame), "{text}: {frame:02x?}");
                dropped += u32::from(!is_kept);
            }
        }
        assert!(
            programs > 100 && dropped > 1_000,
            "{programs} programs dropped {dropped}"
        );
    }
}
