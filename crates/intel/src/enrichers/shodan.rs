//! Shodan: what a host has open.
//!
//! <https://developer.shodan.io/api>, `GET /shodan/host/{ip}`. The key goes into the query, so its URL is never shown.
//! An error may come with any status, as a member `error`.
//!
//! Strength: ports and vulnerabilities take no side. Its tag `c2` speaks for malicious with 0.6, `malware` and
//! `compromised` for suspicious with 0.4.

use super::json::{Look, list};
use super::web::{body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct Shodan;

static INFO: ProviderInfo = ProviderInfo {
    name: "shodan",
    title: "Shodan",
    answers: &[T::Ipv4, T::Ipv6],
    exposure: Exposure::ThirdParty,
    base: "https://api.shodan.io",
    key: KeyUse::Required {
        variable: "WATCHFIRE_SHODAN_KEY",
        goes: "parameter key",
    },
    plans: &[Plan {
        name: "member",
        windows: &[Window { calls: 1, seconds: 1 }],
        terms: "by plan; one call a second",
    }],
    grade: Grade::B,
    group: "shodan",
    strength: "tag c2 0.6, malware or compromised 0.4; ports take no side",
    steps: 1,
    lifetime,
};

impl Provider for Shodan {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let query = [("key", account.key())];
        Request::get(url(account.base(), &["shodan", "host", what.raw()], &query))
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let own = said.at("error").text().starts_with("No information available");
        return if own {
            Ok(Answer::unknown("nothing seen open"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let error = body.at("error").text();
    if !error.is_empty() {
        return Err(Fault::failed(error));
    }
    let ports = list(&body, "ports")?;
    let number = |value: &Value| value.whole().map(|number| number.to_string());
    Ok(exposed(ports, &body)
        .at(body.at("last_update").moment())
        .see(url("https://www.shodan.io/host", &[what.raw()], &[]))
        .note("country", body.at("country_code").text())
        .note("asn", body.at("asn").text())
        .note("organisation", body.at("org").text())
        .note("isp", body.at("isp").text())
        .note(
            "os",
            number(body.at("os")).unwrap_or_else(|| body.at("os").text().to_owned()),
        ))
}

/// What both of Shodan's interfaces say of a host.
pub(super) fn exposed(ports: &[Value], body: &Value) -> Answer {
    // A list, or an object with one member for each.
    let vulnerabilities: Vec<&str> = match body.at("vulns") {
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        other => other.list().iter().map(Look::text).collect(),
    };
    let tags = body.at("tags").list();
    let tagged = |names: &[&str]| tags.iter().any(|tag| names.contains(&tag.text()));
    let (towards, strength) = if tagged(&["c2"]) {
        (Verdict::Malicious, 600)
    } else if tagged(&["malware", "compromised"]) {
        (Verdict::Suspicious, 400)
    } else {
        (Verdict::Unknown, 0)
    };
    let words = body.at("tags").joined();
    let mut detail = format!("{} ports open", ports.len());
    if !vulnerabilities.is_empty() {
        detail.push_str(&format!(", {} known vulnerabilities", vulnerabilities.len()));
    }
    if !words.is_empty() {
        detail.push_str(&format!("; {words}"));
    }
    Answer::known(detail)
        .says(towards, strength)
        .note("ports", Value::from(ports.to_vec()).joined())
        .note(
            "vulnerabilities",
            vulnerabilities.iter().take(8).copied().collect::<Vec<_>>().join(", "),
        )
        .note("hostnames", body.at("hostnames").joined())
}
