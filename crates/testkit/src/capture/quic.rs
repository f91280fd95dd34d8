//! The first packet of a connection over QUIC (RFC 9000, RFC 9001).

use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, quic};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// What version 1 begins its secrets with (RFC 9001 5.2).
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];

/// Bytes of the whole datagram: no Initial of a client is shorter.
const LENGTH: usize = 1_200;

/// An Initial of a client, version 1, with the message of TLS `hello`, which must have fewer than 1,100 bytes. It is
/// encrypted with what its connection's name gives, as all are. Empty where that cannot be.
pub fn quic_initial(connection: [u8; 8], hello: &[u8]) -> Vec<u8> {
    seal(connection, hello).unwrap_or_default()
}

fn seal(connection: [u8; 8], hello: &[u8]) -> Option<Vec<u8>> {
    let initial = Salt::new(HKDF_SHA256, &SALT).extract(&connection);
    let secret: [u8; 32] = expand(&initial, b"client in")?;
    let secret = Prk::new_less_safe(HKDF_SHA256, &secret);
    let (key, nonce, mask): ([u8; 16], [u8; 12], [u8; 16]) = (
        expand(&secret, b"quic key")?,
        expand(&secret, b"quic iv")?,
        expand(&secret, b"quic hp")?,
    );
    let key = LessSafeKey::new(UnboundKey::new(&ring::aead::AES_128_GCM, &key).ok()?);
    let mask = quic::HeaderProtectionKey::new(&quic::AES_128, &mask).ok()?;
    // A long header, Initial, a packet number of two bytes, which is 0.
    let mut packet = vec![0xc1, 0, 0, 0, 1, 8];
    packet.extend(connection);
    // No name of its own, no token, then the length of what follows, as a number of two bytes.
    packet.extend([0, 0]);
    let header = packet.len().checked_add(4)?;
    let rest = u16::try_from(LENGTH.checked_sub(header)?).ok()?.checked_add(2)?;
    packet.extend((rest | 0x4000).to_be_bytes());
    packet.extend([0, 0]);
    // One CRYPTO frame from 0 on, then padding.
    let mut frames = vec![6, 0];
    frames.extend((u16::try_from(hello.len()).ok()? | 0x4000).to_be_bytes());
    frames.extend(hello);
    frames.resize(LENGTH.checked_sub(header)?.checked_sub(16)?, 0);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(&packet), &mut frames)
        .ok()?;
    let sample = frames.get(2..18)?;
    let mask = mask.new_mask(sample).ok()?;
    let [first, number @ ..] = mask;
    packet.iter_mut().take(1).for_each(|byte| *byte ^= first & 0x0f);
    let places = packet.iter_mut().skip(header.checked_sub(2)?);
    places.zip(number).for_each(|(byte, mask)| *byte ^= mask);
    packet.extend(frames);
    Some(packet)
}

/// HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446 7.1).
fn expand<const N: usize>(secret: &Prk, label: &[u8]) -> Option<[u8; N]> {
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let name = u8::try_from(label.len()).ok()?.checked_add(6)?;
    let info: [&[u8]; 5] = [&length, &[name], b"tls13 ", label, &[0]];
    let mut made = [0; N];
    secret.expand(&info, Bytes(N)).ok()?.fill(&mut made).ok()?;
    Some(made)
}

/// So many of them.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_specification() {
        // RFC 9001, appendix A.1.
        let connection = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let initial = Salt::new(HKDF_SHA256, &SALT).extract(&connection);
        let secret: [u8; 32] = expand(&initial, b"client in").expect("it can be derived");
        let secret = Prk::new_less_safe(HKDF_SHA256, &secret);
        let nonce: [u8; 12] = expand(&secret, b"quic iv").expect("it can be derived");
        assert_eq!(
            nonce,
            [0xfa, 0x04, 0x4b, 0x2f, 0x42, 0xa3, 0xfd, 0x3b, 0x46, 0xfb, 0x25, 0x5c]
        );
        assert_eq!(quic_initial(connection, &[1; 100]).len(), LENGTH);
    }
}
