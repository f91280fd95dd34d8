//! All assets in memory: what a run over many observables asks.

use super::address::Block;
use super::{Asset, Handle, HostName, Mac, Order, Untrusted};
use crate::error::Fault;
use crate::values;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// All assets of one moment. It finds what [`Assets::find`](super::Assets::find) finds.
#[derive(Clone, Debug, Default)]
pub struct AssetTable {
    assets: Vec<Asset>,
    /// Lengths of prefixes that there are, so that no others are tried.
    prefixes: [BTreeSet<u8>; 2],
    /// The best asset of each block, with the size of its range and its place among assets of that size.
    blocks: BTreeMap<Block, (u128, usize)>,
    macs: BTreeMap<Mac, usize>,
    hosts: BTreeMap<HostName, usize>,
}

impl AssetTable {
    /// The asset that a handle finds.
    pub fn find(&self, handle: &Handle) -> Option<&Asset> {
        let place = match handle {
            Handle::Address(address) => self.around(*address)?,
            Handle::Mac(mac) => *self.macs.get(mac)?,
            Handle::Host(host) => *self.hosts.get(host)?,
        };
        self.assets.get(place)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
    }

    fn around(&self, address: IpAddr) -> Option<usize> {
        let address = address.to_canonical();
        let [v4, v6] = &self.prefixes;
        let prefixes = if address.is_ipv4() { v4 } else { v6 };
        let found = prefixes
            .iter()
            .filter_map(|prefix| self.blocks.get(&Block::around(address, *prefix)));
        found.min().map(|(_, place)| *place)
    }
}

/// Reads every asset. They are numbered in the order in which they are preferred, so that a smaller number wins.
pub(super) fn load(connection: &Connection) -> std::result::Result<AssetTable, Fault> {
    let mut table = AssetTable::default();
    let mut notes: BTreeMap<i64, Vec<Untrusted>> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT asset, note FROM asset_note ORDER BY asset, position")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        notes.entry(row.get(0)?).or_default().push(values::text(row, 1)?);
    }
    let mut ordered: BTreeMap<Order, Asset> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT inventory, name, owner, seen, id FROM asset")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(4)?;
        let (order, asset) = super::of_row(row, id, 0, notes.remove(&id).unwrap_or_default())?;
        ordered.insert(order, asset);
    }
    let mut places = BTreeMap::new();
    for (order, asset) in ordered {
        places.insert(order.4, table.assets.len());
        table.assets.push(asset);
    }
    let place = |id: i64| {
        let gone = || Fault::Corrupt("an asset is gone that something refers to".to_owned());
        places.get(&id).copied().ok_or_else(gone)
    };
    let mut statement = connection.prepare("SELECT network, prefix, size, asset FROM asset_block")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let network: Vec<u8> = row.get(0)?;
        let block = Block::of(&network, row.get(1)?);
        let block = block.ok_or_else(|| Fault::Corrupt("a network of an asset is none".to_owned()))?;
        let found = (u128::from_be_bytes(row.get(2)?), place(row.get(3)?)?);
        let [v4, v6] = &mut table.prefixes;
        if block.is_v4 { v4 } else { v6 }.insert(block.prefix);
        let best = table.blocks.entry(block).or_insert(found);
        *best = found.min(*best);
    }
    let mut statement = connection.prepare("SELECT mac, asset FROM asset_mac")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let found = place(row.get(1)?)?;
        let best = table.macs.entry(Mac::of(row.get(0)?)).or_insert(found);
        *best = found.min(*best);
    }
    let mut statement = connection.prepare("SELECT host, asset FROM asset_host")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (host, found): (String, usize) = (row.get(0)?, place(row.get(1)?)?);
        let host = HostName::parse(&host).map_err(|why| Fault::Corrupt(format!("the name of a host is {why}")))?;
        let best = table.hosts.entry(host).or_insert(found);
        *best = found.min(*best);
    }
    Ok(table)
}
