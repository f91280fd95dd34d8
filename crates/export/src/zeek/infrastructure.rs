//! Logs of what keeps a network running, and of machines: `dhcp.log`, `ntp.log`, `ntp_control.log`, `ntp_private.log`,
//! `snmp.log`, `syslog.log`, `radius.log`, `mqtt_*.log`, `modbus.log`, `dnp3.log`.

use super::connection::transport;
use super::log::{Log, Row, TIME};
use super::value::Value;
use super::{Family, Memory};
use watchfire_model::network::{
    Dhcp, Dnp3, Event, Exchange, Modbus, Mqtt, NtpMessage, NtpSaying, NtpTime, Radius, Snmp, Syslog,
};

pub(super) static FAMILY: Family = Family {
    logs: &[
        &DHCP,
        &NTP,
        &NTP_CONTROL,
        &NTP_PRIVATE,
        &SNMP,
        &SYSLOG,
        &RADIUS,
        &MQTT_CONNECT,
        &MQTT_PUBLISH,
        &MQTT_SUBSCRIBE,
        &MODBUS,
        &DNP3,
    ],
    rows,
};

static DHCP: Log = Log {
    path: "dhcp",
    head: TIME,
    columns: &[
        ("uids", "set[string]"),
        ("client_addr", "addr"),
        ("server_addr", "addr"),
        ("mac", "string"),
        ("host_name", "string"),
        ("client_fqdn", "string"),
        ("domain", "string"),
        ("requested_addr", "addr"),
        ("assigned_addr", "addr"),
        ("lease_time", "interval"),
        ("client_message", "string"),
        ("server_message", "string"),
        ("msg_types", "vector[string]"),
        ("duration", "interval"),
    ],
};

static NTP: Log = Log::of_ends(
    "ntp",
    &[
        ("version", "count"),
        ("mode", "count"),
        ("stratum", "count"),
        ("poll", "interval"),
        ("precision", "interval"),
        ("root_delay", "interval"),
        ("root_disp", "interval"),
        ("ref_id", "string"),
        ("ref_time", "time"),
        ("org_time", "time"),
        ("rec_time", "time"),
        ("xmt_time", "time"),
        ("num_exts", "count"),
    ],
);

static NTP_CONTROL: Log = Log::of_ends(
    "ntp_control",
    &[
        ("version", "count"),
        ("mode", "count"),
        ("op_code", "count"),
        ("sequence", "count"),
        ("status", "count"),
        ("association_id", "count"),
        ("resp_bit", "bool"),
        ("err_bit", "bool"),
        ("more_bit", "bool"),
        ("data", "string"),
        ("key_id", "count"),
        ("crypto_checksum", "string"),
    ],
);

static NTP_PRIVATE: Log = Log::of_ends(
    "ntp_private",
    &[
        ("version", "count"),
        ("mode", "count"),
        ("req_code", "count"),
        ("sequence", "count"),
        ("implementation", "count"),
        ("auth_bit", "bool"),
        ("err", "count"),
        ("data", "string"),
    ],
);

static SNMP: Log = Log::of_ends(
    "snmp",
    &[
        ("duration", "interval"),
        ("version", "string"),
        ("community", "string"),
        ("get_requests", "count"),
        ("get_bulk_requests", "count"),
        ("get_responses", "count"),
        ("set_requests", "count"),
        ("display_string", "string"),
        ("up_since", "time"),
    ],
);

static SYSLOG: Log = Log::of_ends(
    "syslog",
    &[
        ("proto", "enum"),
        ("facility", "string"),
        ("severity", "string"),
        ("message", "string"),
    ],
);

static RADIUS: Log = Log::of_ends(
    "radius",
    &[
        ("username", "string"),
        ("mac", "string"),
        ("framed_addr", "addr"),
        ("tunnel_client", "string"),
        ("connect_info", "string"),
        ("reply_msg", "string"),
        ("result", "string"),
        ("ttl", "interval"),
    ],
);

