//! Values of Parquet as JSON (RFC 8259), by what their column says that they mean.
//!
//! Times are RFC 3339, with a `Z` where the column says that they are UTC and without where it says nothing; decimals are
//! numbers with all their digits; bytes that are no text are hexadecimal. What does not mean what its column says, such as a
//! date in the year 12,000, is the number that stands there.

use super::footer::{Clock, Meaning, Unit};
use serde::de::IgnoredAny;
use std::io::Write;
use watchfire_model::Moment;

/// A value as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'b> {
    Boolean(bool),
    Int32(i32),
    Int64(i64),
    /// Nanoseconds of a Julian day, and the day.
    Int96([u8; 12]),
    Float(f32),
    Double(f64),
    Bytes(&'b [u8]),
}

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// 1970-01-01 as a Julian day.
const EPOCH: i64 = 2_440_588;
/// Bytes of a decimal at most: 256 bits.
const MOST_DECIMAL: usize = 32;

/// A name as a key, with the colon.
pub(super) fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    string(&mut key, name);
    key.push(b':');
    key
}

/// Text in quotes.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        let (plain, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = after.split_first() else {
            break;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => print(out, format_args!("\\u{byte:04x}")),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Writing to memory does not fail.
fn print(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _never = out.write_fmt(text);
}

/// Writes a value.
pub(super) fn value(out: &mut Vec<u8>, value: Value<'_>, meaning: Meaning) {
    match value {
        Value::Boolean(yes) => out.extend_from_slice(if yes { b"true" } else { b"false" }),
        Value::Int32(number) if meaning == Meaning::Unsigned => {
            print(out, format_args!("{}", number.cast_unsigned()));
        }
        Value::Int64(number) if meaning == Meaning::Unsigned => {
            print(out, format_args!("{}", number.cast_unsigned()));
        }
        Value::Int32(number) => integer(out, i64::from(number), meaning),
        Value::Int64(number) => integer(out, number, meaning),
        Value::Int96(parts) => julian(out, parts),
        Value::Float(number) if number.is_finite() => print(out, format_args!("{number:?}")),
        Value::Double(number) if number.is_finite() => print(out, format_args!("{number:?}")),
        Value::Float(number) => infinite(out, f64::from(number)),
        Value::Double(number) => infinite(out, number),
        Value::Bytes(bytes) => letters(out, bytes, meaning),
    }
}

/// JSON has no such numbers.
fn infinite(out: &mut Vec<u8>, number: f64) {
    let name: &[u8] = match number {
        _ if number.is_nan() => b"\"NaN\"",
        _ if number > 0.0 => b"\"Infinity\"",
        _ => b"\"-Infinity\"",
    };
    out.extend_from_slice(name);
}

fn integer(out: &mut Vec<u8>, number: i64, meaning: Meaning) {
    let before = out.len();
    let is_written = match meaning {
        Meaning::Decimal(scale) => {
            decimal(out, &number.to_be_bytes(), scale);
            true
        }
        Meaning::Date => number.checked_mul(DAY).is_some_and(|seconds| date(out, seconds)),
        Meaning::Time(unit) => {
            let nanoseconds = nanoseconds(number, unit);
            let is_in_day = (0..DAY * SECOND).contains(&nanoseconds);
            is_in_day && time(out, nanoseconds)
        }
        Meaning::Timestamp(unit, clock) => {
            let (seconds, part) = seconds(number, unit);
            instant(out, seconds, part, clock)
        }
        _ => false,
    };
    if !is_written {
        out.truncate(before);
        print(out, format_args!("{number}"));
    }
}

/// What a number of a clock is in nanoseconds; none of a day, where there are more than fit.
fn nanoseconds(number: i64, unit: Unit) -> i64 {
    let each = match unit {
        Unit::Millis => 1_000_000,
        Unit::Micros => 1_000,
        Unit::Nanos => 1,
    };
    number.checked_mul(each).unwrap_or(-1)
}

/// Seconds, and the nanoseconds of the next.
fn seconds(number: i64, unit: Unit) -> (i64, i64) {
    let (a_second, each) = match unit {
        Unit::Millis => (1_000, 1_000_000),
        Unit::Micros => (1_000_000, 1_000),
        Unit::Nanos => (SECOND, 1),
    };
    (number.div_euclid(a_second), number.rem_euclid(a_second) * each)
}

fn date(out: &mut Vec<u8>, seconds: i64) -> bool {
    let moment = Moment::from_unix(seconds);
    let text = moment.to_string();
    print(out, format_args!("\"{}\"", text.get(..10).unwrap_or_default()));
    moment.unix() == seconds
}

