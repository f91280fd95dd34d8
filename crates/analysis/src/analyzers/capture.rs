//! Captures of networks: how much of what there is, who talks most, and the names and addresses that were met.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Frames;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_capture::{FrameReader, Options, Sink, Totals, read};
use watchfire_formats::identify::media;
use watchfire_model::network::{CaptureFacts, Event, Exchange, Flow, OtherFrames, ServiceTraffic, Talker};
use watchfire_model::{Artifact, Budget, Fact, Halt, MediaType, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Capture;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "capture",
    describes: "captures of networks: flows, names that were asked for, and who talks to whom",
};

/// Hosts and names that are told apart; what comes later is counted with the others only.
const MOST: usize = 1 << 18;
/// Hosts that a report names.
const TALKERS: usize = 20;

impl Analyzer for Capture {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::PCAP | media::PCAPNG)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let mut reader = FrameReader::new(artifact.bytes());
        let mut heard = Heard::new(cx.budget());
        let totals = read(&mut reader, || None, &Options::default(), &mut heard);
        let halted = cx.budget().check();
        for problem in reader.problems() {
            cx.report(problem.clone());
        }
        if reader.more_problems() > 0 {
            let more = format!(
                "{} further problems of the capture were left out",
                reader.more_problems()
            );
            cx.report(Problem::note("capture-problems", more));
        }
        if totals.evicted > 0 {
            let message = format!("{} flows were ended early, since too many were open", totals.evicted);
            cx.report(Problem::warning("flows-evicted", message));
        }
        let (facts, text) = heard.into_facts(&totals);
        cx.fact(Fact::Capture(Box::new(facts)));
        cx.extract(text.text(), &text, Reading::PLAIN)?;
        halted
    }
}

/// What a capture says, summed up.
struct Heard<'b> {
    budget: &'b Budget,
    hosts: BTreeMap<IpAddr, Talker>,
    services: BTreeMap<String, ServiceTraffic>,
    said: BTreeSet<String>,
    text: Frames,
}

impl<'b> Heard<'b> {
    fn new(budget: &'b Budget) -> Self {
        Self {
            budget,
            hosts: BTreeMap::new(),
            services: BTreeMap::new(),
            said: BTreeSet::new(),
            text: Frames::default(),
        }
    }

    /// A name or an address that was met in a frame.
    fn met(&mut self, text: &str, frame: u64) {
        if !text.is_empty() && self.said.len() < MOST && self.said.insert(text.to_owned()) {
            self.text.push(text, frame);
        }
    }

    fn host(&mut self, address: IpAddr, sent: u64, received: u64, frame: u64) {
        self.met(&address.to_string(), frame);
        let is_full = self.hosts.len() >= MOST;
        let talker = match self.hosts.entry(address) {
            Entry::Vacant(_) if is_full => return,
            entry => entry.or_insert(Talker {
                address,
                sent: 0,
                received: 0,
                flows: 0,
            }),
        };
        talker.sent += sent;
        talker.received += received;
        talker.flows += 1;
    }

    fn into_facts(self, totals: &Totals) -> (CaptureFacts, Frames) {
        let mut services: Vec<ServiceTraffic> = self.services.into_values().collect();
        services.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        let hosts = self.hosts.len() as u64;
        let mut talkers: Vec<Talker> = self.hosts.into_values().collect();
        talkers.sort_by_key(|talker| (u64::MAX - talker.sent - talker.received, talker.address));
        talkers.truncate(TALKERS);
        let others = totals.undecoded.iter().map(|(what, frames)| OtherFrames {
            what: what.to_string(),
            frames: *frames,
        });
        let mut not_ip: Vec<OtherFrames> = others.collect();
        not_ip.sort_by(|a, b| b.frames.cmp(&a.frames).then_with(|| a.what.cmp(&b.what)));
        let facts = CaptureFacts {
            frames: totals.frames,
            bytes: totals.bytes,
            captured: totals.captured,
            first: totals.first,
            last: totals.last,
            flows: totals.flows,
            hosts,
            services,
            talkers,
            not_ip,
        };
        (facts, self.text)
    }
}

impl Sink for Heard<'_> {
    fn event(&mut self, event: Event) {
        match &event.exchange {
            Exchange::Dns(dns) => {
                self.met(dns.query.raw(), event.frame);
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    let frame = dns.reply.as_ref().map_or(event.frame, |reply| reply.frame);
                    self.met(answer.data.raw(), frame);
                }
            }
            Exchange::Http(http) => {
                let url = http.url();
                url.iter().for_each(|url| self.met(url.raw(), event.frame));
                http.referrer.iter().for_each(|url| self.met(url.raw(), event.frame));
                if let Some(agent) = &http.user_agent {
                    self.met(&format!("User-Agent: {}", agent.raw()), event.frame);
                }
                for (reply, location) in http
                    .reply
                    .iter()
                    .filter_map(|reply| Some((reply, reply.location.as_ref()?)))
                {
                    self.met(location.raw(), reply.frame);
                }
            }
            Exchange::Tls(tls) => {
                if let Some(client) = &tls.client {
                    let name = client.server_name.as_ref();
                    name.into_iter().for_each(|name| self.met(name.raw(), event.frame));
                    self.met(&format!("ja3: {}", client.ja3), event.frame);
                    self.met(&format!("ja4: {}", client.ja4), event.frame);
                }
            }
            _ => {}
        }
    }

    fn flow(&mut self, flow: Flow) {
        // What is inside of it is counted; its ends are worth a look all the same.
        if flow.carries {
            for end in [flow.originator, flow.responder] {
                self.met(&end.address.to_string(), flow.first_frame);
            }
            return;
        }
        let (sent, received) = (flow.sent.ip_bytes, flow.received.ip_bytes);
        self.host(flow.originator.address, sent, received, flow.first_frame);
        self.host(flow.responder.address, received, sent, flow.first_frame);
        let name = match flow.services.first() {
            Some(service) => (*service).to_owned(),
            None => flow.protocol.to_string(),
        };
        let service = self.services.entry(name.clone()).or_insert(ServiceTraffic {
            name,
            flows: 0,
            bytes: 0,
        });
        service.flows += 1;
        service.bytes += sent + received;
    }

    fn goes_on(&self) -> bool {
        self.budget.check().is_ok()
    }
}
