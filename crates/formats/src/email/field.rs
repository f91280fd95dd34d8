//! The one splitter of mail headers (RFC 5322, section 2.2): bytes to raw fields and a body.
//!
//! Everything that reads a mail builds on it: values keep their folding, their bytes and their places, because signatures
//! are made over exactly those. It is tolerant, as mail is read by tolerant programs: bare line feeds, spaces before the
//! colon, empty lines, a line of mbox or a title in front, lines that are no fields, a missing empty line. One pass, linear time; values are
//! borrowed. Not here: decoding of values, MIME parts, and lone carriage returns, which end no line.

use super::word;
use watchfire_model::{Problem, Span, Untrusted};

/// Header fields that mail has and other things with colons have not.
const KNOWN: &[&str] = &[
    "received",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "delivered-to",
    "dkim-signature",
    "reply-to",
    "cc",
    "content-type",
    "content-transfer-encoding",
    "x-mailer",
    "authentication-results",
    "arc-seal",
    "x-original-to",
    "in-reply-to",
    "list-unsubscribe",
    "x-received",
];

/// Most fields that are kept.
pub const MOST_FIELDS: usize = 50_000;
/// Most remarks that are made.
const MOST_PROBLEMS: usize = 32;
/// So many lines in a row that are no fields end a header that no empty line ended.
const STRAY_LINES: usize = 3;

/// A mail in two: its header's fields, and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The fields in their order, [`MOST_FIELDS`] at most.
    pub fields: Vec<Field<'a>>,
    /// Fields beyond that.
    pub beyond: u64,
    /// What follows the empty line; nothing where there is none.
    pub body: &'a [u8],
    /// Where the body begins.
    pub body_start: u64,
    /// The line that mbox puts in front, `From …`, without its end.
    pub mbox_line: Option<&'a [u8]>,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

/// One field as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name as written, without blanks before the colon.
    pub name: &'a [u8],
    /// Everything behind the colon with its folding, without the last line's end.
    pub value: &'a [u8],
    /// The whole field with its folding, without the last line's end.
    pub raw: &'a [u8],
    /// Where `raw` stands in the mail.
    pub span: Span,
}

impl Field<'_> {
    /// Whether the field has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Where `value` begins in the mail.
    pub fn value_start(&self) -> u64 {
        self.span.end.saturating_sub(length(self.value))
    }
}

impl<'a> Fields<'a> {
    /// The fields of one name, from the top.
    pub fn named<'s>(&'s self, name: &'s str) -> impl DoubleEndedIterator<Item = &'s Field<'a>> + 's {
        self.fields.iter().filter(move |field| field.is(name))
    }

    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn field(&mut self, field: Field<'a>) {
        if self.fields.len() < MOST_FIELDS {
            if field.value.len() > word::LONGEST {
                let name = Untrusted::from_bytes(field.name).shown(40);
                let kilobytes = word::LONGEST >> 10;
                self.problem(Problem::note(
                    "mail-long-field",
                    format!("the field {name} is longer than {kilobytes} KiB: what stands behind that was only looked through for observables"),
                ));
            }
            self.fields.push(field);
            return;
        }
        if self.beyond == 0 {
            self.problem(Problem::warning(
                "mail-too-many-fields",
                format!("the header has more than {MOST_FIELDS} fields; the rest was not read"),
            ));
        }
        self.beyond += 1;
    }
}

/// A value on one line: line ends are dropped, the blanks around them stay (RFC 5322, section 2.2.3).
pub fn unfolded(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect()
}

/// Whether mail has fields of that name and other things with colons have not.
pub fn is_of_mail(name: &[u8]) -> bool {
    KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// Splits a mail. Any bytes are a mail: those without a single field are all body.
pub fn split(bytes: &[u8]) -> Fields<'_> {
    let mut splitter = Splitter {
        bytes,
        out: Fields::default(),
        open: None,
        stray: None,
    };
    let mut at = 0;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        at = 3;
        splitter.out.problem(Problem::note(
            "mail-byte-order-mark",
            "the mail begins with a byte order mark",
        ));
    }
    at = first_line(bytes, at);
    let body = loop {
        let Some(line) = Line::at(bytes, at) else {
            break splitter.end(bytes.len());
        };
        match splitter.line(&line) {
            Some(body) => break body,
            None => at = line.next,
        }
    };
    splitter.close();
    let mut out = splitter.out;
    out.body = bytes.get(body..).unwrap_or_default();
    out.body_start = length(bytes.get(..body).unwrap_or_default());
    out
}

