//! Databases of places that the user has, in the format of MaxMind. The crate `maxminddb` enters through this file only.
//!
//! A database is verified when it is taken in: every node and every record. A file that changes afterwards finds
//! nothing, or something else: every look-up is bounded, and a fault in it is contained.
//!
//! Source: <https://maxmind.github.io/MaxMind-DB/>.

use super::OWN;
use crate::contain;
use maxminddb::{Metadata, PathElement, Reader};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use watchfire_knowledge::geography;
use watchfire_model::{Moment, Untrusted};

/// Longest name that is taken from a record. Bytes.
const TEXT: usize = 120;
/// Metadata begin in the last bytes of a database.
const METADATA: usize = 128 << 10;
/// What a database may know.
const KINDS: [&str; 3] = ["city", "country", "asn"];
/// Records that are looked at to tell what a database knows.
const SAMPLE: usize = 1000;

/// How the name of a part ends that knows IPv4 alone.
pub(super) const ALONE: &str = "-ipv4";

/// A database.
pub(crate) struct Database {
    reader: Reader<Bytes>,
    bytes: Bytes,
    kind: &'static str,
}

/// All of a database, for its reader and for whoever keeps it.
#[derive(Clone)]
struct Bytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What a database says of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) country: Option<&'static str>,
    pub(crate) city: Option<Untrusted>,
    pub(crate) asn: Option<u32>,
    pub(crate) as_name: Option<Untrusted>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.name())
    }
}

type Record<'r> = maxminddb::LookupResult<'r, Bytes>;

impl Database {
    /// Opens one that was verified when it was taken in, and that knows what `kind` says.
    pub(crate) fn open(path: &Path, kind: &str) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let kind = KINDS.iter().find(|known| **known == kind);
        Self::of(bytes, |_| kind.copied())
    }

    /// Takes `bytes` for a database if all of it can be read.
    pub(crate) fn verified(bytes: Vec<u8>) -> Result<Self, String> {
        let verify = || {
            let mut database = Self::of(bytes, |_| Some(""))?;
            if !is_tree(database.reader.metadata(), database.bytes()) {
                return Err("the database is damaged: its tree is none".to_owned());
            }
            let damaged = |error: maxminddb::MaxMindDbError| format!("the database is damaged: {error}");
            match described(database.bytes()) {
                None => database.reader.verify().map_err(damaged)?,
                Some(bytes) => Reader::from_source(bytes)
                    .and_then(|reader| reader.verify())
                    .map_err(damaged)?,
            }
            let kind = kind(&database.reader);
            database.kind = kind.ok_or("it knows neither cities nor countries nor networks")?;
            Ok(database)
        };
        contain::contained(verify).unwrap_or_else(|| Err("the database is damaged".to_owned()))
    }

    fn of(bytes: Vec<u8>, kind: impl Fn(&Reader<Bytes>) -> Option<&'static str>) -> Result<Self, String> {
        let bytes = Bytes(Arc::new(bytes));
        let read = || {
            let reader = Reader::from_source(bytes.clone())
                .map_err(|error| format!("it is no database, or a damaged one: {error}"))?;
            let kind = kind(&reader).ok_or("of no known kind")?;
            Ok(Self {
                reader,
                bytes: bytes.clone(),
                kind,
            })
        };
        contain::contained(read).unwrap_or_else(|| Err("it is a damaged database".to_owned()))
    }

    /// What it knows: `city`, `country` or `asn`.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    /// The part that it is kept as. What knows IPv4 alone stands beside what knows IPv6: some makers give out two files.
    pub(super) fn part(&self) -> String {
        let alone = if self.reader.metadata().ip_version == 4 {
            ALONE
        } else {
            ""
        };
        format!("{OWN}{}{alone}", self.kind)
    }

    /// What it calls itself.
    pub(crate) fn name(&self) -> Untrusted {
        cut(&self.reader.metadata().database_type)
    }

    /// When it was made.
    pub(crate) fn built(&self) -> Moment {
        Moment::from_unix(i64::try_from(self.reader.metadata().build_epoch).unwrap_or(i64::MAX))
    }

    /// Nodes of its tree, which is about as many as it has networks.
    pub(crate) fn nodes(&self) -> u32 {
        self.reader.metadata().node_count
    }

    /// Its size in bytes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.0.len()
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// What it says of an address.
    pub(crate) fn find(&self, address: IpAddr) -> Option<Found> {
        let find = || {
            let record = self.reader.lookup(address).ok()?;
            let found = fields(&record);
            (found != Found::default()).then_some(found)
        };
        contain::contained(find).flatten()
    }
}

