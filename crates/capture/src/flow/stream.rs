//! The bytes of one direction of a connection, in order.
//!
//! What was captured first stands: a segment that overlaps what is already there adds only what is new, which is what Zeek
//! does and what BSD, Windows and macOS do with data that they have taken. Segments that come before their turn wait. A hole
//! is given up when the other end says to have received it (the capture missed it) or when too much waits behind it; whoever
//! reads the stream is told how long it is.

use std::collections::BTreeMap;

/// What a stream says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Bytes, directly behind the last piece.
    Data(&'a [u8]),
    /// So many bytes are missing.
    Gap(u64),
}

/// One direction. Positions are those of `tcp.rs`: the SYN is at 0, the first byte at 1.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Everything before was said.
    next: Option<i64>,
    /// What came before its turn, by where it begins; no two overlap. With it, how much of it was not captured.
    waiting: BTreeMap<i64, Waiting>,
    /// Bytes that wait.
    held: usize,
}

#[derive(Debug)]
struct Waiting {
    bytes: Vec<u8>,
    /// Bytes behind them that the capture cut off.
    cut: i64,
}

impl Waiting {
    fn length(&self) -> i64 {
        length(&self.bytes) + self.cut
    }
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

impl Stream {
    /// Bytes that may wait for a hole to be filled.
    const MOST: usize = 1 << 20;
    /// Bytes of memory for a segment that waits, beside what it holds.
    const EACH: usize = 96;
    /// Segments that may.
    const MOST_SEGMENTS: usize = 1_024;

