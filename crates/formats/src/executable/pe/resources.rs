//! Resources: a tree of three levels, type, name and language. Walked with a count of its entries, so that one which points
//! to itself ends.

use super::image::Image;
use crate::bytes::{le16, le32, piece, place, utf16};
use crate::executable::begins::begins;
use crate::executable::work::Work;
use sha2::{Digest as _, Sha256};
use watchfire_model::executable::Digest;
use watchfire_model::executable::pe::{Resource, ResourceName};
use watchfire_model::{Span, Untrusted};

/// The number of a type.
pub(super) const ICON: u32 = 3;
pub(super) const ICONS: u32 = 14;
pub(super) const DATA: u32 = 10;
pub(super) const VERSION: u32 = 16;
pub(super) const MANIFEST: u32 = 24;
/// Entries of all directories together.
const MOST: usize = 1 << 15;
/// Resources of which the entropy is told. Bytes.
const LARGE: usize = 4096;
/// Longest name. Units of UTF-16.
const LONGEST: usize = 512;
/// Pictures of an icon.
const MOST_PICTURES: usize = 64;
/// Bytes of all pictures of an icon.
const MOST_PIXELS: usize = 4 << 20;

/// The leaves, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) leaves: Vec<Leaf>,
}

#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) kind: ResourceName,
    pub(super) name: ResourceName,
    language: u32,
    pub(super) start: usize,
    pub(super) size: usize,
}

impl Leaf {
    pub(super) fn bytes<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        piece(bytes, self.start, self.size)
    }
}

impl Tree {
    /// The first leaf of a type.
    pub(super) fn first(&self, kind: u32) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.kind == ResourceName::Number(kind))
    }

    pub(super) fn into_facts(self, bytes: &[u8], work: &mut Work<'_>) -> Vec<Resource> {
        let leaves = self.leaves.into_iter();
        leaves
            .map(|leaf| {
                let content = leaf.bytes(bytes);
                Resource {
                    span: Span {
                        start: leaf.start as u64,
                        end: leaf.start.saturating_add(content.len()) as u64,
                    },
                    begins: begins(content),
                    entropy: if content.len() < LARGE {
                        None
                    } else {
                        work.entropy(content)
                    },
                    kind: leaf.kind,
                    name: leaf.name,
                    language: leaf.language,
                }
            })
            .collect()
    }
}

/// An entry of a directory.
struct Entry {
    name: ResourceName,
    number: u32,
    /// The place of what it names, from the beginning of the tree.
    at: usize,
    is_directory: bool,
}

pub(super) fn read(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Tree {
    let mut tree = Tree::default();
    let Some((start, _)) = directory else { return tree };
    let root = image.at(start);
    let mut left = MOST;
    let mut is_damaged = false;
    for kind in entries(root, 0, &mut left) {
        // A type without names below it is none; neither is a name without languages.
        is_damaged |= !kind.is_directory;
        for name in below(root, &kind, &mut left) {
            is_damaged |= !name.is_directory;
            for language in below(root, &name, &mut left) {
                let leaf = (!language.is_directory).then(|| leaf(image, root, &kind, &name, &language));
                match leaf.flatten() {
                    Some(leaf) => tree.leaves.push(leaf),
                    None => is_damaged = true,
                }
            }
        }
    }
    if left == 0 {
        work.warn(
            "pe-resources-many",
            "its tree of resources has more entries than any program's; the rest was left out",
        );
    }
    if is_damaged {
        work.warn(
            "pe-resources",
            "its tree of resources is damaged; what could be read is listed",
        );
    }
    tree
}

fn below(root: &[u8], entry: &Entry, left: &mut usize) -> Vec<Entry> {
    if entry.is_directory {
        entries(root, entry.at, left)
    } else {
        Vec::new()
    }
}

fn entries(root: &[u8], at: usize, left: &mut usize) -> Vec<Entry> {
    let directory = root.get(at..).unwrap_or_default();
    let counts = [12, 14].map(|at| usize::from(le16(directory, at).unwrap_or_default()));
    let count = counts.iter().sum::<usize>().min(*left);
    let list = directory.get(16..).unwrap_or_default().as_chunks::<8>().0;
    let entries: Vec<Entry> = list
        .iter()
        .take(count)
        .map(|entry| {
            let word = |at| le32(entry, at).unwrap_or_default();
            let (name, target) = (word(0), word(4));
            Entry {
                name: if name >> 31 == 1 {
                    let at = place(name & 0x7fff_ffff);
                    let text = root.get(at..).unwrap_or_default();
                    let length = usize::from(le16(text, 0).unwrap_or_default());
                    let text = text.get(2..).unwrap_or_default();
                    ResourceName::Name(utf16(text, length.min(LONGEST)).into())
                } else {
                    ResourceName::Number(name)
                },
                number: name,
                at: place(target & 0x7fff_ffff),
                is_directory: target >> 31 == 1,
            }
        })
        .collect();
    *left = left.saturating_sub(entries.len());
    entries
}

fn leaf(image: &Image<'_>, root: &[u8], kind: &Entry, name: &Entry, language: &Entry) -> Option<Leaf> {
    let data = root.get(language.at..)?;
    let (at, size) = (le32(data, 0)?, le32(data, 4)?);
    Some(Leaf {
        kind: kind.name.clone(),
        name: name.name.clone(),
        language: language.number,
        start: place(image.offset(at)?),
        size: place(size),
    })
}

/// SHA-256 over the first group of icons and its pictures.
pub(super) fn icon(tree: &Tree, bytes: &[u8], work: &mut Work<'_>) -> Option<Digest> {
    let group = tree.first(ICONS)?.bytes(bytes);
    let count = usize::from(le16(group, 4)?).min(MOST_PICTURES);
    let list = group.get(6..)?;
    let mut all = Sha256::new();
    all.update(piece(group, 0, 6 + count * 14));
    for picture in list.chunks_exact(14).take(count) {
        let number = u32::from(le16(picture, 12)?);
        let wanted = ResourceName::Number(number);
        let mut pictures = tree
            .leaves
            .iter()
            .filter(|leaf| leaf.kind == ResourceName::Number(ICON));
        if let Some(leaf) = pictures.find(|leaf| leaf.name == wanted) {
            let content = leaf.bytes(bytes);
            if content.len() > MOST_PIXELS || !work.pay(content.len()) {
                return None;
            }
            all.update(content);
        }
    }
    Some(Digest::new(&all.finalize()))
}

/// The name of a resource where somebody chose one.
pub(super) fn chosen(name: &ResourceName) -> Option<&Untrusted> {
    match name {
        ResourceName::Name(name) => Some(name),
        ResourceName::Number(_) => None,
    }
}
