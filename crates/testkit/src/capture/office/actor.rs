//! Who does something in an office, and when it is their turn again.

use super::beacon::secure;
use super::payload::{clock, device, lease, neighbours, share, ticket};
use super::wire::{MILLISECOND, SECOND, Talk, Wire, heavy, heavy_size, mac, port};
use super::{BEGIN, CONTROLLER, FILES, Office, PRINTS, Places, hash, place, workstation};
use crate::Random;
use crate::capture::TimedFrame;
use crate::capture::messages::{dns_answer, dns_question, encrypted, http_request, http_response};
use crate::capture::packets::arp;
use std::net::{Ipv4Addr, SocketAddr};

const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// What every workstation reports to: name, seconds, hundredths by which they vary, bytes out and in.
const REPORTS: [(&str, u64, u64, usize, usize); 5] = [
    ("telemetry.vendor.example", 300, 10, 2_400, 300),
    ("events.suite.example", 900, 5, 5_200, 420),
    ("config.browser.example", 1_800, 20, 700, 2_900),
    ("licence.tools.example", 3_600, 1, 900, 600),
    ("agent.endpoint.example", 60, 3, 640, 180),
];
/// What pages of others are made with.
const PARTS: u64 = 60;
/// Pages that there are.
const SITES: u64 = 3_000;

/// What an actor is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A workstation starts.
    Start,
    /// Somebody reads pages; so many are left until the next pause, and what is open.
    Browse { left: u64, open: Vec<(u64, u64)> },
    /// A program reports to whoever made it.
    Report(usize),
    /// Updates are looked for.
    Update,
    /// A mailbox is looked into.
    Mail,
    /// Something may be pushed to a program at any time.
    Push(Option<Talk>),
    /// Clocks are set.
    Clock,
    /// Files are read and written on a server.
    Files,
    /// A page that stays open asks for what is new, until then.
    Poll { name: &'static str, every: u64, until: u64 },
    /// Two speak and see one another until then.
    Call { to: SocketAddr, port: u16, until: u64 },
    /// A workstation looks for its neighbours.
    Neighbour,
    /// Printers are asked how they are.
    Printers,
    /// A printer reports to its maker.
    Maker,
    /// See [`super::Beacon`].
    Beacon(usize),
    /// See [`super::Upload`].
    Upload(usize, Option<Talk>, u64),
}

impl Kind {
    /// For its random numbers.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Start => "start".to_owned(),
            Self::Browse { .. } => "browse".to_owned(),
            Self::Report(which) => format!("report {which}"),
            Self::Update => "update".to_owned(),
            Self::Mail => "mail".to_owned(),
            Self::Push(_) => "push".to_owned(),
            Self::Clock => "clock".to_owned(),
            Self::Files => "files".to_owned(),
            Self::Poll { name, .. } => format!("poll {name}"),
            Self::Call { .. } => "call".to_owned(),
            Self::Neighbour => "neighbour".to_owned(),
            Self::Printers => "printers".to_owned(),
            Self::Maker => "maker".to_owned(),
            Self::Beacon(which) => format!("beacon {which}"),
            Self::Upload(which, ..) => format!("upload {which}"),
        }
    }
}

/// Somebody.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub(super) kind: Kind,
    pub(super) host: usize,
    pub(super) random: Random,
}