/// Lines in front of the header that are passed over.
const BEFORE: usize = 32;
/// What Exchange once wrote there.
const LEGACY: &[u8] = b"Microsoft Mail Internet Headers";

/// Where the header begins. Empty lines and the title that Exchange wrote stand before some, where somebody pasted or
/// saved it; they count for nothing only where a field of mail follows.
fn first_line(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    for _ in 0..BEFORE {
        let Some(line) = Line::at(bytes, at) else { break };
        let is_nothing = line.text.trim_ascii().is_empty();
        if is_nothing || line.text.starts_with(LEGACY) {
            at = line.next;
            continue;
        }
        let is_header = field_start(line.text).is_some_and(|(name, _)| is_of_mail(name) || name.starts_with(b"X-"));
        return if is_header { at } else { start };
    }
    start
}

/// A line of the mail.
struct Line<'a> {
    text: &'a [u8],
    start: usize,
    /// Where the next line begins.
    next: usize,
}

impl<'a> Line<'a> {
    /// The line at `start`; none at the end.
    fn at(bytes: &'a [u8], start: usize) -> Option<Self> {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let (text, taken) = match memchr::memchr(b'\n', rest) {
            Some(end) => (rest.get(..end)?, end.saturating_add(1)),
            None => (rest, rest.len()),
        };
        Some(Self {
            text: text.strip_suffix(b"\r").unwrap_or(text),
            start,
            next: start.saturating_add(taken),
        })
    }

    fn end(&self) -> usize {
        self.start.saturating_add(self.text.len())
    }
}

/// A field whose folding may go on.
struct Open<'a> {
    name: &'a [u8],
    start: usize,
    value: usize,
    end: usize,
}

/// Lines in a row that are no fields.
struct Stray {
    start: usize,
    lines: usize,
}

struct Splitter<'a> {
    bytes: &'a [u8],
    out: Fields<'a>,
    open: Option<Open<'a>>,
    stray: Option<Stray>,
}

impl<'a> Splitter<'a> {
    /// Takes a line. Where the body begins, if it ends the header.
    fn line(&mut self, line: &Line<'a>) -> Option<usize> {
        if line.text.is_empty() {
            self.stray_lines();
            return Some(line.next);
        }
        if matches!(line.text.first(), Some(b' ' | b'\t'))
            && self.stray.is_none()
            && let Some(open) = &mut self.open
        {
            open.end = line.end();
            return None;
        }
        if let Some((name, value)) = field_start(line.text) {
            self.stray_lines();
            self.close();
            self.open = Some(Open {
                name,
                start: line.start,
                value: line.start.saturating_add(value),
                end: line.end(),
            });
            return None;
        }
        self.no_field(line)
    }

    /// A line that is neither a field nor the continuation of one.
    fn no_field(&mut self, line: &Line<'a>) -> Option<usize> {
        let first = self.out.fields.is_empty() && self.open.is_none() && self.stray.is_none();
        let mbox = line.text.strip_prefix(b">").unwrap_or(line.text);
        if first && self.out.mbox_line.is_none() && mbox.starts_with(b"From ") {
            self.out.mbox_line = Some(line.text);
            return None;
        }
        if first {
            self.out
                .problem(Problem::note("mail-no-header", "the mail has no header"));
            return Some(line.start);
        }
        let stray = self.stray.get_or_insert(Stray {
            start: line.start,
            lines: 0,
        });
        stray.lines = stray.lines.saturating_add(1);
        if stray.lines < STRAY_LINES {
            return None;
        }
        let start = stray.start;
        Some(self.unended(start))
    }

    /// The header went on behind lines that are no fields.
    fn stray_lines(&mut self) {
        if self.stray.take().is_some() {
            self.out.problem(Problem::warning(
                "mail-stray-line",
                "a line of the header is no field and was skipped",
            ));
        }
    }

    /// The header ended without an empty line.
    fn unended(&mut self, body: usize) -> usize {
        self.stray = None;
        self.out.problem(Problem::warning(
            "mail-unended-header",
            "no empty line stands between header and body",
        ));
        body
    }

