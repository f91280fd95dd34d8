//! What a format of reports alone answers to everything else. Front ends ask [`Exporter::holds`](crate::Exporter::holds)
//! before.

use crate::{Listing, ListingWriter, ReputationWriter};
use std::io::{self, Write};
use watchfire_model::{Observed, Report, Reputation, RuleMatch, Untrusted};

/// See the module; with what the format is for.
pub(crate) struct Nowhere(pub(crate) &'static str);

impl Nowhere {
    pub(crate) fn error(&self) -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, self.0)
    }
}

impl ListingWriter for Nowhere {
    fn source(&mut self, _: &Listing<'_>) -> io::Result<()> {
        Err(self.error())
    }

    fn occurrence(&mut self, _: &Untrusted, _: &Observed) -> io::Result<()> {
        Err(self.error())
    }

    fn rules(&mut self, _: &Untrusted, _: &[&RuleMatch]) -> io::Result<()> {
        Err(self.error())
    }

    fn finish(&mut self) -> io::Result<()> {
        Err(self.error())
    }
}

impl ReputationWriter for Nowhere {
    fn begin(&self, _: &mut dyn Write) -> io::Result<()> {
        Err(self.error())
    }

    fn reputation(&self, _: &Reputation, _: bool, _: &mut Vec<u8>) -> io::Result<()> {
        Err(self.error())
    }

    fn unreadable(&self, _: &Untrusted, _: &str, _: bool, _: &mut Vec<u8>) -> io::Result<()> {
        Err(self.error())
    }

    fn finish(&self, _: &Report, _: &mut dyn Write) -> io::Result<()> {
        Err(self.error())
    }
}
