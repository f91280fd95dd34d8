//! Reputation: one explained verdict for each value.
//!
//! Values come one by one or a million on a pipe. They are judged side by side and written in the order in which they
//! came; nothing is kept but the tally.

use crate::intelligence::{Intelligence, Pace};
use crate::online::{Batch, Providers};
use crate::progress::Progress;
use crate::{Config, Problem, VERSION, Watchfire, clock};
use rayon::prelude::*;
use std::io::{self, Write};
use watchfire_analysis::Tally;
use watchfire_export::{Detail, Exporter, ReputationWriter, Style};
use watchfire_extract::refang;
use watchfire_model::{
    Coverage, DataSource, Diagnostic, DiagnosticSeverity, Indicator, Moment, Observable, Report, Totals, Untrusted,
    Verdict,
};
use watchfire_store::{By, Mark};

/// Values judged at a time, once it is known that there are many.
const BATCH: usize = 16 << 10;
/// Values that one thread judges at a time.
const SHARE: usize = 512;
/// No value is longer. Bytes.
const LONGEST: usize = 64 << 10;
/// Inputs that are no observables, and are named.
const NAMED: usize = 100;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Values given.
    pub inputs: u64,
    /// Values that are observables.
    pub inputs_read: u64,
    /// The worst verdict.
    pub verdict: Verdict,
}

/// One share of a batch: what is written, and what is counted.
#[derive(Default)]
struct Share {
    text: Vec<u8>,
    tally: Tally,
    inputs: u64,
    refused: Vec<(Untrusted, &'static str)>,
}

/// Who says something about a value.
#[derive(Clone, Copy)]
struct Sources<'s> {
    known: &'s Intelligence,
    providers: &'s Providers,
    said: &'s Batch,
}