/// The fields that MaxMind, DB-IP, IPinfo and ip-location-db write.
fn fields(record: &Record<'_>) -> Found {
    let country = text(record, &["country", "iso_code"])
        .or_else(|| text(record, &["country_code"]))
        .or_else(|| text(record, &["country"]));
    let city = text(record, &["city", "names", "en"]).or_else(|| text(record, &["city"]));
    let written = || text(record, &["asn"])?.trim_start_matches(['A', 'S']).parse().ok();
    let asn = number(record, &["autonomous_system_number"])
        .or_else(|| number(record, &["asn"]))
        .or_else(written);
    let as_name = text(record, &["autonomous_system_organization"])
        .or_else(|| text(record, &["as_name"]))
        .or_else(|| text(record, &["name"]));
    Found {
        country: country.and_then(|code| geography::country_code(&code)),
        city: city.map(|city| cut(&city)),
        as_name: as_name.filter(|_| asn.is_some()).map(|name| cut(&name)),
        asn,
    }
}

fn path<'p>(keys: &'p [&'p str]) -> Vec<PathElement<'p>> {
    keys.iter().map(|key| PathElement::Key(key)).collect()
}

fn text(record: &Record<'_>, keys: &[&str]) -> Option<String> {
    let text: Option<String> = record.decode_path(&path(keys)).ok()?;
    text.filter(|text| !text.is_empty())
}

fn number(record: &Record<'_>, keys: &[&str]) -> Option<u32> {
    record.decode_path(&path(keys)).ok()?
}

fn cut(text: &str) -> Untrusted {
    let end = (0..=TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default().into()
}

/// The same database with a description, if it has none: the verification wants one, and its makers do not always.
fn described(bytes: &[u8]) -> Option<Vec<u8>> {
    const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
    /// A name of eleven letters, and a map of nothing.
    const NONE: &[u8] = b"\x4bdescription\xe0";
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).rposition(|window| window == what);
    let metadata = bytes.len().saturating_sub(METADATA);
    let start = metadata + find(bytes.get(metadata..)?, MARKER)?;
    let at = start + find(bytes.get(start..)?, NONE)? + NONE.len() - 1;
    let (before, after) = bytes.split_at_checked(at)?;
    let some: &[u8] = b"\xe1\x42en\x41-";
    Some([before, some, after.get(1..)?].concat())
}

/// Whether no node has two ways that lead to it, but for the one below which IPv4 is: other places of IPv6 are aliases of
/// it. What is no tree could be walked through without end.
fn is_tree(metadata: &Metadata, bytes: &[u8]) -> bool {
    let count = metadata.node_count as usize;
    let size = usize::from(metadata.record_size) / 4;
    let Some(tree) = count.checked_mul(size).and_then(|length| bytes.get(..length)) else {
        return false;
    };
    let wide = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    let records = |node: &[u8]| -> [usize; 2] {
        let (left, right) = node.split_at_checked(size / 2).unwrap_or((node, &[]));
        match right.split_first() {
            // The byte in the middle is half of each record.
            Some((middle, right)) if size == 7 => [
                usize::from(*middle >> 4) << 24 | wide(left),
                usize::from(*middle & 15) << 24 | wide(right),
            ],
            _ => [wide(left), wide(right)],
        }
    };
    let mut led_to = vec![0_u32; count];
    for node in tree.chunks_exact(size.max(1)) {
        for record in records(node) {
            if let Some(seen) = led_to.get_mut(record) {
                *seen += 1;
            }
        }
    }
    led_to.first() == Some(&0) && led_to.iter().filter(|seen| **seen > 1).count() <= 1
}

/// What a database knows: by the name of its type, and where that says nothing by what stands in it.
fn kind(reader: &Reader<Bytes>) -> Option<&'static str> {
    let called = reader.metadata().database_type.to_ascii_lowercase();
    let known = [
        ("city", "city"),
        ("enterprise", "city"),
        ("country", "country"),
        ("asn", "asn"),
        ("isp", "asn"),
    ];
    if let Some((_, kind)) = known.iter().find(|(word, _)| called.contains(word)) {
        return Some(kind);
    }
    let records = reader.networks(maxminddb::WithinOptions::default()).ok()?;
    let seen = records.take(SAMPLE).flatten().map(|record| fields(&record));
    let mut best = None;
    for found in seen {
        best = match () {
            () if found.city.is_some() => return Some("city"),
            () if found.country.is_some() => Some("country"),
            () if found.asn.is_some() => best.or(Some("asn")),
            () => best,
        };
    }
    best
}

#[cfg(test)]
mod tests;
