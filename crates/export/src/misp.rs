//! An event of MISP (<https://www.misp-standard.org/rfc/misp-standard-core.html>): values as attributes, files, mails and
//! conversations as objects, techniques and markings as tags.
//!
//! An attribute is for detection (`to_ids`) where [`crate::actionable`] lets its value through, and nowhere else. Types that
//! MISP has none for are `other`, with their name as comment. Identifiers follow from the report's moment and the value.
//! Objects follow the templates of misp-objects in the versions that are named here. What MISP would have to look up
//! (correlations, warninglists) is left to it.

use crate::actionable::{self, Value, Values};
use crate::json;
use crate::report_only::{ReportOnly, nothing};
use crate::uuid::Namespace;
use crate::{ExporterInfo, line};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::IpAddr;
use watchfire_knowledge::attack;
use watchfire_model::network::Conversation;
use watchfire_model::{
    ArtifactRecord, BELOW, JudgedMail, Moment, Observable, ObservableType, Report, Tlp, Untrusted, Verdict,
};

/// See the module.
pub(crate) static MISP: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "misp",
        describes: "an event of MISP: attributes, objects, tags; for detection only what is bad",
    },
    only: "misp holds what was seen and found, and nothing else",
    write,
    aside: nothing,
};

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let event = Event::new(report);
    let mut head = Vec::new();
    json::compact(&event.head(), &mut head)?;
    // The object stays open for what follows.
    head.pop();
    out.write_all(b"{\"Event\":")?;
    out.write_all(&head)?;
    out.write_all(b",\"Attribute\":[")?;
    let values = Values::of(report);
    let bad: BTreeSet<&Observable> = values.bad().map(|(observable, ..)| observable).collect();
    let mut list = List { out, has_some: false };
    for (observable, value) in values
        .iter()
        .filter(|(one, _)| one.kind() != ObservableType::AttackTechnique)
    {
        list.put(&event.attribute(observable, value, bad.contains(observable)))?;
    }
    list.out.write_all(b"\n],\"Object\":[")?;
    list.has_some = false;
    for artifact in &report.artifacts {
        list.put(&event.file(artifact, &bad))?;
        for conversation in artifact.capture.iter().flat_map(|capture| &capture.conversations) {
            list.put(&event.conversation(conversation))?;
        }
    }
    for mail in &report.mails {
        list.put(&event.mail(mail))?;
    }
    list.out.write_all(b"\n]}}\n")
}

/// Entries of a list, each on a line of its own.
struct List<'w> {
    out: &'w mut dyn Write,
    has_some: bool,
}

impl List<'_> {
    fn put(&mut self, entry: &Json) -> io::Result<()> {
        let mut text = Vec::with_capacity(512);
        text.extend_from_slice(if self.has_some { b",\n" } else { b"\n" });
        self.has_some = true;
        json::compact(entry, &mut text)?;
        self.out.write_all(&text)
    }
}

struct Event<'r> {
    report: &'r Report,
    moment: Moment,
    timestamp: String,
}

impl<'r> Event<'r> {
    fn new(report: &'r Report) -> Self {
        let moment = Moment::parse(&report.as_of).unwrap_or(Moment::from_unix(0));
        Self {
            report,
            moment,
            timestamp: moment.unix().max(0).to_string(),
        }
    }

    fn uuid(&self, about: &[&str]) -> String {
        let mut parts = vec!["misp", self.report.as_of.as_str()];
        parts.extend(about);
        Namespace::WATCHFIRE.parts(&parts)
    }

    /// Everything but what was seen.
    fn head(&self) -> Json {
        let judgement = &self.report.judgement;
        let paths: Vec<&str> = self
            .report
            .artifacts
            .iter()
            .map(|artifact| artifact.path.raw())
            .collect();
        json!({
            "uuid": self.uuid(&["event", judgement.verdict.as_str(), &paths.join("\n")]),
            "info": format!("{} ({} {}/100)", one_line(&judgement.summary), judgement.verdict, judgement.score.get()),
            "date": self.moment.date().to_string(),
            "timestamp": self.timestamp,
            "threat_level_id": match judgement.verdict {
                Verdict::Malicious => "1",
                Verdict::Suspicious => "2",
                Verdict::Benign => "3",
                Verdict::Unknown => "4",
            },
            "analysis": "2",
            "distribution": "0",
            "published": false,
            "Orgc": { "name": "Watchfire", "uuid": Namespace::WATCHFIRE.parts(&["organisation"]) },
            "Tag": self.tags(),
        })
    }