static MQTT_CONNECT: Log = Log::of_ends(
    "mqtt_connect",
    &[
        ("proto_name", "string"),
        ("proto_version", "string"),
        ("client_id", "string"),
        ("connect_status", "string"),
        ("will_topic", "string"),
        ("will_payload", "string"),
    ],
);

static MQTT_PUBLISH: Log = Log::of_ends(
    "mqtt_publish",
    &[
        ("from_client", "bool"),
        ("retain", "bool"),
        ("qos", "string"),
        ("status", "string"),
        ("topic", "string"),
        ("payload", "string"),
        ("payload_len", "count"),
    ],
);

static MQTT_SUBSCRIBE: Log = Log::of_ends(
    "mqtt_subscribe",
    &[
        ("action", "enum"),
        ("topics", "vector[string]"),
        ("qos_levels", "vector[count]"),
        ("granted_qos_level", "count"),
        ("ack", "bool"),
    ],
);

static MODBUS: Log = Log::of_ends(
    "modbus",
    &[
        ("tid", "count"),
        ("unit", "count"),
        ("func", "string"),
        ("pdu_type", "string"),
        ("exception", "string"),
    ],
);

static DNP3: Log = Log::of_ends(
    "dnp3",
    &[("fc_request", "string"), ("fc_reply", "string"), ("iin", "count")],
);

fn rows(event: &Event, memory: &mut Memory, out: &mut Vec<Row>) {
    match &event.exchange {
        Exchange::Dhcp(dhcp) => {
            let uid = memory.uid(event);
            out.extend(memory.leases.take(uid, dhcp));
        }
        Exchange::Ntp(ntp) => {
            let both = [&ntp.asked, &ntp.answer].into_iter().flatten();
            out.extend(both.map(|message| of_ntp(event, ntp.version, message)));
        }
        Exchange::Snmp(snmp) => {
            let community = match snmp.user.as_ref() {
                Some(user) => Value::text(user),
                None => memory.password(event, None),
            };
            out.push(Row::of(&SNMP, event, of_snmp(snmp, community)));
        }
        Exchange::Syslog(syslog) => out.push(Row::of(&SYSLOG, event, of_syslog(syslog, event))),
        Exchange::Radius(radius) => out.push(Row::of(&RADIUS, event, of_radius(radius))),
        Exchange::Mqtt(mqtt) => out.push(of_mqtt(mqtt, event)),
        Exchange::Modbus(modbus) => of_modbus(modbus, event, out),
        Exchange::Dnp3(dnp3) => out.push(Row::of(&DNP3, event, of_dnp3(dnp3))),
        _ => {}
    }
}

/// Transactions of DHCP, which are in several flows, until all of each was heard.
#[derive(Debug, Default)]
pub(super) struct Leases {
    open: Vec<(Vec<String>, Dhcp)>,
}

impl Leases {
    pub(super) const NONE: Self = Self { open: Vec::new() };
    /// Transactions that are held; the oldest is let go for more.
    const MOST: usize = 500;
    /// Numbers come back: what is so much later is another one.
    const APART: u64 = 60_000_000_000;

