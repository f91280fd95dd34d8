//! What Watchfire knows how to do, read from its registries: for manuals, completions and front ends.

use crate::{EXPORTERS, KEYS, schema};
use watchfire_analysis::{analyzers, detectors};
use watchfire_model::ObservableType;

/// One thing and what it is, for people.
pub type Entry = (&'static str, &'static str);

/// Everything there is.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Types of observables, in registry order.
    pub types: Vec<Entry>,
    /// Analyzers.
    pub analyzers: Vec<Entry>,
    /// Rules of detectors.
    pub rules: Vec<Entry>,
    /// Output formats.
    pub formats: Vec<Entry>,
    /// JSON schemas.
    pub schemas: Vec<Entry>,
    /// Settings.
    pub settings: Vec<Entry>,
}

/// Reads the registries.
pub fn catalogue() -> Catalogue {
    Catalogue {
        types: ObservableType::ALL
            .iter()
            .map(|kind| (kind.spec().name, kind.spec().describes))
            .collect(),
        analyzers: analyzers::REGISTRY
            .iter()
            .map(|analyzer| (analyzer.info().name, analyzer.info().describes))
            .collect(),
        rules: detectors::catalogue()
            .map(|info| (info.rule.0, info.describes))
            .collect(),
        formats: EXPORTERS
            .iter()
            .map(|exporter| (exporter.info().name, exporter.info().describes))
            .collect(),
        schemas: schema::SCHEMAS
            .iter()
            .map(|schema| (schema.name, schema.describes))
            .collect(),
        settings: KEYS.iter().map(|key| (key.name, key.describes)).collect(),
    }
}
