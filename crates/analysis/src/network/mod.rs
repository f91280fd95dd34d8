//! What captures of networks say, as it comes: totals, hosts, names, files that were carried, and what detectors find.
//!
//! A capture may be longer than memory: nothing here holds on to flows and events. They go to whoever wants records, to the
//! detectors, and into lists that are bounded. Files that were carried are handed to the
//! engine's queue like members of an archive.

mod alerts;
mod carried;
mod certificates;
mod closing;
mod described;
mod desk;
mod follow;
mod hosts;
mod learnt;
mod names;
mod rhythm;
mod stream;
mod traffic;
mod watch;

#[cfg(test)]
pub(crate) use desk::Learns;
pub(crate) use desk::{events, flows};
pub(crate) use hosts::Hosts;
pub(crate) use rhythm::length;
pub use stream::Part;
pub use watch::Watching;
pub(crate) use watch::watch;

use std::net::IpAddr;

/// The host of the field `Host` of HTTP (RFC 9110 7.2) without its port; nothing where it is an address.
pub(crate) fn host_name(field: &str) -> Option<&str> {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = match field.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => field,
    };
    let is_name = !name.is_empty() && !name.contains(['[', ':']) && name.parse::<IpAddr>().is_err();
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn an_address_is_no_name() {
        for (field, name) in [
            ("a.example", Some("a.example")),
            ("a.example:8080", Some("a.example")),
            ("a.example:", Some("a.example")),
            ("192.0.2.1", None),
            ("192.0.2.1:80", None),
            ("[2001:db8::1]", None),
            ("[2001:db8::1]:8080", None),
            ("2001:db8::1", None),
            ("", None),
        ] {
            assert_eq!(host_name(field), name, "{field}");
        }
    }
}
