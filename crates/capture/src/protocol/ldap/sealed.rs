//! What SASL signs and does not encrypt: by Kerberos (RFC 4121 4.2.6.2), and by NTLM (MS-NLMP 3.4.4).

use super::super::der::{self, SEQUENCE};
use crate::bytes::be16;

/// How a token of Kerberos begins, and its flag that says that it is encrypted.
const KERBEROS: &[u8] = &[0x05, 0x04];
const ENCRYPTED: u8 = 0x02;
/// How a signature of NTLM begins: with its version.
const NTLM: &[u8] = &[1, 0, 0, 0];
/// Bytes of the header of one, and of a whole signature of the other.
const HEADER: usize = 16;

/// The messages that are signed; nothing where they are encrypted.
pub(super) fn signed(token: &[u8]) -> Option<&[u8]> {
    let body = token.get(HEADER..)?;
    let messages = if token.starts_with(KERBEROS) {
        let is_encrypted = token.get(2).is_none_or(|flags| flags & ENCRYPTED != 0);
        // How long the sum is, and how many bytes of it were put before the rest.
        let (sum, before) = (usize::from(be16(token, 4)?), usize::from(be16(token, 6)?));
        let length = body.len().checked_sub(sum)?;
        body.get(before..before.checked_add(length)?)
            .filter(|_| !is_encrypted)?
    } else if token.starts_with(NTLM) {
        body
    } else {
        return None;
    };
    let header = der::header(messages).ok()?;
    let is_message = header.tag == SEQUENCE && header.size.saturating_add(header.length) <= messages.len();
    is_message.then_some(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_read_and_what_is_encrypted_is_not() {
        let message = [0x30, 5, 2, 1, 7, 0x42, 0];
        let sum = [0xaa; 12];
        let token = |flags, before: u8| {
            let mut token = vec![5, 4, flags, 0xff, 0, 12, 0, before];
            token.extend([0; 8]);
            let mut body = [&message[..], &sum].concat();
            body.rotate_right(before.into());
            [token, body].concat()
        };
        assert_eq!(signed(&token(0, 0)), Some(&message[..]));
        assert_eq!(signed(&token(0, 12)), Some(&message[..]));
        assert_eq!(signed(&token(2, 0)), None);
        let ntlm = [&[1, 0, 0, 0][..], &[0xbb; 12], &message].concat();
        assert_eq!(signed(&ntlm), Some(&message[..]));
        assert_eq!(signed(&[&[1, 0, 0, 0][..], &[0xbb; 30]].concat()), None);
        assert_eq!(signed(&[]), None);
    }
}
