//! What is said in a flow: its streams, who speaks what, and the dissector that hears it.

use super::stream::{Piece, Stream};
use crate::protocol::{Carrier, Context, Dissector, Heard, Opening, Protocol, Side, icmp, lone, recognise};

/// The conversation of a flow.
#[derive(Debug, Default)]
pub(super) enum Conversation {
    /// Nothing was said.
    #[default]
    Silent,
    /// What is spoken in a connection is not known yet.
    Unknown(Box<Unknown>),
    /// It is.
    Known(Box<Known>),
    /// So many datagrams told nothing.
    Datagrams(u8),
    /// What datagrams speak is known.
    Dissected(Listener),
    /// There are no ports, and what a network says about itself.
    Icmp(Box<icmp::Talk>),
    /// It is not looked at any more.
    Over,
}

/// How a connection begins, as long as that tells nothing.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    streams: [Stream; 2],
    /// What each side said.
    heads: [Vec<u8>; 2],
}

#[derive(Debug)]
pub(super) struct Known {
    streams: [Stream; 2],
    listener: Listener,
}

/// A dissector, for which sides stay what they were when it began.
#[derive(Debug)]
pub(super) struct Listener {
    dissector: Box<dyn Dissector>,
    is_swapped: bool,
    /// Bytes of memory that the dissector held when it was asked last: most packets say nothing to it.
    held: usize,
}

/// Bytes of one side by which a protocol has to be told.
const LONGEST_HEAD: usize = 2_048;
/// Bytes of memory that a dissector needs, with what is around it, beside what it holds.
const DISSECTOR: usize = 512;
/// Datagrams by which it has to be told.
const MOST_DATAGRAMS: u8 = 4;

const fn index(side: Side) -> usize {
    match side {
        Side::Originator => 0,
        Side::Responder => 1,
    }
}

/// A segment with bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'s> {
    pub(super) side: Side,
    /// Where the stream begins, as far as this segment tells.
    pub(super) first: i64,
    /// Where its bytes begin in the stream.
    pub(super) at: i64,
    /// What of them was captured.
    pub(super) bytes: &'s [u8],
    /// How many more there were.
    pub(super) cut: u32,
}

impl Conversation {
    /// Whether nothing of it is wanted any more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// About how many bytes of memory it needs.
    pub(super) fn memory(&self) -> usize {
        let waiting = |streams: &[Stream; 2]| streams.iter().map(Stream::memory).sum::<usize>();
        match self {
            Self::Silent | Self::Datagrams(_) | Self::Over => 0,
            Self::Unknown(unknown) => {
                let heads = unknown.heads.iter().map(Vec::capacity).sum::<usize>();
                size_of::<Unknown>() + heads + waiting(&unknown.streams)
            }
            Self::Known(known) => DISSECTOR + known.listener.held + waiting(&known.streams),
            Self::Dissected(listener) => DISSECTOR + listener.held,
            Self::Icmp(_) => DISSECTOR,
        }
    }

    /// Hears a segment of TCP.
    pub(super) fn segment(&mut self, segment: Segment<'_>, port: u16, context: &mut Context<'_>) {
        let Segment {
            side,
            first,
            at,
            bytes,
            cut,
        } = segment;
        match self {
            Self::Silent => {
                // Most connections tell at once, and nothing has to be kept.
                let opening = Opening::of(side, bytes, port);
                if cut == 0
                    && at == first
                    && let Ok(Some(protocol)) = recognise(Carrier::Stream, &opening)
                {
                    context.serves(protocol.name);
                    let mut known = Box::new(Known {
                        streams: Default::default(),
                        listener: Listener::new(protocol),
                    });
                    let heard = known.segment(segment, context);
                    *self = Self::Known(known);
                    return self.heed(heard, context);
                }
                *self = Self::Unknown(Box::default());
                self.segment(segment, port, context);
            }
            Self::Unknown(unknown) => {
                let Unknown { streams, heads, .. } = &mut **unknown;
                let (Some(stream), Some(head)) = (streams.get_mut(index(side)), heads.get_mut(index(side))) else {
                    return;
                };
                let mut is_broken = false;
                stream.segment((first, at), bytes, i64::from(cut), &mut |piece| match piece {
                    Piece::Data(bytes) => head.extend_from_slice(bytes),
                    Piece::Gap(_) => is_broken = true,
                });
                self.tell(is_broken, port, context);
            }
            Self::Known(known) => {
                let heard = known.segment(segment, context);
                self.heed(heard, context);
            }
            Self::Datagrams(_) | Self::Dissected(_) | Self::Icmp(_) | Self::Over => {}
        }
    }

