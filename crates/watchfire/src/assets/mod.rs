//! The organisation's hosts: inventories imported from tables and from reports of Nmap, and scans of one's own ranges.
//!
//! An inventory is replaced as a whole, by the next import of the same name. One that cannot be read leaves the one from
//! before.

mod scan;

use crate::{Config, Problem, clock, small};
use std::io::BufReader;
use std::path::Path;
use watchfire_intel::feed::{FeedError, Intake};
use watchfire_intel::inventory::{self, AssetColumns, Entry, Refused};
use watchfire_model::{Asset, Moment, ObservableType};
use watchfire_store::{AddressSpan, AssetRecord, By, Handle, HostName, Inventory, Listed, Mac, Name, Store};

/// Most hosts of one inventory.
const MOST: usize = 1_000_000;

/// An inventory that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it is called.
    pub name: Name,
    /// Hosts in it.
    pub assets: u64,
    /// What came of reading it.
    pub intake: Intake,
}

/// The inventories of a data folder.
#[derive(Debug)]
pub struct Inventories {
    store: Store,
    now: Moment,
    who: String,
}

impl Inventories {
    /// Opens those of the configured data folder; it is made if it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn open(config: &Config) -> Result<Self, Problem> {
        Ok(Self {
            store: crate::store(config)?,
            now: clock::now(),
            who: config.user(),
        })
    }

    /// The instant that ages count to.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// What was imported, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list(&self) -> Result<Vec<Inventory>, Problem> {
        Ok(self.store.assets().inventories()?)
    }

    /// Every host, by inventory and name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn assets(&self) -> Result<Vec<Listed>, Problem> {
        Ok(self.store.assets().list()?)
    }

    /// The host that an address, a hardware address or a name finds.
    ///
    /// # Errors
    /// When `value` is none of these, and when nothing can be read.
    pub fn show(&self, value: &str) -> Result<Option<Listed>, Problem> {
        Ok(self.store.assets().show(&handle(value)?)?)
    }

    /// Takes an inventory from a file, in the place of what was known under that name.
    ///
    /// # Errors
    /// When it cannot be read as one; what was there before stays.
    pub fn import(&self, path: &Path, name: Option<&str>, columns: Option<&str>) -> Result<Taken, Problem> {
        let columns = columns.map(AssetColumns::parse).transpose();
        let columns = columns.map_err(|error| Problem::new(error.to_string()).hint(COLUMNS))?;
        let name = match name {
            Some(name) => parse_name(name)?,
            None => parse_name(&crate::feeds::name_of(path)).map_err(|_| {
                Problem::new(format!("'{}' gives no name for an inventory", path.display()))
                    .hint("--name NAME gives one")
            })?,
        };
        let file = small::open(path).map_err(|error| Problem::of_file("read inventory", path, &error))?;
        let told = format!("cannot read inventory '{}'", path.display());
        let mut file = BufReader::new(file);
        self.take(&name, |out| inventory::read(&mut file, columns.as_ref(), out))
            .map_err(|problem| problem.about(&told))
    }

    /// Forgets an inventory.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn remove(&self, name: &str) -> Result<(), Problem> {
        let name = parse_name(name)?;
        if self.store.assets().remove(&name, &self.by())? {
            return Ok(());
        }
        let known = self.list()?;
        let known: Vec<&str> = known.iter().map(|inventory| inventory.name.as_str()).collect();
        Err(Problem::unknown("inventory", name.as_str(), &known))
    }

    /// Reads an inventory to its end, and puts it into use.
    fn take(
        &self,
        name: &Name,
        read: impl FnOnce(&mut dyn FnMut(Entry) -> Refused) -> Result<Intake, FeedError>,
    ) -> Result<Taken, Problem> {
        let mut records = Vec::new();
        let mut full = false;
        let intake = read(&mut |entry| {
            full |= records.len() >= MOST;
            if full {
                return Vec::new();
            }
            let (record, refused) = record(entry);
            records.extend(record);
            refused
        })
        .map_err(|error| Problem::new(error.to_string()).hint(hint(&error)))?;
        if full {
            return Err(Problem::new(format!("it has more than {MOST} hosts")).hint("import it in parts"));
        }
        if intake.is_mostly_malformed() {
            let first = intake
                .examples
                .first()
                .map(|example| format!("; {}: {} '{}'", example.place, example.why, example.text.shown(60)));
            return Err(Problem::new(format!(
                "more than half of it makes no sense{}",
                first.unwrap_or_default()
            ))
            .hint(COLUMNS));
        }
        if records.is_empty() {
            return Err(Problem::new("it has no host in it").hint("what was known before stays"));
        }
        self.store.assets().import(name, &records, &self.by())?;
        Ok(Taken {
            name: name.clone(),
            assets: records.len() as u64,
            intake,
        })
    }

    fn by(&self) -> By {
        By::new(self.who.as_str(), self.now)
    }
}

