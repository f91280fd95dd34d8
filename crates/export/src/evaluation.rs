//! How well mail is told apart on mail whose kind is known, in every format.
//!
//! A share comes with what it is a share of and with its interval (Wilson, 95 %), and is from 0 to 1 in machine formats.

use crate::{Document, Side, Style, json, table};
use serde::Serialize;
use std::io::{self, Write};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub total: usize,
    /// The share, from 0 to 1.
    pub share: f64,
    /// Where the true share begins with 95 % confidence.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// What came of mails of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kind {
    /// `legitimate`, `phishing`
    pub kind: &'static str,
    /// Mails that were judged.
    pub mails: usize,
    /// Inputs.
    pub inputs: u64,
    /// Inputs that could be read.
    pub inputs_read: u64,
    /// At least suspicious, by everything that was found.
    pub alarm: Share,
    /// Malicious.
    pub malicious: Share,
    /// Even odds or more by the model alone.
    pub model: Share,
}

/// What of the legitimate mail is at or above a probability that most of the phishing reaches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtRecall {
    /// The share of the phishing, from 0 to 1.
    pub recall: f64,
    /// The probability that it reaches.
    pub threshold: f64,
    /// The legitimate mail there.
    pub legitimate: Share,
}

/// An evaluation on two folders of mail.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// `watchfire.mail-evaluation/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// Legitimate mail, then phishing.
    pub kinds: [Kind; 2],
    /// The model's area under the curve, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<f64>,
    /// How the model does where it misses little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_recall: Option<AtRecall>,
}

impl Share {
    fn shown(&self) -> String {
        let [share, low, high] = [self.share, self.low, self.high].map(|share| 100.0 * share);
        format!("{share:.1} % ({}/{}, {low:.1}–{high:.1})", self.hits, self.total)
    }
}

impl Document for Evaluation {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        text(self, style, out)
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::line(self, out)
    }

    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        ndjson(self, out)
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        csv(self, out)
    }
}

fn text(found: &Evaluation, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let titles = [
        ("KIND", Side::Left),
        ("MAILS", Side::Right),
        ("ALARM", Side::Left),
        ("MALICIOUS", Side::Left),
        ("MODEL ALONE", Side::Left),
    ];
    let row = |kind: &Kind| {
        let shares = [kind.alarm, kind.malicious, kind.model].map(|share| share.shown());
        let [alarm, malicious, model] = shares;
        vec![kind.kind.to_owned(), kind.mails.to_string(), alarm, malicious, model]
    };
    let rows: Vec<Vec<String>> = found.kinds.iter().map(row).collect();
    table(&titles, &rows, style, out)?;
    writeln!(out)?;
    writeln!(
        out,
        " alarm: suspicious or malicious by everything that was found; model alone: 0.5 or more"
    )?;
    writeln!(
        out,
        " in brackets: how many of how many, and where the share lies with 95 % confidence (Wilson)"
    )?;
    if let Some(area) = found.area {
        writeln!(out, " the model's area under the curve: {area:.4}")?;
    }
    if let Some(at) = &found.at_recall {
        writeln!(
            out,
            " legitimate mail at or above {:.2}, which {:.0} % of the phishing reaches: {}",
            at.threshold,
            100.0 * at.recall,
            at.legitimate.shown()
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Kind(&'a Kind),
    /// What is about both.
    Summary {
        version: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        area: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_recall: Option<&'a AtRecall>,
    },
}

/// A line for each kind, and one for the model.
fn ndjson(found: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    let summary = Record::Summary {
        version: found.version,
        area: found.area,
        at_recall: found.at_recall.as_ref(),
    };
    for record in found.kinds.iter().map(Record::Kind).chain([summary]) {
        json::record(found.schema, &record, out)?;
    }
    Ok(())
}

/// A row for each kind; what is about both stands in the JSON formats.
fn csv(found: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    let names = ["alarm", "malicious", "model"];
    let columns: Vec<String> = names
        .iter()
        .flat_map(|name| ["", "_share", "_low", "_high"].map(|end| format!("{name}{end}")))
        .collect();
    write!(out, "kind,mails,inputs,inputs_read,{}\r\n", columns.join(","))?;
    for kind in &found.kinds {
        write!(out, "{},{},{},{}", kind.kind, kind.mails, kind.inputs, kind.inputs_read)?;
        for share in [kind.alarm, kind.malicious, kind.model] {
            write!(
                out,
                ",{},{:.6},{:.6},{:.6}",
                share.hits, share.share, share.low, share.high
            )?;
        }
        write!(out, "\r\n")?;
    }
    Ok(())
}