/// Everybody, on which host, and when their first turn is.
pub(super) fn everybody(office: &Office, random: &mut Random) -> Vec<(Kind, usize, u64)> {
    let mut all = Vec::new();
    let mut arrivals = random.fork("arrivals");
    for host in 0..office.hosts {
        let come = BEGIN.saturating_add(arrivals.below((office.seconds * SECOND / 12).max(1)));
        let soon =
            |random: &mut Random, within: u64| come.saturating_add(30 * SECOND).saturating_add(random.below(within));
        all.push((Kind::Start, host, come));
        all.push((
            Kind::Browse {
                left: 0,
                open: Vec::new(),
            },
            host,
            soon(&mut arrivals, 5 * MINUTE),
        ));
        for which in 0..REPORTS.len().min(office.programs) {
            all.push((Kind::Report(which), host, soon(&mut arrivals, 2 * MINUTE)));
        }
        all.push((Kind::Update, host, soon(&mut arrivals, HOUR)));
        all.push((Kind::Mail, host, soon(&mut arrivals, MINUTE)));
        all.push((Kind::Push(None), host, soon(&mut arrivals, MINUTE)));
        all.push((Kind::Clock, host, soon(&mut arrivals, MINUTE)));
        all.push((Kind::Files, host, soon(&mut arrivals, 10 * MINUTE)));
        all.push((Kind::Neighbour, host, soon(&mut arrivals, 10 * MINUTE)));
        // Two in five have the page of their department open, where there are departments.
        let team = Kind::Poll {
            name: "board.team.example",
            every: 30,
            until: 0,
        };
        if host % 5 < 2 && office.hosts > 12 {
            all.push((team, host, soon(&mut arrivals, 2 * HOUR)));
        }
        let call = Kind::Call {
            to: SocketAddr::from(([0; 4], 0)),
            port: 0,
            until: 0,
        };
        if host % 4 == 1 {
            all.push((call, host, soon(&mut arrivals, office.seconds * SECOND * 3 / 4)));
        }
    }
    // One in all watches prices all day, in a program that few have.
    let prices = Kind::Poll {
        name: "prices.market.example",
        every: 20,
        until: u64::MAX,
    };
    if office.has_rare && office.hosts > 8 {
        all.push((prices, 8, BEGIN.saturating_add(20 * MINUTE)));
    }
    all.push((Kind::Printers, 0, BEGIN));
    if office.has_rare {
        all.push((Kind::Maker, 0, BEGIN.saturating_add(2 * MINUTE)));
    }
    let later = |seconds: u64| BEGIN.saturating_add(seconds.saturating_mul(SECOND));
    for (which, beacon) in office.beacons.iter().enumerate() {
        // Not all in the same second.
        let begins = later(beacon.from).saturating_add(hash(&beacon.name) % beacon.interval.max(1) * SECOND);
        all.push((Kind::Beacon(which), beacon.host, begins));
    }
    for (which, upload) in office.uploads.iter().enumerate() {
        all.push((Kind::Upload(which, None, 0), upload.host, later(upload.at)));
    }
    all
}

impl Actor {
    /// Does what is to be done. When the next turn is, if there is one.
    pub(super) fn act(&mut self, at: u64, wire: &mut Wire, places: &mut Places) -> Option<u64> {
        let next = match self.kind {
            Kind::Start | Kind::Browse { .. } | Kind::Files | Kind::Poll { .. } | Kind::Call { .. } => {
                self.person(at, wire, places)
            }
            Kind::Beacon(_) | Kind::Upload(..) => self.intruder(at, wire, places),
            Kind::Push(_) | Kind::Clock | Kind::Neighbour | Kind::Printers => self.machine(at, wire),
            Kind::Report(_) | Kind::Update | Kind::Mail | Kind::Maker => self.program(at, wire, places),
        };
        next.filter(|next| *next < places.end)
    }

    fn person(&mut self, at: u64, wire: &mut Wire, places: &mut Places) -> Option<u64> {
        let client = workstation(self.host);
        let random = &mut self.random;
        match &mut self.kind {
            Kind::Browse { left, open } => {
                if *left == 0 {
                    *left = heavy(random, 1, 40);
                }
                *left -= 1;
                page(wire, places, (client, self.host), at, open, random);
                let wait = match left {
                    0 => heavy(random, 4 * MINUTE, 64 * MINUTE),
                    _ => heavy(random, 2 * SECOND, 8 * MINUTE),
                };
                Some(at.saturating_add(wait.saturating_mul(100) / places.pace))
            }
            Kind::Files => {
                files(wire, client, at, random);
                let wait = heavy(random, MINUTE, 64 * MINUTE);
                Some(at.saturating_add(wait.saturating_mul(100) / places.pace))
            }
            Kind::Poll { name, every, until } => {
                if *until == 0 {
                    let open = random.between(HOUR, 3 * HOUR);
                    *until = at.saturating_add(open.saturating_mul(places.pace) / 100);
                }
                let sizes = (700 + random.index(30), heavy_size(random, 300, 6_000));
                visit(wire, places, client, at, (name, 443), &[sizes], random);
                (at < *until).then(|| at.saturating_add(varied(*every, 3, random)))
            }
            Kind::Call { to, port, until } => call(wire, (client, at, places.pace), (to, port, until), random),
            _ => {
                start(wire, places, (client, self.host), at, random);
                None
            }
        }
    }

