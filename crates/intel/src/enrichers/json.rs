//! Looking into JSON that others wrote: numbers may be strings, and anything may be missing or of another type.

use super::Fault;
use serde_json::Value;
use std::ops::RangeInclusive;
use watchfire_model::Moment;
use watchfire_model::transport::Response;

/// Reads a body as JSON. What is none is told apart, since each case has another remedy.
pub(crate) fn document(response: &Response) -> Result<Value, Fault> {
    let start = response.body.iter().find(|byte| !byte.is_ascii_whitespace());
    match start {
        None => return Err(Fault::failed("an empty answer")),
        Some(b'<') => {
            let why = "a web page instead of JSON: a proxy's page, or a wrong base URL";
            return Err(Fault::failed(why));
        }
        Some(_) => {}
    }
    serde_json::from_slice(&response.body).map_err(|error| {
        Fault::failed(if error.is_eof() {
            "the answer ends in its middle".to_owned()
        } else {
            format!("the answer is not JSON: {error}")
        })
    })
}

/// Lenient views on a value.
pub(crate) trait Look {
    /// The value behind member names joined by dots; `null` where there is none.
    fn at(&self, path: &str) -> &Value;
    /// A string; empty for anything else.
    fn text(&self) -> &str;
    /// A whole number, also as a string or with a fraction, which is dropped. Nothing for one that no counter has.
    fn whole(&self) -> Option<i64>;
    /// A number, also as a string.
    fn number(&self) -> Option<f64>;
    /// `true`, `"true"`, 1 and `"1"`, and their opposites.
    fn flag(&self) -> Option<bool>;
    /// A time as text or in seconds since 1970.
    fn moment(&self) -> Option<Moment>;
    /// The elements of a list; none for anything else.
    fn list(&self) -> &[Value];
    /// Strings of a list, or of the values of an object that are strings, joined; at most eight.
    fn joined(&self) -> String;
}

const NULL: Value = Value::Null;
/// What is larger is no count, score or time, and has lost its last digits as a fraction (2^53).
const MOST: f64 = 9_007_199_254_740_992.0;

impl Look for Value {
    fn at(&self, path: &str) -> &Value {
        path.split('.')
            .try_fold(self, |value, name| value.get(name))
            .unwrap_or(&NULL)
    }

    fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    fn whole(&self) -> Option<i64> {
        if let Some(whole) = self.as_i64() {
            return Some(whole);
        }
        let number = self.number()?;
        #[expect(clippy::cast_possible_truncation, reason = "it is far from the ends of what fits")]
        (number.abs() < MOST).then_some(number as i64)
    }

    fn number(&self) -> Option<f64> {
        let number = match self {
            Value::String(text) => text.trim().parse().ok()?,
            other => other.as_f64()?,
        };
        Some(number).filter(|number: &f64| number.is_finite())
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            _ => None,
        }
    }

    fn moment(&self) -> Option<Moment> {
        match self {
            Value::String(text) => Moment::parse(text).ok(),
            // Milliseconds where seconds would be beyond the year 5000.
            other => match other.whole()? {
                0 => None,
                number if number > 100_000_000_000 => Some(Moment::from_unix(number / 1000)),
                number => Some(Moment::from_unix(number)),
            },
        }
    }

    fn list(&self) -> &[Value] {
        self.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn joined(&self) -> String {
        let words: Vec<String> = self
            .list()
            .iter()
            .filter_map(|value| match value {
                Value::String(text) => Some(text.chars().take(80).collect()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .take(8)
            .collect();
        words.join(", ")
    }
}

/// A number that decides: it must be there and be one.
pub(crate) fn whole(value: &Value, path: &str) -> Result<i64, Fault> {
    value.at(path).whole().ok_or_else(|| wrong(path))
}

/// A number that decides, and that has bounds: one beyond them is none, and not the bound.
pub(crate) fn within(value: &Value, path: &str, bounds: RangeInclusive<i64>) -> Result<i64, Fault> {
    let whole = whole(value, path)?;
    if bounds.contains(&whole) {
        Ok(whole)
    } else {
        Err(wrong(path))
    }
}

/// The same, where it may be missing.
pub(crate) fn maybe_within(value: &Value, path: &str, bounds: RangeInclusive<i64>) -> Result<Option<i64>, Fault> {
    match value.at(path) {
        Value::Null => Ok(None),
        _ => within(value, path, bounds).map(Some),
    }
}

/// An object that decides.
pub(crate) fn object<'v>(value: &'v Value, path: &str) -> Result<&'v Value, Fault> {
    Some(value.at(path))
        .filter(|found| found.is_object())
        .ok_or_else(|| wrong(path))
}

/// A list that decides.
pub(crate) fn list<'v>(value: &'v Value, path: &str) -> Result<&'v [Value], Fault> {
    let found = value.at(path).as_array().ok_or_else(|| wrong(path))?;
    Ok(found)
}

/// The fault that a field which decides is missing or of another type.
pub(crate) fn wrong(path: &str) -> Fault {
    Fault::failed(format!("the answer has no '{path}' of the expected type"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_flags_come_as_strings_too() {
        let value = json!({"a": {"b": "61", "c": "true", "d": 0, "e": "0.97530", "f": [1]}});
        assert_eq!(value.at("a.b").whole(), Some(61));
        assert_eq!(value.at("a.c").flag(), Some(true));
        assert_eq!(value.at("a.d").flag(), Some(false));
        assert_eq!(value.at("a.e").number(), Some(0.9753));
        assert_eq!(value.at("a.f").whole(), None);
        assert_eq!(value.at("a.nothing.here"), &Value::Null);
        assert_eq!(json!("NaN").number(), None);
        assert_eq!((json!(1e300).whole(), json!("-9e99").whole()), (None, None));
    }

    #[test]
    fn what_is_beyond_its_bounds_is_no_bound() {
        let value = json!({"a": 100, "b": 101, "c": "1e300", "d": null});
        assert_eq!(within(&value, "a", 0..=100), Ok(100));
        for path in ["b", "c", "d", "e"] {
            assert_eq!(within(&value, path, 0..=100), Err(wrong(path)), "{path}");
        }
        assert_eq!(maybe_within(&value, "d", 0..=100), Ok(None));
        assert_eq!(maybe_within(&value, "b", 0..=100), Err(wrong("b")));
    }

    #[test]
    fn what_is_no_json_is_told_apart() {
        let why = |body: &[u8]| {
            let response = Response {
                body: body.to_vec(),
                ..Response::default()
            };
            document(&response).unwrap_err().why.to_string()
        };
        assert_eq!(why(b" \r\n"), "an empty answer");
        assert!(why(b"<!doctype html>").starts_with("a web page"));
        assert_eq!(why(br#"{"a": [1, "#), "the answer ends in its middle");
        assert!(why(b"nope").starts_with("the answer is not JSON"));
        assert!(why("[".repeat(1 << 20).as_bytes()).contains("recursion"));
    }
}
