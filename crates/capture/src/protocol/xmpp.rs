//! XMPP (RFC 6120): what follows `<starttls/>`, and log-ins before that. What people say to one another is not read.

#[cfg(test)]
mod tests;

use super::sasl::Sasl;
use super::text::begins;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use watchfire_model::network::Exchange;

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "xmpp",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Bytes of both sides until which there has to be a log-in or TLS.
const LONGEST_START: usize = 64 << 10;
/// Bytes of a tag, or of a text, that are kept.
const LONGEST_KEPT: usize = 4 << 10;

fn recognise(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| match bytes {
        [] => Guess::Perhaps,
        _ => stream(bytes),
    };
    match (says(opening.originator), says(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// Whether a side begins with a stream, mostly behind a declaration of XML.
fn stream(bytes: &[u8]) -> Guess {
    const STREAM: &[u8] = b"<stream:stream";
    match begins(bytes, &[STREAM, b"<?xml "]) {
        Guess::Yes if bytes.starts_with(b"<?xml") => {}
        other => return other,
    }
    let Some(end) = bytes.windows(2).position(|part| part == b"?>") else {
        return if bytes.len() < 256 { Guess::Perhaps } else { Guess::No };
    };
    match bytes.get(end + 2..).unwrap_or_default().trim_ascii_start() {
        [] => Guess::Perhaps,
        rest => begins(rest, &[STREAM]),
    }
}

/// One side.
#[derive(Debug, Default)]
struct Speech {
    /// A tag that is not whole, from its bracket on.
    tag: Option<Vec<u8>>,
    /// What stands behind a tag that matters.
    text: Vec<u8>,
    is_inside: bool,
}

#[derive(Debug, Default)]
struct Session {
    speeches: [Speech; 2],
    sasl: Option<Sasl>,
    /// The client sends the beginning of a log-in next.
    mechanism: Option<(Here, Vec<u8>)>,
    inner: Option<Box<Inner>>,
    /// Bytes that were read.
    read: usize,
    is_over: bool,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            if self.is_over {
                return Heard::Enough;
            }
            let mut speech = self.speeches.get_mut(at).map(std::mem::take).unwrap_or_default();
            let is_inside = speech.is_inside;
            let mut tag = None;
            match &mut speech.tag {
                _ if is_inside => {}
                Some(open) => {
                    if *byte == b'>' {
                        tag = speech.tag.take();
                    } else if open.len() < LONGEST_KEPT {
                        open.push(*byte);
                    }
                }
                None if *byte == b'<' => speech.tag = Some(Vec::new()),
                None if speech.text.len() < LONGEST_KEPT => speech.text.push(*byte),
                None => {}
            }
            let text = tag.as_ref().map(|_| std::mem::take(&mut speech.text));
            if let Some(place) = self.speeches.get_mut(at) {
                *place = speech;
            }
            if is_inside {
                return self.inner.get_or_insert_default().hear(side, rest, context);
            }
            rest = behind;
            self.read += 1;
            self.is_over = self.read > LONGEST_START;
            if let (Some(tag), Some(text)) = (tag, text) {
                match side {
                    Side::Originator => self.client(&tag, &text, context),
                    Side::Responder => self.server(&tag, &text, context),
                }
            }
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        match &mut self.inner {
            Some(inner) => inner.miss(side, length, context),
            None => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.logged_in(None, context);
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
    }

    fn memory(&self) -> usize {
        let held = self.speeches.iter().map(|speech| {
            let tag = speech.tag.as_ref().map_or(0, Vec::capacity);
            tag + speech.text.capacity()
        });
        held.sum::<usize>() + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    /// A tag of the client, and the text before it.
    fn client(&mut self, tag: &[u8], text: &[u8], context: &mut Context<'_>) {
        match name(tag) {
            b"auth" => self.mechanism = attribute(tag, b"mechanism").map(|name| (context.here, name.to_vec())),
            b"/auth" => {
                if let Some((began, mechanism)) = self.mechanism.take() {
                    self.sasl = Some(Sasl::begin(&mechanism, text.trim_ascii(), began));
                }
            }
            b"/response" => {
                if let Some(sasl) = &mut self.sasl {
                    sasl.answer(text);
                }
            }
            _ => {}
        }
    }

    fn server(&mut self, tag: &[u8], text: &[u8], context: &mut Context<'_>) {
        match name(tag) {
            b"proceed" => self.speeches.iter_mut().for_each(|speech| speech.is_inside = true),
            b"/challenge" => {
                if let Some(sasl) = &mut self.sasl {
                    sasl.challenge(text);
                }
            }
            b"success" => {
                self.logged_in(Some(true), context);
                self.is_over = true;
            }
            b"failure" => self.logged_in(Some(false), context),
            _ => {}
        }
    }

    fn logged_in(&mut self, accepted: Option<bool>, context: &mut Context<'_>) {
        if let Some(sasl) = self.sasl.take()
            && let Some(login) = sasl.login("xmpp", accepted)
        {
            context.say(sasl.began, Exchange::Login(Box::new(login)));
        }
    }
}

/// The name of a tag.
fn name(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_suffix(b"/").unwrap_or(tag);
    tag.split(u8::is_ascii_whitespace).next().unwrap_or_default()
}

/// What stands in quotes behind the name of an attribute.
fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let at = tag.windows(name.len()).position(|window| window == name)?;
    let rest = tag.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?;
    let (quote, rest) = rest.trim_ascii_start().split_first()?;
    rest.split(|byte| byte == quote).next()
}
