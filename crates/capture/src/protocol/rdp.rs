//! RDP (MS-RDPBCGR) until it is encrypted: who wants in, what is agreed on, and what client and server say of themselves
//! where that is not in TLS. What TLS carries is told anew.

#[cfg(test)]
mod tests;

use super::inner::Inner;
use super::windows::{narrow, wide};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::bytes::{array, be16, byte};
use crate::cursor::Cursor;
use watchfire_model::Untrusted;
use watchfire_model::network::{
    Exchange, KeyboardLayout, Rdp, RdpBuild, RdpClient, RdpFailure, RdpSecurity, RdpServer,
};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "rdp",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Beginning::default()),
};

/// Bytes before a unit (RFC 1006 6), and of a request to connect without what is variable (X.224 13.3).
const FRAME: usize = 4;
const REQUEST: usize = FRAME + 7;
/// Units of X.224: a request to connect, its answer, and data.
const CONNECT: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
const DATA: &[u8] = &[0x02, 0xf0, 0x80];
/// Messages of MCS (T.125 7): connecting, and what is answered.
const INITIAL: &[u8] = &[0x7f, 0x65];
const ANSWER: &[u8] = &[0x7f, 0x66];
/// What is negotiated (MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2), each of eight bytes.
const NEGOTIATION: usize = 8;
const OFFER: u8 = 1;
const CHOICE: u8 = 2;
const FAILURE: u8 = 3;
const RESTRICTED_ADMIN: u8 = 1;
/// Before the name that a client gives.
const COOKIE: &[u8] = b"Cookie: mstshash=";
/// Blocks of what client and server say of themselves (MS-RDPBCGR 2.2.1.3.1).
const CLIENT_CORE: u16 = 0xc001;
const CLIENT_NETWORK: u16 = 0xc003;
const SERVER_SECURITY: u16 = 0x0c02;
/// How many are read, and channels of a client.
const MOST_BLOCKS: usize = 16;
const MOST_CHANNELS: usize = 31;
/// A client wants colours of 32 bits.
const WANTS_32: u16 = 0x0002;
/// A key that is made for the session.
const TEMPORARY: u32 = 0x8000_0000;

fn recognise(opening: &Opening<'_>) -> Guess {
    let confirms = matches!(
        (frame(opening.responder), opening.responder.get(5)),
        (Ok(_), Some(&CONFIRM)) | (Err(Guess::Perhaps), _) | (Ok(_), None)
    );
    match asks(opening.originator) {
        Guess::Yes if !confirms => Guess::No,
        guess => guess,
    }
}

/// The length of a unit.
fn frame(bytes: &[u8]) -> Result<usize, Guess> {
    let is_so = |at: usize, value: u8| bytes.get(at).is_none_or(|byte| *byte == value);
    if !is_so(0, 3) || !is_so(1, 0) {
        return Err(Guess::No);
    }
    match be16(bytes, 2).map(usize::from) {
        Some(length) if length < FRAME + 3 => Err(Guess::No),
        Some(length) => Ok(length),
        None => Err(Guess::Perhaps),
    }
}

/// Whether a client asks for a desktop: other protocols over X.224 say whom they want as well.
fn asks(bytes: &[u8]) -> Guess {
    let length = match frame(bytes) {
        Ok(length) => length,
        Err(guess) => return guess,
    };
    let fits = bytes
        .get(4)
        .is_none_or(|rest| usize::from(*rest) + FRAME + 1 == length && length >= REQUEST);
    if !fits || bytes.get(5).is_some_and(|code| *code != CONNECT) {
        return Guess::No;
    }
    let Some(variable) = bytes.get(REQUEST..length.min(bytes.len()).max(REQUEST)) else {
        return Guess::Perhaps;
    };
    if length > REQUEST {
        let cookie = b"Cookie: msts";
        let is_cookie = variable.starts_with(cookie) || cookie.starts_with(variable);
        let is_offer = matches!(variable, [OFFER] | [OFFER, _] | [OFFER, _, 8] | [OFFER, _, 8, 0, ..]);
        if !is_cookie && !is_offer {
            return Guess::No;
        }
        return if bytes.len() < length {
            Guess::Perhaps
        } else {
            Guess::Yes
        };
    }
    // What comes next has to tell.
    let rest = bytes.get(length..).unwrap_or_default();
    let mcs = [DATA, INITIAL].concat();
    match (frame(rest), rest.get(FRAME..)) {
        (Err(Guess::No), _) => Guess::No,
        (_, Some(unit)) if unit.starts_with(&mcs) => Guess::Yes,
        (_, Some(unit)) if !mcs.starts_with(unit) => Guess::No,
        _ => Guess::Perhaps,
    }
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
}

