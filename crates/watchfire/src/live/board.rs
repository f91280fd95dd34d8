//! What a dashboard shows of a live capture. Threads that capture and analyse write to it; whoever draws takes a picture.

use super::LiveCapture;
use super::meter::{Kind, Meter};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use watchfire_model::Untrusted;
use watchfire_model::network::{CaptureAlert, Dns, Endpoint, Event, Exchange, Flow, LocalProcess};
use watchfire_sources::live::{Counters, Counts, Load, LoadMeter, Owners, interfaces};

/// Rows of a list in a picture.
const ROWS: usize = 200;
/// Addresses whose names are known.
const NAMES: usize = 1 << 15;
/// Names of services.
const SERVICES: usize = 1 << 10;
/// How often the owners of sockets are looked for.
const OWNERS: Duration = Duration::from_secs(2);

/// Where a live capture stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveSnapshot {
    /// The interface.
    pub interface: Untrusted,
    /// The filter as it was typed.
    pub filter: Option<Untrusted>,
    /// How long it runs.
    pub elapsed: Duration,
    /// What was counted.
    pub counts: Counts,
    /// Frames and bytes of each of the last seconds that are over, the oldest first.
    pub history: Vec<(u64, u64)>,
    /// Addresses with the most traffic.
    pub talkers: Vec<LiveTalker>,
    /// How many addresses there are.
    pub addresses: usize,
    /// What frames carry: a name, how many, their bytes.
    pub protocols: Vec<(String, u64, u64)>,
    /// What was spoken: a name, flows that are over, things that were exchanged.
    pub services: Vec<(&'static str, u64, u64)>,
    /// Flows that are over.
    pub flows: u64,
    /// Programs of this host with the most traffic.
    pub programs: Vec<LiveProgram>,
    /// What would be found if it ended now, the newest first.
    pub alerts: Vec<CaptureAlert>,
    /// How many of them there were.
    pub alerted: u64,
    /// How busy this host is.
    pub load: Load,
    /// What else is to be said, the newest last.
    pub notes: Vec<Untrusted>,
}

/// An address and its traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveTalker {
    /// The address.
    pub address: IpAddr,
    /// A name that was asked for or spoken to there.
    pub name: Option<Untrusted>,
    /// Bytes that it sent.
    pub sent: u64,
    /// Bytes that were sent to it.
    pub received: u64,
    /// Frames, both ways.
    pub frames: u64,
}

/// A program of this host and its traffic: bytes of frames, by the sockets that it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveProgram {
    /// The process; none where this user may not know.
    pub pid: Option<u32>,
    /// The command; none where nobody is known.
    pub command: Option<Untrusted>,
    /// The user's number; none where nobody is known.
    pub user: Option<u32>,
    /// Bytes that it sent.
    pub sent: u64,
    /// Bytes that it received.
    pub received: u64,
}

/// Everything that is known while a capture runs.
#[derive(Debug)]
pub struct LiveBoard {
    interface: Untrusted,
    filter: Option<Untrusted>,
    started: Instant,
    counters: Mutex<Arc<Counters>>,
    shown: Mutex<Shown>,
    host: Mutex<Host>,
}

#[derive(Debug, Default)]
struct Shown {
    meter: Meter,
    names: HashMap<IpAddr, Untrusted>,
    services: BTreeMap<&'static str, (u64, u64)>,
    flows: u64,
    notes: VecDeque<Untrusted>,
    alerts: VecDeque<CaptureAlert>,
    alerted: u64,
    load: Load,
}

#[derive(Debug, Default)]
struct Host {
    owners: Owners,
    /// Its addresses.
    local: BTreeSet<IpAddr>,
    load: LoadMeter,
}

impl LiveBoard {
    /// An empty one.
    pub fn new(interface: &str, filter: Option<&str>) -> Arc<Self> {
        Arc::new(Self {
            interface: interface.into(),
            filter: filter.map(Into::into),
            started: Instant::now(),
            counters: Mutex::default(),
            shown: Mutex::default(),
            host: Mutex::default(),
        })
    }

    /// Shows what `capture` sees. To be called before it is read.
    pub fn watch(self: &Arc<Self>, capture: &mut LiveCapture) {
        *lock(&self.counters) = capture.counters();
        lock(&self.shown).meter.is_at(local());
        let board = Arc::clone(self);
        capture.watch(move |frame| lock(&board.shown).meter.frame(frame));
    }

    /// A flow is over.
    pub fn flow(&self, flow: &Flow) {
        let mut shown = lock(&self.shown);
        shown.flows += 1;
        for service in &flow.services {
            shown.service(service).0 += 1;
        }
    }

    /// Something was exchanged.
    pub fn event(&self, event: &Event) {
        let mut shown = lock(&self.shown);
        shown.service(event.exchange.kind()).1 += 1;
        match &event.exchange {
            Exchange::Dns(dns) => shown.answered(dns),
            Exchange::Tls(tls) => {
                let client = tls.client.as_ref().filter(|client| !client.encrypted_hello);
                if let Some(name) = client.and_then(|client| client.server_name.as_ref()) {
                    shown.name(event.responder.ip(), name);
                }
            }
            _ => {}
        }
    }

    /// Something would be found if the capture ended now.
    pub fn alert(&self, alert: &CaptureAlert) {
        let mut shown = lock(&self.shown);
        shown.alerted += 1;
        shown.alerts.push_front(alert.clone());
        shown.alerts.truncate(ROWS);
    }

