//! Where each occurrence stands in a text: under which heading, in which column, in a list or in a sentence.
//!
//! One walk over the lines. It reads what people type (Markdown, AsciiDoc, underlined, numbered and upper-case headings,
//! pipes, tabs, CSV, aligned columns) and what is left of it after PDF. It does not parse Markdown; a heading that looks
//! like nothing of this is text.

use super::heading::{self, Around, Heading};
use super::table::Header;
use memchr::memchr;

/// What a part of the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Anything else.
    Other,
    /// Says that it lists indicators.
    Indicators,
    /// Names a kind of value: "File hashes", "C2 servers".
    Values,
    /// After such a part, under a heading that says nothing: more of the same, if it is a list.
    Lingering,
    /// Further reading.
    References,
    /// Who wrote it.
    About,
    /// Tables of techniques.
    Catalogue,
    /// What is not to be blocked.
    Legitimate,
}

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Not in a table with a header.
    None,
    /// The title says indicator.
    Indicator,
    /// The title names a kind of value.
    Value,
    /// Where to read about it.
    Reference,
    /// Notes, in a table that has a column of values or indicators.
    Other,
}

/// What a line is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Running text.
    Prose,
    /// A bullet or a label with a few words, a row, or several values.
    Listed,
    /// The value begins the line, or is the line.
    Lone,
}

/// One occurrence, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Which observable.
    pub(super) entry: u32,
    /// Its first byte.
    pub(super) at: usize,
    pub(super) topic: Topic,
    pub(super) form: Form,
    pub(super) column: Column,
    /// In a numbered note: `[3] …`.
    pub(super) note: bool,
    /// The first value of its line.
    pub(super) leads: bool,
    /// Among the first or last lines.
    pub(super) edge: bool,
    /// On a line that every page repeats.
    pub(super) page: bool,
    /// The stretch of text around it that belongs together: a paragraph, an item, a row.
    pub(super) unit: (u32, u32),
    /// For a list, the line with a colon that introduces it; empty where there is none.
    pub(super) intro: (u32, u32),
}

/// Where everything stands, and what kind of text it is.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// In order of position.
    pub(super) sites: Vec<Site>,
    /// Lines of running text.
    pub(super) prose: usize,
    /// Lines as programs write them.
    pub(super) records: usize,
    /// Headings that name indicators.
    pub(super) indicator_headings: usize,
    /// Headings that name anything known.
    pub(super) known_headings: usize,
    /// Tables with a column of indicators.
    pub(super) indicator_tables: usize,
}

/// First and last lines with text that count as the edge of a text.
const EDGE: usize = 12;
/// How near the first value stands behind the heading of a list, in bytes.
const LEAD: usize = 24;
/// How much of the words before a list is read, in bytes.
const INTRO: usize = 400;
/// Lines after which a text without prose, headings and tables is taken for a log.
const PATIENCE: usize = 2000;

/// Reads the outline of `text`, in which observable number `entry` occurs `at`, for each of `occurrences` in order of
/// position. `None` for what is plainly a log.
pub(super) fn read(text: &[u8], occurrences: &[(usize, u32)]) -> Option<Outline> {
    let mut walk = Walk {
        text,
        occurrences,
        outline: Outline::default(),
        sections: Vec::new(),
        header: None,
        titled: false,
        blanks: 1,
        ended: true,
        full_lines: 0,
        unit: 0,
        unit_start: 0,
        intro: (0, 0),
    };
    let (mut start, mut lines) = (0, 0);
    while start < text.len() {
        let rest = text.get(start..).unwrap_or(&[]);
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        walk.line(start, start + length);
        start += length + 1;
        lines += 1;
        if lines == PATIENCE && walk.outline.is_log() {
            return None;
        }
    }
    walk.close_unit(text.len());
    walk.mark_last_edge();
    Some(walk.outline)
}

impl Outline {
    fn is_log(&self) -> bool {
        self.prose * 20 < PATIENCE && self.known_headings == 0 && self.indicator_tables == 0
    }
}

struct Walk<'a> {
    text: &'a [u8],
    /// What is still to come.
    occurrences: &'a [(usize, u32)],
    outline: Outline,
    /// Open headings: level and topic.
    sections: Vec<(u8, Topic)>,
    header: Option<Header>,
    /// Nothing but headings since the last heading.
    titled: bool,
    /// Empty lines just before this one.
    blanks: usize,
    /// The last line with text did not break off in a sentence.
    ended: bool,
    full_lines: usize,
    /// First site of the open unit, and where the unit begins.
    unit: usize,
    unit_start: usize,
    intro: (u32, u32),
}

