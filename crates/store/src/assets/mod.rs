//! Whose host is this? What inventories say, by address, hardware address and name.
//!
//! Each inventory is replaced as a whole. Where ranges nest, the smallest around an address wins; of two that are
//! equally small, the inventory that was taken later.

mod address;
mod listing;
mod table;

pub use address::{AddressSpan, HostName, Mac};
pub use listing::Listed;
pub use table::AssetTable;

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Name};
use crate::{Store, audit};
use address::Block;
use rusqlite::{Connection, Row, Transaction, params};
use std::cmp::Reverse;
use std::net::IpAddr;
use watchfire_model::{Asset, Moment, Observable, ObservableType, Untrusted};

/// An asset, and how it is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetRecord {
    /// What is said of it.
    pub asset: Asset,
    /// Its addresses.
    pub addresses: Vec<AddressSpan>,
    /// Its hardware addresses.
    pub macs: Vec<Mac>,
    /// Its names.
    pub hosts: Vec<HostName>,
}

/// An inventory that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Its name.
    pub name: Name,
    /// When it was imported.
    pub imported: Moment,
    /// How many assets it has.
    pub assets: u64,
}

/// How something is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handle {
    /// By address.
    Address(IpAddr),
    /// By hardware address.
    Mac(Mac),
    /// By name.
    Host(HostName),
}

impl Handle {
    /// The handle of an observable that a host could have. That of a `socket` is its address or name.
    pub fn of(observable: &Observable) -> Option<Self> {
        let raw = observable.raw();
        match observable.kind() {
            ObservableType::Ipv4 | ObservableType::Ipv6 => raw.parse().ok().map(Self::Address),
            ObservableType::Socket => {
                let host = raw.rsplit_once(':')?.0;
                let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
                match inner.unwrap_or(host).parse() {
                    Ok(address) => Some(Self::Address(address)),
                    Err(_) => HostName::parse(host).ok().map(Self::Host),
                }
            }
            ObservableType::Mac => Mac::parse(raw).ok().map(Self::Mac),
            ObservableType::Domain => HostName::parse(raw).ok().map(Self::Host),
            _ => None,
        }
    }
}

/// What decides between assets that one handle finds, least first: the size of the range, the age, the names.
type Order = (u128, Reverse<Option<Moment>>, String, Untrusted, i64);

/// The assets of a store.
#[derive(Clone, Copy, Debug)]
pub struct Assets<'s>(pub(crate) &'s Store);

const READING: &str = "read the assets of";

impl Assets<'_> {
    /// Longest name, owner or note that is kept. Bytes.
    pub const MAX_TEXT: usize = 480;
    /// Most notes of an asset that are kept.
    pub const MAX_NOTES: usize = 50;

    /// Puts `records` in place of what the inventory said before. Nobody ever sees a part of them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn import(&self, inventory: &Name, records: &[AssetRecord], by: &By) -> Result<()> {
        self.0.write("import assets into", Durability::Full, |transaction| {
            transaction.execute("DELETE FROM inventory WHERE name = ?1", [inventory.as_str()])?;
            transaction.execute(
                "INSERT INTO inventory (name, imported) VALUES (?1, ?2)",
                params![inventory.as_str(), by.at.unix()],
            )?;
            for record in records {
                add(transaction, inventory, record)?;
            }
            let detail = format!("{} assets", records.len());
            audit::enter(transaction, by, "assets-imported", inventory.as_str(), &detail)
        })
    }

    /// Forgets an inventory. Says whether there was one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remove(&self, inventory: &Name, by: &By) -> Result<bool> {
        self.0.write("remove assets from", Durability::Full, |transaction| {
            let removed = transaction.execute("DELETE FROM inventory WHERE name = ?1", [inventory.as_str()])?;
            if removed > 0 {
                audit::enter(transaction, by, "assets-removed", inventory.as_str(), "")?;
            }
            Ok(removed > 0)
        })
    }

    /// What was imported, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn inventories(&self) -> Result<Vec<Inventory>> {
        self.0.read(READING, |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, imported, (SELECT count(*) FROM asset WHERE inventory = inventory.name) FROM inventory ORDER BY name",
            )?;
            let rows = statement.query_and_then([], |row| {
                Ok(Inventory {
                    name: values::name(row, 0)?,
                    imported: values::moment(row, 1)?,
                    assets: values::count(row, 2)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The asset that a handle finds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(&self, handle: &Handle) -> Result<Option<Asset>> {
        self.0.read(READING, |connection| {
            Ok(best(connection, handle)?.map(|(_, asset)| asset))
        })
    }

    /// The same with all by which it is found, and the inventory that has it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn show(&self, handle: &Handle) -> Result<Option<Listed>> {
        self.0.read(READING, |connection| {
            let Some(((.., id), asset)) = best(connection, handle)? else {
                return Ok(None);
            };
            listing::listed(connection, id, asset).map(Some)
        })
    }

    /// Every asset, by inventory and name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>> {
        self.0.read(READING, listing::all)
    }

    /// Everything at once, for whoever asks about many.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn table(&self) -> Result<AssetTable> {
        self.0.read(READING, table::load)
    }
}

