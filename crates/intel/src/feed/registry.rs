//! Every format, from the most to the least particular: the order in which an unnamed input is tried.

use super::FeedFormat;
use super::formats;

/// Every format.
pub static FORMATS: &[&dyn FeedFormat] = &[
    &formats::urlhaus::Urlhaus,
    &formats::threatfox::Threatfox,
    &formats::malwarebazaar::Malwarebazaar,
    &formats::feodo::Feodo,
    &formats::sslbl::Sslbl,
    &formats::drop::Drop,
    &formats::tor::Tor,
    &formats::phishtank::Phishtank,
    &formats::kev::Kev,
    &formats::epss::Epss,
    &formats::nvd::Nvd,
    &formats::ghsa::Ghsa,
    &formats::otx::Otx,
    &formats::misp::Misp,
    &formats::stix::Stix,
    &formats::openioc::Openioc,
    &formats::suricata::Suricata,
    &formats::openphish::Openphish,
    &formats::hosts::Hosts,
    &formats::csv::Csv,
    &formats::plain::Plain,
];
