//! What is known on this machine besides what is embedded: the inventory, databases of places of the user's own, and
//! tables that came in a bundle. Opened when the first value is asked about; lists of known-good files, which take
//! milliseconds, when the first file is.
//!
//! Whoever asks about a handful of hosts is answered from the database, whoever asks about many from memory.

use crate::knowledge::{self, Database, Files, Replacements};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use watchfire_analysis::{located, place_key};
use watchfire_knowledge::{geography, tables};
use watchfire_model::{
    ArtifactId, Asset, DataSource, Diagnostic, DiagnosticSeverity, Digests, KnownGood, Local, Located, Location,
    Moment, NeededDigests, Observable, ObservableType, Spot, Untrusted,
};
use watchfire_store::{AssetTable, Handle, Store, StoreError};

/// So many assets are looked up one by one.
const FEW: usize = 64;

/// See the module.
#[derive(Debug)]
pub(crate) struct Here {
    data: Option<PathBuf>,
    as_of: Moment,
    opened: OnceLock<Opened>,
    /// What is known of files, which is asked about inputs without any value in them.
    files: OnceLock<Files>,
    faults: Mutex<Vec<String>>,
}

#[derive(Debug, Default)]
struct Opened {
    assets: Option<Assets>,
    places: Replacements,
}

/// The inventory.
#[derive(Debug)]
struct Assets {
    store: Store,
    asked: AtomicUsize,
    table: OnceLock<AssetTable>,
}

impl Here {
    pub(crate) fn new(data: Option<PathBuf>, as_of: Moment) -> Self {
        Self {
            data,
            as_of,
            files: OnceLock::new(),
            opened: OnceLock::new(),
            faults: Mutex::new(Vec::new()),
        }
    }

    /// What should have been asked and could not be, and why.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.lock().map(|faults| faults.clone()).unwrap_or_default()
    }

    /// The same as remarks of a report.
    pub(crate) fn remarks(&self) -> impl Iterator<Item = Diagnostic> {
        self.faults().into_iter().map(|why| Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: "knowledge-unreadable",
            message: why.into(),
            artifact: Untrusted::default(),
        })
    }

    /// Which data says where addresses are, for the line that ends every answer.
    pub(crate) fn describe(&self) -> Diagnostic {
        let places = &self.opened().places;
        let month = |day: &str| day.get(..7).unwrap_or(day).to_owned();
        let tables = places.tables.unwrap_or(geography::embedded());
        let own = places
            .own
            .iter()
            .map(|database| format!("{} of {}", database.name(), month(&database.built().to_string())));
        let mut names: Vec<String> = own.collect();
        names.push(format!("data of {}", month(&tables.as_of())));
        Diagnostic {
            severity: DiagnosticSeverity::Note,
            code: "knowledge",
            message: format!("places by {}", names.join(", then ")).into(),
            artifact: Untrusted::default(),
        }
    }

    /// Whose data says where values belong.
    pub(crate) fn sources(&self) -> Vec<DataSource> {
        let places = &self.opened().places;
        let own = places.own.iter().map(|database| DataSource {
            name: "places of addresses".into(),
            source: database.name(),
            terms: "a database of the user's own".into(),
            day: Some(database.built().date().to_string()),
            oldest: None,
        });
        let table = |table: tables::Table| DataSource {
            name: table.says.into(),
            source: table.source.into(),
            terms: table.terms.into(),
            day: table.day,
            oldest: table.oldest,
        };
        let places = tables::geography_table(places.tables.unwrap_or(geography::embedded()), 0);
        own.chain(self.files().sources())
            .chain([table(places), table(tables::lists())])
            .collect()
    }

    fn opened(&self) -> &Opened {
        self.opened.get_or_init(|| self.kept(self.open()).unwrap_or_default())
    }

    fn open(&self) -> Result<Opened, StoreError> {
        let mut opened = Opened::default();
        let Some(folder) = &self.data else { return Ok(opened) };
        let Some(store) = Store::open_existing(folder)? else {
            return Ok(opened);
        };
        opened.places = knowledge::replacements(&store, folder)?;
        for why in &opened.places.faults {
            self.remember(format!("knowledge {why}"));
        }
        if !store.assets().inventories()?.is_empty() {
            opened.assets = Some(Assets {
                store,
                asked: AtomicUsize::new(0),
                table: OnceLock::new(),
            });
        }
        Ok(opened)
    }

    /// The list of harmless files that holds the one with this digest.
    pub(crate) fn known_good_by(&self, digest: &Observable) -> Option<KnownGood> {
        matches!(digest.kind(), ObservableType::Sha256 | ObservableType::Sha1)
            .then(|| self.files().known_good_by(digest))
            .flatten()
    }

    fn files(&self) -> &Files {
        self.files
            .get_or_init(|| self.kept(self.open_files()).unwrap_or_default())
    }

    fn open_files(&self) -> Result<Files, StoreError> {
        let Some(folder) = &self.data else {
            return Ok(Files::default());
        };
        let Some(store) = Store::open_existing(folder)? else {
            return Ok(Files::default());
        };
        let files = Files::open(&store, folder, self.as_of)?;
        for why in &files.faults {
            self.remember(format!("knowledge {why}"));
        }
        Ok(files)
    }

    fn kept<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        result.map_err(|error| self.remember(error.to_string())).ok()
    }

    /// Keeps a fault, once.
    fn remember(&self, fault: String) {
        if let Ok(mut faults) = self.faults.lock()
            && !faults.contains(&fault)
        {
            faults.push(fault);
        }
    }
}

impl Local for Here {
    fn asset(&self, what: &Observable) -> Option<Asset> {
        let assets = self.opened().assets.as_ref()?;
        let handle = Handle::of(what)?;
        if assets.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            return self.kept(assets.store.assets().find(&handle)).flatten();
        }
        let load = || self.kept(assets.store.assets().table()).unwrap_or_default();
        assets.table.get_or_init(load).find(&handle).cloned()
    }

    fn needed_digests(&self) -> NeededDigests {
        self.files().needed()
    }

    fn known_good(&self, sha256: ArtifactId, digests: &Digests) -> Option<KnownGood> {
        self.files().known_good(sha256, digests)
    }

    fn place_key(&self, spot: Spot, embedded: &dyn Fn() -> u64) -> Option<u64> {
        let places = &self.opened().places;
        places.own.is_empty().then(|| match places.tables {
            Some(tables) => place_key(tables, spot),
            None => embedded(),
        })
    }

    fn place(&self, spot: Spot, embedded: &dyn Fn() -> Location) -> Location {
        let places = &self.opened().places;
        let tables = match places.tables {
            Some(tables) => located(tables, spot),
            None => embedded(),
        };
        match spot {
            Spot::Address(address) if !places.own.is_empty() => own(&places.own, address, tables),
            _ => tables,
        }
    }
}

/// What the user's own databases say, and the tables where they say nothing.
fn own(databases: &[Database], address: IpAddr, tables: Location) -> Location {
    let (mut place, mut city, mut by) = (tables, None, Vec::new());
    let (mut country, mut network) = (false, false);
    for database in databases {
        let Some(found) = database.find(address) else { continue };
        by.push(database.name().raw().to_owned());
        if !country && found.country.is_some() {
            place.country = found.country;
            country = true;
        }
        if !network && found.asn.is_some() {
            place.asn = found.asn;
            place.as_name = found.as_name;
            network = true;
        }
        city = city.or(found.city);
    }
    if !by.is_empty() {
        place.own = Some(Box::new(Located {
            city,
            by: by.join(", ").into(),
        }));
    }
    place
}
