//! Tables of hosts: as the user maps their columns, or as the header's names tell.
//!
//! | column | header names that are understood |
//! |---|---|
//! | `name` | `name`, `asset`, `device`, … |
//! | `owner` | `owner`, `managed_by`, `contact`, … |
//! | `address` | `ip`, `ip_address`, `ipv6`, `network`, `range`, …: several in a cell or in columns of their own |
//! | `mac` | `mac`, `mac_address`, … |
//! | `host` | `hostname`, `fqdn`, `computer_name`, … |
//! | `seen` | `last_seen`, `updated`, … |
//! | `note` | `role`, `criticality`, `location`, `os`, …; with the column's name in front |

use super::{Entry, Hosts, cut, is_nothing, note};
use crate::feed::columns::Map;
use crate::feed::lines::Input;
use crate::feed::table::{Record, Table};
use crate::feed::{FeedError, value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Name,
    Owner,
    Address,
    Mac,
    Host,
    Seen,
    Note,
}

/// The meanings, the names that the user gives them, and the names that headers do.
const MEANINGS: &[(Meaning, &str, &[&str])] = &[
    (
        Meaning::Name,
        "name",
        &[
            "name",
            "asset",
            "asset_name",
            "device",
            "device_name",
            "display_name",
            "label",
        ],
    ),
    (
        Meaning::Owner,
        "owner",
        &[
            "owner",
            "owned_by",
            "asset_owner",
            "managed_by",
            "responsible",
            "custodian",
            "assigned_to",
            "contact",
        ],
    ),
    (
        Meaning::Address,
        "address",
        &[
            "ip",
            "ip_address",
            "ipaddress",
            "ip_addresses",
            "ipv4",
            "ipv4_address",
            "ipv6",
            "ipv6_address",
            "address",
            "addresses",
            "network",
            "cidr",
            "subnet",
            "range",
            "ip_range",
        ],
    ),
    (
        Meaning::Mac,
        "mac",
        &[
            "mac",
            "mac_address",
            "macaddress",
            "mac_addresses",
            "ethernet",
            "hardware_address",
            "physical_address",
        ],
    ),
    (
        Meaning::Host,
        "host",
        &[
            "hostname",
            "host",
            "host_name",
            "hostnames",
            "fqdn",
            "dns",
            "dns_name",
            "computer",
            "computer_name",
            "computername",
            "netbios",
            "netbios_name",
        ],
    ),
    (
        Meaning::Seen,
        "seen",
        &[
            "seen",
            "last_seen",
            "lastseen",
            "last_scan",
            "last_discovered",
            "updated",
            "modified",
        ],
    ),
    (
        Meaning::Note,
        "note",
        &[
            "role",
            "function",
            "purpose",
            "description",
            "criticality",
            "priority",
            "classification",
            "department",
            "business_unit",
            "team",
            "location",
            "site",
            "building",
            "os",
            "operating_system",
            "environment",
            "vlan",
            "zone",
            "vendor",
            "manufacturer",
            "model",
            "type",
            "comment",
            "comments",
            "notes",
        ],
    ),
];

/// Which column of a table of hosts holds what: `host=Computer,address=IP,owner=Contact,note=Role+Site`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetColumns(Map);

impl AssetColumns {
    /// Reads a map.
    ///
    /// # Errors
    /// When it names nothing that there is, or no column by which a host is found.
    pub fn parse(text: &str) -> Result<Self, FeedError> {
        let names: Vec<&str> = MEANINGS.iter().map(|(_, name, _)| *name).collect();
        let map = Map::parse(text, &names)?;
        let finds = |(number, (meaning, _, _)): (usize, &(Meaning, _, _))| finds(*meaning) && map.names(number);
        if !MEANINGS.iter().enumerate().any(finds) {
            return Err(FeedError::Columns(NO_HANDLE.to_owned()));
        }
        Ok(Self(map))
    }
}

const NO_HANDLE: &str = "no column is called the address, the mac or the host";

fn finds(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Address | Meaning::Mac | Meaning::Host)
}

