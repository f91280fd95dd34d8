//! Hybrid Analysis: what a sandbox saw a file do.
//!
//! <https://www.hybrid-analysis.com/docs/api/v2>, `GET /overview/{sha256}`. That there were too many questions may come
//! with status 200, as a message in place of an answer. It wants to be asked by `Falcon Sandbox`. Nothing is ever
//! submitted.
//!
//! Strength: malicious gives the threat score in percent × 0.8 and 0.5 at the least, suspicious 0.4; whitelisted speaks
//! for benign with 0.5; no specific threat takes no side.

use super::json::{Look, maybe_within, wrong};
use super::web::{body, elsewhere, message, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct HybridAnalysis;

static INFO: ProviderInfo = ProviderInfo {
    name: "hybrid-analysis",
    title: "Hybrid Analysis",
    answers: &[T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://www.hybrid-analysis.com",
    key: KeyUse::Required {
        variable: "WATCHFIRE_HYBRID_ANALYSIS_KEY",
        goes: "header api-key",
    },
    plans: &[Plan {
        name: "free",
        windows: &[Window::minute(5), Window::hour(200)],
        terms: "free accounts: not for commercial use",
    }],
    grade: Grade::B,
    group: "hybrid-analysis",
    strength: "malicious: threat score × 0.8, at least 0.5; suspicious 0.4; whitelisted benign 0.5",
    steps: 1,
    lifetime,
};

impl Provider for HybridAnalysis {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(url(account.base(), &["api", "v2", "overview", what.raw()], &[]))
            .header("api-key", account.key())
            .header("User-Agent", "Falcon Sandbox")
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let own = said.at("message").text().to_lowercase().contains("not found");
        return if own {
            Ok(Answer::unknown("no such sample"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let Some(verdict) = body.at("verdict").as_str() else {
        let said = message(turn.response);
        return Err(match said.to_lowercase() {
            said if said.is_empty() => wrong("verdict"),
            lower
                if ["exceed", "limit", "quota", "too many"]
                    .iter()
                    .any(|word| lower.contains(word)) =>
            {
                Fault::quota(said)
            }
            lower if lower.contains("key") => Fault::authentication(said),
            _ => Fault::failed(said),
        });
    };
    let score = maybe_within(&body, "threat_score", 0..=100)?;
    let (towards, strength) = match verdict {
        "malicious" => (Verdict::Malicious, score.unwrap_or_default().max(63) * 8),
        "suspicious" => (Verdict::Suspicious, 400),
        "whitelisted" => (Verdict::Benign, 500),
        _ => (Verdict::Unknown, 0),
    };
    let family = body.at("vx_family").text();
    let mut detail = verdict.to_owned();
    if let Some(score) = score {
        detail.push_str(&format!(", threat score {score}"));
    }
    if !family.is_empty() {
        detail.push_str(&format!(", {family}"));
    }
    Ok(Answer::known(detail)
        .says(towards, u16::try_from(strength).unwrap_or_default())
        .at(body.at("analysis_start_time").moment())
        .see(url("https://www.hybrid-analysis.com/sample", &[what.raw()], &[]))
        .note("name", body.at("last_file_name").text())
        .note("file-type", body.at("type").text())
        .note("tags", body.at("tags").joined()))
}
