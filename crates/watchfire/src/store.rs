//! What Watchfire remembers: where it is, and its errors in the façade's voice.

use crate::{Config, Problem};
use std::path::PathBuf;
use watchfire_store::{Store, StoreError};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = Self::new(error.to_string());
        match error.hint() {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

/// The store of the data folder; it is made if it is missing.
///
/// # Errors
/// When no data folder is known, and when it cannot be made or opened.
pub fn store(config: &Config) -> Result<Store, Problem> {
    Ok(Store::open(&folder(config)?)?)
}

/// The store of the data folder, if there is one. Nothing is made, so that a first look needs no writing.
///
/// # Errors
/// When it cannot be opened.
pub fn existing_store(config: &Config) -> Result<Option<Store>, Problem> {
    match config.data_folder() {
        Some(folder) => Ok(Store::open_existing(&folder)?),
        None => Ok(None),
    }
}

fn folder(config: &Config) -> Result<PathBuf, Problem> {
    config
        .data_folder()
        .ok_or_else(|| Problem::new("no folder is known to remember anything in").hint("--data-dir names one"))
}
