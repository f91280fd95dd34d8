//! The two ciphers of zip files: the original one (APPNOTE 6.1, "ZipCrypto") and WinZip AES (AE-1, AE-2).

use crate::archive::aes::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Bytes before the data of the original cipher; the last of them tells wrong passwords, one in 256 of them falsely.
const HEADER: usize = 12;

/// Undoes the original cipher; `None` if the password is certainly wrong.
pub(super) fn traditional(data: &[u8], password: &[u8], check: u8) -> Option<Vec<u8>> {
    let (header, body) = data.split_at_checked(HEADER)?;
    let mut keys = Keys::new(password);
    let last = header.iter().map(|&byte| keys.decrypt(byte)).last()?;
    (last == check).then(|| body.iter().map(|&byte| keys.decrypt(byte)).collect())
}

struct Keys(u32, u32, u32);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self(0x1234_5678, 0x2345_6789, 0x3456_7890);
        password.iter().for_each(|&byte| keys.update(byte));
        keys
    }

    fn update(&mut self, plain: u8) {
        self.0 = crc_step(self.0, plain);
        self.1 = self
            .1
            .wrapping_add(self.0 & 0xff)
            .wrapping_mul(134_775_813)
            .wrapping_add(1);
        self.2 = crc_step(self.2, (self.1 >> 24) as u8);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let mask = (self.2 | 2) & 0xffff;
        let plain = byte ^ (mask.wrapping_mul(mask ^ 1) >> 8) as u8;
        self.update(plain);
        plain
    }
}

/// One byte of CRC-32, without the inversions around it.
fn crc_step(crc: u32, byte: u8) -> u32 {
    const TABLE: [u32; 256] = crc_table();
    let index = (crc ^ u32::from(byte)) & 0xff;
    (crc >> 8) ^ TABLE.get(index as usize).copied().unwrap_or_default()
}

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated at compile time, with an index below the length"
        )]
        {
            table[index] = crc;
        }
        index += 1;
    }
    table
}

/// Iterations of the key derivation, fixed by the format.
pub(super) const ITERATIONS: u32 = 1000;
pub(super) const MAC_LEN: usize = 10;

/// Undoes WinZip AES; `None` if the password is wrong or the data was changed. `strength` is 1, 2 or 3.
pub(super) fn aes(data: &[u8], password: &[u8], strength: u8) -> Option<Vec<u8>> {
    let key_len = match strength {
        1 => 16,
        2 => 24,
        3 => 32,
        _ => return None,
    };
    let (salt, rest) = data.split_at_checked(key_len / 2)?;
    let (verifier, rest) = rest.split_at_checked(2)?;
    let (body, mac) = rest.split_at_checked(rest.len().checked_sub(MAC_LEN)?)?;

    let mut derived = [0; 66];
    let derived = derived.get_mut(..2 * key_len + 2)?;
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, ITERATIONS, derived);
    let (key, rest) = derived.split_at_checked(key_len)?;
    let (mac_key, expected) = rest.split_at_checked(key_len)?;
    if expected != verifier {
        return None;
    }
    let mut hmac = Hmac::<Sha1>::new_from_slice(mac_key).ok()?;
    hmac.update(body);
    hmac.verify_truncated_left(mac).ok()?;
    let mut plain = body.to_vec();
    Key::new(key)?.apply_little_endian_counter(&mut plain);
    Some(plain)
}