    /// All bytes were read: where the body begins.
    fn end(&mut self, end: usize) -> usize {
        match self.stray.take() {
            Some(stray) => self.unended(stray.start),
            None => end,
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let raw = self.bytes.get(open.start..open.end).unwrap_or_default();
        let value = self.bytes.get(open.value..open.end).unwrap_or_default();
        let start = length(self.bytes.get(..open.start).unwrap_or_default());
        self.out.field(Field {
            name: open.name,
            value,
            raw,
            span: Span {
                start,
                end: start.saturating_add(length(raw)),
            },
        });
    }
}

/// The name of the field that begins a line, and where its value begins.
fn field_start(line: &[u8]) -> Option<(&[u8], usize)> {
    let colon = memchr::memchr(b':', line)?;
    let before = line.get(..colon)?;
    let blanks = before
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let name = before.get(..before.len().saturating_sub(blanks))?;
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some((name, colon.saturating_add(1)))
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out: `name=value` of each field, the body, and the codes of problems.
    #[track_caller]
    fn check(mail: &str, fields: &[&str], body: &str, problems: &[&str]) {
        let found = split(mail.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let listed: Vec<String> = found
            .fields
            .iter()
            .map(|field| text(field.name) + "=" + &text(field.value))
            .collect();
        assert_eq!(listed, fields, "{mail:?}");
        assert_eq!(text(found.body), body, "{mail:?}");
        let codes: Vec<&str> = found.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, problems, "{mail:?}");
        for field in &found.fields {
            let at = usize::try_from(field.span.start).unwrap()..usize::try_from(field.span.end).unwrap();
            assert_eq!(&mail.as_bytes()[at], field.raw);
            let value = usize::try_from(field.value_start()).unwrap();
            assert!(mail.as_bytes()[value..].starts_with(field.value));
        }
        let start = usize::try_from(found.body_start).unwrap();
        assert_eq!(&mail.as_bytes()[start..], found.body);
    }

    #[test]
    fn fields_keep_their_folding() {
        check(
            "A: 1\r\n folded\r\nB:2\r\n\r\nbody\r\n",
            &["A= 1\r\n folded", "B=2"],
            "body\r\n",
            &[],
        );
        check("A: 1\n\tx\n \nB:\n\nb", &["A= 1\n\tx\n ", "B="], "b", &[]);
    }

    #[test]
    fn tolerable_faults_are_tolerated() {
        check("A : 1\r\n\r\n", &["A= 1"], "", &[]);
        check("A: 1", &["A= 1"], "", &[]);
        check("", &[], "", &[]);
        check("\r\nbody", &[], "body", &[]);
        check("From x@y Thu\nA: 1\n\nb", &["A= 1"], "b", &[]);
        check("\r\n \r\nFrom: 1\n\nb", &["From= 1"], "b", &[]);
        check(
            "\nhttp://a.example/\nFrom: 1\n\nb",
            &[],
            "http://a.example/\nFrom: 1\n\nb",
            &[],
        );
        let legacy = "Microsoft Mail Internet Headers Version 2.0\r\n";
        check(&format!("{legacy}Received: 1\r\n\r\nb"), &["Received= 1"], "b", &[]);
        check(
            &format!("{legacy}and so on"),
            &[],
            &format!("{legacy}and so on"),
            &["mail-no-header"],
        );
        check("\u{feff}A: 1\n\nb", &["A= 1"], "b", &["mail-byte-order-mark"]);
        check(
            "A: 1\nno field\nB: 2\n\nb",
            &["A= 1", "B= 2"],
            "b",
            &["mail-stray-line"],
        );
    }

    #[test]
    fn a_mail_without_header_is_all_body() {
        check(
            "Hey gang,\nwhat: now\n",
            &[],
            "Hey gang,\nwhat: now\n",
            &["mail-no-header"],
        );
        check(" A: 1\n\nb", &[], " A: 1\n\nb", &["mail-no-header"]);
    }

    #[test]
    fn a_header_without_an_end_ends_at_the_first_line_that_is_none() {
        check(
            "A: 1\nHello you\nthere",
            &["A= 1"],
            "Hello you\nthere",
            &["mail-unended-header"],
        );
        check(
            "A: 1\nHello you\nthere\nand here\nB: 2\n\nb",
            &["A= 1"],
            "Hello you\nthere\nand here\nB: 2\n\nb",
            &["mail-unended-header"],
        );
    }

    #[test]
    fn fields_beyond_the_most_are_counted() {
        let mail = "a:\n".repeat(MOST_FIELDS + 2) + "\nbody";
        let found = split(mail.as_bytes());
        assert_eq!(
            (found.fields.len(), found.beyond, found.body),
            (MOST_FIELDS, 2, &b"body"[..])
        );
        assert_eq!(found.problems.len(), 1);
    }
}
