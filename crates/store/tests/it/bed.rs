//! Folders that go away with their test, and short ways to say things.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use watchfire_model::{Moment, Observable, ObservableType};
use watchfire_store::{By, FILE_NAME, Name, Store};

/// A data folder.
pub(crate) struct Bed(PathBuf);

impl Bed {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("watchfire-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join(FILE_NAME)
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.0).unwrap()
    }

    /// A connection that minds none of our rules.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A store and its folder.
pub(crate) struct Opened {
    store: Store,
    pub(crate) bed: Bed,
}

impl Opened {
    pub(crate) fn new(name: &str) -> Self {
        let bed = Bed::new(name);
        Self {
            store: bed.store(),
            bed,
        }
    }
}

impl Deref for Opened {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// So many seconds after noon.
pub(crate) fn at(seconds: i64) -> Moment {
    Moment::from_unix(1_795_262_400 + seconds)
}

pub(crate) fn by(seconds: i64) -> By {
    By::new("ana", at(seconds))
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn ip(text: &str) -> Observable {
    Observable::parse(ObservableType::Ipv4, text).unwrap()
}

/// Numbers that look random and are the same in every run (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides.max(1)
    }
}
