//! Bisection over sorted lines of text.
//!
//! For tables that people read in a diff. Each line ends with a newline and starts with its key, which ends at the first
//! tab or with the line; keys are sorted by bytes.

use std::cmp::Ordering;

/// The line of `table` with this key, without its newline.
pub(crate) fn find<'a>(table: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = table;
    while !rest.is_empty() {
        let middle = floor_char_boundary(rest, rest.len() / 2);
        let (before, _) = rest.split_at_checked(middle)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let (left, from_line) = rest.split_at_checked(start)?;
        let end = from_line.find('\n').unwrap_or(from_line.len());
        let (line, after) = from_line.split_at_checked(end)?;
        let here = line.split('\t').next().unwrap_or_default();
        rest = match key.as_bytes().cmp(here.as_bytes()) {
            Ordering::Equal => return Some(line),
            Ordering::Less => left,
            Ordering::Greater => after.strip_prefix('\n').unwrap_or(after),
        };
    }
    None
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn every_key_is_found_and_nothing_else() {
        let table = "a\t1\nab\nb\t2\tä\nc\u{e4}\t3\nzz\n";
        for line in table.lines() {
            assert_eq!(find(table, line.split('\t').next().unwrap()), Some(line));
        }
        for key in ["", "0", "aa", "abc", "b\t2", "c", "z", "zzz", "\n", "a\n"] {
            assert_eq!(find(table, key), None, "{key:?}");
        }
        assert_eq!(find("", "a"), None);
    }
}
