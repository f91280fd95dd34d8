//! The network as it is configured. Made for a run that uses it and for no other.

use crate::Problem;
use crate::config::Network;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::runtime::Runtime;
use watchfire_intel::transport::{Http, HttpOptions};

/// The network as it is configured, and what may be spoken to without TLS besides this machine. `patience` is how long
/// the other side may say nothing, where that is not the usual time.
pub(crate) fn http(network: &Network, plain: BTreeSet<String>, patience: Option<Duration>) -> Result<Http, Problem> {
    let more_trust = match &network.ca_file {
        None => None,
        Some(path) => {
            let text = crate::small::read(path).map_err(|error| Problem::of_file("read certificates", path, &error))?;
            Some(text.into_bytes())
        }
    };
    let usual = HttpOptions::default();
    let options = HttpOptions {
        proxies: network.proxies.clone(),
        more_trust,
        plain,
        read: patience.unwrap_or(usual.read),
        ..usual
    };
    Http::new(options).map_err(|why| match &network.ca_file {
        Some(path) if why.contains("certificates") => {
            Problem::new(format!("cannot read certificates '{}': {why}", path.display()))
                .hint("a file of certificates has lines '-----BEGIN CERTIFICATE-----'")
        }
        _ => Problem::new(format!("cannot use the network: {why}"))
            .hint("https_proxy and http_proxy hold 'http://name:password@host:port'"),
    })
}

/// Made for a run that asks and for no other.
pub(crate) fn runtime() -> Result<Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(format!("cannot use the network: {error}")))
}
