//! A stream of which one side alone speaks, and nothing that is known: what it says is carried as a file.
//!
//! The data of FTP goes so (RFC 959 3.2), and what is sent by tools that copy bytes. Nothing in such a flow says what it
//! belongs to, and flows know nothing of one another: who gets the events finds the command of FTP whose `data` names the
//! flow's responder as listener. Where the server comes from its port for data, the flow has the service `ftp-data`.

#[cfg(test)]
mod tests;

use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Protocol, Side};

/// It is not in the registry, since it is what remains when nothing there fits.
pub(crate) static OVER_TCP: Protocol = Protocol {
    name: "ftp-data",
    carrier: Carrier::Stream,
    recognise: |_| Guess::No,
    dissector: || Box::new(Lone::default()),
};

/// From where servers of FTP connect (RFC 959 3.2).
const FTP_DATA: u16 = 20;
/// Of other streams, fewer bytes are no file: scanners send a few to see what is there.
const SHORTEST: usize = 32;

/// Whether a stream that begins like this and says no more is worth it, or one that went on for so long that nothing else
/// is to be told.
pub(crate) fn is_alone(heads: [&[u8]; 2], context: &mut Context<'_>) -> bool {
    let is_ftp = context.originator.port() == FTP_DATA;
    let is = match heads {
        [[], []] => false,
        [one, []] | [[], one] => is_ftp || one.len() >= SHORTEST,
        _ => false,
    };
    if is && is_ftp {
        context.serves(OVER_TCP.name);
    }
    is
}

#[derive(Debug, Default)]
struct Lone {
    speaker: Option<Side>,
    file: Option<Box<Carried>>,
}

impl Dissector for Lone {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        if *self.speaker.get_or_insert(side) != side {
            return self.leave(context);
        }
        self.file(side, context).data(bytes, context);
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if *self.speaker.get_or_insert(side) != side {
            return self.leave(context);
        }
        self.file(side, context).gap(length);
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let (Some(file), Some(side)) = (self.file.take(), self.speaker) {
            file.end(context.has_ended(side), context);
        }
    }
}

impl Lone {
    /// It is a conversation after all.
    fn leave(&mut self, context: &mut Context<'_>) -> Heard {
        if let Some(file) = self.file.take() {
            file.leave(context);
        }
        Heard::Enough
    }

    fn file(&mut self, side: Side, context: &mut Context<'_>) -> &mut Carried {
        self.file.get_or_insert_with(|| {
            let description = Description {
                service: if context.originator.port() == FTP_DATA {
                    OVER_TCP.name
                } else {
                    "tcp"
                },
                side,
                name: None,
                media_type: None,
                encoding: None,
            };
            Carried::begin(description, context)
        })
    }
}
