//! Values of Zeek's logs, in both of the forms in which Zeek writes them (`LogAscii` of its scripts).
//!
//! As text: nothing is `-`, what is there and empty `(empty)`, and bytes that would act on a reader stand as `\x` and their
//! number. As JSON: numbers are numbers, and what is not there is left out.

use crate::json;
use std::io::{self, Write};
use std::net::IpAddr;
use watchfire_model::{Secret, Timestamp, Untrusted};

/// One value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value {
    /// Nobody said.
    #[default]
    Unset,
    /// The name of the flow, until that is filled in.
    Flow,
    /// `string` and `enum`.
    Text(String),
    /// `count` and `port`.
    Count(u64),
    /// `int`.
    Int(i64),
    /// `bool`.
    Bool(bool),
    /// `time`.
    Time(Timestamp),
    /// `interval`, in nanoseconds.
    Interval(i128),
    /// `addr`.
    Address(IpAddr),
    /// `set[…]` and `vector[…]`.
    List(Vec<Value>),
}

impl Value {
    /// Text as it was found.
    pub(crate) fn text(text: &Untrusted) -> Self {
        Self::Text(text.raw().to_owned())
    }

    /// A name.
    pub(crate) fn name(name: impl ToString) -> Self {
        Self::Text(name.to_string())
    }

    /// Text that may not be there.
    pub(crate) fn perhaps(text: Option<&Untrusted>) -> Self {
        text.map_or(Self::Unset, Self::text)
    }

    /// Text that counts as not there where it is empty.
    pub(crate) fn unless_empty(text: Option<&Untrusted>) -> Self {
        Self::perhaps(text.filter(|text| !text.is_empty()))
    }

    /// What may not be there, by its name.
    pub(crate) fn named(name: Option<impl ToString>) -> Self {
        name.map_or(Self::Unset, Self::name)
    }

    pub(crate) fn count(count: impl Into<u64>) -> Self {
        Self::Count(count.into())
    }

    pub(crate) fn counted(count: Option<impl Into<u64>>) -> Self {
        count.map_or(Self::Unset, Self::count)
    }

    pub(crate) fn flag(is: Option<bool>) -> Self {
        is.map_or(Self::Unset, Self::Bool)
    }

    pub(crate) fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Unset, Self::Time)
    }

    pub(crate) fn interval(nanoseconds: Option<u64>) -> Self {
        nanoseconds.map_or(Self::Unset, |nanoseconds| Self::Interval(nanoseconds.into()))
    }

    pub(crate) fn address(address: Option<impl Into<IpAddr>>) -> Self {
        address.map_or(Self::Unset, |address| Self::Address(address.into()))
    }

    /// Texts, in order.
    pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t Untrusted>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// A list that counts as not there where nothing is in it.
    pub(crate) fn unless_none(self) -> Self {
        match self {
            Self::List(list) if list.is_empty() => Self::Unset,
            other => other,
        }
    }

    /// A secret: masked, unless it was revealed.
    pub(crate) fn secret(secret: Option<&Secret>) -> Self {
        let seen = secret.and_then(|secret| serde_json::to_value(secret).ok());
        seen.and_then(|seen| seen.as_str().map(str::to_owned))
            .map_or(Self::Unset, Self::Text)
    }

    /// Appends it as a column of a line.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        match self {
            Self::List(list) if list.is_empty() => out.extend_from_slice(b"(empty)"),
            Self::List(list) => {
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    match value {
                        Self::Text(text) => push_text(text, Some(b','), out),
                        other => other.push(out),
                    }
                }
            }
            Self::Text(text) => push_text(text, None, out),
            Self::Bool(is) => out.push(if *is { b'T' } else { b'F' }),
            Self::Unset | Self::Flow => out.push(b'-'),
            Self::Count(count) => out.extend_from_slice(count.to_string().as_bytes()),
            Self::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Time(time) => out.extend_from_slice(seconds(time.nanoseconds().into()).as_bytes()),
            Self::Interval(nanoseconds) => out.extend_from_slice(seconds(*nanoseconds).as_bytes()),
            Self::Address(address) => out.extend_from_slice(address.to_string().as_bytes()),
        }
    }

    /// Appends it as JSON.
    pub(crate) fn push_json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Unset | Self::Flow => out.extend_from_slice(b"null"),
            Self::Text(text) => json::compact(text, out)?,
            Self::Bool(is) => write!(out, "{is}")?,
            Self::Address(address) => write!(out, "\"{address}\"")?,
            Self::Time(time) => out.extend_from_slice(short(&seconds(time.nanoseconds().into())).as_bytes()),
            Self::Interval(nanoseconds) => out.extend_from_slice(short(&seconds(*nanoseconds)).as_bytes()),
            Self::Count(_) | Self::Int(_) => self.push(out),
            Self::List(list) => {
                out.push(b'[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    value.push_json(out)?;
                }
                out.push(b']');
            }
        }
        Ok(())
    }
}

