//! Imports, at once and at first use, and the digest over them.
//!
//! Names that no linker writes are left out of the list, as pefile leaves them out: they are what a damaged table gives.

use super::image::Image;
use super::tables::ordinal_name;
use crate::bytes::{le32, le64};
use crate::executable::work::Work;
use md5::{Digest as _, Md5};
use watchfire_model::Untrusted;
use watchfire_model::executable::Digest;
use watchfire_model::executable::pe::{Import, ImportedFunction};

/// Longest name of a library or a function. Bytes.
const LONGEST: usize = 512;
/// Libraries that are read.
const MOST_LIBRARIES: u32 = 4096;
/// Functions that are read.
const MOST_FUNCTIONS: usize = 1 << 15;
/// Libraries in a row that have no functions, after which the table is given up.
const MOST_EMPTY: usize = 6;
/// Bytes of an entry, and of one for first use.
const ENTRY: u32 = 20;
const DELAYED_ENTRY: u32 = 32;

pub(super) fn read(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Vec<Import> {
    let Some((start, _)) = directory else { return Vec::new() };
    let mut table = Table::new(image);
    for number in 0..MOST_LIBRARIES {
        let entry = image.at(start.wrapping_add(number * ENTRY));
        let words = [0, 4, 8, 12, 16].map(|at| le32(entry, at));
        let [Some(lookup), Some(time), Some(chain), Some(name), Some(addresses)] = words else {
            table.is_damaged = true;
            break;
        };
        if [lookup, time, chain, name, addresses] == [0; 5] {
            break;
        }
        if !table.add(name, lookup, addresses, 0) {
            break;
        }
    }
    table.finish(work)
}

pub(super) fn read_delayed(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Vec<Import> {
    let Some((start, _)) = directory else { return Vec::new() };
    let mut table = Table::new(image);
    for number in 0..MOST_LIBRARIES {
        let entry = image.at(start.wrapping_add(number * DELAYED_ENTRY));
        let words = [0, 4, 12, 16].map(|at| le32(entry, at));
        let [Some(attributes), Some(name), Some(addresses), Some(lookup)] = words else {
            table.is_damaged = true;
            break;
        };
        if entry.iter().take(32).all(|byte| *byte == 0) {
            break;
        }
        // Old linkers for 32 bits write addresses in place of distances.
        let base = match attributes & 1 {
            0 if image.headers.bits != 64 => u32::try_from(image.headers.image_base).unwrap_or_default(),
            _ => 0,
        };
        let near = |address: u32| address.checked_sub(base).unwrap_or(address);
        if !table.add(near(name), near(lookup), near(addresses), base) {
            break;
        }
    }
    table.finish(work)
}

/// The digest over all names. `None` without imports, and where a name is no text.
pub(super) fn hash(imports: &[Import]) -> Option<Digest> {
    if imports.is_empty() {
        return None;
    }
    let mut all = Md5::new();
    let mut is_first = true;
    for import in imports {
        let library = import.library.raw().to_lowercase();
        let stem = match library.rsplit_once('.') {
            Some((stem, "ocx" | "sys" | "dll")) => stem,
            _ => library.as_str(),
        };
        for function in &import.functions {
            if !is_first {
                all.update(b",");
            }
            is_first = false;
            all.update(stem.as_bytes());
            all.update(b".");
            match function {
                ImportedFunction::Name(name) => all.update(name.raw().to_lowercase().as_bytes()),
                ImportedFunction::Ordinal { name: Some(name), .. } => all.update(name.to_lowercase().as_bytes()),
                ImportedFunction::Ordinal { ordinal, .. } => all.update(format!("ord{ordinal}").as_bytes()),
            }
        }
    }
    Some(Digest::new(&all.finalize()))
}

struct Table<'i, 'a> {
    image: &'i Image<'a>,
    imports: Vec<Import>,
    left: usize,
    empty: usize,
    is_damaged: bool,
    is_cut: bool,
}

impl<'i, 'a> Table<'i, 'a> {
    fn new(image: &'i Image<'a>) -> Self {
        Self {
            image,
            imports: Vec::new(),
            left: MOST_FUNCTIONS,
            empty: 0,
            is_damaged: false,
            is_cut: false,
        }
    }

    /// Adds a library; whether it is worth going on.
    fn add(&mut self, name: u32, lookup: u32, addresses: u32, base: u32) -> bool {
        let mut thunks = self.thunks(lookup, base);
        if thunks.is_empty() {
            thunks = self.thunks(addresses, base);
        }
        let library = self.image.text(name, LONGEST);
        let library = Untrusted::from_bytes(if is_file_name(library) { library } else { b"*invalid*" });
        let functions: Vec<ImportedFunction> = thunks
            .into_iter()
            .filter_map(|thunk| self.function(thunk, &library))
            .collect();
        if functions.is_empty() {
            self.is_damaged = true;
            self.empty += 1;
        } else if !library.is_empty() {
            self.imports.push(Import { library, functions });
        }
        self.empty < MOST_EMPTY && self.left > 0
    }

    /// The entries of a list, which ends with a zero. Those of 32 bits are widened, with the mark of a number in place.
    fn thunks(&mut self, start: u32, base: u32) -> Vec<u64> {
        let mut thunks = Vec::new();
        let mut at = start;
        while start != 0 && self.left > 0 {
            let bytes = self.image.at(at);
            let is_wide = self.image.headers.bits == 64;
            let thunk = if is_wide {
                le64(bytes, 0)
            } else {
                le32(bytes, 0).map(|thunk| match thunk >> 31 {
                    1 => 1 << 63 | u64::from(thunk & 0x7fff_ffff),
                    _ => u64::from(thunk.checked_sub(base).unwrap_or(thunk)),
                })
            };
            let Some(thunk) = thunk else {
                // A list that runs out of its section is none.
                self.is_damaged = true;
                return Vec::new();
            };
            let is_in_itself = (u64::from(start)..=u64::from(at)).contains(&thunk);
            if thunk == 0 || is_in_itself {
                self.is_damaged |= thunk != 0;
                break;
            }
            if thunk >> 63 == 1 && thunk & 0x7fff_ffff > 0xffff {
                self.is_damaged = true;
                return Vec::new();
            }
            self.left -= 1;
            self.is_cut |= self.left == 0;
            thunks.push(thunk);
            let Some(next) = at.checked_add(if is_wide { 8 } else { 4 }) else {
                break;
            };
            at = next;
        }
        thunks
    }

    fn function(&mut self, thunk: u64, library: &Untrusted) -> Option<ImportedFunction> {
        if thunk >> 63 == 1 {
            let ordinal = u16::try_from(thunk & 0xffff).ok().filter(|ordinal| *ordinal != 0)?;
            let name = ordinal_name(library.raw(), ordinal);
            return Some(ImportedFunction::Ordinal { ordinal, name });
        }
        // Two bytes before the name tell where the library may have it.
        let at = u32::try_from(thunk).ok().and_then(|at| at.checked_add(2));
        let name = at.map(|at| self.image.text(at, LONGEST)).unwrap_or_default();
        if name.is_empty() || !name.iter().all(|byte| is_letter_of_function(*byte)) {
            self.is_damaged = true;
            return None;
        }
        Some(ImportedFunction::Name(Untrusted::from_bytes(name)))
    }

    fn finish(self, work: &mut Work<'_>) -> Vec<Import> {
        if self.is_cut {
            work.warn(
                "pe-imports-many",
                "it imports more functions than any program; the rest was left out",
            );
        }
        if self.is_damaged {
            work.warn(
                "pe-imports",
                "its table of imports is damaged; what could be read is listed",
            );
        }
        self.imports
    }
}

/// Characters of names that linkers write, decorated ones included.
fn is_letter_of_function(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._?@$()<>".contains(&byte)
}

/// Characters of names of files for DOS, with folders.
fn is_file_name(name: &[u8]) -> bool {
    name.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'()-@^_`{}~+,.;=[]:\\/".contains(byte))
}
