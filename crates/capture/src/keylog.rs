//! Secrets of TLS, as programs write them for whoever wants to look into their own traffic: `SSLKEYLOGFILE`
//! (draft-ietf-tls-keylogfile). A line has a label, the client's random number and the secret, in hexadecimal.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Connections whose secrets are kept.
const MOST: usize = 1 << 20;
/// Bytes of a secret.
const LONGEST_SECRET: usize = 64;

/// A connection, by the 32 bytes that its client threw in.
type Random = [u8; 32];

/// Secrets by connection. They are not printed.
#[derive(Clone, Default)]
pub struct KeyLog {
    connections: BTreeMap<Random, Secrets>,
    /// What was known before, for as long as others need just that; of a connection that is here as well, this counts.
    before: Option<Arc<KeyLog>>,
    /// Connections in all.
    number: usize,
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
        write!(f, "KeyLog({} connections)", self.number)
    }
}

impl KeyLog {
    /// What is added comes on top of what is known, which is not copied.
    pub(crate) fn on(before: Arc<Self>) -> Self {
        Self {
            connections: BTreeMap::new(),
            number: before.number,
            before: Some(before),
        }
    }

    /// Whether there is no secret.
    pub fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// How many connections there are secrets of; a million at most.
    pub fn len(&self) -> usize {
        self.number
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
        if let Some(secrets) = self.connections.get_mut(&random) {
            *place(secrets) = secret;
            return Some(());
        }
        let before = self.of(&random).cloned();
        if before.is_some() || self.number < MOST {
            self.number += usize::from(before.is_none());
            *place(self.connections.entry(random).or_insert(before.unwrap_or_default())) = secret;
        }
        Some(())
    }

    /// The secrets of the connection whose client threw this in.
    pub(crate) fn of(&self, random: &[u8]) -> Option<&Secrets> {
        let mut log = self;
        loop {
            match (log.connections.get(random), &log.before) {
                (None, Some(before)) => log = before,
                (secrets, _) => return secrets,
            }
        }
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
    fn what_is_learned_later_comes_on_top() {
        let line = |label: &str, random: &str, secret: &str| format!("{label} {} {secret}\n", random.repeat(32));
        let mut first = KeyLog::default();
        first.add(line("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "0a", "01").as_bytes());
        first.add(line("CLIENT_RANDOM", "0b", "02").as_bytes());
        let first = Arc::new(first);
        let mut log = KeyLog::on(Arc::clone(&first));
        log.add(line("CLIENT_TRAFFIC_SECRET_0", "0a", "03").as_bytes());
        log.add(line("CLIENT_RANDOM", "0c", "04").as_bytes());
        let log = KeyLog::on(Arc::new(log));
        assert_eq!((first.len(), log.len()), (2, 3));
        let both = log.of(&[10; 32]).unwrap();
        assert_eq!((&both.handshake[0][..], &both.traffic[0][..]), (&[1][..], &[3][..]));
        assert_eq!(log.of(&[11; 32]).unwrap().master, [2]);
        assert!(log.of(&[13; 32]).is_none() && first.of(&[12; 32]).is_none());
        assert!(first.of(&[10; 32]).unwrap().traffic[0].is_empty());
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
