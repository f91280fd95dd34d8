//! Cyber-observable objects of STIX 2.1 (section 6): what was seen, without a word about guilt.
//!
//! Identifiers are those that every producer gives to the same thing (section 2.9): of the properties that contribute, in
//! the canonical form of RFC 8785. Types of Watchfire without an object of their own get none here.

use super::pattern::{algorithm, folder, key, number};
use crate::actionable;
use crate::uuid::Namespace;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use watchfire_model::network::Conversation;
use watchfire_model::{ArtifactRecord, BELOW, JudgedMail, Mailbox, Observable, ObservableType};

/// An object, and those that it refers to before it.
pub(super) struct Cyber {
    pub(super) id: String,
    pub(super) objects: Vec<Value>,
}

impl Cyber {
    /// `contributes` are the names of the properties that make the identifier.
    fn new(kind: &str, contributes: &[&str], properties: Value, before: Vec<Self>) -> Self {
        let id = identifier(kind, contributes, &properties);
        let mut object = Map::new();
        object.insert("type".to_owned(), kind.into());
        object.insert("spec_version".to_owned(), "2.1".into());
        object.insert("id".to_owned(), id.clone().into());
        if let Value::Object(properties) = properties {
            object.extend(properties);
        }
        let mut objects: Vec<Value> = before.into_iter().flat_map(|one| one.objects).collect();
        objects.push(object.into());
        Self { id, objects }
    }

    fn of_value(kind: &str, value: &str) -> Self {
        Self::new(kind, &["value"], json!({ "value": value }), Vec::new())
    }
}

/// Version 5 over the canonical form: maps of this library are sorted, and names are ASCII.
fn identifier(kind: &str, contributes: &[&str], properties: &Value) -> String {
    let mut chosen = Map::new();
    for name in contributes {
        let value = properties.get(*name).cloned();
        let value = if *name == "hashes" {
            value.and_then(|hashes| one_hash(&hashes))
        } else {
            value
        };
        if let Some(value) = value {
            chosen.insert((*name).to_owned(), value);
        }
    }
    let canonical = serde_json::to_vec(&Value::Object(chosen)).unwrap_or_default();
    format!("{kind}--{}", Namespace::CYBER_OBSERVABLE.name(&canonical))
}

/// Of several digests, the one that the specification chooses.
fn one_hash(hashes: &Value) -> Option<Value> {
    let hashes = hashes.as_object()?;
    let preferred = ["MD5", "SHA-1", "SHA-256", "SHA-512"];
    let name = preferred.into_iter().find(|name| hashes.contains_key(*name));
    let name = name.or_else(|| hashes.keys().next().map(String::as_str))?;
    Some(json!({ (name): hashes.get(name)? }))
}

const FILE: [&str; 4] = ["hashes", "name", "parent_directory_ref", "extensions"];
const TRAFFIC: [&str; 7] = [
    "start",
    "end",
    "src_ref",
    "dst_ref",
    "src_port",
    "dst_port",
    "protocols",
];

