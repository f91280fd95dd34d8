//! AlienVault OTX: in how many pulses, reports that anybody can write, a value stands.
//!
//! <https://otx.alienvault.com/api>, `GET /api/v1/indicators/{type}/{value}/general`. A value with anything under
//! `validation` is on a whitelist of theirs: pulses then say nothing, as their own examples have it.
//!
//! Strength: speaks for suspicious; 1 pulse gives 0.15, 3 give 0.25, 10 give 0.4. Anybody can write one, and many copy.

use super::json::{Look, within};
use super::web::{body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_knowledge::suffix;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct Otx;

static INFO: ProviderInfo = ProviderInfo {
    name: "otx",
    title: "AlienVault OTX",
    answers: &[T::Ipv4, T::Ipv6, T::Domain, T::Url, T::Md5, T::Sha1, T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://otx.alienvault.com",
    key: KeyUse::Optional {
        variable: "WATCHFIRE_OTX_KEY",
        goes: "header X-OTX-API-KEY",
    },
    plans: &[
        Plan {
            name: "public",
            windows: &[Window::hour(1_000)],
            terms: "free",
        },
        Plan {
            name: "key",
            windows: &[Window::hour(10_000)],
            terms: "free",
        },
    ],
    grade: Grade::D,
    group: "otx",
    strength: "pulses: 10 0.4, 3 0.25, 1 0.15; none where it is on their whitelist",
    steps: 1,
    lifetime,
};

impl Provider for Otx {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let kind = match what.kind() {
            T::Ipv4 => "IPv4",
            T::Ipv6 => "IPv6",
            T::Domain if suffix::registrable(what.raw()).is_none_or(|name| name == what.raw()) => "domain",
            T::Domain => "hostname",
            T::Url => "url",
            _ => "file",
        };
        let place = url(
            account.base(),
            &["api", "v1", "indicators", kind, what.raw(), "general"],
            &[],
        );
        let request = Request::get(place);
        if account.has_key() {
            request.header("X-OTX-API-KEY", account.key())
        } else {
            request
        }
    }

    fn read(&self, _: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(turn).into()
    }
}

fn read(turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let words = format!("{}{}", said.at("detail").text(), said.at("error").text()).to_lowercase();
        let own = words.contains("not found") && !words.contains("endpoint");
        return if own {
            Ok(Answer::unknown("in no pulse"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let count = within(&body, "pulse_info.count", 0..=1_000_000_000)?;
    let lists: Vec<&str> = body
        .at("validation")
        .list()
        .iter()
        .map(|entry| entry.at("name").text())
        .collect();
    if count <= 0 && lists.is_empty() {
        return Ok(Answer::unknown("in no pulse"));
    }
    let pulses = body.at("pulse_info.pulses").list();
    let newest = pulses
        .iter()
        .filter_map(|pulse| pulse.at("modified").moment().or_else(|| pulse.at("created").moment()))
        .max();
    let named = pulses
        .iter()
        .map(|pulse| pulse.at("name").text())
        .find(|name| !name.is_empty());
    let named = named.map(|name| format!(": {name}")).unwrap_or_default();
    let answer = if lists.is_empty() {
        let strength = match count {
            10.. => 400,
            3.. => 250,
            _ => 150,
        };
        Answer::known(format!("in {count} pulses{named}")).says(Verdict::Suspicious, strength)
    } else {
        Answer::known(format!("in {count} pulses, but on their whitelist"))
    };
    Ok(answer
        .at(newest)
        .note("whitelist", lists.into_iter().take(4).collect::<Vec<_>>().join(", "))
        .note("country", body.at("country_code").text())
        .note("asn", body.at("asn").text()))
}
