//! A mail that another quotes in its text: what a program writes when somebody forwards without attaching.
//!
//! There is no standard for it. Programs write the sender, the date, the recipients and the subject one below the other, in the
//! language of whoever uses them, mostly behind a line that says what follows; and then the text. What stands there is the
//! forwarder's word: the header that could prove anything is lost. Absent: answers that quote line by line.

use super::Message;
use super::written::{self, one_line};
use std::borrow::Cow;
use std::fmt::Write as _;
use watchfire_model::PartRole;

/// Lines of a quoted header.
const MOST_LINES: usize = 40;
/// Bytes of a quoted field.
const LONGEST: usize = 4_000;

/// What a field of a quoted header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    From,
    Date,
    To,
    Cc,
    Subject,
    /// It is a field, and nobody asks for it.
    Other,
}

/// Names of fields in the languages of programs: English, German, French, Spanish, Italian, Dutch, Portuguese and Polish.
const NAMES: &[(Field, &[&str])] = &[
    (Field::From, &["from", "von", "de", "da", "van", "od"]),
    (
        Field::Date,
        &[
            "sent",
            "date",
            "gesendet",
            "datum",
            "envoyé",
            "envoyé le",
            "enviado",
            "enviado el",
            "enviada",
            "enviada em",
            "enviado em",
            "fecha",
            "data",
            "inviato",
            "verzonden",
            "wysłano",
            "wysłany",
            "data wysłania",
        ],
    ),
    (Field::To, &["to", "an", "à", "para", "a", "aan", "do"]),
    (Field::Cc, &["cc", "kopie", "copie", "copia", "dw", "kopia", "copie à"]),
    (
        Field::Subject,
        &[
            "subject",
            "betreff",
            "objet",
            "asunto",
            "oggetto",
            "onderwerp",
            "assunto",
            "temat",
        ],
    ),
    (
        Field::Other,
        &[
            "reply-to",
            "antwort an",
            "répondre à",
            "responder a",
            "rispondi a",
            "antwoord aan",
            "odpowiedz do",
            "bcc",
            "importance",
            "wichtigkeit",
            "attachments",
            "anlagen",
            "pièces jointes",
            "organization",
            "message-id",
        ],
    ),
];

/// Parts of the words with which programs say that they forward, and do not answer.
const FORWARDS: &[&str] = &[
    "forwarded",
    "weitergeleitet",
    "transféré",
    "réexpédié",
    "reenviado",
    "reenviada",
    "reencaminhada",
    "inoltrato",
    "doorgestuurd",
    "encaminhada",
    "przekazan",
    "przekazywan",
];

/// A mail that stands in a text. Fields are as they stand there, on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted {
    /// Who it was from.
    pub from: String,
    /// When it was sent, in whatever form.
    pub date: String,
    /// Who it was for.
    pub to: String,
    /// Who got a copy.
    pub cc: String,
    /// What it was about.
    pub subject: String,
    /// A line in front says that it is forwarded, in words that no answer has.
    pub is_forwarded: bool,
    /// Its lines are marked as quoted.
    pub is_marked: bool,
    /// Where the note before it ends in the text.
    pub at: usize,
    /// Where its own text begins.
    pub body: usize,
}

/// A line of the text, where it begins and ends.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    is_marked: bool,
    at: usize,
    end: usize,
}

/// The first mail that `text` quotes with its header: with a sender, and two of date, recipients and subject.
pub fn find(text: &str) -> Option<Quoted> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let begin = at;
        at += line.len();
        Line {
            text: bare(line),
            is_marked: line.trim_start().starts_with('>'),
            at: begin,
            end: at,
        }
    });
    let lines: Vec<Line<'_>> = lines.collect();
    let begins = |at: &usize| lines.get(*at).is_some_and(|line| field(line.text).is_some());
    let mut next = 0;
    while let Some(at) = (next..lines.len()).find(begins) {
        let (found, read) = header(&lines, at);
        if let Some(found) = found {
            return Some(found);
        }
        next = at + read.max(1);
    }
    None
}