    fn tags(&self) -> Vec<Json> {
        let mut names: Vec<String> = Vec::new();
        names.extend(self.report.tlp.map(|tlp: Tlp| tlp.as_str().to_ascii_lowercase()));
        let found = self
            .report
            .findings
            .iter()
            .flat_map(|finding| finding.techniques.iter());
        let techniques: BTreeSet<&str> = found.map(|technique| technique.as_str()).collect();
        for technique in techniques {
            if let Some(entry) = attack::lookup(technique) {
                names.push(format!(
                    "misp-galaxy:mitre-attack-pattern=\"{} - {technique}\"",
                    entry.name
                ));
            }
        }
        names.into_iter().map(|name| json!({ "name": name })).collect()
    }

    fn attribute(&self, observable: &Observable, value: &Value<'_>, is_bad: bool) -> Json {
        let (kind, category, text) = kind(observable);
        let mut comment: Vec<String> = Vec::new();
        if kind == "other" {
            comment.push(observable.kind().name().to_owned());
        }
        comment.extend(
            value
                .charge
                .iter()
                .flat_map(|charge| charge.reasons.iter().map(|reason| one_line(reason))),
        );
        comment.extend(self.sources(value));
        let mut attribute = self.plain(kind, category, &text, is_bad, &["attribute", observable.kind().name()]);
        if let Some(fields) = attribute.as_object_mut() {
            fields.insert("comment".to_owned(), comment.join("; ").into());
            let is_met = is_bad && value.charge.as_ref().is_some_and(|charge| charge.was_known);
            if is_met && !value.artifacts.is_empty() {
                let uuid = self.uuid(&["sighting", kind, &text]);
                let sighting =
                    json!({ "uuid": uuid, "type": "0", "date_sighting": self.timestamp, "source": "watchfire" });
                fields.insert("Sighting".to_owned(), json!([sighting]));
            }
        }
        attribute
    }

