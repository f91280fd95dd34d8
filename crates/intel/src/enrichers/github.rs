//! GitHub's advisories: which packages a vulnerability is in.
//!
//! <https://docs.github.com/rest/security-advisories/global-advisories>. Too many questions are answered with 403 and
//! `X-RateLimit-Remaining: 0`. Takes no side.

use super::json::{Look, wrong};
use super::web::{body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct GitHub;

static INFO: ProviderInfo = ProviderInfo {
    name: "github",
    title: "GitHub advisories",
    answers: &[T::Cve, T::Ghsa],
    exposure: Exposure::ThirdParty,
    base: "https://api.github.com",
    key: KeyUse::Optional {
        variable: "WATCHFIRE_GITHUB_TOKEN",
        goes: "header Authorization: Bearer",
    },
    plans: &[
        Plan {
            name: "public",
            windows: &[Window::hour(60)],
            terms: "CC BY 4.0, name GitHub",
        },
        Plan {
            name: "token",
            windows: &[Window::hour(5_000)],
            terms: "CC BY 4.0, name GitHub",
        },
    ],
    grade: Grade::A,
    group: "github",
    strength: "takes no side",
    steps: 1,
    lifetime: a_day,
};

impl Provider for GitHub {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let field = if what.kind() == T::Ghsa { "ghsa_id" } else { "cve_id" };
        let request = Request::get(url(account.base(), &["advisories"], &[(field, what.raw())]))
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28");
        if account.has_key() {
            request.header("Authorization", format!("Bearer {}", account.key()))
        } else {
            request
        }
    }

    fn read(&self, _: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(turn).into()
    }
}

fn read(turn: Turn<'_>) -> Result<Answer, Fault> {
    let spent = turn.response.header("x-ratelimit-remaining") == Some("0");
    if turn.response.status == 403 && (spent || turn.response.header("retry-after").is_some()) {
        return Err(Fault::quota("too many questions (403)"));
    }
    let body = body(turn)?;
    let Some(first) = body.as_array().ok_or_else(|| wrong("list of advisories"))?.first() else {
        return Ok(Answer::unknown("no advisory"));
    };
    let severity = first.at("severity").as_str().ok_or_else(|| wrong("severity"))?;
    let packages: Vec<String> = first
        .at("vulnerabilities")
        .list()
        .iter()
        .map(|one| {
            format!(
                "{}/{}",
                one.at("package.ecosystem").text(),
                one.at("package.name").text()
            )
        })
        .take(8)
        .collect();
    let withdrawn = if first.at("withdrawn_at").text().is_empty() {
        ""
    } else {
        "withdrawn, "
    };
    Ok(
        Answer::known(format!("{withdrawn}{severity}: {}", first.at("summary").text()))
            .see(first.at("html_url").text())
            .note("identifier", first.at("ghsa_id").text())
            .note("packages", packages.join(", "))
            .note("published", first.at("published_at").text()),
    )
}
