//! Censys, platform API v3: what a host has open.
//!
//! <https://docs.censys.com/reference/v3-globaldata-asset-host>. Strength: a label that speaks of C2 or malware speaks
//! for suspicious with 0.4; services take no side.

use super::json::{Look, list, object};
use super::web::{body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct Censys;

static INFO: ProviderInfo = ProviderInfo {
    name: "censys",
    title: "Censys",
    answers: &[T::Ipv4, T::Ipv6],
    exposure: Exposure::ThirdParty,
    base: "https://api.platform.censys.io",
    key: KeyUse::Required {
        variable: "WATCHFIRE_CENSYS_KEY",
        goes: "header Authorization: Bearer",
    },
    plans: &[Plan {
        name: "free",
        windows: &[Window::month(100)],
        terms: "free accounts: about 100 look-ups a month, not for commercial use",
    }],
    grade: Grade::B,
    group: "censys",
    strength: "label of C2 or malware 0.4; services take no side",
    steps: 1,
    lifetime,
};

impl Provider for Censys {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(url(account.base(), &["v3", "global", "asset", "host", what.raw()], &[]))
            .header("Authorization", format!("Bearer {}", account.key()))
            .header("Accept", "application/vnd.censys.api.v3.host.v1+json, application/json")
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let own = [said.at("error.code"), said.at("status"), said.at("code")]
            .iter()
            .any(|code| code.whole() == Some(404));
        return if own {
            Ok(Answer::unknown("nothing seen open"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let host = object(&body, "result.resource")?;
    let services = list(host, "services")?;
    let labels: Vec<&str> = host
        .at("labels")
        .list()
        .iter()
        .map(|label| label.as_str().unwrap_or_else(|| label.at("value").text()))
        .take(8)
        .collect();
    let bad = labels
        .iter()
        .map(|label| label.to_lowercase())
        .any(|label| label == "c2" || label.contains("malware"));
    let ports: Vec<Value> = services.iter().map(|service| service.at("port").clone()).collect();
    let mut detail = format!("{} services open", services.len());
    if !labels.is_empty() {
        detail.push_str(&format!("; {}", labels.join(", ")));
    }
    let scans = services.iter().filter_map(|service| service.at("scan_time").moment());
    Ok(Answer::known(detail)
        .says(Verdict::Suspicious, if bad { 400 } else { 0 })
        .at(scans.max())
        .see(url("https://platform.censys.io/hosts", &[what.raw()], &[]))
        .note("ports", Value::from(ports).joined())
        .note("country", host.at("location.country_code").text())
        .note(
            "asn",
            host.at("autonomous_system.asn")
                .whole()
                .map(|asn| asn.to_string())
                .unwrap_or_default(),
        )
        .note("as-name", host.at("autonomous_system.name").text()))
}
