//! Which records say that a session begins or ends, in logs that name it at both ends.
//!
//! | log | begins | ends | by |
//! |---|---|---|---|
//! | Windows, Security | 4624 but for services, jobs and machines | 4634, 4647 | machine and `TargetLogonId` |
//! | PAM of sshd, su, login and others with people behind them | session opened | session closed | machine, service and process |
//! | systemd-logind | `New session` | `Removed session` | machine and session |
//!
//! sshd says from where somebody comes when it lets them in, by the same process, a moment before the session is opened.
//! Where an administrator's logon has two tokens, Windows tells of two logons; the one with all rights counts. sudo, jobs and
//! the sessions that systemd opens beside others are none of their own. A session without a time is none.

use super::login::Seen;
use super::normal::{Normal, Slot};
use super::rules::cut;
use std::net::IpAddr;
use watchfire_anomaly::sketch::fingerprint;
use watchfire_formats::log::{Record, Value};
use watchfire_model::Timestamp;
use watchfire_model::log::Session;

/// What one record says, by the session's number on its machine.
#[derive(Debug)]
pub(super) enum Mark {
    /// Whoever is let in by the process of this session comes from there.
    From(u64, Timestamp, IpAddr),
    Begins(u64, Box<Session>, Teller),
    Ends(u64, Timestamp),
}

/// Who tells of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teller {
    /// Nobody else does.
    Alone,
    /// PAM; systemd-logind may do so, too.
    Pam,
    Logind,
}

/// What the records of a block say, in their order.
#[derive(Debug, Default)]
pub(super) struct Marks(pub(super) Vec<Mark>);

/// Services of PAM behind which a person sits, and what they are called.
const SERVICES: &[(&str, &str)] = &[
    ("sshd", "ssh"),
    ("login", "console"),
    ("remote", "telnet"),
    ("su", "su"),
    ("su-l", "su"),
    ("gdm-password", "desktop"),
    ("lightdm", "desktop"),
    ("sddm", "desktop"),
    ("kdm", "desktop"),
    ("xdm", "desktop"),
    ("xrdp-sesman", "xrdp"),
    ("vsftpd", "ftp"),
    ("proftpd", "ftp"),
    ("cockpit", "cockpit"),
];

/// Names under which logs carry the process that speaks.
const PROCESS: &[&str] = &["pid", "_PID", "SYSLOG_PID"];

impl Marks {
    pub(super) fn see(&mut self, record: &Record<'_>, normal: &Normal<'_>, login: Option<&Seen<'_>>) {
        let Some(time) = record.time.map(|time| time.at) else {
            return;
        };
        let mark = match record.format.name {
            "evtx" | "windows-xml" | "windows-json" | "winlogbeat" => windows(record, normal, login, time),
            "sshd" | "pam" | "accounts" => local(record, normal, login, time),
            _ => None,
        };
        self.0.extend(mark);
    }
}

fn windows(record: &Record<'_>, normal: &Normal<'_>, login: Option<&Seen<'_>>, time: Timestamp) -> Option<Mark> {
    let code = normal.number(Slot::Code)?;
    if !matches!(code, 4624 | 4634 | 4647) || !matches!(normal.text(Slot::Channel), "Security" | "") {
        return None;
    }
    let of = |names: [&str; 2]| names.iter().find_map(|name| record.get(name));
    let number = id(of(["TargetLogonId", "winlog.event_data.TargetLogonId"])?)?;
    let key = key("logon", normal, &number.to_le_bytes());
    if code != 4624 {
        return Some(Mark::Ends(key, time));
    }
    let twin = of(["TargetLinkedLogonId", "winlog.event_data.TargetLinkedLogonId"]).and_then(id);
    let token = of(["ElevatedToken", "winlog.event_data.ElevatedToken"]);
    let is_lesser = matches!(token, Some(Value::Text("%%1843" | "No")));
    if twin.is_some_and(|twin| twin != 0) && is_lesser {
        return None;
    }
    Some(Mark::Begins(key, Box::new(login?.session()?), Teller::Alone))
}

/// `0x3e7`, `999`
fn id(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(number),
        Value::Text(text) => match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
            None => text.parse().ok(),
        },
        _ => None,
    }
}

/// What of a machine nobody else of it is called.
fn key(kind: &str, normal: &Normal<'_>, number: &[u8]) -> u64 {
    let host = normal.text(Slot::Host).to_lowercase();
    fingerprint(&[kind.as_bytes(), host.as_bytes(), number])
}

fn local(record: &Record<'_>, normal: &Normal<'_>, login: Option<&Seen<'_>>, time: Timestamp) -> Option<Mark> {
    let process = || PROCESS.iter().find_map(|name| record.get(name)).and_then(id);
    if record.format.name == "sshd"
        && let Some(from) = login.and_then(Seen::from)
    {
        return Some(Mark::From(key("ssh", normal, &process()?.to_le_bytes()), time, from));
    }
    let begins = match normal.text(Slot::Activity) {
        "session-opened" => true,
        "session-closed" => false,
        _ => return None,
    };
    let (key, service, teller) = match record.text_of("session") {
        Some(session) => (key("logind", normal, session.as_bytes()), "session", Teller::Logind),
        None => {
            let service = service(record)?;
            (key(service, normal, &process()?.to_le_bytes()), service, Teller::Pam)
        }
    };
    if !begins {
        return Some(Mark::Ends(key, time));
    }
    let user = normal.text(Slot::User);
    // Whom display managers and systemd run as before anybody logs in.
    if matches!(user, "" | "gdm" | "sddm" | "lightdm") {
        return None;
    }
    let session = Session {
        user: cut(user, 120).into(),
        host: cut(normal.text(Slot::Host), 120).into(),
        service,
        begins: time,
        ..Session::default()
    };
    Some(Mark::Begins(key, Box::new(session), teller))
}

/// By which way somebody is there, where it is a person.
fn service(record: &Record<'_>) -> Option<&'static str> {
    let named = record.text_of("pam_service").or_else(|| {
        let program = record
            .text_of("program")
            .or_else(|| record.text_of("SYSLOG_IDENTIFIER"))?;
        // `sshd(pam_unix)`, as it was written before PAM named its services.
        Some(program.split_once('(').map_or(program, |(program, _)| program))
    })?;
    let row = SERVICES.iter().find(|(name, _)| *name == named);
    row.map(|(_, service)| *service)
}
