//! WHOIS: who registered a name or an address, where there is no RDAP (RFC 3912).
//!
//! The root of IANA names the registry, which may name another; that is followed, to public hosts and port 43 alone.
//! What comes back is text for people, each registry's own; lines of the form `name: value` are read. Takes no side.

use super::answer::cut;
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, a_day};
use crate::asking::policy;
use watchfire_model::transport::{Method, Request};
use watchfire_model::{Exposure, Grade, Moment, Observable, ObservableType as T, Window};

/// See the module.
pub(super) struct Whois;

/// Largest answer. Bytes.
const LIMIT: usize = 256 << 10;

static INFO: ProviderInfo = ProviderInfo {
    name: "whois",
    title: "WHOIS",
    answers: &[T::Ipv4, T::Ipv6, T::Domain, T::Asn],
    exposure: Exposure::ThirdParty,
    base: "whois://whois.iana.org:43",
    key: KeyUse::None,
    plans: &[Plan {
        name: "public",
        windows: &[Window::minute(10)],
        terms: "fair use; registries forbid mass look-ups of registration data",
    }],
    grade: Grade::B,
    group: "registration",
    strength: "takes no side",
    steps: 3,
    lifetime: a_day,
};

impl Provider for Whois {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        question(account.base(), what)
    }

    fn read(&self, what: &Observable, account: &Account, turn: Turn<'_>) -> Reading {
        let text = String::from_utf8_lossy(&turn.response.body);
        // The last step has to do with what it has.
        if turn.step + 1 < INFO.steps
            && let Some(place) = referral(&text, turn.step)
        {
            return match allowed(place, account) {
                Some(place) => Reading::Again(question(&place, what)),
                None => {
                    let shown = cut(place.to_owned(), 80);
                    Reading::Failed(Fault::failed(format!(
                        "sends to a place where one does not go: '{shown}'"
                    )))
                }
            };
        }
        read(&text).into()
    }
}

fn question(base: &str, what: &Observable) -> Request {
    Request {
        method: Method::Line,
        body: what.raw().as_bytes().to_vec(),
        limit: LIMIT,
        ..Request::get(base)
    }
}

/// The values of lines `name: value`.
fn values<'t>(text: &'t str, names: &'t [&str]) -> impl Iterator<Item = &'t str> {
    text.lines()
        .filter_map(|line| line.trim_start_matches(['%', '#', ' ']).split_once(':'))
        .filter(|(name, _)| names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted)))
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// The server that an answer names in place of itself.
fn referral(text: &str, step: u8) -> Option<&str> {
    let names: &[&str] = if step == 0 {
        &["refer", "whois"]
    } else {
        &["ReferralServer"]
    };
    values(text, names).next()
}

/// Where a referral leads, if one may go there: back to where the first question went, or to port 43 of a public host.
fn allowed(place: &str, account: &Account) -> Option<String> {
    let place = place.strip_prefix("whois://").unwrap_or(place).trim_end_matches('/');
    let own = account.base().strip_prefix("whois://").unwrap_or_default();
    if place == own {
        return Some(account.base().to_owned());
    }
    let host = place.strip_suffix(":43").unwrap_or(place);
    (!host.contains(':') && policy::is_public_host(host)).then(|| format!("whois://{host}:43"))
}

/// What an answer without a field that is known says.
fn fieldless(small: &str) -> Result<Answer, Fault> {
    const LIMITS: &[&str] = &[
        "rate limit",
        "limit exceeded",
        "quota exceeded",
        "too many",
        "query limit",
    ];
    const NOTHING: &[&str] = &[
        "no match",
        "not found",
        "no data found",
        "no entries found",
        "no object found",
        "does not exist",
        "no information available",
        "not registered",
    ];
    let says = |words: &[&str]| words.iter().any(|word| small.contains(word));
    if small.trim().is_empty() {
        Err(Fault::failed("an empty answer"))
    } else if small.trim_start().starts_with('<') {
        Err(Fault::failed("a web page instead of WHOIS"))
    } else if says(LIMITS) {
        Err(Fault::quota("too many questions"))
    } else if says(NOTHING) {
        Ok(Answer::unknown("not registered"))
    } else {
        Err(Fault::failed("nothing that can be read"))
    }
}

fn read(text: &str) -> Result<Answer, Fault> {
    let created = &[
        "Creation Date",
        "created",
        "Registered on",
        "RegDate",
        "registered",
        "Domain record activated",
    ];
    let name = &[
        "Registrar",
        "NetName",
        "OrgName",
        "org-name",
        "as-name",
        "registrar name",
        "descr",
    ];
    let created = values(text, created).next();
    let name = values(text, name).next();
    let status: Vec<&str> = values(text, &["Domain Status", "status"]).take(4).collect();
    if created.is_none() && name.is_none() && status.is_empty() {
        return fieldless(&text.to_lowercase());
    }
    if status
        .iter()
        .any(|status| ["available", "free"].contains(&status.to_lowercase().as_str()))
    {
        return Ok(Answer::unknown("not registered"));
    }
    let day = |value: &str| match Moment::parse(value) {
        Ok(moment) => moment.date().to_string(),
        Err(_) => value.to_owned(),
    };
    let mut words = Vec::new();
    words.extend(created.map(|created| format!("registered {}", day(created))));
    words.extend(name.map(|name| format!("by {name}")));
    if words.is_empty() {
        words.push("registered".to_owned());
    }
    let first = |names: &[&str]| values(text, names).next().unwrap_or_default().to_owned();
    Ok(Answer::known(words.join(", "))
        .note("registered", created.map(day).unwrap_or_default())
        .note(
            "expires",
            day(&first(&["Registry Expiry Date", "Expiry Date", "paid-till", "expires"])),
        )
        .note("status", status.join(", "))
        .note("country", first(&["Country", "Registrant Country"]))
        .note(
            "abuse",
            first(&["Registrar Abuse Contact Email", "OrgAbuseEmail", "abuse-mailbox"]),
        ))
}
