//! JSON, record by record: the places where records stand are named beforehand, everything around them is walked through
//! and everything else skipped, so that the size of a feed costs no memory and one odd record costs nothing else.
//!
//! Nesting is bounded by the reader (128), the size of a record by [`Options::record`](super::Options::record).

use super::lines::Input;
use super::{FeedError, Place, Reason, intake::Taker, value};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use watchfire_model::Moment;

/// Where something stands: keys, `[]` for every element of an array, `*` for every key.
pub(super) type Path = &'static [&'static str];

/// What is met on the way. Numbers are those of the paths that were asked for.
pub(super) enum Met {
    /// A value.
    Record(usize, Value),
    /// The end of a container.
    Left,
}

/// Reads all of `input`. Values at `records` are handed over, and the ends of containers at `containers`.
///
/// Says whether anything was met on the way to a record, be it an empty array.
pub(super) fn walk(
    input: Input<'_>,
    limit: usize,
    records: &[Path],
    containers: &[Path],
    met: &mut dyn FnMut(Met),
) -> Result<bool, FeedError> {
    let meter = Meter::default();
    let reader = Metered {
        inner: BufReader::with_capacity(64 << 10, input),
        meter: &meter,
    };
    let mut state = State {
        records,
        containers,
        met,
        path: Vec::new(),
        meter: &meter,
        limit,
        is_on_the_way: false,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    meter.left.set(limit);
    let ended = Walk(&mut state).deserialize(&mut deserializer).and_then(|()| {
        meter.left.set(limit);
        deserializer.end()
    });
    match ended {
        Ok(()) => Ok(state.is_on_the_way),
        Err(error) => Err(explain(&error, &meter)),
    }
}

/// Reads the records at the first of `paths`, each an object with its number, and hands what stands at the other paths to
/// `beside`. Gives their number; nothing if there is no list of them.
pub(super) fn records(
    input: Input<'_>,
    taker: &mut Taker<'_>,
    paths: &[Path],
    each: &mut dyn FnMut(Place, Fields<'_>, &mut Taker<'_>),
    beside: &mut dyn FnMut(usize, Value, &mut Taker<'_>),
) -> Result<Option<u64>, FeedError> {
    let mut number = 0;
    let found = walk(input, taker.options().record, paths, &[], &mut |met| match met {
        Met::Record(0, value) => {
            number += 1;
            let place = Place::Record(number);
            match Fields::of(&value) {
                Some(record) => each(place, record, taker),
                None => taker.reject(place, Reason::Malformed, "not an object", &excerpt(&value)),
            }
        }
        Met::Record(path, value) => beside(path, value, taker),
        Met::Left => {}
    })?;
    Ok(found.then_some(number))
}

/// Reads an object and hands over each key with its value.
pub(super) fn walk_keys(input: Input<'_>, limit: usize, met: &mut dyn FnMut(&str, Value)) -> Result<(), FeedError> {
    struct Keys<'k>(&'k mut dyn FnMut(&str, Value), &'k Meter, usize);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry::<String, Value>()? {
                (self.0)(&key, value);
                self.1.left.set(self.2);
            }
            Ok(())
        }
    }
    let meter = Meter::default();
    meter.left.set(limit);
    let reader = Metered {
        inner: BufReader::with_capacity(64 << 10, input),
        meter: &meter,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let keys = Keys(met, &meter, limit);
    let ended = serde::Deserializer::deserialize_map(&mut deserializer, keys).and_then(|()| deserializer.end());
    ended.map_err(|error| explain(&error, &meter))
}

fn explain(error: &serde_json::Error, meter: &Meter) -> FeedError {
    let place = Place::Line(u64::try_from(error.line()).unwrap_or(u64::MAX));
    if meter.exceeded.get() {
        return FeedError::TooLarge { place };
    }
    match error.classify() {
        serde_json::error::Category::Eof => FeedError::Truncated {
            place,
            why: "the JSON is not closed",
        },
        serde_json::error::Category::Io if error.io_error_kind() == Some(io::ErrorKind::UnexpectedEof) => {
            io::Error::from(io::ErrorKind::UnexpectedEof).into()
        }
        serde_json::error::Category::Io => FeedError::Input(error.to_string()),
        _ => FeedError::Syntax {
            place,
            why: format!("not JSON as expected, {error}"),
        },
    }
}

