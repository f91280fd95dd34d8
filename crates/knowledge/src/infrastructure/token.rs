//! How digests and identifiers are stored: as bytes where they are hexadecimal, as they are otherwise.

/// A key in the table of tokens.
pub(crate) struct Key {
    bytes: [u8; 65],
    length: usize,
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The key of a digest (MD5 to SHA-512), of a UUID, or of the ssdeep of nothing. `None` for any other text.
pub(crate) fn key(token: &str) -> Option<Key> {
    let mut key = Key {
        bytes: [0; 65],
        length: 0,
    };
    let mut push = |byte: u8| {
        *key.bytes.get_mut(key.length)? = byte;
        key.length += 1;
        Some(())
    };
    let token = token.as_bytes();
    match token.len() {
        32 | 40 | 56 | 64 | 96 | 128 => {
            for pair in token.chunks_exact(2) {
                push(hex(pair)?)?;
            }
        }
        36 => {
            for (at, group) in token.split(|byte| *byte == b'-').enumerate() {
                if group.len() != [8, 4, 4, 4, 12].get(at).copied()? {
                    return None;
                }
                for pair in group.chunks_exact(2) {
                    push(hex(pair)?)?;
                }
            }
            // One byte more than an MD5 digest, so that the two never meet.
            push(b'u')?;
        }
        3 if token == b"3::" => {
            for byte in token {
                push(*byte)?;
            }
        }
        _ => return None,
    }
    Some(key)
}

fn hex(pair: &[u8]) -> Option<u8> {
    let &[high, low] = pair else { return None };
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}
