//! EPSS of FIRST: how likely a vulnerability is to be exploited in the next thirty days.
//!
//! <https://api.first.org/epss/>. Numbers come as strings. Takes no side.

use super::json::{Look, list, wrong};
use super::web::{body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct Epss;

static INFO: ProviderInfo = ProviderInfo {
    name: "epss",
    title: "EPSS",
    answers: &[T::Cve],
    exposure: Exposure::ThirdParty,
    base: "https://api.first.org",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window::minute(100)],
        terms: "free; name FIRST",
    }],
    grade: Grade::A,
    group: "epss",
    strength: "takes no side",
    steps: 1,
    lifetime: a_day,
};

impl Provider for Epss {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(url(account.base(), &["data", "v1", "epss"], &[("cve", what.raw())]))
    }

    fn read(&self, _: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(turn).into()
    }
}

fn read(turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    let Some(first) = list(&body, "data")?.first() else {
        return Ok(Answer::unknown("no estimate"));
    };
    let percent = |path: &str| match first.at(path).number() {
        Some(share) if (0.0..=1.0).contains(&share) => Ok(share * 100.0),
        _ => Err(wrong(path)),
    };
    let likely = percent("epss")?;
    let rank = Some("percentile").filter(|path| !first.at(path).is_null()).map(percent);
    let rank = rank
        .transpose()?
        .map(|rank| format!(", above {rank:.1} % of all"))
        .unwrap_or_default();
    Ok(
        Answer::known(format!("{likely:.1} % likely to be exploited in 30 days{rank}"))
            .see("https://www.first.org/epss/")
            .note("date", first.at("date").text()),
    )
}