impl<'a> Walk<'a> {
    fn line(&mut self, start: usize, end: usize) {
        let whole = self.text.get(start..end).unwrap_or(&[]);
        let line = whole.trim_ascii();
        if line.is_empty() {
            self.close_unit(start);
            self.blanks += 1;
            // Rows of a PDF's table may stand apart, but not far.
            if self.blanks > 2 {
                self.header = None;
            }
            return;
        }
        let here = self.take(end);
        self.full_lines += 1;
        if here.is_empty() && self.structure(whole, line, end) {
            self.close_unit(start);
            self.intro = (0, 0);
            self.unit_start = end;
            self.blanks = 0;
            self.ended = true;
            return;
        }
        let goes_on = !self.ended && self.blanks == 0;
        if self.header.as_ref().is_some_and(|header| !header.covers(whole)) {
            self.header = None;
        }
        let shape = Shape::of(line, whole, start, here, (self.header.is_some(), goes_on));
        if shape.own_unit || self.blanks > 0 {
            self.close_unit(start);
        }
        self.titled = false;
        self.count(&shape);
        if here.is_empty() && line.ends_with(b":") {
            // Bounded, so that many such lines in one paragraph do not cost its length each.
            self.intro = (self.unit_start.max(end.saturating_sub(INTRO)) as u32, end as u32);
        } else if shape.form == Form::Prose {
            self.intro = (0, 0);
        }
        self.place(whole, start, here, &shape);
        self.ended = !shape.breaks_off;
        self.blanks = 0;
    }

    /// The occurrences that begin before `end`.
    fn take(&mut self, end: usize) -> &'a [(usize, u32)] {
        let count = self.occurrences.iter().take_while(|(at, _)| *at < end).count();
        let (here, rest) = self.occurrences.split_at_checked(count).unwrap_or((&[], &[]));
        self.occurrences = rest;
        here
    }

    /// Takes a line without values as a rule, a heading or the head of a table. False if it is none of these.
    fn structure(&mut self, whole: &[u8], line: &[u8], end: usize) -> bool {
        if line.len() > heading::LONGEST {
            return false;
        }
        if is_rule(line) {
            return true;
        }
        if let Some(header) = Header::read(whole) {
            self.outline.indicator_tables += usize::from(header.names_indicators());
            self.header = Some(header);
            return true;
        }
        let next = next_line(self.text, end);
        let around = Around {
            alone: self.blanks > 0,
            ended: self.ended,
            leads: self.occurrences.first().is_some_and(|(at, _)| *at < end + LEAD),
        };
        let Some(heading) = heading::read(line, next, around) else {
            return false;
        };
        self.open(&heading);
        true
    }

    /// A heading closes those of its own level and below.
    fn open(&mut self, heading: &Heading) {
        self.header = None;
        let mut closed = None;
        while let Some((level, topic)) = self.sections.last().copied() {
            if level < heading.level {
                break;
            }
            closed = Some((level, topic));
            self.sections.pop();
        }
        let above = self.sections.last().map_or(Topic::Other, |(_, topic)| *topic);
        let (closed_level, closed) = closed.unwrap_or((0, Topic::Other));
        let topic = match heading.topic {
            // A title of two lines.
            None if self.titled && closed_level == heading.level => closed,
            None if above == Topic::Other && heading.plain && lists_values(closed) => Topic::Lingering,
            None => above,
            // "Files" below "Indicators" is still about indicators, below "References" it is not.
            Some(Topic::Values) if above != Topic::Other => above,
            Some(Topic::Values) if closed == Topic::Indicators => Topic::Indicators,
            Some(topic) => topic,
        };
        self.outline.known_headings += usize::from(heading.topic.is_some());
        self.outline.indicator_headings += usize::from(heading.topic == Some(Topic::Indicators));
        self.sections.push((heading.level, topic));
        self.titled = true;
    }

    fn count(&mut self, shape: &Shape) {
        self.outline.prose += shape.prose;
        self.outline.records += usize::from(shape.record);
    }

    fn place(&mut self, whole: &[u8], start: usize, here: &[(usize, u32)], shape: &Shape) {
        let topic = self.sections.last().map_or(Topic::Other, |(_, topic)| *topic);
        let edge = self.full_lines <= EDGE;
        let page = !here.is_empty() && is_page_line(whole);
        for (at, entry) in here {
            let column = match &self.header {
                Some(header) => header.column(whole, at.saturating_sub(start)),
                None => Column::None,
            };
            self.outline.sites.push(Site {
                entry: *entry,
                at: *at,
                topic,
                form: shape.form,
                column,
                note: shape.note,
                leads: here.first().is_some_and(|(first, _)| first == at),
                edge,
                page,
                unit: (0, 0),
                intro: self.intro,
            });
        }
    }

    /// Ends the stretch that belongs together.
    fn close_unit(&mut self, end: usize) {
        let unit = (self.unit_start as u32, end as u32);
        let open = self.outline.sites.get_mut(self.unit..).unwrap_or(&mut []);
        open.iter_mut().for_each(|site| site.unit = unit);
        self.unit = self.outline.sites.len();
        self.unit_start = end;
    }

    /// The last lines are known only now.
    fn mark_last_edge(&mut self) {
        let mut from = self.text.trim_ascii_end();
        for _ in 0..EDGE {
            from = match memchr::memrchr(b'\n', from) {
                Some(at) => from.get(..at).unwrap_or(&[]).trim_ascii_end(),
                None => &[],
            };
        }
        let from = from.len();
        let last = self.outline.sites.iter_mut().rev().take_while(|site| site.at >= from);
        last.for_each(|site| site.edge = true);
    }
}

