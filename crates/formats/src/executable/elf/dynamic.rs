//! What the loader is told: libraries, paths, and names that are taken and offered.

use super::tables::Tables;
use super::{DYNAMIC, LONGEST};
use crate::bytes::{piece, place, until_zero};
use crate::executable::order::Order;
use crate::executable::work::Work;
use std::collections::BTreeSet;
use watchfire_model::Untrusted;

/// Tags of entries.
const NEEDED: u64 = 1;
const STRINGS: u64 = 5;
const SYMBOLS: u64 = 6;
const STRINGS_SIZE: u64 = 10;
const SONAME: u64 = 14;
const RPATH: u64 = 15;
const BIND_NOW: u64 = 24;
const RUNPATH: u64 = 29;
const FLAGS: u64 = 30;
const FLAGS_1: u64 = 0x6fff_fffb;
/// The kind of the section with symbols of the loader.
const DYNAMIC_SYMBOLS: u32 = 11;
/// Entries that are read.
const MOST_ENTRIES: usize = 4096;
/// Libraries that are kept.
const MOST_NEEDED: usize = 1024;
/// Longest name of a symbol. Bytes.
const LONGEST_NAME: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<Untrusted>,
    pub(super) soname: Option<Untrusted>,
    pub(super) rpath: Option<Untrusted>,
    pub(super) runpath: Option<Untrusted>,
    pub(super) binds_now: bool,
    pub(super) says_program: bool,
    pub(super) imports: Vec<Untrusted>,
    pub(super) exports: u64,
    pub(super) stands_in: BTreeSet<&'static str>,
}

impl Dynamic {
    pub(super) fn read(bytes: &[u8], order: Order, tables: &Tables, work: &mut Work<'_>) -> Self {
        let mut this = Self::default();
        let width = if order.is_wide { 8 } else { 4 };
        let segment = tables.segments.iter().find(|segment| segment.kind.0 == DYNAMIC);
        // Loaders look for it in memory; where the file says that it stands, nobody asks.
        let list = segment.map(|segment| match tables.at(bytes, segment.address) {
            Some(list) => piece(list, 0, place(segment.size.max(segment.memory_size))),
            None => piece(bytes, place(segment.offset), place(segment.size)),
        });
        let entries: Vec<(u64, u64)> = list
            .unwrap_or_default()
            .chunks_exact(width * 2)
            .take(MOST_ENTRIES)
            .map_while(|entry| Some((order.address(entry, 0)?, order.address(entry, width)?)))
            .take_while(|(tag, _)| *tag != 0)
            .collect();
        let value = |wanted| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
        let strings = value(STRINGS).and_then(|at| tables.at(bytes, at)).unwrap_or_default();
        let strings = piece(strings, 0, value(STRINGS_SIZE).map_or(usize::MAX, place));
        let text = |at: u64| {
            let text = until_zero(strings.get(place(at)..)?, LONGEST);
            Some(Untrusted::from_bytes(text))
        };
        if !entries.is_empty() && strings.is_empty() {
            work.warn("elf-dynamic", "its names for the loader are outside of the file");
        }
        let needed = entries.iter().filter(|(tag, _)| *tag == NEEDED);
        this.needed = needed.filter_map(|(_, at)| text(*at)).take(MOST_NEEDED).collect();
        this.soname = value(SONAME).and_then(text);
        this.rpath = value(RPATH).and_then(text);
        this.runpath = value(RUNPATH).and_then(text);
        let bit = |tag, bit| value(tag).is_some_and(|flags| flags & bit != 0);
        this.binds_now = value(BIND_NOW).is_some() || bit(FLAGS, 8) || bit(FLAGS_1, 1);
        this.says_program = bit(FLAGS_1, 0x0800_0000);
        let (symbols, names) = match section_symbols(bytes, tables) {
            Some(found) => found,
            None => {
                // Without sections, linkers put the names behind the symbols.
                let (at, end) = (value(SYMBOLS), value(STRINGS));
                let size = at.zip(end).and_then(|(at, end)| end.checked_sub(at));
                let symbols = at.and_then(|at| tables.at(bytes, at)).unwrap_or_default();
                (piece(symbols, 0, size.map_or(0, place)), strings)
            }
        };
        this.names(symbols, names, order, work);
        this
    }

