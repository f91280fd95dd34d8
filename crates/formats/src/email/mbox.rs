//! Mailboxes in one file (RFC 4155, "mbox"): where each mail begins and ends.
//!
//! A line `From …` after an empty line, or at the beginning, begins a mail; in a mail such lines are written `>From`.
//! What writers do with `Content-Length` is not believed.

use std::borrow::Cow;
use std::ops::Range;

/// Where the mails are, without their `From` lines and the empty lines behind them.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut starts = starts(bytes).peekable();
    std::iter::from_fn(move || {
        let line = starts.next()?;
        let start = memchr::memchr(b'\n', bytes.get(line..)?).map_or(bytes.len(), |end| line + end + 1);
        let end = starts.peek().copied().unwrap_or(bytes.len());
        let body = bytes.get(start..end.max(start))?;
        let body = body.strip_suffix(b"\n").unwrap_or(body);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        Some(start..start + body.len())
    })
}

/// Where the `From` lines begin.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let first = bytes.starts_with(b"From ").then_some(0);
    let later = memchr::memmem::find_iter(bytes, b"\nFrom ").map(|at| at + 1);
    first.into_iter().chain(later.filter(|at| {
        let before = bytes.get(..*at).unwrap_or_default();
        before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n")
    }))
}

/// A mail with its `>From` lines as they were.
pub fn unescaped(mail: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(mail, b"\n>").is_none() {
        return Cow::Borrowed(mail);
    }
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        let quotes = line.iter().take_while(|byte| **byte == b'>').count();
        let is_from = quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        out.extend(line.get(usize::from(is_from)..).unwrap_or_default());
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mailbox: &str, expected: &[&str]) {
        let found: Vec<String> = messages(mailbox.as_bytes())
            .map(|range| String::from_utf8_lossy(&unescaped(&mailbox.as_bytes()[range])).into_owned())
            .collect();
        assert_eq!(found, expected, "{mailbox:?}");
    }

    #[test]
    fn mails_are_told_apart() {
        check(
            "From a Thu\nA: 1\n\nx\n\nFrom b Thu\nB: 2\n\ny\n",
            &["A: 1\n\nx\n", "B: 2\n\ny"],
        );
        check(
            "From a\r\nA: 1\r\n\r\nx\r\n\r\nFrom b\r\nB: 2\r\n",
            &["A: 1\r\n\r\nx\r\n", "B: 2"],
        );
        check(
            "From a\nA: 1\n\n>From x\n>>From y\n>no\nFrom here\n",
            &["A: 1\n\nFrom x\n>From y\n>no\nFrom here"],
        );
        check("From a", &[""]);
        check("no mailbox", &[]);
    }
}