    /// Where a value was met.
    fn sources(&self, value: &Value<'_>) -> Option<String> {
        let first = self.report.artifacts.get(*value.artifacts.first()?)?;
        let more = match value.artifacts.len() {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        Some(format!("in {}{more}", first.path))
    }

    fn plain(&self, kind: &str, category: &str, text: &str, is_bad: bool, about: &[&str]) -> Json {
        let mut parts = about.to_vec();
        parts.extend([kind, text]);
        json!({
            "uuid": self.uuid(&parts),
            "type": kind,
            "category": category,
            "value": text,
            "to_ids": is_bad,
            "distribution": "5",
            "timestamp": self.timestamp,
            "disable_correlation": false,
            "comment": "",
        })
    }

    /// An object with the attributes that have a value: relation, type, category, value.
    fn object(&self, template: &Template, key: &str, fields: &[(&str, &str, &str, String)], bad: &[&str]) -> Json {
        let attributes: Vec<Json> = fields
            .iter()
            .enumerate()
            .filter(|(_, (.., text))| !text.trim().is_empty())
            .map(|(number, (relation, kind, category, text))| {
                let number = number.to_string();
                let about = ["object", template.name, key, relation, &number];
                let mut attribute = self.plain(kind, category, text, bad.contains(relation), &about);
                if let Some(fields) = attribute.as_object_mut() {
                    fields.insert("object_relation".to_owned(), (*relation).into());
                }
                attribute
            })
            .collect();
        let mut object = Map::new();
        for (name, value) in [
            ("uuid", self.uuid(&["object", template.name, key])),
            ("name", template.name.to_owned()),
            ("meta-category", template.category.to_owned()),
            ("template_uuid", template.uuid.to_owned()),
            ("template_version", template.version.to_owned()),
            ("description", template.description.to_owned()),
            ("distribution", "5".to_owned()),
            ("timestamp", self.timestamp.clone()),
            ("comment", String::new()),
        ] {
            object.insert(name.to_owned(), value.into());
        }
        object.insert("Attribute".to_owned(), attributes.into());
        object.into()
    }

    fn file(&self, artifact: &ArtifactRecord, bad: &BTreeSet<&Observable>) -> Json {
        let path = artifact.path.raw();
        let last = path.rsplit(BELOW).next().unwrap_or(path);
        let name = last.rsplit(['/', '\\']).next().unwrap_or(last);
        let name = if name.trim().is_empty() { "unnamed" } else { name };
        let mut fields = vec![
            ("filename", "filename", "Payload delivery", name.to_owned()),
            ("size-in-bytes", "size-in-bytes", "Other", artifact.size.to_string()),
            (
                "mimetype",
                "mime-type",
                "Artifacts dropped",
                artifact.media_type.0.to_owned(),
            ),
        ];
        let mut flagged = Vec::new();
        for digest in artifact.identities() {
            let name = digest.kind().name();
            fields.push((name, name, "Payload delivery", digest.raw().to_owned()));
            if bad.contains(&digest) {
                flagged.push(name);
            }
        }
        self.object(&FILE, path, &fields, &flagged)
    }

    fn mail(&self, judged: &JudgedMail) -> Json {
        let mail = &judged.mail;
        let mut fields = Vec::new();
        let address = |entry: &watchfire_model::Mailbox| Some(entry.address.as_ref()?.raw().to_owned());
        let delivery = "Payload delivery";
        fields.extend(
            mail.author()
                .and_then(address)
                .map(|text| ("from", "email-src", delivery, text)),
        );
        for (relation, kind, boxes) in [
            ("to", "email-dst", &mail.to),
            ("cc", "email-dst", &mail.cc),
            ("reply-to", "email-reply-to", &mail.reply_to),
        ] {
            fields.extend(
                boxes
                    .iter()
                    .filter_map(address)
                    .map(|text| (relation, kind, delivery, text)),
            );
        }
        fields.push(("subject", "email-subject", delivery, one_line(mail.subject.raw())));
        let id = mail.message_id.as_ref().map(|id| one_line(id.raw()));
        fields.extend(id.map(|text| ("message-id", "email-message-id", delivery, text)));
        fields.extend(
            mail.date
                .map(|date| ("send-date", "datetime", "Other", date.moment.to_string())),
        );
        self.object(&EMAIL, judged.path.raw(), &fields, &[])
    }

    fn conversation(&self, one: &Conversation) -> Json {
        let network = "Network activity";
        let layer3 = match one.responder.ip() {
            IpAddr::V4(_) => "IPv4",
            IpAddr::V6(_) => "IPv6",
        };
        let fields = [
            ("ip-src", "ip-src", network, one.originator.to_string()),
            ("ip-dst", "ip-dst", network, one.responder.ip().to_string()),
            ("dst-port", "port", network, one.responder.port().to_string()),
            ("layer3-protocol", "text", "Other", layer3.to_owned()),
            ("layer7-protocol", "text", "Other", one.service.clone()),
            ("count", "counter", "Other", one.flows.to_string()),
            ("src-bytes-count", "size-in-bytes", "Other", one.sent.to_string()),
            ("dst-bytes-count", "size-in-bytes", "Other", one.received.to_string()),
            ("first-packet-seen", "datetime", "Other", one.first.moment().to_string()),
            ("last-packet-seen", "datetime", "Other", one.last.moment().to_string()),
        ];
        let key = format!("{} {} {} {}", one.originator, one.responder, one.service, one.frame);
        self.object(&CONNECTION, &key, &fields, &[])
    }
}

/// A template of misp-objects.
struct Template {
    name: &'static str,
    category: &'static str,
    uuid: &'static str,
    version: &'static str,
    description: &'static str,
}

static FILE: Template = Template {
    name: "file",
    category: "file",
    uuid: "688c46fb-5edb-40a3-8273-1af7923e2215",
    version: "25",
    description: "a file that was looked at",
};
static EMAIL: Template = Template {
    name: "email",
    category: "network",
    uuid: "a0c666e0-fc65-4be8-b48f-3423d788b552",
    version: "19",
    description: "a mail that was looked at",
};
static CONNECTION: Template = Template {
    name: "network-connection",
    category: "network",
    uuid: "af16764b-f8e5-4603-9de1-de34d272f80b",
    version: "7",
    description: "what two hosts said to one another over one service",
};

/// Text of a field that has one line.
fn one_line(text: &str) -> String {
    Untrusted::new(line::prose(text)).to_string()
}

/// Type, category and value of an attribute.
fn kind(observable: &Observable) -> (&'static str, &'static str, String) {
    use ObservableType as T;
    const NETWORK: &str = "Network activity";
    const PAYLOAD: &str = "Payload delivery";
    const ANALYSIS: &str = "External analysis";
    const FRAUD: &str = "Financial fraud";
    const SOCIAL: &str = "Social network";
    let raw = observable.raw();
    let (kind, category) = match observable.kind() {
        T::Ipv4 | T::Ipv4Cidr | T::Ipv6 | T::Ipv6Cidr => ("ip-dst", NETWORK),
        T::Socket => return socket(observable),
        T::Domain | T::Onion => ("domain", NETWORK),
        T::Url => ("url", NETWORK),
        T::Email => ("email", PAYLOAD),
        T::Mac => ("mac-address", NETWORK),
        T::Asn => ("AS", NETWORK),
        T::Md5
        | T::Sha1
        | T::Sha224
        | T::Sha256
        | T::Sha384
        | T::Sha512
        | T::Ssdeep
        | T::Tlsh
        | T::Imphash
        | T::Authentihash => (observable.kind().name(), PAYLOAD),
        T::Ja3 | T::Ja3s => ("ja3-fingerprint-md5", NETWORK),
        T::Jarm => ("jarm-fingerprint", NETWORK),
        T::Hassh => ("hassh-md5", NETWORK),
        T::Cve => ("vulnerability", ANALYSIS),
        T::Cwe => ("weakness", ANALYSIS),
        T::Cpe => ("cpe", ANALYSIS),
        T::RegistryKey => ("regkey", "Persistence mechanism"),
        T::FilePath | T::FileName => ("filename", PAYLOAD),
        T::UserAgent => ("user-agent", NETWORK),
        T::Btc => ("btc", FRAUD),
        T::Xmr => ("xmr", FRAUD),
        T::Dash => ("dash", FRAUD),
        T::Iban => ("iban", FRAUD),
        T::Card => ("cc-number", FRAUD),
        T::Phone => ("phone-number", "Person"),
        T::Xmpp => ("jabber-id", SOCIAL),
        T::Twitter => ("twitter-id", SOCIAL),
        T::Github => ("github-username", SOCIAL),
        T::YaraRule => ("yara", "Payload installation"),
        _ => ("other", "Other"),
    };
    (kind, category, raw.to_owned())
}

fn socket(observable: &Observable) -> (&'static str, &'static str, String) {
    let host = actionable::host(observable).unwrap_or_default();
    let port = observable.raw().rsplit_once(':').map_or("", |(_, port)| port);
    let kind = if host.parse::<IpAddr>().is_ok() {
        "ip-dst|port"
    } else {
        "hostname|port"
    };
    (kind, "Network activity", format!("{host}|{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, exporter, samples};

    fn event(report: &Report) -> Json {
        let mut out = Vec::new();
        exporter("misp")
            .unwrap()
            .report(report, &Style::default(), &mut out)
            .unwrap();
        let document: Json = serde_json::from_slice(&out).unwrap();
        document["Event"].clone()
    }

    fn attribute<'e>(event: &'e Json, value: &str) -> &'e Json {
        let all = event["Attribute"].as_array().unwrap();
        all.iter().find(|attribute| attribute["value"] == value).unwrap()
    }

    #[test]
    fn only_what_may_be_acted_on_is_for_detection() {
        let event = event(&samples::hostile());
        for (value, kind, to_ids) in [
            ("evil-pay.com", "domain", true),
            ("45.9.148.7|8443", "ip-dst|port", true),
            ("203.0.113.66", "ip-dst", false),
            ("cdn.com", "domain", false),
            ("CVE-2026-1234", "vulnerability", false),
            ("some_body", "other", false),
        ] {
            let attribute = attribute(&event, value);
            assert_eq!(
                (attribute["type"].as_str(), &attribute["to_ids"]),
                (Some(kind), &Json::from(to_ids)),
                "{value}"
            );
        }
    }

    #[test]
    fn the_event_says_what_the_report_says() {
        let event = event(&samples::hostile());
        assert_eq!(
            (&event["threat_level_id"], &event["date"]),
            (&"1".into(), &"2026-11-02".into())
        );
        let tags: Vec<&str> = event["Tag"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["name"].as_str().unwrap())
            .collect();
        assert_eq!(tags[0], "tlp:amber+strict");
        assert!(
            tags.contains(&"misp-galaxy:mitre-attack-pattern=\"Malicious File - T1204.002\""),
            "{tags:?}"
        );
        let names: Vec<&str> = event["Object"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["file", "file", "email"]);
    }

    #[test]
    fn no_identifier_stands_twice() {
        let event = event(&samples::hostile());
        let mut ids = BTreeSet::new();
        let objects = event["Object"].as_array().unwrap();
        let inner = objects
            .iter()
            .flat_map(|object| object["Attribute"].as_array().unwrap());
        for entry in event["Attribute"]
            .as_array()
            .unwrap()
            .iter()
            .chain(objects)
            .chain(inner)
        {
            assert!(ids.insert(entry["uuid"].as_str().unwrap().to_owned()), "{entry:#}");
        }
    }
}
