//! What is known about values, and files of a search, each with its verdict.

use super::parts::{ROOM, Section};
use super::{Markup, page::Page};
use crate::line::defanged;
use crate::text::{media, owned, place_of};
use crate::{bytes, short_digest};
use watchfire_model::{JudgedFile, Outcome, Reputation, Verdict, Weight, age};

/// Values that are told of.
const VALUES: usize = 100;
/// Files.
const FILES: usize = 200;

/// What sources say about values.
pub(super) fn reputations(page: &Page<'_>) -> Option<Section> {
    let mut all: Vec<&Reputation> = page.report.reputations.iter().collect();
    if all.is_empty() {
        return None;
    }
    all.sort_by_key(|one| std::cmp::Reverse((one.judgement.verdict, one.judgement.score)));
    let mut body = Markup::default();
    let mut shown = 0;
    for one in all.iter().take(VALUES) {
        if body.len() > ROOM {
            break;
        }
        card(one, &mut body);
        shown += 1;
    }
    body.more(all.len() - shown, "values");
    Some(Section {
        id: "reputations",
        title: "What is known about values",
        body,
    })
}

fn card(one: &Reputation, out: &mut Markup) {
    let judgement = &one.judgement;
    out.open("details", &[("class", "part known")])
        .open("summary", &[])
        .badge(judgement.verdict);
    out.text(&format!(" {}/100 ", judgement.score.get()));
    out.open("strong", &[])
        .brief(&defanged(&one.observable))
        .close("strong");
    out.text(" ")
        .brief(&judgement.summary)
        .close("summary")
        .open("dl", &[("class", "facts")]);
    out.fact("Type", one.observable.kind().name())
        .fact("Confidence", judgement.confidence.as_str());
    out.fact("Decided by", &judgement.decided_by);
    out.fact("Where", &place_of(one.observable.kind(), &one.location));
    out.fact("Asset", &one.asset.as_ref().map(owned).unwrap_or_default());
    let tags: Vec<&str> = one.tags.iter().map(|tag| tag.0).collect();
    out.fact("Marks", &tags.join(", ")).close("dl");
    let said = one.enrichments.iter().filter(|said| said.outcome == Outcome::Found);
    if said.clone().next().is_some() {
        let columns = [
            ("Source", ""),
            ("Verdict", ""),
            ("Age", ""),
            ("Weight", "number"),
            ("Says", "wide"),
        ];
        out.table("sources", "Sources that know it", &columns);
        for source in said {
            out.open("tr", &[]).brief_in("td", &[], &source.source.to_string());
            out.open("td", &[]).badge(source.towards).close("td");
            out.element("td", &[], &source.age.map(age).unwrap_or_default());
            let weight = if source.weight > Weight::NONE {
                source.weight.to_string()
            } else {
                "–".to_owned()
            };
            out.element("td", &[("class", "number")], &weight);
            out.brief_in("td", &[("class", "wide")], &source.detail.to_string())
                .close("tr")
                .newline();
        }
        out.end_table();
    }
    let asked = &one.asked;
    let silent = asked.sources.saturating_sub(asked.found);
    if silent > 0 {
        let words = format!(
            "{} of {} sources know it; {} were not asked.",
            asked.found, asked.sources, asked.not_asked
        );
        out.element("p", &[("class", "hint")], &words);
    }
    out.close("details").newline();
}

/// Files of a search, the worst first.
pub(super) fn files(page: &Page<'_>) -> Option<Section> {
    let files = &page.report.files;
    if files.is_empty() {
        return None;
    }
    let mut body = Markup::default();
    let columns = [
        ("File", "wide"),
        ("Verdict", ""),
        ("Score", "number"),
        ("Type", ""),
        ("Size", "number"),
        ("SHA-256", "digest"),
    ];
    body.table("files", "Files, the worst first", &columns);
    let mut shown = 0;
    for file in files.iter().take(FILES) {
        if body.len() > ROOM {
            break;
        }
        row(file, &mut body);
        shown += 1;
    }
    body.end_table().more(files.len() - shown, "files");
    Some(Section {
        id: "files",
        title: "Files",
        body,
    })
}

fn row(file: &JudgedFile, out: &mut Markup) {
    out.open("tr", &[])
        .open("td", &[("class", "wide")])
        .brief_in("p", &[], &file.path.to_string());
    if file.verdict > Verdict::Unknown {
        out.brief_in("p", &[("class", "where")], &file.summary);
    }
    out.close("td").open("td", &[]).badge(file.verdict).close("td");
    out.element("td", &[("class", "number")], &file.score.get().to_string());
    out.element("td", &[], media::name(file.media_type.0));
    out.element("td", &[("class", "number")], &bytes(file.size))
        .open("td", &[("class", "digest")]);
    match &file.sha256 {
        Some(digest) => out.element("code", &[("title", &digest.to_string())], &short_digest(digest)),
        None => out.text("–"),
    };
    out.close("td").close("tr").newline();
}
