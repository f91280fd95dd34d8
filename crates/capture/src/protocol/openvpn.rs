//! OpenVPN (<https://openvpn.net/community-resources/openvpn-protocol/>), told by how a client begins. What follows is
//! encrypted, mostly.
//!
//! The first message has an operation, the number of a session, what authenticates it if that is agreed on, and the number
//! 0 behind an empty list of what arrived.

use super::named::Named;
use super::{Carrier, Guess, Opening, Protocol};
use crate::cursor::Cursor;

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "openvpn",
    carrier: Carrier::Datagram,
    recognise: over_udp,
    dissector: || Box::new(Named),
};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "openvpn",
    carrier: Carrier::Stream,
    recognise: over_tcp,
    dissector: || Box::new(Named),
};

/// The operation and the key of a client that begins, of one that begins with a key of its own, and of a server.
const CLIENT: u8 = 7 << 3;
const CLIENT_WITH_KEY: u8 = 10 << 3;
const SERVER: u8 = 8 << 3;
/// Bytes of digests that messages are authenticated with: SHA-1, SHA-256, SHA-512.
const DIGESTS: [usize; 3] = [20, 32, 64];

fn over_udp(opening: &Opening<'_>) -> Guess {
    let is = |message: &[u8]| begins(message).unwrap_or(false);
    Guess::only_if(is(opening.originator) || is(opening.responder))
}

/// Messages stand behind their length.
fn over_tcp(opening: &Opening<'_>) -> Guess {
    let side = |bytes: &[u8]| {
        let mut cursor = Cursor::new(bytes);
        let Some(length) = cursor.be16() else {
            return Guess::Perhaps;
        };
        if !(14..=1_200).contains(&length) {
            return Guess::No;
        }
        match cursor.take(length.into()) {
            Some(message) => Guess::only_if(begins(message).unwrap_or(false)),
            None if matches!(cursor.rest().first(), None | Some(&(CLIENT | CLIENT_WITH_KEY | SERVER))) => {
                Guess::Perhaps
            }
            None => Guess::No,
        }
    };
    side(opening.originator)
}

fn begins(message: &[u8]) -> Option<bool> {
    let mut cursor = Cursor::new(message);
    let operation = cursor.u8()?;
    cursor.take(8)?;
    let rest = cursor.rest();
    let is_plain = match operation {
        CLIENT => rest == [0; 5],
        // What arrived is the client's first message, of its session.
        SERVER => rest.len() == 17 && rest.starts_with(&[1, 0, 0, 0, 0]) && rest.ends_with(&[0; 4]),
        _ => false,
    };
    // A digest, then the number and the time of the message.
    let is_signed = DIGESTS.iter().any(|digest| {
        let behind = rest.get(*digest..).unwrap_or_default();
        operation == CLIENT && behind.len() == 13 && is_first(behind) && behind.ends_with(&[0; 5])
    });
    // The number, the time, a digest, and what is encrypted: the list and the number; and its own key, if it has one.
    let is_encrypted = match operation {
        CLIENT => rest.len() == 45,
        CLIENT_WITH_KEY => (46..=1_200).contains(&rest.len()),
        _ => false,
    };
    Some(is_plain || is_signed || is_encrypted && is_first(rest))
}

/// The number 1 and a time since 2009.
fn is_first(bytes: &[u8]) -> bool {
    matches!(bytes, [0 | 0x0f, 0, 0, 1, 0x4a..=0xbf, ..])
}

#[cfg(test)]
mod tests {
    use super::super::tests::guess;
    use super::*;

    fn message(parts: &[&[u8]]) -> Vec<u8> {
        [&[CLIENT][..], &[7; 8], &parts.concat()].concat()
    }

    const FIRST: &[u8] = &[0, 0, 0, 1, 0x60, 1, 2, 3];

    #[test]
    fn openvpn_is_told_by_how_a_client_begins() {
        let guess = |asked: &[u8]| guess(&OVER_UDP, asked, b"", 7_777);
        assert_eq!(guess(&message(&[&[0; 5]])), Guess::Yes);
        assert_eq!(guess(&message(&[&[9; 20], FIRST, &[0; 5]])), Guess::Yes);
        assert_eq!(guess(&message(&[FIRST, &[9; 32], &[9; 5]])), Guess::Yes);
        assert_eq!(guess(&message(&[&[9; 20], FIRST, &[9; 5]])), Guess::No);
        assert_eq!(guess(&message(&[&[1; 5]])), Guess::No);
        assert_eq!(guess(&[CLIENT; 14]), Guess::No);
    }

    #[test]
    fn over_tcp_messages_stand_behind_their_length() {
        let begin = [&[0, 14][..], &message(&[&[0; 5]])].concat();
        assert_eq!(guess(&OVER_TCP, &begin, b"", 7_777), Guess::Yes);
        assert_eq!(guess(&OVER_TCP, &begin[..10], b"", 7_777), Guess::Perhaps);
        assert_eq!(guess(&OVER_TCP, &[&begin, &begin[..]].concat(), b"", 7_777), Guess::Yes);
        assert_eq!(guess(&OVER_TCP, b"GET / HTTP/1.1\r\n", b"", 7_777), Guess::No);
    }
}