    fn program(&mut self, at: u64, wire: &mut Wire, places: &mut Places) -> Option<u64> {
        let client = workstation(self.host);
        let random = &mut self.random;
        match &self.kind {
            Kind::Report(which) => {
                let (name, every, percent, sent, received) = *REPORTS.get(*which)?;
                let sizes = (sent + random.index(sent / 3), received + random.index(40));
                visit(wire, places, client, at, (name, 443), &[sizes], random);
                Some(at.saturating_add(varied(every, percent, random)))
            }
            Kind::Update => {
                update(wire, places, client, at, random);
                Some(at.saturating_add(varied(4 * 3_600, 15, random)))
            }
            Kind::Mail => {
                let is_new = random.chance(1, 6);
                let new = if is_new {
                    heavy_size(random, 2_000, 200_000)
                } else {
                    300
                };
                visit(
                    wire,
                    places,
                    client,
                    at,
                    ("imap.mail.example", 993),
                    &[(220, new)],
                    random,
                );
                if random.chance(1, 15) {
                    let letter = heavy_size(random, 2_000, 60_000);
                    let later = at.saturating_add(20 * SECOND);
                    visit(
                        wire,
                        places,
                        client,
                        later,
                        ("smtp.mail.example", 465),
                        &[(letter, 200)],
                        random,
                    );
                }
                Some(at.saturating_add(varied(300, 2, random)))
            }
            _ => {
                let sizes = (1_800 + random.index(300), 500);
                let printer = Ipv4Addr::new(10, 0, 3, 1);
                visit(
                    wire,
                    places,
                    printer,
                    at,
                    ("service.printers.example", 443),
                    &[sizes],
                    random,
                );
                Some(at.saturating_add(varied(1_200, 4, random)))
            }
        }
    }

    fn machine(&mut self, at: u64, wire: &mut Wire) -> Option<u64> {
        let client = workstation(self.host);
        let random = &mut self.random;
        match &mut self.kind {
            Kind::Push(talk) => {
                let name = "push.suite.example";
                let is_open = talk.is_some();
                let talk =
                    talk.get_or_insert_with(|| Talk::new(client, SocketAddr::from((place(name), 443)), at, random));
                talk.time = at;
                if !is_open {
                    talk.open(wire);
                    secure(talk, wire, name, random);
                }
                let beat = encrypted(&wire.noise(random, 35));
                talk.say(wire, true, &beat);
                talk.say(wire, false, &beat);
                Some(at.saturating_add(varied(120, 1, random)))
            }
            Kind::Clock => {
                let ends = (SocketAddr::from((client, 123)), SocketAddr::from((CONTROLLER, 123)));
                wire.exchange(at, ends, &clock(3, at), &clock(4, at));
                Some(at.saturating_add(varied(1_024, 1, random)))
            }
            Kind::Neighbour => {
                let group = SocketAddr::from(([224, 0, 0, 251], 5353));
                wire.datagram(at, SocketAddr::from((client, 5353)), group, &neighbours());
                let bytes = arp(1, (mac(client.into()), client), ([0; 6], Ipv4Addr::new(10, 0, 1, 254)));
                let time = at.saturating_add(SECOND);
                wire.frame(TimedFrame { time, bytes });
                Some(at.saturating_add(heavy(random, MINUTE, 32 * MINUTE)))
            }
            _ => {
                for printer in 1..=3 {
                    let ends = (
                        SocketAddr::from((PRINTS, port(random))),
                        SocketAddr::from(([10, 0, 3, printer], 161)),
                    );
                    let ticks = u16::try_from(at / SECOND % 0x8000).unwrap_or_default();
                    let at = at.saturating_add(u64::from(printer) * 40 * MILLISECOND);
                    wire.exchange(at, ends, &device(0xa0, printer, ticks), &device(0xa2, printer, ticks));
                }
                Some(at.saturating_add(30 * SECOND))
            }
        }
    }

