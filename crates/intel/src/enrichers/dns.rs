//! Live DNS (RFC 1035): what a name stands for now, or which name an address has.
//!
//! The resolver asks the name's own servers, whose owner may notice: this is contact with the target and never asked
//! without permission for that. All questions about a value go out together and count as one call. What comes back are
//! facts, and take no side. Answers are not validated (DNSSEC): that is the resolver's business.

use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn};
use crate::dns::{self, Code, Data, Message, Type};
use std::net::IpAddr;
use watchfire_model::transport::{Method, Request};
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct Dns;

/// What is asked about a name, in this order.
const OF_NAME: &[(&str, Type)] = &[
    ("a", Type::A),
    ("aaaa", Type::AAAA),
    ("mx", Type::MX),
    ("ns", Type::NS),
    ("txt", Type::TXT),
];
/// What is asked about an address.
const OF_ADDRESS: &[(&str, Type)] = &[("ptr", Type::PTR)];

/// Largest answer to all questions. Bytes.
const LIMIT: usize = 512 << 10;
/// Values of one kind that are named in few words.
const NAMED: usize = 3;

static INFO: ProviderInfo = ProviderInfo {
    name: "dns",
    title: "Live DNS",
    answers: &[T::Ipv4, T::Ipv6, T::Domain],
    exposure: Exposure::ContactsTarget,
    base: "dns://system",
    key: KeyUse::None,
    plans: &[Plan {
        name: "resolver",
        windows: &[Window { calls: 20, seconds: 1 }],
        terms: "the owner of a name can notice that it is looked up",
    }],
    grade: Grade::A,
    group: "dns",
    strength: "takes no side",
    steps: 1,
    lifetime: |_, _| 3_600,
};

impl Provider for Dns {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let (name, questions) = questions(what);
        let messages: Vec<Vec<u8>> = questions
            .iter()
            .filter_map(|(_, kind)| dns::question(&name, *kind))
            .collect();
        Request {
            method: Method::Dns,
            body: dns::framed(messages.iter().map(Vec::as_slice)),
            limit: LIMIT,
            ..Request::get(account.base())
        }
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        let (_, questions) = questions(what);
        let messages = dns::frames(&turn.response.body).map(|frame| {
            let empty = frame.is_empty();
            (empty, dns::read(frame))
        });
        let mut answers = Vec::new();
        for ((name, _), (empty, message)) in questions.iter().zip(messages) {
            match message {
                Some(message) => answers.push((*name, Some(message))),
                None if empty => answers.push((*name, None)),
                None => return Reading::Failed(Fault::failed("an answer that is no message of the DNS")),
            }
        }
        if answers.len() < questions.len() {
            return Reading::Failed(Fault::failed("not an answer for each question"));
        }
        told(&answers).into()
    }
}

/// The name that is looked up, and for what.
fn questions(what: &Observable) -> (String, &'static [(&'static str, Type)]) {
    match what.raw().parse::<IpAddr>() {
        Ok(address) => (dns::reverse(address), OF_ADDRESS),
        Err(_) => (what.raw().to_owned(), OF_NAME),
    }
}

fn told(answers: &[(&'static str, Option<Message>)]) -> Result<Answer, Fault> {
    let came = || answers.iter().filter_map(|(_, message)| message.as_ref());
    let ended = |code: Code| came().any(|message| message.code == code);
    if ended(Code::NO_SUCH_NAME) {
        return Ok(Answer::unknown("no such name (NXDOMAIN)"));
    }
    if !ended(Code::NO_ERROR) {
        return Err(Fault::failed(if ended(Code::REFUSED) {
            "the resolver refuses the question (REFUSED)"
        } else if ended(Code::SERVER_FAILURE) {
            "the servers of the name give no answer (SERVFAIL)"
        } else {
            "the resolver gives no answer"
        }));
    }
    if came().all(|message| message.records.is_empty()) {
        return Ok(Answer::unknown("nothing of what was asked for (NODATA)"));
    }
    let values = |name: &str| -> Vec<String> {
        let of = answers.iter().filter(|(own, _)| *own == name);
        let records = of
            .filter_map(|(_, message)| message.as_ref())
            .flat_map(|message| &message.records);
        let mut values: Vec<&Data> = records.collect();
        // Resolvers turn records round; the answer should be the same tomorrow.
        values.sort_by_key(|data| match data {
            Data::Mail(order, name) => (*order, name.clone()),
            data => (0, shown(data)),
        });
        values.into_iter().map(shown).collect()
    };
    let (a, aaaa) = (values("a"), values("aaaa"));
    let addresses: Vec<String> = a.iter().chain(&aaaa).cloned().collect();
    let parts = [
        ("resolves to", addresses),
        ("is", values("ptr")),
        ("mail by", values("mx")),
        ("servers", values("ns")),
    ];
    let mut words: Vec<String> = parts
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(what, values)| format!("{what} {}", few(&values)))
        .collect();
    let missing: Vec<&str> = answers
        .iter()
        .filter(|(_, message)| message.as_ref().is_none_or(|message| message.code != Code::NO_ERROR))
        .map(|(name, _)| *name)
        .collect();
    if words.is_empty() {
        words.push("has texts, and no address".to_owned());
    }
    if !missing.is_empty() {
        words.push(format!("no answer about {}", missing.join(", ")));
    }
    let note = |name: &str| values(name).join(", ");
    Ok(Answer::known(words.join("; "))
        .note("a", note("a"))
        .note("aaaa", note("aaaa"))
        .note("ptr", note("ptr"))
        .note("mx", note("mx"))
        .note("ns", note("ns"))
        .note("txt", note("txt")))
}

fn shown(data: &Data) -> String {
    match data {
        Data::Address(address) => address.to_string(),
        Data::Name(name) | Data::Mail(_, name) | Data::Text(name) => name.clone(),
    }
}

/// `a, b, c and 4 more`
fn few(values: &[String]) -> String {
    let named: Vec<&str> = values.iter().take(NAMED).map(String::as_str).collect();
    match values.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
