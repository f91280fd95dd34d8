//! Files that say more than they hold: they end in a remark, within the budget, and at once.

use super::footer::{Element, Meaning, Physical, Repetition};
use super::schema::{Shape, build};
use super::*;
use std::io::Cursor;
use watchfire_model::{LimitKind, Limits};

const I32: u8 = 5;
const I64: u8 = 6;
const TEXT: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Structs of Thrift's compact protocol.
#[derive(Clone, Default)]
struct Fields(Vec<u8>, u8);

impl Fields {
    fn head(mut self, number: u8, kind: u8) -> Self {
        self.0.push((number - self.1) << 4 | kind);
        self.1 = number;
        self
    }

    fn number(self, number: u8, value: i64) -> Self {
        let mut this = self.head(number, if value.unsigned_abs() >> 31 == 0 { I32 } else { I64 });
        this.0.extend(varint((value << 1 ^ value >> 63).cast_unsigned()));
        this
    }

    fn text(self, number: u8, value: &str) -> Self {
        let mut this = self.head(number, TEXT);
        this.0.extend(varint(value.len() as u64));
        this.0.extend(value.as_bytes());
        this
    }

    fn within(self, number: u8, inner: Self) -> Self {
        let mut this = self.head(number, STRUCT);
        this.0.extend(inner.end());
        this
    }

