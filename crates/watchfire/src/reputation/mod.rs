//! Reputation: one explained verdict for each value.
//!
//! Values come one by one or a million on a pipe. They are judged side by side and written in the order in which they
//! came, each as soon as it can be; nothing is kept but the tally, and what serves for values that are alike.

mod column;
mod cost;
mod intelligence;
mod judging;
mod ledger;
mod lines;
mod observed;
mod online;
mod recall;
mod remember;

pub use self::column::Column;
pub(crate) use self::intelligence::{Intelligence, grouped};
pub(crate) use self::judging::Judging;
pub(crate) use self::online::{Permission, Said};

pub(crate) use self::intelligence::Pace;
use self::lines::{LONGEST, LineReader, Lines, Remarks};
use self::online::{Batch, Providers};
use self::recall::{Made, Recall};
use crate::progress::Progress;
use crate::{Config, Problem, VERSION, Watchfire, clock};
use rayon::prelude::*;
use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::ops::Range;
use std::sync::Arc;
use watchfire_analysis::{Tally, secrets};
use watchfire_export::{Detail, Exporter, ReputationRows, ReputationWriter, Style, Subject};
use watchfire_extract::refang;
use watchfire_model::{
    Coverage, DataSource, Diagnostic, DiagnosticSeverity, Indicator, Moment, Observable, ObservableType, Report,
    Reputation, Totals, Untrusted, Verdict,
};
use watchfire_store::{By, Mark};

/// Values judged at a time, at most.
const BATCH: usize = 64 << 10;
/// Values that are asked about at a time, and fewest that are worth a thread.
const SHARE: usize = 512;
/// What may help where most lines are the rows of a table.
const A_TABLE: &str =
    "is it a table? --column NAME checks the values of one column, by its name in the header or its number";
/// Inputs that are no observables, and are named.
const NAMED: usize = 100;

/// How a check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Values given.
    pub inputs: u64,
    /// Values that are observables.
    pub inputs_read: u64,
    /// The worst verdict.
    pub verdict: Verdict,
    /// What to do where most lines were no values.
    pub hint: Option<&'static str>,
    /// The report over all, with the first answers if some were to be kept.
    pub report: Report,
}

/// Somebody who judges one part of each batch.
struct Clerk {
    recall: Recall,
    text: Vec<u8>,
    tally: Tally,
    refused: Vec<(Untrusted, &'static str)>,
    kept: Vec<Reputation>,
}

/// A value that somebody asks about.
struct Question<'l> {
    value: Cow<'l, str>,
    what: Result<Observable, &'static str>,
    /// Where it stands in tables of addresses.
    address: u32,
    made: Option<Arc<Made>>,
}

impl<'l> Question<'l> {
    fn read(value: Cow<'l, str>) -> Self {
        let what = read(&value);
        let four = what.as_ref().ok().filter(|what| what.kind() == ObservableType::Ipv4);
        let four: Option<Ipv4Addr> = four.and_then(|what| what.raw().parse().ok());
        Self {
            address: four.map(Ipv4Addr::to_bits).unwrap_or_default(),
            value,
            what,
            made: None,
        }
    }

    /// Whether the same may be said of it as of others.
    fn may_be_like_others(&self, desk: Desk<'_>) -> bool {
        let what = self.what.as_ref().ok();
        what.is_some_and(|what| desk.providers.are_silent_about(what) && !desk.known.singles_out(what))
    }
}

/// Who says something about a value, and who writes it.
#[derive(Clone, Copy)]
struct Desk<'s> {
    known: &'s Intelligence,
    providers: &'s Providers,
    said: &'s Batch,
    writer: &'s dyn ReputationWriter,
    /// How many answers are to be kept as a whole.
    keeps: usize,
}

impl<'s> Desk<'s> {
    /// How rows are written, where nobody needs more of an answer than that.
    fn rows(self) -> Option<&'s dyn ReputationRows> {
        self.writer.rows().filter(|_| self.keeps == 0)
    }
}

