//! What runs networks and machines, held to Zeek's logs: DHCP, NTP, SNMP, syslog, MQTT, Modbus, DNP3, RADIUS.
//!
//! Zeek has a row for each message where there is one exchange here; those are taken apart first.

use super::protocols::Verdicts;
use super::{bytes_of, hear, logs};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use watchfire_model::network::{Dhcp, Event, Exchange, Mqtt, NtpMessage, NtpSaying, NtpTime};
use watchfire_model::{Timestamp, Untrusted};
use watchfire_testkit::corpus::corpus_folder;

type Columns = Vec<(&'static str, String)>;

/// A row of our own.
struct Line {
    frame: u64,
    ends: [SocketAddr; 2],
    columns: Columns,
}

impl Line {
    fn of(event: &Event, columns: Columns) -> Self {
        Self {
            frame: event.frame,
            ends: [event.originator, event.responder],
            columns,
        }
    }
}

fn text(found: Option<&Untrusted>) -> String {
    found.map_or("-".to_owned(), |text| escaped(text.raw()))
}

/// What does not print stands as `\x` and two digits.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_control() {
            out.push_str(&format!("\\x{:02x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    if out.is_empty() { "(empty)".into() } else { out }
}

fn flag(is: bool) -> String {
    if is { "T" } else { "F" }.to_owned()
}

fn shown<T: ToString>(found: Option<T>) -> String {
    found.map_or("-".to_owned(), |found| found.to_string())
}

fn seconds(nanoseconds: u64) -> String {
    format!("{:.6}", nanoseconds as f64 / 1e9)
}

/// Zeek rounds fractions of its own; a millionth is no difference.
fn is_same(found: &str, expected: &str) -> bool {
    let close = || {
        let (found, expected) = (found.parse::<f64>().ok()?, expected.parse::<f64>().ok()?);
        Some((found - expected).abs() < 2e-6)
    };
    found == expected || found.contains('.') && close() == Some(true)
}

/// Holds all rows of a kind, in the order of the frames of each pair of ends.
fn check(name: &'static str, kind: &'static str, lines: fn(&Event) -> Vec<Line>) {
    let Some(folder) = corpus_folder(name, "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new(kind);
    for log in logs(&folder, kind) {
        let path = folder.join("traces").join(&log.trace);
        if !path.exists() {
            continue;
        }
        let mut found: Vec<Line> = hear(&bytes_of(&path), 1).events.iter().flat_map(lines).collect();
        found.sort_by_key(|line| line.frame);
        let mut by_ends: BTreeMap<Vec<String>, VecDeque<Line>> = BTreeMap::new();
        for line in found {
            let ends = line
                .ends
                .iter()
                .flat_map(|end| [end.ip().to_string(), end.port().to_string()]);
            by_ends.entry(ends.collect()).or_default().push_back(line);
        }
        for (at, row) in log.rows.iter().enumerate() {
            let names = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"];
            let ends: Vec<String> = names.iter().filter_map(|name| row.get(*name).cloned()).collect();
            let line = by_ends.get_mut(&ends).and_then(VecDeque::pop_front);
            let differences = match line {
                Some(line) => differences(line.columns, row),
                None => vec![("event", "none".to_owned(), format!("{row:?}"))],
            };
            verdicts.row(&log.test, at + 1, &differences);
        }
    }
    verdicts.report(95.0);
}

fn differences(columns: Columns, row: &BTreeMap<String, String>) -> Vec<(&'static str, String, String)> {
    let columns = columns.into_iter().map(|(name, found)| {
        let expected = row.get(name).cloned().unwrap_or_else(|| "-".to_owned());
        (name, found, expected)
    });
    columns
        .filter(|(_, found, expected)| !is_same(found, expected))
        .collect()
}

/// Transactions of DHCP, put together out of their flows. Zeek begins another row after so many messages or flows, which
/// two of its tests make few.
fn transactions(events: &[Event], most: fn(usize, usize) -> bool) -> Vec<Dhcp> {
    let mut parts: Vec<(u64, Dhcp)> = Vec::new();
    for event in events {
        if let Exchange::Dhcp(dhcp) = &event.exchange {
            parts.extend(dhcp.messages.iter().map(|message| {
                let messages = vec![*message];
                // Of one flow of these captures, all messages say the same.
                let duration = 0;
                (
                    event.flow,
                    Dhcp {
                        messages,
                        duration,
                        ..(**dhcp).clone()
                    },
                )
            }));
        }
    }
    parts.sort_by_key(|(_, part)| part.messages.first().map(|message| message.frame));
    let mut whole: Vec<(BTreeSet<u64>, Dhcp)> = Vec::new();
    let mut done = Vec::new();
    for (flow, part) in parts {
        let at = whole.iter().position(|(_, dhcp)| dhcp.is_of(&part));
        let at = at.unwrap_or_else(|| {
            let empty = Dhcp {
                messages: Vec::new(),
                ..part.clone()
            };
            whole.push((BTreeSet::new(), empty));
            whole.len() - 1
        });
        whole[at].0.insert(flow);
        whole[at].1.join(part);
        if most(whole[at].0.len(), whole[at].1.messages.len()) {
            done.push(whole.remove(at).1);
        }
    }
    done.extend(whole.into_iter().map(|(_, dhcp)| dhcp));
    done
}

#[test]
fn transactions_of_dhcp_are_those_of_zeek() {
    let Some(folder) = corpus_folder("transactions_of_dhcp_are_those_of_zeek", "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new("dhcp.log");
    for log in logs(&folder, "dhcp.log") {
        let most: fn(usize, usize) -> bool = match log.test.as_str() {
            "scripts.base.protocols.dhcp.dhcp-prevent-large-uids" => |flows, _| flows >= 5,
            "scripts.base.protocols.dhcp.dhcp-prevent-large-msgtypes" => |_, messages| messages >= 8,
            _ => |_, messages| messages >= 50,
        };
        let events = hear(&bytes_of(&folder.join("traces").join(&log.trace)), 1).events;
        let mut found = transactions(&events, most);
        for (at, row) in log.rows.iter().enumerate() {
            let alike = found
                .iter()
                .position(|dhcp| differences(dhcp_columns(dhcp), row).is_empty());
            let differences = match alike.or((!found.is_empty()).then_some(0)) {
                Some(place) => differences(dhcp_columns(&found.remove(place)), row),
                None => vec![("event", "none".to_owned(), format!("{row:?}"))],
            };
            verdicts.row(&log.test, at + 1, &differences);
        }
    }
    verdicts.report(95.0);
}

fn dhcp_columns(dhcp: &Dhcp) -> Columns {
    let kinds: Vec<String> = dhcp.messages.iter().map(|message| message.kind.to_string()).collect();
    let address = |address: Option<Ipv4Addr>| shown(address);
    vec![
        ("client_addr", address(dhcp.client)),
        ("server_addr", address(dhcp.server)),
        ("mac", shown(dhcp.mac)),
        ("host_name", text(dhcp.host_name.as_ref())),
        ("client_fqdn", text(dhcp.client_fqdn.as_ref())),
        ("domain", text(dhcp.domain.as_ref())),
        ("requested_addr", address(dhcp.requested)),
        ("assigned_addr", address(dhcp.assigned)),
        (
            "lease_time",
            dhcp.lease.map_or("-".into(), |lease| format!("{lease}.000000")),
        ),
        ("client_message", text(dhcp.client_message.as_ref())),
        ("server_message", text(dhcp.server_message.as_ref())),
        ("msg_types", kinds.join(",")),
        ("duration", seconds(dhcp.duration)),
    ]
}

/// Both messages of an exchange of NTP.
fn messages(event: &Event, columns: fn(u8, &NtpMessage) -> Option<Columns>) -> Vec<Line> {
    let Exchange::Ntp(ntp) = &event.exchange else {
        return Vec::new();
    };
    let both = [&ntp.asked, &ntp.answer].into_iter().flatten();
    let lines = both.filter_map(|message| {
        Some(Line {
            frame: message.frame,
            ..Line::of(event, columns(ntp.version, message)?)
        })
    });
    lines.collect()
}

#[test]
fn questions_for_the_time_are_those_of_zeek() {
    check("questions_for_the_time_are_those_of_zeek", "ntp.log", |event| {
        messages(event, |version, message| match &message.says {
            NtpSaying::Time(time) => Some(ntp_time(version, message, time)),
            _ => None,
        })
    });
}

fn ntp_time(version: u8, message: &NtpMessage, time: &NtpTime) -> Columns {
    let power = |power: i8| format!("{:.6}", 2_f64.powi(power.into()));
    let short = |number: u32| format!("{:.6}", f64::from(number) / 65_536.0);
    let moment = |moment: Option<Timestamp>| {
        let nanoseconds = moment.map_or(0, Timestamp::nanoseconds);
        format!(
            "{}.{:06}",
            nanoseconds / 1_000_000_000,
            nanoseconds % 1_000_000_000 / 1_000
        )
    };
    vec![
        ("version", version.to_string()),
        ("mode", message.mode.0.to_string()),
        ("stratum", time.stratum.to_string()),
        ("poll", power(time.poll)),
        ("precision", power(time.precision)),
        ("root_delay", short(time.root_delay)),
        ("root_disp", short(time.root_dispersion)),
        ("ref_id", text(Some(&time.reference))),
        ("ref_time", moment(time.reference_time)),
        ("org_time", moment(time.origin_time)),
        ("rec_time", moment(time.receive_time)),
        ("xmt_time", moment(time.transmit_time)),
        ("num_exts", time.extensions.to_string()),
    ]
}

#[test]
fn commands_of_ntp_are_those_of_zeek() {
    check("commands_of_ntp_are_those_of_zeek", "ntp_control.log", |event| {
        messages(event, |version, message| match &message.says {
            NtpSaying::Control(control) => Some(vec![
                ("version", version.to_string()),
                ("mode", message.mode.0.to_string()),
                ("op_code", control.operation.to_string()),
                ("sequence", control.sequence.to_string()),
                ("status", control.status.to_string()),
                ("association_id", control.association.to_string()),
                ("resp_bit", flag(control.response)),
                ("err_bit", flag(control.error)),
                ("more_bit", flag(control.more)),
            ]),
            _ => None,
        })
    });
    check("commands_of_ntp_are_those_of_zeek", "ntp_private.log", |event| {
        messages(event, |version, message| match &message.says {
            NtpSaying::Private(private) => Some(vec![
                ("version", version.to_string()),
                ("mode", message.mode.0.to_string()),
                ("req_code", private.request.to_string()),
                ("sequence", private.sequence.to_string()),
                ("implementation", private.implementation.to_string()),
                ("auth_bit", flag(private.signed)),
                ("err", private.error.to_string()),
            ]),
            _ => None,
        })
    });
}

#[test]
fn what_devices_are_asked_is_as_in_zeek() {
    check("what_devices_are_asked_is_as_in_zeek", "snmp.log", |event| {
        let Exchange::Snmp(snmp) = &event.exchange else {
            return Vec::new();
        };
        let columns = vec![
            ("duration", seconds(snmp.duration)),
            ("version", snmp.version.to_string()),
            ("community", text(snmp.user.as_ref())),
            ("get_requests", snmp.get_requests.to_string()),
            ("get_bulk_requests", snmp.get_bulk_requests.to_string()),
            ("get_responses", snmp.get_responses.to_string()),
            ("set_requests", snmp.set_requests.to_string()),
            ("display_string", text(snmp.description.as_ref())),
        ];
        vec![Line::of(event, columns)]
    });
}

#[test]
fn lines_of_syslog_are_those_of_zeek() {
    check("lines_of_syslog_are_those_of_zeek", "syslog.log", |event| {
        let Exchange::Syslog(syslog) = &event.exchange else {
            return Vec::new();
        };
        let named = |name: Option<&str>| name.unwrap_or("UNSPECIFIED").to_owned();
        let columns = vec![
            ("facility", named(syslog.facility)),
            ("severity", named(syslog.severity)),
            ("message", text(Some(&syslog.message))),
        ];
        vec![Line::of(event, columns)]
    });
}

fn mqtt(event: &Event, columns: fn(&Mqtt) -> Option<Columns>) -> Vec<Line> {
    match &event.exchange {
        Exchange::Mqtt(mqtt) => columns(mqtt)
            .map(|columns| Line::of(event, columns))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn messages_of_mqtt_are_those_of_zeek() {
    let name = "messages_of_mqtt_are_those_of_zeek";
    check(name, "mqtt_connect.log", |event| {
        mqtt(event, |mqtt| match mqtt {
            Mqtt::Connect(connect) => Some(vec![
                ("proto_name", text(Some(&connect.name))),
                ("proto_version", connect.version.to_string()),
                ("client_id", text(Some(&connect.client))),
                (
                    "connect_status",
                    connect.status.map_or("-".into(), |status| match status {
                        0 => "Connection Accepted".into(),
                        other => other.to_string(),
                    }),
                ),
                ("will_topic", text(connect.will_topic.as_ref())),
                ("will_payload", text(connect.will.as_ref())),
            ]),
            _ => None,
        })
    });
    check(name, "mqtt_publish.log", |event| {
        mqtt(event, |mqtt| match mqtt {
            Mqtt::Publish(publish) => Some(vec![
                ("from_client", flag(publish.from_client)),
                ("retain", flag(publish.retain)),
                (
                    "qos",
                    ["at most once", "at least once", "exactly once", "-"][usize::from(publish.quality)].into(),
                ),
                ("topic", text(Some(&publish.topic))),
                ("payload_len", publish.payload_bytes.to_string()),
            ]),
            _ => None,
        })
    });
    check(name, "mqtt_subscribe.log", |event| {
        mqtt(event, |mqtt| match mqtt {
            Mqtt::Subscribe(subscribe) => {
                let topics: Vec<&str> = subscribe.topics.iter().map(Untrusted::raw).collect();
                let numbers = |numbers: &[u8]| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
                let action = if subscribe.ends {
                    "MQTT::UNSUBSCRIBE"
                } else {
                    "MQTT::SUBSCRIBE"
                };
                Some(vec![
                    ("action", action.into()),
                    ("topics", topics.join(",")),
                    ("qos_levels", numbers(&subscribe.qualities)),
                    ("granted_qos_level", numbers(&subscribe.granted)),
                    ("ack", flag(subscribe.acknowledged)),
                ])
            }
            _ => None,
        })
    });
}

#[test]
fn what_machines_are_told_is_as_in_zeek() {
    let name = "what_machines_are_told_is_as_in_zeek";
    check(name, "modbus.log", |event| {
        let Exchange::Modbus(modbus) = &event.exchange else {
            return Vec::new();
        };
        let line = |frame, kind: &str, exception: String| Line {
            frame,
            ..Line::of(
                event,
                vec![
                    ("tid", modbus.transaction.to_string()),
                    ("unit", modbus.unit.to_string()),
                    ("func", modbus.function.to_string()),
                    ("pdu_type", kind.into()),
                    ("exception", exception),
                ],
            )
        };
        let asked = modbus.asked.then(|| line(event.frame, "REQ", "-".into()));
        let answered = modbus
            .reply_frame
            .map(|frame| line(frame, "RESP", shown(modbus.exception)));
        asked.into_iter().chain(answered).collect()
    });
    check(name, "dnp3.log", |event| {
        let Exchange::Dnp3(dnp3) = &event.exchange else {
            return Vec::new();
        };
        let columns = vec![
            ("fc_request", shown(dnp3.asked)),
            ("fc_reply", shown(dnp3.answer)),
            ("iin", shown(dnp3.indications)),
        ];
        // Zeek's rows come with the answer.
        let frame = dnp3.answer_frame.unwrap_or(u64::MAX);
        vec![Line {
            frame,
            ..Line::of(event, columns)
        }]
    });
}

#[test]
fn who_is_let_in_is_as_in_zeek() {
    check("who_is_let_in_is_as_in_zeek", "radius.log", |event| {
        let Exchange::Radius(radius) = &event.exchange else {
            return Vec::new();
        };
        let mac = radius
            .calling
            .as_ref()
            .map(|calling| calling.raw().to_lowercase().replace('-', ":"));
        let result = match radius.accepted {
            Some(true) => "success",
            Some(false) => "failed",
            None => "unknown",
        };
        let columns = vec![
            ("username", text(radius.user.as_ref())),
            ("mac", shown(mac)),
            ("framed_addr", shown(radius.framed_address)),
            ("tunnel_client", text(radius.tunnel_client.as_ref())),
            ("connect_info", text(radius.connect_info.as_ref())),
            ("reply_msg", text(radius.reply_message.as_ref())),
            ("result", result.into()),
            ("ttl", radius.after.map_or("-".into(), seconds)),
        ];
        vec![Line::of(event, columns)]
    });
}
