//! Messages of TFTP that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, contents, guess, heard};

fn block(number: u16, length: usize) -> Vec<u8> {
    [&[0, 3], number.to_be_bytes().as_slice(), &vec![7; length]].concat()
}

fn said(parts: &[Part]) -> Vec<Tftp> {
    let events = heard(&OVER_UDP, parts).into_iter();
    let said = events.filter_map(|event| match event.exchange {
        Exchange::Tftp(tftp) => Some(*tftp),
        _ => None,
    });
    said.collect()
}

#[test]
fn requests_name_a_file() {
    let said = said(&[asks(b"\0\x01boot/pxelinux.0\0octet\0blksize\x001468\0tsize\x000\0")]);
    let [tftp] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(tftp.operation, Some(TftpOperation::Read));
    assert_eq!(tftp.name.as_ref().map(|name| name.raw()), Some("boot/pxelinux.0"));
    let options: Vec<&str> = tftp.options.iter().map(|option| option.raw()).collect();
    assert_eq!(options, ["blksize=1468", "tsize=0"]);
}

#[test]
fn two_requests_from_one_port_are_two_exchanges() {
    let said = said(&[
        asks(b"\0\x01a\0octet\0"),
        asks(b"\0\x01a\0octet\0"),
        asks(b"\0\x02b\0octet\0"),
    ]);
    assert_eq!(said.len(), 2);
    assert_eq!(said[1].operation, Some(TftpOperation::Write));
}

#[test]
fn blocks_count_once_and_the_short_one_is_the_last() {
    let said = said(&[
        asks(block(1, 512)),
        answers([0, 4, 0, 1]),
        asks(block(1, 512)),
        asks(block(2, 10)),
        asks(block(3, 10)),
        answers(block(2, 10)),
    ]);
    assert_eq!((said[0].bytes, said[0].complete, said[0].operation), (522, true, None));
}

#[test]
fn files_are_carried() {
    let parts = [asks(block(1, 512)), asks(block(1, 512)), asks(block(2, 3))];
    let files: Vec<Vec<u8>> = contents(&OVER_UDP, &parts).into_values().collect();
    assert_eq!(files, [vec![7; 515]]);
    let events = heard(&OVER_UDP, &parts);
    let Some(Exchange::File(file)) = events.first().map(|event| &event.exchange) else {
        panic!("{events:?}")
    };
    assert!(file.whole && file.sha256.is_some() && file.sent);
}

#[test]
fn the_size_of_blocks_is_agreed_on() {
    let said = said(&[
        asks(b"\0\x06BLKSIZE\x001024\0"),
        answers(block(1, 1_024)),
        answers(block(2, 512)),
    ]);
    assert_eq!((said[0].bytes, said[0].complete), (1_536, true));
}

#[test]
fn errors_are_kept() {
    let said = said(&[asks(b"\0\x01a\0octet\0"), answers(b"\0\x05\0\x01File not found\0")]);
    assert_eq!(said[0].error, Some(1));
    assert_eq!(
        said[0].error_message.as_ref().map(|text| text.raw()),
        Some("File not found")
    );
}

#[test]
fn the_flow_of_a_file_is_told_by_its_first_message() {
    assert_eq!(guess(&OVER_UDP, b"\0\x01a\0octet\0", b"", 69), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"\0\x01a\0other\0", b"", 69), Guess::No);
    assert_eq!(guess(&OVER_UDP, &block(1, 512), b"", 50_000), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &block(2, 512), b"", 50_000), Guess::No);
    assert_eq!(guess(&OVER_UDP, &block(1, 513), b"", 50_000), Guess::No);
    assert_eq!(guess(&OVER_UDP, &block(1, 512), b"", 53), Guess::No);
    assert_eq!(guess(&OVER_UDP, &[0, 4, 0, 0], b"", 50_000), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"\0\x06tsize\x0012\0", b"", 50_000), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"\0\x06other\x0012\0", b"", 50_000), Guess::No);
}
