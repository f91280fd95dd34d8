//! Live capture where nobody has built it: it says so. Addresses of interfaces are unknown, and signals end the process.

use super::{Account, Captured, Counters, Dropped, Ending, LiveError, LiveOptions, RingFiles, Stop};
use std::convert::Infallible;
use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::Arc;

/// A capture that cannot be opened here.
#[derive(Debug)]
pub struct Live(Infallible);

impl Live {
    /// Says that there is none.
    ///
    /// # Errors
    /// Always.
    pub fn open(_options: LiveOptions, _stop: Stop) -> Result<Self, LiveError> {
        Err(LiveError::Unsupported)
    }

    /// What is counted while it runs.
    pub fn counters(&self) -> Arc<Counters> {
        match self.0 {}
    }

    /// Writes everything that is read to files as well.
    pub fn record(&mut self, _files: RingFiles) {
        match self.0 {}
    }

    /// Shows every frame to `watcher`.
    pub fn watch(&mut self, _watcher: impl FnMut(&Captured<'_>) + Send + 'static) {
        match self.0 {}
    }

    /// Why it ended.
    pub fn ending(&self) -> Option<&Ending> {
        match self.0 {}
    }

    /// The files that are written.
    pub fn files(&self) -> Option<&RingFiles> {
        match self.0 {}
    }
}

impl Read for Live {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }
}

pub(super) fn drop_privileges(_account: &Account) -> io::Result<Dropped> {
    Ok(Dropped::Nothing)
}

pub(super) fn addresses() -> io::Result<Vec<(String, IpAddr, u8)>> {
    Ok(Vec::new())
}

pub(super) fn remember_signals() -> io::Result<()> {
    Ok(())
}

pub(super) fn signalled() -> bool {
    false
}
