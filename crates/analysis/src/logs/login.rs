//! Which records say that somebody was let in or refused, in logs that say so.
//!
//! | log | let in | refused |
//! |---|---|---|
//! | Windows, Security | 4624 but for services, jobs and machines | 4625, 4771, 4768 and 4776 with an error |
//! | sshd | `Accepted` | `Failed`; `Invalid user` where nothing else is said of an attempt |
//! | PAM, su | session of su | authentication failure |
//! | auditd | `USER_LOGIN` with success | `USER_LOGIN` that failed |
//! | Okta, Entra, M365, CloudTrail, ECS, OCSF | sign-ins with success | sign-ins that failed |
//!
//! Events 4768, 4769 and 4776 with success are steps on the way to a 4624, and are no log-ins of their own.

use super::normal::{Normal, Slot};
use super::rules::cut;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::net::IpAddr;
use watchfire_formats::log::{Record, Value};
use watchfire_model::Timestamp;
use watchfire_model::log::{LogIn, LogInOutcome, LogPlace, Session, earlier};

/// What a record says of a log-in, before anything is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    service: &'static str,
    outcome: LogInOutcome,
}

const fn said(service: &'static str, accepted: bool) -> Option<Said> {
    Some(Said {
        service,
        outcome: if accepted {
            LogInOutcome::Accepted
        } else {
            LogInOutcome::Refused
        },
    })
}

/// The log-in that a record is about, before anything is copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'r> {
    said: Said,
    user: &'r str,
    domain: &'r str,
    from: Option<IpAddr>,
    from_host: &'r str,
    host: &'r str,
    text: &'r str,
    time: Option<Timestamp>,
    place: LogPlace,
}

/// Log-ins of a block: those that are the same but for their times are one (those who are let in, of each hour), in the order of the first.
#[derive(Debug, Default)]
pub(super) struct LogIns {
    list: Vec<LogIn>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl LogIns {
    pub(super) fn add(&mut self, seen: &Seen<'_>) {
        let Self { list, index, hasher } = self;
        let hash = hasher.hash_one(seen.parts());
        let known = index.find(hash, |at| list.get(*at as usize).is_some_and(|login| seen.is(login)));
        if let Some(login) = known.and_then(|at| list.get_mut(*at as usize)) {
            login.count += 1;
            login.time = earlier(login.time, seen.time);
            if seen.time >= login.last {
                (login.last, login.last_place) = (seen.time, seen.place);
            }
            if login.outcome == LogInOutcome::Refused && login.count == LogIn::MISTYPED + 1 {
                login.enough = login.last;
            }
            return;
        }
        let Ok(at) = u32::try_from(list.len()) else { return };
        list.push(seen.login());
        index.insert_unique(hash, at, |at| {
            list.get(*at as usize).map_or(0, |login| hasher.hash_one(parts(login)))
        });
    }

    pub(super) fn into_list(self) -> Vec<LogIn> {
        self.list
    }
}

/// What tells log-ins apart.
type Parts<'r> = (
    &'r str,
    &'r str,
    Option<IpAddr>,
    &'r str,
    &'r str,
    &'static str,
    LogInOutcome,
    i64,
);

fn parts(login: &LogIn) -> Parts<'_> {
    (
        login.user.raw(),
        login.domain.raw(),
        login.from,
        login.from_host.raw(),
        login.host.raw(),
        login.service,
        login.outcome,
        hour(login.outcome, login.time),
    )
}

/// The hour in which somebody is let in, which tells more than how often; nobody asks when somebody is refused.
fn hour(outcome: LogInOutcome, time: Option<Timestamp>) -> i64 {
    match (outcome, time) {
        (LogInOutcome::Accepted, Some(time)) => time.moment().unix().div_euclid(3_600),
        _ => 0,
    }
}

impl<'r> Seen<'r> {
    /// How it ended.
    pub(super) fn outcome(&self) -> LogInOutcome {
        self.said.outcome
    }

