//! MISP: what the organisation's own server has in its events.
//!
//! <https://www.misp-project.org/openapi/>, `POST /attributes/restSearch`. `%` in a value is a wildcard there, and a
//! value may be one half of a pair (`domain|ip`), so each attribute is looked at: only those about the value count.
//!
//! Strength: an attribute meant for detection (`to_ids`) 0.7, or its decay score where the server gives one; others are
//! context. The newest decides its age.

use super::json::{Look, list, wrong};
use super::web::{JSON, body};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::{Value, json};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict};

/// See the module.
pub(super) struct Misp;

static INFO: ProviderInfo = ProviderInfo {
    name: "misp",
    title: "MISP",
    answers: &[
        T::Ipv4,
        T::Ipv6,
        T::Domain,
        T::Url,
        T::Email,
        T::Md5,
        T::Sha1,
        T::Sha256,
        T::Sha512,
        T::Cve,
    ],
    exposure: Exposure::OwnServer,
    base: "",
    key: KeyUse::Required {
        variable: "WATCHFIRE_MISP_KEY",
        goes: "header Authorization",
    },
    plans: &[Plan {
        name: "own",
        windows: &[],
        terms: "your own server; its events have markings of their own",
    }],
    grade: Grade::B,
    group: "misp",
    strength: "attribute for detection 0.7, or its decay score; others take no side",
    steps: 1,
    lifetime,
};

impl Provider for Misp {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let question = json!({
            "returnFormat": "json", "value": what.raw(), "includeDecayScore": true, "deleted": false, "limit": 100,
        });
        Request::post(
            format!("{}/attributes/restSearch", account.base()),
            JSON,
            question.to_string(),
        )
        .header("Authorization", account.key())
        .header("Accept", JSON)
    }

    fn read(&self, what: &Observable, account: &Account, turn: Turn<'_>) -> Reading {
        read(what, account, turn).into()
    }
}

fn read(what: &Observable, account: &Account, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    let all = list(&body, "response.Attribute")?;
    if all.iter().any(|attribute| attribute.at("value").as_str().is_none()) {
        return Err(super::json::wrong("response.Attribute.value"));
    }
    let mut about: Vec<&Value> = all
        .iter()
        .filter(|attribute| attribute.at("value").text().split('|').any(|half| same(half, what)))
        .collect();
    about.sort_by_key(|attribute| std::cmp::Reverse(attribute.at("timestamp").whole()));
    let detects = |attribute: &&&Value| attribute.at("to_ids").flag() == Some(true);
    let Some(shown) = about.iter().find(detects).or_else(|| about.first()) else {
        return Ok(Answer::unknown("in no event"));
    };
    let events: std::collections::BTreeSet<&str> = about.iter().map(|one| one.at("event_id").text()).collect();
    let scores = about.iter().filter(detects).filter_map(|attribute| {
        let models = attribute.at("decay_score").list().iter();
        models.filter_map(|model| model.at("score").whole()).max()
    });
    let strength = match (about.iter().any(|one| detects(&one)), scores.max()) {
        (false, _) => 0,
        (true, None) => 700,
        (true, Some(score @ 0..=100)) => u16::try_from(score.min(90) * 10).unwrap_or_default(),
        (true, Some(_)) => return Err(wrong("decay_score")),
    };
    let info = shown.at("Event.info").text();
    let named = if info.is_empty() {
        String::new()
    } else {
        format!(": {info}")
    };
    let meant = if strength > 0 { "" } else { ", not for detection" };
    let category = shown.at("category").text();
    Ok(Answer::known(format!("in {} events{meant}{named}", events.len()))
        .says(Verdict::Malicious, strength)
        .at(shown.at("timestamp").whole().map(watchfire_model::Moment::from_unix))
        .see(super::web::url(
            account.base(),
            &["events", "view", shown.at("event_id").text()],
            &[],
        ))
        .note("category", category)
        .note("comment", shown.at("comment").text())
        .note("tags", tags(shown)))
}

fn tags(attribute: &Value) -> String {
    let names = attribute.at("Tag").list().iter().map(|tag| tag.at("name").text());
    names.take(8).collect::<Vec<_>>().join(", ")
}

/// Whether half of an attribute's value is the value that was asked about, in normal form.
fn same(half: &str, what: &Observable) -> bool {
    half == what.raw() || Observable::parse(what.kind(), half).is_ok_and(|other| other == *what)
}
