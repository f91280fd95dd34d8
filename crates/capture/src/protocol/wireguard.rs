//! WireGuard (<https://www.wireguard.com/protocol/>), told by its handshake. Everything else is encrypted.

use super::named::Named;
use super::{Carrier, Guess, Opening, Protocol};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "wireguard",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Named),
};

/// The port that everybody uses.
const PORT: u16 = 51_820;

fn recognise(opening: &Opening<'_>) -> Guess {
    let is = |datagram: &[u8]| {
        let length = datagram.len();
        match datagram {
            [1, 0, 0, 0, ..] => length == 148,
            [2, 0, 0, 0, ..] => length == 92,
            // A cookie, or data, of which anything may begin so.
            [3, 0, 0, 0, ..] => length == 64 && opening.port == PORT,
            [4, 0, 0, 0, ..] => length >= 32 && length.is_multiple_of(16) && opening.port == PORT,
            _ => false,
        }
    };
    Guess::only_if(is(opening.originator) || is(opening.responder))
}

#[cfg(test)]
mod tests {
    use super::super::tests::guess;
    use super::*;

    #[test]
    fn wireguard_is_told_by_its_handshake() {
        let message = |kind: u8, length: usize| [&[kind, 0, 0, 0][..], &vec![7; length - 4]].concat();
        let guess = |asked: &[u8], answered: &[u8], port| guess(&OVER_UDP, asked, answered, port);
        assert_eq!(guess(&message(1, 148), b"", 7_777), Guess::Yes);
        assert_eq!(guess(b"", &message(2, 92), 7_777), Guess::Yes);
        assert_eq!(guess(&message(1, 150), b"", 7_777), Guess::No);
        assert_eq!(guess(&message(4, 96), b"", PORT), Guess::Yes);
        assert_eq!(guess(&message(4, 96), b"", 7_777), Guess::No);
    }
}
