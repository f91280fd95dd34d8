//! Events of Windows, with the data that Windows gives them.
//!
//! After Microsoft's reference of security auditing events.

use super::people::{DOMAIN, DOMAIN_SID, NOBODY, REALM, sid};
use crate::evtx::channel::{Datum, Record};

/// Milliseconds since 1970.
pub(super) type Moment = u64;

/// 2026-11-02.
const DAY: u64 = 1_793_577_600_000;
const SUCCESS: u64 = 0x8020_0000_0000_0000;
const FAILURE: u64 = 0x8010_0000_0000_0000;
const NO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// A time of that day.
pub(super) const fn at(hour: u64, minute: u64, second: u64) -> Moment {
    DAY + ((hour * 60 + minute) * 60 + second) * 1_000
}

/// Who is let in, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logon<'a> {
    pub(super) user: &'a str,
    pub(super) session: u64,
    pub(super) kind: u32,
    pub(super) from: &'a str,
    pub(super) port: u16,
    /// Of Kerberos, where there is one.
    pub(super) guid: Option<&'a str>,
    pub(super) machine: &'a str,
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

fn security(
    time: Moment,
    (event, version): (u16, u8),
    task: u16,
    keywords: u64,
    data: Vec<(&'static str, Datum)>,
) -> Record {
    Record {
        provider: "Microsoft-Windows-Security-Auditing",
        guid: "54849625-5478-4994-a5ba-3e3b0328c30d",
        channel: "Security",
        event: (event, version),
        task,
        keywords,
        time: time * 1_000_000,
        user: None,
        data,
    }
}

fn nobody(session: u64) -> Vec<(&'static str, Datum)> {
    vec![
        ("SubjectUserSid", Datum::Sid(NOBODY.to_owned())),
        ("SubjectUserName", text("-")),
        ("SubjectDomainName", text("-")),
        ("SubjectLogonId", Datum::Handle(session)),
    ]
}

fn subject(user: &str, session: u64) -> Vec<(&'static str, Datum)> {
    vec![
        ("SubjectUserSid", Datum::Sid(sid(user))),
        ("SubjectUserName", text(user)),
        ("SubjectDomainName", text(DOMAIN)),
        ("SubjectLogonId", Datum::Handle(session)),
    ]
}

/// 4624.
pub(super) fn let_in(time: Moment, logon: &Logon<'_>) -> Record {
    let is_remote = logon.kind == 3;
    let (process, package) = match (logon.kind, logon.guid.is_some()) {
        (3, true) => ("Kerberos", "Kerberos"),
        (3, false) => ("NtLmSsp ", "NTLM"),
        (5, _) => ("Advapi  ", "Negotiate"),
        _ => ("User32 ", "Negotiate"),
    };
    let is_system = logon.user == "SYSTEM";
    let mut data = nobody(0);
    data.extend([
        ("TargetUserSid", Datum::Sid(sid(logon.user))),
        ("TargetUserName", text(logon.user)),
        (
            "TargetDomainName",
            text(if is_system { "NT AUTHORITY" } else { DOMAIN }),
        ),
        ("TargetLogonId", Datum::Handle(logon.session)),
        ("LogonType", Datum::Number(logon.kind)),
        ("LogonProcessName", text(process)),
        ("AuthenticationPackageName", text(package)),
        ("WorkstationName", text(logon.machine)),
        ("LogonGuid", Datum::Guid(logon.guid.unwrap_or(NO_GUID).to_owned())),
        ("TransmittedServices", text("-")),
        ("LmPackageName", text("-")),
        ("KeyLength", Datum::Number(0)),
        ("ProcessId", Datum::Handle(if is_remote { 0 } else { 0x3f4 })),
        (
            "ProcessName",
            text(if is_remote {
                "-"
            } else {
                r"C:\Windows\System32\svchost.exe"
            }),
        ),
        ("IpAddress", text(logon.from)),
        (
            "IpPort",
            text(&if logon.port == 0 {
                "-".to_owned()
            } else {
                logon.port.to_string()
            }),
        ),
        ("ImpersonationLevel", text("%%1833")),
        ("RestrictedAdminMode", text("-")),
        ("TargetOutboundUserName", text("-")),
        ("TargetOutboundDomainName", text("-")),
        ("VirtualAccount", text("%%1843")),
        ("TargetLinkedLogonId", Datum::Handle(0)),
        ("ElevatedToken", text("%%1842")),
    ]);
    security(time, (4624, 2), 12_544, SUCCESS, data)
}

/// 4634.
pub(super) fn logged_off(time: Moment, user: &str, session: u64, kind: u32) -> Record {
    let data = vec![
        ("TargetUserSid", Datum::Sid(sid(user))),
        ("TargetUserName", text(user)),
        ("TargetDomainName", text(DOMAIN)),
        ("TargetLogonId", Datum::Handle(session)),
        ("LogonType", Datum::Number(kind)),
    ];
    security(time, (4634, 0), 12_545, SUCCESS, data)
}

/// 4672.
pub(super) fn privileged(time: Moment, user: &str, session: u64) -> Record {
    let mut data = subject(user, session);
    data.push((
        "PrivilegeList",
        text("SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeDebugPrivilege\r\n\t\t\tSeImpersonatePrivilege"),
    ));
    security(time, (4672, 0), 12_548, SUCCESS, data)
}

/// 4768: Kerberos knows somebody.
pub(super) fn ticket(time: Moment, user: &str, from: &str, port: u16) -> Record {
    let data = vec![
        ("TargetUserName", text(user)),
        ("TargetDomainName", text(REALM)),
        ("TargetSid", Datum::Sid(sid(user))),
        ("ServiceName", text("krbtgt")),
        ("ServiceSid", Datum::Sid(format!("{DOMAIN_SID}-502"))),
        ("TicketOptions", Datum::Hex(0x4081_0010)),
        ("Status", Datum::Hex(0)),
        ("TicketEncryptionType", Datum::Hex(0x12)),
        ("PreAuthType", text("2")),
        ("IpAddress", text(&format!("::ffff:{from}"))),
        ("IpPort", text(&port.to_string())),
        ("CertIssuerName", text("")),
        ("CertSerialNumber", text("")),
        ("CertThumbprint", text("")),
    ];
    security(time, (4768, 0), 14_339, SUCCESS, data)
}

/// 4769: a ticket for a service, which is the machine itself where somebody logs in to it.
pub(super) fn service_ticket(time: Moment, user: &str, service: &str, (from, port): (&str, u16), guid: &str) -> Record {
    let data = vec![
        ("TargetUserName", text(&format!("{user}@{REALM}"))),
        ("TargetDomainName", text(REALM)),
        ("ServiceName", text(service)),
        ("ServiceSid", Datum::Sid(format!("{DOMAIN_SID}-1000"))),
        ("TicketOptions", Datum::Hex(0x4081_0000)),
        ("TicketEncryptionType", Datum::Hex(0x12)),
        ("IpAddress", text(&format!("::ffff:{from}"))),
        ("IpPort", text(&port.to_string())),
        ("Status", Datum::Hex(0)),
        ("LogonGuid", Datum::Guid(guid.to_owned())),
        ("TransmittedServices", text("-")),
    ];
    security(time, (4769, 0), 14_337, SUCCESS, data)
}

/// 4771: Kerberos refuses a password.
pub(super) fn refused_by_kerberos(time: Moment, user: &str, from: &str, port: u16) -> Record {
    let data = vec![
        ("TargetUserName", text(user)),
        ("TargetSid", Datum::Sid(sid(user))),
        ("ServiceName", text(&format!("krbtgt/{DOMAIN}"))),
        ("TicketOptions", Datum::Hex(0x4081_0010)),
        ("Status", Datum::Hex(0x18)),
        ("PreAuthType", text("2")),
        ("IpAddress", text(&format!("::ffff:{from}"))),
        ("IpPort", text(&port.to_string())),
        ("CertIssuerName", text("")),
        ("CertSerialNumber", text("")),
        ("CertThumbprint", text("")),
    ];
    security(time, (4771, 0), 14_339, FAILURE, data)
}

/// 4625, over the network.
pub(super) fn refused(time: Moment, user: &str, (from, port): (&str, u16), machine: &str, is_unknown: bool) -> Record {
    let mut data = nobody(0);
    data.extend([
        ("TargetUserSid", Datum::Sid(NOBODY.to_owned())),
        ("TargetUserName", text(user)),
        ("TargetDomainName", text(DOMAIN)),
        ("Status", Datum::Hex(0xc000_006d)),
        ("FailureReason", text("%%2313")),
        (
            "SubStatus",
            Datum::Hex(if is_unknown { 0xc000_0064 } else { 0xc000_006a }),
        ),
        ("LogonType", Datum::Number(3)),
        ("LogonProcessName", text("NtLmSsp ")),
        ("AuthenticationPackageName", text("NTLM")),
        ("WorkstationName", text(machine)),
        ("TransmittedServices", text("-")),
        ("LmPackageName", text("-")),
        ("KeyLength", Datum::Number(0)),
        ("ProcessId", Datum::Handle(0)),
        ("ProcessName", text("-")),
        ("IpAddress", text(from)),
        ("IpPort", text(&port.to_string())),
    ]);
    security(time, (4625, 0), 12_544, FAILURE, data)
}

/// 4698.
pub(super) fn task_made(
    time: Moment,
    user: &str,
    session: u64,
    name: &str,
    (program, trigger): (&str, &str),
) -> Record {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n\
         <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  \
         <RegistrationInfo>\r\n    <Author>{DOMAIN}\\{user}</Author>\r\n    <URI>\\{name}</URI>\r\n  </RegistrationInfo>\r\n  \
         <Triggers>\r\n    <{trigger}>\r\n      <Enabled>true</Enabled>\r\n    </{trigger}>\r\n  </Triggers>\r\n  \
         <Actions Context=\"Author\">\r\n    <Exec>\r\n      <Command>{program}</Command>\r\n    </Exec>\r\n  </Actions>\r\n</Task>"
    );
    let mut data = subject(user, session);
    data.extend([
        ("TaskName", text(&format!("\\{name}"))),
        ("TaskContent", text(&content)),
    ]);
    security(time, (4698, 0), 12_804, SUCCESS, data)
}

/// 7045, by somebody.
pub(super) fn service_made(time: Moment, user: &str, name: &str, path: &str, start: &str) -> Record {
    Record {
        provider: "Service Control Manager",
        guid: "555908d1-a6d7-4695-8e1e-26931d2012f4",
        channel: "System",
        event: (7045, 0),
        task: 0,
        keywords: 0x8080_0000_0000_0000,
        time: time * 1_000_000,
        user: Some(sid(user)),
        data: vec![
            ("ServiceName", text(name)),
            ("ImagePath", text(path)),
            (
                "ServiceType",
                text(if path.ends_with(".sys") {
                    "kernel mode driver"
                } else {
                    "user mode service"
                }),
            ),
            ("StartType", text(start)),
            (
                "AccountName",
                text(if path.ends_with(".sys") { "" } else { "LocalSystem" }),
            ),
        ],
    }
}
