//! Packages of Windows Installer: a compound file with tables and streams under packed names.

use crate::compound::{Node, compound};

/// A package of these parts.
#[derive(Clone, Debug, Default)]
pub struct Installer {
    /// Streams by their names, such as `Binary.helper.dll` or `data.cab`.
    pub streams: Vec<(&'static str, Vec<u8>)>,
    /// Its own actions: name, type, source, target.
    pub actions: Vec<(&'static str, u16, &'static str, &'static str)>,
    /// Its files: key, name.
    pub files: Vec<(&'static str, &'static str)>,
}

/// The texts of a package, each once.
#[derive(Default)]
struct Pool(Vec<String>);

impl Pool {
    fn number(&mut self, text: &str) -> u16 {
        if text.is_empty() {
            return 0;
        }
        let known = self.0.iter().position(|known| known == text);
        let at = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        u16::try_from(at + 1).unwrap_or(u16::MAX)
    }
}

const TEXT: u16 = 0x0dff;
const NUMBER: u16 = 0x0502;
const TABLES: &[(&str, &[(&str, u16)])] = &[
    (
        "CustomAction",
        &[("Action", TEXT), ("Type", NUMBER), ("Source", TEXT), ("Target", TEXT)],
    ),
    ("File", &[("File", TEXT), ("Component_", TEXT), ("FileName", TEXT)]),
];

impl Installer {
    /// The file.
    pub fn build(&self) -> Vec<u8> {
        let mut pool = Pool::default();
        let mut columns: Vec<[u16; 4]> = Vec::new();
        for (table, names) in TABLES {
            for (at, (name, kind)) in (1..).zip(*names) {
                columns.push([pool.number(table), at | 0x8000, pool.number(name), kind ^ 0x8000]);
            }
        }
        let actions: Vec<Vec<u16>> = self
            .actions
            .iter()
            .map(|(action, kind, source, target)| {
                vec![
                    pool.number(action),
                    kind ^ 0x8000,
                    pool.number(source),
                    pool.number(target),
                ]
            })
            .collect();
        let files: Vec<Vec<u16>> = self
            .files
            .iter()
            .map(|(key, name)| vec![pool.number(key), pool.number("Main"), pool.number(name)])
            .collect();
        let columns: Vec<Vec<u16>> = columns.into_iter().map(Vec::from).collect();
        let mut lengths = vec![0xe9, 0xfd, 0, 0];
        for text in &pool.0 {
            lengths.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
            lengths.extend([1, 0]);
        }
        let table = |name: &str, rows: &[Vec<u16>]| Node::Stream(packed(name, true), by_columns(rows));
        let mut nodes = vec![
            table("_Columns", &columns),
            table("CustomAction", &actions),
            table("File", &files),
            Node::Stream(packed("_StringPool", true), lengths),
            Node::Stream(packed("_StringData", true), pool.0.concat().into_bytes()),
        ];
        nodes.extend(
            self.streams
                .iter()
                .map(|(name, bytes)| Node::Stream(packed(name, false), bytes.clone())),
        );
        let mut bytes = compound(&nodes);
        // The class of the root says that it is a package.
        let root: Vec<u8> = "Root Entry".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let at = bytes.windows(root.len()).position(|window| window == root);
        if let Some(class) = at.and_then(|at| bytes.get_mut(at + 80..at + 96)) {
            class.copy_from_slice(b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
        }
        bytes
    }
}

/// Tables are stored column by column.
fn by_columns(rows: &[Vec<u16>]) -> Vec<u8> {
    let width = rows.first().map_or(0, Vec::len);
    let values = (0..width).flat_map(|column| rows.iter().filter_map(move |row| row.get(column)));
    values.flat_map(|value| value.to_le_bytes()).collect()
}

/// A name of a stream, two letters in one, with the mark of a table before it.
fn packed(name: &str, is_table: bool) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let digit = |letter: char| ALPHABET.find(letter).and_then(|at| u32::try_from(at).ok());
    let mut out = String::from(if is_table { "\u{4840}" } else { "" });
    let letters: Vec<char> = name.chars().collect();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let (first, second) = (digit(*letter), letters.get(at + 1).and_then(|letter| digit(*letter)));
        let (code, length) = match (first, second) {
            (Some(first), Some(second)) => (0x3800 + first + (second << 6), 2),
            (Some(first), None) => (0x4800 + first, 1),
            _ => (u32::from(*letter), 1),
        };
        out.extend(char::from_u32(code));
        at += length;
    }
    out
}
