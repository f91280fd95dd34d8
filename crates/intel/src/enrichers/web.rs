//! What all HTTP interfaces share: URLs that no value can break out of, statuses, limits in headers.

use super::json::{Look, document};
use super::{Fault, Turn};
use serde_json::Value;
use watchfire_model::transport::Response;
use watchfire_model::{Allowance, Date, Moment};

/// `base/segment/segment?name=value&name=value`. Segments, names and values are escaped (RFC 3986, unreserved
/// characters stay); a segment of dots alone, which would climb, cannot be one.
pub(crate) fn url(base: &str, segments: &[&str], query: &[(&str, &str)]) -> String {
    let mut out = String::from(base);
    for segment in segments {
        out.push('/');
        if segment.bytes().all(|byte| byte == b'.') {
            out.push('_');
        } else {
            escape(segment, &mut out);
        }
    }
    form_into(query, "?", &mut out);
    out
}

/// `name=value&name=value` (`application/x-www-form-urlencoded`).
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    form_into(fields, "", &mut out);
    out
}

/// The content type of [`form`].
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The content type of JSON.
pub(crate) const JSON: &str = "application/json";

fn form_into(fields: &[(&str, &str)], first: &str, out: &mut String) {
    for (at, (name, value)) in fields.iter().enumerate() {
        out.push_str(if at == 0 { first } else { "&" });
        escape(name, out);
        out.push('=');
        escape(value, out);
    }
}

/// Text as it goes into a URL.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// What the statuses say that mean the same everywhere. 404 is left to the provider: its own words decide.
///
/// # Errors
/// For every status but 2xx and 404.
pub(crate) fn status(response: &Response) -> Result<(), Fault> {
    let said = message(response);
    let with = |why: &str| {
        if said.is_empty() {
            format!("{why} ({})", response.status)
        } else {
            format!("{why} ({}): {said}", response.status)
        }
    };
    match response.status {
        200..=299 | 404 => Ok(()),
        401 | 403 => Err(Fault::authentication(with("the key was not accepted"))),
        402 => Err(Fault::quota(with("the account has no credits left"))),
        429 | 509 => Err(Fault::quota(with("too many questions"))),
        407 => Err(Fault::failed(with(
            "the proxy wants a name and a password, or other ones",
        ))),
        300..=399 => Err(Fault::failed(with("sends elsewhere"))),
        400..=499 => Err(Fault::failed(with("did not accept the question"))),
        500..=599 => Err(Fault::failed(with("has a fault of its own"))),
        _ => Err(Fault::failed(with("answered with no status of HTTP"))),
    }
}

/// The longest that `Retry-After` is heeded: a day. No limit of calls asks for more, and one line would shut a provider out.
/// Seconds.
const LONGEST_WAIT: u64 = 86_400;

/// The fault of a 429.
pub(crate) fn too_many(response: &Response, now: Moment) -> Fault {
    if let Some(wait) = retry_after(response, now).filter(|wait| *wait > LONGEST_WAIT) {
        let days = wait / 86_400;
        return Fault::quota(format!(
            "too many questions; asks for a pause of {days} days, and gets one day"
        ));
    }
    status(response)
        .err()
        .unwrap_or_else(|| Fault::quota("too many questions"))
}

/// The fault of a 5xx.
pub(crate) fn own_fault(response: &Response) -> Fault {
    status(response)
        .err()
        .unwrap_or_else(|| Fault::failed("has a fault of its own"))
}

/// The JSON of an answer with status 2xx, after [`status`]. A 404 is a fault: whoever knows the provider's own words for
/// "not found" has looked for them before.
pub(crate) fn body(turn: Turn<'_>) -> Result<Value, Fault> {
    status(turn.response)?;
    if turn.response.status == 404 {
        return Err(elsewhere());
    }
    document(turn.response)
}

/// A 404 that is not in the provider's own words.
pub(crate) fn elsewhere() -> Fault {
    Fault::failed("no such page (404), and not in the provider's words: is its base URL right?")
}

/// What a 404 says, where it is JSON.
pub(crate) fn not_found(turn: Turn<'_>) -> Option<Value> {
    (turn.response.status == 404)
        .then(|| document(turn.response).ok())
        .flatten()
}

/// The message of an error, wherever providers put it; in one line and short.
pub(crate) fn message(response: &Response) -> String {
    let Ok(value) = document(response) else {
        return String::new();
    };
    let said = [
        "error.message",
        "message",
        "error",
        "detail",
        "description",
        "error_message",
    ]
    .iter()
    .map(|path| value.at(path).text())
    .find(|text| !text.is_empty())
    .or_else(|| {
        let first = value.at("errors").list().first()?;
        [first.at("detail").text(), first.at("message").text()]
            .into_iter()
            .find(|text| !text.is_empty())
    });
    let said = said.unwrap_or_default();
    said.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(160)
        .collect()
}