    /// The other side has everything of `side` before a position.
    pub(super) fn acknowledged(&mut self, side: Side, position: i64, context: &mut Context<'_>) {
        match self {
            Self::Unknown(unknown) => {
                let mut is_broken = false;
                if let Some(stream) = unknown.streams.get_mut(index(side)) {
                    stream.acknowledged(position, &mut |_| is_broken = true);
                }
                if is_broken {
                    *self = Self::Over;
                }
            }
            Self::Known(known) => {
                let Known { streams, listener } = &mut **known;
                let mut heard = Heard::More;
                if let Some(stream) = streams.get_mut(index(side)) {
                    stream.acknowledged(position, &mut |piece| listener.piece(side, piece, context, &mut heard));
                }
                self.heed(heard, context);
            }
            _ => {}
        }
    }

    /// Hears a datagram.
    pub(super) fn datagram(&mut self, side: Side, bytes: &[u8], port: u16, context: &mut Context<'_>) {
        let before = match self {
            Self::Silent => 0,
            Self::Datagrams(before) => *before,
            Self::Dissected(listener) => {
                let heard = listener.hear(side, bytes, context);
                return self.heed(heard, context);
            }
            Self::Unknown(_) | Self::Known(_) | Self::Icmp(_) | Self::Over => return,
        };
        let opening = Opening::of(side, bytes, port);
        let Ok(Some(protocol)) = recognise(Carrier::Datagram, &opening) else {
            *self = if before + 1 >= MOST_DATAGRAMS {
                Self::Over
            } else {
                Self::Datagrams(before + 1)
            };
            return;
        };
        context.serves(protocol.name);
        let mut listener = Listener::new(protocol);
        let heard = listener.hear(side, bytes, context);
        *self = Self::Dissected(listener);
        self.heed(heard, context);
    }

    /// Hears a message of ICMP.
    pub(super) fn icmp(&mut self, side: Side, message: &icmp::Message<'_>, context: &Context<'_>) {
        if matches!(self, Self::Silent) {
            *self = Self::Icmp(Box::default());
        }
        if let Self::Icmp(talk) = self {
            talk.hear(side, message, context);
        }
    }

    /// Nothing more comes, and streams end at these positions, where that is known.
    pub(super) fn close(&mut self, ends: [Option<i64>; 2], context: &mut Context<'_>) {
        let streams = match self {
            Self::Unknown(unknown) => Some(&unknown.streams),
            Self::Known(known) => Some(&known.streams),
            _ => None,
        };
        if let Some([originator, responder]) = streams {
            let [from, to] = ends;
            context.ended =
                [(originator, from), (responder, to)].map(|(stream, end)| end.is_some() && stream.reached() == end);
        }
        self.finish(context);
    }

