//! Markings of the Traffic Light Protocol 2.0 as OASIS publishes them: an extension with fixed objects
//! (<https://github.com/oasis-open/cti-stix-common-objects/tree/main/extension-definition-specifications/tlp-2.0>).

use serde_json::{Value, json};
use watchfire_model::Tlp;

const EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// The identifier of the marking.
pub(super) const fn id(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

/// The marking itself, word for word.
pub(super) fn object(tlp: Tlp) -> Value {
    let colour = tlp
        .as_str()
        .strip_prefix("TLP:")
        .unwrap_or_default()
        .to_ascii_lowercase();
    json!({
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": id(tlp),
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp.as_str(),
        "extensions": { (EXTENSION): { "extension_type": "property-extension", "tlp_2_0": colour } },
    })
}
