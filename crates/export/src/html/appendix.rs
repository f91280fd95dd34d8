//! What was looked at: artifacts as a tree, and the headers of mails.

use super::parts::{ROOM, Section};
use super::{Markup, page::Page};
use crate::ranking::{accused, tree};
use crate::text::{known, media};
use crate::{bytes, short_digest};
use watchfire_model::{ArtifactRecord, BELOW, JudgedMail, Mailbox, Untrusted, Verdict};

/// Rows of the tree.
const ARTIFACTS: usize = 300;
/// Mails with their headers, the worst.
const MAILS: usize = 10;
/// Fields of each header.
const FIELDS: usize = 80;

/// What was taken apart.
pub(super) fn artifacts(page: &Page<'_>) -> Option<Section> {
    let artifacts = &page.report.artifacts;
    if artifacts.is_empty() {
        return None;
    }
    let accused = accused(page.report);
    let mut body = Markup::default();
    let columns = [
        ("Artifact", "wide"),
        ("Type", ""),
        ("Size", "number"),
        ("SHA-256", "digest"),
        ("Remark", ""),
    ];
    body.table("artifacts", "Artifacts, each below what it was found in", &columns);
    let mut shown = 0;
    for artifact in tree(artifacts).into_iter().take(ARTIFACTS) {
        if body.len() > ROOM {
            break;
        }
        row(artifact, accused.contains(artifact.path.raw()), &mut body);
        shown += 1;
    }
    body.end_table().more(artifacts.len() - shown, "artifacts");
    Some(Section {
        id: "artifacts",
        title: "Artifacts",
        body,
    })
}

fn row(artifact: &ArtifactRecord, is_accused: bool, out: &mut Markup) {
    const DEEPEST: u32 = 6;
    const DEPTHS: [&str; 7] = [
        "wide d0", "wide d1", "wide d2", "wide d3", "wide d4", "wide d5", "wide d6",
    ];
    let depth = usize::try_from(artifact.depth.min(DEEPEST)).unwrap_or_default();
    let class = DEPTHS.get(depth).copied().unwrap_or("wide");
    let path = artifact.path.raw();
    let name = if depth == 0 {
        path
    } else {
        path.rsplit(BELOW).next().unwrap_or(path)
    };
    out.open("tr", &[]).open("td", &[("class", class)]);
    if depth > 0 {
        out.element("span", &[("class", "branch"), ("aria-hidden", "true")], "└ ");
        out.element("span", &[("class", "unseen")], &format!("level {depth}: "));
    }
    out.brief(&Untrusted::new(name).to_string());
    if is_accused {
        out.text(" ").element("span", &[("class", "accused")], "▲ evidence");
    }
    out.close("td").element("td", &[], media::name(artifact.media_type.0));
    out.element("td", &[("class", "number")], &bytes(artifact.size))
        .open("td", &[("class", "digest")]);
    match &artifact.sha256 {
        Some(digest) => out.element("code", &[("title", &digest.to_string())], &short_digest(digest)),
        None => out.text("–"),
    };
    out.close("td")
        .brief_in("td", &[], &remark(artifact))
        .close("tr")
        .newline();
}

fn remark(artifact: &ArtifactRecord) -> String {
    let first = match (&artifact.duplicate_of, &artifact.known_good, artifact.read) {
        (Some(first), ..) => Some(format!("same as {first}")),
        (None, Some(list), _) => Some(known(list)),
        (None, None, false) => Some("not read in full".to_owned()),
        (None, None, true) => None,
    };
    let listed = artifact.listed_in.as_ref().map(|place| format!("listed in {place}"));
    [first, listed].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The worst mails, with everything that their headers say.
pub(super) fn mails(page: &Page<'_>) -> Option<Section> {
    let mut mails: Vec<&JudgedMail> = page.report.mails.iter().collect();
    mails.sort_by_key(|mail| std::cmp::Reverse((mail.verdict, mail.score)));
    if mails.len() > 1 && mails.first().is_some_and(|worst| worst.verdict > Verdict::Unknown) {
        mails.retain(|mail| mail.verdict > Verdict::Unknown);
    }
    if mails.is_empty() {
        return None;
    }
    let mut body = Markup::default();
    let mut shown = 0;
    for mail in mails.iter().take(MAILS) {
        if body.len() > ROOM {
            break;
        }
        one(mail, &mut body);
        shown += 1;
    }
    body.more(page.report.mails.len().saturating_sub(shown), "mails that weigh less");
    Some(Section {
        id: "mails",
        title: "Mail",
        body,
    })
}

fn one(mail: &JudgedMail, out: &mut Markup) {
    let said = &mail.mail;
    out.open("article", &[("class", "part")])
        .open("h3", &[])
        .badge(mail.verdict);
    out.text(&format!(" {}/100 ", mail.score.get()))
        .brief(&said.subject.to_string())
        .close("h3");
    out.brief_in("p", &[], &mail.summary).open("dl", &[("class", "facts")]);
    out.fact("From", &boxes(&said.from))
        .fact("Reply-To", &boxes(&said.reply_to))
        .fact("To", &boxes(&said.to));
    let path = said.return_path.as_ref().map(ToString::to_string).unwrap_or_default();
    out.fact("Return-Path", &path);
    let date = said
        .date
        .map(|date| super::parts::clock(&date.moment.to_string()))
        .unwrap_or_default();
    out.fact("Date (UTC)", &date);
    let way: Vec<String> = said.hops.iter().rev().map(hop).collect();
    out.fact("Way", &way.join(" → "))
        .fact("Artifact", &mail.path.to_string())
        .close("dl");
    out.open("details", &[]).element("summary", &[], "Header, all fields");
    out.table("header", "Fields of the header", &[("Field", ""), ("Value", "wide")]);
    for field in said.headers.iter().take(FIELDS) {
        out.open("tr", &[]).brief_in("td", &[], &field.name.to_string());
        out.brief_in("td", &[("class", "wide")], &field.value.to_string())
            .close("tr")
            .newline();
    }
    out.end_table()
        .more(said.headers.len().saturating_sub(FIELDS), "fields")
        .close("details")
        .close("article");
}

fn hop(hop: &watchfire_model::Hop) -> String {
    let from = hop.from.as_ref().map(ToString::to_string);
    let address = hop.address.map(|address| format!("[{address}]"));
    let by = hop.by.as_ref().map(|by| format!("taken by {by}"));
    [from, address, by].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn boxes(boxes: &[Mailbox]) -> String {
    const SHOWN: usize = 10;
    let one = |mailbox: &Mailbox| {
        let address = mailbox.address.as_ref().map(|address| format!("<{address}>"));
        let name = Some(mailbox.name.to_string())
            .filter(|name| !name.is_empty())
            .map(|name| format!("“{name}”"));
        [name, address].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let mut all: Vec<String> = boxes.iter().take(SHOWN).map(one).collect();
    if boxes.len() > SHOWN {
        all.push(format!("and {} more", boxes.len() - SHOWN));
    }
    all.join(", ")
}
