//! Who can be asked. One line in `mod.rs` for the file, one here; the order is that of every list and answer.

use super::{Provider, abuseipdb, greynoise, rdap, threatfox, urlhaus, virustotal};

/// Every provider.
pub static PROVIDERS: &[&dyn Provider] = &[
    &virustotal::VirusTotal,
    &abuseipdb::AbuseIpdb,
    &greynoise::GreyNoise,
    &urlhaus::UrlHaus,
    &threatfox::ThreatFox,
    &rdap::Rdap,
];

/// The provider of that name.
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.info().name == name)
}