    /// The flow with the programs of this host that own its sockets; nothing, where none is known. They are those that
    /// [`Self::look`] saw, sockets that are gone since two minutes at most among them.
    pub fn with_programs(&self, flow: &Flow) -> Option<Flow> {
        let host = lock(&self.host);
        let process = |own: Endpoint, other: Endpoint| {
            let end = |end: Endpoint| SocketAddr::new(end.address, end.port);
            let is_here = host.local.contains(&own.address);
            let owner = is_here.then(|| host.owners.of(flow.protocol, end(own), end(other)))??;
            Some(Box::new(LocalProcess {
                pid: owner.pid?,
                name: owner.command.clone(),
            }))
        };
        let originator = process(flow.originator, flow.responder);
        let responder = process(flow.responder, flow.originator);
        (originator.is_some() || responder.is_some()).then(|| Flow {
            originator_process: originator,
            responder_process: responder,
            ..flow.clone()
        })
    }

    /// Something is to be said: what was given up, where files go.
    pub fn note(&self, text: &str) {
        let mut shown = lock(&self.shown);
        shown.notes.push_back(text.into());
        if shown.notes.len() > ROWS {
            shown.notes.pop_front();
        }
    }

    /// Looks at this host: how busy it is, and which programs the traffic is of. Takes a while where there are many
    /// processes; to be called once in a second, by whoever draws.
    pub fn look(&self) {
        let mut host = lock(&self.host);
        let load = host.load.look();
        let looked = host.owners.refresh(OWNERS);
        if looked {
            host.local = local();
        }
        let mut shown = lock(&self.shown);
        shown.load = load;
        if looked {
            shown.meter.is_at(host.local.clone());
        }
        shown.meter.resolve(&host.owners, looked);
    }

    /// Where it stands now.
    pub fn snapshot(&self) -> LiveSnapshot {
        let now = crate::clock::milliseconds() / 1000;
        let counts = lock(&self.counters).now();
        let shown = lock(&self.shown);
        let (talkers, addresses) = shown.meter.talkers(ROWS);
        let talkers = talkers.into_iter().map(|(address, passed)| LiveTalker {
            address,
            name: shown.names.get(&address).cloned(),
            sent: passed.sent,
            received: passed.received,
            frames: passed.frames,
        });
        let kinds = shown.meter.kinds().into_iter().take(ROWS);
        let mut services: Vec<_> = shown
            .services
            .iter()
            .map(|(name, (flows, said))| (*name, *flows, *said))
            .collect();
        services.sort_by_key(|(name, flows, said)| (std::cmp::Reverse(flows.saturating_add(*said)), *name));
        LiveSnapshot {
            interface: self.interface.clone(),
            filter: self.filter.clone(),
            elapsed: self.started.elapsed(),
            counts,
            history: shown.meter.history(now),
            talkers: talkers.collect(),
            addresses,
            protocols: kinds
                .map(|(kind, frames, bytes)| (kind_name(kind), frames, bytes))
                .collect(),
            services,
            flows: shown.flows,
            programs: shown.programs(),
            alerts: shown.alerts.iter().cloned().collect(),
            alerted: shown.alerted,
            load: shown.load,
            notes: shown.notes.iter().cloned().collect(),
        }
    }
}

impl Shown {
    fn service(&mut self, name: &'static str) -> &mut (u64, u64) {
        let name = if self.services.len() < SERVICES || self.services.contains_key(name) {
            name
        } else {
            "others"
        };
        self.services.entry(name).or_default()
    }

    /// An answer says what is at its addresses: the name that was asked for, whatever names lie in between.
    fn answered(&mut self, dns: &Dns) {
        let answers = dns.reply.iter().flat_map(|reply| &reply.answers);
        for answer in answers.filter(|answer| matches!(answer.kind.name(), Some("A" | "AAAA"))) {
            if let Ok(address) = answer.data.raw().parse() {
                self.name(address, &dns.query);
            }
        }
    }

    fn name(&mut self, address: IpAddr, name: &Untrusted) {
        // The newest names stay, and the oldest are not known.
        if self.names.len() >= NAMES && !self.names.contains_key(&address) {
            self.names.clear();
        }
        self.names.insert(address, name.clone());
    }

    fn programs(&self) -> Vec<LiveProgram> {
        let known = self
            .meter
            .programs(ROWS)
            .into_iter()
            .map(|(owner, passed)| LiveProgram {
                pid: owner.pid,
                command: owner.pid.is_some().then_some(owner.command),
                user: Some(owner.user),
                sent: passed.sent,
                received: passed.received,
            });
        let nobody = self.meter.nobody();
        let nobody = (nobody.frames > 0).then_some(LiveProgram {
            pid: None,
            command: None,
            user: None,
            sent: nobody.sent,
            received: nobody.received,
        });
        known.chain(nobody).collect()
    }
}

/// Addresses of this host.
fn local() -> BTreeSet<IpAddr> {
    let all = interfaces().unwrap_or_default().into_iter();
    let addresses = all.flat_map(|interface| interface.addresses);
    addresses.map(|(address, _)| address).collect()
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Ip(protocol) => protocol.to_string(),
        Kind::Other(other) => other.to_string(),
    }
}

/// A panic of another thread leaves numbers that can still be shown.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
