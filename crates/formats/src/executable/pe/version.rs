//! The version and the manifest of a file, which are resources.

use super::resources::{MANIFEST, Tree, VERSION};
use crate::bytes::{has, le16, piece, utf16};
use crate::text;
use watchfire_model::Untrusted;
use watchfire_model::executable::pe::{Manifest, VersionString};

/// Strings that are kept.
const MOST: usize = 256;
/// Longest key and value. Units of UTF-16.
const LONGEST: usize = 4096;
/// How much of a manifest is looked at. Bytes.
const MANIFEST_SIZE: usize = 64 << 10;

/// The numbers of a version: of the file, then of the product.
type Numbers = [[u16; 4]; 2];

/// A block: its length, the length of its value, whether that is text, a key, a value, and blocks in it, each on a place
/// that can be divided by four.
struct Block<'a> {
    key: String,
    value: &'a [u8],
    inner: &'a [u8],
    /// Bytes to the next one.
    size: usize,
}

impl<'a> Block<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let length = usize::from(le16(bytes, 0)?);
        let value_length = usize::from(le16(bytes, 2)?);
        let is_text = le16(bytes, 4)? == 1;
        if length < 6 {
            return None;
        }
        let block = piece(bytes, 0, length);
        let key = utf16(block.get(6..)?, LONGEST);
        let start = aligned(6 + (key.encode_utf16().count() + 1) * 2);
        let value_size = if is_text { value_length * 2 } else { value_length };
        let value = piece(block, start, value_size);
        Some(Self {
            key,
            value,
            inner: block.get(aligned(start + value_size)..).unwrap_or_default(),
            size: aligned(length),
        })
    }
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(4)
}

/// The blocks one after another.
fn blocks(mut bytes: &[u8]) -> Vec<Block<'_>> {
    let mut out = Vec::new();
    while out.len() < MOST {
        // Some compilers leave holes between blocks.
        while has(bytes, 0, &[0; 4]) {
            bytes = bytes.get(4..).unwrap_or_default();
        }
        let Some(block) = Block::read(bytes) else { break };
        bytes = bytes.get(block.size..).unwrap_or_default();
        out.push(block);
    }
    out
}

/// The strings and numbers of the version.
pub(super) fn read(tree: &Tree, bytes: &[u8]) -> (Vec<VersionString>, Option<Numbers>) {
    let mut strings = Vec::new();
    let Some(root) = tree.first(VERSION).and_then(|leaf| Block::read(leaf.bytes(bytes))) else {
        return (strings, None);
    };
    for info in blocks(root.inner) {
        if info.key != "StringFileInfo" {
            continue;
        }
        for table in blocks(info.inner) {
            let left = MOST.saturating_sub(strings.len());
            let each = blocks(table.inner).into_iter().take(left);
            strings.extend(each.map(|string| VersionString {
                value: Untrusted::new(utf16(string.value, LONGEST)),
                key: Untrusted::new(string.key),
            }));
        }
    }
    (strings, numbers(root.value))
}

fn numbers(fixed: &[u8]) -> Option<Numbers> {
    if !has(fixed, 0, b"\xbd\x04\xef\xfe") {
        return None;
    }
    let quad = |at: usize| -> Option<[u16; 4]> {
        Some([
            le16(fixed, at + 2)?,
            le16(fixed, at)?,
            le16(fixed, at + 6)?,
            le16(fixed, at + 4)?,
        ])
    };
    Some([quad(8)?, quad(16)?])
}

/// What the manifest asks for. It is XML, but written by few programs in few ways, and looked through for the attributes
/// that count.
pub(super) fn manifest(tree: &Tree, bytes: &[u8]) -> Option<Manifest> {
    let content = tree.first(MANIFEST)?.bytes(bytes);
    let decoded = text::decode(content.get(..MANIFEST_SIZE).unwrap_or(content), None);
    let xml = decoded.text.as_ref();
    let level = element(xml, "requestedExecutionLevel");
    let auto = xml.split_once("autoElevate").and_then(|(_, rest)| {
        let (_, rest) = rest.split_once('>')?;
        rest.split('<').next()
    });
    Some(Manifest {
        execution_level: level.and_then(|level| attribute(level, "level")),
        ui_access: level.and_then(|level| attribute(level, "uiAccess")),
        auto_elevate: auto.map(|value| Untrusted::new(value.trim())),
        name: element(xml, "assemblyIdentity").and_then(|identity| attribute(identity, "name")),
    })
}

/// The attributes of the first element of that name, with whatever prefix.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(name)?;
    rest.split('>').next()
}

/// The value of an attribute.
fn attribute(element: &str, name: &str) -> Option<Untrusted> {
    element.match_indices(name).find_map(|(at, found)| {
        let before = element.get(..at)?.chars().next_back()?;
        let value = element
            .get(at + found.len()..)?
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let value = value.get(1..)?.split(quote).next()?;
        before.is_whitespace().then(|| Untrusted::new(value))
    })
}