    /// The session that begins with it, at a time.
    pub(super) fn session(&self) -> Option<Session> {
        let begins = self.time.filter(|_| self.said.outcome == LogInOutcome::Accepted)?;
        Some(Session {
            user: self.user.into(),
            domain: self.domain.into(),
            from: self.from,
            from_host: self.from_host.into(),
            host: self.host.into(),
            service: self.said.service,
            begins,
        })
    }

    /// From where somebody is let in.
    pub(super) fn from(&self) -> Option<IpAddr> {
        self.from.filter(|_| self.said.outcome == LogInOutcome::Accepted)
    }

    fn parts(&self) -> Parts<'r> {
        (
            self.user,
            self.domain,
            self.from,
            self.from_host,
            self.host,
            self.said.service,
            self.said.outcome,
            hour(self.said.outcome, self.time),
        )
    }

    fn is(&self, login: &LogIn) -> bool {
        self.parts() == parts(login)
    }

    fn login(&self) -> LogIn {
        LogIn {
            time: self.time,
            last: self.time,
            count: 1,
            place: self.place,
            outcome: self.said.outcome,
            user: self.user.into(),
            domain: self.domain.into(),
            from: self.from,
            from_host: self.from_host.into(),
            host: self.host.into(),
            service: self.said.service,
            text: self.text.into(),
            last_place: self.place,
            enough: None,
        }
    }
}

/// The log-in that a record is about.
pub(super) fn of<'r>(record: &Record<'r>, normal: &Normal<'r>, place: LogPlace) -> Option<Seen<'r>> {
    let said = match record.format.name {
        "evtx" | "windows-xml" | "windows-json" | "winlogbeat" => windows(normal),
        "sshd" => sshd(record, normal),
        "pam" | "accounts" => local(record, normal),
        "auditd" => audit(record, normal),
        "okta" => okta(record),
        "azure" => azure(record),
        "m365" => m365(record),
        "cloudtrail" => cloudtrail(record),
        "ecs" => ecs(record),
        "ocsf" => ocsf(record),
        _ => None,
    }?;
    let user = normal.whom();
    let (user, domain) = match user.split_once('\\') {
        Some((domain, user)) => (user, domain),
        None => (user, normal.text(Slot::Domain)),
    };
    // Machines log in all day; what they are refused says something about the network, not about a person.
    if user.ends_with('$') {
        return None;
    }
    let message = record.message.unwrap_or_default();
    Some(Seen {
        said,
        user: cut(user, 120),
        domain: cut(domain, 120),
        from: address(normal.text(Slot::SourceAddress)),
        from_host: cut(normal.text(Slot::SourceHost), 120),
        host: cut(normal.text(Slot::Host), 120),
        text: cut(message, 200),
        time: record.time.map(|time| time.at),
        place,
    })
}

/// An address, as logs write it; nothing where it is the machine itself.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix("::ffff:").unwrap_or(text);
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    let address: IpAddr = text.parse().ok()?;
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

fn windows(normal: &Normal<'_>) -> Option<Said> {
    const SERVICE: i64 = 5;
    const BATCH: i64 = 4;
    const SYSTEM: i64 = 0;
    if !matches!(normal.text(Slot::Channel), "Security" | "") {
        return None;
    }
    let way = match normal.number(Slot::LogonType) {
        Some(2) => "windows console",
        Some(3) => "windows network",
        Some(7) => "windows unlock",
        Some(8) => "windows cleartext",
        Some(9) => "windows credentials",
        Some(10) => "remote desktop",
        Some(11) => "windows cached",
        _ => "windows",
    };
    let failed = normal.number(Slot::StatusCode).is_some_and(|status| status != 0);
    match normal.number(Slot::Code)? {
        4624 if matches!(normal.number(Slot::LogonType), Some(SERVICE | BATCH | SYSTEM)) => None,
        4624 if matches!(
            normal.text(Slot::User),
            "SYSTEM" | "ANONYMOUS LOGON" | "LOCAL SERVICE" | "NETWORK SERVICE"
        ) =>
        {
            None
        }
        4624 => said(way, true),
        4625 => said(way, false),
        4771 => said("kerberos", false),
        4768 if failed => said("kerberos", false),
        4776 if failed => said("ntlm", false),
        _ => None,
    }
}