/// Counts down what may be read until the next record.
#[derive(Debug, Default)]
struct Meter {
    left: Cell<usize>,
    exceeded: Cell<bool>,
}

struct Metered<'m, R> {
    inner: R,
    meter: &'m Meter,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.meter.left.get();
        if left == 0 {
            self.meter.exceeded.set(true);
            return Err(io::Error::other("the record is too large"));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.meter.left.set(left - read);
        Ok(read)
    }
}

struct State<'w> {
    records: &'w [Path],
    containers: &'w [Path],
    met: &'w mut dyn FnMut(Met),
    path: Vec<String>,
    meter: &'w Meter,
    limit: usize,
    is_on_the_way: bool,
}

/// What to do with a value, by where it stands.
enum Step {
    Take(usize),
    Enter,
    Skip,
}

impl State<'_> {
    fn step(&self) -> Step {
        let mut step = Step::Skip;
        for (number, path) in self.records.iter().enumerate() {
            let agrees = self
                .path
                .iter()
                .zip(path.iter())
                .all(|(own, other)| *other == "*" || own == other);
            match self.path.len().cmp(&path.len()) {
                std::cmp::Ordering::Equal if agrees => return Step::Take(number),
                std::cmp::Ordering::Less if agrees => step = Step::Enter,
                _ => {}
            }
        }
        step
    }

    /// Whether the path is one whose end is to be told.
    fn is_container(&self) -> bool {
        self.containers.iter().any(|path| {
            path.len() == self.path.len()
                && self
                    .path
                    .iter()
                    .zip(path.iter())
                    .all(|(own, other)| *other == "*" || own == other)
        })
    }
}

/// Reads the value at the path.
struct Walk<'s, 'w>(&'s mut State<'w>);

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let state = self.0;
        state.meter.left.set(state.limit);
        match state.step() {
            Step::Take(number) => {
                let value = <Value as serde::Deserialize>::deserialize(deserializer)?;
                state.is_on_the_way = true;
                (state.met)(Met::Record(number, value));
            }
            Step::Skip => {
                state.meter.left.set(usize::MAX);
                deserializer.deserialize_ignored_any(IgnoredAny)?;
            }
            Step::Enter => {
                let is_container = state.is_container();
                deserializer.deserialize_any(Inside(state))?;
                if is_container {
                    (state.met)(Met::Left);
                }
            }
        }
        state.meter.left.set(state.limit);
        Ok(())
    }
}

/// Reads what is inside the value at the path.
struct Inside<'s, 'w>(&'s mut State<'w>);

impl<'de> Visitor<'de> for Inside<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.path.push(key);
            map.next_value_seed(Walk(self.0))?;
            self.0.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        self.0.is_on_the_way |=
            !self.0.path.is_empty() || self.0.records.iter().any(|path| path.first() == Some(&"[]"));
        self.0.path.push("[]".to_owned());
        while sequence.next_element_seed(Walk(self.0))?.is_some() {}
        self.0.path.pop();
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// One object in memory, read with the types that feeds have in mind rather than those they write: numbers and truths
/// come as strings as often as not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'v>(&'v Map<String, Value>);

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// A text or number, as text; empty if there is none.
    pub(super) fn text(self, name: &str) -> Cow<'v, str> {
        self.0.get(name).map_or(Cow::Borrowed(""), text)
    }

    /// The first of these that is not empty.
    pub(super) fn first(self, names: &[&str]) -> Cow<'v, str> {
        names
            .iter()
            .map(|name| self.text(name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The first of these that is not empty, be it a text, a number or a list of them.
    pub(super) fn first_joined(self, names: &[&str]) -> Cow<'v, str> {
        names
            .iter()
            .map(|name| self.joined(name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    pub(super) fn number(self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// `true`, `"1"`, `1`, `"yes"`.
    pub(super) fn truth(self, name: &str) -> Option<bool> {
        match &*self.text(name).to_ascii_lowercase() {
            "true" | "1" | "yes" | "y" => Some(true),
            "false" | "0" | "no" | "n" => Some(false),
            _ => None,
        }
    }

    pub(super) fn moment(self, name: &str) -> Option<Moment> {
        value::moment(&self.text(name))
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name).and_then(Self::of)
    }

    pub(super) fn list(self, name: &str) -> &'v [Value] {
        self.0.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The objects of a list.
    pub(super) fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        self.list(name).iter().filter_map(Self::of)
    }

    /// Texts of a list, or one text, as one: `a, b`.
    pub(super) fn joined(self, name: &str) -> Cow<'v, str> {
        match self.0.get(name) {
            Some(Value::Array(all)) => {
                let texts: Vec<Cow<'_, str>> = all.iter().take(16).map(text).filter(|text| !text.is_empty()).collect();
                Cow::Owned(texts.join(", "))
            }
            _ => self.text(name),
        }
    }
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => Cow::Borrowed(""),
    }
}