impl From<&'static str> for Value {
    fn from(name: &'static str) -> Self {
        Self::Text(name.to_owned())
    }
}

/// Seconds with six digits behind the point, rounded.
fn seconds(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let micros = (nanoseconds.unsigned_abs() + 500) / 1_000;
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Without zeros at the end, but one.
fn short(number: &str) -> &str {
    let bare = number.trim_end_matches('0');
    match bare.ends_with('.') {
        true => number.get(..=bare.len()).unwrap_or(number),
        false => bare,
    }
}

/// Appends text so that a line stays a line, a column a column and a terminal what it was; `separator` stands between the
/// entries of a list.
fn push_text(text: &str, separator: Option<u8>, out: &mut Vec<u8>) {
    // What would be taken for nothing at all.
    match text {
        "" => return out.extend_from_slice(b"(empty)"),
        "-" => return out.extend_from_slice(b"\\x2d"),
        "(empty)" => return out.extend_from_slice(b"\\x28empty)"),
        _ => {}
    }
    let mut utf8 = [0; 4];
    for (at, letter) in text.char_indices() {
        let bytes = letter.encode_utf8(&mut utf8).as_bytes();
        match letter {
            '\\' => out.extend_from_slice(b"\\\\"),
            // Else a line would be one of those that are about the log.
            '#' if at == 0 => push_hex(bytes, out),
            ' '..='~' if separator != bytes.first().copied() => out.push(bytes.first().copied().unwrap_or_default()),
            // Screens that show it could be led astray: it is escaped wherever text is shown.
            _ if letter.is_ascii() || Untrusted::escapes(letter) => push_hex(bytes, out),
            _ => out.extend_from_slice(bytes),
        }
    }
}

fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Value, text: &str, json: &str) {
        let (mut line, mut object) = (Vec::new(), Vec::new());
        value.push(&mut line);
        value.push_json(&mut object).unwrap();
        assert_eq!(
            (String::from_utf8(line).unwrap(), String::from_utf8(object).unwrap()),
            (text.to_owned(), json.to_owned())
        );
    }

    #[test]
    fn numbers_and_times_are_as_zeek_writes_them() {
        check(Value::Count(7), "7", "7");
        check(Value::Int(-7), "-7", "-7");
        check(Value::Bool(true), "T", "true");
        check(Value::Interval(43_882_000), "0.043882", "0.043882");
        check(Value::Interval(86_400_000_000_000), "86400.000000", "86400.0");
        check(
            Value::Time(Timestamp::new(1_600_000_000, 500_000_400)),
            "1600000000.500000",
            "1600000000.5",
        );
        check(Value::Time(Timestamp::new(-1, 500_000_000)), "-0.500000", "-0.5");
        check(
            Value::Address("2001:db8::1".parse().unwrap()),
            "2001:db8::1",
            "\"2001:db8::1\"",
        );
        check(Value::Unset, "-", "null");
    }

    #[test]
    fn text_cannot_end_a_column_or_a_line() {
        let text = |text: &str| Value::Text(text.to_owned());
        check(text("a\tb\r\n\\"), r"a\x09b\x0d\x0a\\", r#""a\tb\r\n\\""#);
        check(text("grün, a"), "grün, a", "\"grün, a\"");
        check(text("\u{1b}[2J"), r"\x1b[2J", r#""\u001b[2J""#);
        check(text("#fields"), r"\x23fields", "\"#fields\"");
    }

    #[test]
    fn what_is_there_is_not_taken_for_nothing() {
        check(Value::Text(String::new()), "(empty)", "\"\"");
        check(Value::Text("-".into()), r"\x2d", "\"-\"");
        check(Value::Text("(empty)".into()), r"\x28empty)", "\"(empty)\"");
        check(Value::List(Vec::new()), "(empty)", "[]");
        check(
            Value::List(vec!["a,b".into(), Value::Count(2)]),
            r"a\x2cb,2",
            r#"["a,b",2]"#,
        );
    }

    #[test]
    fn letters_that_reorder_a_line_are_escaped() {
        let mut line = Vec::new();
        Value::Text("a\u{202e}b".into()).push(&mut line);
        assert_eq!(String::from_utf8(line).unwrap(), r"a\xe2\x80\xaeb");
    }
}