/// The object of a value, where its type has one.
pub(super) fn of(observable: &Observable) -> Option<Cyber> {
    use ObservableType as T;
    let raw = observable.raw();
    Some(match observable.kind() {
        T::Ipv4 | T::Ipv4Cidr => Cyber::of_value("ipv4-addr", raw),
        // An address of IPv4 that a program wrote as one of IPv6.
        T::Ipv6 => address(raw.parse::<IpAddr>().ok()?.to_canonical()),
        T::Ipv6Cidr => Cyber::of_value("ipv6-addr", raw),
        T::Domain | T::Onion => Cyber::of_value("domain-name", raw),
        // The type asks for a scheme; a text need not name one.
        T::Url if !raw.contains("://") => Cyber::of_value("url", &format!("http://{raw}")),
        T::Url => Cyber::of_value("url", raw),
        // The account of a machine in a domain of Windows looks like an address of mail and is none.
        T::Email if raw.contains("$@") => account("windows-domain", raw),
        T::Email => Cyber::of_value("email-addr", raw),
        T::Mac => Cyber::of_value("mac-addr", raw),
        T::Asn => Cyber::new(
            "autonomous-system",
            &["number"],
            json!({ "number": number(raw)? }),
            Vec::new(),
        ),
        T::Socket => socket(observable)?,
        T::RegistryKey => Cyber::new(
            "windows-registry-key",
            &["key", "values"],
            json!({ "key": key(raw) }),
            Vec::new(),
        ),
        T::FileName => Cyber::new("file", &FILE, json!({ "name": raw }), Vec::new()),
        T::FilePath => path(raw),
        T::Xmpp => account("jabber", raw),
        T::Telegram
        | T::Twitter
        | T::Facebook
        | T::Instagram
        | T::Youtube
        | T::Linkedin
        | T::Github
        | T::Whatsapp
        | T::Discord
        | T::Skype => account(observable.kind().name(), raw),
        kind => Cyber::new(
            "file",
            &FILE,
            json!({ "hashes": { (algorithm(kind)?): raw } }),
            Vec::new(),
        ),
    })
}

fn account(kind: &str, login: &str) -> Cyber {
    let properties = json!({ "account_type": kind, "account_login": login });
    Cyber::new(
        "user-account",
        &["account_type", "user_id", "account_login"],
        properties,
        Vec::new(),
    )
}

fn directory(path: &str) -> Cyber {
    Cyber::new("directory", &["path"], json!({ "path": path }), Vec::new())
}

fn path(text: &str) -> Cyber {
    let (folder, name) = folder(text);
    let folder = directory(folder);
    if name.is_empty() {
        return folder;
    }
    let properties = json!({ "name": name, "parent_directory_ref": folder.id });
    Cyber::new("file", &FILE, properties, vec![folder])
}

fn address(address: IpAddr) -> Cyber {
    Cyber::of_value(version(address), &address.to_string())
}

const fn version(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "ipv4-addr",
        IpAddr::V6(_) => "ipv6-addr",
    }
}

const fn protocol(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "ipv4",
        IpAddr::V6(_) => "ipv6",
    }
}

/// A place that something may have spoken to; which protocol, nobody said.
fn socket(observable: &Observable) -> Option<Cyber> {
    let host = actionable::host(observable)?;
    let (_, port) = observable.raw().rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let (host, protocol) = match host.parse() {
        Ok(ip) => (address(ip), protocol(ip)),
        Err(_) => (Cyber::of_value("domain-name", host), "ip"),
    };
    let properties = json!({ "dst_ref": host.id, "dst_port": port, "protocols": [protocol] });
    Some(Cyber::new("network-traffic", &TRAFFIC, properties, vec![host]))
}

/// What two hosts said to one another.
pub(super) fn conversation(conversation: &Conversation) -> Cyber {
    let (source, target) = (address(conversation.originator), address(conversation.responder.ip()));
    let service = conversation.service.to_ascii_lowercase();
    let is_plain = !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut protocols = vec![protocol(conversation.responder.ip())];
    protocols.extend(is_plain.then_some(service.as_str()));
    let properties = json!({
        "start": conversation.first.moment(),
        "end": conversation.last.moment().max(conversation.first.moment()),
        "is_active": false,
        "src_ref": source.id,
        "dst_ref": target.id,
        "dst_port": conversation.responder.port(),
        "protocols": protocols,
        "src_byte_count": conversation.sent,
        "dst_byte_count": conversation.received,
    });
    Cyber::new("network-traffic", &TRAFFIC, properties, vec![source, target])
}

