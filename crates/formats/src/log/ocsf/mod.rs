//! What the Open Cybersecurity Schema Framework (1.x) calls the fields of logs: one table for each family of formats.
//!
//! Names are paths of attributes as in the schema's classes (`src_endpoint.ip`). A field without a row has no counterpart, or
//! none that means the same: a wrong name is worse than none.

mod cloud;
mod hosts;
mod network;
mod services;
mod windows;

use super::Format;

/// Formats and, for their fields, the name here and the schema's.
pub(crate) struct Table {
    formats: &'static [&'static str],
    names: &'static [(&'static str, &'static str)],
}

/// Families in the order in which they are asked.
static TABLES: &[&[Table]] = &[
    windows::TABLES,
    hosts::TABLES,
    network::TABLES,
    services::TABLES,
    cloud::TABLES,
];

/// The schema's name for a field of a format, where one fits. Callers with many records ask once for each name.
pub fn name(format: &Format, original: &str) -> Option<&'static str> {
    let tables = TABLES
        .iter()
        .copied()
        .flatten()
        .filter(|table| table.formats.contains(&format.name));
    let mut rows = tables.flat_map(|table| table.names.iter());
    let known = rows.find(|(name, _)| *name == original).map(|(_, schema)| *schema);
    // What syslog's head says is the same whatever follows it.
    known.or_else(|| {
        hosts::HEAD
            .iter()
            .find(|(name, _)| *name == original)
            .map(|(_, schema)| *schema)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::FORMATS;

    fn format(wanted: &str) -> &'static Format {
        FORMATS.iter().find(|format| format.name == wanted).expect("a format")
    }

    #[test]
    fn fields_have_the_names_of_the_schema() {
        assert_eq!(name(format("sshd"), "src_ip"), Some("src_endpoint.ip"));
        assert_eq!(name(format("sshd"), "hostname"), Some("device.hostname"));
        assert_eq!(name(format("sysmon"), "Image"), Some("process.file.path"));
        assert_eq!(name(format("netfilter"), "SRC"), Some("src_endpoint.ip"));
        assert_eq!(name(format("cloudtrail"), "sourceIPAddress"), Some("src_endpoint.ip"));
        assert_eq!(name(format("sshd"), "no such"), None);
    }

    #[test]
    fn tables_name_formats_that_exist_and_fields_once() {
        for table in TABLES.iter().copied().flatten() {
            for wanted in table.formats {
                format(wanted);
            }
            let mut names: Vec<&str> = table.names.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            assert!(
                names.windows(2).all(|pair| pair[0] != pair[1]),
                "{:?}: a field stands twice",
                table.formats
            );
        }
    }
}