/// The calls that are left, as most providers write it: `X-RateLimit-Remaining` and `-Reset` (a moment or seconds from
/// now), urlscan's `X-Rate-Limit-Remaining` and `-Reset-After`, and `Retry-After` (RFC 9110, section 10.2.3), which
/// means that none are.
pub(crate) fn allowance(response: &Response, now: Moment) -> Option<Allowance> {
    let seconds = |name: &str| response.header(name).and_then(|value| value.trim().parse::<u64>().ok());
    if matches!(response.status, 429 | 503)
        && let Some(wait) = retry_after(response, now)
    {
        return Some(Allowance {
            remaining: 0,
            until: now.after(wait.min(LONGEST_WAIT)),
        });
    }
    let remaining = seconds("x-ratelimit-remaining").or_else(|| seconds("x-rate-limit-remaining"))?;
    let reset = seconds("x-rate-limit-reset-after")
        .or_else(|| seconds("x-ratelimit-reset"))
        .unwrap_or(60);
    // A number of this size is a moment: nobody waits for thirty years.
    let until = if reset > 1_000_000_000 {
        Moment::from_unix(i64::try_from(reset).unwrap_or(i64::MAX))
    } else {
        now.after(reset)
    };
    Some(Allowance {
        remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
        // Nothing that a header says stops a provider for longer than a month.
        until: until.min(now.after(31 * 86_400)),
    })
}

/// Seconds to wait, as `Retry-After` has it.
fn retry_after(response: &Response, now: Moment) -> Option<u64> {
    let text = response.header("retry-after")?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => http_date(text)?.since(now),
    };
    Some(seconds)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7). The two obsolete forms are not read.
fn http_date(text: &str) -> Option<Moment> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: u8 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = (1u8..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    let date = Date::new(words.next()?.parse().ok()?, month, day).ok()?;
    Moment::parse(&format!("{date} {}", words.next()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Response {
            status,
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn no_value_breaks_out_of_a_url() {
        let check = |value: &str, expected: &str| {
            assert_eq!(url("https://a.test/v1", &["x", value], &[("q", value)]), expected);
        };
        check("8.8.8.8", "https://a.test/v1/x/8.8.8.8?q=8.8.8.8");
        check(
            "../y?z#&=",
            "https://a.test/v1/x/..%2Fy%3Fz%23%26%3D?q=..%2Fy%3Fz%23%26%3D",
        );
        check("..", "https://a.test/v1/x/_?q=..");
        check("a b\r\n", "https://a.test/v1/x/a%20b%0D%0A?q=a%20b%0D%0A");
        check("é", "https://a.test/v1/x/%C3%A9?q=%C3%A9");
        assert_eq!(form(&[("a", "1&b=2"), ("c", "")]), "a=1%26b%3D2&c=");
    }

    #[test]
    fn limits_are_read_from_headers() {
        let now = Moment::from_unix(1_800_000_000);
        let check = |status, headers: &[(&str, &str)], expected: Option<(u32, u64)>| {
            let found = allowance(&response(status, headers), now);
            assert_eq!(
                found.map(|found| (found.remaining, found.until.since(now))),
                expected,
                "{headers:?}"
            );
        };
        check(
            200,
            &[("x-ratelimit-remaining", "17"), ("x-ratelimit-reset", "90")],
            Some((17, 90)),
        );
        check(
            200,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000030")],
            Some((0, 30)),
        );
        check(
            200,
            &[("x-rate-limit-remaining", "3"), ("x-rate-limit-reset-after", "5")],
            Some((3, 5)),
        );
        check(
            429,
            &[("retry-after", "120"), ("x-ratelimit-remaining", "7")],
            Some((0, 120)),
        );
        check(429, &[("retry-after", "Fri, 15 Jan 2027 08:02:00 GMT")], Some((0, 120)));
        check(429, &[("retry-after", "99999999999999")], Some((0, 86_400)));
        let fault = |wait: &str| too_many(&response(429, &[("retry-after", wait)]), now).why.to_string();
        assert!(fault("8640000").ends_with("a pause of 100 days, and gets one day"));
        assert!(!fault("3600").contains("pause"));
        check(200, &[("x-ratelimit-remaining", "many")], None);
        check(200, &[], None);
    }

    #[test]
    fn statuses_are_told_apart() {
        use watchfire_model::Outcome::{Authentication, Failed, Quota};
        for (code, outcome) in [
            (401, Authentication),
            (403, Authentication),
            (402, Quota),
            (429, Quota),
            (302, Failed),
            (400, Failed),
            (500, Failed),
            (99, Failed),
        ] {
            assert_eq!(status(&response(code, &[])).unwrap_err().outcome, outcome, "{code}");
        }
        assert!(status(&response(204, &[])).is_ok());
    }
}
