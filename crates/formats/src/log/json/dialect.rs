//! Who wrote an object, told by its keys, and which key holds its time.

use super::super::draft::Draft;
use super::super::record::{Raw, RawName};
use super::super::registry::Format;
use super::super::scan::integer;
use super::super::time::{Time, instant};

/// What a name tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traits {
    /// How much its value deserves to be the time; 0 for not at all.
    pub(crate) time: u8,
    /// A bit for each marker that it is.
    pub(crate) markers: u64,
}

/// A shape of object.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) format: &'static Format,
    /// All of these are keys of it.
    keys: &'static [&'static str],
    /// The keys of what it says to people; the first that is there counts.
    pub(crate) messages: &'static [&'static str],
    /// Names and values come as pairs of `@Name` and `#text`.
    pub(crate) has_pairs: bool,
    /// The key whose value is a line of another log.
    pub(crate) inner: Option<&'static str>,
}

macro_rules! formats {
    ($($name:ident $text:literal $describes:literal $recognised:literal)*) => {
        $(
            pub(crate) static $name: Format = Format {
                name: $text,
                describes: $describes,
                recognised: $recognised,
                time: "with its zone, as RFC 3339 or seconds since 1970; where no zone stands, it is assumed",
            };
        )*
    };
}

formats! {
    WINDOWS "windows-json" "Windows events as JSON, as evtx_dump, NXLog and others write them" "`Event.System`, or `EventID` with `Channel`"
    WINLOGBEAT "winlogbeat" "Windows events in the Elastic Common Schema" "`winlog.event_id` or `winlog.channel`"
    ECS "ecs" "Elastic Common Schema" "`ecs.version`, or `@timestamp` with `event.*`"
    OCSF "ocsf" "Open Cybersecurity Schema Framework" "`class_uid` with `category_uid`"
    CLOUDTRAIL "cloudtrail" "AWS CloudTrail" "`eventSource`, `eventName` and `awsRegion`"
    M365 "m365" "Microsoft 365 unified audit log" "`Workload`, `Operation` and `CreationTime`"
    AZURE "azure" "Azure activity, sign-in and resource logs" "`operationName` with `category`, or `createdDateTime` with `userPrincipalName`"
    GCP "gcp-audit" "Google Cloud audit log" "`protoPayload.methodName` or `logName` with `insertId`"
    OKTA "okta" "Okta system log" "`eventType`, `published` and `actor.id`"
    KUBERNETES "kubernetes-audit" "Kubernetes audit log" "`auditID` with `verb`"
    SURICATA "suricata" "Suricata EVE" "`event_type` with `flow_id` or `src_ip`"
    ZEEK "zeek-json" "Zeek logs as JSON" "`ts` with `uid` or `id.orig_h`"
    JOURNALD "journald-json" "systemd journal as JSON" "`__REALTIME_TIMESTAMP`"
    SPLUNK "splunk-json" "Splunk export as JSON; `_raw` is read again" "`_raw`"
    CONTAINER "container-json" "log files of containers as Docker writes them; `log` is read again" "`log` with `stream`"
    AUDIT_AZURE "azure-audit" "Microsoft Entra audit log" "`activityDisplayName` with `activityDateTime`"
    PLAIN "json" "JSON objects of any other shape" "a line, or an element of an array, that is an object"
}

const fn dialect(format: &'static Format, keys: &'static [&'static str], messages: &'static [&'static str]) -> Dialect {
    Dialect {
        format,
        keys,
        messages,
        has_pairs: false,
        inner: None,
    }
}

const MESSAGES: &[&str] = &["message", "msg", "Message", "log", "text", "@m", "MESSAGE"];

/// The first of which all keys are there.
pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        inner: Some("_raw"),
        ..dialect(&SPLUNK, &["_raw"], &["_raw"])
    },
    dialect(&WINLOGBEAT, &["winlog.event_id"], &["message"]),
    dialect(&WINLOGBEAT, &["winlog.channel"], &["message"]),
    Dialect {
        has_pairs: true,
        ..dialect(&WINDOWS, &["EventID", "Channel"], &["Message", "message"])
    },
    Dialect {
        has_pairs: true,
        ..dialect(&WINDOWS, &["EventID", "Provider_Name"], &["Message", "message"])
    },
    Dialect {
        has_pairs: true,
        ..dialect(&WINDOWS, &["EventID", "SourceName"], &["Message", "message"])
    },
    dialect(&OCSF, &["class_uid", "category_uid"], &["message"]),
    dialect(
        &CLOUDTRAIL,
        &["eventSource", "eventName", "awsRegion"],
        &["errorMessage"],
    ),
    dialect(&M365, &["Workload", "Operation", "CreationTime"], &[]),
    dialect(
        &AUDIT_AZURE,
        &["activityDisplayName", "activityDateTime"],
        &["activityDisplayName"],
    ),
    dialect(&AZURE, &["createdDateTime", "userPrincipalName"], &[]),
    dialect(&AZURE, &["operationName", "category"], &[]),
    dialect(&AZURE, &["OperationName", "Category"], &[]),
    dialect(&GCP, &["protoPayload.methodName"], &[]),
    dialect(&GCP, &["logName", "insertId"], &["textPayload", "jsonPayload.message"]),
    dialect(&OKTA, &["eventType", "published", "actor.id"], &["displayMessage"]),
    dialect(&KUBERNETES, &["auditID", "verb"], &[]),
    dialect(&SURICATA, &["event_type", "flow_id"], &["alert.signature"]),
    dialect(&SURICATA, &["event_type", "src_ip"], &["alert.signature"]),
    dialect(&ZEEK, &["ts", "id.orig_h"], &["msg"]),
    dialect(&ZEEK, &["ts", "uid"], &["msg"]),
    dialect(&ZEEK, &["ts", "_path"], &["msg"]),
    dialect(&JOURNALD, &["__REALTIME_TIMESTAMP"], &["MESSAGE"]),
    Dialect {
        inner: Some("log"),
        ..dialect(&CONTAINER, &["log", "stream"], &["log"])
    },
    dialect(&ECS, &["ecs.version"], &["message"]),
    dialect(&ECS, &["@timestamp", "event.category"], &["message"]),
    dialect(&ECS, &["@timestamp", "event.kind"], &["message"]),
    dialect(&ECS, &["@timestamp", "event.action"], &["message"]),
];

