//! NVD, API 2.0: how severe a vulnerability is.
//!
//! <https://nvd.nist.gov/developers/vulnerabilities>. Too many questions are answered with 403, a wrong key with 404
//! and a header `message`. Takes no side: a vulnerability is not guilty of anything.

use super::json::{Look, list, object, whole};
use super::web::{body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct Nvd;

static INFO: ProviderInfo = ProviderInfo {
    name: "nvd",
    title: "NVD",
    answers: &[T::Cve],
    exposure: Exposure::ThirdParty,
    base: "https://services.nvd.nist.gov",
    key: KeyUse::Optional {
        variable: "WATCHFIRE_NVD_KEY",
        goes: "header apiKey",
    },
    plans: &[
        Plan {
            name: "public",
            windows: &[Window { calls: 5, seconds: 30 }],
            terms: "free; say that the product uses the NVD API and is not endorsed by it",
        },
        Plan {
            name: "key",
            windows: &[Window { calls: 50, seconds: 30 }],
            terms: "free; say that the product uses the NVD API and is not endorsed by it",
        },
    ],
    grade: Grade::A,
    group: "nvd",
    strength: "takes no side",
    steps: 1,
    lifetime: a_day,
};

impl Provider for Nvd {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let place = url(
            account.base(),
            &["rest", "json", "cves", "2.0"],
            &[("cveId", what.raw())],
        );
        let request = Request::get(place);
        if account.has_key() {
            request.header("apiKey", account.key())
        } else {
            request
        }
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if turn.response.status == 403 {
        return Err(Fault::quota("too many questions (403)"));
    }
    if let Some(said) = turn.response.header("message").filter(|_| turn.response.status == 404) {
        let said = format!("the server says: {said}");
        return Err(if said.to_lowercase().contains("apikey") {
            Fault::authentication(said)
        } else {
            Fault::failed(said)
        });
    }
    let body = body(turn)?;
    if whole(&body, "totalResults")? <= 0 {
        return Ok(Answer::unknown("no such vulnerability"));
    }
    let first = list(&body, "vulnerabilities")?
        .first()
        .ok_or_else(|| super::json::wrong("vulnerabilities"))?;
    let cve = object(first, "cve")?;
    let mut words = Vec::new();
    words.extend(severity(cve));
    let exploited = cve.at("cisaExploitAdd").text();
    if !exploited.is_empty() {
        words.push(format!("known to be exploited since {exploited}"));
    }
    let status = cve.at("vulnStatus").text();
    if words.is_empty() {
        words.push(format!("no score yet: {status}"));
    }
    let english = cve
        .at("descriptions")
        .list()
        .iter()
        .find(|text| text.at("lang").text() == "en");
    Ok(Answer::known(words.join(", "))
        .see(url("https://nvd.nist.gov/vuln/detail", &[what.raw()], &[]))
        .note("status", status)
        .note("published", cve.at("published").text())
        .note("changed", cve.at("lastModified").text())
        .note(
            "description",
            english.map(|text| text.at("value").text()).unwrap_or_default(),
        ))
}

/// The newest kind of score that there is.
fn severity(cve: &Value) -> Option<String> {
    ["cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"]
        .iter()
        .find_map(|name| {
            let metric = cve.at("metrics").at(name).list().first()?;
            let data = metric.at("cvssData");
            let score = data
                .at("baseScore")
                .number()
                .filter(|score| (0.0..=10.0).contains(score))?;
            let word = [data.at("baseSeverity").text(), metric.at("baseSeverity").text()];
            let word = word
                .into_iter()
                .find(|word| !word.is_empty())
                .unwrap_or_default()
                .to_lowercase();
            Some(
                format!("CVSS {} {score:.1} {word}", data.at("version").text())
                    .trim_end()
                    .to_owned(),
            )
        })
}
