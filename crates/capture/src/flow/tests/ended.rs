//! Files that end when their connection does, or are cut off.

use super::*;
use watchfire_model::network::CarriedFile;

const ACK: u8 = 0x18;
const FIN: u8 = 0x11;
const RST: u8 = 0x04;

/// The file that segments carry: of the server or not, their flags, where in the stream they stand, and their bytes.
fn carried(segments: &[(bool, u8, u32, &[u8])]) -> CarriedFile {
    let mut table = FlowTable::new(1_000, 1 << 20, Depth::Everything);
    let mut out = Said::default();
    let begin = [(false, 0x02, 0, &b""[..]), (true, 0x12, 0, b"")];
    for (at, (is_server, flags, place, bytes)) in begin.iter().chain(segments).enumerate() {
        let (from, to) = if *is_server { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
        let mut packet = segment(from, to, *flags, 1_000 + place, 1_001, bytes.len() as u32);
        packet.payload = 0..bytes.len() as u32;
        let time = Timestamp::from_nanoseconds(at as i64);
        tell_bytes(&mut table, at as u64 + 1, time, &packet, bytes, &mut out);
    }
    table.finish(&mut out);
    let file = out.events.into_iter().find_map(|event| match event.exchange {
        Exchange::File(file) => Some(*file),
        _ => None,
    });
    file.unwrap()
}

/// Whether the file is whole, and its digest known, that begins with the first two segments.
fn check(begin: [(bool, u8, u32, &[u8]); 2], end: &[(bool, u8, u32, &[u8])], is_whole: bool) {
    let file = carried(&[&begin, end].concat());
    assert_eq!((file.whole, file.sha256.is_some()), (is_whole, is_whole), "{end:?}");
    assert_eq!((file.size, file.missing), (40, 0), "{end:?}");
}

#[test]
fn a_file_without_a_length_is_whole_if_its_sender_closed_behind_it() {
    let body = [b'x'; 40];
    let page = [b"HTTP/1.0 200 OK\r\n\r\n", &body[..]].concat();
    let behind = 1 + page.len() as u32;
    let http: [(bool, u8, u32, &[u8]); 2] = [(false, ACK, 1, b"GET / HTTP/1.0\r\n\r\n"), (true, ACK, 1, &page)];
    // What one side alone says, which nobody knows.
    let alone: [(bool, u8, u32, &[u8]); 2] = [(false, ACK, 1, b""), (true, ACK, 1, &body)];
    for (begin, behind) in [(http, behind), (alone, 41)] {
        check(begin, &[(true, FIN, behind, b"")], true);
        check(begin, &[(true, FIN, behind, b""), (false, FIN, 19, b"")], true);
        check(begin, &[(false, FIN, 19, b""), (true, FIN, behind, b"")], true);
        // Nobody closed, the other end did, it was broken off, and more was said that the capture does not have.
        check(begin, &[], false);
        check(begin, &[(false, FIN, 19, b"")], false);
        check(begin, &[(true, RST, behind, b"")], false);
        check(begin, &[(true, FIN, behind + 5, b"")], false);
    }
}
