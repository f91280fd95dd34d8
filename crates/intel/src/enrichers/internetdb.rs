//! Shodan's InternetDB: what a host had open in the last weekly scan, without a key.
//!
//! <https://internetdb.shodan.io/>. Strength as that of [`super::shodan`].

use super::json::{Look, list};
use super::shodan::exposed;
use super::web::{body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct InternetDb;

static INFO: ProviderInfo = ProviderInfo {
    name: "internetdb",
    title: "Shodan InternetDB",
    answers: &[T::Ipv4, T::Ipv6],
    exposure: Exposure::ThirdParty,
    base: "https://internetdb.shodan.io",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window { calls: 1, seconds: 1 }],
        terms: "not for commercial use",
    }],
    grade: Grade::C,
    group: "shodan",
    strength: "tag c2 0.6, malware or compromised 0.4; ports take no side",
    steps: 1,
    lifetime,
};

impl Provider for InternetDb {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(url(account.base(), &[what.raw()], &[]))
    }

    fn read(&self, _: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(turn).into()
    }
}

fn read(turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let own = said.at("detail").text().starts_with("No information available");
        return if own {
            Ok(Answer::unknown("nothing seen open"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    Ok(exposed(list(&body, "ports")?, &body))
}
