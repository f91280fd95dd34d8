//! Files in the midst of a text, as mail carried them before MIME: `begin 644 name`, lines of uuencode, `end`.

use super::transfer;

/// Files of one text.
const MOST: usize = 100;
/// Characters of a name.
const LONGEST_NAME: usize = 250;

/// A file in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uuencoded {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The end is missing.
    pub damaged: bool,
}

/// The files in `text`, in their order. One pass: what belongs to one file is not looked at for another.
pub fn files(text: &[u8]) -> Vec<Uuencoded> {
    let mut out = Vec::new();
    let mut at = 0;
    while out.len() < MOST {
        let rest = text.get(at..).unwrap_or_default();
        let Some(begin) = begin(rest) else { break };
        let start = at + begin;
        let line_end = end_of_line(text, start);
        let Some(name) = name(text.get(start..line_end).unwrap_or_default()) else {
            at = line_end;
            continue;
        };
        let (end, lines) = body(text, line_end);
        at = end.max(line_end);
        // A sentence may begin with "begin 644 times": a file has at least a line.
        if lines == 0 {
            continue;
        }
        let (bytes, damaged) = transfer::uuencode(text.get(start..end).unwrap_or_default());
        out.push(Uuencoded { name, bytes, damaged });
    }
    out
}

/// Where the next line stands that begins with `begin `.
fn begin(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"begin ") {
        return Some(0);
    }
    memchr::memmem::find(text, b"\nbegin ").map(|at| at + 1)
}

fn end_of_line(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |end| start + end + 1)
}

/// The name in `begin 644 name`.
fn name(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"begin ")?.trim_ascii();
    let mode = rest.iter().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let name = rest.get(mode..)?.strip_prefix(b" ")?.trim_ascii();
    let is_file = matches!(mode, 3 | 4) && !name.is_empty();
    is_file.then(|| String::from_utf8_lossy(name).chars().take(LONGEST_NAME).collect())
}

/// Where the lines of a file end, and how many of them hold something.
fn body(text: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut lines) = (start, 0);
    while at < text.len() {
        let end = end_of_line(text, at);
        let line = text.get(at..end).unwrap_or_default().trim_ascii_end();
        match line {
            b"end" => return (end, lines),
            // An empty line or a lone "`" stands before the end.
            b"" | b"`" => {}
            [length, letters @ ..] if is_line(*length, letters.len()) => lines += 1,
            _ => return (at, lines),
        }
        at = end;
    }
    (at, lines)
}

/// A line says how many bytes it holds; three in four letters. Blanks at its end may be lost.
fn is_line(length: u8, letters: usize) -> bool {
    let bytes = usize::from(length.wrapping_sub(b' ') & 0x3f);
    let needed = bytes.div_ceil(3) * 4;
    (b' '..=b'`').contains(&length) && bytes > 0 && letters <= needed + 2 && letters + 12 >= needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = files(text.as_bytes());
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|file| (file.name.as_str(), std::str::from_utf8(&file.bytes).unwrap()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn files_in_texts_are_found() {
        check("hello\nbegin 644 cat.txt\n#0V%T\n`\nend\nbye\n", &[("cat.txt", "Cat")]);
        check(
            "begin 0755 a b.exe\r\n#0V%T\r\n`\r\nend\r\nbegin 644 c\r\n#0V%T\r\n",
            &[("a b.exe", "Cat"), ("c", "Cat")],
        );
    }

    #[test]
    fn sentences_are_no_files() {
        check("begin 644 times\nand again this is a text\n", &[]);
        check("begin at once\n#0V%T\nend\n", &[]);
        check("we begin 644 cat.txt\n#0V%T\nend\n", &[]);
    }

    #[test]
    fn files_without_end_are_bounded() {
        assert!(files("begin 644 a\n".repeat(100_000).as_bytes()).is_empty());
        assert_eq!(files("begin 644 a\n#0V%T\n".repeat(50_000).as_bytes()).len(), MOST);
    }
}