fn sshd(record: &Record<'_>, normal: &Normal<'_>) -> Option<Said> {
    // What PAM says in its name comes beside what it says itself.
    if record.get("pam_module").is_some() {
        return None;
    }
    match (normal.text(Slot::Activity), normal.text(Slot::Status)) {
        ("login", "success") => said("ssh", true),
        ("login", "failure") => said("ssh", false),
        _ => None,
    }
}

fn local(record: &Record<'_>, normal: &Normal<'_>) -> Option<Said> {
    // What sshd is told by PAM, it says itself.
    if record
        .text_of("pam_service")
        .is_some_and(|service| service.starts_with("sshd"))
    {
        return None;
    }
    match (normal.text(Slot::Activity), normal.text(Slot::Status)) {
        ("login", "failure") => said("pam", false),
        ("su", "success") => said("su", true),
        ("su", "failure") => said("su", false),
        _ => None,
    }
}

fn audit(record: &Record<'_>, normal: &Normal<'_>) -> Option<Said> {
    if record.text_of("type") != Some("USER_LOGIN") {
        return None;
    }
    match normal.text(Slot::Status) {
        "success" | "yes" | "1" => said("audit", true),
        "failed" | "no" | "0" => said("audit", false),
        _ => None,
    }
}

fn okta(record: &Record<'_>) -> Option<Said> {
    let is_session = matches!(
        record.text_of("eventType"),
        Some("user.session.start" | "user.authentication.sso" | "user.authentication.auth_via_mfa")
    );
    match record.text_of("outcome.result")? {
        "SUCCESS" if is_session => said("okta", true),
        "FAILURE" if is_session => said("okta", false),
        _ => None,
    }
}

fn azure(record: &Record<'_>) -> Option<Said> {
    let is_sign_in = record
        .text_of("category")
        .is_some_and(|category| category.contains("SignIn"))
        || record.get("createdDateTime").is_some() && record.get("userPrincipalName").is_some();
    let code = [
        "status.errorCode",
        "properties.status.errorCode",
        "resultType",
        "ResultType",
    ]
    .iter()
    .find_map(|name| record.get(name))?;
    let code = match code {
        Value::Integer(code) => code,
        Value::Text(code) => code.parse().ok()?,
        _ => return None,
    };
    if !is_sign_in {
        return None;
    }
    said("entra", code == 0)
}

fn m365(record: &Record<'_>) -> Option<Said> {
    match record.text_of("Operation")? {
        "UserLoggedIn" => said("m365", true),
        "UserLoginFailed" => said("m365", false),
        _ => None,
    }
}

fn cloudtrail(record: &Record<'_>) -> Option<Said> {
    if record.text_of("eventName") != Some("ConsoleLogin") {
        return None;
    }
    match record.text_of("responseElements.ConsoleLogin")? {
        "Success" => said("aws console", true),
        "Failure" => said("aws console", false),
        _ => None,
    }
}

fn ecs(record: &Record<'_>) -> Option<Said> {
    let mut categories = record.fields().filter(|field| field.name == "event.category");
    categories.find(|field| field.value == Value::Text("authentication"))?;
    match record.text_of("event.outcome")? {
        "success" => said("login", true),
        "failure" => said("login", false),
        _ => None,
    }
}

fn ocsf(record: &Record<'_>) -> Option<Said> {
    const AUTHENTICATION: Value<'_> = Value::Integer(3002);
    if record.get("class_uid") != Some(AUTHENTICATION) {
        return None;
    }
    match record.get("status_id")? {
        Value::Integer(1) => said("login", true),
        Value::Integer(2) => said("login", false),
        _ => None,
    }
}