    /// Adds what one flow says. What is whole, or has to give way, comes back.
    fn take(&mut self, uid: String, dhcp: &Dhcp) -> Option<Row> {
        let is_near = |open: &Dhcp| {
            let (first, last) = (open.first().max(dhcp.first()), open.last().min(dhcp.last()));
            first
                .zip(last)
                .is_none_or(|(first, last)| first.since(last) < Self::APART)
        };
        let same = self.open.iter_mut().find(|(_, open)| open.is_of(dhcp) && is_near(open));
        if let Some((uids, open)) = same {
            open.join(dhcp.clone());
            // As many flows as messages are kept: who spoofs ports would make one of each.
            if uids.len() < Dhcp::MOST_MESSAGES && !uids.contains(&uid) {
                uids.push(uid);
            }
            return None;
        }
        self.open.push((vec![uid], dhcp.clone()));
        (self.open.len() > Self::MOST).then(|| of_dhcp(self.open.remove(0)))
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> Vec<Row> {
        self.open.drain(..).map(of_dhcp).collect()
    }
}

fn of_dhcp((uids, dhcp): (Vec<String>, Dhcp)) -> Row {
    let kinds = dhcp.messages.iter().map(|message| Value::name(message.kind));
    let lease = dhcp.lease.map(|seconds| u64::from(seconds) * 1_000_000_000);
    let time = dhcp.first().unwrap_or_default();
    let values = vec![
        Value::Time(time),
        Value::List(uids.into_iter().map(Value::Text).collect()),
        Value::address(dhcp.client),
        Value::address(dhcp.server),
        Value::named(dhcp.mac),
        Value::perhaps(dhcp.host_name.as_ref()),
        Value::perhaps(dhcp.client_fqdn.as_ref()),
        Value::perhaps(dhcp.domain.as_ref()),
        Value::address(dhcp.requested),
        Value::address(dhcp.assigned),
        Value::interval(lease),
        Value::perhaps(dhcp.client_message.as_ref()),
        Value::perhaps(dhcp.server_message.as_ref()),
        Value::List(kinds.collect()),
        Value::interval(Some(dhcp.duration)),
    ];
    Row {
        log: &DHCP,
        time,
        values,
    }
}

fn of_ntp(event: &Event, version: u8, message: &NtpMessage) -> Row {
    let head = [Value::count(version), Value::count(message.mode.0)];
    match &message.says {
        NtpSaying::Time(time) => Row::of(&NTP, event, head.into_iter().chain(of_time(time))),
        NtpSaying::Control(control) => {
            let values = [
                Value::count(control.operation),
                Value::count(control.sequence),
                Value::count(control.status),
                Value::count(control.association),
                Value::Bool(control.response),
                Value::Bool(control.error),
                Value::Bool(control.more),
                Value::Unset,
                Value::Unset,
                Value::Unset,
            ];
            Row::of(&NTP_CONTROL, event, head.into_iter().chain(values))
        }
        NtpSaying::Private(private) => {
            let values = [
                Value::count(private.request),
                Value::count(private.sequence),
                Value::count(private.implementation),
                Value::Bool(private.signed),
                Value::count(private.error),
                Value::Unset,
            ];
            Row::of(&NTP_PRIVATE, event, head.into_iter().chain(values))
        }
    }
}

fn of_time(time: &NtpTime) -> [Value; 11] {
    // Exponents of two, and 16 bits behind the point (RFC 5905, sections 6 and 7.3).
    let power = |exponent: i8| Value::Interval((2_f64.powi(exponent.into()) * 1e9) as i128);
    let short = |number: u32| Value::Interval((i128::from(number) * 1_000_000_000) >> 16);
    let moment = |moment: Option<watchfire_model::Timestamp>| Value::Time(moment.unwrap_or_default());
    [
        Value::count(time.stratum),
        power(time.poll),
        power(time.precision),
        short(time.root_delay),
        short(time.root_dispersion),
        Value::text(&time.reference),
        moment(time.reference_time),
        moment(time.origin_time),
        moment(time.receive_time),
        moment(time.transmit_time),
        Value::count(time.extensions),
    ]
}

fn of_snmp(snmp: &Snmp, community: Value) -> [Value; 9] {
    [
        Value::interval(Some(snmp.duration)),
        Value::name(snmp.version),
        community,
        Value::Count(snmp.get_requests),
        Value::Count(snmp.get_bulk_requests),
        Value::Count(snmp.get_responses),
        Value::Count(snmp.set_requests),
        Value::perhaps(snmp.description.as_ref()),
        Value::time(snmp.up_since),
    ]
}

fn of_syslog(syslog: &Syslog, event: &Event) -> [Value; 4] {
    let named = |name: Option<&'static str>| name.unwrap_or("UNSPECIFIED").into();
    [
        transport(event.transport).into(),
        named(syslog.facility),
        named(syslog.severity),
        Value::text(&syslog.message),
    ]
}

fn of_radius(radius: &Radius) -> [Value; 8] {
    [
        Value::perhaps(radius.user.as_ref()),
        Value::perhaps(radius.calling.as_ref()),
        Value::address(radius.framed_address),
        Value::perhaps(radius.tunnel_client.as_ref()),
        Value::perhaps(radius.connect_info.as_ref()),
        Value::perhaps(radius.reply_message.as_ref()),
        Value::named(radius.accepted.map(|is| if is { "success" } else { "failed" })),
        Value::interval(radius.after),
    ]
}

fn of_mqtt(mqtt: &Mqtt, event: &Event) -> Row {
    match mqtt {
        Mqtt::Connect(connect) => {
            let status = connect.status.map(|status| match status {
                0 => "Connection Accepted".to_owned(),
                1 => "Refused: unacceptable protocol version".to_owned(),
                2 => "Refused: identifier rejected".to_owned(),
                3 => "Refused: server unavailable".to_owned(),
                4 => "Refused: bad user name or password".to_owned(),
                5 => "Refused: not authorized".to_owned(),
                other => other.to_string(),
            });
            let values = [
                Value::text(&connect.name),
                Value::name(connect.version),
                Value::text(&connect.client),
                Value::named(status),
                Value::perhaps(connect.will_topic.as_ref()),
                Value::perhaps(connect.will.as_ref()),
            ];
            Row::of(&MQTT_CONNECT, event, values)
        }
        Mqtt::Publish(publish) => {
            let quality = match publish.quality {
                0 => "at most once".into(),
                1 => "at least once".into(),
                2 => "exactly once".into(),
                _ => Value::Unset,
            };
            let is_done = publish.quality == 0 || publish.acknowledged;
            let values = [
                Value::Bool(publish.from_client),
                Value::Bool(publish.retain),
                quality,
                Value::named(is_done.then_some("ok")),
                Value::text(&publish.topic),
                Value::text(&publish.payload),
                Value::Count(publish.payload_bytes),
            ];
            Row::of(&MQTT_PUBLISH, event, values)
        }
        Mqtt::Subscribe(subscribe) => {
            let action = match subscribe.ends {
                true => "MQTT::UNSUBSCRIBE",
                false => "MQTT::SUBSCRIBE",
            };
            let qualities = subscribe.qualities.iter().map(|quality| Value::count(*quality));
            let values = [
                action.into(),
                Value::texts(&subscribe.topics),
                Value::List(qualities.collect()).unless_none(),
                Value::counted(subscribe.granted.first().copied()),
                Value::Bool(subscribe.acknowledged),
            ];
            Row::of(&MQTT_SUBSCRIBE, event, values)
        }
    }
}

/// A request and an answer, a row each.
fn of_modbus(modbus: &Modbus, event: &Event, out: &mut Vec<Row>) {
    let row = |function: String, kind: &'static str, exception: Value| {
        let head = [Value::count(modbus.transaction), Value::count(modbus.unit)];
        let values = [Value::Text(function), kind.into(), exception];
        Row::of(&MODBUS, event, head.into_iter().chain(values))
    };
    let function = modbus.function.to_string();
    if modbus.asked {
        out.push(row(function.clone(), "REQ", Value::Unset));
    }
    match modbus.exception {
        Some(exception) => out.push(row(format!("{function}_EXCEPTION"), "RESP", Value::name(exception))),
        None if modbus.reply_frame.is_some() || !modbus.asked => out.push(row(function, "RESP", Value::Unset)),
        None => {}
    }
}

fn of_dnp3(dnp3: &Dnp3) -> [Value; 3] {
    [
        Value::named(dnp3.asked),
        Value::named(dnp3.answer),
        Value::counted(dnp3.indications),
    ]
}
