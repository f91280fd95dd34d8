//! SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS: findings for the tools that gather those of many
//! scanners.
//!
//! A report is one run. Findings are its results, those that a suppression hides among them; rules come with what the
//! catalogue says of them, ATT&CK techniques as a taxonomy, diagnostics as notifications of the invocation. Left out is
//! what SARIF has no place for: observables, reputations, advice, and the verdicts on single mails. Times and the command
//! line are left out too, so that the same input gives the same bytes.

mod artifacts;
mod results;
mod rules;
mod uri;

use crate::nowhere::Nowhere;
use crate::{Detail, Exporter, ExporterInfo, ListingKind, ListingWriter, Matter, ReputationWriter};
use crate::{Style, json};
use artifacts::{ArtifactEntry, Artifacts};
use results::{Invocation, ResultEntry};
use rules::{Rules, Taxonomy, Tool};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::{Coverage, Judgement, Report, Tlp, Untrusted};

/// See the module.
pub(crate) struct Sarif;

static INFO: ExporterInfo = ExporterInfo {
    name: "sarif",
    describes: "findings as SARIF 2.1.0, for tools that gather those of many scanners",
};

impl Exporter for Sarif {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn holds(&self, matter: Matter) -> bool {
        matter == Matter::Report
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let artifacts = Artifacts::of(report);
        let rules = Rules::of(report);
        let log = Log {
            schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: rules.tool(report.version),
                invocations: [Invocation::of(report, &rules, &artifacts)],
                results: results::all(report, &rules, &artifacts),
                artifacts: artifacts.entries(),
                taxonomies: [rules.taxonomy()],
                column_kind: "utf16CodeUnits",
                properties: Properties::of(report),
            }],
        };
        json::pretty(&log, out)
    }

    fn listing<'w>(&self, _: ListingKind, _: &Style, _: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Nowhere(WHAT))
    }

    fn document(&self, _: &dyn crate::Document, _: &Style, _: &mut dyn Write) -> io::Result<()> {
        Err(Nowhere(WHAT).error())
    }

    fn reputations(&self, _: Detail, _: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Nowhere(WHAT))
    }
}

/// The whole document.
#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    invocations: [Invocation; 1],
    artifacts: &'r [ArtifactEntry<'r>],
    results: Vec<ResultEntry<'r>>,
    taxonomies: [Taxonomy; 1],
    column_kind: &'static str,
    properties: Properties<'r>,
}

/// What the report says beyond its findings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'r> {
    as_of: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<Tlp>,
    verdict: &'static str,
    score: u8,
    confidence: &'static str,
    summary: &'r str,
    ruleset: &'static str,
    coverage: &'r Coverage,
}

impl<'r> Properties<'r> {
    fn of(report: &'r Report) -> Self {
        let Judgement {
            verdict,
            score,
            confidence,
            summary,
            ruleset,
            ..
        } = &report.judgement;
        Self {
            as_of: &report.as_of,
            tlp: report.tlp,
            verdict: verdict.as_str(),
            score: score.get(),
            confidence: confidence.as_str(),
            summary,
            ruleset,
            coverage: &report.coverage,
        }
    }
}

/// A text for people.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    text: String,
}

impl Message {
    /// `text` as a plain text message (section 3.11): characters that would change what a reader sees are shown as
    /// `\u{…}`, braces are doubled, since single ones are placeholders, and nothing looks like a link, which a viewer
    /// would offer for clicking.
    fn plain(text: &str) -> Self {
        let shown = Untrusted::new(text).to_string();
        Self {
            text: shown.replace('{', "{{").replace('}', "}}").replace("](", "] ("),
        }
    }
}

/// What the format is for.
const WHAT: &str = "sarif holds findings, and nothing else";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(Message::plain(text).text, message);
    }

    #[test]
    fn a_message_holds_no_link_no_placeholder_and_nothing_that_deceives() {
        check(
            "named [click](http://evil.example)",
            "named [click] (http://evil.example)",
        );
        check("{0} of {1}", "{{0}} of {{1}}");
        check("a\u{202e}b\u{1b}[2J", "a\\u{{202e}}b\\u{{1b}}[2J");
    }
}
