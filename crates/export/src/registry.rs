//! Every output format, in the order of the manual.

use crate::{Exporter, csv, json, navigator, ndjson, sarif, stix, text};

/// Every output format.
pub static EXPORTERS: &[&dyn Exporter] = &[
    &text::Text,
    &json::Json,
    &ndjson::Ndjson,
    &csv::Csv,
    &sarif::Sarif,
    &navigator::Navigator,
    &stix::STIX,
];