fn time(out: &mut Vec<u8>, nanoseconds: i64) -> bool {
    let (second, part) = (nanoseconds.div_euclid(SECOND), nanoseconds.rem_euclid(SECOND));
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    print(out, format_args!("\"{hour:02}:{minute:02}:{second:02}"));
    fraction(out, part);
    out.push(b'"');
    true
}

fn instant(out: &mut Vec<u8>, seconds: i64, part: i64, clock: Clock) -> bool {
    let moment = Moment::from_unix(seconds);
    let text = moment.to_string();
    print(out, format_args!("\"{}", text.trim_end_matches('Z')));
    fraction(out, part);
    out.extend_from_slice(match clock {
        Clock::Utc => b"Z\"",
        Clock::Local => b"\"",
    });
    moment.unix() == seconds
}

/// As many digits as are needed: none, three, six or nine.
fn fraction(out: &mut Vec<u8>, nanoseconds: i64) {
    match nanoseconds {
        0 => {}
        part if part % 1_000_000 == 0 => print(out, format_args!(".{:03}", part / 1_000_000)),
        part if part % 1_000 == 0 => print(out, format_args!(".{:06}", part / 1_000)),
        part => print(out, format_args!(".{part:09}")),
    }
}

/// The instants of Impala and of old Spark, in UTC as far as anybody knows.
fn julian(out: &mut Vec<u8>, parts: [u8; 12]) {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = parts;
    let of_day = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let day = i64::from(u32::from_le_bytes([i, j, k, l])) - EPOCH;
    let before = out.len();
    let seconds = day * DAY + of_day.div_euclid(SECOND);
    if !(0..DAY * SECOND).contains(&of_day) || !instant(out, seconds, of_day.rem_euclid(SECOND), Clock::Local) {
        out.truncate(before);
        hexadecimal(out, &parts);
    } else if out.pop().is_some() {
        out.extend_from_slice(b"Z\"");
    }
}

fn letters(out: &mut Vec<u8>, bytes: &[u8], meaning: Meaning) {
    match (meaning, bytes) {
        (Meaning::Decimal(scale), bytes) if (1..=MOST_DECIMAL).contains(&bytes.len()) => decimal(out, bytes, scale),
        (Meaning::Uuid, bytes) if bytes.len() == 16 => uuid(out, bytes),
        (Meaning::Float16, &[low, high]) => {
            let number = half(u16::from_le_bytes([low, high]));
            value(out, Value::Float(number), Meaning::Plain);
        }
        (Meaning::Interval, &[a, b, c, d, e, f, g, h, i, j, k, l]) => {
            let (months, days) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
            let millis = u32::from_le_bytes([i, j, k, l]);
            let (seconds, millis) = (millis / 1_000, millis % 1_000);
            print(out, format_args!("\"P{months}M{days}DT{seconds}.{millis:03}S\""));
        }
        (Meaning::Json, bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => nested(out, text),
            Err(_) => string(out, &String::from_utf8_lossy(bytes)),
        },
        (Meaning::Text, bytes) => string(out, &String::from_utf8_lossy(bytes)),
        (_, bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => string(out, text),
            Err(_) => hexadecimal(out, bytes),
        },
    }
}

/// JSON in a column is JSON of the row, on one line. What is none is text.
fn nested(out: &mut Vec<u8>, text: &str) {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return string(out, text);
    }
    // Inside of strings there are none of these.
    let in_line = |byte: u8| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
    out.extend(text.trim().bytes().map(in_line));
}

fn hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for byte in bytes {
        print(out, format_args!("{byte:02x}"));
    }
    out.push(b'"');
}

fn uuid(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        print(out, format_args!("{byte:02x}"));
    }
    out.push(b'"');
}

/// IEEE 754 with half the bits.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2_f32.powi(exponent - 25),
    }
}

