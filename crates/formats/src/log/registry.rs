//! Every format: one file, one line in [`FORMATS`] and one in the list of those who call it. Whole lines are offered to formats in the order of the list, so those that are
//! told by little come last; messages that syslog carried go to the programs' formats first.

use super::draft::Draft;

/// A format of logs.
#[derive(Debug)]
pub struct Format {
    /// Its name, lower case.
    pub name: &'static str,
    /// What it is.
    pub describes: &'static str,
    /// By what it is told.
    pub recognised: &'static str,
    /// What it says of times.
    pub time: &'static str,
}

/// Reads a line, or what a program said.
pub(crate) type Read = fn(&[u8], &mut Draft) -> Outcome;

/// Names of programs, and who reads what they said.
pub(crate) type Program = (&'static [&'static str], fn(&[u8], &mut Draft) -> bool);

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is of another format.
    No,
    /// It is a record.
    Record,
    /// It belongs to the format and is no record: a header, a comment.
    Header,
}

/// Two formats are the same if their names are.
impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

/// Every format.
pub static FORMATS: &[&Format] = &[
    &super::json::dialect::WINDOWS,
    &super::json::dialect::WINLOGBEAT,
    &super::json::dialect::ECS,
    &super::json::dialect::OCSF,
    &super::json::dialect::CLOUDTRAIL,
    &super::json::dialect::M365,
    &super::json::dialect::AZURE,
    &super::json::dialect::AUDIT_AZURE,
    &super::json::dialect::GCP,
    &super::json::dialect::OKTA,
    &super::json::dialect::KUBERNETES,
    &super::json::dialect::SURICATA,
    &super::json::dialect::ZEEK,
    &super::json::dialect::JOURNALD,
    &super::json::dialect::SPLUNK,
    &super::json::dialect::CONTAINER,
    &super::json::dialect::PLAIN,
    &super::user::FORMAT,
    &super::evtx::FORMAT,
    &super::evtx::SYSMON,
    &super::xml::FORMAT,
    &super::xml::NPS,
    &super::journald::FORMAT,
    &super::auditd::FORMAT,
    &super::transcript::FORMAT,
    &super::syslog::RFC5424,
    &super::syslog::RFC3164,
    &super::sshd::FORMAT,
    &super::auth::PAM,
    &super::auth::SUDO,
    &super::auth::ACCOUNTS,
    &super::web::ACCESS,
    &super::web::APACHE_ERROR,
    &super::web::NGINX_ERROR,
    &super::w3c::W3C,
    &super::w3c::WINDOWS_FIREWALL,
    &super::w3c::EXCHANGE,
    &super::w3c::ZEEK,
    &super::cef::CEF,
    &super::cef::LEEF,
    &super::keyvalue::FORTIGATE,
    &super::keyvalue::KEY_VALUE,
    &super::netfilter::FORMAT,
    &super::pf::FORMAT,
    &super::cisco::ASA,
    &super::cisco::IOS,
    &super::paloalto::FORMAT,
    &super::proxy::SQUID,
    &super::proxy::HAPROXY,
    &super::postfix::FORMAT,
    &super::dns::BIND,
    &super::dns::DNSMASQ,
    &super::dns::MICROSOFT,
    &super::windows_services::DHCP,
    &super::windows_services::NPS,
    &super::container::FORMAT,
    &super::csv::SPLUNK,
    &super::csv::FORMAT,
    &super::plain::APPLICATION,
    &super::plain::TEXT,
];

/// Readers of whole lines, in the order in which they are asked.
pub(crate) static LINES: &[Read] = &[
    super::user::line,
    super::csv::line,
    super::json::line,
    super::w3c::line,
    super::container::line,
    super::syslog::line,
    super::web::access,
    super::web::error,
    super::xml::line,
    super::auditd::line,
    super::cef::line,
    super::proxy::squid,
    super::windows_services::dhcp,
    super::windows_services::nps,
    super::paloalto::line,
    super::dns::bind,
    super::dns::microsoft,
    super::cisco::message,
    super::pf::rule,
    super::netfilter::message,
    super::keyvalue::line,
    super::plain::line,
];

/// How many of these may be asked first for the line behind one that they knew. The others take what others know better.
pub(crate) const LINES_SURE: usize = LINES.len() - 2;

/// Readers of messages that are told by what the message is.
pub(crate) static MESSAGES: &[Read] = &[
    super::json::line,
    super::cef::line,
    super::netfilter::message,
    super::cisco::message,
    super::paloalto::line,
    super::web::access,
    super::xml::line,
    super::auditd::line,
    super::keyvalue::line,
];

/// Readers of messages that are told by the program that said them.
pub(crate) static PROGRAMS: &[Program] = &[
    (super::sshd::PROGRAMS, super::sshd::message),
    (super::auth::SUDO_PROGRAMS, super::auth::sudo),
    (super::auth::ACCOUNT_PROGRAMS, super::auth::accounts),
    (super::postfix::PROGRAMS, super::postfix::message),
    (super::pf::PROGRAMS, super::pf::filterlog),
    (super::proxy::HAPROXY_PROGRAMS, super::proxy::haproxy),
    (super::proxy::SQUID_PROGRAMS, super::proxy::squid_message),
    (super::dns::BIND_PROGRAMS, super::dns::bind_message),
    (super::dns::DNSMASQ_PROGRAMS, super::dns::dnsmasq),
];

impl Format {
    /// Whether a text is a log because most of its lines were read as this. Lines with a time, pairs and tables are found in
    /// other texts too.
    pub fn is_sure(&self) -> bool {
        !matches!(
            self.name,
            "text" | "application" | "csv" | "json" | "user" | "key-value"
        )
    }
}
