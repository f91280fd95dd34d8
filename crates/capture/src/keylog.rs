//! Secrets of TLS, as programs write them for whoever wants to look into their own traffic: `SSLKEYLOGFILE`
//! (draft-ietf-tls-keylogfile). A line has a label, the client's random number and the secret, in hexadecimal.

use std::collections::BTreeMap;
use std::fmt;

/// Connections whose secrets are kept.
const MOST: usize = 1 << 20;
/// Bytes of a secret.
const LONGEST_SECRET: usize = 64;

/// A connection, by the 32 bytes that its client threw in.
type Random = [u8; 32];

/// Secrets by connection. They are not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyLog {
    connections: BTreeMap<Random, Secrets>,
}

/// What is known of one connection.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// The master secret, until TLS 1.2.
    pub(crate) master: Vec<u8>,
    /// Of the handshake, since TLS 1.3: the client's and the server's.
    pub(crate) handshake: [Vec<u8>; 2],
    /// Of the data, since TLS 1.3: the client's and the server's.
    pub(crate) traffic: [Vec<u8>; 2],
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog({} connections)", self.connections.len())
    }
}

impl KeyLog {
    /// Whether there is no secret.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// How many connections there are secrets of; a million at most.
    pub fn len(&self) -> usize {
        self.connections.len()
    }

    /// Adds what is written in a key log. Lines that say something else are left out.
    pub fn add(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            self.line(line);
        }
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        let mut words = line.trim_ascii().splitn(3, |byte| *byte == b' ');
        let (label, random, secret) = (words.next()?, words.next()?, words.next()?);
        let place: fn(&mut Secrets) -> &mut Vec<u8> = match label {
            b"CLIENT_RANDOM" => |secrets| &mut secrets.master,
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => |secrets| &mut secrets.handshake[0],
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => |secrets| &mut secrets.handshake[1],
            b"CLIENT_TRAFFIC_SECRET_0" => |secrets| &mut secrets.traffic[0],
            b"SERVER_TRAFFIC_SECRET_0" => |secrets| &mut secrets.traffic[1],
            _ => return None,
        };
        let random: Random = bytes(random)?.try_into().ok()?;
        let secret = bytes(secret.trim_ascii())?;
        if self.connections.len() < MOST || self.connections.contains_key(&random) {
            *place(self.connections.entry(random).or_default()) = secret;
        }
        Some(())
    }

    /// The secrets of the connection whose client threw this in.
    pub(crate) fn of(&self, random: &[u8]) -> Option<&Secrets> {
        self.connections.get(random)
    }
}

/// The bytes that digits stand for; none where they are no digits or too many.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    if pairs.is_empty() || pairs.len() > LONGEST_SECRET {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok();
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_a_connection_and_its_secret() {
        let random = "0a".repeat(32);
        let mut log = KeyLog::default();
        log.add(b"# a word\n\nCLIENT_RANDOM 0a 0b\nSOMETHING 00 00\nCLIENT_RANDOM");
        assert!(log.is_empty());
        log.add(format!("CLIENT_RANDOM {random} 0b0C\r\nSERVER_TRAFFIC_SECRET_0 {random} 0d\n").as_bytes());
        assert_eq!(log.len(), 1);
        let secrets = log.of(&[10; 32]).unwrap();
        assert_eq!(
            (&secrets.master[..], &secrets.traffic[1][..]),
            (&[11, 12][..], &[13][..])
        );
        assert!(log.of(&[11; 32]).is_none());
        assert_eq!(format!("{log:?}"), "KeyLog(1 connections)");
    }

    #[test]
    fn digits_that_are_none_are_left_out() {
        let mut log = KeyLog::default();
        for secret in ["0", "0g", "", &"00".repeat(65)] {
            log.add(format!("CLIENT_RANDOM {} {secret}\n", "0a".repeat(32)).as_bytes());
        }
        assert!(log.is_empty());
    }
}
