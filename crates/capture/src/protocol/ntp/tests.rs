//! Messages of NTP that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard};

/// Seconds of NTP at the beginning of 2026.
const SECONDS: u32 = 3_976_214_400;

fn clock(first: u8, stratum: u8, origin: u32, transmit: u32) -> Vec<u8> {
    let mut bytes = vec![first, stratum, 6, 0xec, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 192, 0, 2, 9];
    for seconds in [0, origin, origin, transmit] {
        bytes.extend(seconds.to_be_bytes());
        bytes.extend(if seconds == 0 { [0; 4] } else { [0x80, 0, 0, 0] });
    }
    bytes
}

fn said(parts: &[Part]) -> Vec<Ntp> {
    let events = heard(&OVER_UDP, parts).into_iter();
    let said = events.map(|event| match event.exchange {
        Exchange::Ntp(ntp) => *ntp,
        other => panic!("{other:?}"),
    });
    said.collect()
}

#[test]
fn a_question_and_its_answer_are_one_exchange() {
    let said = said(&[
        asks(clock(0x23, 0, 0, SECONDS)),
        answers(clock(0x24, 2, SECONDS, SECONDS + 1)),
    ]);
    let [ntp] = said.as_slice() else { panic!("{said:?}") };
    let (asked, answer) = (
        ntp.asked.as_ref().expect("asked"),
        ntp.answer.as_ref().expect("answered"),
    );
    assert_eq!((asked.mode.0, answer.mode.0, ntp.version, ntp.answers), (3, 4, 4, 1));
    let NtpSaying::Time(time) = &answer.says else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (time.stratum, time.precision, time.reference.raw()),
        (2, -20, "192.0.2.9")
    );
    let half = Timestamp::new(1_767_225_600, 500_000_000);
    assert_eq!((time.origin_time, time.reference_time), (Some(half), None));
}

#[test]
fn what_is_not_the_answer_stands_alone() {
    let said = said(&[
        asks(clock(0x23, 0, 0, SECONDS)),
        answers(clock(0x24, 2, SECONDS + 9, SECONDS + 9)),
    ]);
    assert_eq!(said.len(), 2);
    assert!(said.iter().all(|ntp| ntp.asked.is_none() || ntp.answer.is_none()));
}

#[test]
fn answers_in_many_messages_are_counted() {
    let question = [0x17, 0, 3, 42, 0, 0, 0, 0];
    let answer = |more: bool| {
        let mut bytes = vec![if more { 0xd7 } else { 0x97 }, 0, 3, 42, 0, 6, 0, 72];
        bytes.extend([0; 432]);
        bytes
    };
    let said = said(&[
        asks(question),
        answers(answer(true)),
        answers(answer(true)),
        answers(answer(false)),
    ]);
    let [ntp] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((ntp.answers, ntp.answer_bytes, ntp.asked_bytes), (3, 1_320, 8));
    let NtpSaying::Private(private) = &ntp.asked.as_ref().expect("asked").says else {
        panic!("{ntp:?}")
    };
    assert_eq!((private.implementation, private.request), (3, 42));
}

#[test]
fn commands_belong_to_their_answers() {
    let command = |first: u8| [0x16, first, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0];
    let said = said(&[asks(command(0x01)), answers(command(0x81))]);
    let [ntp] = said.as_slice() else { panic!("{said:?}") };
    let NtpSaying::Control(control) = &ntp.answer.as_ref().expect("answered").says else {
        panic!("{ntp:?}")
    };
    assert_eq!((control.operation, control.sequence, control.association), (1, 5, 9));
}

#[test]
fn extensions_are_counted_and_signatures_are_none() {
    assert_eq!(behind(&[]), (0, false));
    assert_eq!(behind(&[0; 20]), (0, true));
    let field = [&[1, 4, 0, 36], [0; 32].as_slice()].concat();
    assert_eq!(behind(&field), (1, false));
    assert_eq!(behind(&[field.as_slice(), &field, &[0; 24]].concat()), (2, true));
    assert_eq!(behind(&[0; 100]), (0, false));
}

#[test]
fn seconds_of_the_first_half_are_after_2036() {
    assert_eq!(moment(0), None);
    assert_eq!(
        moment(1 << 32).map(Timestamp::nanoseconds),
        Some(2_085_978_497_000_000_000)
    );
}

#[test]
fn questions_that_wait_are_bounded() {
    let many: Vec<Part> = (0..1_000)
        .map(|number| asks(clock(0x23, 0, 0, SECONDS + number)))
        .collect();
    assert_eq!(said(&many).len(), 1_000);
}

#[test]
fn the_port_counts() {
    let question = clock(0x23, 0, 0, SECONDS);
    assert_eq!(guess(&OVER_UDP, &question, b"", 123), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &question, b"", 124), Guess::No);
    assert_eq!(guess(&OVER_UDP, &question[..47], b"", 123), Guess::No);
    assert_eq!(guess(&OVER_UDP, &[0xff; 48], b"", 123), Guess::No);
}
