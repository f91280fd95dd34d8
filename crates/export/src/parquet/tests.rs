//! What is written is read again by a reader that knows no more than the specification, and values are as they were.

use super::*;
use std::collections::BTreeMap;
use watchfire_model::Timestamp;
use watchfire_model::log::{EntryField, EntryRule, RuleLevel};

/// Any value of the compact protocol.
#[derive(Clone, Debug, PartialEq)]
enum Any {
    Yes,
    Number(i64),
    Text(String),
    List(Vec<Any>),
    Struct(BTreeMap<u8, Any>),
}

impl Any {
    fn at(&self, path: &[u8]) -> &Any {
        path.iter().fold(self, |any, key| match any {
            Any::Struct(fields) => fields.get(key).unwrap_or_else(|| panic!("no field {key} in {any:?}")),
            Any::List(list) => &list[usize::from(*key)],
            _ => panic!("{any:?} has no {key}"),
        })
    }

    fn number(&self, path: &[u8]) -> i64 {
        match self.at(path) {
            Any::Number(number) => *number,
            other => panic!("{other:?} is no number"),
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().expect("a byte");
        self.0 = rest;
        *first
    }

    fn varint(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return value;
            }
        }
        value
    }

    fn any(&mut self, kind: u8) -> Any {
        match kind {
            1 => Any::Yes,
            5 | 6 => {
                let value = self.varint();
                Any::Number((value >> 1) as i64 ^ -((value & 1) as i64))
            }
            8 => {
                let length = self.varint() as usize;
                let (text, rest) = self.0.split_at(length);
                self.0 = rest;
                Any::Text(String::from_utf8(text.to_vec()).expect("text"))
            }
            9 => {
                let head = self.byte();
                let count = match head >> 4 {
                    15 => self.varint(),
                    count => u64::from(count),
                };
                Any::List((0..count).map(|_| self.any(head & 15)).collect())
            }
            12 => {
                let (mut fields, mut last) = (BTreeMap::new(), 0);
                loop {
                    let head = self.byte();
                    if head == 0 {
                        return Any::Struct(fields);
                    }
                    assert!(head >> 4 > 0, "numbers grow");
                    last += head >> 4;
                    let value = self.any(head & 15);
                    fields.insert(last, value);
                }
            }
            other => panic!("type {other}"),
        }
    }
}

fn written(entries: &[LogEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Box::new(Entries::new(&mut out, true));
    entries.iter().for_each(|entry| writer.entry(entry));
    writer.finish().expect("written");
    out
}

fn footer(file: &[u8]) -> Any {
    assert!(file.starts_with(MAGIC) && file.ends_with(MAGIC));
    let end = file.len() - 8;
    let length = u32::from_le_bytes(file[end..end + 4].try_into().expect("four bytes")) as usize;
    Reader(&file[end - length..end]).any(STRUCT)
}

/// The values of a column, as text.
fn column(file: &[u8], name: &str) -> Vec<Option<String>> {
    let footer = footer(file);
    let number = COLUMNS.iter().position(|(own, _)| *own == name).expect("a column") as u8;
    let Any::List(groups) = footer.at(&[4]) else {
        panic!("no groups")
    };
    let mut values = Vec::new();
    for group in groups {
        let about = group.at(&[1, number, 3]);
        assert_eq!(about.at(&[3, 0]), &Any::Text(name.to_owned()));
        let mut page = Reader(&file[about.number(&[9]) as usize..]);
        let whole = page.0.len();
        let head = page.any(STRUCT);
        let length = head.number(&[3]) as usize;
        assert_eq!(whole - page.0.len() + length, about.number(&[7]) as usize);
        let rows = head.number(&[5, 1]);
        assert_eq!(rows, group.number(&[3]));
        let (levels, plain) = page.0[..length].split_at(4);
        let levels = u32::from_le_bytes(levels.try_into().expect("four bytes")) as usize;
        let (levels, plain) = plain.split_at(levels);
        let (mut levels, mut plain) = (Reader(levels), Reader(plain));
        let is_number = about.number(&[1]) == i64::from(INT64);
        while !levels.0.is_empty() {
            let run = levels.varint();
            assert_eq!(run & 1, 0, "a run");
            let is_there = levels.byte() == 1;
            for _ in 0..run >> 1 {
                values.push(is_there.then(|| {
                    let length = match is_number {
                        true => 8,
                        false => u32::from_le_bytes([plain.byte(), plain.byte(), plain.byte(), plain.byte()]) as usize,
                    };
                    let (value, rest) = plain.0.split_at(length);
                    plain.0 = rest;
                    match is_number {
                        true => i64::from_le_bytes(value.try_into().expect("eight bytes")).to_string(),
                        false => String::from_utf8(value.to_vec()).expect("text"),
                    }
                }));
            }
        }
        assert!(plain.0.is_empty());
    }
    assert_eq!(values.len() as i64, footer.number(&[3]));
    values
}

fn entry(line: u64) -> LogEntry {
    LogEntry {
        time: (!line.is_multiple_of(3)).then(|| Timestamp::new(1_795_435_200, 123_456_789)),
        source: "auth.log".into(),
        line,
        format: "sshd",
        host: "web-01".into(),
        level: line.is_multiple_of(2).then_some(RuleLevel::High),
        rules: vec![
            EntryRule {
                title: "One".into(),
                ..EntryRule::default()
            };
            2
        ],
        message: "a\u{1b}[2J \u{202e}\n=1+1".into(),
        fields: vec![EntryField {
            name: "a".into(),
            value: EntryValue::Integer(7),
        }],
        normal: vec![("user.name", EntryValue::Text("anna".into()))],
        ..LogEntry::default()
    }
}

#[test]
fn what_is_written_is_read() {
    let file = written(&[entry(1), entry(2), entry(3)]);
    let some = |text: &str| Some(text.to_owned());
    let check = |name: &str, expected: [Option<String>; 3]| assert_eq!(column(&file, name), expected, "{name}");
    check("time", [some("1795435200123456"), some("1795435200123456"), None]);
    check("line", [some("1"), some("2"), some("3")]);
    check("level", [None, some("high"), None]);
    check("rules", [some("One; One"), some("One; One"), some("One; One")]);
    check("user", [some("anna"), some("anna"), some("anna")]);
    check("fields", [some(r#"{"a":7}"#), some(r#"{"a":7}"#), some(r#"{"a":7}"#)]);
    check("fault", [None, None, None]);
    assert_eq!(column(&file, "message")[0], some("a\u{1b}[2J \u{202e}\n=1+1"));
}

#[test]
fn a_timeline_without_a_record_has_its_columns() {
    let file = written(&[]);
    let footer = footer(&file);
    assert_eq!((footer.number(&[3]), footer.at(&[4])), (0, &Any::List(Vec::new())));
    let Any::List(schema) = footer.at(&[2]) else {
        panic!("no schema")
    };
    assert_eq!(schema.len(), COLUMNS.len() + 1);
    assert_eq!(schema[1].at(&[10, 8, 1]), &Any::Yes);
}

#[test]
fn many_records_are_several_groups() {
    let entries: Vec<LogEntry> = (0..ROWS as u64 + 10).map(entry).collect();
    let file = written(&entries);
    let lines = column(&file, "line");
    assert_eq!(lines.len(), entries.len());
    assert_eq!(lines.last().cloned().flatten(), Some((ROWS + 9).to_string()));
    let Any::List(groups) = footer(&file).at(&[4]).clone() else {
        panic!("no groups")
    };
    assert_eq!(groups.len(), 2);
}
