//! RFB (RFC 6143) until the screen is seen: versions, how somebody proves who he is and what came of it, and what the
//! screen is called. Ways to prove beside none and a password are named and not followed.

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Rfb};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "rfb",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Beginning::default()),
};

/// Bytes of a version, and of a challenge and its answer.
const VERSION: usize = 12;
const CHALLENGE: usize = 16;
/// How somebody proves who he is: not at all, by a password.
const NONE: u32 = 1;
const PASSWORD: u32 = 2;
/// Bytes of a name.
const LONGEST_NAME: usize = 4_096;

fn recognise(opening: &Opening<'_>) -> Guess {
    // The server speaks first.
    match (version(opening.responder), version(opening.originator)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// `RFB 003.008` and the end of its line.
fn version(bytes: &[u8]) -> Guess {
    const FORM: &[u8; VERSION] = b"RFB ddd.ddd\n";
    let is_so = |(byte, form): (&u8, &u8)| {
        if *form == b'd' {
            byte.is_ascii_digit()
        } else {
            byte == form
        }
    };
    if !bytes.iter().zip(FORM).all(is_so) {
        return Guess::No;
    }
    if bytes.len() < VERSION {
        Guess::Perhaps
    } else {
        Guess::Yes
    }
}

/// What comes next of an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Version,
    /// Of the server: the ways that there are; of the client: the one that it takes.
    Security,
    Proof,
    Result,
    /// Of the client: whether others may look on; of the server: what the screen is.
    Screen,
    Over,
}

#[derive(Debug, Default)]
struct Beginning {
    began: Option<Here>,
    held: [Vec<u8>; 2],
    at: [At; 2],
    rfb: Rfb,
    /// Before version 3.7, the server says how, and before 3.8 not always what came of it.
    minor: u16,
}

impl Dissector for Beginning {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let index = usize::from(side == Side::Responder);
        if let Some(held) = self.held.get_mut(index) {
            held.extend_from_slice(bytes);
        }
        // What one end says next may hang on what the other said.
        while self.step(Side::Originator) || self.step(Side::Responder) {}
        let is_over = self.at == [At::Over; 2] || self.held.iter().any(|held| held.len() > LONGEST_NAME + 64);
        if is_over { Heard::Enough } else { Heard::More }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        let rfb = std::mem::take(&mut self.rfb);
        if rfb != Rfb::default() {
            context.say(self.began.unwrap_or(context.here), Exchange::Rfb(Box::new(rfb)));
        }
    }

    fn memory(&self) -> usize {
        self.held.iter().map(Vec::capacity).sum()
    }
}

impl Beginning {
    /// Reads what comes next of an end, if it is whole. Whether it was.
    fn step(&mut self, side: Side) -> bool {
        let index = usize::from(side == Side::Responder);
        let Some(held) = self.held.get_mut(index).map(std::mem::take) else {
            return false;
        };
        let mut cursor = Cursor::new(&held);
        let at = self.at.get(index).copied().unwrap_or_default();
        let next = if at == At::Over {
            cursor.take(held.len());
            None
        } else if side == Side::Responder {
            self.server(at, &mut cursor)
        } else {
            self.client(at, &mut cursor)
        };
        let done = if next.is_some() || at == At::Over {
            cursor.at()
        } else {
            0
        };
        if let (Some(place), Some(rest)) = (self.held.get_mut(index), held.get(done..)) {
            *place = rest.to_vec();
        }
        if let (Some(next), Some(place)) = (next, self.at.get_mut(index)) {
            *place = next;
        }
        next.is_some()
    }

