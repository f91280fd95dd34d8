//! Lines of text in columns. Everything that is put on the screen passes through here, so this is where it is escaped,
//! defanged and, where asked, reduced to seven bits.
//!
//! A column is a character: wide East Asian characters and combining marks shift what follows them.

use crate::{Colour, Form, Glyphs, Style, line};
use std::borrow::Cow;
use std::io::{self, Write};
use watchfire_model::{BELOW, Judged, Observable, Untrusted, Verdict};

/// What a piece of text is painted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Strong,
    Faint,
    Red,
    Yellow,
    Green,
}

impl Paint {
    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
            Self::Red => "\u{1b}[1;31m",
            Self::Yellow => "\u{1b}[1;33m",
            Self::Green => "\u{1b}[32m",
        }
    }

    /// The paint of a verdict; its word and glyph say the same.
    pub(super) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Malicious => Self::Red,
            Verdict::Suspicious => Self::Yellow,
            Verdict::Unknown => Self::Strong,
            Verdict::Benign => Self::Green,
        }
    }
}

/// A writer of lines.
pub(super) struct Screen<'w> {
    style: Style,
    out: &'w mut dyn Write,
    line: String,
    column: usize,
}

impl<'w> Screen<'w> {
    pub(super) fn new(style: Style, out: &'w mut dyn Write) -> Self {
        Self {
            style,
            out,
            line: String::new(),
            column: 0,
        }
    }

    pub(super) fn style(&self) -> &Style {
        &self.style
    }

    /// Columns between the position and the right edge.
    pub(super) fn room(&self) -> usize {
        self.style.width.saturating_sub(self.column)
    }

    /// Text, escaped.
    pub(super) fn put(&mut self, text: &str) -> &mut Self {
        let shown = self.shown(text);
        self.column += shown.chars().count();
        self.line.push_str(&shown);
        self
    }

    /// Text in a colour, where there are colours.
    pub(super) fn paint(&mut self, paint: Paint, text: &str) -> &mut Self {
        let colour = self.style.colour == Colour::Ansi;
        if colour {
            self.line.push_str(paint.code());
        }
        self.put(text);
        if colour {
            self.line.push_str("\u{1b}[0m");
        }
        self
    }

    /// Blanks up to `column`.
    pub(super) fn to(&mut self, column: usize) -> &mut Self {
        let blanks = column.saturating_sub(self.column);
        self.line.extend(std::iter::repeat_n(' ', blanks));
        self.column += blanks;
        self
    }

    /// A line of `text` that ends before `column`.
    pub(super) fn put_right(&mut self, text: &str, column: usize) -> &mut Self {
        let width = text.chars().count();
        self.to(column.saturating_sub(width)).put(text)
    }

    /// Prose that wraps between words and continues at the column where it began, up to column `right`.
    pub(super) fn wrapped(&mut self, text: &str, right: usize) -> io::Result<()> {
        let lines = self.wrap(text, right.saturating_sub(self.column));
        self.stack(None, &lines)
    }

    /// Like [`Screen::wrapped`] for paths, up to the right edge.
    pub(super) fn wrapped_path(&mut self, text: &str) -> io::Result<()> {
        let lines = self.wrap_path(text, self.room());
        self.stack(None, &lines)
    }

    /// Like [`Screen::wrapped`] in a colour, up to the right edge.
    pub(super) fn wrapped_in(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        let lines = self.wrap(text, self.room());
        self.stack(Some(paint), &lines)
    }

