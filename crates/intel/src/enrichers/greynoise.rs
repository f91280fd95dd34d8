//! GreyNoise: who scans the whole internet, and who is a common service of it.
//!
//! <https://docs.greynoise.io/reference/ip_lookup>. With the plan `enterprise` `GET /v3/ip/{ip}` is asked, with
//! `community` `GET /v3/community/{ip}`, which says less. Which of the two a key is good for is configured, not tried:
//! each try costs a call.
//!
//! An address that was not observed is answered with 404 and a body that says so: not known, and no more.
//!
//! Strength: classified malicious 0.7, suspicious 0.4; benign (a scanner whose owner is known) speaks for benign with
//! 0.6, a common business service (RIOT) with 0.8 at trust level 1 and with 0.4 at level 2. Noise of unknown intent takes
//! no side.

use super::json::{Look, object};
use super::web::{JSON, body, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct GreyNoise;

/// The plan that asks the smaller interface.
const COMMUNITY: &str = "community";

static INFO: ProviderInfo = ProviderInfo {
    name: "greynoise",
    title: "GreyNoise",
    answers: &[T::Ipv4],
    exposure: Exposure::ThirdParty,
    base: "https://api.greynoise.io",
    key: KeyUse::Required {
        variable: "WATCHFIRE_GREYNOISE_KEY",
        goes: "header key",
    },
    plans: &[
        Plan {
            name: COMMUNITY,
            windows: &[Window {
                calls: 50,
                seconds: 7 * 86_400,
            }],
            terms: "free accounts: about 50 look-ups a week",
        },
        Plan {
            name: "enterprise",
            windows: &[],
            terms: "by contract; limits are those of the contract",
        },
    ],
    grade: Grade::B,
    group: "greynoise",
    strength: "malicious 0.7, suspicious 0.4; benign: common service 0.8 or 0.4, known scanner 0.6",
    steps: 1,
    lifetime,
};

impl Provider for GreyNoise {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let folder = if account.plan() == COMMUNITY { "community" } else { "ip" };
        Request::get(url(account.base(), &["v3", folder, what.raw()], &[]))
            .header("key", account.key())
            .header("Accept", JSON)
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    const UNSEEN: &str = "not seen scanning, and no common service";
    if let Some(said) = not_found(turn) {
        let own = said.at("noise").flag() == Some(false)
            || said.at("internet_scanner_intelligence.found").flag() == Some(false)
            || said.at("message").text().starts_with("IP not observed");
        return if own {
            Ok(Answer::unknown(UNSEEN))
        } else {
            Err(super::web::elsewhere())
        };
    }
    let body = body(turn)?;
    let (noise, service) = if body.get("noise").is_some() {
        (community(&body)?, None)
    } else {
        let scanner = object(&body, "internet_scanner_intelligence")?;
        let service = object(&body, "business_service_intelligence")?;
        (found(scanner)?.then_some(scanner), found(service)?.then_some(service))
    };
    let riot = body.at("riot").flag() == Some(true);
    if noise.is_none() && service.is_none() && !riot {
        return Ok(Answer::unknown(UNSEEN));
    }
    let class = noise.map(|noise| noise.at("classification").text()).unwrap_or_default();
    let level = service.map(|service| service.at("trust_level").whole().unwrap_or(2));
    let name = [
        body.at("name").text(),
        noise.map(|noise| noise.at("actor").text()).unwrap_or_default(),
        service.map(|service| service.at("name").text()).unwrap_or_default(),
    ];
    let name = name
        .into_iter()
        .find(|name| !name.is_empty() && !name.eq_ignore_ascii_case("unknown"));
    let named = name.map(|name| format!(": {name}")).unwrap_or_default();
    let (detail, towards, strength) = match (class, level) {
        ("malicious", _) => (format!("scans the internet, malicious{named}"), Verdict::Malicious, 700),
        ("suspicious", _) => (
            format!("scans the internet, suspicious{named}"),
            Verdict::Suspicious,
            400,
        ),
        (_, Some(1)) => (format!("common business service{named}"), Verdict::Benign, 800),
        (_, Some(_)) => (format!("common service, less certain{named}"), Verdict::Benign, 400),
        _ if riot => (format!("common business service{named}"), Verdict::Benign, 800),
        ("benign", _) => (
            format!("scans the internet, known and benign{named}"),
            Verdict::Benign,
            600,
        ),
        _ => (
            format!("scans the internet, intent unknown{named}"),
            Verdict::Unknown,
            0,
        ),
    };
    let seen = |path: &str| noise.and_then(|noise| noise.at(path).moment());
    let metadata = body.at("internet_scanner_intelligence.metadata");
    Ok(Answer::known(detail)
        .says(towards, strength)
        .at(seen("last_seen").or_else(|| seen("last_seen_timestamp")))
        .see(url("https://viz.greynoise.io/ip", &[what.raw()], &[]))
        .note("country", metadata.at("source_country_code").text())
        .note("asn", metadata.at("asn").text())
        .note("organisation", metadata.at("organization").text())
        .note(
            "tor",
            if noise.is_some_and(|n| n.at("tor").flag() == Some(true)) {
                "yes"
            } else {
                ""
            },
        ))
}

/// The part of the smaller interface's answer that is about scanning.
fn community(body: &Value) -> Result<Option<&Value>, Fault> {
    let noise = body.at("noise").flag().ok_or_else(|| super::json::wrong("noise"))?;
    Ok(noise.then_some(body))
}

fn found(part: &Value) -> Result<bool, Fault> {
    part.at("found").flag().ok_or_else(|| super::json::wrong("found"))
}