    fn intruder(&mut self, at: u64, wire: &mut Wire, places: &mut Places) -> Option<u64> {
        let client = workstation(self.host);
        let random = &mut self.random;
        match &mut self.kind {
            Kind::Beacon(which) => {
                let beacon = places.beacons.get(*which)?.clone();
                let until = BEGIN.saturating_add(beacon.until.saturating_mul(SECOND));
                beacon.report(wire, places, at, random);
                Some(at.saturating_add(beacon.wait(random))).filter(|next| *next < until)
            }
            Kind::Upload(which, talk, done) => {
                let upload = places.uploads.get(*which)?.clone();
                let is_open = talk.is_some();
                let server = SocketAddr::from((upload.address, 443));
                let talk = talk.get_or_insert_with(|| Talk::new(client, server, at, random));
                talk.time = at;
                if !is_open {
                    talk.time = places.look_up(wire, at, client, random, (&upload.name, upload.address));
                    talk.open(wire);
                    secure(talk, wire, &upload.name, random);
                }
                // What a card that cuts segments itself is handed at most.
                let piece = upload.bytes.saturating_sub(*done).min(64_240);
                talk.push(wire, usize::try_from(piece).unwrap_or_default());
                *done = done.saturating_add(piece);
                if *done >= upload.bytes {
                    talk.close(wire);
                    return None;
                }
                let wait = upload.takes.saturating_mul(SECOND).saturating_mul(piece) / upload.bytes.max(1);
                Some(at.saturating_add(wait))
            }
            _ => None,
        }
    }
}

/// So many seconds, more or less.
fn varied(seconds: u64, percent: u64, random: &mut Random) -> u64 {
    let most = seconds.saturating_mul(SECOND / 100).saturating_mul(percent);
    let from = seconds.saturating_mul(SECOND).saturating_sub(most);
    from.saturating_add(random.below(most.saturating_mul(2).max(1)))
}

/// A connection over TLS to a name, with so many bytes there and back each time.
fn visit(
    wire: &mut Wire,
    places: &mut Places,
    client: Ipv4Addr,
    at: u64,
    (name, port): (&str, u16),
    sizes: &[(usize, usize)],
    random: &mut Random,
) {
    let address = place(name);
    let at = places.look_up(wire, at, client, random, (name, address));
    let mut talk = Talk::new(client, SocketAddr::from((address, port)), at, random);
    talk.open(wire);
    secure(&mut talk, wire, name, random);
    for (sent, received) in sizes {
        for (is_client, bytes) in [(true, *sent), (false, *received)] {
            let said = wire.noise(random, bytes);
            said.chunks(16_000)
                .for_each(|record| talk.say(wire, is_client, &encrypted(record)));
        }
        talk.time = talk.time.saturating_add(random.below(SECOND));
    }
    talk.close(wire);
}

/// A page: its own name, where its pictures are, and what others put into it.
fn page(
    wire: &mut Wire,
    places: &mut Places,
    (client, host): (Ipv4Addr, usize),
    at: u64,
    open: &mut Vec<(u64, u64)>,
    random: &mut Random,
) {
    open.retain(|(_, until)| *until > at);
    // Half of the time what all read, half of the time what this one does.
    let site = match random.chance(1, 2) {
        true => heavy(random, 1, 200),
        false => (heavy(random, 1, 64) * 7_919 + host as u64 * 104_729) % SITES,
    };
    let mut names = vec![format!("www.site{site}.example")];
    if random.chance(4, 5) {
        names.push(format!("static.site{site}.example"));
    }
    for _ in 0..random.below(5) {
        names.push(format!("part{}.cdn.example", heavy(random, 1, PARTS)));
    }
    let mut at = at;
    for name in names {
        // What is still open is used again.
        if open.iter().any(|(known, _)| *known == hash(&name)) {
            continue;
        }
        open.push((hash(&name), at.saturating_add(random.between(15 * SECOND, 90 * SECOND))));
        let requests = random.between(1, 4);
        let sizes: Vec<(usize, usize)> = (0..requests)
            .map(|_| (heavy_size(random, 300, 2_400), heavy_size(random, 400, 100_000)))
            .collect();
        for _ in 0..1 + u64::from(random.chance(1, 4)) {
            visit(wire, places, client, at, (&name, 443), &sizes, random);
        }
        at = at.saturating_add(random.between(5 * MILLISECOND, 400 * MILLISECOND));
    }
}

