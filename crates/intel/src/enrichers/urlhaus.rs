//! URLhaus of abuse.ch: URLs that serve malware, the hosts they are on, and what they served.
//!
//! <https://urlhaus-api.abuse.ch/>. Every question is a form, every answer a 200: `query_status` says how it ended.
//! Numbers come as strings, and `larted` is the string `"true"`. One key serves the whole family of abuse.ch.
//!
//! Strength: a URL that serves malware now 0.95, and its word suffices; one that did 0.6. A host with such a URL online
//! 0.6, with none left 0.3: most of them are somebody's broken site or everybody's file share. A file that was served
//! 0.8.

use super::abuse_ch::{GROUP, HEADER, KEY, PLANS, ended};
use super::json::{Look, wrong};
use super::web::{FORM, body, form, url};
use super::{Account, Answer, Fault, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::Value;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict};

/// See the module.
pub(super) struct UrlHaus;

static INFO: ProviderInfo = ProviderInfo {
    name: "urlhaus",
    title: "URLhaus",
    answers: &[T::Ipv4, T::Domain, T::Url, T::Md5, T::Sha256],
    exposure: Exposure::ThirdParty,
    base: "https://urlhaus-api.abuse.ch",
    key: KEY,
    plans: PLANS,
    grade: Grade::B,
    group: GROUP,
    strength: "URL online 0.95 (suffices), offline 0.6; host online 0.6, offline 0.3; file 0.8",
    steps: 1,
    lifetime,
};

impl Provider for UrlHaus {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let (page, field) = match what.kind() {
            T::Url => ("url", "url"),
            T::Md5 => ("payload", "md5_hash"),
            T::Sha256 => ("payload", "sha256_hash"),
            _ => ("host", "host"),
        };
        // Their pages end in a slash, and posting without one is answered with a redirect.
        Request::post(
            format!("{}/", url(account.base(), &["v1", page], &[])),
            FORM,
            form(&[(field, what.raw())]),
        )
        .header(HEADER, account.key())
    }

    fn read(&self, what: &Observable, _: &Account, turn: Turn<'_>) -> Reading {
        read(what, turn).into()
    }
}

fn read(what: &Observable, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    if !ended(&body)? {
        return Ok(Answer::unknown("not listed"));
    }
    match what.kind() {
        T::Url => listed_url(&body),
        T::Md5 | T::Sha256 => Ok(payload(&body)),
        _ => Ok(host(&body)),
    }
}

fn listed_url(body: &Value) -> Result<Answer, Fault> {
    let status = body.at("url_status").text();
    if status.is_empty() {
        return Err(wrong("url_status"));
    }
    let online = status == "online";
    let detail = described(&format!("serves malware, {status}"), body);
    let answer = Answer::known(detail)
        .says(Verdict::Malicious, if online { 950 } else { 600 })
        .at(body
            .at("last_online")
            .moment()
            .or_else(|| body.at("date_added").moment()));
    let answer = if online { answer.curated() } else { answer };
    let reported = body.at("larted").flag() == Some(true);
    Ok(answer
        .see(body.at("urlhaus_reference").text())
        .note("host", body.at("host").text())
        .note("reported to its provider", if reported { "yes" } else { "" })
        .note("spamhaus", body.at("blacklists.spamhaus_dbl").text())
        .note("surbl", body.at("blacklists.surbl").text()))
}

fn host(body: &Value) -> Answer {
    let urls = body.at("urls").list();
    let online = urls
        .iter()
        .filter(|url| url.at("url_status").text() == "online")
        .count();
    let count = body
        .at("url_count")
        .whole()
        .unwrap_or_default()
        .max(i64::try_from(urls.len()).unwrap_or_default());
    let newest = urls.iter().filter_map(|url| url.at("date_added").moment()).max();
    let detail = match urls.first() {
        Some(first) => described(&format!("{count} URLs that served malware, {online} online"), first),
        None => format!("{count} URLs that served malware"),
    };
    Answer::known(detail)
        .says(Verdict::Malicious, if online > 0 { 600 } else { 300 })
        .at(newest.or_else(|| body.at("firstseen").moment()))
        .see(body.at("urlhaus_reference").text())
        .note("spamhaus", body.at("blacklists.spamhaus_dbl").text())
        .note("surbl", body.at("blacklists.surbl").text())
}

fn payload(body: &Value) -> Answer {
    let signature = body.at("signature").text();
    let named = if signature.is_empty() {
        String::new()
    } else {
        format!(": {signature}")
    };
    let count = body.at("url_count").whole().unwrap_or_default();
    Answer::known(format!("served as malware by {count} URLs{named}"))
        .says(Verdict::Malicious, 800)
        .at(body.at("lastseen").moment().or_else(|| body.at("firstseen").moment()))
        .note("file-type", body.at("file_type").text())
        .note(
            "size",
            body.at("file_size")
                .whole()
                .map(|size| size.to_string())
                .unwrap_or_default(),
        )
}

/// `text`, with the kind of threat and its tags.
fn described(text: &str, entry: &Value) -> String {
    let words = [entry.at("threat").text().replace('_', " "), entry.at("tags").joined()];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        text.to_owned()
    } else {
        format!("{text}: {}", words.join(", "))
    }
}