    /// Lines that begin at the position, one below the other. The last one is not ended.
    fn stack(&mut self, paint: Option<Paint>, lines: &[String]) -> io::Result<()> {
        let left = self.column;
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                self.end()?;
                self.to(left);
            }
            match paint {
                Some(paint) => self.paint(paint, line),
                None => self.put(line),
            };
        }
        Ok(())
    }

    /// The lines of [`Screen::wrapped`], escaped.
    pub(super) fn wrap(&self, text: &str, width: usize) -> Vec<String> {
        self.wrap_at(&[' '], text, width)
    }

    /// Like [`Screen::wrap`] for paths, which have more slashes than blanks.
    pub(super) fn wrap_path(&self, text: &str, width: usize) -> Vec<String> {
        self.wrap_at(&[' ', '/'], text, width)
    }

    /// Lines that end after one of `breaks`. A piece that is longer than a line is left whole, so that it can be copied.
    fn wrap_at(&self, breaks: &[char], text: &str, width: usize) -> Vec<String> {
        let width = width.max(16);
        let shown = self.shown(text);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0;
        for piece in shown.split_inclusive(breaks) {
            let length = piece.trim_end_matches(' ').chars().count();
            if used > 0 && used + length > width {
                lines.push(line.trim_end_matches(' ').to_owned());
                line.clear();
                used = 0;
            }
            line.push_str(piece);
            used += piece.chars().count();
        }
        lines.push(line.trim_end_matches(' ').to_owned());
        lines
    }

    /// A rule across the screen from the position.
    pub(super) fn rule(&mut self) -> io::Result<()> {
        let glyph = if self.style.glyphs == Glyphs::Ascii { "-" } else { "─" };
        let line = glyph.repeat(self.room());
        self.put(&line).end()
    }

    /// Ends the line.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        self.column = 0;
        line.truncate(line.trim_end_matches(' ').len());
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    /// Writes what there is of the line, for another screen to [`Screen::resume`].
    pub(super) fn pause(&mut self) -> io::Result<()> {
        self.column = 0;
        self.out.write_all(std::mem::take(&mut self.line).as_bytes())
    }

    /// Goes on with a line that is written up to `column`.
    pub(super) fn resume(&mut self, column: usize) -> &mut Self {
        self.column = column;
        self
    }

    /// An observable, in the form that was asked for. Of one that is a block of text (a rule, a key) the first line: a
    /// screen is no place for the rest.
    pub(super) fn value(&self, observable: &Observable) -> String {
        if let Some((first, rest)) = observable.raw().trim().split_once('\n') {
            let first = self.prose(first.trim_end());
            return format!("{} … (+{} lines)", Untrusted::new(first), rest.lines().count());
        }
        match self.style.form {
            Form::Defanged => line::defanged(observable),
            Form::Raw => Untrusted::new(observable.raw()).to_string(),
        }
    }

    /// Prose that may quote the evidence, in the form that was asked for.
    pub(super) fn prose(&self, text: &str) -> String {
        match self.style.form {
            Form::Defanged => line::prose(text),
            Form::Raw => text.to_owned(),
        }
    }

    /// The path of an artifact. Its name is a name, whatever it looks like, unless it holds a link.
    pub(super) fn path(&self, text: &str) -> String {
        let names: Vec<_> = text.split(BELOW).map(shortened).collect();
        let text = names.join(BELOW);
        if text.contains("://") { self.prose(&text) } else { text }
    }

    /// The glyph and word of a verdict.
    pub(super) fn verdict(&mut self, verdict: Verdict) -> &mut Self {
        let word = verdict.as_str().to_ascii_uppercase();
        self.glyph(verdict).put(" ").paint(Paint::of(verdict), &word)
    }

    /// The same for one of many in a table: in small letters, with its score if it has one.
    pub(super) fn judged(&mut self, judged: Judged) -> &mut Self {
        let Judged { verdict, score } = judged;
        self.glyph(verdict).put(" ").paint(Paint::of(verdict), verdict.as_str());
        // It counts what speaks against the value, which is overruled where it is benign.
        if score.get() > 0 && verdict != Verdict::Benign {
            self.put(" ").put(&score.get().to_string());
        }
        self
    }

    fn glyph(&mut self, verdict: Verdict) -> &mut Self {
        let glyph = match (verdict, self.style.glyphs) {
            (Verdict::Malicious, Glyphs::Unicode) => "█",
            (Verdict::Suspicious, Glyphs::Unicode) => "▓",
            (Verdict::Unknown, Glyphs::Unicode) => "▒",
            (Verdict::Benign, Glyphs::Unicode) => "░",
            (Verdict::Malicious, Glyphs::Ascii) => "#",
            (Verdict::Suspicious, Glyphs::Ascii) => "+",
            (Verdict::Unknown, Glyphs::Ascii) => "?",
            (Verdict::Benign, Glyphs::Ascii) => ".",
        };
        self.paint(Paint::of(verdict), glyph)
    }

    /// `text` as the screen shows it.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Cow::Borrowed(text);
        }
        let escaped = Untrusted::new(text).to_string();
        Cow::Owned(if self.style.glyphs == Glyphs::Ascii {
            seven_bits(&escaped)
        } else {
            escaped
        })
    }
}

