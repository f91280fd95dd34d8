//! Packets of MQTT that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard};

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut length = body.len();
    while length >= 128 {
        bytes.push((length % 128) as u8 | 0x80);
        length /= 128;
    }
    bytes.push(length as u8);
    bytes.extend(body);
    bytes
}

fn said(parts: &[Part]) -> Vec<Mqtt> {
    let events = heard(&OVER_TCP, parts).into_iter();
    let said = events.filter_map(|event| match event.exchange {
        Exchange::Mqtt(mqtt) => Some(*mqtt),
        _ => None,
    });
    said.collect()
}

/// With a will, a user and a password.
const CONNECTS: &[u8] = b"\0\x04MQTT\x04\xc6\0\x3c\0\x06sensor\0\x04gone\0\x03bye\0\x04rita\0\x06secret";

#[test]
fn clients_say_who_they_are() {
    let said = said(&[asks(packet(0x10, CONNECTS)), answers(packet(0x20, &[0, 5]))]);
    let [Mqtt::Connect(connect)] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(
        (connect.client.raw(), connect.version.to_string(), connect.status),
        ("sensor", "3.1.1".into(), Some(5))
    );
    let texts = [&connect.user, &connect.will_topic, &connect.will].map(|text| text.as_ref().map(|text| text.raw()));
    assert_eq!(texts, [Some("rita"), Some("gone"), Some("bye")]);
}

#[test]
fn passwords_stand_with_log_ins() {
    let events = heard(
        &OVER_TCP,
        &[asks(packet(0x10, CONNECTS)), answers(packet(0x20, &[0, 0]))],
    );
    let Some(Exchange::Login(login)) = events.first().map(|event| &event.exchange) else {
        panic!("{events:?}")
    };
    let secret = login.secret.as_ref().map(|secret| secret.raw());
    let user = login.user.as_ref().map(|user| user.raw());
    assert_eq!(
        (user, secret, login.accepted),
        (Some("rita"), Some("secret"), Some(true))
    );
}

#[test]
fn version_5_has_properties() {
    let connects = b"\0\x04MQTT\x05\x00\0\x3c\x03\x21\0\x0a\0\x06sensor";
    let publishes = b"\0\x01t\x03\x23\0\x01data";
    let said = said(&[asks(packet(0x10, connects)), asks(packet(0x30, publishes))]);
    assert_eq!(said.len(), 2);
    assert!(
        said.iter()
            .any(|mqtt| matches!(mqtt, Mqtt::Connect(connect) if connect.client.raw() == "sensor"))
    );
    assert!(
        said.iter()
            .any(|mqtt| matches!(mqtt, Mqtt::Publish(publish) if publish.payload.raw() == "data"))
    );
}

#[test]
fn of_long_messages_the_beginning_is_kept() {
    let long = [b"\0\x04heat".as_slice(), &[b'x'; 100_000]].concat();
    let after = packet(0x30, b"\0\x04heatnext");
    let said = said(&[
        asks(packet(0x10, CONNECTS)),
        asks([packet(0x31, &long), after].concat()),
    ]);
    let publishes: Vec<&MqttPublish> = said
        .iter()
        .filter_map(|mqtt| {
            if let Mqtt::Publish(publish) = mqtt {
                Some(publish)
            } else {
                None
            }
        })
        .collect();
    let [first, second] = publishes.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(
        (first.payload_bytes, first.payload.raw().len(), first.retain),
        (100_000, LONGEST_PAYLOAD, true)
    );
    assert_eq!(
        (second.payload.raw(), second.payload_bytes, second.from_client),
        ("next", 4, true)
    );
}

#[test]
fn answers_belong_to_what_they_answer() {
    let said = said(&[
        asks(packet(0x82, b"\0\x07\0\x03a/#\x01\0\x01b\0")),
        asks(packet(0x32, b"\0\x01t\0\x08data")),
        answers(packet(0x40, &[0, 8])),
        answers(packet(0x90, &[0, 7, 1, 0x80])),
        asks(packet(0xa2, b"\0\x09\0\x03a/#")),
    ]);
    let [
        Mqtt::Publish(publish),
        Mqtt::Subscribe(subscribe),
        Mqtt::Subscribe(ends),
    ] = said.as_slice()
    else {
        panic!("{said:?}")
    };
    assert!(publish.acknowledged);
    assert_eq!(
        (subscribe.qualities.as_slice(), subscribe.granted.as_slice()),
        ([1, 0].as_slice(), [1, 0x80].as_slice())
    );
    assert!(ends.ends && !ends.acknowledged);
}

#[test]
fn a_length_that_does_not_end_ends_it() {
    let said = said(&[
        asks([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]),
        asks(packet(0x30, b"\0\x01tx")),
    ]);
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn a_client_begins_with_the_name() {
    assert_eq!(guess(&OVER_TCP, &packet(0x10, CONNECTS), b"", 9_999), Guess::Yes);
    assert_eq!(
        guess(&OVER_TCP, &packet(0x10, CONNECTS)[..5], b"", 1_883),
        Guess::Perhaps
    );
    assert_eq!(
        guess(&OVER_TCP, &packet(0x10, b"\0\x04NONE\x04"), b"", 1_883),
        Guess::No
    );
    assert_eq!(guess(&OVER_TCP, b"GET / HTTP/1.1", b"", 1_883), Guess::No);
}