    /// Takes a segment in: its captured bytes from `at` on, and how many more it had. Of the first one that comes, `first`
    /// says where the stream begins. `out` gets what is in order now.
    pub(super) fn segment(&mut self, (first, at): (i64, i64), bytes: &[u8], cut: i64, out: &mut impl FnMut(Piece<'_>)) {
        let next = *self.next.get_or_insert(first);
        let end = at + length(bytes) + cut;
        if end <= next {
            return;
        }
        if at <= next && self.waiting.is_empty() {
            return self.say(at, bytes, cut, out);
        }
        self.hold(at.max(next), bytes.get(skip(at, next)..).unwrap_or_default(), end);
        self.go_on(out);
        while self.held > Self::MOST || self.waiting.len() > Self::MOST_SEGMENTS {
            self.give_up(out);
        }
    }

    /// The other end has everything before `position`: nobody will send it again.
    pub(super) fn acknowledged(&mut self, position: i64, out: &mut impl FnMut(Piece<'_>)) {
        while self.waiting.first_key_value().is_some_and(|(at, _)| *at <= position) {
            self.give_up(out);
        }
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(Piece<'_>)) {
        while !self.waiting.is_empty() {
            self.give_up(out);
        }
    }

    /// Before where everything was said.
    pub(super) const fn reached(&self) -> Option<i64> {
        self.next
    }

    /// Bytes of memory that it needs, beside its own.
    pub(super) fn memory(&self) -> usize {
        self.held + self.waiting.len() * Self::EACH
    }

    /// Bytes that wait.
    #[cfg(test)]
    const fn held(&self) -> usize {
        self.held
    }

    /// Says what of a segment is new; it begins at or before what comes next.
    fn say(&mut self, at: i64, bytes: &[u8], cut: i64, out: &mut impl FnMut(Piece<'_>)) {
        let next = self.next.unwrap_or(at);
        let fresh = bytes.get(skip(at, next)..).unwrap_or_default();
        if !fresh.is_empty() {
            out(Piece::Data(fresh));
        }
        let end = at + length(bytes) + cut;
        let missing = end - next - length(fresh);
        if missing > 0 {
            out(Piece::Gap(missing.unsigned_abs()));
        }
        self.next = Some(end.max(next));
    }

    /// Keeps those parts of a segment that do not wait yet.
    fn hold(&mut self, mut at: i64, mut bytes: &[u8], end: i64) {
        while at < end {
            let before = self.waiting.range(..=at).next_back();
            let covered = before.map_or(at, |(from, waiting)| from + waiting.length());
            if covered > at {
                bytes = bytes.get(skip(at, covered)..).unwrap_or_default();
                at = covered;
                continue;
            }
            let until = self.waiting.range(at..).next().map_or(end, |(from, _)| end.min(*from));
            let part = bytes.get(..skip(at, until).min(bytes.len())).unwrap_or_default();
            self.held += part.len();
            let waiting = Waiting {
                bytes: part.to_vec(),
                cut: until - at - length(part),
            };
            self.waiting.insert(at, waiting);
            bytes = bytes.get(part.len()..).unwrap_or_default();
            at = until;
        }
    }

    /// Says what waited and is in order now.
    fn go_on(&mut self, out: &mut impl FnMut(Piece<'_>)) {
        while let Some(entry) = self.waiting.first_entry() {
            if self.next.is_some_and(|next| *entry.key() > next) {
                break;
            }
            let (at, waiting) = entry.remove_entry();
            self.held -= waiting.bytes.len();
            self.say(at, &waiting.bytes, waiting.cut, out);
        }
    }

    /// Gives the first hole up.
    fn give_up(&mut self, out: &mut impl FnMut(Piece<'_>)) {
        let Some((&at, _)) = self.waiting.first_key_value() else {
            return;
        };
        let hole = at - self.next.unwrap_or(at);
        if hole > 0 {
            out(Piece::Gap(hole.unsigned_abs()));
        }
        self.next = Some(at);
        self.go_on(out);
    }
}

/// Bytes from `at` to `until`; none where that lies before.
fn skip(at: i64, until: i64) -> usize {
    usize::try_from(until - at).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stream says of segments, each a position and its text; holes as `[n]`. The other end acknowledges `until`.
    fn said(segments: &[(i64, &str)], until: Option<i64>) -> String {
        let mut stream = Stream::default();
        let mut text = String::new();
        let mut out = |piece: Piece<'_>| match piece {
            Piece::Data(bytes) => text.push_str(std::str::from_utf8(bytes).unwrap()),
            Piece::Gap(length) => text.push_str(&format!("[{length}]")),
        };
        for (at, bytes) in segments {
            // What stands behind a bar was not captured.
            let (bytes, cut) = bytes.split_once('|').unwrap_or((bytes, ""));
            stream.segment((1, *at), bytes.as_bytes(), cut.len() as i64, &mut out);
        }
        match until {
            Some(until) => stream.acknowledged(until, &mut out),
            None => stream.finish(&mut out),
        }
        text
    }

    fn check(segments: &[(i64, &str)], expected: &str) {
        assert_eq!(said(segments, None), expected, "{segments:?}");
    }

    #[test]
    fn segments_come_in_order() {
        check(&[(1, "abc"), (4, "def")], "abcdef");
        check(&[(1, "abc"), (7, "ghi"), (4, "def"), (10, "j")], "abcdefghij");
        check(&[(1, "a"), (4, "d"), (3, "c"), (2, "b")], "abcd");
        check(&[(3, "c"), (4, "d"), (1, "ab")], "abcd");
    }

    #[test]
    fn what_came_first_stands() {
        check(&[(1, "abc"), (1, "XYZ"), (4, "d")], "abcd");
        check(&[(1, "abc"), (2, "YZdef")], "abcdef");
        check(&[(1, "a"), (5, "efg"), (2, "bcdXYZh"), (9, "i")], "abcdefghi");
        check(&[(1, "a"), (3, "c"), (5, "e"), (2, "bXdYf")], "abcdef");
    }

    #[test]
    fn what_is_missing_is_said() {
        check(&[(1, "abc"), (7, "ghi")], "abc[3]ghi");
        check(&[(4, "d"), (2, "b")], "[1]b[1]d");
        check(&[(1, "ab|c"), (4, "d")], "ab[1]d");
        check(&[(1, "a"), (3, "c|d"), (2, "b")], "abc[1]");
        assert_eq!(said(&[(1, "a"), (3, "c"), (6, "f")], Some(4)), "a[1]c");
    }

    #[test]
    fn no_more_than_a_megabyte_waits() {
        let piece = "x".repeat(1_000);
        let segments: Vec<(i64, &str)> = (0..3_000).map(|at| (10 + at * 1_000, piece.as_str())).collect();
        let mut stream = Stream::default();
        let mut said = 0;
        let mut out = |piece: Piece<'_>| {
            if let Piece::Data(bytes) = piece {
                said += bytes.len();
            }
        };
        stream.segment((1, 1), b"a", 0, &mut out);
        for (at, bytes) in segments {
            stream.segment((1, at), bytes.as_bytes(), 0, &mut out);
            assert!(stream.held() <= Stream::MOST);
        }
        assert_eq!(said, 3_000_001);
    }

    #[test]
    fn how_a_stream_is_cut_does_not_change_what_it_says() {
        let text = "the quick brown fox jumps over the lazy dog";
        for seed in 0..200_u64 {
            let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut next = |below: usize| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                (random % below as u64) as usize
            };
            let mut segments = Vec::new();
            for _ in 0..60 {
                let (from, length) = (next(text.len()), next(9));
                let part = text.get(from..text.len().min(from + length));
                segments.push((from as i64 + 1, part.unwrap()));
            }
            segments.push((1, text));
            check(&segments, text);
        }
    }
}
