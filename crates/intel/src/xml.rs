//! What readers of XML share.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

/// An attribute, with references replaced; empty if there is none, or it is no XML.
pub(crate) fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start
        .attributes()
        .flatten()
        .find(|it| it.key.local_name().into_inner() == name);
    let value = found.and_then(|it| {
        it.normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(|value| value.into_owned())
    });
    value.unwrap_or_default()
}