/// Topics under which lists are lists of indicators.
pub(super) fn lists_values(topic: Topic) -> bool {
    matches!(topic, Topic::Indicators | Topic::Values | Topic::Lingering)
}

/// What a line with text looks like.
struct Shape {
    form: Form,
    note: bool,
    /// It belongs to no paragraph.
    own_unit: bool,
    record: bool,
    /// Lines of running text that it would make in print.
    prose: usize,
    /// Ends in the middle of a sentence, as far as one can see.
    breaks_off: bool,
}

impl Shape {
    fn of(line: &[u8], whole: &[u8], start: usize, here: &[(usize, u32)], (in_table, goes_on): (bool, bool)) -> Self {
        let (bullet, note, words) = bullet(line);
        let record = is_record(line);
        let count = Counts::of(words);
        let mut starts: Vec<usize> = here.iter().map(|(at, _)| *at).collect();
        starts.dedup();
        let row = in_table || is_row(line, count.words);
        let indent = whole.len() - whole.trim_ascii_start().len();
        let body = start + indent + (line.len() - words.len());
        let first = starts.first().is_some_and(|at| {
            *at < body
                + words
                    .iter()
                    .position(|b| b.is_ascii_whitespace())
                    .unwrap_or(words.len())
        });
        let form = if count.words <= 1 || (first && !note && !(goes_on && count.plain >= 3)) {
            Form::Lone
        } else if row || (count.plain <= 5 && (bullet || !goes_on)) || starts.len() * 2 >= count.words {
            Form::Listed
        } else {
            Form::Prose
        };
        Self {
            form,
            note,
            own_unit: bullet || note || row || (form == Form::Lone && !goes_on),
            record,
            prose: if form == Form::Prose && !record && count.plain >= 6 && count.plain * 3 >= count.words * 2 {
                1 + count.plain / 20
            } else {
                0
            },
            breaks_off: (count.plain >= 5 || (goes_on && count.plain >= 2))
                && !line.ends_with(b".")
                && !line.ends_with(b":"),
        }
    }
}

/// Words of a line, and those of letters only. Looks at the first 400 bytes: more changes nothing.
struct Counts {
    words: usize,
    plain: usize,
}

impl Counts {
    fn of(line: &[u8]) -> Self {
        let mut counts = Self { words: 0, plain: 0 };
        let head = line.get(..400).unwrap_or(line);
        for word in head.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            counts.words += 1;
            let core = word
                .strip_suffix(b",")
                .or_else(|| word.strip_suffix(b"."))
                .or_else(|| word.strip_suffix(b":"))
                .unwrap_or(word);
            let lettered = core.iter().all(|byte| {
                byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'\'' | b'(' | b')' | b'"') || *byte >= 0x80
            });
            counts.plain += usize::from(lettered && core.len() < 30 && core.iter().any(|byte| *byte != b'-'));
        }
        // Languages without spaces.
        if counts.words <= 3 && head.iter().filter(|byte| **byte >= 0x80).count() > 60 {
            counts.words += 8;
            counts.plain += 8;
        }
        counts
    }
}