/// A workstation gets an address, somebody logs in, a server looks up who that is.
fn start(wire: &mut Wire, places: &mut Places, (client, host): (Ipv4Addr, usize), at: u64, random: &mut Random) {
    let name = places.name(host);
    let id = u32::try_from(random.below(1 << 32)).unwrap_or_default();
    let everybody = SocketAddr::from(([255; 4], 67));
    let nobody = SocketAddr::from(([0; 4], 68));
    let card = mac(client.into());
    let (server, leased) = (SocketAddr::from((CONTROLLER, 67)), SocketAddr::from((client, 68)));
    let upper = name.to_ascii_uppercase();
    for (number, (question, answer)) in [(1, 2), (3, 5)].into_iter().enumerate() {
        let at = at.saturating_add(number as u64 * 200 * MILLISECOND);
        wire.datagram(at, nobody, everybody, &lease(question, id, card, client, &upper));
        wire.datagram(
            at + 20 * MILLISECOND,
            server,
            leased,
            &lease(answer, id, card, client, &upper),
        );
    }
    let full = format!("{name}.corp.example");
    let asks = (
        SocketAddr::from((FILES, port(random))),
        SocketAddr::from((CONTROLLER, 53)),
    );
    let (question, answer) = (dns_question(7, &full), dns_answer(7, &full, client.octets()));
    wire.exchange(at + 2 * SECOND, asks, &question, &answer);
    for number in 0..3 {
        let mut talk = Talk::new(
            client,
            SocketAddr::from((CONTROLLER, 88)),
            at + (3 + number) * SECOND,
            random,
        );
        talk.open(wire);
        let request = ticket(0x6a, random, 260);
        talk.say(wire, true, &request);
        let answer = ticket(0x6b, random, 1_500);
        talk.say(wire, false, &answer);
        talk.close(wire);
    }
}

/// Updates are looked for, and once in a while something is fetched.
fn update(wire: &mut Wire, places: &mut Places, client: Ipv4Addr, at: u64, random: &mut Random) {
    let name = "download.updates.example";
    let at = places.look_up(wire, at, client, random, (name, place(name)));
    let mut talk = Talk::new(client, SocketAddr::from((place(name), 80)), at, random);
    talk.open(wire);
    talk.say(wire, true, &http_request(name, "/v9/catalogue.xml"));
    let catalogue = http_response("text/xml", &[b' '; 3_000]);
    talk.say(wire, false, &catalogue);
    if random.chance(1, 3) {
        talk.say(wire, true, &http_request(name, "/v9/update.cab"));
        let length = heavy_size(random, 50_000, 1_500_000);
        let body = [&b"MSCF\0\0\0\0"[..], &wire.noise(random, length)].concat();
        talk.say(wire, false, &http_response("application/vnd.ms-cab-compressed", &body));
    }
    talk.close(wire);
}

/// Somebody opens a file on a server, or writes one.
fn files(wire: &mut Wire, client: Ipv4Addr, at: u64, random: &mut Random) {
    let mut talk = Talk::new(client, SocketAddr::from((FILES, 445)), at, random);
    talk.open(wire);
    for number in 0..random.between(3, 12) {
        let number = u8::try_from(number).unwrap_or_default();
        let is_write = random.chance(1, 4);
        let much = wire.noise(random, heavy_size(&mut random.clone(), 200, 60_000));
        let little = wire.noise(random, 60);
        let (question, answer) = if is_write { (&much, &little) } else { (&little, &much) };
        let command = if is_write { 9 } else { 8 };
        talk.say(wire, true, &share(command, false, number, question));
        talk.say(wire, false, &share(command, true, number, answer));
        talk.time = talk.time.saturating_add(heavy(random, 10 * MILLISECOND, 4 * SECOND));
    }
    talk.close(wire);
}

/// Ten seconds of a call. When the next ones are.
fn call(
    wire: &mut Wire,
    (client, at, pace): (Ipv4Addr, u64, u64),
    (to, own, until): (&mut SocketAddr, &mut u16, &mut u64),
    random: &mut Random,
) -> Option<u64> {
    if *until == 0 {
        let minutes = random.between(3 * MINUTE, 30 * MINUTE);
        *until = at.saturating_add(minutes.saturating_mul(pace) / 100);
        *own = port(random);
        *to = SocketAddr::from((place("media.call.example"), 3_478));
    }
    let from = SocketAddr::from((client, *own));
    for number in 0..250_u64 {
        let time = at
            .saturating_add(number * 40 * MILLISECOND)
            .saturating_add(random.below(8 * MILLISECOND));
        let length = 500_usize.saturating_add(random.index(600));
        // RTP begins with its version and the kind of what it carries.
        let media = [&[0x80, 0x60][..], &wire.noise(random, length)].concat();
        let (one, other) = if number % 2 == 0 { (from, *to) } else { (*to, from) };
        wire.datagram(time, one, other, &media);
    }
    (at < *until).then(|| at.saturating_add(10 * SECOND))
}
