//! Questions of the domain name system and their answers.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A question, and what came back (RFC 1035).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dns {
    /// What question and answer share.
    pub id: u16,
    /// The name asked for, without the last dot. Octets that are not printable ASCII stand as `\ddd`, as do dots and
    /// backslashes inside of a label (RFC 4343). Of NetBIOS, the name that is meant (RFC 1001 14.1).
    pub query: Untrusted,
    /// What of it is asked for.
    pub kind: DnsType,
    /// In which class.
    pub class: DnsClass,
    /// Whether the question was captured; otherwise all is known from the answer.
    pub asked: bool,
    /// Whether the resolver is asked to ask others.
    pub recursion_desired: bool,
    /// The answer; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<DnsReply>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DnsReply {
    /// The frame of the answer.
    pub frame: u64,
    /// The code of the answer: 0 is success, 3 says that the name does not exist (RFC 6895).
    pub code: u16,
    /// Nanoseconds from the question to the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Whether who answered holds the zone.
    pub authoritative: bool,
    /// Whether not all of it fitted.
    pub truncated: bool,
    /// Whether who answered asks others.
    pub recursion_available: bool,
    /// The answers, in order.
    pub answers: Vec<DnsAnswer>,
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DnsAnswer {
    /// Of which name.
    pub name: Untrusted,
    /// What it is.
    pub kind: DnsType,
    /// Seconds for which it holds.
    pub ttl: u32,
    /// Its data as text: an address, a name, the strings of a TXT one after another, otherwise hexadecimal.
    pub data: Untrusted,
}

/// A number of IANA's list of types of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsType(pub u16);

impl DnsType {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "A",
            2 => "NS",
            5 => "CNAME",
            6 => "SOA",
            10 => "NULL",
            12 => "PTR",
            13 => "HINFO",
            15 => "MX",
            16 => "TXT",
            17 => "RP",
            18 => "AFSDB",
            24 => "SIG",
            25 => "KEY",
            28 => "AAAA",
            29 => "LOC",
            32 => "NB",
            33 => "SRV",
            35 => "NAPTR",
            37 => "CERT",
            39 => "DNAME",
            41 => "OPT",
            43 => "DS",
            44 => "SSHFP",
            45 => "IPSECKEY",
            46 => "RRSIG",
            47 => "NSEC",
            48 => "DNSKEY",
            50 => "NSEC3",
            51 => "NSEC3PARAM",
            52 => "TLSA",
            59 => "CDS",
            60 => "CDNSKEY",
            61 => "OPENPGPKEY",
            64 => "SVCB",
            65 => "HTTPS",
            99 => "SPF",
            249 => "TKEY",
            250 => "TSIG",
            251 => "IXFR",
            252 => "AXFR",
            255 => "ANY",
            256 => "URI",
            257 => "CAA",
            _ => return None,
        })
    }
}

/// The name, or `TYPE` and the number (RFC 3597).
impl fmt::Display for DnsType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl Serialize for DnsType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number of IANA's list of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsClass(pub u16);

/// The name, or `CLASS` and the number (RFC 3597).
impl fmt::Display for DnsClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("IN"),
            3 => f.write_str("CH"),
            4 => f.write_str("HS"),
            254 => f.write_str("NONE"),
            255 => f.write_str("ANY"),
            other => write!(f, "CLASS{other}"),
        }
    }
}

impl Serialize for DnsClass {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
