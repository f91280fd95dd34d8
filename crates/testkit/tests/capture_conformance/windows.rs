//! What Windows speaks, held to Zeek's logs: NTLM, Kerberos, SMB, DCE/RPC, LDAP, RDP, RFB.
//!
//! Zeek has several rows where there is one exchange here, and says some things once that are said here each time; so each
//! row is held to the exchange of the same ends that is most like it, and no exchange to two rows.

use super::protocols::Verdicts;
use super::{bytes_of, hear, logs};
use std::net::SocketAddr;
use watchfire_model::network::{Event, Exchange, Kerberos, NtStatus, Rdp, RdpSecurity, SmbAction};
use watchfire_model::{Timestamp, Untrusted};
use watchfire_testkit::corpus::corpus_folder;

type Columns = Vec<(&'static str, String)>;

fn text(found: Option<&Untrusted>) -> String {
    found.map_or("-".to_owned(), |text| text.raw().to_owned())
}

fn flag(found: Option<bool>) -> String {
    match found {
        Some(true) => "T".to_owned(),
        Some(false) => "F".to_owned(),
        None => "-".to_owned(),
    }
}

fn shown<T: ToString>(found: Option<T>) -> String {
    found.map_or("-".to_owned(), |found| found.to_string())
}

fn seconds(time: Option<Timestamp>) -> String {
    shown(time.map(|time| format!("{:.6}", time.nanoseconds() as f64 / 1e9)))
}

/// What does not print, and backslashes, stand as Zeek writes them.
fn unescaped(text: &str) -> String {
    if text == "(empty)" {
        return "-".to_owned();
    }
    text.replace("\\\\", "\\")
}

/// Fractions are rounded in ways of their own: a millionth is no difference.
fn is_same(found: &str, expected: &str) -> bool {
    let close = || {
        let (found, expected) = (found.parse::<f64>().ok()?, expected.parse::<f64>().ok()?);
        Some((found - expected).abs() < 2e-6)
    };
    found == expected || expected.contains('.') && close() == Some(true)
}

/// Holds all rows of a kind that `is_held` to what `columns` says of events.
fn check(
    name: &'static str,
    kind: &'static str,
    is_held: fn(&std::collections::BTreeMap<String, String>) -> bool,
    columns: fn(&Event) -> Option<Columns>,
) {
    let Some(folder) = corpus_folder(name, "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new(kind);
    for log in logs(&folder, kind) {
        let path = folder.join("traces").join(&log.trace);
        if !path.exists() {
            continue;
        }
        let events = hear(&bytes_of(&path), 1).events;
        let mut lines: Vec<([SocketAddr; 2], Columns)> = events
            .iter()
            .filter_map(|event| Some(([event.originator, event.responder], columns(event)?)))
            .collect();
        for (at, row) in log.rows.iter().enumerate().filter(|(_, row)| is_held(row)) {
            let end = |address: &str, port: &str| {
                let address = row.get(address)?.parse().ok()?;
                Some(SocketAddr::new(address, row.get(port)?.parse().ok()?))
            };
            let ends = [end("id.orig_h", "id.orig_p"), end("id.resp_h", "id.resp_p")];
            let differences = |columns: &Columns| -> Vec<(&'static str, String, String)> {
                let columns = columns.iter().map(|(name, found)| {
                    let found = if found.is_empty() { "-" } else { found };
                    let expected = row.get(*name).map_or("-".to_owned(), |value| unescaped(value));
                    (*name, found.to_owned(), expected)
                });
                columns
                    .filter(|(_, found, expected)| !is_same(found, expected))
                    .collect()
            };
            let of_ends = lines
                .iter()
                .enumerate()
                .filter(|(_, (found, _))| found.map(Some) == ends);
            let best = of_ends.min_by_key(|(_, (_, columns))| differences(columns).len());
            let verdict = best.map(|(at, (_, columns))| (at, differences(columns)));
            let differences = match verdict {
                Some((found, differences)) => {
                    lines.remove(found);
                    differences
                }
                None => vec![("event", "none".to_owned(), format!("{row:?}"))],
            };
            verdicts.row(&log.test, at + 1, &differences);
        }
    }
    verdicts.report(100.0);
}

#[test]
fn proofs_of_ntlm_are_those_of_zeek() {
    check(
        "proofs_of_ntlm_are_those_of_zeek",
        "ntlm.log",
        |_| true,
        |event| {
            let Exchange::Ntlm(ntlm) = &event.exchange else {
                return None;
            };
            // Whether it was accepted, Zeek knows of no row of these.
            Some(vec![
                ("username", text(ntlm.user.as_ref())),
                ("hostname", text(ntlm.workstation.as_ref())),
                ("domainname", text(ntlm.domain.as_ref())),
                ("server_nb_computer_name", text(ntlm.server_name.as_ref())),
                ("server_dns_computer_name", text(ntlm.server_dns_name.as_ref())),
                ("server_tree_name", text(ntlm.server_tree.as_ref())),
            ])
        },
    );
}

#[test]
fn tickets_of_kerberos_are_those_of_zeek() {
    fn columns(kerberos: &Kerberos) -> Columns {
        let client = kerberos.realm.as_ref().map(|realm| {
            format!(
                "{}/{}",
                kerberos.client.as_ref().map_or("", Untrusted::raw),
                realm.raw()
            )
        });
        vec![
            ("request_type", shown(kerberos.request.map(|request| request.as_str()))),
            ("client", shown(client)),
            ("service", text(kerberos.service.as_ref())),
            ("success", flag(kerberos.success)),
            ("error_msg", shown(kerberos.error)),
            ("from", seconds(kerberos.from)),
            ("till", seconds(kerberos.till)),
            ("cipher", shown(kerberos.cipher)),
            ("forwardable", flag(kerberos.forwardable)),
            ("renewable", flag(kerberos.renewable)),
        ]
    }
    check(
        "tickets_of_kerberos_are_those_of_zeek",
        "kerberos.log",
        |_| true,
        |event| match &event.exchange {
            Exchange::Kerberos(kerberos) => Some(columns(kerberos)),
            _ => None,
        },
    );
}

#[test]
fn files_of_smb_are_those_of_zeek() {
    check(
        "files_of_smb_are_those_of_zeek",
        "smb_files.log",
        |_| true,
        |event| {
            let Exchange::SmbFile(file) = &event.exchange else {
                return None;
            };
            Some(vec![
                ("action", file.action.as_zeek().to_owned()),
                ("path", text(file.share.as_ref())),
                ("name", text(Some(&file.name))),
                ("size", shown(file.size)),
                ("prev_name", text(file.previous_name.as_ref())),
                ("times.modified", seconds(file.modified)),
                ("times.accessed", seconds(file.accessed)),
                ("times.created", seconds(file.created)),
                ("times.changed", seconds(file.changed)),
            ])
        },
    );
}

/// Of all commands, those that open something and connect to shares are exchanges here.
#[test]
fn commands_of_smb_are_those_of_zeek() {
    let is_held = |row: &std::collections::BTreeMap<String, String>| {
        ["CREATE", "TREE_CONNECT"].contains(&row["command"].as_str())
    };
    check("commands_of_smb_are_those_of_zeek", "smb_cmd.log", is_held, |event| {
        let (command, status, name) = match &event.exchange {
            Exchange::SmbFile(file) if file.action == SmbAction::Open => ("CREATE", file.status, Some(&file.name)),
            Exchange::SmbShare(share) => ("TREE_CONNECT", share.status, None),
            _ => return None,
        };
        let status: NtStatus = status;
        Some(vec![
            ("command", command.to_owned()),
            ("status", status.to_string()),
            ("referenced_file.name", text(name)),
        ])
    });
}

#[test]
fn calls_of_dce_rpc_are_those_of_zeek() {
    check(
        "calls_of_dce_rpc_are_those_of_zeek",
        "dce_rpc.log",
        |_| true,
        |event| {
            let Exchange::DceRpc(rpc) = &event.exchange else {
                return None;
            };
            Some(vec![
                (
                    "rtt",
                    shown(rpc.after.map(|after| format!("{:.6}", after as f64 / 1e9))),
                ),
                ("named_pipe", text(rpc.pipe.as_ref())),
                ("endpoint", shown(rpc.endpoint)),
                ("operation", shown(rpc.name)),
            ])
        },
    );
}

#[test]
fn requests_of_ldap_are_those_of_zeek() {
    check(
        "requests_of_ldap_are_those_of_zeek",
        "ldap.log",
        |_| true,
        |event| {
            let Exchange::Ldap(ldap) = &event.exchange else {
                return None;
            };
            // A password is in a log-in of its own.
            let argument = if ldap.operation == "bind simple" {
                "REDACTED".to_owned()
            } else {
                text(ldap.argument.as_ref())
            };
            Some(vec![
                ("message_id", ldap.message_id.to_string()),
                ("version", shown(ldap.version)),
                ("opcode", ldap.operation.to_owned()),
                ("result", shown(ldap.result)),
                ("diagnostic_message", text(ldap.diagnostic.as_ref())),
                ("object", text(ldap.object.as_ref())),
                ("argument", argument),
            ])
        },
    );
}

#[test]
fn searches_of_ldap_are_those_of_zeek() {
    check(
        "searches_of_ldap_are_those_of_zeek",
        "ldap_search.log",
        |_| true,
        |event| {
            let Exchange::LdapSearch(search) = &event.exchange else {
                return None;
            };
            // Which attributes are wanted, Zeek writes in one of its tests only.
            Some(vec![
                ("message_id", search.message_id.to_string()),
                ("scope", search.scope.to_string()),
                ("deref_aliases", search.aliases.to_string()),
                ("base_object", text(search.base.as_ref())),
                ("result_count", search.entries.to_string()),
                ("result", shown(search.result)),
                ("diagnostic_message", text(search.diagnostic.as_ref())),
                ("filter", text(Some(&search.filter))),
            ])
        },
    );
}

#[test]
fn sessions_of_rdp_are_those_of_zeek() {
    fn columns(rdp: &Rdp) -> Columns {
        let client = rdp.client.as_ref();
        let channels = client.map(|client| client.channels.iter().map(Untrusted::raw).collect::<Vec<_>>().join(","));
        let method = rdp.server.map(|server| match server.method {
            2 => "128bit".to_owned(),
            other => other.to_string(),
        });
        let level = rdp.server.map(|server| match server.level {
            3 => "High".to_owned(),
            other => other.to_string(),
        });
        let kind = rdp.server.map(|server| if server.x509 { "X.509" } else { "RSA" });
        // Where the server says nothing but no, Zeek has no protocol.
        let security = rdp
            .security
            .filter(|security| rdp.failure.is_none() || *security != RdpSecurity::RDP);
        vec![
            ("cookie", text(rdp.cookie.as_ref())),
            ("result", shown(rdp.result())),
            ("security_protocol", shown(security)),
            ("client_channels", shown(channels)),
            ("keyboard_layout", shown(client.map(|client| client.keyboard))),
            ("client_build", shown(client.map(|client| client.build))),
            ("client_name", text(client.and_then(|client| client.name.as_ref()))),
            (
                "client_dig_product_id",
                text(client.and_then(|client| client.product.as_ref())),
            ),
            ("desktop_width", shown(client.map(|client| client.width))),
            ("desktop_height", shown(client.map(|client| client.height))),
            (
                "requested_color_depth",
                shown(
                    client
                        .and_then(|client| client.depth)
                        .map(|depth| format!("{depth}bit")),
                ),
            ),
            ("cert_type", shown(kind)),
            (
                "cert_count",
                rdp.server.map_or(0, |server| server.certificates).to_string(),
            ),
            ("cert_permanent", flag(rdp.server.map(|server| server.permanent))),
            ("encryption_level", shown(level)),
            ("encryption_method", shown(method)),
        ]
    }
    check(
        "sessions_of_rdp_are_those_of_zeek",
        "rdp.log",
        |_| true,
        |event| match &event.exchange {
            Exchange::Rdp(rdp) => Some(columns(rdp)),
            _ => None,
        },
    );
}

#[test]
fn sessions_of_rfb_are_those_of_zeek() {
    check(
        "sessions_of_rfb_are_those_of_zeek",
        "rfb.log",
        |_| true,
        |event| {
            let Exchange::Rfb(rfb) = &event.exchange else {
                return None;
            };
            let part = |version: Option<&Untrusted>, at: usize| {
                let parts = version.and_then(|version| version.raw().split('.').nth(at).map(str::to_owned));
                shown(parts)
            };
            let (client, server) = (rfb.client_version.as_ref(), rfb.server_version.as_ref());
            Some(vec![
                ("client_major_version", part(client, 0)),
                ("client_minor_version", part(client, 1)),
                ("server_major_version", part(server, 0)),
                ("server_minor_version", part(server, 1)),
                ("authentication_method", shown(rfb.method())),
                ("auth", flag(rfb.accepted)),
                ("share_flag", flag(rfb.shared)),
                ("desktop_name", text(rfb.name.as_ref())),
                ("width", shown(rfb.width)),
                ("height", shown(rfb.height)),
            ])
        },
    );
}
