//! Logs that are not in UTF-8: UTF-16 with or without a mark, and lines in windows-1252.

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// UTF-16 to UTF-8, block by block. Every unit that is no letter is U+FFFD, so places can be counted back.
#[derive(Default)]
pub(crate) struct Transcoder {
    decoder: Option<Decoder>,
}

impl std::fmt::Debug for Transcoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transcoder")
            .field("is_used", &self.decoder.is_some())
            .finish()
    }
}

impl Transcoder {
    pub(crate) fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: Some(encoding.new_decoder_without_bom_handling()),
        }
    }

    /// How long the byte order mark is, and the encoding where it is UTF-16. Without a mark every second byte of the first
    /// sixty-four has to be zero, and none of the others.
    pub(crate) fn detect(head: &[u8]) -> (usize, Option<&'static Encoding>) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => return (3, None),
            [0xff, 0xfe, ..] => return (2, Some(UTF_16LE)),
            [0xfe, 0xff, ..] => return (2, Some(UTF_16BE)),
            _ => {}
        }
        let sample = head.get(..64).unwrap_or(head);
        let (pairs, _) = sample.as_chunks::<2>();
        if pairs.len() >= 8 {
            if pairs.iter().all(|[low, high]| *low != 0 && *high == 0) {
                return (0, Some(UTF_16LE));
            }
            if pairs.iter().all(|[high, low]| *low != 0 && *high == 0) {
                return (0, Some(UTF_16BE));
            }
        }
        (0, None)
    }

    pub(crate) fn push(&mut self, block: &[u8], is_last: bool, out: &mut String) {
        let Some(decoder) = &mut self.decoder else { return };
        let room = decoder
            .max_utf8_buffer_length(block.len())
            .unwrap_or(block.len().saturating_mul(3));
        out.reserve(room);
        let _ = decoder.decode_to_string(block, out, is_last);
    }
}

/// Reads `bytes` as windows-1252, in which every byte is a letter. Pieces that are UTF-8 stay what they are.
pub(crate) fn code_page(bytes: &[u8], out: &mut String) {
    for piece in bytes.utf8_chunks() {
        out.push_str(piece.valid());
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(piece.invalid());
        out.push_str(&text);
    }
}
