//! Inputs for filters, which want bytes and nothing else.

use crate::Watchfire;
use std::io;
use watchfire_sources::{Found, Input, Links, Reader, Source, SourceError, walk};

/// An open input.
#[derive(Debug)]
pub struct Opened {
    /// Its bytes.
    pub reader: Reader,
    source: Source,
}

impl Opened {
    /// Says that reading it failed.
    pub fn failed(&self, error: &io::Error) -> SourceError {
        self.source.failed(error)
    }
}

impl Watchfire {
    /// Opens `inputs` one after the other. What is left out on purpose is not mentioned: filters take files.
    pub fn open(inputs: impl IntoIterator<Item = Input>) -> impl Iterator<Item = Result<Opened, SourceError>> {
        walk(inputs, Links::Skip).filter_map(|found| match found {
            Found::Source(source) => Some(source.open().map(|reader| Opened { reader, source })),
            Found::Failed(error) => Some(Err(error)),
            Found::Skipped(_) => None,
        })
    }
}
