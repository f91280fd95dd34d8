//! Where an address is, and whose network it is in.

use crate::Untrusted;
use serde::Serialize;

/// What registries and operators say about an address. It may well be used elsewhere, and nothing here speaks of guilt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The country or territory (ISO 3166-1 alpha-2) where its network is registered or used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<&'static str>,
    /// The number of the autonomous system that announces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// Who runs that system, as its registry has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_name: Option<Untrusted>,
    /// What a database of the user's own adds. Nothing, where the embedded tables alone know it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<Located>>,
}

/// Where an address is by a database of the user's own, which wins over the embedded tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Untrusted>,
    /// The databases that know the address, by the names that they give themselves.
    #[serde(rename = "located_by")]
    pub by: Untrusted,
}

impl Location {
    /// Nothing is known.
    pub const NOWHERE: Self = Self {
        country: None,
        asn: None,
        as_name: None,
        own: None,
    };
}