static ANY: Dialect = dialect(&PLAIN, &[], MESSAGES);

/// Names that hold times, the best first.
const TIMES: &[&str] = &[
    "@timestamp",
    "TimeCreated_SystemTime",
    "eventTime",
    "protoPayload.requestMetadata.requestAttributes.time",
    "requestReceivedTimestamp",
    "createdDateTime",
    "activityDateTime",
    "CreationTime",
    "published",
    "TimeGenerated",
    "__REALTIME_TIMESTAMP",
    "timestamp",
    "_time",
    "ts",
    "time",
    "Timestamp",
    "EventTime",
    "time_dt",
    "@t",
    "datetime",
    "date_time",
    "dateTime",
    "event_time",
    "event.created",
    "UtcTime",
    "SystemTime",
    "TimeCreated",
    "stageTimestamp",
    "receiveTimestamp",
    "startTime",
    "start_time",
    "asctime",
    "date",
    "Date",
    "Time",
    "created_at",
    "logged_at",
];

/// What `name` tells.
pub(crate) fn traits(name: &str) -> Traits {
    let place = TIMES.iter().position(|time| *time == name);
    let time = place.map_or(0, |place| 255_u8.saturating_sub(u8::try_from(place).unwrap_or(255)));
    let mut markers = 0;
    for (bit, marker) in markers_in_order().enumerate() {
        if marker == name {
            markers |= 1_u64.checked_shl(bit as u32).unwrap_or_default();
        }
    }
    Traits { time, markers }
}

/// Every key that tells a dialect, in the order of the table, each where it stands first or again.
fn markers_in_order() -> impl Iterator<Item = &'static str> {
    DIALECTS.iter().flat_map(|dialect| dialect.keys.iter().copied())
}

/// The dialect of an object with these markers.
pub(crate) fn of(markers: u64) -> &'static Dialect {
    let mut rest = markers;
    for dialect in DIALECTS {
        let len = dialect.keys.len() as u32;
        let all = 1_u64.checked_shl(len).unwrap_or_default().wrapping_sub(1);
        if rest & all == all {
            return dialect;
        }
        rest = rest.checked_shr(len).unwrap_or_default();
    }
    &ANY
}

/// `/Date(1550080901593)/`, milliseconds, as .NET and PowerShell's ConvertTo-Json write it.
pub(crate) fn microsoft_date(text: &[u8]) -> Option<Time> {
    let millis = integer(text.strip_prefix(b"/Date(")?.strip_suffix(b")/")?)?;
    let nanos = u32::try_from(millis.rem_euclid(1000)).ok()?.checked_mul(1_000_000)?;
    Some(instant(millis.div_euclid(1000), nanos))
}

/// Gives fields the names that stand beside them: `{"@Name": "Image", "#text": "…"}` in an array `Data` is what converters
/// from XML make of `<Data Name="Image">`.
pub(crate) fn pair(text: &[u8], draft: &mut Draft, from: usize) {
    if ["Data.@Name", "Data.Name"]
        .iter()
        .all(|name| draft.names.known(name).is_none())
    {
        return;
    }
    let is = |draft: &Draft, raw: &Raw, name: &str| match raw.name {
        RawName::Known(id) => draft.names.get(id) == name,
        RawName::Carried(_) => false,
    };
    let mut name: Option<RawName> = None;
    let mut at = from;
    while let Some(field) = draft.fields.get(at).copied() {
        if is(draft, &field, "Data.@Name") || is(draft, &field, "Data.Name") {
            let text = draft.peek(text, field.value).to_vec();
            name = (!text.is_empty()).then(|| draft.name(&text));
        } else if (is(draft, &field, "Data") || is(draft, &field, "Data.text"))
            && let Some(name) = name.take()
            && let Some(field) = draft.fields.get_mut(at)
        {
            field.name = name;
        }
        at = at.saturating_add(1);
    }
}

/// Whether text that begins like this holds objects in an array of a wrapper, and where that array begins: `{"Records":[`.
pub(crate) fn wrapper(text: &[u8]) -> Option<usize> {
    const WRAPPERS: &[&str] = &[
        "Records",
        "records",
        "value",
        "events",
        "logEvents",
        "items",
        "data",
        "logs",
        "hits",
        "results",
    ];
    let body = text.trim_ascii_start().strip_prefix(b"{")?;
    let mut found = None;
    for name in WRAPPERS {
        let quoted = format!("\"{name}\"");
        for at in memchr::memmem::find_iter(body, quoted.as_bytes()).take(4) {
            let (before, after) = body.split_at_checked(at).unwrap_or((body, b""));
            let after = after.get(quoted.len()..).unwrap_or_default();
            if let Some(inside) = after.trim_ascii_start().strip_prefix(b":")
                && let Some(array) = inside.trim_ascii_start().strip_prefix(b"[")
                && array.trim_ascii_start().first() == Some(&b'{')
                // Nothing but values of its own before it.
                && !before.contains(&b'[')
                && before.iter().filter(|byte| **byte == b'{').count() <= 2
            {
                let at = text.len().saturating_sub(array.len());
                found = Some(found.map_or(at, |other: usize| other.min(at)));
            }
        }
    }
    found
}