    /// Nothing more is heard.
    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        if let Self::Unknown(unknown) = self
            && lone::is_alone(unknown.heads.each_ref().map(Vec::as_slice), context)
        {
            self.alone(context);
        }
        match self {
            Self::Known(known) => {
                let Known { streams, listener } = &mut **known;
                let mut heard = Heard::More;
                for (stream, side) in streams.iter_mut().zip([Side::Originator, Side::Responder]) {
                    stream.finish(&mut |piece| listener.piece(side, piece, context, &mut heard));
                }
                listener.finish(context);
            }
            Self::Dissected(listener) => listener.finish(context),
            Self::Icmp(talk) => talk.finish(context),
            _ => {}
        }
        *self = Self::Over;
    }

    /// Who began is who answers.
    pub(super) fn swap(&mut self) {
        match self {
            Self::Unknown(unknown) => {
                unknown.streams.reverse();
                unknown.heads.reverse();
            }
            Self::Known(known) => {
                known.streams.reverse();
                known.listener.is_swapped ^= true;
            }
            Self::Dissected(listener) => listener.is_swapped ^= true,
            Self::Silent | Self::Datagrams(_) | Self::Icmp(_) | Self::Over => {}
        }
    }

    /// Tells which protocol it is, if that can be told by now, and hands what was said to its dissector.
    fn tell(&mut self, is_broken: bool, port: u16, context: &mut Context<'_>) {
        let Self::Unknown(unknown) = self else { return };
        let [originator, responder] = &unknown.heads;
        let opening = Opening {
            originator,
            responder,
            port,
        };
        let recognised = recognise(Carrier::Stream, &opening);
        let is_enough = is_broken || originator.len() >= LONGEST_HEAD || responder.len() >= LONGEST_HEAD;
        let protocol = match recognised {
            Ok(Some(protocol)) => protocol,
            Err(()) if !is_enough => return,
            Ok(None) if !is_enough && (originator.is_empty() || responder.is_empty()) => return,
            _ if !is_broken && lone::is_alone([originator, responder], context) => return self.alone(context),
            _ => {
                *self = Self::Over;
                return;
            }
        };
        context.serves(protocol.name);
        self.begin(protocol, is_broken, context);
    }

    /// One side alone says what nobody knows.
    fn alone(&mut self, context: &mut Context<'_>) {
        self.begin(&lone::OVER_TCP, false, context);
    }

    /// Hands what was said so far to a dissector.
    fn begin(&mut self, protocol: &Protocol, is_broken: bool, context: &mut Context<'_>) {
        let Self::Unknown(unknown) = std::mem::take(self) else {
            return;
        };
        let Unknown { streams, heads, .. } = *unknown;
        let mut listener = Listener::new(protocol);
        let mut heard = Heard::More;
        for (head, side) in heads.iter().zip([Side::Originator, Side::Responder]) {
            if !head.is_empty() && heard == Heard::More {
                heard = listener.hear(side, head, context);
            }
        }
        *self = Self::Known(Box::new(Known { streams, listener }));
        self.heed(if is_broken { Heard::Enough } else { heard }, context);
    }

    fn heed(&mut self, heard: Heard, context: &mut Context<'_>) {
        if heard == Heard::Enough {
            match self {
                Self::Known(known) => known.listener.finish(context),
                Self::Dissected(listener) => listener.finish(context),
                _ => {}
            }
            *self = Self::Over;
        }
    }
}

impl<'o> Opening<'o> {
    /// What one side says first.
    fn of(side: Side, bytes: &'o [u8], port: u16) -> Self {
        let (originator, responder): (&[u8], &[u8]) = match side {
            Side::Originator => (bytes, &[]),
            Side::Responder => (&[], bytes),
        };
        Self {
            originator,
            responder,
            port,
        }
    }
}

impl Known {
    fn segment(&mut self, segment: Segment<'_>, context: &mut Context<'_>) -> Heard {
        let Segment {
            side,
            first,
            at,
            bytes,
            cut,
        } = segment;
        let Self { streams, listener } = self;
        let mut heard = Heard::More;
        if let Some(stream) = streams.get_mut(index(side)) {
            stream.segment((first, at), bytes, i64::from(cut), &mut |piece| {
                listener.piece(side, piece, context, &mut heard);
            });
        }
        heard
    }
}

