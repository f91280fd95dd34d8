//! Certificates that servers showed.

use std::collections::BTreeMap;
use watchfire_formats::certificate;
use watchfire_model::network::{Event, SeenCertificate, Tls};

/// Certificates that are told apart.
const MOST: usize = 2_000;

/// Every certificate once, by the SHA-256 that the handshake has for it.
#[derive(Debug, Default)]
pub(super) struct Certificates(BTreeMap<String, SeenCertificate>);

impl Certificates {
    /// Those of a handshake: the server's own one; those above it are others'.
    pub(super) fn handshake(&mut self, event: &Event, tls: &Tls) {
        let (Some(digest), Some(der)) = (tls.certificates.first(), tls.chain.first()) else {
            return;
        };
        if let Some(seen) = self.0.get_mut(digest) {
            seen.count = seen.count.saturating_add(1);
            return;
        }
        if self.0.len() >= MOST {
            return;
        }
        let Some(certificate) = certificate::read(der) else {
            return;
        };
        let seen = SeenCertificate {
            frame: event.frame,
            server: event.responder,
            server_name: tls.client.as_ref().and_then(|client| client.server_name.clone()),
            count: 1,
            certificate,
        };
        self.0.insert(digest.clone(), seen);
    }

    /// All of them, in the order in which they were met.
    pub(super) fn into_list(self) -> Vec<SeenCertificate> {
        let mut list: Vec<SeenCertificate> = self.0.into_values().collect();
        list.sort_by_key(|seen| (seen.frame, seen.server));
        list
    }
}
