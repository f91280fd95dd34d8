//! A transport that carries nothing: what `--offline` is.

use watchfire_model::transport::{Answer, Request, Transport, TransportError};

/// Refuses every request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Transport for Offline {
    fn send(&self, _: Request) -> Answer<'_> {
        Box::pin(std::future::ready(Err(TransportError::Offline)))
    }
}
