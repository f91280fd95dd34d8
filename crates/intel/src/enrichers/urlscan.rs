//! urlscan.io: what a browser saw at a URL, and what was made of it.
//!
//! <https://docs.urlscan.io/>. Two questions: a search, whose hits bear no verdict, then the newest hit's result, which
//! does and which is given to those with a key alone. A malformed key is answered with 400 everywhere, so a 400 that
//! speaks of the key is an authentication failure. Nothing is ever submitted for scanning.
//!
//! Strength: `verdicts.overall`: malicious gives its score in percent × 0.8 and 0.5 at the least; a score above 0
//! speaks for suspicious with score × 0.6; anything else takes no side.

use super::json::{Look, document, list, object, within, wrong};
use super::web::{body, elsewhere, message, not_found, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict, Window};

/// See the module.
pub(super) struct UrlScan;

static INFO: ProviderInfo = ProviderInfo {
    name: "urlscan",
    title: "urlscan.io",
    answers: &[T::Ipv4, T::Ipv6, T::Domain, T::Url],
    exposure: Exposure::ThirdParty,
    base: "https://urlscan.io",
    key: KeyUse::Required {
        variable: "WATCHFIRE_URLSCAN_KEY",
        goes: "header API-Key",
    },
    plans: &[Plan {
        name: "free",
        windows: &[Window::minute(60), Window::day(1_000)],
        terms: "limits are those of the account, as its answers say",
    }],
    grade: Grade::B,
    group: "urlscan",
    strength: "malicious: score × 0.8, at least 0.5; a score above 0 suspicious × 0.6",
    steps: 2,
    lifetime,
};

const HEADER: &str = "API-Key";

impl Provider for UrlScan {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let field = match what.kind() {
            T::Url => "page.url",
            T::Domain => "page.domain",
            _ => "page.ip",
        };
        // A phrase of their query language: only these two characters mean something in it.
        let phrase = what.raw().replace('\\', "\\\\").replace('"', "\\\"");
        let query = format!("{field}:\"{phrase}\"");
        let parameters = [("q", query.as_str()), ("size", "1")];
        Request::get(url(account.base(), &["api", "v1", "search"], &parameters)).header(HEADER, account.key())
    }

    fn read(&self, _: &Observable, account: &Account, turn: Turn<'_>) -> Reading {
        if turn.response.status == 400 && message(turn.response).to_lowercase().contains("key") {
            return Reading::Failed(Fault::authentication(message(turn.response)));
        }
        if turn.step > 0 {
            return result(turn).into();
        }
        match newest(turn) {
            Ok(Some(id)) => {
                let place = url(account.base(), &["api", "v1", "result", &id], &[]);
                Reading::Again(Request::get(format!("{place}/")).header(HEADER, account.key()))
            }
            Ok(None) => Reading::Answer(Answer::unknown("never scanned")),
            Err(fault) => Reading::Failed(fault),
        }
    }
}

/// The identifier of the newest scan.
fn newest(turn: Turn<'_>) -> Result<Option<String>, Fault> {
    let body = body(turn)?;
    let Some(first) = list(&body, "results")?.first() else {
        return Ok(None);
    };
    let id = first.at("_id").text();
    let sound = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if sound {
        Ok(Some(id.to_owned()))
    } else {
        Err(wrong("results._id"))
    }
}

fn result(turn: Turn<'_>) -> Result<Answer, Fault> {
    if matches!(turn.response.status, 404 | 410) {
        let gone = not_found(turn).is_some() || turn.response.status == 410 && document(turn.response).is_ok();
        return if gone {
            Ok(Answer::unknown("its scan was deleted"))
        } else {
            Err(elsewhere())
        };
    }
    let body = body(turn)?;
    let overall = object(&body, "verdicts.overall")?;
    let score = within(overall, "score", -100..=100)?;
    let malicious = overall
        .at("malicious")
        .flag()
        .ok_or_else(|| wrong("verdicts.overall.malicious"))?;
    let brands = overall.at("brands").joined();
    let (towards, strength, word) = match (malicious, score) {
        (true, _) => (Verdict::Malicious, score.max(63) * 8, "malicious"),
        (false, 1..) => (Verdict::Suspicious, score * 6, "potentially bad"),
        _ => (Verdict::Unknown, 0, "no verdict"),
    };
    let imitates = if brands.is_empty() {
        String::new()
    } else {
        format!(", imitates {brands}")
    };
    Ok(Answer::known(format!("scanned: {word}, score {score}{imitates}"))
        .says(towards, u16::try_from(strength).unwrap_or_default())
        .at(body.at("task.time").moment())
        .see(body.at("task.reportURL").text())
        .note("title", body.at("page.title").text())
        .note("country", body.at("page.country").text())
        .note("asn", body.at("page.asn").text())
        .note("server", body.at("page.server").text()))
}
