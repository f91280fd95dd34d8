//! A flow that is open: what each packet changes in it, and the flow that it becomes.

use super::community_id::community_id;
use super::conversation::{Conversation, Segment};
use super::due::Second;
use super::history::History;
use super::key::Ends;
use super::tcp::{Change, Connection};
use super::{Lasting, Open, Patience, Said, server};
use crate::batch::{Kind, Seen};
use crate::protocol::{Context, Here, Side, icmp};
use crate::{Depth, Ports, Tcp, TcpFlags};
use std::mem::take;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::Timestamp;
use watchfire_model::network::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};

impl Open {
    pub(super) fn new(seen: &Seen<'_>, depth: Depth) -> (Self, Lasting) {
        let (brief, frame) = (seen.brief, seen.frame);
        let ends = brief.key.ends(brief.from_second);
        let ports = Ports {
            source: ends.source.1,
            destination: ends.destination.1,
        };
        let is_answer = match brief.kind {
            Kind::Tcp => Connection::is_answer(&seen.tcp(ports), server::is_tcp),
            Kind::Udp => server::is_answer(ports, seen.payload()),
            Kind::Icmp | Kind::Below(_) | Kind::Other => false,
        };
        let mut flow = Self {
            key: brief.key,
            hash: brief.hash,
            from_second: brief.from_second,
            patience: match brief.kind {
                Kind::Tcp => Patience::Connected,
                _ => Patience::Loose,
            },
            is_placed: false,
            carries: false,
            load: 0,
            since: frame.time,
            last: frame.time,
            first_frame: frame.number,
            last_frame: frame.number,
            sent: Traffic::default(),
            received: Traffic::default(),
            conversation: match depth {
                Depth::Flows => Conversation::Over,
                Depth::Everything => Conversation::default(),
            },
            history: History::default(),
            connection: Connection::default(),
        };
        let mut lasting = Lasting {
            first: frame.time,
            vlan: seen.vlan(),
            tunnels: seen.tunnels().to_vec(),
            ..Lasting::default()
        };
        if is_answer && !is_for_many(ends.destination.0) {
            flow.swap(&mut lasting);
        }
        (flow, lasting)
    }

    /// Who seemed to begin is who answers.
    pub(super) fn swap(&mut self, lasting: &mut Lasting) {
        self.from_second ^= !self.key.is_loop();
        std::mem::swap(&mut self.sent, &mut self.received);
        std::mem::swap(&mut lasting.originator_mac, &mut lasting.responder_mac);
        self.history.swap();
        self.conversation.swap();
    }

    /// Its ends as its originator sees them.
    pub(super) fn ends(&self) -> Ends {
        self.key.ends(self.from_second)
    }

    pub(super) fn is_silent(&self, now: Timestamp) -> bool {
        now.since(self.since) > self.patience.nanoseconds()
    }

    /// The second at which it ends if nothing more comes.
    #[inline]
    pub(super) fn due(&self) -> Second {
        let patience = self.patience.nanoseconds();
        let due = self.since.nanoseconds().saturating_add_unsigned(patience);
        Second::of(Timestamp::from_nanoseconds(due))
    }

    /// Whether a packet between the same ends is not of this flow any more.
    pub(super) fn is_over(&self, seen: &Seen<'_>) -> bool {
        let is_new = seen.brief.kind == Kind::Tcp && self.connection.is_new(&seen.tcp(Ports::default()));
        is_new || self.is_silent(seen.frame.time)
    }

    pub(super) fn add(&mut self, lasting: &mut Lasting, seen: &Seen<'_>, out: &mut Said) {
        let (brief, frame) = (seen.brief, seen.frame);
        let side = if brief.from_second == self.from_second {
            Side::Originator
        } else {
            Side::Responder
        };
        self.last = self.last.max(frame.time);
        self.last_frame = frame.number;
        if !self.is_placed {
            self.is_placed = lasting.learn(side, seen);
        }
        let traffic = match side {
            Side::Originator => &mut self.sent,
            Side::Responder => &mut self.received,
        };
        traffic.packets += 1;
        traffic.ip_bytes += u64::from(brief.length);
        if brief.kind == Kind::Tcp {
            return self.segment(side, lasting, seen, out);
        }
        traffic.bytes += u64::from(brief.payload_length);
        self.history.first(side, b'D');
        self.since = self.since.max(frame.time);
        if let Some(follow) = &mut out.follow
            && follow.is_on(self.first_frame)
        {
            follow.packet(seen, None);
        }
        if let Some(kind) = seen.carries() {
            self.carries = true;
            if !lasting.services.contains(&kind) {
                lasting.services.push(kind);
            }
        } else if brief.kind == Kind::Udp && !self.conversation.is_over() {
            let mut context = self.context(lasting, frame.number, frame.time, out);
            let port = context.responder.port();
            self.conversation.datagram(side, seen.payload(), port, &mut context);
        } else if brief.kind == Kind::Icmp && !self.conversation.is_over() {
            let [.., kind, code] = brief.acknowledged.to_be_bytes();
            let message = icmp::Message {
                version_6: brief.key.is_version_6(),
                kind,
                code,
                rest: brief.sequence.to_be_bytes(),
                payload: seen.payload(),
                length: brief.payload_length,
            };
            let context = self.context(lasting, frame.number, frame.time, out);
            self.conversation.icmp(side, &message, &context);
        }
    }