/// A line without the marks of quoting and of bold letters.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|' | '\u{feff}' | '\u{200e}' | '\u{200f}'))
}

/// The field that a line is, and what it says.
fn field(line: &str) -> Option<(Field, &str)> {
    const LONGEST_NAME: usize = 24;
    let (name, value) = line.split_once([':', '：'])?;
    if name.len() > 2 * LONGEST_NAME {
        return None;
    }
    let marks = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}');
    let name = name.trim_matches(marks).to_lowercase();
    let known = NAMES.iter().find(|(_, names)| names.contains(&name.as_str()))?;
    Some((known.0, value.trim_matches(marks)))
}

/// The header that begins in the line `first`, if it is one, and how many lines were looked at.
fn header(lines: &[Line<'_>], first: usize) -> (Option<Quoted>, usize) {
    let mut quoted = Quoted::default();
    let mut last: Option<Field> = None;
    let mut end = 0;
    let mut blanks = 0;
    let mut read = 0;
    for line in lines.iter().skip(first).take(MOST_LINES) {
        match (field(line.text), last) {
            (Some((kind, value)), _) => {
                if quoted.of(kind).is_some_and(|held| !held.is_empty()) {
                    break;
                }
                quoted.add(kind, value);
                (last, end, blanks) = (Some(kind), line.end, 0);
            }
            // Pages put room between the fields, and values below their names.
            (None, _) if line.text.is_empty() => {
                blanks += 1;
                if blanks > 1 {
                    break;
                }
            }
            (None, Some(kind)) if quoted.goes_on(kind) && blanks == 0 => {
                quoted.add(kind, line.text);
                end = line.end;
            }
            _ => break,
        }
        read += 1;
    }
    let told = [&quoted.date, &quoted.to, &quoted.subject];
    let told = told.iter().filter(|value| !value.is_empty()).count();
    let Some(begin) = lines.get(first).filter(|_| !quoted.from.is_empty() && told >= 2) else {
        return (None, read);
    };
    quoted.body = end;
    quoted.is_marked = begin.is_marked;
    quoted.at = begin.at;
    // The line in front, if it says what follows.
    let above = lines.get(..first).unwrap_or_default().iter().rev();
    if let Some(mark) = above
        .take(3)
        .find(|line| !line.text.is_empty())
        .filter(|line| is_mark(line.text))
    {
        quoted.at = mark.at;
        let words = mark.text.to_lowercase();
        quoted.is_forwarded = FORWARDS.iter().any(|word| words.contains(word));
    }
    (Some(quoted), read)
}

/// Whether a line is a rule, words between dashes, or words of forwarding with a colon.
fn is_mark(line: &str) -> bool {
    let is_rule = |c: char| matches!(c, '-' | '_' | '—' | '–' | '=');
    let ruled = line.starts_with(is_rule) && line.ends_with(is_rule);
    let lower = || line.to_lowercase();
    ruled || line.len() < 100 && line.ends_with(':') && FORWARDS.iter().any(|word| lower().contains(word))
}

impl Quoted {
    fn of(&self, field: Field) -> Option<&String> {
        match field {
            Field::From => Some(&self.from),
            Field::Date => Some(&self.date),
            Field::To => Some(&self.to),
            Field::Cc => Some(&self.cc),
            Field::Subject => Some(&self.subject),
            Field::Other => None,
        }
    }

    fn add(&mut self, field: Field, more: &str) {
        let held = match field {
            Field::From => &mut self.from,
            Field::Date => &mut self.date,
            Field::To => &mut self.to,
            Field::Cc => &mut self.cc,
            Field::Subject => &mut self.subject,
            Field::Other => return,
        };
        if held.len() + more.len() < LONGEST {
            if !held.is_empty() {
                held.push(' ');
            }
            held.push_str(more);
        }
    }

    /// Whether the value of a field goes on in a line without a name.
    fn goes_on(&self, field: Field) -> bool {
        let is_open = |value: &String| value.is_empty() || value.ends_with([',', ';', '<']);
        matches!(
            field,
            Field::From | Field::Date | Field::To | Field::Cc | Field::Subject
        ) && self.of(field).is_some_and(is_open)
    }

    /// Its own words in `text`, in which it was found, without the marks of quoting.
    pub fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let words = text.get(self.body..).unwrap_or_default();
        if !self.is_marked {
            return Cow::Borrowed(words);
        }
        let unmarked = words.split_inclusive('\n').map(|line| {
            let inner = line.strip_prefix('>').unwrap_or(line);
            inner.strip_prefix(' ').unwrap_or(inner)
        });
        Cow::Owned(unmarked.collect())
    }

    /// The mail that stands there, written out with its texts and with everything else that `carrier` carries. Nobody can
    /// write `seed` into a mail that it is the digest of.
    pub fn compose(&self, carrier: &Message<'_>, texts: &[(&'static str, &str)], seed: &str) -> Vec<u8> {
        let mut out = String::new();
        for (name, value) in [
            ("From", mailboxes(&self.from)),
            ("To", mailboxes(&self.to)),
            ("Cc", mailboxes(&self.cc)),
            ("Subject", one_line(&self.subject)),
            ("Date", one_line(&self.date)),
        ] {
            if !value.is_empty() {
                let _ = write!(out, "{name}: {value}\r\n");
            }
        }
        let _ = write!(
            out,
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_{seed}.1\"\r\n\r\n"
        );
        let _ = write!(
            out,
            "--=_{seed}.1\r\nContent-Type: multipart/alternative; boundary=\"=_{seed}.2\"\r\n\r\n"
        );
        for (kind, text) in texts {
            let _ = write!(
                out,
                "--=_{seed}.2\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n"
            );
        }
        let _ = write!(out, "--=_{seed}.2--\r\n");
        let mut out = out.into_bytes();
        for (part, told) in carrier.parts.iter().zip(&carrier.facts.parts) {
            if matches!(told.role, PartRole::Attachment | PartRole::Inline) {
                out.extend(format!("--=_{seed}.1\r\n").bytes());
                let raw = carrier.bytes().get(part.header.start..part.body.end);
                out.extend_from_slice(raw.unwrap_or_default());
                out.extend(b"\r\n");
            }
        }
        out.extend(format!("--=_{seed}.1--\r\n").bytes());
        out
    }
}

