//! SPNEGO (RFC 4178) and the frame of GSS-API (RFC 2743 3.1) around what is negotiated: NTLM or Kerberos.

use super::der::{self, ENUMERATED, OCTETS, OID, SEQUENCE, application, context, elements, first};
use super::ntlm;

/// 1.3.6.1.5.5.2.
const SPNEGO: &[u8] = &[0x2b, 6, 1, 5, 5, 2];
/// 1.2.840.113554.1.2.2, and as Windows 2000 wrote it, 1.2.840.48018.1.2.2.
const KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];
const KERBEROS_2000: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2];
/// What a ticket comes in (RFC 4121 4.1).
const AP_REQUEST: u8 = application(14);
/// Frames around one another.
const DEEPEST: usize = 4;

/// What somebody proves himself by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    /// A message of NTLM.
    pub(crate) ntlm: Option<&'t [u8]>,
    /// A ticket of Kerberos, as an AP-REQ.
    pub(crate) ticket: Option<&'t [u8]>,
    /// What the server makes of it (`negState`): 0 that is it, 1 go on, 2 no.
    pub(crate) state: Option<u8>,
}

/// Goes into the frames around a token.
pub(crate) fn token(bytes: &[u8]) -> Token<'_> {
    let mut token = Token::default();
    let mut rest = bytes;
    for _ in 0..DEEPEST {
        if rest.starts_with(ntlm::MAGIC) {
            token.ntlm = Some(rest);
            return token;
        }
        let Some((tag, body)) = elements(rest).next() else {
            return token;
        };
        let deeper = match tag {
            AP_REQUEST => {
                token.ticket = Some(rest);
                return token;
            }
            // InitialContextToken: a name, and what that says there is.
            0x60 => match elements(body).next() {
                Some((OID, name)) => {
                    let behind = body.get(2 + name.len()..).unwrap_or_default();
                    match name {
                        SPNEGO => Some(behind),
                        // What kind of token it is stands before it.
                        KERBEROS | KERBEROS_2000 => behind.strip_prefix(&[1, 0]),
                        _ => None,
                    }
                }
                _ => None,
            },
            // negTokenInit.
            0xa0 => der::inside(body, &[SEQUENCE, context(2), OCTETS]),
            // negTokenResp.
            0xa1 => {
                let response = first(body, SEQUENCE).unwrap_or_default();
                let state = der::inside(response, &[context(0), ENUMERATED]);
                token.state = state.and_then(|state| state.first().copied());
                der::inside(response, &[context(2), OCTETS])
            }
            _ => None,
        };
        let Some(deeper) = deeper else { return token };
        rest = deeper;
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, body.len() as u8], body].concat()
    }

    #[test]
    fn what_is_negotiated_is_found_in_its_frames() {
        let inner = wrap(0xa2, &wrap(OCTETS, b"NTLMSSP\0..."));
        let types = wrap(0xa0, &wrap(SEQUENCE, &wrap(OID, KERBEROS)));
        let init = wrap(0xa0, &wrap(SEQUENCE, &[types, inner.clone()].concat()));
        let first = wrap(0x60, &[wrap(OID, SPNEGO), init].concat());
        assert_eq!(token(&first).ntlm, Some(&b"NTLMSSP\0..."[..]));
        let state = wrap(0xa0, &wrap(ENUMERATED, &[1]));
        let answer = wrap(0xa1, &wrap(SEQUENCE, &[state, inner].concat()));
        assert_eq!(token(&answer).ntlm, Some(&b"NTLMSSP\0..."[..]));
        assert_eq!(token(&answer).state, Some(1));
    }

    #[test]
    fn tickets_are_found_in_their_frames() {
        let ticket = wrap(AP_REQUEST, b"ticket");
        let kerberos = wrap(0x60, &[wrap(OID, KERBEROS), vec![1, 0], ticket.clone()].concat());
        let init = wrap(0xa0, &wrap(SEQUENCE, &wrap(0xa2, &wrap(OCTETS, &kerberos))));
        let first = wrap(0x60, &[wrap(OID, SPNEGO), init].concat());
        assert_eq!(token(&first).ticket, Some(&ticket[..]));
        assert_eq!(token(&kerberos).ticket, Some(&ticket[..]));
    }

    #[test]
    fn frames_without_end_are_left() {
        let endless = (0..40).fold(vec![1], |inner, _| {
            wrap(0xa0, &wrap(SEQUENCE, &wrap(0xa2, &wrap(OCTETS, &inner))))
        });
        assert_eq!(token(&endless), Token::default());
        assert_eq!(token(b""), Token::default());
        assert_eq!(token(&[0x60, 5, 1]), Token::default());
    }
}
