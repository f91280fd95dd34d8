//! Where blocks of a file end: at fixed lengths, and at the ends of lines or chunks.

use watchfire_formats::log::{CHUNK, EVTX_HEADER};

/// Bytes of a block, about.
pub(super) const BLOCK: usize = 1 << 20;

/// How much of `text`, which begins at byte `at` of a file, makes a block; the rest goes to the next. Nothing, where no
/// record ends in it.
pub(super) fn end(text: &[u8], at: u64, has_lines: bool) -> Option<usize> {
    if has_lines {
        return memchr::memrchr(b'\n', text).map(|end| end + 1);
    }
    // Chunks begin behind the header, and are all of the same length.
    let end = at.saturating_add(text.len() as u64);
    let behind = end.checked_sub(EVTX_HEADER as u64)? % CHUNK as u64;
    let len = text.len().checked_sub(usize::try_from(behind).ok()?)?;
    (len > 0).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_records_do() {
        assert_eq!(end(b"a\nb\nc", 0, true), Some(4));
        assert_eq!(end(b"abc", 0, true), None);
        let text = vec![0; EVTX_HEADER + CHUNK + 5];
        assert_eq!(end(&text, 0, false), Some(EVTX_HEADER + CHUNK));
        let begins = (EVTX_HEADER + CHUNK) as u64;
        assert_eq!(end(&text, begins, false), Some(CHUNK));
        assert_eq!(end(b"abc", begins, false), None);
    }
}