/// No file system takes a longer name. Characters.
const LONGEST_NAME: usize = 255;

/// A name that no file could have by its beginning and its end, so that it does not flood the screen.
fn shortened(name: &str) -> Cow<'_, str> {
    const KEPT: usize = 60;
    if name.len() <= LONGEST_NAME || name.chars().count() <= LONGEST_NAME {
        return Cow::Borrowed(name);
    }
    let start: String = name.chars().take(KEPT).collect();
    let mut end: Vec<char> = name.chars().rev().take(KEPT).collect();
    end.reverse();
    Cow::Owned(format!("{start}…{}", end.into_iter().collect::<String>()))
}

/// Our own glyphs as their stand-ins, everything else escaped.
fn seven_bits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            '─' => out.push('-'),
            '▲' => out.push('^'),
            '▼' => out.push('v'),
            '▸' | '›' => out.push('>'),
            '└' => out.push('`'),
            '·' => out.push('|'),
            '…' => out.push_str("..."),
            '“' | '”' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '–' | '—' => out.push('-'),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(style: Style, draw: impl Fn(&mut Screen<'_>) -> io::Result<()>, expected: &str) {
        let mut out = Vec::new();
        draw(&mut Screen::new(style, &mut out)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn nothing_drives_the_terminal() {
        check(
            Style::default(),
            |screen| screen.put("a\u{1b}[2Jb\n").end(),
            "a\\u{1b}[2Jb\\u{a}\n",
        );
    }

    #[test]
    fn ascii_is_seven_bits() {
        let style = Style {
            glyphs: Glyphs::Ascii,
            ..Style::default()
        };
        check(style, |screen| screen.put("é ▸ …").end(), "\\u{e9} > ...\n");
    }

    #[test]
    fn paths_break_after_a_slash_and_other_words_do_not() {
        let mut out = Vec::new();
        let screen = Screen::new(Style::default(), &mut out);
        let path = "evidence/mail/held-invoice.zip ▸ a.txt";
        assert_eq!(
            screen.wrap_path(path, 20),
            ["evidence/mail/", "held-invoice.zip ▸", "a.txt"]
        );
        assert_eq!(screen.wrap(path, 20), ["evidence/mail/held-invoice.zip", "▸ a.txt"]);
        assert_eq!(screen.wrap("", 20), [""]);
    }

    #[test]
    fn names_that_no_file_could_have_are_shortened() {
        for long in ["x".repeat(5000), "é".repeat(300)] {
            let path = format!("a.tar ▸ {long}.txt ▸ b");
            check(
                Style::default(),
                |screen| {
                    let shown = screen.path(&path);
                    assert!(
                        shown.chars().count() < 150 && shown.starts_with("a.tar ▸ ") && shown.ends_with(".txt ▸ b")
                    );
                    screen.put("x");
                    screen.end()
                },
                "x\n",
            );
        }
    }

    #[test]
    fn prose_wraps_under_its_beginning() {
        check(
            Style::default(),
            |screen| {
                screen.put("  ▲ ").wrapped("one two three four five six", 22)?;
                screen.end()
            },
            "  ▲ one two three four\n    five six\n",
        );
    }
}
