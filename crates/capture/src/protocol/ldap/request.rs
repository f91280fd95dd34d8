//! Requests of LDAP (RFC 4511 4).

use super::super::der::{self, ENUMERATED, INTEGER, OCTETS, SEQUENCE, elements};
use super::{
    ABANDON, ADD, ADDED, BIND, BIND_ANSWER, COMPARE, COMPARED, DELETE, DELETED, ENTRY, EXTENDED, EXTENDED_ANSWER,
    INTERMEDIATE, MODIFIED, MODIFY, REFERENCE, RENAME, RENAMED, SEARCH, SEARCHED, UNBIND, filter,
};
use watchfire_model::Untrusted;
use watchfire_model::network::{Kerberos, Ldap, LdapAliases, LdapScope, LdapSearch};

/// How somebody proves who he is: by a password, by SASL, and in the ways that Active Directory had before (MS-ADTS
/// 5.1.1.1.3).
const SIMPLE: u8 = 0x80;
const SASL: u8 = 0xa3;
const SICILY: [u8; 3] = [0x89, 0x8a, 0x8b];
/// Goes on over TLS (RFC 4511 4.14).
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// Attributes that hold passwords, whose values are not said: of RFC 4519 2.41, by name and number, of Active Directory
/// (MS-ADTS 3.1.1.3.1.5, MS-ADA1, MS-ADA3), of what keeps those of local administrators, and of Samba.
const PASSWORDS: [&str; 14] = [
    "2.5.4.35",
    "clearTextPassword",
    "dBCSPwd",
    "initialAuthIncoming",
    "initialAuthOutgoing",
    "lmPwdHistory",
    "ms-Mcs-AdmPwd",
    "msLAPS-Password",
    "ntPwdHistory",
    "sambaLMPassword",
    "sambaNTPassword",
    "supplementalCredentials",
    "unicodePwd",
    "userPassword",
];
/// What stands in the place of a password.
pub(super) const HIDDEN: &str = "***";
/// Bytes of one text, and texts of a list.
const LONGEST_TEXT: usize = 4_096;
const MOST_TEXTS: usize = 64;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To be let in.
    Bind {
        ldap: Box<Ldap>,
        password: Option<Untrusted>,
        is_sasl: bool,
        ticket: Option<Box<Kerberos>>,
    },
    /// To go on over TLS.
    StartTls(Box<Ldap>),
    /// What there is.
    Search(Box<LdapSearch>),
    /// Something that is not answered.
    Unanswered(Box<Ldap>),
    /// Anything else.
    Other(Box<Ldap>),
}

/// A request.
#[derive(Debug)]
pub(super) struct Request<'r> {
    pub(super) asked: Asked,
    /// By what somebody proves who he is.
    pub(super) token: Option<&'r [u8]>,
}

/// What a request is called, if it is one.
pub(super) const fn name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        BIND => "bind",
        UNBIND => "unbind",
        SEARCH => "search",
        MODIFY => "modify",
        ADD => "add",
        DELETE => "delete",
        RENAME => "modify DN",
        COMPARE => "compare",
        ABANDON => "abandon",
        EXTENDED => "extended",
        _ => return None,
    })
}

/// What an answer is the answer to, if it is one.
pub(super) const fn asks_for(tag: u8) -> Option<u8> {
    Some(match tag {
        BIND_ANSWER => BIND,
        ENTRY | SEARCHED | REFERENCE => SEARCH,
        MODIFIED => MODIFY,
        ADDED => ADD,
        DELETED => DELETE,
        RENAMED => RENAME,
        COMPARED => COMPARE,
        EXTENDED_ANSWER | INTERMEDIATE => EXTENDED,
        _ => return None,
    })
}

/// Whether an attribute holds a password, whatever options stand behind its name (RFC 4512 2.5).
pub(super) fn is_password(attribute: &[u8]) -> bool {
    let name = attribute.split(|byte| *byte == b';').next().unwrap_or_default();
    PASSWORDS
        .iter()
        .any(|password| name.trim_ascii().eq_ignore_ascii_case(password.as_bytes()))
}

pub(super) fn text(bytes: &[u8]) -> Option<Untrusted> {
    let bytes = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
    (!bytes.is_empty()).then(|| Untrusted::from_bytes(bytes))
}

