//! AbuseIPDB, API v2: how often an address was reported for abuse.
//!
//! <https://docs.abuseipdb.com/#check-endpoint>. Read: `data.abuseConfidenceScore`, `totalReports`,
//! `numDistinctUsers`, `lastReportedAt`. `isWhitelisted` is no basis for anything, as its documentation says, and speaks
//! for nothing here. An address that nobody reported is answered with a score of 0: that is "not known", never "clean".
//!
//! Strength: the score in percent × 0.8; from 75 on it speaks for malicious, below for suspicious. Reports of the last
//! 90 days are asked for.

use super::json::{Look, maybe_within, object, within};
use super::web::{JSON, body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct AbuseIpdb;

static INFO: ProviderInfo = ProviderInfo {
    name: "abuseipdb",
    title: "AbuseIPDB",
    answers: &[T::Ipv4, T::Ipv6],
    exposure: Exposure::ThirdParty,
    base: "https://api.abuseipdb.com",
    key: KeyUse::Required {
        variable: "WATCHFIRE_ABUSEIPDB_KEY",
        goes: "header Key",
    },
    plans: &[Plan {
        name: "free",
        windows: &[Window::day(1_000)],
        terms: "free accounts: 1,000 checks a day",
    }],
    grade: Grade::C,
    group: "abuseipdb",
    strength: "score × 0.8; from 75 on malicious, below suspicious, 0 takes no side",
    steps: 1,
    lifetime,
};

impl Provider for AbuseIpdb {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let query = [("ipAddress", what.raw()), ("maxAgeInDays", "90")];
        Request::get(url(account.base(), &["api", "v2", "check"], &query))
            .header("Key", account.key())
            .header("Accept", JSON)
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    let data = object(&body, "data")?;
    let score = within(data, "abuseConfidenceScore", 0..=100)?;
    let reports = within(data, "totalReports", 0..=1_000_000_000)?;
    if score == 0 && reports == 0 {
        return Ok(Answer::unknown("no reports in 90 days"));
    }
    let users = maybe_within(data, "numDistinctUsers", 0..=1_000_000_000)?.unwrap_or_default();
    let towards = if score >= 75 {
        Verdict::Malicious
    } else {
        Verdict::Suspicious
    };
    let by = if users > 0 {
        format!(" by {users} people")
    } else {
        String::new()
    };
    let detail = format!("score {score}, {reports} reports{by} in 90 days");
    let listed = data.at("isWhitelisted").flag() == Some(true);
    Ok(Answer::known(detail)
        .says(towards, u16::try_from(score * 8).unwrap_or_default())
        .at(data.at("lastReportedAt").moment())
        .see(url("https://www.abuseipdb.com/check", &[what.raw()], &[]))
        .note("country", data.at("countryCode").text())
        .note("usage", data.at("usageType").text())
        .note("isp", data.at("isp").text())
        .note("domain", data.at("domain").text())
        .note(
            "tor",
            if data.at("isTor").flag() == Some(true) {
                "yes"
            } else {
                ""
            },
        )
        .note(
            "on its whitelist",
            if listed { "yes; says nothing of innocence" } else { "" },
        ))
}
