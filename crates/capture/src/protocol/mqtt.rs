//! MQTT 3.1, 3.1.1 and 5 (OASIS): who connects as whom, what is said under which topics, and who listens.
//!
//! Of what is said, the beginning is kept. Messages that are acknowledged wait for that, up to a number. Absent: the
//! properties of version 5, and topics that numbers stand for.

#[cfg(test)]
mod tests;

use super::field::text;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Login, Mqtt, MqttConnect, MqttPublish, MqttSubscribe, MqttVersion};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "mqtt",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Kinds of packets (2.2.1).
const CONNECT: u8 = 1;
const CONNECTED: u8 = 2;
const PUBLISH: u8 = 3;
const PUBLISH_ACKNOWLEDGED: u8 = 4;
const PUBLISH_RECEIVED: u8 = 5;
const SUBSCRIBE: u8 = 8;
const SUBSCRIBED: u8 = 9;
const UNSUBSCRIBE: u8 = 10;
const UNSUBSCRIBED: u8 = 11;
/// Bytes of a packet that are looked at.
const LONGEST: usize = 4_096;
/// Bytes of a message that are kept.
const LONGEST_PAYLOAD: usize = 128;
/// What waits for an answer.
const MOST_OPEN: usize = 64;
/// Bytes of memory that one needs, with its texts.
const EACH: usize = 512;
/// Topics of a subscription.
const MOST_TOPICS: usize = 64;

/// A client begins with a packet that names the protocol.
fn recognise(opening: &Opening<'_>) -> Guess {
    match (is_connect(opening.originator), is_connect(opening.responder)) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        (Guess::Perhaps, Guess::Perhaps) => Guess::Perhaps,
        _ => Guess::No,
    }
}

fn is_connect(bytes: &[u8]) -> Guess {
    let Some((first, rest)) = bytes.split_first() else {
        return Guess::Perhaps;
    };
    if *first != CONNECT << 4 {
        return Guess::No;
    }
    let length = rest.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    let Some(body) = rest.get(length..).filter(|_| length <= 4) else {
        return if length <= 4 { Guess::Perhaps } else { Guess::No };
    };
    let names = [b"\0\x04MQTT\x04".as_slice(), b"\0\x04MQTT\x05", b"\0\x06MQIsdp\x03"];
    if names.iter().any(|name| body.starts_with(name)) {
        Guess::Yes
    } else if names.iter().any(|name| name.starts_with(body)) {
        Guess::Perhaps
    } else {
        Guess::No
    }
}

/// A number of up to four bytes, seven bits in each, the lowest first.
fn length(cursor: &mut Cursor<'_>) -> Option<u32> {
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = cursor.u8()?;
        length |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
    /// Bytes of a long packet that are still to come.
    skip: u64,
}

/// What waits for an answer.
#[derive(Debug)]
struct Open {
    began: Here,
    side: Side,
    /// The kind of the answer, and the number that it repeats.
    answer: (u8, u16),
    says: Mqtt,
    /// The password beside it.
    login: Option<Login>,
}

impl Open {
    fn say(self, context: &mut Context<'_>) {
        if let (Some(mut login), Mqtt::Connect(connect)) = (self.login, &self.says) {
            login.accepted = connect.status.map(|status| status == 0);
            context.say(self.began, Exchange::Login(Box::new(login)));
        }
        context.say(self.began, Exchange::Mqtt(Box::new(self.says)));
    }
}

/// A connection.
#[derive(Debug, Default)]
struct Talk {
    speeches: [Speech; 2],
    client: Option<Side>,
    version: u8,
    open: VecDeque<Open>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let Some(mut speech) = self.speeches.get_mut(at).map(std::mem::take) else {
            return Heard::Enough;
        };
        let skipped = usize::try_from(speech.skip).unwrap_or(usize::MAX).min(bytes.len());
        speech.skip -= skipped as u64;
        speech.held.extend_from_slice(bytes.get(skipped..).unwrap_or_default());
        let heard = self.packets(side, &mut speech, context);
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        heard
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for open in std::mem::take(&mut self.open) {
            open.say(context);
        }
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        held + self.open.len() * EACH
    }
}

impl Talk {
    fn packets(&mut self, side: Side, speech: &mut Speech, context: &mut Context<'_>) -> Heard {
        let mut done = 0;
        loop {
            let mut cursor = Cursor::new(speech.held.get(done..).unwrap_or_default());
            let Some(first) = cursor.u8() else { break };
            let is_long = cursor.rest().len() >= 4;
            let Some(length) = length(&mut cursor) else {
                if is_long {
                    return Heard::Enough;
                }
                break;
            };
            let length = length as usize;
            let there = cursor.rest();
            if there.len() < length.min(LONGEST) {
                break;
            }
            let header = cursor.at();
            let body = there.get(..length.min(LONGEST)).unwrap_or_default();
            self.packet(side, first, body, length, context);
            let end = header + length;
            let held = speech.held.len() - done;
            speech.skip = end.saturating_sub(held) as u64;
            done += end.min(held);
        }
        speech.held.drain(..done);
        Heard::More
    }

