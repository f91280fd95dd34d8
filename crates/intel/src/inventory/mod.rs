//! Inventories: whose host is which, as tables (RFC 4180) and as reports of Nmap (`-oX`) tell it.
//!
//! An inventory is read once. Each host is handed over with its addresses and names as text: what an address is, is
//! decided by whoever keeps them, who says what of it made no sense. That is counted and the first few are named; the
//! rest of the host is taken. Which of the two it is, its content says.
//!
//! Absent: files, the store, and running Nmap.

mod nmap;
mod table;

pub use table::AssetColumns;

use crate::feed::intake::Taker;
use crate::feed::lines::Input;
use crate::feed::{FeedError, Intake, Options, Place, Reason};
use std::io::Read;
use watchfire_model::{Asset, Untrusted};

/// Most notes of one host.
const NOTES: usize = 50;
/// Most addresses, and most names, of one host.
const HANDLES: usize = 256;
/// Longest text of a host that is kept. Bytes.
const TEXT: usize = 480;

/// A host as an inventory has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What is said of it.
    pub asset: Asset,
    /// Its addresses and ranges.
    pub addresses: Vec<String>,
    /// Its hardware addresses.
    pub macs: Vec<String>,
    /// Its names.
    pub hosts: Vec<String>,
}

/// What of a host made no sense: why, and the text.
pub type Refused = Vec<(&'static str, String)>;

/// Reads an inventory and hands over each host. `columns` says where a table keeps what.
///
/// # Errors
/// When the input as a whole cannot be believed; then nothing that was handed over counts.
pub fn read(
    input: &mut dyn Read,
    columns: Option<&AssetColumns>,
    out: &mut dyn FnMut(Entry) -> Refused,
) -> Result<Intake, FeedError> {
    take(input, Expected::Any(columns), out)
}

/// Reads a report of Nmap, and nothing else.
///
/// # Errors
/// When it is none, or not finished; then nothing that was handed over counts.
pub fn read_nmap(input: &mut dyn Read, out: &mut dyn FnMut(Entry) -> Refused) -> Result<Intake, FeedError> {
    take(input, Expected::Nmap, out)
}

/// What an input may be.
enum Expected<'c> {
    Nmap,
    Any(Option<&'c AssetColumns>),
}

fn take(
    input: &mut dyn Read,
    expected: Expected<'_>,
    out: &mut dyn FnMut(Entry) -> Refused,
) -> Result<Intake, FeedError> {
    let input = Input::open(input, "an inventory")?;
    let options = Options::default();
    let mut nothing = |_| {};
    let mut intake = Taker::new(&options, &mut nothing);
    let mut hosts = Hosts {
        intake: &mut intake,
        out,
    };
    let is_xml = input.head().trim_ascii_start().starts_with(b"<");
    match expected {
        Expected::Any(columns) if !is_xml => table::read(input, columns, &mut hosts)?,
        Expected::Nmap if !is_xml => return Err(nmap::different("it is no XML")),
        Expected::Any(_) | Expected::Nmap => nmap::read(input, &mut hosts)?,
    }
    Ok(intake.finish())
}

/// Hands hosts over, and counts.
struct Hosts<'h, 't> {
    intake: &'h mut Taker<'t>,
    out: &'h mut dyn FnMut(Entry) -> Refused,
}

impl Hosts<'_, '_> {
    fn take(&mut self, place: Place, mut entry: Entry) {
        for handles in [&mut entry.addresses, &mut entry.macs, &mut entry.hosts] {
            handles.truncate(HANDLES);
        }
        if entry.asset.name.is_empty() {
            let name = entry.hosts.iter().chain(&entry.addresses).chain(&entry.macs).next();
            entry.asset.name = name.map(|name| cut(name)).unwrap_or_default();
        }
        let refused = (self.out)(entry);
        if refused.is_empty() {
            self.intake.intake.indicators += 1;
        }
        for (why, text) in refused {
            self.intake.reject(place, Reason::Malformed, why, &text);
        }
    }
}

fn cut(text: &str) -> Untrusted {
    crate::feed::value::cut(text.trim(), TEXT)
}

/// A note with what it is about, `os: Linux 5.4`; nothing where nothing is said.
fn note(asset: &mut Asset, what: &str, said: &str) {
    let said = said.trim();
    if !is_nothing(said) && asset.notes.len() < NOTES {
        let note = if what.is_empty() {
            said.to_owned()
        } else {
            format!("{what}: {said}")
        };
        asset.notes.push(cut(&note));
    }
}

/// What people write where they have nothing to write.
fn is_nothing(text: &str) -> bool {
    const NOTHING: [&str; 9] = ["", "-", "n/a", "na", "none", "null", "unknown", "nil", "?"];
    NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

#[cfg(test)]
mod tests;