impl Watchfire {
    /// Judges the values of `input`, one on each line in any spelling, defanged too, and writes the answers to `out` in
    /// their order. What is no observable is told to `progress` and counted; the rest is done.
    ///
    /// # Errors
    /// Those of `out` and of `input`; inside, a problem with what is remembered on this machine.
    pub fn check(
        &self,
        input: &mut dyn Read,
        presented: (&dyn Exporter, Detail, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<CheckOutcome, Problem>> {
        self.check_source(&mut Listed(input), presented, out, progress)
    }

    /// The same with the values of a column. Rows that cannot be read are inputs that could not be read.
    ///
    /// # Errors
    /// As above.
    pub fn check_column(
        &self,
        column: &mut Column<'_>,
        presented: (&dyn Exporter, Detail, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<CheckOutcome, Problem>> {
        self.check_source(column, presented, out, progress)
    }

    fn check_source(
        &self,
        source: &mut dyn Source,
        (exporter, detail, style): (&dyn Exporter, Detail, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<CheckOutcome, Problem>> {
        let remarks = source.remarks();
        let mut reader = LineReader::new(&mut *source, remarks);
        let mut lines = Lines::default();
        // Those who are asked are slow: it is better to know what is to come.
        let (least, most) = if self.permission.is_some() {
            (SHARE, SHARE)
        } else {
            (1, BATCH)
        };
        reader.next(&mut lines, least, most)?;
        let list = lines.len() > 1;
        let mut run = match Run::new(self, list) {
            Ok(run) => run,
            Err(problem) => return Ok(Err(problem)),
        };
        if run.providers.are_asked() {
            self.announce(&run.providers, &observables(&lines), lines.len() == SHARE, progress);
        }
        let writer = exporter.reputations(detail, style);
        run.keeps = self.kept_answers.max(writer.keeps());
        writer.begin(out)?;
        while lines.len() > 0 {
            if let Err(problem) = run.prepare(&lines) {
                return Ok(Err(problem));
            }
            run.batch(&lines, &*writer, out, progress)?;
            reader.next(&mut lines, least, most)?;
        }
        let (lost, fault) = source.lost();
        run.inputs += lost;
        if run.inputs == lost {
            if let Some(fault) = fault {
                return Ok(Err(fault));
            }
            let problem = Problem::new("there is nothing to check");
            return Ok(Err(
                problem.hint("name an address, a domain, a URL or a digest, or pipe them into '-'")
            ));
        }
        let mut told = vec![run.known.describe(self.checked.as_of)];
        told.extend(run.providers.describe(list));
        told.extend(fault.as_ref().map(cut_short));
        told.append(&mut run.diagnostics);
        told.extend(run.known.remarks.iter().cloned());
        told.push(self.here.describe());
        told.extend(self.here.remarks());
        let told = (told, self.data_used(&run.known));
        let mut report = self.checked_report(&run.tally, run.inputs, told, run.providers.calls());
        if writer.keeps() > 0 {
            report.reputations = std::mem::take(&mut run.kept);
        }
        writer.finish(&report, out)?;
        report.reputations.append(&mut run.kept);
        for left_out in run.providers.left_out() {
            progress.note(&left_out);
        }
        Ok(Ok(CheckOutcome {
            inputs: run.inputs,
            inputs_read: run.tally.count(),
            verdict: report.judgement.verdict,
            hint: (run.rows > run.inputs / 2).then_some(A_TABLE),
            report,
        }))
    }

    /// Judges some values. `first` if nothing is written before them.
    ///
    /// Those that may be like others are looked up first, in the order of their addresses and not in their own: neighbours
    /// stand beside each other in every table, and what comes next is then in the cache already.
    fn judge_lines(
        &self,
        lines: &Lines,
        places: &[Range<usize>],
        first: bool,
        desk: Desk<'_>,
        clerk: &mut Clerk,
    ) -> io::Result<()> {
        let mut values: Vec<Question<'_>> = places
            .iter()
            .map(|place| Question::read(String::from_utf8_lossy(lines.get(place))))
            .collect();
        if let Some(rows) = desk.rows() {
            let mut alike: Vec<&mut Question<'_>> = values
                .iter_mut()
                .filter(|asked| asked.may_be_like_others(desk))
                .collect();
            alike.sort_unstable_by_key(|asked| asked.address);
            for asked in alike {
                let Ok(what) = &asked.what else { continue };
                let render = |reputation: &_| {
                    let mut rest = Vec::new();
                    let hidden = self.hidden(reputation);
                    rows.rest(hidden.as_ref().unwrap_or(reputation), &mut rest)?;
                    Ok(rest)
                };
                asked.made = Some(self.recalled(what, desk.known, &mut clerk.recall, render)?);
            }
        }
        for asked in values {
            self.write_value(asked, first && clerk.text.is_empty(), desk, clerk)?;
        }
        Ok(())
    }

    /// Writes what there is to say of a value.
    fn write_value(&self, asked: Question<'_>, first: bool, desk: Desk<'_>, clerk: &mut Clerk) -> io::Result<()> {
        let what = match asked.what {
            Ok(what) => what,
            Err(why) => {
                let input: Untrusted = match asked.value {
                    value if self.checked.show_secrets => value.into_owned().into(),
                    value => secrets::hidden_text(&value).into_owned().into(),
                };
                desk.writer.unreadable(&input, why, first, &mut clerk.text)?;
                clerk.refused.push((input, why));
                return Ok(());
            }
        };
        let input = if what.raw() == asked.value {
            ""
        } else {
            asked.value.as_ref()
        };
        if let (Some(made), Some(rows)) = (asked.made, desk.rows()) {
            let hidden = self.hidden_value(&what, input);
            let (observable, input) = match &hidden {
                Some((observable, input)) => (observable, input.as_str()),
                None => (&what, input),
            };
            let subject = Subject { input, observable };
            rows.head(&subject, first, &mut clerk.text)?;
            clerk.text.extend_from_slice(&made.rest);
            clerk.tally.add(observable, &made.judgement);
            return Ok(());
        }
        let said = match desk.said.get(&what) {
            Some(said) => said.clone(),
            None => self.kept(desk.providers, &what),
        };
        let reputation = self.reputation(input.into(), what, desk.known, said);
        let hidden = self.hidden(&reputation);
        let shown = hidden.as_ref().unwrap_or(&reputation);
        desk.writer.reputation(shown, first, &mut clerk.text)?;
        clerk.tally.add(&shown.observable, &shown.judgement);
        if clerk.kept.len() < desk.keeps {
            clerk.kept.push(hidden.unwrap_or(reputation));
        }
        Ok(())
    }

    /// An answer with its secrets masked, where it has some that are not to be shown.
    fn hidden(&self, reputation: &Reputation) -> Option<Reputation> {
        (!self.checked.show_secrets).then(|| secrets::hidden_answer(reputation))?
    }

    /// A value and what it was written as, in the same way.
    fn hidden_value(&self, what: &Observable, written: &str) -> Option<(Observable, String)> {
        (!self.checked.show_secrets).then(|| secrets::hidden_value(what, written))?
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
            incidents: Vec::new(),
            suppressed: Vec::new(),
            recommendations: Vec::new(),
            rules: Vec::new(),
            mails: Vec::new(),
            files: Vec::new(),
            search: None,
            log: None,
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

/// Where values come from, one on each line.
trait Source: Read {
    fn remarks(&self) -> Remarks;

    /// How many could not be read so far, and why.
    fn lost(&self) -> (u64, Option<Problem>);
}

/// Values that somebody has written down.
struct Listed<'r>(&'r mut dyn Read);

impl Read for Listed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Source for Listed<'_> {
    fn remarks(&self) -> Remarks {
        Remarks::LeftOut
    }

    fn lost(&self) -> (u64, Option<Problem>) {
        (0, None)
    }
}

impl Source for Column<'_> {
    fn remarks(&self) -> Remarks {
        Remarks::Taken
    }

    fn lost(&self) -> (u64, Option<Problem>) {
        (self.rows_lost(), self.fault())
    }
}

/// A check on its way.
struct Run<'w> {
    watchfire: &'w Watchfire,
    pace: Pace,
    known: Intelligence,
    providers: Providers,
    pool: Option<rayon::ThreadPool>,
    clerks: Vec<Clerk>,
    inputs: u64,
    /// Inputs that are no values and may be rows of a table.
    rows: u64,
    tally: Tally,
    diagnostics: Vec<Diagnostic>,
    /// How many answers are kept, and those that are.
    keeps: usize,
    kept: Vec<Reputation>,
}

impl<'w> Run<'w> {
    fn new(watchfire: &'w Watchfire, list: bool) -> Result<Self, Problem> {
        let providers = watchfire.providers(list)?;
        let threads = watchfire.checked.threads.max(1);
        let clerk = |_| Clerk {
            recall: Recall::of(threads),
            text: Vec::new(),
            tally: Tally::default(),
            refused: Vec::new(),
            kept: Vec::new(),
        };
        Ok(Self {
            watchfire,
            pace: Pace::Few,
            known: watchfire.intelligence(providers.store.as_ref(), Pace::Few)?,
            providers,
            pool: None,
            clerks: (0..threads).map(clerk).collect(),
            inputs: 0,
            rows: 0,
            tally: Tally::default(),
            diagnostics: Vec::new(),
            keeps: 0,
            kept: Vec::new(),
        })
    }

    /// Learns what is remembered about the next values; of everything, as soon as there are many.
    fn prepare(&mut self, lines: &Lines) -> Result<(), Problem> {
        if self.pace == Pace::Many {
            return Ok(());
        }
        let store = self.providers.store.as_ref();
        let inputs = usize::try_from(self.inputs).unwrap_or(usize::MAX);
        self.pace = Pace::of(inputs.saturating_add(lines.len()));
        if self.pace == Pace::Many {
            self.known = self.watchfire.intelligence(store, Pace::Many)?;
            self.clerks.iter_mut().for_each(|clerk| clerk.recall.clear());
            return self.providers.hold();
        }
        match store {
            Some(store) => self
                .known
                .look_up(store, &observables(lines), self.watchfire.checked.as_of),
            None => Ok(()),
        }
    }

    /// Judges the next values and writes what is made of them.
    fn batch(
        &mut self,
        lines: &Lines,
        writer: &dyn ReputationWriter,
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<()> {
        let said = if self.providers.are_asked() {
            self.watchfire.ask(&mut self.providers, &observables(lines))
        } else {
            Batch::new()
        };
        let desk = Desk {
            known: &self.known,
            providers: &self.providers,
            said: &said,
            writer,
            keeps: self.keeps.saturating_sub(self.kept.len()),
        };
        let (watchfire, first) = (self.watchfire, self.tally.count() == 0);
        let share = lines.len().div_ceil(self.clerks.len()).max(SHARE);
        let judge = |number: usize, places: &[Range<usize>], clerk: &mut Clerk| {
            watchfire.judge_lines(lines, places, first && number == 0, desk, clerk)
        };
        if share < lines.len() && self.pool.is_none() {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(self.clerks.len());
            self.pool = builder.build().ok();
        }
        let parts = lines.places.chunks(share).zip(&mut self.clerks).enumerate();
        match &self.pool {
            Some(pool) if share < lines.len() => pool.install(|| {
                let parts: Vec<_> = parts.collect();
                let each = parts.into_par_iter();
                each.try_for_each(|(number, (places, clerk))| judge(number, places, clerk))
            })?,
            _ => parts
                .into_iter()
                .try_for_each(|(number, (places, clerk))| judge(number, places, clerk))?,
        }
        self.inputs += lines.len() as u64;
        self.write(out, progress)
    }

    /// Writes what the clerks have made, in the order of their parts. Whoever waits for it sees it at once.
    fn write(&mut self, out: &mut dyn Write, progress: &dyn Progress) -> io::Result<()> {
        for clerk in &mut self.clerks {
            out.write_all(&clerk.text)?;
            clerk.text.clear();
            self.tally.merge(std::mem::take(&mut clerk.tally));
            let room = self.keeps.saturating_sub(self.kept.len());
            self.kept.extend(clerk.kept.drain(..).take(room));
            for (input, why) in clerk.refused.drain(..) {
                self.rows += u64::from(input.raw().contains([',', ';', '\t', '|']));
                progress.lost(&format!("cannot check '{}': {why}", input.shown(80)));
                if self.diagnostics.len() < NAMED {
                    self.diagnostics.push(refused(input, why));
                }
            }
        }
        out.flush()
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
    let hidden = secrets::hidden_value(&what, "").filter(|_| !config.switch("show-secrets").unwrap_or(false));
    let told = hidden.as_ref().map_or(&what, |(hidden, _)| hidden);
    let Some(mark) = mark else {
        let taken_back = store.decisions().withdraw(&what, &why.into(), &by)?;
        return Ok(if taken_back {
            format!("the decision about {told} is taken back")
        } else {
            format!("there is no decision about {told}")
        });
    };
    store.decisions().mark(&what, mark, &why.into(), expires, &by)?;
    Ok(match expires {
        Some(expires) => format!("{told} is {} until {}", mark.as_str(), expires.date()),
        None => format!("{told} is {}", mark.as_str()),
    })
}

/// What of some values somebody can be asked about.
fn observables(lines: &Lines) -> Vec<Observable> {
    let value = |line| read(&String::from_utf8_lossy(line)).ok();
    lines.iter().filter_map(value).collect()
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

/// What of a table is missing. It stands beside the coverage, as it is about none of the values.
fn cut_short(fault: &Problem) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        code: "table-damaged",
        message: fault.to_string().into(),
        artifact: Untrusted::default(),
    }
}
