//! Dangerous bytes as a zip file that nothing opens by accident: WinZip AES-256 (AE-2, "AES Encryption Information:
//! Encryption Specification AE-1 and AE-2"), under the password that everybody uses for samples.
//!
//! The password is no secret: it keeps programs from running what is inside, and scanners from taking it away. So the salt
//! comes from the content, and the same bytes give the same file.

use super::crypto;
use crate::archive::aes::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The password of files that are exchanged between analysts.
pub const PASSWORD: &str = "infected";

/// AES-256: its number, the bytes of its salt and of its keys.
const STRENGTH: u8 = 3;
const SALT: usize = 16;
const KEY: usize = 32;
/// What is needed to read it (5.1), and its flags: encrypted (bit 0), names are UTF-8 (bit 11).
const VERSION: u16 = 51;
const FLAGS: u16 = 0x0801;
const AES: u16 = 99;
/// 1980-01-01, the first day there is.
const DAY: u16 = 0x21;

/// `bytes` as the one member `name` of an encrypted zip file. Nothing where it is too large for one, or its name is.
pub fn seal(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let salt: Vec<u8> = Sha256::digest(bytes).into_iter().take(SALT).collect();
    let mut derived = [0; 2 * KEY + 2];
    pbkdf2::pbkdf2_hmac::<Sha1>(PASSWORD.as_bytes(), &salt, crypto::ITERATIONS, &mut derived);
    let (key, rest) = derived.split_at_checked(KEY)?;
    let (mac_key, verifier) = rest.split_at_checked(KEY)?;
    let mut body = bytes.to_vec();
    Key::new(key)?.apply_little_endian_counter(&mut body);
    let mut hmac = Hmac::<Sha1>::new_from_slice(mac_key).ok()?;
    hmac.update(&body);
    let mac = hmac.finalize().into_bytes();

    let packed = u32::try_from(SALT + 2 + body.len() + crypto::MAC_LEN).ok()?;
    let size = u32::try_from(bytes.len()).ok()?;
    let shared = shared(name, packed, size)?;
    let mut out = Vec::with_capacity(body.len() + 300);
    out.extend(b"PK\x03\x04");
    out.extend(&shared);
    out.extend(name.as_bytes());
    out.extend(EXTRA);
    out.extend(&salt);
    out.extend(verifier);
    out.append(&mut body);
    out.extend(mac.into_iter().take(crypto::MAC_LEN));
    let list = u32::try_from(out.len()).ok()?;
    out.extend(b"PK\x01\x02");
    out.extend(VERSION.to_le_bytes());
    out.extend(&shared);
    // No comment, first disk, no attributes, at the beginning.
    out.extend([0; 14]);
    out.extend(name.as_bytes());
    out.extend(EXTRA);
    let length = u32::try_from(out.len()).ok()?.checked_sub(list)?;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(length.to_le_bytes());
    out.extend(list.to_le_bytes());
    out.extend([0; 2]);
    Some(out)
}

/// The field that says how it is encrypted: AE-2, the strength, and that the content is stored as it is.
const EXTRA: [u8; 11] = [0x01, 0x99, 7, 0, 2, 0, b'A', b'E', STRENGTH, 0, 0];

/// What both headers say, from the version to the length of the extra field. AE-2 has no checksum: it would tell about
/// the content.
fn shared(name: &str, packed: u32, size: u32) -> Option<Vec<u8>> {
    let mut shared = Vec::with_capacity(26);
    for field in [VERSION, FLAGS, AES, 0, DAY] {
        shared.extend(field.to_le_bytes());
    }
    shared.extend([0; 4]);
    shared.extend(packed.to_le_bytes());
    shared.extend(size.to_le_bytes());
    shared.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
    shared.extend((EXTRA.len() as u16).to_le_bytes());
    Some(shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::zip;
    use watchfire_model::{Budget, Halt, Hints, Limits, Member, MemberSink, Password, Problem};

    #[derive(Default)]
    struct Opened(Vec<Vec<u8>>);

    impl MemberSink for Opened {
        fn member(&mut self, member: Member) -> Result<(), Halt> {
            self.0.push(member.bytes);
            Ok(())
        }

        fn problem(&mut self, _: Problem) {}
    }

    #[track_caller]
    fn check(bytes: &[u8]) {
        let sealed = seal("0f.bin", bytes).unwrap();
        assert_eq!(seal("0f.bin", bytes).unwrap(), sealed);
        let open = |sealed: &[u8]| {
            let hints = Hints {
                passwords: vec![Password::new(PASSWORD.as_bytes())],
                ..Hints::default()
            };
            let mut opened = Opened::default();
            let (facts, _) = zip::read(sealed, &hints, &Budget::new(Limits::default()), &mut opened);
            assert!(facts.members[0].encrypted);
            opened.0
        };
        assert_eq!(open(&sealed), [bytes]);
        // The last byte of what says that nothing was changed.
        let list = sealed.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        let mut changed = sealed;
        changed[list - 1] ^= 1;
        assert_eq!(open(&changed), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn what_is_sealed_opens_unless_it_was_changed() {
        check(b"");
        check(b"MZ");
        check(&[0x90; 5000]);
    }
}