/// What a handle finds, of several the one that is preferred.
fn best(connection: &Connection, handle: &Handle) -> std::result::Result<Option<(Order, Asset)>, Fault> {
    let mut found = Vec::new();
    match handle {
        Handle::Address(address) => {
            let mut statement =
                connection.prepare_cached("SELECT asset, size FROM asset_block WHERE network = ?1 AND prefix = ?2")?;
            for block in Block::all_around(*address) {
                let rows = statement.query_map(params![block.bytes(), block.prefix], |row| {
                    Ok((row.get(0)?, u128::from_be_bytes(row.get(1)?)))
                })?;
                found.extend(rows.collect::<rusqlite::Result<Vec<(i64, u128)>>>()?);
            }
        }
        Handle::Mac(mac) => {
            let mut statement = connection.prepare_cached("SELECT asset FROM asset_mac WHERE mac = ?1")?;
            for id in statement.query_map([mac.bytes()], |row| row.get(0))? {
                found.push((id?, 0));
            }
        }
        Handle::Host(host) => {
            let mut statement = connection.prepare_cached("SELECT asset FROM asset_host WHERE host = ?1")?;
            for id in statement.query_map([host.as_str()], |row| row.get(0))? {
                found.push((id?, 0));
            }
        }
    }
    let mut best: Option<(Order, Asset)> = None;
    for (id, size) in found {
        let (order, asset) = read(connection, id, size)?;
        if best.as_ref().is_none_or(|(least, _)| order < *least) {
            best = Some((order, asset));
        }
    }
    Ok(best)
}

fn add(transaction: &Transaction<'_>, inventory: &Name, record: &AssetRecord) -> std::result::Result<(), Fault> {
    let text = |text| values::cut(text, Assets::MAX_TEXT);
    let asset = &record.asset;
    let seen = asset.seen.map(Moment::unix);
    let id = transaction
        .prepare_cached("INSERT INTO asset (inventory, name, owner, seen) VALUES (?1, ?2, ?3, ?4)")?
        .insert(params![inventory.as_str(), text(&asset.name), text(&asset.owner), seen])?;
    let mut statement =
        transaction.prepare_cached("INSERT INTO asset_note (asset, position, note) VALUES (?1, ?2, ?3)")?;
    for (position, note) in (0i64..).zip(asset.notes.iter().take(Assets::MAX_NOTES)) {
        statement.execute(params![id, position, text(note)])?;
    }
    let mut statement = transaction.prepare_cached(
        "INSERT INTO asset_block (network, prefix, size, asset) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET size = min(size, excluded.size)",
    )?;
    for span in &record.addresses {
        for block in span.blocks() {
            statement.execute(params![block.bytes(), block.prefix, span.size().to_be_bytes(), id])?;
        }
    }
    let mut statement = transaction.prepare_cached("INSERT OR IGNORE INTO asset_mac (mac, asset) VALUES (?1, ?2)")?;
    for mac in &record.macs {
        statement.execute(params![mac.bytes(), id])?;
    }
    let mut statement = transaction.prepare_cached("INSERT OR IGNORE INTO asset_host (host, asset) VALUES (?1, ?2)")?;
    for host in &record.hosts {
        statement.execute(params![host.as_str(), id])?;
    }
    Ok(())
}

fn read(connection: &Connection, id: i64, size: u128) -> std::result::Result<(Order, Asset), Fault> {
    let mut statement = connection.prepare_cached("SELECT inventory, name, owner, seen FROM asset WHERE id = ?1")?;
    let mut rows = statement.query([id])?;
    let row = rows
        .next()?
        .ok_or_else(|| Fault::Corrupt("an asset is gone that something refers to".to_owned()))?;
    let mut statement = connection.prepare_cached("SELECT note FROM asset_note WHERE asset = ?1 ORDER BY position")?;
    let notes: std::result::Result<_, Fault> = statement.query_and_then([id], |row| values::text(row, 0))?.collect();
    of_row(row, id, size, notes?)
}

/// An asset of the columns inventory, name, owner, seen.
fn of_row(row: &Row<'_>, id: i64, size: u128, notes: Vec<Untrusted>) -> std::result::Result<(Order, Asset), Fault> {
    let inventory: String = row.get(0)?;
    let asset = Asset {
        name: values::text(row, 1)?,
        owner: values::text(row, 2)?,
        notes,
        seen: values::maybe_moment(row, 3)?,
    };
    Ok(((size, Reverse(asset.seen), inventory, asset.name.clone(), id), asset))
}