impl Listener {
    fn new(protocol: &Protocol) -> Self {
        Self {
            dissector: (protocol.dissector)(),
            is_swapped: false,
            held: 0,
        }
    }

    /// Asks the dissector, with the sides as it knows them.
    fn ask<T>(
        &mut self,
        side: Side,
        context: &mut Context<'_>,
        ask: impl FnOnce(&mut dyn Dissector, Side, &mut Context<'_>) -> T,
    ) -> T {
        let answer = if self.is_swapped {
            context.swap();
            let answer = ask(&mut *self.dissector, side.other(), context);
            context.swap();
            answer
        } else {
            ask(&mut *self.dissector, side, context)
        };
        self.held = self.dissector.memory();
        answer
    }

    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.ask(side, context, |dissector, side, context| {
            dissector.hear(side, bytes, context)
        })
    }

    fn piece(&mut self, side: Side, piece: Piece<'_>, context: &mut Context<'_>, heard: &mut Heard) {
        if *heard == Heard::More {
            *heard = match piece {
                Piece::Data(bytes) => self.hear(side, bytes, context),
                Piece::Gap(length) => self.ask(side, context, |dissector, side, context| {
                    dissector.miss(side, length, context)
                }),
            };
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.ask(Side::Originator, context, |dissector, _, context| {
            dissector.finish(context)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Said;
    use crate::protocol::Here;
    use std::net::SocketAddr;
    use watchfire_model::Timestamp;
    use watchfire_model::network::{Exchange, Login};

    /// Says who speaks.
    #[derive(Debug)]
    struct Echo;

    impl Dissector for Echo {
        fn hear(&mut self, side: Side, _: &[u8], context: &mut Context<'_>) -> Heard {
            let name = match side {
                Side::Originator => "originator",
                Side::Responder => "responder",
            };
            context.say(context.here, Exchange::Login(Box::new(Login::clear(name, None, ""))));
            Heard::More
        }

        fn memory(&self) -> usize {
            50_000
        }
    }

    fn echo() -> Listener {
        Listener {
            dissector: Box::new(Echo),
            is_swapped: false,
            held: 0,
        }
    }

    #[test]
    fn sides_of_a_dissector_stay_what_they_were_when_roles_are_swapped() {
        let mut conversation = Conversation::Known(Box::new(Known {
            streams: Default::default(),
            listener: echo(),
        }));
        let ends = [1, 2].map(|host| SocketAddr::from(([192, 0, 2, host], 7_000)));
        let (mut said, mut services, mut files) = (Said::default(), Vec::new(), 0);
        let mut speak = |conversation: &mut Conversation, side, at, [originator, responder]: [SocketAddr; 2]| {
            let mut context = Context {
                here: Here {
                    frame: 1,
                    time: Timestamp::default(),
                },
                flow: 1,
                originator,
                responder,
                transport: watchfire_model::network::TransportProtocol::TCP,
                said: &mut said,
                services: &mut services,
                files: &mut files,
                depth: 0,
                ended: [false; 2],
            };
            let segment = Segment {
                side,
                first: at,
                at,
                bytes: b"x",
                cut: 0,
            };
            conversation.segment(segment, 7_000, &mut context);
        };
        speak(&mut conversation, Side::Originator, 1, ends);
        // What a dissector holds is memory of its conversation.
        assert_eq!(conversation.memory(), DISSECTOR + 50_000);
        conversation.swap();
        let [one, two] = ends;
        speak(&mut conversation, Side::Responder, 2, [two, one]);
        speak(&mut conversation, Side::Originator, 1, [two, one]);
        let heard: Vec<(SocketAddr, &str)> = said
            .events
            .iter()
            .map(|event| match &event.exchange {
                Exchange::Login(login) => (event.originator, login.service),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(heard, [(one, "originator"), (one, "originator"), (one, "responder")]);
    }
}
