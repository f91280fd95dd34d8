//! What was seen, to look through and to copy.
//!
//! Rows are in the page as they are drawn, so that they can be read and printed without its script. The value that is copied
//! live stands in `data-live`; it is shown nowhere.

use super::parts::{Section, grouped};
use super::{Markup, page::Page};
use crate::line;
use crate::ranking::Distinct;
use crate::text::marks;
use crate::words::word;
use watchfire_model::Verdict;

/// What can be copied, as the script knows it.
const FORMS: [(&str, &str); 6] = [
    ("text", "Text, defanged"),
    ("csv", "CSV"),
    ("json", "JSON"),
    ("markdown", "Markdown"),
    ("spl", "Splunk SPL"),
    ("kql", "KQL"),
];

const COLUMNS: [(&str, &str); 7] = [
    ("Type", ""),
    ("Value", "value"),
    ("Verdict", ""),
    ("Role", ""),
    ("Seen", "number"),
    ("Where", "place"),
    ("Marks", ""),
];
/// Bytes of rows.
const ROOM: usize = 1_200_000;
/// Longest value that can be copied live, in bytes.
const LIVE: usize = 2_000;
/// Rows that are printed; the style sheet hides the others on paper.
const PRINTED: u64 = 100;

pub(super) fn observables(page: &Page<'_>) -> Option<Section> {
    let shown = page.shown();
    if shown.is_empty() {
        return None;
    }
    let mut rows = Markup::default();
    let mut count = 0;
    for one in shown {
        if rows.len() > ROOM {
            break;
        }
        row(one, page, &mut rows);
        count += 1;
    }
    let mut body = Markup::default();
    let (some, all) = (grouped(count), grouped(page.distinct.len() as u64));
    let told = if some == all {
        format!("All {all} observables. Values are defanged; what is copied as CSV, JSON, SPL or KQL is live.")
    } else {
        format!("The first {some} of {all} observables, by how much they matter; the report in JSON has all of them.")
    };
    body.element("p", &[("class", "hint")], &told);
    tools(&mut body);
    body.open(
        "div",
        &[
            ("class", "scroll tall"),
            ("role", "group"),
            ("aria-label", "Observables"),
            ("tabindex", "0"),
        ],
    );
    body.open("table", &[("class", "observables"), ("id", "observables-table")]);
    body.element(
        "caption",
        &[("class", "unseen")],
        "Observables, those that matter most first",
    );
    body.open("thead", &[]).open("tr", &[]);
    for (title, class) in COLUMNS {
        body.open("th", &[("scope", "col"), ("class", class)]);
        body.element(
            "button",
            &[("type", "button"), ("class", "sort"), ("disabled", "")],
            title,
        )
        .close("th");
    }
    body.close("tr").close("thead").newline().open("tbody", &[]).newline();
    body.add(rows).end_table();
    if count > PRINTED {
        let told = format!("On paper are the first {PRINTED}; the page has the others.");
        body.element("p", &[("class", "on-paper")], &told);
    }
    Some(Section {
        id: "observables",
        title: "Observables",
        body,
    })
}

fn row(one: &Distinct<'_>, page: &Page<'_>, out: &mut Markup) {
    let kind = one.observable.pattern().unwrap_or(one.observable.kind().name());
    match Some(one.observable.raw()).filter(|live| live.len() <= LIVE) {
        Some(live) => out.open("tr", &[("data-live", live)]),
        None => out.open("tr", &[]),
    };
    out.brief_in("td", &[], kind);
    out.open("td", &[("class", "value")])
        .brief(&line::defanged(one.observable))
        .close("td");
    match page.verdict_of(one.observable) {
        Some(verdict) => out.open("td", &[]).badge(verdict).close("td"),
        None => out.element("td", &[], "–"),
    };
    out.element("td", &[], &word(one.role));
    out.element("td", &[("class", "number")], &one.count.to_string());
    out.brief_in("td", &[("class", "place")], &place(page, one.at));
    out.brief_in("td", &[], &marks(one.seen).collect::<Vec<_>>().join(", "))
        .close("tr")
        .newline();
}

/// Filter and menu. Without the script they do nothing, and are not shown.
fn tools(out: &mut Markup) {
    out.open("div", &[("class", "tools needs-script")]);
    out.open("label", &[("for", "filter")]).text("Filter").close("label");
    out.void(
        "input",
        &[
            ("type", "search"),
            ("id", "filter"),
            ("autocomplete", "off"),
            ("aria-controls", "observables-table"),
        ],
    );
    out.open("label", &[("for", "copy-form")])
        .text("Copy as")
        .close("label");
    out.open("select", &[("id", "copy-form")]);
    for (value, title) in FORMS {
        out.element("option", &[("value", value)], title);
    }
    out.close("select")
        .element("button", &[("type", "button"), ("id", "copy")], "Copy what is shown");
    out.element("span", &[("id", "said"), ("role", "status")], "")
        .close("div")
        .newline();
}

fn place(page: &Page<'_>, (artifact, observed): (usize, usize)) -> String {
    let Some(artifact) = page.report.artifacts.get(artifact) else {
        return String::new();
    };
    let Some(seen) = artifact.observables.get(observed) else {
        return String::new();
    };
    match (seen.frame, seen.page) {
        (Some(frame), _) => format!("{} frame {frame}", artifact.path),
        (None, Some(page)) => format!("{} page {page}", artifact.path),
        (None, None) => format!("{}:{}", artifact.path, seen.line),
    }
}

/// What comes first: what is known to be bad.
pub(super) fn rank(verdict: Option<Verdict>) -> std::cmp::Reverse<u8> {
    std::cmp::Reverse(match verdict {
        Some(Verdict::Malicious) => 3,
        Some(Verdict::Suspicious) => 2,
        Some(Verdict::Unknown) | None => 1,
        Some(Verdict::Benign) => 0,
    })
}
