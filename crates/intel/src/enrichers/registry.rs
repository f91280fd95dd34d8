//! Who can be asked. One line in `mod.rs` for the file, one here; the order is that of every list and answer.

use super::Provider;
use super::{
    abuseipdb, censys, crtsh, dns, epss, github, greynoise, hashlookup, hybrid_analysis, internetdb, malwarebazaar,
    misp, nvd, opencti, otx, rdap, shodan, threatfox, urlhaus, urlscan, virustotal, whois,
};

/// Every provider.
pub static PROVIDERS: &[&dyn Provider] = &[
    &virustotal::VirusTotal,
    &abuseipdb::AbuseIpdb,
    &shodan::Shodan,
    &internetdb::InternetDb,
    &greynoise::GreyNoise,
    &otx::Otx,
    &urlhaus::UrlHaus,
    &threatfox::ThreatFox,
    &malwarebazaar::MalwareBazaar,
    &urlscan::UrlScan,
    &misp::Misp,
    &opencti::OpenCti,
    &nvd::Nvd,
    &github::GitHub,
    &epss::Epss,
    &crtsh::CrtSh,
    &censys::Censys,
    &hybrid_analysis::HybridAnalysis,
    &hashlookup::HashLookup,
    &rdap::Rdap,
    &whois::Whois,
    &dns::Dns,
];

/// The provider of that name.
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.info().name == name)
}