#[derive(Debug, Default)]
struct Beginning {
    began: Option<Here>,
    speeches: [Speech; 2],
    rdp: Rdp,
    inner: Option<Box<Inner>>,
    is_said: bool,
}

impl Dissector for Beginning {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let mut rest = bytes;
        while self.inner.is_none() {
            let Some(speech) = self.speeches.get_mut(usize::from(side == Side::Responder)) else {
                return Heard::Enough;
            };
            let mut wanted = FRAME;
            if speech.held.len() >= FRAME {
                match frame(&speech.held) {
                    Ok(length) => wanted = length,
                    Err(_) => return Heard::Enough,
                }
            }
            let missing = wanted.saturating_sub(speech.held.len());
            let (part, behind) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            speech.held.extend_from_slice(part);
            rest = behind;
            if part.len() < missing {
                return Heard::More;
            }
            if wanted > FRAME {
                let unit = std::mem::take(&mut speech.held);
                if self.unit(side, unit.get(FRAME..).unwrap_or_default(), context) == Heard::Enough {
                    return Heard::Enough;
                }
            }
        }
        match &mut self.inner {
            Some(inner) if !rest.is_empty() => inner.hear(side, rest, context),
            _ => Heard::More,
        }
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        match &mut self.inner {
            Some(inner) => inner.miss(side, length, context),
            None => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(inner) = &mut self.inner {
            inner.finish(context);
        }
        self.say(context);
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        held + Inner::held(self.inner.as_deref())
    }
}

impl Beginning {
    fn say(&mut self, context: &mut Context<'_>) {
        if !std::mem::replace(&mut self.is_said, true) {
            let rdp = std::mem::take(&mut self.rdp);
            context.say(self.began.unwrap_or(context.here), Exchange::Rdp(Box::new(rdp)));
        }
    }

    fn unit(&mut self, side: Side, unit: &[u8], context: &mut Context<'_>) -> Heard {
        match (side, byte(unit, 1)) {
            (Side::Originator, Some(CONNECT)) => self.asked(unit.get(7..).unwrap_or_default()),
            (Side::Responder, Some(CONFIRM)) => return self.confirmed(unit.get(7..).unwrap_or_default(), context),
            _ => {}
        }
        let Some(mcs) = unit.strip_prefix(DATA) else {
            return Heard::More;
        };
        if mcs.starts_with(INITIAL) {
            let client = self.rdp.client.get_or_insert_default();
            said(mcs, b"Duca", |kind, block| match kind {
                CLIENT_CORE => core(client, block),
                CLIENT_NETWORK => {
                    let channels = block.get(4..).unwrap_or_default().as_chunks::<12>().0;
                    let names = channels.iter().filter_map(|channel| narrow(channel.get(..8)?));
                    client.channels = names.take(MOST_CHANNELS).collect();
                }
                _ => {}
            });
            return Heard::More;
        }
        if mcs.starts_with(ANSWER) {
            said(mcs, b"McDn", |kind, block| {
                if kind == SERVER_SECURITY {
                    self.rdp.server = server(block);
                }
            });
            self.rdp.security.get_or_insert(RdpSecurity::RDP);
            // What came of it is the first element.
            let result = mcs.windows(3).take(8).find(|window| window.starts_with(&[0x0a, 1]));
            self.rdp.connected = result.map(|result| result.last() == Some(&0));
            self.say(context);
            return Heard::Enough;
        }
        Heard::More
    }

