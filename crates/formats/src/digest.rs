//! Digests of an input besides its SHA-256: MD5 and SHA-1, where somebody needs them.

use md5::Md5;
use sha1::Sha1;
use sha2::Digest as _;
use watchfire_model::{Digests, NeededDigests};

/// Computes what is needed while an input is read.
#[derive(Default)]
pub struct Digester {
    md5: Option<Md5>,
    sha1: Option<Sha1>,
}

impl Digester {
    /// Computes these, and nothing where none is needed.
    pub fn new(needed: NeededDigests) -> Self {
        Self {
            md5: needed.md5.then(Md5::default),
            sha1: needed.sha1.then(Sha1::default),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        if let Some(sha1) = &mut self.sha1 {
            sha1.update(bytes);
        }
    }

    /// The digests of all that was taken.
    pub fn finish(self) -> Digests {
        Digests {
            md5: self.md5.map(|md5| md5.finalize().into()),
            sha1: self.sha1.map(|sha1| sha1.finalize().into()),
        }
    }

    /// The digests of `bytes` alone.
    pub fn of(mut self, bytes: &[u8]) -> Digests {
        self.update(bytes);
        self.finish()
    }
}

impl std::fmt::Debug for Digester {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digester").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::digest_hex;

    #[test]
    fn what_is_needed_is_computed_and_nothing_else() {
        // RFC 1321, A.5; FIPS 180-4 example.
        let both = NeededDigests { md5: true, sha1: true };
        let digests = Digester::new(both).of(b"abc");
        let md5 = digests.md5.map(|digest| digest_hex(&digest));
        let sha1 = digests.sha1.map(|digest| digest_hex(&digest));
        assert_eq!(md5.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(sha1.as_deref(), Some("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(Digester::default().of(b"abc"), Digests::default());
    }

    #[test]
    fn pieces_make_no_difference() {
        let needed = NeededDigests { md5: true, sha1: true };
        let mut pieces = Digester::new(needed);
        b"a file in pieces".chunks(5).for_each(|piece| pieces.update(piece));
        assert_eq!(pieces.finish(), Digester::new(needed).of(b"a file in pieces"));
    }
}