/// A number in two's complement and big endian, with so many digits behind the point.
fn decimal(out: &mut Vec<u8>, bytes: &[u8], scale: u8) {
    let is_negative = bytes.first().is_some_and(|byte| byte >> 7 == 1);
    let mut amount = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in amount.iter_mut().rev() {
            let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (sum, over);
        }
    }
    let mut digits = Vec::new();
    while amount.iter().any(|byte| *byte > 0) || digits.len() <= usize::from(scale) {
        let mut rest = 0_u16;
        for byte in &mut amount {
            let all = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(all / 10).unwrap_or_default();
            rest = all % 10;
        }
        if digits.len() == usize::from(scale) && scale > 0 {
            digits.push(b'.');
        }
        digits.push(b'0'.saturating_add(u8::try_from(rest).unwrap_or_default()));
    }
    if is_negative {
        digits.push(b'-');
    }
    out.extend(digits.iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(meaning: Meaning, stored: Value<'_>, expected: &str) {
        let mut out = Vec::new();
        value(&mut out, stored, meaning);
        assert_eq!(String::from_utf8_lossy(&out), expected, "{meaning:?} {stored:?}");
        serde_json::from_slice::<IgnoredAny>(&out).expect("JSON");
    }

    #[test]
    fn numbers_mean_what_their_column_says() {
        check(Meaning::Plain, Value::Int32(-1), "-1");
        check(Meaning::Unsigned, Value::Int32(-1), "4294967295");
        check(Meaning::Unsigned, Value::Int64(-1), "18446744073709551615");
        check(Meaning::Decimal(2), Value::Int32(5), "0.05");
        check(Meaning::Decimal(0), Value::Int64(-120), "-120");
        check(Meaning::Decimal(3), Value::Bytes(&[0xff, 0x00]), "-0.256");
        check(Meaning::Decimal(2), Value::Int64(i64::MIN), "-92233720368547758.08");
        check(Meaning::Plain, Value::Double(f64::NAN), "\"NaN\"");
        check(Meaning::Plain, Value::Double(1e300), "1e300");
        check(Meaning::Plain, Value::Float(0.1), "0.1");
        check(Meaning::Float16, Value::Bytes(&[0x00, 0x3e]), "1.5");
        check(Meaning::Float16, Value::Bytes(&[0x01, 0x80]), "-5.9604645e-8");
        check(Meaning::Float16, Value::Bytes(&[0x00, 0xfc]), "\"-Infinity\"");
    }

    #[test]
    fn times_are_as_exact_as_they_are_stored() {
        let utc = |unit| Meaning::Timestamp(unit, Clock::Utc);
        check(utc(Unit::Millis), Value::Int64(0), "\"1970-01-01T00:00:00Z\"");
        check(utc(Unit::Micros), Value::Int64(-1), "\"1969-12-31T23:59:59.999999Z\"");
        check(utc(Unit::Nanos), Value::Int64(1), "\"1970-01-01T00:00:00.000000001Z\"");
        check(utc(Unit::Millis), Value::Int64(i64::MAX), "9223372036854775807");
        let local = Meaning::Timestamp(Unit::Millis, Clock::Local);
        check(local, Value::Int64(1_700_000_000_500), "\"2023-11-14T22:13:20.500\"");
        check(Meaning::Date, Value::Int32(19_675), "\"2023-11-14\"");
        check(Meaning::Date, Value::Int32(i32::MAX), "2147483647");
        check(
            Meaning::Time(Unit::Micros),
            Value::Int64(80_000_000_500),
            "\"22:13:20.000500\"",
        );
        check(Meaning::Time(Unit::Millis), Value::Int32(-5), "-5");
        let mut day = [0; 12];
        day[8..].copy_from_slice(&2_440_589_u32.to_le_bytes());
        check(Meaning::Plain, Value::Int96(day), "\"1970-01-02T00:00:00Z\"");
        check(Meaning::Plain, Value::Int96([0xff; 12]), "\"ffffffffffffffffffffffff\"");
    }

    #[test]
    fn text_and_bytes_are_told_apart() {
        check(Meaning::Plain, Value::Bytes(b"\x00\xff"), "\"00ff\"");
        check(
            Meaning::Plain,
            Value::Bytes("ä\"\\\u{1}\n".as_bytes()),
            "\"ä\\\"\\\\\\u0001\\n\"",
        );
        check(Meaning::Text, Value::Bytes(b"a\xff"), "\"a\u{fffd}\"");
        check(Meaning::Json, Value::Bytes(b"{\"a\":\r\n[1]}"), "{\"a\":  [1]}");
        check(Meaning::Json, Value::Bytes(b"{\"a\":"), "\"{\\\"a\\\":\"");
        check(
            Meaning::Uuid,
            Value::Bytes(&[0xab; 16]),
            "\"abababab-abab-abab-abab-abababababab\"",
        );
        check(
            Meaning::Interval,
            Value::Bytes(&[1, 0, 0, 0, 2, 0, 0, 0, 220, 5, 0, 0]),
            "\"P1M2DT1.500S\"",
        );
    }
}
