//! Every output format, in the order of the manual. Those of reports alone are values of `ReportOnly`.

use crate::{
    Exporter, blocklist, csv, html, json, markdown, misp, navigator, ndjson, ocsf, open_ioc, sarif, searches, stix,
    text, xlsx,
};

/// Every output format.
pub static EXPORTERS: &[&dyn Exporter] = &[
    &text::Text,
    &json::Json,
    &ndjson::Ndjson,
    &csv::Csv,
    &sarif::Sarif,
    &navigator::Navigator,
    &html::Html,
    &stix::STIX,
    &misp::MISP,
    &ocsf::OCSF,
    &open_ioc::OPEN_IOC,
    &markdown::MARKDOWN,
    &xlsx::XLSX,
    &searches::SPL,
    &searches::KQL,
    &searches::LUCENE,
    &blocklist::EDL_IP,
    &blocklist::EDL_DOMAIN,
    &blocklist::EDL_URL,
    &blocklist::HOSTS,
    &blocklist::NFTABLES,
];