/// Entries of an address field as programs quote them: `Name [mailto:a@b]`, `Name <a@b<mailto:a@b>>`, or the name alone.
fn mailboxes(value: &str) -> String {
    let value = one_line(value);
    let several = value.matches('@').count() > 1;
    let entries: Vec<&str> = match value.contains(';') {
        true => value.split(';').collect(),
        false if several && !value.contains("mailto:") => value.split(',').collect(),
        false => vec![&value],
    };
    let written = entries.into_iter().map(mailbox).filter(|entry| !entry.is_empty());
    written.collect::<Vec<_>>().join(", ")
}

fn mailbox(entry: &str) -> String {
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '[' | ']' | '(' | ')' | '"' | '\'' | ',' | ';' | '*');
    let words = entry
        .split(is_end)
        .map(|word| word.strip_prefix("mailto:").unwrap_or(word));
    let address = words
        .filter(|word| word.contains('@'))
        .find(|word| !word.starts_with('@') && !word.ends_with('@'));
    let name = match address {
        Some(address) => {
            let bracket = entry.find(['<', '[', '(']);
            let at = bracket.or_else(|| entry.find(address)).unwrap_or(entry.len());
            entry.get(..at).unwrap_or_default()
        }
        None => entry,
    };
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '*' | ','));
    written::mailbox(Some(name).filter(|name| !name.is_empty()), address)
}