impl Watchfire {
    /// Judges `values`, each a value in any spelling, defanged too, and writes the answers to `out` in their order. What
    /// is no observable is told to `progress` and counted; the rest is done.
    ///
    /// # Errors
    /// Those of `out` and of `values`; inside, a problem with what is remembered on this machine.
    pub fn check(
        &self,
        values: &mut dyn Iterator<Item = io::Result<String>>,
        (exporter, detail, style): (&dyn Exporter, Detail, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<CheckOutcome, Problem>> {
        let mut values = values.peekable();
        let mut batch = take(&mut values, SHARE)?;
        let pace = if batch.len() < SHARE { Pace::Few } else { Pace::Many };
        let known = match self.intelligence(pace) {
            Ok(known) => known,
            Err(problem) => return Ok(Err(problem)),
        };
        let list = batch.len() > 1;
        let mut providers = match self.providers(pace == Pace::Many, list) {
            Ok(providers) => providers,
            Err(problem) => return Ok(Err(problem)),
        };
        if providers.are_asked() {
            self.announce(&providers, &observables(&batch), pace == Pace::Many, progress);
        }
        // Those who are asked are slow, and what they said should be seen soon.
        let size = if providers.are_asked() { SHARE } else { BATCH };
        let writer = exporter.reputations(detail, style);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.checked.threads)
            .build();
        let mut diagnostics = Vec::new();
        let mut tally = Tally::default();
        let mut inputs = 0;
        writer.begin(out)?;
        while !batch.is_empty() {
            let first = tally.count() == 0;
            let said = if providers.are_asked() {
                self.ask(&mut providers, &observables(&batch))
            } else {
                Batch::new()
            };
            let sources = Sources {
                known: &known,
                providers: &providers,
                said: &said,
            };
            let judge =
                |(number, share): (usize, &[String])| self.share(share, first && number == 0, sources, &*writer);
            let shares: io::Result<Vec<Share>> = match &pool {
                Ok(pool) if self.checked.threads > 1 && batch.len() > SHARE => {
                    pool.install(|| batch.par_chunks(SHARE).enumerate().map(judge).collect())
                }
                _ => batch.chunks(SHARE).enumerate().map(judge).collect(),
            };
            for share in shares? {
                out.write_all(&share.text)?;
                inputs += share.inputs;
                tally.merge(share.tally);
                for (input, why) in share.refused {
                    progress.lost(&format!("cannot check '{}': {why}", input.shown(80)));
                    if diagnostics.len() < NAMED {
                        diagnostics.push(refused(input, why));
                    }
                }
            }
            batch = take(&mut values, size)?;
        }
        if inputs == 0 {
            let problem = Problem::new("there is nothing to check");
            return Ok(Err(
                problem.hint("name an address, a domain, a URL or a digest, or pipe them into '-'")
            ));
        }
        let mut told = vec![known.describe(self.checked.as_of)];
        told.extend(providers.describe(list));
        told.extend(diagnostics);
        told.extend(known.remarks.iter().cloned());
        told.push(self.here.describe());
        told.extend(self.here.remarks());
        let report = self.checked_report(&tally, inputs, (told, self.data_used(&known)), providers.calls());
        writer.finish(&report, out)?;
        for left_out in providers.left_out() {
            progress.note(&left_out);
        }
        Ok(Ok(CheckOutcome {
            inputs,
            inputs_read: tally.count(),
            verdict: report.judgement.verdict,
        }))
    }

    /// Judges some values. `first` if nothing is written before them.
    fn share(
        &self,
        values: &[String],
        first: bool,
        sources: Sources<'_>,
        writer: &dyn ReputationWriter,
    ) -> io::Result<Share> {
        let mut share = Share {
            text: Vec::with_capacity(values.len() * 256),
            ..Share::default()
        };
        for value in values {
            share.inputs += 1;
            let first = first && share.text.is_empty();
            match read(value) {
                Ok(what) => {
                    let input = if what.raw() == value {
                        Untrusted::default()
                    } else {
                        value.as_str().into()
                    };
                    let said = match sources.said.get(&what) {
                        Some(said) => said.clone(),
                        None => self.kept(sources.providers, &what),
                    };
                    let reputation = self.reputation(input, what, sources.known, said);
                    writer.reputation(&reputation, first, &mut share.text)?;
                    share.tally.add(&reputation);
                }
                Err(why) => {
                    let input = Untrusted::from(value.as_str());
                    writer.unreadable(&input, why, first, &mut share.text)?;
                    share.refused.push((input, why));
                }
            }
        }
        Ok(share)
    }

    /// The report without its reputations, which are written already.
    fn checked_report(
        &self,
        tally: &Tally,
        inputs: u64,
        (diagnostics, data): (Vec<Diagnostic>, Vec<DataSource>),
        network_calls: u64,
    ) -> Report {
        let coverage = Coverage {
            inputs,
            inputs_read: tally.count(),
            network_calls,
            ..Coverage::default()
        };
        Report {
            schema: "watchfire.report/1",
            version: VERSION,
            as_of: self.checked.as_of.to_string(),
            tlp: self.checked.tlp,
            judgement: tally.judgement(coverage.is_complete()),
            findings: Vec::new(),
            suppressed: Vec::new(),
            recommendations: Vec::new(),
            artifacts: Vec::new(),
            reputations: Vec::new(),
            data,
            diagnostics,
            coverage,
            totals: Totals {
                observables: tally.count(),
                ..Totals::default()
            },
        }
    }
}

/// Decides what `value` is, or takes the decision back, and says what was done. Decisions outrank every source, are kept
/// with their reason, and every change of them is in the audit log.
///
/// # Errors
/// When `value` is no observable, `expires` no date, and when it cannot be written.
pub fn decide(
    config: &Config,
    value: &str,
    mark: Option<Mark>,
    why: &str,
    expires: Option<&str>,
) -> Result<String, Problem> {
    let what = read(value.trim()).map_err(|why| Problem::new(format!("cannot decide about '{value}': {why}")))?;
    let expires = expires
        .map(|text| Moment::parse(text).map_err(|why| Problem::new(format!("'{text}' is {why}"))))
        .transpose()?;
    let by = By::new(config.user(), clock::now());
    let store = crate::store(config)?;
    let Some(mark) = mark else {
        let taken_back = store.decisions().withdraw(&what, &why.into(), &by)?;
        return Ok(if taken_back {
            format!("the decision about {what} is taken back")
        } else {
            format!("there is no decision about {what}")
        });
    };
    store.decisions().mark(&what, mark, &why.into(), expires, &by)?;
    Ok(match expires {
        Some(expires) => format!("{what} is {} until {}", mark.as_str(), expires.date()),
        None => format!("{what} is {}", mark.as_str()),
    })
}

/// What of a batch somebody can be asked about.
fn observables(batch: &[String]) -> Vec<Observable> {
    batch.iter().filter_map(|value| read(value).ok()).collect()
}

/// What a value is: as it stands, or with its disguise taken off.
fn read(value: &str) -> Result<Observable, &'static str> {
    if value.len() > LONGEST {
        return Err("longer than any observable");
    }
    Indicator::guess(value)
        .or_else(|_| Indicator::guess(&String::from_utf8_lossy(&refang(value.as_bytes()))))
        .map_err(|invalid| invalid.0)
}

fn refused(input: Untrusted, why: &str) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Error,
        code: "not-an-observable",
        message: why.into(),
        artifact: input,
    }
}

/// The next values; blank lines and comments are none.
fn take(values: &mut dyn Iterator<Item = io::Result<String>>, most: usize) -> io::Result<Vec<String>> {
    let mut batch = Vec::new();
    while batch.len() < most {
        let Some(value) = values.next() else { break };
        let value = value?;
        let bare = value.trim();
        if !bare.is_empty() && !bare.starts_with('#') {
            batch.push(if bare.len() == value.len() {
                value
            } else {
                bare.to_owned()
            });
        }
    }
    Ok(batch)
}