    fn server(&mut self, at: At, cursor: &mut Cursor<'_>) -> Option<At> {
        match at {
            At::Version => {
                self.rfb.server_version = Some(number(cursor.take(VERSION)?));
                Some(At::Security)
            }
            At::Security => {
                // It is the client's version that is spoken.
                self.rfb.client_version.as_ref()?;
                if self.minor < 7 {
                    self.rfb.security = Some(cursor.be32()?);
                } else if cursor.behind8()?.is_empty() {
                    self.rfb.accepted = Some(false);
                    return Some(At::Over);
                }
                Some(At::Proof)
            }
            At::Proof => match self.rfb.security? {
                PASSWORD => cursor.take(CHALLENGE).map(|_| At::Result),
                NONE if self.minor < 8 => Some(At::Screen),
                NONE => Some(At::Result),
                _ => Some(At::Over),
            },
            At::Result => {
                let is_accepted = cursor.be32()? == 0;
                self.rfb.accepted = Some(is_accepted);
                Some(if is_accepted { At::Screen } else { At::Over })
            }
            At::Screen => {
                let (width, height) = (cursor.be16()?, cursor.be16()?);
                // How a pixel is written.
                cursor.take(16)?;
                let length = usize::try_from(cursor.be32()?).ok()?;
                let name = cursor.take(length)?;
                self.rfb.width = Some(width);
                self.rfb.height = Some(height);
                self.rfb.name = Some(Untrusted::from_bytes(name));
                Some(At::Over)
            }
            At::Over => None,
        }
    }

    fn client(&mut self, at: At, cursor: &mut Cursor<'_>) -> Option<At> {
        match at {
            At::Version => {
                let version = number(cursor.take(VERSION)?);
                let minor = version.raw().get(4..).and_then(|minor| minor.parse().ok());
                self.minor = minor.unwrap_or_default();
                self.rfb.client_version = Some(version);
                Some(At::Security)
            }
            At::Security => {
                if self.minor >= 7 {
                    self.rfb.security = Some(cursor.u8()?.into());
                }
                Some(At::Proof)
            }
            At::Proof => match self.rfb.security? {
                PASSWORD => cursor.take(CHALLENGE).map(|_| At::Screen),
                NONE => Some(At::Screen),
                _ => Some(At::Over),
            },
            At::Result | At::Screen => {
                self.rfb.shared = Some(cursor.u8()? != 0);
                Some(At::Over)
            }
            At::Over => None,
        }
    }
}

/// The number of a version without what stands around it.
fn number(version: &[u8]) -> Untrusted {
    Untrusted::from_bytes(version.get(4..11).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Part, answers, asks, guess, heard};
    use super::*;

    fn said(parts: &[Part]) -> Rfb {
        match &heard(&OVER_TCP, parts)[..] {
            [event] => match &event.exchange {
                Exchange::Rfb(rfb) => (**rfb).clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn screen() -> Vec<u8> {
        [&[4, 0, 3, 0][..], &[0; 16], &[0, 0, 0, 4], b"desk"].concat()
    }

    #[test]
    fn a_session_says_how_somebody_got_in_and_what_he_sees() {
        let rfb = said(&[
            answers(b"RFB 003.008\n"),
            asks(b"RFB 003.008\n"),
            answers([2, 1, 2]),
            asks([2]),
            answers([7; 16]),
            asks([8; 16]),
            answers([0, 0, 0, 0]),
            asks([1]),
            answers(screen()),
            asks([0; 20]),
        ]);
        assert_eq!(rfb.method(), Some("VNC"));
        assert_eq!((rfb.accepted, rfb.shared), (Some(true), Some(true)));
        assert_eq!(
            (rfb.width, rfb.height, rfb.name),
            (Some(1_024), Some(768), Some("desk".into()))
        );
    }

    #[test]
    fn older_versions_say_less() {
        let rfb = said(&[
            answers(b"RFB 003.008\n"),
            asks(b"RFB 003.003\n"),
            answers([0, 0, 0, 1]),
            asks([0]),
            answers(screen()),
        ]);
        assert_eq!(
            (rfb.method(), rfb.accepted, rfb.shared),
            (Some("None"), None, Some(false))
        );
        let refused = said(&[
            answers(b"RFB 003.008\n"),
            asks(b"RFB 003.008\n"),
            answers([0, 0, 0, 0, 1, b'x']),
        ]);
        assert_eq!(refused.accepted, Some(false));
    }

    #[test]
    fn sessions_are_told_by_their_version() {
        assert_eq!(guess(&OVER_TCP, &[], b"RFB 003.008\n", 50_000), Guess::Yes);
        assert_eq!(guess(&OVER_TCP, b"RFB 003.008\n", b"RFB 003.008\n", 5_900), Guess::Yes);
        assert_eq!(guess(&OVER_TCP, b"GET ", b"RFB 003.008\n", 5_900), Guess::No);
    }
}
