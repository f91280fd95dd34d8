//! Another protocol inside a stream: in what was decrypted. It is told anew, by what is said there.

use super::{Carrier, Context, Dissector, Heard, Opening, Side, recognise};

/// Bytes of one side by which a protocol has to be told.
const LONGEST_HEAD: usize = 2_048;

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
        let heard = match &mut self.0 {
            State::Unknown(heads) => {
                let [originator, responder] = &mut **heads;
                match side {
                    Side::Originator => originator.extend_from_slice(bytes),
                    Side::Responder => responder.extend_from_slice(bytes),
                }
                self.tell(context)
            }
            State::Known(dissector) => dissector.hear(side, bytes, context),
            State::Over => Heard::Enough,
        };
        if heard == Heard::Enough {
            self.finish(context);
        }
        heard
    }

    /// Nothing more comes.
    pub(crate) fn finish(&mut self, context: &mut Context<'_>) {
        if let State::Known(mut dissector) = std::mem::replace(&mut self.0, State::Over) {
            dissector.finish(context);
        }
    }

    fn tell(&mut self, context: &mut Context<'_>) -> Heard {
        let State::Unknown(heads) = &self.0 else {
            return Heard::More;
        };
        let [originator, responder] = &**heads;
        let opening = Opening {
            originator,
            responder,
            port: context.responder.port(),
        };
        let is_enough = originator.len() >= LONGEST_HEAD || responder.len() >= LONGEST_HEAD;
        let protocol = match recognise(Carrier::Stream, &opening) {
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
        self.0 = State::Known(dissector);
        heard
    }
}
