//! What is said in a flow: its streams, who speaks what, and the dissector that hears it.

use super::stream::{Piece, Stream};
use crate::protocol::{Carrier, Context, Dissector, Heard, Opening, Protocol, Side, icmp, lone, recognise};

/// The conversation of a flow.
#[derive(Debug, Default)]
pub(super) enum Conversation {
    /// Nothing was said.
    #[default]
    Silent,
    /// What is spoken is not known yet.
    Unknown(Box<Unknown>),
    /// It is.
    Known(Box<Known>),
    /// There are no ports, and what a network says about itself.
    Icmp(Box<icmp::Talk>),
    /// It is not looked at any more.
    Over,
}

/// How a flow begins, as long as that tells nothing.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    streams: [Stream; 2],
    /// What each side said.
    heads: [Vec<u8>; 2],
    /// Datagrams that told nothing.
    datagrams: u8,
}

#[derive(Debug)]
pub(super) struct Known {
    streams: [Stream; 2],
    dissector: Box<dyn Dissector>,
}

/// Bytes of one side by which a protocol has to be told.
const LONGEST_HEAD: usize = 2_048;
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

    /// Hears a segment of TCP.
    pub(super) fn segment(&mut self, segment: Segment<'_>, port: u16, context: &mut Context<'_>) {
        let Segment { side, at, bytes, cut } = segment;
        match self {
            Self::Silent => {
                *self = Self::Unknown(Box::default());
                self.segment(segment, port, context);
            }
            Self::Unknown(unknown) => {
                let Unknown { streams, heads, .. } = &mut **unknown;
                let (Some(stream), Some(head)) = (streams.get_mut(index(side)), heads.get_mut(index(side))) else {
                    return;
                };
                let mut is_broken = false;
                stream.segment(at, bytes, i64::from(cut), &mut |piece| match piece {
                    Piece::Data(bytes) => head.extend_from_slice(bytes),
                    Piece::Gap(_) => is_broken = true,
                });
                self.tell(Carrier::Stream, is_broken, port, context);
            }
            Self::Known(known) => {
                let heard = known.segment(segment, context);
                self.heed(heard, context);
            }
            Self::Icmp(_) | Self::Over => {}
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
                let Known { streams, dissector } = &mut **known;
                let mut heard = Heard::More;
                if let Some(stream) = streams.get_mut(index(side)) {
                    stream.acknowledged(position, &mut |piece| {
                        hear(&mut **dissector, side, piece, context, &mut heard)
                    });
                }
                self.heed(heard, context);
            }
            Self::Silent | Self::Icmp(_) | Self::Over => {}
        }
    }

    /// Hears a datagram.
    pub(super) fn datagram(&mut self, side: Side, bytes: &[u8], port: u16, context: &mut Context<'_>) {
        match self {
            Self::Silent => {
                *self = Self::Unknown(Box::default());
                self.datagram(side, bytes, port, context);
            }
            Self::Unknown(unknown) => {
                unknown.datagrams += 1;
                let is_last = unknown.datagrams >= MOST_DATAGRAMS;
                let mut opening = Opening {
                    originator: &[],
                    responder: &[],
                    port,
                };
                match side {
                    Side::Originator => opening.originator = bytes,
                    Side::Responder => opening.responder = bytes,
                }
                let Ok(Some(protocol)) = recognise(Carrier::Datagram, &opening) else {
                    if is_last {
                        *self = Self::Over;
                    }
                    return;
                };
                context.serves(protocol.name);
                let mut dissector = (protocol.dissector)();
                let heard = dissector.hear(side, bytes, context);
                *self = Self::Known(Box::new(Known {
                    streams: Default::default(),
                    dissector,
                }));
                self.heed(heard, context);
            }
            Self::Known(known) => {
                let heard = known.dissector.hear(side, bytes, context);
                self.heed(heard, context);
            }
            Self::Icmp(_) | Self::Over => {}
        }
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

    /// Nothing more comes.
    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        if let Self::Unknown(unknown) = self
            && unknown.datagrams == 0
            && lone::is_alone(unknown.heads.each_ref().map(Vec::as_slice), context)
        {
            self.alone(context);
        }
        if let Self::Known(known) = self {
            let Known { streams, dissector } = &mut **known;
            let mut heard = Heard::More;
            for (stream, side) in streams.iter_mut().zip([Side::Originator, Side::Responder]) {
                stream.finish(&mut |piece| hear(&mut **dissector, side, piece, context, &mut heard));
            }
            dissector.finish(context);
        } else if let Self::Icmp(talk) = self {
            talk.finish(context);
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
            Self::Known(known) => known.streams.reverse(),
            Self::Silent | Self::Icmp(_) | Self::Over => {}
        }
    }

    /// Tells which protocol it is, if that can be told by now, and hands what was said to its dissector.
    fn tell(&mut self, carrier: Carrier, is_broken: bool, port: u16, context: &mut Context<'_>) {
        let Self::Unknown(unknown) = self else { return };
        let [originator, responder] = &unknown.heads;
        let opening = Opening {
            originator,
            responder,
            port,
        };
        let recognised = recognise(carrier, &opening);
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
        let mut dissector = (protocol.dissector)();
        let mut heard = Heard::More;
        for (head, side) in heads.iter().zip([Side::Originator, Side::Responder]) {
            if !head.is_empty() && heard == Heard::More {
                heard = dissector.hear(side, head, context);
            }
        }
        *self = Self::Known(Box::new(Known { streams, dissector }));
        self.heed(if is_broken { Heard::Enough } else { heard }, context);
    }

    fn heed(&mut self, heard: Heard, context: &mut Context<'_>) {
        if heard == Heard::Enough {
            if let Self::Known(known) = self {
                known.dissector.finish(context);
            }
            *self = Self::Over;
        }
    }
}

impl Known {
    fn segment(&mut self, segment: Segment<'_>, context: &mut Context<'_>) -> Heard {
        let Segment { side, at, bytes, cut } = segment;
        let Self { streams, dissector } = self;
        let mut heard = Heard::More;
        if let Some(stream) = streams.get_mut(index(side)) {
            stream.segment(at, bytes, i64::from(cut), &mut |piece| {
                hear(&mut **dissector, side, piece, context, &mut heard);
            });
        }
        heard
    }
}

fn hear(dissector: &mut dyn Dissector, side: Side, piece: Piece<'_>, context: &mut Context<'_>, heard: &mut Heard) {
    if *heard == Heard::Enough {
        return;
    }
    *heard = match piece {
        Piece::Data(bytes) => dissector.hear(side, bytes, context),
        Piece::Gap(length) => dissector.miss(side, length, context),
    };
}