impl<'r> Request<'r> {
    pub(super) fn read(id: i64, tag: u8, body: &'r [u8]) -> Option<Self> {
        let mut ldap = Box::new(Ldap {
            message_id: id,
            operation: name(tag)?,
            ..Ldap::default()
        });
        let mut fields = elements(body);
        let asked = match tag {
            BIND => return bind(ldap, body),
            SEARCH => Asked::Search(Box::new(search(id, body)?)),
            UNBIND => Asked::Unanswered(ldap),
            ABANDON => {
                ldap.argument = der::number(body).map(|id| Untrusted::from(id.to_string()));
                Asked::Unanswered(ldap)
            }
            DELETE => {
                ldap.object = text(body);
                Asked::Other(ldap)
            }
            EXTENDED => {
                let name = der::first(body, 0x80).unwrap_or_default();
                let name = String::from_utf8_lossy(name.get(..LONGEST_TEXT).unwrap_or(name));
                ldap.object = Some(Untrusted::from(extension(&name)));
                if name == START_TLS {
                    Asked::StartTls(ldap)
                } else {
                    Asked::Other(ldap)
                }
            }
            _ => {
                ldap.object = text(fields.next()?.1);
                let (_, rest) = fields.next().unwrap_or_default();
                ldap.argument = match tag {
                    MODIFY => Some(Untrusted::from(changes(rest))),
                    RENAME => text(rest),
                    COMPARE => {
                        let mut parts: Vec<_> = elements(rest).map(|(_, part)| part).take(2).collect();
                        if let [name, value] = parts.as_mut_slice()
                            && is_password(name)
                        {
                            *value = HIDDEN.as_bytes();
                        }
                        text(&parts.join(&b'='))
                    }
                    _ => None,
                };
                Asked::Other(ldap)
            }
        };
        Some(Self { asked, token: None })
    }
}

fn bind(mut ldap: Box<Ldap>, body: &[u8]) -> Option<Request<'_>> {
    let mut fields = elements(body);
    ldap.version = fields.next().and_then(|(_, version)| der::number(version));
    ldap.object = fields.next().and_then(|(_, name)| text(name));
    let (kind, proof) = fields.next()?;
    let (mut password, mut token) = (None, None);
    ldap.operation = match kind {
        SIMPLE => {
            // Without a name or a password, it is nobody in particular (RFC 4513 5.1).
            password = text(proof).filter(|_| ldap.object.is_some());
            "bind simple"
        }
        SASL => {
            let mut parts = elements(proof);
            ldap.argument = parts.next().and_then(|(_, mechanism)| text(mechanism));
            token = parts.next().map(|(_, token)| token);
            "bind SASL"
        }
        _ if SICILY.contains(&kind) => {
            token = Some(proof);
            "bind Sicily"
        }
        _ => "bind",
    };
    let asked = Asked::Bind {
        ldap,
        password,
        is_sasl: kind != SIMPLE,
        ticket: None,
    };
    Some(Request { asked, token })
}

fn search(id: i64, body: &[u8]) -> Option<LdapSearch> {
    let mut fields = elements(body);
    let base = text(fields.next()?.1);
    let mut number = |tag: u8| {
        fields
            .next()
            .filter(|(found, _)| *found == tag)
            .and_then(|(_, body)| der::number(body))
    };
    let (scope, aliases) = (number(ENUMERATED)?, number(ENUMERATED)?);
    let (_, _) = (number(INTEGER), number(INTEGER));
    // Whether values are wanted as well.
    fields.next()?;
    let (tag, body) = fields.next()?;
    let names = fields.next().map(|(_, names)| names).unwrap_or_default();
    let names = elements(names).filter(|(tag, _)| *tag == OCTETS);
    Some(LdapSearch {
        message_id: id,
        base,
        scope: LdapScope(scope),
        aliases: LdapAliases(aliases),
        filter: Untrusted::from(filter::text(tag, body)),
        attributes: names.filter_map(|(_, name)| text(name)).take(MOST_TEXTS).collect(),
        ..LdapSearch::default()
    })
}

/// What is changed, as Zeek writes it: `replace(name=value)`.
fn changes(body: &[u8]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for (_, change) in elements(body).take(MOST_TEXTS) {
        let how = match der::first(change, ENUMERATED).and_then(der::number) {
            Some(0) => "add",
            Some(1) => "delete",
            Some(2) => "replace",
            Some(3) => "increment",
            _ => "change",
        };
        let attribute = der::first(change, SEQUENCE).unwrap_or_default();
        let name = der::first(attribute, OCTETS).unwrap_or_default();
        let values = der::first(attribute, 0x31).unwrap_or_default();
        let values = elements(values).map(|(_, value)| String::from_utf8_lossy(value.get(..256).unwrap_or(value)));
        let mut values: Vec<_> = values.take(8).collect();
        if !values.is_empty() && is_password(name) {
            values = vec![HIDDEN.into()];
        }
        let name = String::from_utf8_lossy(name.get(..256).unwrap_or(name));
        texts.push(if values.is_empty() {
            format!("{how}({name})")
        } else {
            format!("{how}({name}={})", values.join(","))
        });
    }
    texts.join(",")
}

/// The number of an extension, and what it is called.
fn extension(number: &str) -> String {
    let name = match number {
        START_TLS => "StartTLS",
        "1.3.6.1.4.1.4203.1.11.1" => "passwdModify",
        "1.3.6.1.4.1.4203.1.11.3" => "whoami",
        "1.3.6.1.1.8" => "cancel",
        "1.3.6.1.1.21.1" => "startTransaction",
        "1.3.6.1.1.21.3" => "endTransaction",
        "1.3.6.1.4.1.1466.101.119.1" => "dynamicRefresh",
        "1.2.840.113556.1.4.1781" => "fastBind",
        "1.2.840.113556.1.4.2212" => "batchRequest",
        _ => return number.to_owned(),
    };
    format!("{number} ({name})")
}
