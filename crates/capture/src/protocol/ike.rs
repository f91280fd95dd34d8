//! IKE, both versions (RFC 2408, RFC 7296), also in UDP for those behind a translator (RFC 3948): told by its header. ESP
//! behind it is encrypted.

use super::named::Named;
use super::{Carrier, Guess, Opening, Protocol};
use crate::cursor::Cursor;

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "ike",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Named),
};

fn recognise(opening: &Opening<'_>) -> Guess {
    let is = |datagram: &[u8]| {
        // Where ESP uses the port as well, a mark comes first (RFC 3948 2.2).
        let bare = match datagram {
            [0, 0, 0, 0, rest @ ..] => rest,
            _ => datagram,
        };
        is_header(bare).unwrap_or(false)
    };
    Guess::only_if(is(opening.originator) || is(opening.responder))
}

fn is_header(message: &[u8]) -> Option<bool> {
    let mut cursor = Cursor::new(message);
    let initiator: [u8; 8] = cursor.array()?;
    cursor.take(8)?;
    let [payload, version, exchange, flags] = cursor.array()?;
    cursor.take(4)?;
    let length = cursor.be32()?;
    let is_known = match version >> 4 {
        1 => payload <= 23 && matches!(exchange, 1..=6 | 32..=34),
        2 => matches!(payload, 0 | 33..=60) && matches!(exchange, 34..=44) && flags & 0xc7 == 0,
        _ => false,
    };
    let is_whole = usize::try_from(length).is_ok_and(|length| length == message.len());
    Some(is_known && is_whole && version & 0x0f == 0 && initiator != [0; 8])
}

#[cfg(test)]
mod tests {
    use super::super::tests::guess;
    use super::*;

    #[test]
    fn ike_is_told_by_its_header() {
        let header = |version: u8, payload: u8, exchange: u8| {
            [
                &[7; 8][..],
                &[0; 8],
                &[payload, version, exchange, 8, 0, 0, 0, 0, 0, 0, 0, 32],
                &[0; 4],
            ]
            .concat()
        };
        let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_UDP, asked, answered, 7_777);
        assert_eq!(guess(&header(0x20, 33, 34), b""), Guess::Yes);
        assert_eq!(guess(b"", &header(0x10, 1, 2)), Guess::Yes);
        let behind_mark = [&[0; 4][..], &header(0x20, 33, 34)].concat();
        assert_eq!(guess(&behind_mark, b""), Guess::Yes);
        assert_eq!(guess(&header(0x30, 33, 34), b""), Guess::No);
        assert_eq!(guess(&header(0x20, 33, 34)[..31], b""), Guess::No);
    }
}
