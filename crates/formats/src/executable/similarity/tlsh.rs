//! TLSH (Oliver, Cheng, Chen, "TLSH: A Locality Sensitive Hash", 2013): the only file that names `tlsh2`.

use tlsh2::{TlshDefault, TlshDefaultBuilder};

/// Longest file. The crate counts in 32 bits, which files beyond a multiple of this could overflow. Bytes.
const LONGEST: usize = 256 << 20;

/// The digest with 128 buckets and a checksum of one byte, with `T1` before it. `None` for less than 50 bytes, and where
/// they vary too little, and for more than 256 MiB.
pub fn tlsh(bytes: &[u8]) -> Option<String> {
    if bytes.len() > LONGEST {
        return None;
    }
    let mut builder = TlshDefaultBuilder::new();
    builder.update(bytes);
    let digest: TlshDefault = builder.build()?;
    String::from_utf8(digest.hash().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_and_monotonous_bytes_have_none() {
        assert_eq!(tlsh(b""), None);
        assert_eq!(tlsh(&[7; 49]), None);
        assert_eq!(tlsh(&[7; 4096]), None);
    }
}