    fn list(self, number: u8, all: &[Self]) -> Self {
        let mut this = self.head(number, LIST);
        this.0.push(0xf0 | STRUCT);
        this.0.extend(varint(all.len() as u64));
        this.0.extend(all.iter().flat_map(|one| one.clone().end()));
        this
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(0);
        self.0
    }
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value as u8 & 0x7f | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn fields() -> Fields {
    Fields::default()
}

fn closed(mut body: Vec<u8>, footer: &[u8]) -> Vec<u8> {
    body.extend(footer);
    body.extend((footer.len() as u32).to_le_bytes());
    body.extend(MAGIC);
    body
}

/// A file with one column of text that may be missing: its pages, and groups of so many rows that all say it is theirs.
fn file(pages: &[u8], rows: i64, groups: usize) -> Vec<u8> {
    let mut body = MAGIC.to_vec();
    body.extend(pages);
    let root = fields().text(4, "root").number(5, 1);
    let column = fields().number(1, 6).number(3, 1).text(4, "a").number(6, 0);
    let about = fields().number(4, 0).number(7, pages.len() as i64).number(9, 4);
    let chunk = fields().number(2, 4).within(3, about);
    let group = fields().list(1, &[chunk]).number(3, rows);
    let footer = fields()
        .number(1, 1)
        .list(2, &[root, column])
        .number(3, rows)
        .list(4, &vec![group; groups]);
    closed(body, &footer.end())
}

fn page(kind: i64, of: u8, details: Fields, body: &[u8]) -> Vec<u8> {
    let length = body.len() as i64;
    let head = fields().number(1, kind).number(2, length).number(3, length);
    [head.within(of, details).end(), body.to_vec()].concat()
}

/// One value that is there two thousand million times.
fn repeated() -> Vec<u8> {
    const MANY: i64 = i32::MAX as i64;
    let value = [7_u32.to_le_bytes().as_slice(), b"evil.ex"].concat();
    let dictionary = page(2, 7, fields().number(1, 1).number(2, 0), &value);
    let run = varint(MANY.cast_unsigned() << 1);
    let levels = [run.clone(), vec![1]].concat();
    let body = [
        (levels.len() as u32).to_le_bytes().to_vec(),
        levels,
        vec![1],
        run,
        vec![0],
    ];
    let details = fields().number(1, MANY).number(2, 8).number(3, 3).number(4, 3);
    [dictionary, page(0, 5, details, &body.concat())].concat()
}

/// What comes of a file: bytes, rows, what was wrong.
fn read(file: &[u8]) -> (usize, u64, String, Option<Halt>) {
    let budget = Budget::new(Limits {
        artifact_size: 64 << 20,
        ..Limits::default()
    });
    match Rows::open(Box::new(Cursor::new(file)), &budget).expect("memory does not fail") {
        Ok(mut rows) => {
            let length = io::copy(&mut rows, &mut io::sink()).expect("memory does not fail");
            let said: Vec<&str> = rows.problems().iter().map(|problem| problem.message.raw()).collect();
            (length as usize, rows.rows(), said.join("; "), rows.halted())
        }
        Err(problem) => (0, 0, problem.message.raw().to_owned(), None),
    }
}

fn refused(file: &[u8], expected: &str) {
    let (length, _, said, _) = read(file);
    assert!(length == 0 && said.contains(expected), "{said}");
}

#[test]
fn a_value_that_is_there_two_thousand_million_times_ends_at_the_budget() {
    let (length, rows, _, halted) = read(&file(&repeated(), i32::MAX.into(), 1));
    assert_eq!(halted, Some(Halt(LimitKind::Ratio)));
    assert!(rows > 1_000_000 && length < (17 << 20), "{rows} rows, {length} bytes");
}

#[test]
fn rows_that_are_there_are_kept_where_more_are_stated() {
    let file_of = |rows| {
        let body = [vec![2, 0, 0, 0, 6, 1], 1_u32.to_le_bytes().to_vec(), b"x".to_vec()].concat();
        let body = [
            body,
            1_u32.to_le_bytes().to_vec(),
            b"y".to_vec(),
            1_u32.to_le_bytes().to_vec(),
            b"z".to_vec(),
        ];
        let details = fields().number(1, 3).number(2, 0).number(3, 3).number(4, 3);
        file(&page(0, 5, details, &body.concat()), rows, 1)
    };
    assert_eq!(read(&file_of(3)), (30, 3, String::new(), None));
    let (length, rows, said, _) = read(&file_of(i64::from(i32::MAX)));
    assert_eq!((length, rows), (30, 3));
    assert!(said.contains("its column 'a' ends before the rows do"), "{said}");
}

#[test]
fn groups_that_are_all_the_same_place_are_read_a_few_times() {
    let body = [vec![2, 0, 0, 0, 2, 1], 200_u32.to_le_bytes().to_vec(), vec![b'x'; 200]].concat();
    let details = fields().number(1, 1).number(2, 0).number(3, 3).number(4, 3);
    let (_, rows, said, _) = read(&file(&page(0, 5, details, &body), 1, 10_000));
    assert!(said.contains("lie one over the other"), "{said}");
    assert!(rows < 10_000, "{rows}");
}

#[test]
fn depth_and_lengths_without_bounds_are_refused() {
    let deep: Vec<Fields> = (0..10_000).map(|_| fields().text(4, "a").number(5, 1)).collect();
    let footer = fields().number(1, 1).list(2, &deep).number(3, 1);
    refused(&closed(MAGIC.to_vec(), &footer.end()), "deeper in one another than 32");

    let inside = (0..10_000).fold(fields(), |inner, _| fields().within(1, inner));
    let footer = fields().number(1, 1).within(9, inside);
    refused(&closed(MAGIC.to_vec(), &footer.end()), "its footer makes no sense");

    let mut endless = fields().number(1, 1).head(2, LIST);
    endless.0.push(0xf0 | STRUCT);
    endless.0.extend(varint(1 << 31));
    refused(&closed(MAGIC.to_vec(), &endless.end()), "its footer makes no sense");
    refused(&closed(MAGIC.to_vec(), &fields().end()), "it lists no columns");
    refused(b"PAR1\xff\xff\xff\x7fPAR1", "its footer is larger than 64 MiB");
    refused(b"PAR1PAR1", "too short");
}

#[test]
fn places_outside_of_the_file_are_told() {
    let details = fields().number(1, 3).number(2, 0).number(3, 3).number(4, 3);
    let head = fields()
        .number(1, 0)
        .number(2, 1 << 40)
        .number(3, 1 << 40)
        .within(5, details);
    let (_, _, said, _) = read(&file(&head.end(), 3, 1));
    assert!(said.contains("a page of more than 128 MiB"), "{said}");
    let (_, _, said, _) = read(&file(b"", 3, 1));
    assert!(said.contains("ends before the rows do"), "{said}");
}

/// The shape of the one column of a schema.
fn shape(elements: &[(&str, Repetition, usize, Meaning)]) -> String {
    let element = |(name, repetition, children, meaning): &(&str, Repetition, usize, Meaning)| Element {
        name: (*name).to_owned(),
        physical: (*children == 0).then_some(Physical::Int32),
        repetition: *repetition,
        children: *children,
        meaning: *meaning,
    };
    let root = ("root", Repetition::Required, 1, Meaning::Plain);
    let elements: Vec<Element> = std::iter::once(&root).chain(elements).map(element).collect();
    fn text(node: &schema::Node) -> String {
        match &node.shape {
            Shape::Leaf => "leaf".to_owned(),
            Shape::Group(nodes) => format!("{{{}}}", nodes.iter().map(text).collect::<Vec<_>>().join(",")),
            Shape::List(inner, _) => format!("[{}]", text(inner)),
            Shape::Map(key, value, _) => format!("{}:{}", text(key), value.as_deref().map_or(String::new(), text)),
        }
    }
    build(&elements).map_or_else(ToOwned::to_owned, |schema| schema.columns.iter().map(text).collect())
}

#[test]
fn lists_of_older_writers_are_lists() {
    use Meaning::{List, Map, Plain};
    use Repetition::{Optional, Repeated, Required};
    let leaf = |name| (name, Optional, 0, Plain);
    // Three levels, then what older writers left out or named otherwise.
    assert_eq!(
        shape(&[("a", Optional, 1, List), ("list", Repeated, 1, Plain), leaf("element")]),
        "[leaf]"
    );
    assert_eq!(
        shape(&[("a", Optional, 1, List), ("element", Repeated, 0, Plain)]),
        "[leaf]"
    );
    assert_eq!(
        shape(&[
            ("a", Optional, 1, List),
            ("e", Repeated, 2, Plain),
            leaf("x"),
            leaf("y")
        ]),
        "[{leaf,leaf}]"
    );
    assert_eq!(
        shape(&[("a", Optional, 1, List), ("array", Repeated, 1, Plain), leaf("x")]),
        "[{leaf}]"
    );
    assert_eq!(
        shape(&[("a", Optional, 1, List), ("a_tuple", Repeated, 1, Plain), leaf("x")]),
        "[{leaf}]"
    );
    assert_eq!(shape(&[("a", Repeated, 0, Plain)]), "[leaf]");
    assert_eq!(shape(&[("a", Repeated, 1, Plain), leaf("x")]), "[{leaf}]");
    let key = ("key", Required, 0, Plain);
    assert_eq!(
        shape(&[("a", Optional, 1, Map), ("map", Repeated, 2, Plain), key, leaf("value")]),
        "leaf:leaf"
    );
    assert_eq!(
        shape(&[("a", Optional, 1, Map), ("map", Repeated, 1, Plain), key]),
        "leaf:"
    );
    // Called so, and none.
    assert_eq!(shape(&[("a", Optional, 1, List), leaf("x")]), "{leaf}");
    assert_eq!(shape(&[("a", Optional, 1, Map), leaf("x")]), "{leaf}");
    assert_eq!(
        shape(&[("a", Optional, 2, Plain), leaf("x")]),
        "it lists fewer columns than it has"
    );
}
