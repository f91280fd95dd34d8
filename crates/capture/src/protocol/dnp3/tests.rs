//! Frames of DNP3 that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard};

fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    [bytes, &checksum(bytes).to_le_bytes()].concat()
}

/// A frame from `source` to `destination`.
fn frame(destination: u16, source: u16, user: &[u8]) -> Vec<u8> {
    let mut header = vec![0x05, 0x64, user.len() as u8 + 5, 0xc4];
    header.extend(destination.to_le_bytes());
    header.extend(source.to_le_bytes());
    let mut bytes = with_checksum(&header);
    for block in user.chunks(BLOCK) {
        bytes.extend(with_checksum(block));
    }
    bytes
}

fn said(parts: &[Part]) -> Vec<Dnp3> {
    let events = heard(&OVER_TCP, parts).into_iter();
    let said = events.map(|event| match event.exchange {
        Exchange::Dnp3(dnp3) => *dnp3,
        other => panic!("{other:?}"),
    });
    said.collect()
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    // A request to reset the link, from 1024 to 1 (IEEE 1815, annex E).
    assert_eq!(checksum(&[0x05, 0x64, 0x05, 0xc0, 0x01, 0x00, 0x00, 0x04]), 0x21e9);
}

#[test]
fn a_request_and_its_answer_are_one_exchange() {
    let long: Vec<u8> = [&[0xc0, 0xc1, 0x01], [0; 40].as_slice()].concat();
    let said = said(&[
        asks(frame(10, 1, &long)),
        answers(frame(1, 10, &[0xc0, 0xc1, 0x81, 0x90, 0x01])),
    ]);
    let [dnp3] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((dnp3.master, dnp3.outstation, dnp3.indications), (1, 10, Some(0x9001)));
    let names = [dnp3.asked, dnp3.answer].map(|function| function.map(|function| function.to_string()));
    assert_eq!(names, [Some("READ".into()), Some("RESPONSE".into())]);
}

#[test]
fn what_is_said_unasked_answers_nothing() {
    let said = said(&[
        asks(frame(10, 1, &[0xc0, 0xc1, 0x02])),
        answers(frame(1, 10, &[0xc0, 0xf1, 0x82, 0, 0])),
        asks(frame(10, 1, &[0xc0, 0xd1, 0x00])),
        answers(frame(1, 10, &[0xc0, 0xc1, 0x81, 0, 0])),
    ]);
    let seen: Vec<_> = said
        .iter()
        .map(|dnp3| (dnp3.asked, dnp3.answer.map(|answer| answer.0)))
        .collect();
    assert_eq!(seen, [(None, Some(0x82)), (Some(Dnp3Function(2)), Some(0x81))]);
}

#[test]
fn damaged_frames_are_counted_and_what_follows_is_found() {
    let mut damaged = frame(10, 1, &[0xc0, 0xc1, 0x0d]);
    damaged[HEADER] ^= 1;
    let said = said(&[asks(
        [damaged, b"noise".to_vec(), frame(10, 1, &[0xc0, 0xc1, 0x01])].concat(),
    )]);
    let [dnp3] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((dnp3.asked, dnp3.damaged), (Some(Dnp3Function(1)), 1));
}

#[test]
fn a_header_is_told_by_its_checksum() {
    let whole = frame(10, 1, &[0xc0, 0xc1, 0x01]);
    assert_eq!(guess(&OVER_TCP, &whole, b"", 1), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"", &whole, 1), Guess::Yes);
    assert_eq!(guess(&OVER_TCP, &whole[..9], b"", 20_000), Guess::Perhaps);
    let mut damaged = whole;
    damaged[4] ^= 1;
    assert_eq!(guess(&OVER_TCP, &damaged, b"", 20_000), Guess::No);
}