    pub(super) fn segment(&mut self, mut side: Side, lasting: &mut Lasting, seen: &Seen<'_>, out: &mut Said) {
        let tcp = seen.tcp(Ports::default());
        let length = seen.brief.payload_length;
        let change = self.connection.segment(side, &tcp, length, &mut self.history);
        if change.swapped {
            self.swap(lasting);
            side = side.other();
        }
        if let Some(follow) = &mut out.follow
            && follow.is_on(self.first_frame)
        {
            follow.packet(seen, Some(&change));
        }
        if !self.conversation.is_over() {
            self.hear(side, lasting, seen, &change, out);
        }
        if self.patience == Patience::Closed {
            return;
        }
        self.patience = if change.is_over {
            Patience::Closed
        } else if self.connection.is_attempt() {
            Patience::Unanswered
        } else {
            Patience::Connected
        };
        if self.patience != Patience::Unanswered {
            self.since = self.since.max(seen.frame.time);
        }
    }

    pub(super) fn hear(&mut self, side: Side, lasting: &mut Lasting, seen: &Seen<'_>, change: &Change, out: &mut Said) {
        let mut context = self.context(lasting, seen.frame.number, seen.frame.time, out);
        let length = seen.brief.payload_length;
        if length > 0 && !TcpFlags(seen.brief.flags).rst() {
            let bytes = seen.payload();
            let segment = Segment {
                side,
                first: change.first,
                at: change.at,
                bytes,
                cut: length.saturating_sub(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
            };
            let port = context.responder.port();
            self.conversation.segment(segment, port, &mut context);
        }
        if let Some(position) = change.arrived {
            self.conversation.acknowledged(side.other(), position, &mut context);
        }
    }

    pub(super) fn context<'c>(
        &self,
        lasting: &'c mut Lasting,
        frame: u64,
        time: Timestamp,
        said: &'c mut Said,
    ) -> Context<'c> {
        let ends = self.ends();
        Context {
            here: Here { frame, time },
            flow: self.first_frame,
            originator: SocketAddr::from(ends.source),
            responder: SocketAddr::from(ends.destination),
            transport: TransportProtocol(self.key.protocol()),
            said,
            services: &mut lasting.services,
            files: &mut lasting.files,
            depth: 0,
            ended: [false; 2],
        }
    }

    pub(super) fn finish(&mut self, lasting: &mut Lasting, out: &mut Said) {
        if !self.conversation.is_over() {
            let ends = self.connection.ends();
            let mut context = self.context(lasting, self.last_frame, self.last, out);
            self.conversation.close(ends, &mut context);
        }
        if let Some(follow) = &mut out.follow
            && follow.is_on(self.first_frame)
        {
            let ends = self.key.ends(false);
            follow.finish(
                self.last_frame,
                self.last,
                (ends.source.into(), ends.destination.into()),
            );
        }
        out.flows.push(self.flow(lasting));
    }

    pub(super) fn flow(&mut self, lasting: &mut Lasting) -> Flow {
        let (mut sent, mut received) = (self.sent, self.received);
        let protocol = TransportProtocol(self.key.protocol());
        let state = match protocol {
            TransportProtocol::TCP => {
                (sent.bytes, received.bytes) = self.connection.bytes();
                self.connection.state()
            }
            TransportProtocol::UDP | TransportProtocol::UDP_LITE => match (sent.packets, received.packets) {
                (0, 0) => ConnectionState::Oth,
                (0, _) => ConnectionState::Shr,
                (_, 0) => ConnectionState::S0,
                _ => ConnectionState::Sf,
            },
            _ => ConnectionState::Oth,
        };
        let end = |(address, port): (IpAddr, u16), mac| Endpoint { address, port, mac };
        let ends = self.ends();
        Flow {
            community_id: community_id(&ends, protocol.0, 0),
            protocol,
            originator: end(ends.source, lasting.originator_mac),
            responder: end(ends.destination, lasting.responder_mac),
            first: lasting.first,
            last: self.last,
            first_frame: self.first_frame,
            last_frame: self.last_frame,
            sent,
            received,
            state,
            services: take(&mut lasting.services),
            history: self.history.take_letters(),
            vlan: lasting.vlan,
            tunnels: take(&mut lasting.tunnels),
            carries: self.carries,
            originator_process: None,
            responder_process: None,
        }
    }
}

impl Lasting {
    /// Keeps the addresses on the link that the first frames show. Whether both are known.
    pub(super) fn learn(&mut self, side: Side, seen: &Seen<'_>) -> bool {
        let Some(ethernet) = seen.ethernet() else { return false };
        let (from, to) = match side {
            Side::Originator => (&mut self.originator_mac, &mut self.responder_mac),
            Side::Responder => (&mut self.responder_mac, &mut self.originator_mac),
        };
        from.get_or_insert(ethernet.source);
        to.get_or_insert(ethernet.destination);
        true
    }
}

impl Seen<'_> {
    /// What its segment says, where ports are known otherwise.
    #[inline]
    pub(super) fn tcp(&self, ports: Ports) -> Tcp {
        Tcp {
            ports,
            sequence: self.brief.sequence,
            acknowledged: self.brief.acknowledged,
            flags: TcpFlags(self.brief.flags),
            window: self.brief.window,
        }
    }
}

/// Whether an address is that of many: nobody answers from there.
fn is_for_many(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_broadcast() || address.is_multicast(),
        IpAddr::V6(address) => address.is_multicast(),
    }
}