    fn packet(&mut self, side: Side, first: u8, body: &[u8], length: usize, context: &mut Context<'_>) {
        let mut cursor = Cursor::new(body);
        let kind = first >> 4;
        match kind {
            CONNECT => self.connect(side, &mut cursor, context),
            PUBLISH => self.publish(side, first, &mut cursor, length, context),
            SUBSCRIBE | UNSUBSCRIBE => self.subscribe(side, kind, &mut cursor, context),
            CONNECTED => {
                cursor.u8();
                let status = cursor.u8();
                self.answered(side, (CONNECTED, 0), context, |says| {
                    if let Mqtt::Connect(connect) = says {
                        connect.status = status;
                    }
                });
            }
            PUBLISH_ACKNOWLEDGED | PUBLISH_RECEIVED => {
                let number = cursor.be16().unwrap_or_default();
                self.answered(side, (kind, number), context, |says| {
                    if let Mqtt::Publish(publish) = says {
                        publish.acknowledged = true;
                    }
                });
            }
            SUBSCRIBED | UNSUBSCRIBED => {
                let number = cursor.be16().unwrap_or_default();
                self.properties(&mut cursor);
                let granted = cursor.rest();
                self.answered(side, (kind, number), context, |says| {
                    if let Mqtt::Subscribe(subscribe) = says {
                        subscribe.acknowledged = true;
                        subscribe.granted = granted.get(..MOST_TOPICS).unwrap_or(granted).to_vec();
                    }
                });
            }
            _ => {}
        }
    }

    /// Goes through the properties that version 5 has.
    fn properties(&self, cursor: &mut Cursor<'_>) {
        if self.version == 5
            && let Some(length) = length(cursor)
        {
            cursor.take(length as usize);
        }
    }

    fn connect(&mut self, side: Side, cursor: &mut Cursor<'_>, context: &mut Context<'_>) {
        let mut read = || {
            let name = cursor.behind16()?;
            let version = cursor.u8()?;
            let flags = cursor.u8()?;
            cursor.be16()?;
            self.version = version;
            self.properties(cursor);
            let mut connect = MqttConnect {
                name: text(name),
                version: MqttVersion(version),
                client: text(cursor.behind16()?),
                ..MqttConnect::default()
            };
            if flags & 0x04 != 0 {
                self.properties(cursor);
                connect.will_topic = cursor.behind16().map(text);
                connect.will = cursor.behind16().map(text);
            }
            if flags & 0x80 != 0 {
                connect.user = cursor.behind16().map(text);
            }
            let password = if flags & 0x40 != 0 { cursor.behind16() } else { None };
            let login = password.map(|password| Login::clear("mqtt", connect.user.clone(), text(password)));
            Some((connect, login))
        };
        if let Some((connect, login)) = read() {
            self.client = Some(side);
            self.wait(side, (CONNECTED, 0), Mqtt::Connect(connect), context);
            if let Some(open) = self.open.back_mut() {
                open.login = login;
            }
        }
    }

    fn publish(&mut self, side: Side, first: u8, cursor: &mut Cursor<'_>, length: usize, context: &mut Context<'_>) {
        let quality = first >> 1 & 0x03;
        let Some(topic) = cursor.behind16() else { return };
        let number = if quality > 0 { cursor.be16() } else { None };
        self.properties(cursor);
        let payload = cursor.rest();
        let says = Mqtt::Publish(MqttPublish {
            from_client: self.client == Some(side),
            retain: first & 0x01 != 0,
            quality,
            topic: text(topic),
            payload: Untrusted::from_bytes(payload.get(..LONGEST_PAYLOAD).unwrap_or(payload)),
            payload_bytes: length.saturating_sub(cursor.at()) as u64,
            acknowledged: false,
        });
        match (quality, number) {
            (1, Some(number)) => self.wait(side, (PUBLISH_ACKNOWLEDGED, number), says, context),
            (2, Some(number)) => self.wait(side, (PUBLISH_RECEIVED, number), says, context),
            _ => context.say(context.here, Exchange::Mqtt(Box::new(says))),
        }
    }

    fn subscribe(&mut self, side: Side, kind: u8, cursor: &mut Cursor<'_>, context: &mut Context<'_>) {
        let Some(number) = cursor.be16() else { return };
        self.properties(cursor);
        let mut subscribe = MqttSubscribe {
            ends: kind == UNSUBSCRIBE,
            ..MqttSubscribe::default()
        };
        while let Some(topic) = cursor.behind16() {
            let quality = if kind == SUBSCRIBE { cursor.u8() } else { None };
            if subscribe.topics.len() < MOST_TOPICS {
                subscribe.topics.push(text(topic));
                subscribe.qualities.extend(quality.map(|options| options & 0x03));
            }
        }
        self.wait(side, (kind + 1, number), Mqtt::Subscribe(subscribe), context);
    }

    fn wait(&mut self, side: Side, answer: (u8, u16), says: Mqtt, context: &mut Context<'_>) {
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.say(context);
        }
        self.open.push_back(Open {
            began: context.here,
            side,
            answer,
            says,
            login: None,
        });
    }

    fn answered(&mut self, side: Side, answer: (u8, u16), context: &mut Context<'_>, add: impl FnOnce(&mut Mqtt)) {
        let is_meant = |open: &Open| open.side != side && open.answer == answer;
        if let Some(mut open) = self.open.iter().position(is_meant).and_then(|at| self.open.remove(at)) {
            add(&mut open.says);
            open.say(context);
        }
    }
}
