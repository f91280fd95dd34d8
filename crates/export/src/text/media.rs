//! What a screen calls a media type: the name that analysts use, where there is one.

/// The name of `media_type` in a narrow column. Machine formats give the whole type.
pub(crate) fn name(media_type: &str) -> &str {
    let name = NAMES.iter().find(|(known, _)| *known == media_type);
    name.map_or_else(|| bare(media_type), |(_, name)| name)
}

/// A type without the prefixes of registration.
fn bare(media_type: &str) -> &str {
    let Some(subtype) = media_type.strip_prefix("application/") else {
        return media_type;
    };
    ["x-ms-", "x-", "vnd."]
        .iter()
        .find_map(|prefix| subtype.strip_prefix(prefix))
        .unwrap_or(subtype)
}

const NAMES: [(&str, &str); 28] = [
    ("application/octet-stream", "data"),
    ("application/vnd.microsoft.portable-executable", "PE"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    ("application/x-7z-compressed", "7z"),
    ("application/x-compress", ".Z"),
    ("application/x-dosexec", "PE"),
    ("application/x-elf", "ELF"),
    ("application/x-httpd-php", "PHP"),
    ("application/x-iso9660-image", "ISO"),
    ("application/x-mach-binary", "Mach-O"),
    ("application/x-ms-ese", "ESE database"),
    ("application/x-ms-evt", "EVT"),
    ("application/x-ms-evtx", "EVTX"),
    ("application/x-ms-shortcut", "LNK"),
    ("application/x-ms-wim", "WIM"),
    ("application/x-msi", "MSI"),
    ("application/x-mswinurl", "URL file"),
    ("application/x-ole-encrypted-package", "encrypted Office"),
    ("application/x-ole-storage", "OLE"),
    ("application/x-windows-prefetch", "prefetch"),
    ("application/x-windows-registry-hive", "registry hive"),
    ("application/xhtml+xml", "XHTML"),
    ("message/rfc822", "mail"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_called_what_analysts_call_them() {
        for (media_type, expected) in [
            ("application/x-ms-shortcut", "LNK"),
            ("application/x-dosexec", "PE"),
            ("application/zip", "zip"),
            ("application/x-tar", "tar"),
            ("text/plain", "text/plain"),
            ("image/jpeg", "image/jpeg"),
        ] {
            assert_eq!(name(media_type), expected, "{media_type}");
        }
    }

    #[test]
    fn each_type_is_named_once_in_order() {
        assert!(NAMES.is_sorted_by(|one, other| one.0 < other.0));
    }
}
