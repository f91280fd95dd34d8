//! Where nobody has built a terminal for the dashboard: it says so.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

/// A terminal that cannot be opened here.
#[derive(Debug)]
pub(super) struct Tty(Infallible);

impl Tty {
    pub(super) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        match self.0 {}
    }

    pub(super) fn wait(&mut self, _longest: Duration) -> io::Result<Vec<u8>> {
        match self.0 {}
    }

    pub(super) fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        match self.0 {}
    }
}
