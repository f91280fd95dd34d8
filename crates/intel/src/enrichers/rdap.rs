//! RDAP: who registered an address, a name or an autonomous system, and when (RFC 9082, RFC 9083).
//!
//! The question goes to a bootstrap server, which sends on to the registry that knows (RFC 9224). A redirect is followed
//! as a further question, without any header of the first: to the server that was configured, or to any other by https
//! that is not an address of ours or a reserved name.
//!
//! Takes no side: that a name is young is worth knowing, and is no guilt. A 404 may come without a body (RFC 7480,
//! section 5.3); one with a web page is a wrong base URL.

use super::json::{Look, wrong};
use super::web::{body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use crate::asking::policy;
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Moment, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct Rdap;

static INFO: ProviderInfo = ProviderInfo {
    name: "rdap",
    title: "RDAP",
    answers: &[T::Ipv4, T::Ipv4Cidr, T::Ipv6, T::Ipv6Cidr, T::Domain, T::Asn],
    exposure: Exposure::ThirdParty,
    base: "https://rdap.org",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window { calls: 10, seconds: 10 }],
        terms: "fair use; registries forbid mass look-ups of registration data",
    }],
    grade: Grade::A,
    group: "registration",
    strength: "takes no side",
    steps: 4,
    lifetime: a_day,
};

const ACCEPT: &str = "application/rdap+json, application/json";

impl Provider for Rdap {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let page = match (what.kind(), what.raw().split_once('/')) {
            // The slash of a network is part of the path (RFC 9082, section 3.1.1).
            (T::Ipv4Cidr | T::Ipv6Cidr, Some((address, prefix))) => url(account.base(), &["ip", address, prefix], &[]),
            (T::Asn, _) => url(
                account.base(),
                &["autnum", what.raw().trim_start_matches(['A', 'S', 'a', 's'])],
                &[],
            ),
            (T::Domain, _) => url(account.base(), &["domain", what.raw()], &[]),
            _ => url(account.base(), &["ip", what.raw()], &[]),
        };
        Request::get(page).header("Accept", ACCEPT)
    }

    fn read(&self, what: &Observable, account: &Account, turn: Turn<'_>) -> Reading {
        if matches!(turn.response.status, 301 | 302 | 303 | 307 | 308) {
            return match redirect(account, turn) {
                Ok(place) => Reading::Again(Request::get(place).header("Accept", ACCEPT)),
                Err(fault) => Reading::Failed(fault),
            };
        }
        read(what, turn).into()
    }
}

/// Where the answer sends to, if one may go there.
fn redirect(account: &Account, turn: Turn<'_>) -> Result<String, Fault> {
    let place = turn.response.header("location").unwrap_or_default();
    let at_home = place
        .strip_prefix(account.base())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let outside = place.len() <= 2_000
        && place.strip_prefix("https://").is_some_and(|rest| {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            policy::is_public_host(host)
        });
    if at_home || outside {
        Ok(place.to_owned())
    } else {
        Err(Fault::failed(format!(
            "sends to a place where one does not go: '{place}'"
        )))
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if turn.response.status == 404 {
        let own = match not_found(turn) {
            Some(said) => said.get("errorCode").is_some() || said.get("rdapConformance").is_some(),
            None => turn.response.body.iter().all(u8::is_ascii_whitespace),
        };
        return if own {
            Ok(Answer::unknown("not registered"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    if body.at("objectClassName").text().is_empty() {
        return Err(wrong("objectClassName"));
    }
    let registered = event(&body, "registration");
    let changed = event(&body, "last changed");
    let name = match what.kind() {
        T::Domain => named(&body, "registrar"),
        _ => Some(body.at("name").text().to_owned()).filter(|name| !name.is_empty()),
    };
    let mut words = Vec::new();
    words.extend(registered.map(|when| format!("registered {}", when.date())));
    words.extend(name.clone().map(|name| match what.kind() {
        T::Domain => format!("registrar {name}"),
        _ => format!("network {name}"),
    }));
    if words.is_empty() {
        words.push("registered".to_owned());
    }
    let date = |moment: Option<Moment>| moment.map(|moment| moment.date().to_string()).unwrap_or_default();
    Ok(Answer::known(words.join(", "))
        .see(
            body.at("links")
                .list()
                .first()
                .map(|link| link.at("href").text())
                .unwrap_or_default(),
        )
        .note("registered", date(registered))
        .note("changed", date(changed))
        .note("expires", date(event(&body, "expiration")))
        .note("status", body.at("status").joined())
        .note("country", body.at("country").text())
        .note("registrant", named(&body, "registrant").unwrap_or_default())
        .note("abuse", abuse(&body)))
}

/// When something happened (RFC 9083, section 4.5).
fn event(body: &Value, action: &str) -> Option<Moment> {
    let events = body.at("events").list().iter();
    events
        .filter(|event| event.at("eventAction").text() == action)
        .find_map(|event| event.at("eventDate").moment())
}

/// The entity in a role, by its full name.
fn named(body: &Value, role: &str) -> Option<String> {
    let entity = entity(body, role)?;
    let name = card(entity, "fn").unwrap_or_else(|| entity.at("handle").text());
    (!name.is_empty()).then(|| name.to_owned())
}

/// The address for complaints: of the object itself, or of an entity of it.
fn abuse(body: &Value) -> String {
    let inner = || {
        body.at("entities")
            .list()
            .iter()
            .find_map(|inner| entity(inner, "abuse"))
    };
    let found = entity(body, "abuse").or_else(inner);
    found
        .and_then(|entity| card(entity, "email"))
        .unwrap_or_default()
        .to_owned()
}

fn entity<'v>(of: &'v Value, role: &str) -> Option<&'v Value> {
    let entities = of.at("entities").list().iter();
    let has = |entity: &&Value| entity.at("roles").list().iter().any(|own| own.text() == role);
    entities.filter(has).find(|entity| entity.is_object())
}

/// A property of a jCard, `["vcard", [["fn", {}, "text", "…"], …]]` (RFC 7095).
fn card<'v>(entity: &'v Value, property: &str) -> Option<&'v str> {
    let properties = entity.at("vcardArray").list().get(1)?.list().iter();
    let mut properties = properties
        .map(Value::list)
        .filter(|one| one.first().is_some_and(|name| name.text() == property));
    properties.find_map(|one| one.get(3)?.as_str())
}
