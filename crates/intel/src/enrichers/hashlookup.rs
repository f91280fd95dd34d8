//! hashlookup of CIRCL: files that are part of known software.
//!
//! <https://www.circl.lu/services/hashlookup/>. Strength: speaks for benign with its trust in percent × 0.6; where it
//! says that the file is known to be malicious, for malicious with 0.6. Known software may still be a tool of attackers.

use super::json::{Look, maybe_within};
use super::web::{JSON, body, elsewhere, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct HashLookup;

static INFO: ProviderInfo = ProviderInfo {
    name: "hashlookup",
    title: "CIRCL hashlookup",
    answers: &[T::Md5, T::Sha1, T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://hashlookup.circl.lu",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window::minute(60)],
        terms: "free, best effort",
    }],
    grade: Grade::B,
    group: "hashlookup",
    strength: "benign: trust × 0.6; known malicious 0.6",
    steps: 1,
    lifetime,
};

impl Provider for HashLookup {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        Request::get(url(account.base(), &["lookup", what.kind().name(), what.raw()], &[])).header("Accept", JSON)
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    if let Some(said) = not_found(turn) {
        let own = said.at("message").text().to_lowercase().contains("non existing");
        return if own {
            Ok(Answer::unknown("no known software"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let member = what
        .kind()
        .spec()
        .name
        .to_uppercase()
        .replace("SHA1", "SHA-1")
        .replace("SHA256", "SHA-256");
    let told = body.get(&member).and_then(|digest| digest.as_str());
    if !told.is_some_and(|digest| digest.trim().eq_ignore_ascii_case(what.raw())) {
        return Err(super::json::wrong(&member));
    }
    let name = body.at("FileName").text();
    let malicious = body.at("KnownMalicious").text();
    let trust = maybe_within(&body, "hashlookup:trust", 0..=100)?.unwrap_or(50);
    let answer = if malicious.is_empty() {
        let named = if name.is_empty() {
            String::new()
        } else {
            format!(": {name}")
        };
        Answer::known(format!("part of known software, trust {trust}{named}"))
            .says(Verdict::Benign, u16::try_from(trust * 6).unwrap_or_default())
    } else {
        Answer::known(format!("known to be malicious: {malicious}")).says(Verdict::Malicious, 600)
    };
    Ok(answer
        .note("name", name)
        .note("size", body.at("FileSize").text())
        .note("product", body.at("ProductCode.ProductName").text())
        .note("source", body.at("source").text()))
}