/// A file that was looked at.
pub(super) fn artifact(artifact: &ArtifactRecord) -> Cyber {
    let mut hashes = Map::new();
    for digest in artifact.identities() {
        if let Some(algorithm) = algorithm(digest.kind()) {
            hashes.insert(algorithm.to_owned(), digest.raw().into());
        }
    }
    let mut properties = json!({ "name": name(artifact), "size": artifact.size, "mime_type": artifact.media_type.0 });
    if let (false, Some(object)) = (hashes.is_empty(), properties.as_object_mut()) {
        object.insert("hashes".to_owned(), hashes.into());
    }
    Cyber::new("file", &FILE, properties, Vec::new())
}

/// The last part of its path.
pub(super) fn name(artifact: &ArtifactRecord) -> &str {
    let path = artifact.path.raw();
    let last = path.rsplit(BELOW).next().unwrap_or(path);
    let last = last.rsplit(['/', '\\']).next().unwrap_or(last);
    if last.is_empty() { "unnamed" } else { last }
}

/// A mail, with those who are named in its header.
pub(super) fn mail(judged: &JudgedMail) -> Cyber {
    let mail = &judged.mail;
    let author = mail.author().and_then(mailbox);
    let all = |boxes: &[Mailbox]| boxes.iter().filter_map(mailbox).collect::<Vec<Cyber>>();
    let (to, cc) = (all(&mail.to), all(&mail.cc));
    let ids = |boxes: &[Cyber]| {
        boxes
            .iter()
            .map(|one| Value::from(one.id.as_str()))
            .collect::<Vec<Value>>()
    };
    let mut properties = Map::new();
    properties.insert("is_multipart".to_owned(), (mail.parts.len() > 1).into());
    properties.insert("subject".to_owned(), mail.subject.raw().into());
    let mut optional = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    };
    optional("from_ref", author.as_ref().map(|author| author.id.as_str().into()));
    optional("to_refs", (!to.is_empty()).then(|| ids(&to).into()));
    optional("cc_refs", (!cc.is_empty()).then(|| ids(&cc).into()));
    optional("date", mail.date.map(|date| json!(date.moment)));
    optional(
        "message_id",
        mail.message_id.as_ref().map(|id| format!("<{}>", id.raw()).into()),
    );
    let before = author.into_iter().chain(to).chain(cc).collect();
    Cyber::new(
        "email-message",
        &["from_ref", "subject", "body"],
        properties.into(),
        before,
    )
}

fn mailbox(entry: &Mailbox) -> Option<Cyber> {
    let address = Observable::parse(ObservableType::Email, entry.address.as_ref()?.raw()).ok()?;
    of(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ObservableType, value: &str, id: &str) {
        let cyber = of(&Observable::parse(kind, value).unwrap()).unwrap();
        assert_eq!(cyber.id, id);
        assert_eq!(cyber.objects.last().unwrap()["id"], id);
    }

    #[test]
    fn identifiers_are_those_of_other_producers() {
        // The first is in the specification (section 6.5); the others are what the library `stix2` of OASIS computes.
        use ObservableType as T;
        check(
            T::Domain,
            "example.com",
            "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7",
        );
        check(
            T::Ipv4,
            "198.51.100.3",
            "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
        );
    }

    #[test]
    fn names_of_folders_go_before_names_of_files() {
        let cyber = of(&Observable::parse(ObservableType::FilePath, r"C:\Temp\a.exe").unwrap()).unwrap();
        let kinds: Vec<&str> = cyber
            .objects
            .iter()
            .map(|object| object["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["directory", "file"]);
        assert_eq!(cyber.objects[1]["parent_directory_ref"], cyber.objects[0]["id"]);
    }

    #[test]
    fn of_several_digests_one_makes_the_identifier() {
        let hashes = json!({ "SHA-256": "b", "MD5": "a", "SSDEEP": "c" });
        assert_eq!(one_hash(&hashes), Some(json!({ "MD5": "a" })));
        assert_eq!(
            one_hash(&json!({ "TLSH": "d", "SSDEEP": "c" })),
            Some(json!({ "SSDEEP": "c" }))
        );
    }
}
