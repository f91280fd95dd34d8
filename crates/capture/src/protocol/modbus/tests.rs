//! Messages of Modbus that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard, lacks};

fn message(transaction: u16, body: &[u8]) -> Vec<u8> {
    [transaction.to_be_bytes().as_slice(), &[0, 0, 0, body.len() as u8], body].concat()
}

fn said(parts: &[Part]) -> Vec<Modbus> {
    let events = heard(&OVER_TCP, parts).into_iter();
    let said = events.map(|event| match event.exchange {
        Exchange::Modbus(modbus) => *modbus,
        other => panic!("{other:?}"),
    });
    said.collect()
}

#[test]
fn a_request_and_its_answer_are_one_exchange() {
    let said = said(&[
        asks([message(1, &[9, 3, 0, 100, 0, 2]), message(2, &[9, 6, 0, 7, 0xff, 0])].concat()),
        answers(message(2, &[9, 0x86, 2])),
        answers(message(1, &[9, 3, 4, 0, 0, 0, 0])),
    ]);
    let [write, read] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(
        (write.function.to_string(), write.exception.map(|why| why.to_string())),
        ("WRITE_SINGLE_REGISTER".into(), Some("ILLEGAL_DATA_ADDRESS".into()))
    );
    assert!(write.function.writes() && !read.function.writes());
    assert_eq!(
        (read.unit, read.address, read.quantity, read.reply_frame),
        (9, Some(100), Some(2), Some(3))
    );
}

#[test]
fn what_is_missing_is_passed_over() {
    let said = said(&[
        asks(message(1, &[9, 3, 0, 100, 0, 2])),
        lacks(Side::Originator, 500),
        asks(message(7, &[9, 4, 0, 1, 0, 1])),
        answers(message(9, &[9, 1, 1, 0])),
    ]);
    let seen: Vec<(u16, bool)> = said.iter().map(|modbus| (modbus.transaction, modbus.asked)).collect();
    assert_eq!(seen, [(9, false), (1, true), (7, true)]);
}

#[test]
fn devices_say_what_they_are() {
    let said = said(&[
        asks(message(1, &[0, 0x2b, 0x0e, 1, 0])),
        answers(message(1, b"\0\x2b\x0e\x01\x01\0\0\x02\0\x04Acme\x01\x03PLC")),
    ]);
    let texts: Vec<&str> = said[0].identification.iter().map(|text| text.raw()).collect();
    assert_eq!(texts, ["Acme", "PLC"]);
}

#[test]
fn requests_that_wait_are_bounded() {
    let many: Vec<Part> = (0..1_000)
        .map(|number| asks(message(number, &[9, 3, 0, 100, 0, 2])))
        .collect();
    assert_eq!(said(&many).len(), 1_000);
}

#[test]
fn elsewhere_requests_have_to_be_answered() {
    let (asked, answer) = (message(1, &[9, 3, 0, 100, 0, 2]), message(1, &[9, 3, 4, 0, 0, 0, 0]));
    assert_eq!(guess(&OVER_TCP, &asked, b"", 502), Guess::Yes);
    assert_eq!(guess(&OVER_TCP, b"", &answer, 502), Guess::Yes);
    assert_eq!(guess(&OVER_TCP, &asked, b"", 5_020), Guess::Perhaps);
    assert_eq!(guess(&OVER_TCP, &asked, &answer, 5_020), Guess::Yes);
    assert_eq!(
        guess(&OVER_TCP, &asked, &message(2, &[9, 3, 4, 0, 0, 0, 0]), 5_020),
        Guess::No
    );
    assert_eq!(
        guess(&OVER_TCP, &message(1, &[9, 3, 0, 100, 0, 2, 1]), b"", 5_020),
        Guess::No
    );
    assert_eq!(guess(&OVER_TCP, &[0, 1, 0, 1, 0, 6, 9, 3], b"", 502), Guess::No);
    assert_eq!(guess(&OVER_TCP, b"GET / HTTP/1.1", b"", 502), Guess::No);
}