/// Whether the line begins with a bullet or number, whether that is the number of a note, and what follows.
fn bullet(line: &[u8]) -> (bool, bool, &[u8]) {
    for mark in [
        "- ",
        "-- ",
        "* ",
        "+ ",
        "o ",
        "> ",
        "\u{2022}",
        "\u{2013} ",
        "\u{25aa}",
        "\u{25cf}",
        "\u{f0b7}",
        "\u{30fb}",
    ] {
        if let Some(rest) = line.strip_prefix(mark.as_bytes()) {
            return (true, false, rest.trim_ascii_start());
        }
    }
    // `[3]`, `[^3]:`
    if let Some(rest) = line.strip_prefix(b"[") {
        let rest = rest.strip_prefix(b"^").unwrap_or(rest);
        let (digits, rest) = leading_digits(rest);
        if let (1..=3, Some(rest)) = (digits, rest.strip_prefix(b"]")) {
            return (true, true, rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start());
        }
    }
    let (digits, rest) = leading_digits(line);
    if let 1..=3 = digits
        && let Some(rest) = rest.strip_prefix(b". ").or_else(|| rest.strip_prefix(b") "))
    {
        return (true, false, rest.trim_ascii_start());
    }
    (false, false, line)
}

fn leading_digits(text: &[u8]) -> (usize, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits, text.get(digits..).unwrap_or(&[]))
}

/// A row of a table, by its own looks.
fn is_row(line: &[u8], words: usize) -> bool {
    let head = line.get(..400).unwrap_or(line);
    if head.contains(&b'\t') || head.contains(&b'|') {
        return true;
    }
    let tight = head
        .windows(2)
        .filter(|pair| matches!(pair, [b',' | b';', next] if *next != b' '))
        .count();
    let gaps = head
        .windows(3)
        .filter(|three| three.starts_with(b"  ") && three.last() != Some(&b' '))
        .count();
    tight >= 2 || (tight == 1 && words <= 2) || (tight >= 1 && head.contains(&b';') && words < 8) || gaps >= 2
}

/// Lines as programs write them: they begin with a time, a priority or a brace.
fn is_record(line: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] = [
        b"Jan ", b"Feb ", b"Mar ", b"Apr ", b"May ", b"Jun ", b"Jul ", b"Aug ", b"Sep ", b"Oct ", b"Nov ", b"Dec ",
    ];
    let line = line.strip_prefix(b"[").unwrap_or(line);
    if matches!(line.first(), Some(b'{' | b'<')) {
        return true;
    }
    if MONTHS.iter().any(|month| line.starts_with(month)) {
        return line.get(..20).unwrap_or(&[]).contains(&b':');
    }
    let head = line.get(..19).unwrap_or(&[]);
    let digits = head.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 9
        && head
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"-/:.T ,Z".contains(byte))
        || line.get(..64).unwrap_or(line).windows(5).any(|five| five == b" - - ")
}

/// Only `-`, `=` and the like: underlines and rules of tables.
fn is_rule(line: &[u8]) -> bool {
    line.len() >= 3
        && line.iter().all(|byte| {
            matches!(
                byte,
                b'-' | b'=' | b'~' | b'_' | b'*' | b'+' | b'|' | b':' | b' ' | b'\t' | b'^'
            )
        })
}

/// `… Page 3 of 9 …`
fn is_page_line(line: &[u8]) -> bool {
    line.len() <= 160
        && ["page ", "seite ", "página "].iter().any(|word| {
            line.windows(word.len() + 1).any(|window| {
                window
                    .split_last()
                    .is_some_and(|(last, head)| last.is_ascii_digit() && head.eq_ignore_ascii_case(word.as_bytes()))
            })
        })
}

fn next_line(text: &[u8], end: usize) -> &[u8] {
    let rest = text.get(end + 1..).unwrap_or(&[]);
    let rest = rest.get(..heading::LONGEST).unwrap_or(rest);
    rest.get(..memchr(b'\n', rest).unwrap_or(rest.len()))
        .unwrap_or(rest)
        .trim_ascii_end()
}
