//! Another protocol inside a stream: behind `STARTTLS`, behind `CONNECT`, behind SOCKS, in what was decrypted. It is told anew,
//! by what is said there, and the flow gets its service as well.
//!
//! Whoever sends may nest such streams into one another; there is an end to that.

#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Heard, Opening, Side, recognise};

/// Streams that may be inside of one another.
const DEEPEST: u8 = 4;
/// Bytes of one side by which a protocol has to be told.
const LONGEST_HEAD: usize = 2_048;

/// Bytes of memory that a dissector needs beside what it holds.
const DISSECTOR: usize = 512;

/// A stream inside of another, from its first byte on.
#[derive(Debug, Default)]
pub(crate) struct Inner(State);

#[derive(Debug)]
enum State {
    /// What each side said, as long as that tells nothing.
    Unknown(Box<[Vec<u8>; 2]>),
    /// It is told.
    Known(Box<dyn Dissector>),
    /// It is not looked at any more.
    Over,
}

impl Default for State {
    fn default() -> Self {
        Self::Unknown(Box::default())
    }
}

impl Inner {
    /// Bytes of the stream, directly behind those before.
    pub(crate) fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.within(context, |state, context| match state {
            State::Unknown(heads) => {
                let [originator, responder] = &mut **heads;
                let head = match side {
                    Side::Originator => originator,
                    Side::Responder => responder,
                };
                head.extend_from_slice(bytes);
                tell(state, context)
            }
            State::Known(dissector) => dissector.hear(side, bytes, context),
            State::Over => Heard::Enough,
        })
    }

    /// So many bytes of the stream are missing.
    pub(crate) fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        self.within(context, |state, context| match state {
            State::Known(dissector) => dissector.miss(side, length, context),
            State::Unknown(_) | State::Over => Heard::Enough,
        })
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> usize {
        match &self.0 {
            State::Unknown(heads) => heads.iter().map(Vec::capacity).sum(),
            State::Known(dissector) => DISSECTOR + dissector.memory(),
            State::Over => 0,
        }
    }

    /// What one that may be there holds.
    pub(crate) fn held(inner: Option<&Self>) -> usize {
        inner.map_or(0, Self::memory)
    }

    /// Nothing more comes.
    pub(crate) fn finish(&mut self, context: &mut Context<'_>) {
        self.within(context, |_, _| Heard::Enough);
    }

    /// Does what is to be done one level deeper, and lets the dissector say its last where it is enough.
    fn within(&mut self, context: &mut Context<'_>, act: impl FnOnce(&mut State, &mut Context<'_>) -> Heard) -> Heard {
        context.depth = context.depth.saturating_add(1);
        let heard = if context.depth > DEEPEST {
            Heard::Enough
        } else {
            act(&mut self.0, context)
        };
        if heard == Heard::Enough
            && let State::Known(mut dissector) = std::mem::replace(&mut self.0, State::Over)
        {
            dissector.finish(context);
        }
        context.depth = context.depth.saturating_sub(1);
        heard
    }
}

/// Tells which protocol it is, if that can be told by now, and hands what was said to its dissector.
fn tell(state: &mut State, context: &mut Context<'_>) -> Heard {
    let State::Unknown(heads) = state else {
        return Heard::More;
    };
    let [originator, responder] = &**heads;
    let opening = Opening {
        originator,
        responder,
        port: context.responder.port(),
    };
    let recognised = recognise(Carrier::Stream, &opening);
    let is_enough = originator.len() >= LONGEST_HEAD || responder.len() >= LONGEST_HEAD;
    let protocol = match recognised {
        Ok(Some(protocol)) => protocol,
        Err(()) if !is_enough => return Heard::More,
        Ok(None) if !is_enough && (originator.is_empty() || responder.is_empty()) => return Heard::More,
        _ => return Heard::Enough,
    };
    context.serves(protocol.name);
    let mut dissector = (protocol.dissector)();
    let mut heard = Heard::More;
    for (head, side) in heads.iter().zip([Side::Originator, Side::Responder]) {
        if !head.is_empty() && heard == Heard::More {
            heard = dissector.hear(side, head, context);
        }
    }
    *state = State::Known(dissector);
    heard
}
