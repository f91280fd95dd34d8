//! crt.sh: certificates that were issued for a name, from the logs of Certificate Transparency (RFC 9162).
//!
//! <https://crt.sh/>. It is often overloaded and says so with a page and a 5xx. Takes no side: that a name is young is
//! worth knowing, and is no guilt.

use super::json::{Look, wrong};
use super::web::{body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use std::collections::BTreeSet;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct CrtSh;

static INFO: ProviderInfo = ProviderInfo {
    name: "crtsh",
    title: "crt.sh",
    answers: &[T::Domain],
    exposure: Exposure::ThirdParty,
    base: "https://crt.sh",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window::minute(5)],
        terms: "fair use",
    }],
    grade: Grade::A,
    group: "certificates",
    strength: "takes no side",
    steps: 1,
    lifetime: a_day,
};

impl Provider for CrtSh {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(format!(
            "{}/{}",
            account.base(),
            url("", &[], &[("q", what.raw()), ("output", "json")])
        ))
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    let all = body.as_array().ok_or_else(|| wrong("list of certificates"))?;
    if all.is_empty() {
        return Ok(Answer::unknown("no certificate"));
    }
    let issued: Vec<_> = all.iter().filter_map(|one| one.at("not_before").moment()).collect();
    let (Some(first), Some(last)) = (issued.iter().min(), issued.iter().max()) else {
        return Err(wrong("not_before"));
    };
    let names: BTreeSet<&str> = all.iter().flat_map(|one| one.at("name_value").text().lines()).collect();
    let issuers: BTreeSet<&str> = all.iter().map(|one| one.at("issuer_name").text()).collect();
    let detail = format!(
        "{} certificates, first {}, last {}",
        all.len(),
        first.date(),
        last.date()
    );
    Ok(Answer::known(detail)
        .see(url("https://crt.sh", &[], &[("q", what.raw())]))
        .note("names", names.into_iter().take(8).collect::<Vec<_>>().join(", "))
        .note("issuers", issuers.into_iter().take(3).collect::<Vec<_>>().join("; ")))
}
