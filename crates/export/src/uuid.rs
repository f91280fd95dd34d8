//! Identifiers that are the same wherever the same thing is named: version 5 of RFC 9562, of SHA-1.

use watchfire_formats::digest::Digester;
use watchfire_model::{NeededDigests, digest_hex};

/// A namespace (RFC 9562, section 5.5).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Namespace([u8; 16]);

impl Namespace {
    /// What STIX 2.1 gives cyber-observable objects (section 2.9): `00abedb4-aa42-466c-9c01-fed23315a9b7`.
    pub(crate) const CYBER_OBSERVABLE: Self = Self([
        0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7,
    ]);
    /// Watchfire's own, drawn once: `5b8f6c0e-3d0a-4c1e-9a57-6f2d41c8b7e3`.
    pub(crate) const WATCHFIRE: Self = Self([
        0x5b, 0x8f, 0x6c, 0x0e, 0x3d, 0x0a, 0x4c, 0x1e, 0x9a, 0x57, 0x6f, 0x2d, 0x41, 0xc8, 0xb7, 0xe3,
    ]);

    /// The identifier of `name`.
    pub(crate) fn name(self, name: &[u8]) -> String {
        let needed = NeededDigests {
            sha1: true,
            ..NeededDigests::default()
        };
        let mut digester = Digester::new(needed);
        digester.update(&self.0);
        digester.update(name);
        let digest = digester.finish().sha1.unwrap_or_default();
        let mut bytes = [0; 16];
        for (at, (byte, from)) in bytes.iter_mut().zip(digest).enumerate() {
            *byte = match at {
                6 => from & 0x0f | 0x50,
                8 => from & 0x3f | 0x80,
                _ => from,
            };
        }
        let digits = digest_hex(&bytes);
        let part = |from, to| digits.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-{}-{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32)
        )
    }

    /// The identifier of what these tell apart together.
    pub(crate) fn parts(self, parts: &[&str]) -> String {
        let mut name = Vec::new();
        for part in parts {
            name.extend((part.len() as u64).to_be_bytes());
            name.extend(part.as_bytes());
        }
        self.name(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_comes_out() {
        // RFC 9562, appendix A.4: the name "www.example.com" in the namespace of the DNS.
        let dns = Namespace([
            0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
        ]);
        assert_eq!(dns.name(b"www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        let own = Namespace::WATCHFIRE;
        assert_ne!(own.parts(&["ab", "c"]), own.parts(&["a", "bc"]));
    }
}
