//! Security advisories of GitHub, a page of the REST interface.
//!
//! | field | becomes |
//! |---|---|
//! | `ghsa_id`, `cve_id` | one indicator each, towards `unknown` |
//! | `published_at`, `updated_at` | first seen, last seen |
//! | `severity`, `cvss.score` | threat, `CVSS 9.8 critical` |
//! | `type` = `malware` | `malicious package`, in the threat |
//! | `vulnerabilities[].package` | `npm/left-pad`, in the threat |
//! | `summary` | threat |
//! | `html_url` | reference |
//! | `withdrawn_at` | counted as withdrawn |
//!
//! The next page is named in the header `Link` (RFC 8288). Source: <https://docs.github.com/en/rest/security-advisories/global-advisories>.

use crate::feed::intake::{Next, Taker};
use crate::feed::json::{Fields, records};
use crate::feed::lines::Input;
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Place, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Ghsa;

static INFO: FormatInfo = FormatInfo {
    name: "ghsa",
    describes: "security advisories of GitHub, JSON",
    yields: "GHSA and CVE identifiers",
    towards: "unknown: context, no malice",
    fields: "first seen, last seen, threat, reference; pages",
    reach: "exact",
    source: "https://docs.github.com/en/rest/security-advisories/global-advisories",
};

const WANTED: &str = "a list of security advisories";

impl FeedFormat for Ghsa {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn next_in_headers(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<Next> {
        linked(&header("link")?).map(Next::Url)
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        super::is_json(head) && super::has(head, "\"ghsa_id\"")
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, WANTED)?;
        records(input, &mut taker, &[&["[]"]], &mut take, &mut |_, _, _| {})?
            .ok_or_else(|| super::no_columns(WANTED, "it is no list"))?;
        Ok(taker.finish())
    }
}

/// The target of the relation `next` (RFC 8288): `<https://…>; rel="next", <https://…>; rel="last"`.
fn linked(header: &str) -> Option<String> {
    header.split('<').skip(1).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let mut parameters = parameters.split([';', ',']).map(str::trim);
        let is_next = parameters.any(|it| matches!(it, "rel=\"next\"" | "rel=next"));
        is_next.then(|| target.to_owned())
    })
}

fn take(place: Place, advisory: Fields<'_>, taker: &mut Taker<'_>) {
    let id = advisory.text("ghsa_id");
    if !advisory.text("withdrawn_at").is_empty() {
        return taker.reject(place, Reason::Withdrawn, "withdrawn by its authors", &id);
    }
    let score = match advisory.object("cvss").map(|cvss| cvss.text("score")) {
        Some(score) if !score.is_empty() => format!("CVSS {score} {}", advisory.text("severity")),
        _ => advisory.text("severity").into_owned(),
    };
    let packages: Vec<String> = advisory
        .objects("vulnerabilities")
        .filter_map(|vulnerability| vulnerability.object("package"))
        .take(3)
        .map(|package| format!("{}/{}", package.text("ecosystem"), package.text("name")))
        .collect();
    let malware = advisory.text("type") == "malware";
    let both = [
        (ObservableType::Ghsa, id),
        (ObservableType::Cve, advisory.text("cve_id")),
    ];
    let dates = taker.dates();
    for (kind, text) in both {
        if kind == ObservableType::Cve && text.is_empty() {
            continue;
        }
        taker.take_typed(place, kind, &text, |observable| Indicator {
            towards: Verdict::Unknown,
            first_seen: dates.read(&advisory.text("published_at")),
            last_seen: dates.read(&advisory.text("updated_at")),
            threat: value::threat(&[
                if malware { "malicious package" } else { "" },
                &score,
                &packages.join(" "),
                &advisory.text("summary"),
            ]),
            reference: value::reference(&advisory.text("html_url")),
            ..Indicator::new(observable)
        });
    }
}
