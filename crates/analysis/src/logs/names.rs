//! Which rules look at which logs, and what those logs call the fields of rules.

use watchfire_formats::log::Format;
use watchfire_sigma::{Known, LogSource, Mapping, Origin, Pipeline};

/// Names of requests as rules for web servers and proxies ask for them, and as access logs have them.
const WEB: &[(&str, &[&str])] = &[
    ("cs-method", &["method"]),
    ("cs-uri", &["url"]),
    ("cs-uri-query", &["url", "cs-uri-query"]),
    ("cs-uri-stem", &["url", "cs-uri-stem"]),
    ("c-uri", &["url", "cs-uri-stem", "cs-uri-query"]),
    ("c-uri-query", &["url", "cs-uri-query"]),
    ("c-ip", &["client", "c-ip"]),
    ("sc-status", &["status", "sc-status"]),
    ("cs-referer", &["referrer", "cs(Referer)"]),
    ("cs-user-agent", &["user_agent", "cs(User-Agent)"]),
    ("c-useragent", &["user_agent", "cs(User-Agent)"]),
    ("cs-username", &["user"]),
    ("cs-host", &["vhost"]),
    ("sc-bytes", &["bytes"]),
];

/// Names of queries, and as servers of names have them.
const DNS: &[(&str, &[&str])] = &[
    ("query", &["query", "name", "qname"]),
    ("QueryName", &["query", "name", "qname"]),
    ("record_type", &["type", "qtype", "query_type"]),
    ("src_ip", &["client", "client_ip", "src_ip"]),
];

/// Names of connections, and as firewalls have them.
const FIREWALL: &[(&str, &[&str])] = &[
    ("src_ip", &["SRC", "src", "srcip", "src-ip", "src_ip", "Source address"]),
    (
        "dst_ip",
        &["DST", "dst", "dstip", "dst-ip", "dst_ip", "Destination address"],
    ),
    (
        "src_port",
        &["SPT", "spt", "srcport", "src-port", "src_port", "Source Port"],
    ),
    (
        "dst_port",
        &["DPT", "dpt", "dstport", "dst-port", "dst_port", "Destination Port"],
    ),
    ("action", &["action", "act", "Action"]),
];

/// Formats, where their records come from in the words of Sigma, and the pipelines that know their names.
struct Row {
    formats: &'static [&'static str],
    product: &'static str,
    category: &'static str,
    service: &'static str,
    pipelines: &'static [&'static str],
}

const fn row(
    formats: &'static [&'static str],
    product: &'static str,
    category: &'static str,
    service: &'static str,
    pipelines: &'static [&'static str],
) -> Row {
    Row {
        formats,
        product,
        category,
        service,
        pipelines,
    }
}

/// A part that is empty is not known; one that is `-` is known to be none that rules have a word for.
static ROWS: &[Row] = &[
    row(
        &["evtx", "sysmon", "windows-xml", "windows-json"],
        "windows",
        "",
        "",
        &["windows", "sysmon"],
    ),
    row(&["winlogbeat"], "windows", "", "", &["windows", "ecs"]),
    row(&["ecs"], "", "", "", &["ecs"]),
    row(&["ocsf"], "", "", "", &["ocsf"]),
    row(&["cloudtrail"], "aws", "-", "cloudtrail", &["cloudtrail"]),
    row(&["m365"], "m365", "-", "", &[]),
    row(&["azure"], "azure", "-", "", &[]),
    row(&["azure-audit"], "azure", "-", "auditlogs", &[]),
    row(&["gcp-audit"], "gcp", "-", "gcp.audit", &[]),
    row(&["okta"], "okta", "-", "okta", &[]),
    row(&["kubernetes-audit"], "kubernetes", "", "audit", &[]),
    row(&["zeek", "zeek-json"], "zeek", "", "", &["zeek"]),
    row(&["sshd"], "linux", "-", "sshd", &[]),
    row(&["pam"], "linux", "-", "auth", &[]),
    row(&["sudo"], "linux", "-", "sudo", &[]),
    row(&["accounts"], "linux", "-", "", &[]),
    row(
        &["syslog", "syslog-5424", "journald", "journald-json"],
        "linux",
        "-",
        "",
        &[],
    ),
    row(&["auditd"], "linux", "", "auditd", &[]),
    row(&["web-access", "w3c"], "", "webserver proxy", "", &["web"]),
    row(&["squid", "haproxy"], "", "proxy webserver", "", &["web"]),
    row(&["nginx-error"], "", "webserver", "nginx", &["web"]),
    row(&["apache-error"], "", "webserver", "apache", &["web"]),
    row(&["bind", "dnsmasq", "microsoft-dns"], "", "dns", "", &["dns"]),
    row(
        &["netfilter", "pf", "windows-firewall", "paloalto", "fortigate"],
        "",
        "firewall",
        "",
        &["firewall"],
    ),
    row(&["cisco-asa"], "cisco", "firewall", "", &["firewall"]),
    row(&["cisco-ios"], "cisco", "-", "", &[]),
    row(&["suricata"], "-", "-", "-", &[]),
    // Rules that only exclude would hold for every line.
    row(&["text", "application"], "-", "-", "-", &[]),
    row(&["powershell-transcript"], "windows", "-", "powershell", &[]),
];

/// What is known of the origin of a record that is no event of Windows.
pub(super) fn origin(format: &Format) -> Origin {
    let known = |words: &str| match words {
        "" => Known::Unknown,
        "-" => Known::Among(Vec::new()),
        words => Known::Among(words.split(' ').map(str::to_owned).collect()),
    };
    ROWS.iter()
        .find(|row| row.formats.contains(&format.name))
        .map_or_else(Origin::default, |row| Origin {
            product: known(row.product),
            category: known(row.category),
            service: known(row.service),
        })
}

/// Whether records are events of Windows, whose channel and number say where they come from.
pub(super) fn is_windows(format: &Format) -> bool {
    matches!(
        format.name,
        "evtx" | "sysmon" | "windows-xml" | "windows-json" | "winlogbeat"
    )
}

/// The pipelines that know the names of a format.
pub(super) fn pipelines(format: &Format) -> Vec<Pipeline> {
    let row = ROWS.iter().find(|row| row.formats.contains(&format.name));
    let names = row.map_or(&["ecs", "sysmon"] as &[&str], |row| row.pipelines);
    names.iter().filter_map(|name| pipeline(name)).collect()
}

fn pipeline(name: &str) -> Option<Pipeline> {
    let table = match name {
        "web" => WEB,
        "dns" => DNS,
        "firewall" => FIREWALL,
        name => return Pipeline::builtin(name),
    };
    let fields = table.iter().flat_map(|(sigma, names)| {
        let pair = move |name: &&str| ((*sigma).to_owned(), (*name).to_owned());
        names.iter().map(pair)
    });
    Some(Pipeline {
        name: name.to_owned(),
        mappings: vec![Mapping {
            logsource: LogSource::default(),
            fields: fields.collect(),
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::log::FORMATS;

    #[test]
    fn rows_name_formats_that_exist_and_each_once() {
        let mut met = Vec::new();
        for name in ROWS.iter().flat_map(|row| row.formats) {
            assert!(FORMATS.iter().any(|format| format.name == *name), "{name}");
            assert!(!met.contains(name), "{name} stands twice");
            met.push(*name);
        }
    }

    #[test]
    fn every_pipeline_exists() {
        for row in ROWS {
            assert!(
                row.pipelines.iter().all(|name| pipeline(name).is_some()),
                "{:?}",
                row.formats
            );
        }
    }
}
