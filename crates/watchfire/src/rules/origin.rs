//! Of which logs a record is, in the words of Sigma's taxonomy, and by which names its format calls the fields of rules.
//!
//! What is not in the table is known of nothing, so that every rule may look at it: a wrong origin would hide matches.

use watchfire_formats::log::{Record, Value};
use watchfire_sigma::{Known, Origin};

/// What is known of a format: its product, services, categories, and the pipelines whose names it uses.
struct Row {
    formats: &'static [&'static str],
    product: &'static [&'static str],
    /// Nothing where any may be meant.
    services: Option<&'static [&'static str]>,
    categories: Option<&'static [&'static str]>,
    pipelines: &'static [&'static str],
}

const NONE: Option<&[&str]> = Some(&[]);

const fn linux(formats: &'static [&'static str], services: &'static [&'static str]) -> Row {
    Row {
        formats,
        product: &["linux"],
        services: Some(services),
        categories: NONE,
        pipelines: &[],
    }
}

const fn of_category(
    formats: &'static [&'static str],
    product: &'static [&'static str],
    categories: &'static [&'static str],
) -> Row {
    Row {
        formats,
        product,
        services: None,
        categories: Some(categories),
        pipelines: &[],
    }
}

const fn of_product(
    formats: &'static [&'static str],
    product: &'static [&'static str],
    pipelines: &'static [&'static str],
) -> Row {
    Row {
        formats,
        product,
        services: None,
        categories: None,
        pipelines,
    }
}

/// Services and categories as the taxonomy appendix of the Sigma specification 2.1 names them. An empty product is any.
static ROWS: &[Row] = &[
    linux(&["sshd"], &["sshd", "auth", "syslog"]),
    linux(&["pam"], &["pam", "auth", "syslog"]),
    linux(&["sudo"], &["sudo", "auth", "syslog"]),
    linux(&["accounts"], &["auth", "cron", "syslog"]),
    of_product(&["auditd"], &["linux"], &[]),
    of_product(&["syslog", "syslog-5424", "journald", "journald-json"], &["linux"], &[]),
    of_category(&["web-access"], &[], &["webserver"]),
    of_category(&["w3c"], &[], &["webserver", "proxy"]),
    of_category(&["apache-error"], &["apache"], &["webserver", "application"]),
    of_category(&["nginx-error"], &["nginx"], &["webserver", "application"]),
    of_category(&["squid", "haproxy"], &[], &["proxy", "webserver"]),
    of_category(&["bind", "dnsmasq", "microsoft-dns"], &[], &["dns", "dns_query"]),
    of_category(&["netfilter"], &["linux"], &["firewall"]),
    of_category(&["windows-firewall"], &["windows"], &["firewall"]),
    of_category(&["pf"], &[], &["firewall"]),
    of_product(&["cisco-asa", "cisco-ios"], &["cisco"], &[]),
    of_product(&["paloalto"], &["paloalto"], &[]),
    of_product(&["fortigate"], &["fortios", "fortinet"], &[]),
    of_product(&["zeek", "zeek-json"], &["zeek"], &["zeek"]),
    of_product(&["cloudtrail"], &["aws"], &["cloudtrail"]),
    of_product(&["m365"], &["m365"], &[]),
    of_product(&["azure", "azure-audit"], &["azure"], &[]),
    of_product(&["gcp-audit"], &["gcp"], &[]),
    of_product(&["okta"], &["okta"], &[]),
    of_product(&["kubernetes-audit"], &["kubernetes"], &[]),
    of_product(&["ecs"], &[], &["ecs"]),
    of_product(&["ocsf"], &[], &["ocsf"]),
];

/// The pipelines of events of Windows, whoever wrote them down.
const WINDOWS: &[&str] = &["windows", "sysmon"];
const WINLOGBEAT: &[&str] = &["windows", "sysmon", "ecs"];

/// What records of one origin have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'r> {
    format: &'static str,
    channel: &'r str,
    event: i64,
}

/// What tells the origin of a record from others.
pub(super) fn key<'r>(record: &Record<'r>) -> Key<'r> {
    let mut key = Key {
        format: record.format.name,
        channel: "",
        event: 0,
    };
    for field in record.fields() {
        match (field.name, field.value) {
            ("Channel" | "winlog.channel", Value::Text(text)) if key.channel.is_empty() => key.channel = text,
            ("EventID" | "winlog.event_id" | "event.code", Value::Integer(number)) => key.event = number,
            ("EventID" | "winlog.event_id" | "event.code", Value::Text(text)) => {
                key.event = text.trim().parse().unwrap_or(key.event);
            }
            _ => {}
        }
    }
    key
}

impl Key<'_> {
    /// The same, to be kept.
    pub(super) fn kept(&self) -> (&'static str, String, i64) {
        (self.format, self.channel.to_owned(), self.event)
    }

    /// The origin, and the names of the pipelines.
    pub(super) fn origin(&self) -> (Origin, &'static [&'static str]) {
        let row = ROWS.iter().find(|row| row.formats.contains(&self.format));
        if let Some(row) = row {
            return (row.origin(), row.pipelines);
        }
        // Exports of all kinds carry events of Windows.
        if self.channel.is_empty() {
            return (Origin::default(), &[]);
        }
        let pipelines = if self.format == "winlogbeat" {
            WINLOGBEAT
        } else {
            WINDOWS
        };
        (Origin::windows(self.channel, self.event), pipelines)
    }
}

impl Row {
    fn origin(&self) -> Origin {
        let among = |names: &[&str]| Known::Among(names.iter().map(|name| (*name).to_owned()).collect());
        Origin {
            product: if self.product.is_empty() {
                Known::Unknown
            } else {
                among(self.product)
            },
            service: self.services.map_or(Known::Unknown, among),
            category: self.categories.map_or(Known::Unknown, among),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::log::FORMATS;
    use watchfire_sigma::{LogSource, PIPELINES};

    #[test]
    fn rows_name_formats_and_pipelines_that_there_are() {
        for row in ROWS {
            for format in row.formats {
                assert!(FORMATS.iter().any(|known| known.name == *format), "{format}");
            }
            for pipeline in row.pipelines {
                assert!(PIPELINES.contains(pipeline), "{pipeline}");
            }
        }
    }

    #[test]
    fn rules_for_other_logs_do_not_look() {
        let source = |product: &str, service: Option<&str>, category: Option<&str>| LogSource {
            product: Some(product.to_owned()).filter(|product| !product.is_empty()),
            service: service.map(str::to_owned),
            category: category.map(str::to_owned),
        };
        let check = |format: &'static str, channel: &str, event: i64, logsource: &LogSource, expected: bool| {
            let key = Key { format, channel, event };
            assert_eq!(key.origin().0.admits(logsource), expected, "{format} {logsource}");
        };
        check("sshd", "", 0, &source("linux", Some("sshd"), None), true);
        check("sshd", "", 0, &source("linux", Some("auditd"), None), false);
        check("sshd", "", 0, &source("windows", None, None), false);
        check("web-access", "", 0, &source("", None, Some("webserver")), true);
        check(
            "web-access",
            "",
            0,
            &source("windows", None, Some("process_creation")),
            false,
        );
        check(
            "csv",
            "Security",
            4624,
            &source("windows", Some("security"), None),
            true,
        );
        check("csv", "Security", 4624, &source("linux", None, None), false);
        check("csv", "", 0, &source("linux", None, None), true);
    }
}