/// The beginning of a record, for naming it where it is not taken.
pub(super) fn excerpt(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().take(8).map(String::as_str).collect();
            format!("{{{}}}", keys.join(", "))
        }
        Value::Array(_) => "[…]".to_owned(),
        other => text(other).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, limit: usize, records: &[Path], containers: &[Path]) -> Result<(Vec<String>, bool), FeedError> {
        let mut bytes = text.as_bytes();
        let mut all = Vec::new();
        let input = Input::open(&mut bytes, "JSON")?;
        let way = walk(input, limit, records, containers, &mut |met| {
            all.push(match met {
                Met::Record(number, value) => format!("{number} {value}"),
                Met::Left => "left".to_owned(),
            });
        })?;
        Ok((all, way))
    }

    #[test]
    fn records_are_found_where_they_stand_and_the_rest_is_skipped() {
        let text = r#"{"a":[1,{"b":[2,3],"x":9}],"c":{"k":[4],"l":[5]},"d":{"e":6}} "#;
        let (found, way) = read(
            text,
            100,
            &[&["a", "[]", "b", "[]"], &["c", "*", "[]"], &["d"]],
            &[&["a"]],
        )
        .unwrap();
        assert_eq!(found, ["0 2", "0 3", "left", "1 4", "1 5", "2 {\"e\":6}"]);
        assert!(way);
        assert_eq!(read("{\"z\":[1]}", 100, &[&["a", "[]"]], &[]), Ok((vec![], false)));
        assert_eq!(read("{\"a\":[]}", 100, &[&["a", "[]"]], &[]), Ok((vec![], true)));
        assert_eq!(read("{\"a\":null}", 100, &[&["a", "[]"]], &[]), Ok((vec![], false)));
    }

    #[test]
    fn what_is_cut_off_too_large_too_deep_or_no_json_is_an_error() {
        let path: &[Path] = &[&["[]"]];
        assert!(matches!(read("[1,2", 100, path, &[]), Err(FeedError::Truncated { .. })));
        assert!(matches!(read("[1,}", 100, path, &[]), Err(FeedError::Syntax { .. })));
        assert!(matches!(read("[1] 2", 100, path, &[]), Err(FeedError::Syntax { .. })));
        let long = format!("[\"{}\"]", "x".repeat(200));
        assert!(matches!(read(&long, 100, path, &[]), Err(FeedError::TooLarge { .. })));
        assert!(read(&long, 300, path, &[]).is_ok());
        let skipped = format!("{{\"z\":\"{}\",\"a\":1}}", "x".repeat(200));
        assert!(read(&skipped, 100, &[&["a"]], &[]).is_ok());
        assert!(matches!(
            read(&"[".repeat(1000), 9999, path, &[]),
            Err(FeedError::Syntax { .. })
        ));
    }

    #[test]
    fn types_are_read_as_they_are_meant() {
        let value: Value =
            serde_json::from_str(r#"{"n":"7","t":"1","f":false,"d":"2026-11-21","l":["a","b",1]}"#).unwrap();
        let fields = Fields::of(&value).unwrap();
        assert_eq!(
            (fields.number("n"), fields.truth("t"), fields.truth("f")),
            (Some(7), Some(true), Some(false))
        );
        assert_eq!(fields.moment("d").unwrap().to_string(), "2026-11-21T00:00:00Z");
        assert_eq!(fields.joined("l"), "a, b, 1");
    }
}