    /// Who wants in, and how (MS-RDPBCGR 2.2.1.1).
    fn asked(&mut self, variable: &[u8]) {
        let mut offer = variable;
        if let Some(end) = variable.windows(2).position(|end| end == b"\r\n") {
            let line = variable.get(..end).unwrap_or_default();
            self.rdp.cookie = line.strip_prefix(COOKIE).map(Untrusted::from_bytes);
            offer = variable.get(end + 2..).unwrap_or_default();
        }
        if let Some([OFFER, flags, _, _, protocols @ ..]) = array::<NEGOTIATION>(offer, 0) {
            let protocols = u32::from_le_bytes(protocols);
            self.rdp.restricted_admin = flags & RESTRICTED_ADMIN != 0;
            let bits = (0..32).map(|bit| 1_u32 << bit).filter(|bit| protocols & bit != 0);
            self.rdp.offered = bits.map(RdpSecurity).collect();
        }
    }

    /// What the server chooses (MS-RDPBCGR 2.2.1.2).
    fn confirmed(&mut self, variable: &[u8], context: &mut Context<'_>) -> Heard {
        match array::<NEGOTIATION>(variable, 0) {
            Some([CHOICE, _, _, _, protocol @ ..]) => {
                let security = RdpSecurity(u32::from_le_bytes(protocol));
                self.rdp.security = Some(security);
                if security != RdpSecurity::RDP {
                    self.say(context);
                    self.inner = Some(Box::default());
                }
                Heard::More
            }
            Some([FAILURE, _, _, _, code @ ..]) => {
                self.rdp.failure = Some(RdpFailure(u32::from_le_bytes(code)));
                self.say(context);
                Heard::Enough
            }
            _ => {
                self.rdp.security = Some(RdpSecurity::RDP);
                Heard::More
            }
        }
    }
}

/// Goes through the blocks behind a mark (T.124 8.7): the mark stands before their length.
fn said(mcs: &[u8], mark: &[u8], mut block: impl FnMut(u16, &[u8])) {
    let Some(at) = mcs.windows(mark.len()).position(|window| window == mark) else {
        return;
    };
    let rest = mcs.get(at + mark.len()..).unwrap_or_default();
    // One byte, or two of which the first has its highest bit set.
    let skipped = if rest.first().is_some_and(|first| first & 0x80 != 0) {
        2
    } else {
        1
    };
    let mut cursor = Cursor::new(rest.get(skipped..).unwrap_or_default());
    for _ in 0..MOST_BLOCKS {
        let (Some(kind), Some(length)) = (cursor.le16(), cursor.le16()) else {
            return;
        };
        let body = usize::from(length)
            .checked_sub(4)
            .and_then(|length| cursor.take(length));
        let Some(body) = body else { return };
        block(kind, body);
    }
}

/// MS-RDPBCGR 2.2.1.3.2; the later a field, the newer.
fn core(client: &mut RdpClient, block: &[u8]) {
    let le16 = |at| array(block, at).map(u16::from_le_bytes);
    let le32 = |at| array(block, at).map(u32::from_le_bytes);
    client.width = le16(4).unwrap_or_default();
    client.height = le16(6).unwrap_or_default();
    client.keyboard = KeyboardLayout(le32(12).unwrap_or_default());
    client.build = RdpBuild(le32(16).unwrap_or_default());
    client.name = block.get(20..52).and_then(wide);
    client.depth = match (le16(136), le16(140)) {
        (_, Some(flags)) if flags & WANTS_32 != 0 => Some(32),
        (depth, _) => depth,
    };
    client.product = block.get(142..206).and_then(wide);
}

/// MS-RDPBCGR 2.2.1.4.3.
fn server(block: &[u8]) -> Option<RdpServer> {
    let mut cursor = Cursor::new(block);
    let (method, level) = (cursor.le32()?, cursor.le32()?);
    let mut server = RdpServer {
        method,
        level,
        ..RdpServer::default()
    };
    if let (Some(random), Some(_)) = (cursor.le32(), cursor.le32())
        && cursor.take(usize::try_from(random).ok()?).is_some()
        && let Some(version) = cursor.le32()
    {
        server.permanent = version & TEMPORARY == 0;
        server.x509 = version & !TEMPORARY == 2;
        server.certificates = if server.x509 {
            cursor.le32().unwrap_or_default()
        } else {
            1
        };
    }
    Some(server)
}
