//! Assets with all by which they are found, for people to read.

use super::address::Block;
use super::{AddressSpan, Asset, AssetRecord, HostName, Mac};
use crate::error::Fault;
use crate::values::{self, Name};
use rusqlite::Connection;

/// An asset, and the inventory that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The inventory.
    pub inventory: Name,
    /// The asset, and how it is found.
    pub record: AssetRecord,
}

/// Every asset, by inventory and name.
pub(super) fn all(connection: &Connection) -> std::result::Result<Vec<Listed>, Fault> {
    let mut ids: Vec<i64> = Vec::new();
    for id in connection
        .prepare("SELECT id FROM asset ORDER BY inventory, name, id")?
        .query_map([], |row| row.get(0))?
    {
        ids.push(id?);
    }
    let one = |id| {
        let (_, asset) = super::read(connection, id, 0)?;
        listed(connection, id, asset)
    };
    ids.into_iter().map(one).collect()
}

/// What there is about an asset besides itself.
pub(super) fn listed(connection: &Connection, id: i64, asset: Asset) -> std::result::Result<Listed, Fault> {
    let mut statement = connection.prepare_cached("SELECT inventory FROM asset WHERE id = ?1")?;
    let inventory = statement
        .query_and_then([id], |row| values::name(row, 0))?
        .next()
        .ok_or_else(|| Fault::Corrupt("an asset is gone that something refers to".to_owned()))??;
    let mut statement = connection.prepare_cached("SELECT mac FROM asset_mac WHERE asset = ?1 ORDER BY mac")?;
    let macs = statement.query_map([id], |row| row.get(0).map(Mac::of))?;
    let macs = macs.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached("SELECT host FROM asset_host WHERE asset = ?1 ORDER BY host")?;
    let hosts = statement.query_and_then([id], |row| {
        let host: String = row.get(0)?;
        HostName::parse(&host).map_err(|why| Fault::Corrupt(format!("the name of a host is {why}")))
    })?;
    let hosts = hosts.collect::<std::result::Result<_, Fault>>()?;
    Ok(Listed {
        inventory,
        record: AssetRecord {
            asset,
            addresses: addresses(connection, id)?,
            macs,
            hosts,
        },
    })
}

/// The ranges of an asset, put together again from the blocks that they were cut into.
fn addresses(connection: &Connection, id: i64) -> std::result::Result<Vec<AddressSpan>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT network, prefix, size FROM asset_block WHERE asset = ?1 ORDER BY length(network), network, prefix",
    )?;
    let mut rows = statement.query([id])?;
    let mut spans: Vec<(AddressSpan, u128)> = Vec::new();
    while let Some(row) = rows.next()? {
        let network: Vec<u8> = row.get(0)?;
        let block = Block::of(&network, row.get(1)?);
        let block = block.ok_or_else(|| Fault::Corrupt("a network of an asset is none".to_owned()))?;
        let size = u128::from_be_bytes(row.get(2)?);
        let span = block.span();
        match spans.last_mut() {
            Some((last, whole)) if *whole == size && last.size() < size => match last.joined(span) {
                Some(joined) => *last = joined,
                None => spans.push((span, size)),
            },
            _ => spans.push((span, size)),
        }
    }
    Ok(spans.into_iter().map(|(span, _)| span).collect())
}