/// The fields of a table, each with what the header calls it.
struct Layout(Vec<(Meaning, usize, String)>);

impl Layout {
    fn of_map(map: &Map, header: Option<&Record>) -> Result<Self, FeedError> {
        let fields = map.fields(header)?.into_iter();
        let called = |field| header.map_or(String::new(), |header: &Record| plain(header.get(field)));
        let meant = fields.filter_map(|(meaning, field)| Some((MEANINGS.get(meaning)?.0, field, called(field))));
        Ok(Self(meant.collect()))
    }

    /// By the names of the header; nothing if no column finds a host.
    fn of_header(header: &Record) -> Option<Self> {
        let mut fields = Vec::new();
        for field in 0..header.len() {
            let called = plain(header.get(field));
            let meaning = MEANINGS.iter().find(|(_, _, names)| names.contains(&&*called));
            fields.extend(meaning.map(|(meaning, _, _)| (*meaning, field, called)));
        }
        let found = fields.iter().any(|(meaning, _, _)| finds(*meaning));
        found.then_some(Self(fields))
    }
}

/// `IP Address` as `ip_address`.
fn plain(name: &str) -> String {
    let plain: String = name
        .trim()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    plain.trim_matches('_').to_owned()
}

pub(super) fn read(
    input: Input<'_>,
    columns: Option<&AssetColumns>,
    hosts: &mut Hosts<'_, '_>,
) -> Result<(), FeedError> {
    let map = columns.map(|columns| &columns.0);
    let delimiter = map.and_then(Map::delimiter).unwrap_or_else(|| delimiter(input.head()));
    let mut table = Table::new(input, delimiter);
    let Some(first) = table.next(hosts.intake)?.cloned() else {
        return Ok(());
    };
    let (layout, first_is_header) = match map {
        Some(map) if map.has_header() => (Layout::of_map(map, Some(&first))?, true),
        Some(map) => (Layout::of_map(map, None)?, false),
        None => match Layout::of_header(&first) {
            Some(layout) => (layout, true),
            None => {
                return Err(FeedError::Different {
                    wanted: "an inventory",
                    why: "no column has a known name; map them with --columns host=1,address=2,owner=3".to_owned(),
                });
            }
        },
    };
    if !first_is_header {
        hosts.take(first.place(), entry(&first, &layout));
    }
    while let Some(record) = table.next(hosts.intake)? {
        let (place, entry) = (record.place(), entry(record, &layout));
        hosts.take(place, entry);
    }
    Ok(())
}

fn delimiter(head: &[u8]) -> char {
    let text = String::from_utf8_lossy(head);
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let count = |delimiter: &char| first.unwrap_or_default().matches(*delimiter).count();
    // Of those that are equally frequent, the last wins.
    ['|', '\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

fn entry(record: &Record, layout: &Layout) -> Entry {
    let mut entry = Entry::default();
    for (meaning, field, called) in &layout.0 {
        let text = record.get(*field);
        match meaning {
            Meaning::Name if !is_nothing(text) && entry.asset.name.is_empty() => entry.asset.name = cut(text),
            Meaning::Owner if !is_nothing(text) && entry.asset.owner.is_empty() => entry.asset.owner = cut(text),
            Meaning::Seen => entry.asset.seen = entry.asset.seen.or_else(|| value::moment(text)),
            Meaning::Address => entry.addresses.extend(several(text)),
            Meaning::Mac => entry.macs.extend(several(text)),
            Meaning::Host => entry.hosts.extend(several(text)),
            Meaning::Note => note(&mut entry.asset, called, text),
            Meaning::Name | Meaning::Owner => {}
        }
    }
    entry
}

/// What stands in a cell that may hold several. Blanks stand around the `-` of a range, too.
fn several(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split([';', ',', '|', '\n', '\t']).map(str::trim);
    let words = pieces.flat_map(|piece| -> Vec<&str> {
        if piece.contains(" - ") {
            vec![piece]
        } else {
            piece.split(' ').collect()
        }
    });
    words.filter(|word| !is_nothing(word)).map(str::to_owned)
}
