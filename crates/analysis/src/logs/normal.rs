//! The few things that are asked of every record, whatever its log calls them.

use watchfire_formats::log::{Record, Value, ocsf};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Slot {
    /// Whose log it is.
    Host,
    User,
    Domain,
    /// Who did it, where that is another user.
    Actor,
    SourceAddress,
    SourceHost,
    DestinationAddress,
    /// What happened, as a number or a word.
    Code,
    Activity,
    Channel,
    Provider,
    Status,
    StatusCode,
    Reason,
    LogonType,
    Authentication,
    Method,
    Url,
    Response,
    UserAgent,
    Process,
    Command,
    Country,
}

/// Paths of the schema, and the slots that they fill.
const SLOTS: &[(&str, Slot)] = &[
    ("device.hostname", Slot::Host),
    ("user.name", Slot::User),
    ("user.email_addr", Slot::User),
    ("user.domain", Slot::Domain),
    ("actor.user.name", Slot::Actor),
    ("actor.user.email_addr", Slot::Actor),
    ("src_endpoint.ip", Slot::SourceAddress),
    ("src_endpoint.hostname", Slot::SourceHost),
    ("dst_endpoint.ip", Slot::DestinationAddress),
    ("metadata.event_code", Slot::Code),
    ("api.operation", Slot::Code),
    ("activity_name", Slot::Activity),
    ("metadata.log_name", Slot::Channel),
    ("metadata.log_provider", Slot::Provider),
    ("status", Slot::Status),
    ("status_code", Slot::StatusCode),
    ("status_detail", Slot::Reason),
    ("logon_type_id", Slot::LogonType),
    ("auth_protocol", Slot::Authentication),
    ("http_request.http_method", Slot::Method),
    ("http_request.url.url_string", Slot::Url),
    ("http_request.url.path", Slot::Url),
    ("http_response.code", Slot::Response),
    ("http_request.user_agent", Slot::UserAgent),
    ("process.file.path", Slot::Process),
    ("process.cmd_line", Slot::Command),
    ("src_endpoint.location.country", Slot::Country),
];

const COUNT: usize = Slot::Country as usize + 1;

/// The slot of a field.
pub(super) fn slot(record: &Record<'_>, name: &str) -> Option<Slot> {
    let schema = ocsf::name(record.format, name)?;
    let row = SLOTS.iter().find(|(path, _)| *path == schema);
    row.map(|(_, slot)| *slot)
}

/// The first value of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normal<'r>([Option<Value<'r>>; COUNT]);

impl Default for Normal<'_> {
    fn default() -> Self {
        Self([None; COUNT])
    }
}

impl<'r> Normal<'r> {
    /// Keeps the first value that says something.
    pub(super) fn put(&mut self, slot: Slot, value: Value<'r>) {
        let says = !matches!(value, Value::Null | Value::Text("" | "-"));
        if let Some(place) = self.0.get_mut(slot as usize)
            && place.is_none()
            && says
        {
            *place = Some(value);
        }
    }

    pub(super) fn value(&self, slot: Slot) -> Option<Value<'r>> {
        self.0.get(slot as usize).copied().flatten()
    }

    /// Its text; empty where there is none, or a number.
    pub(super) fn text(&self, slot: Slot) -> &'r str {
        match self.value(slot) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// Whom the record is about, else who did it.
    pub(super) fn whom(&self) -> &'r str {
        match self.text(Slot::User) {
            "" => self.text(Slot::Actor),
            user => user,
        }
    }

    /// Its number, also where it stands there as text.
    pub(super) fn number(&self, slot: Slot) -> Option<i64> {
        match self.value(slot)? {
            Value::Integer(number) => Some(number),
            Value::Text(text) => match text.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            },
            _ => None,
        }
    }
}