const COLUMNS: &str = "map the columns as in --columns host=1,address=ip,owner=contact,note=role+site";

fn hint(error: &FeedError) -> &'static str {
    match error {
        FeedError::Columns(_) | FeedError::Different { .. } => COLUMNS,
        FeedError::Packed(_) | FeedError::Utf16 => error.hint(),
        _ => "what was known before stays",
    }
}

/// A host as it is kept, if it can be found by anything, and what of it made no sense.
fn record(entry: Entry) -> (Option<AssetRecord>, Refused) {
    let mut refused = Refused::new();
    let Entry {
        asset,
        addresses,
        macs,
        hosts,
    } = entry;
    let record = AssetRecord {
        asset,
        addresses: understood(
            addresses,
            |text| AddressSpan::parse(text).map_err(|why| why.0),
            &mut refused,
        ),
        macs: understood(
            macs,
            |text| Mac::parse(text).map_err(|_| "not a hardware address"),
            &mut refused,
        ),
        hosts: understood(hosts, |text| HostName::parse(text).map_err(|why| why.0), &mut refused),
    };
    let found = !record.addresses.is_empty() || !record.macs.is_empty() || !record.hosts.is_empty();
    if !found && refused.is_empty() {
        refused.push((
            "no address, hardware address or name",
            record.asset.name.raw().to_owned(),
        ));
    }
    (found.then_some(record), refused)
}

fn understood<T>(texts: Vec<String>, parse: impl Fn(&str) -> Result<T, &'static str>, refused: &mut Refused) -> Vec<T> {
    let mut taken = Vec::new();
    for text in texts {
        match parse(&text) {
            Ok(value) => taken.push(value),
            Err(why) => refused.push((why, text)),
        }
    }
    taken
}

/// What a person looks a host up by.
fn handle(value: &str) -> Result<Handle, Problem> {
    let value = String::from_utf8_lossy(&watchfire_extract::refang(value.trim().as_bytes())).into_owned();
    if let Ok(address) = value.parse() {
        return Ok(Handle::Address(address));
    }
    if watchfire_model::Observable::parse(ObservableType::Mac, &value).is_ok()
        && let Ok(mac) = Mac::parse(&value)
    {
        return Ok(Handle::Mac(mac));
    }
    HostName::parse(&value).map(Handle::Host).map_err(|_| {
        Problem::new(format!("'{value}' is no address, hardware address or name of a host"))
            .hint("for example 10.0.0.5, aa:bb:cc:00:11:22 or filesrv01")
    })
}

fn parse_name(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|why| Problem::new(format!("'{text}' is {why}")))
}

/// An asset in one line, `filesrv01, J. Meyer`.
pub fn owned(asset: &Asset) -> String {
    match asset.owner.is_empty() {
        true => asset.name.to_string(),
        false => format!("{}, {}", asset.name, asset.owner),
    }
}