    /// Reads symbols: those without a section are taken from others, those with one are offered.
    fn names(&mut self, symbols: &[u8], names: &[u8], order: Order, work: &mut Work<'_>) {
        let width = if order.is_wide { 24 } else { 16 };
        let mut imports = BTreeSet::new();
        let most = work.most();
        // Linkers let names end in one another, but not so often that all are longer than their section twice over.
        let mut left = names.len().saturating_mul(2);
        for symbol in symbols.chunks_exact(width) {
            let (info, section) = if order.is_wide { (4, 6) } else { (12, 14) };
            let name = place(order.u32(symbol, 0).unwrap_or_default());
            let binding = symbol.get(info).copied().unwrap_or_default() >> 4;
            if name == 0 || !matches!(binding, 1 | 2 | 10) {
                continue;
            }
            if order.u16(symbol, section) != Some(0) {
                self.exports += 1;
                let name = until_zero(names.get(name..).unwrap_or_default(), LONGEST_NAME);
                self.stands_in.extend(stand_in(name));
                continue;
            }
            let name = until_zero(names.get(name..).unwrap_or_default(), LONGEST_NAME);
            if imports.len() >= most || left < name.len() {
                work.warn("elf-imports-many", "it takes more names from libraries than are kept");
                break;
            }
            if !name.is_empty() && imports.insert(name) {
                left = left.saturating_sub(name.len());
            }
        }
        self.imports = imports.into_iter().map(Untrusted::from_bytes).collect();
    }
}

/// Functions of the C library (POSIX; Linux man-pages, section 3), of PAM (pam(3)) and of libpcap (pcap(3PCAP)) through which
/// programs see files, processes, users and the network. In the order of their names.
const SEEN_THROUGH: &[&str] = &[
    "__fxstat",
    "__fxstat64",
    "__lxstat",
    "__lxstat64",
    "__xstat",
    "__xstat64",
    "accept",
    "accept4",
    "access",
    "connect",
    "execve",
    "fdopendir",
    "fopen",
    "fopen64",
    "getdents64",
    "getspnam",
    "kill",
    "link",
    "lstat",
    "lstat64",
    "open",
    "open64",
    "openat",
    "openat64",
    "opendir",
    "pam_acct_mgmt",
    "pam_authenticate",
    "pam_open_session",
    "pam_sm_authenticate",
    "pam_start",
    "pcap_dispatch",
    "pcap_loop",
    "pcap_open_live",
    "ptrace",
    "read",
    "readdir",
    "readdir64",
    "readlink",
    "rename",
    "rmdir",
    "stat",
    "stat64",
    "statx",
    "unlink",
    "unlinkat",
    "write",
];

/// The function that this name stands in for.
fn stand_in(name: &[u8]) -> Option<&'static str> {
    let at = SEEN_THROUGH.binary_search_by(|known| known.as_bytes().cmp(name)).ok()?;
    SEEN_THROUGH.get(at).copied()
}

/// The symbols and names of the section for the loader.
fn section_symbols<'a>(bytes: &'a [u8], tables: &Tables) -> Option<(&'a [u8], &'a [u8])> {
    let number = tables
        .sections
        .iter()
        .position(|section| section.kind == DYNAMIC_SYMBOLS)?;
    let section = tables.sections.get(number)?;
    let names = tables.sections.get(place(*tables.links.get(number)?))?;
    let content = |at: u64, size: u64| piece(bytes, place(at), place(size));
    Some((content(section.offset, section.size), content(names.offset, names.size)))
}
