//! `watchfire triage`: anything in, one report out.

use crate::args::{FailOn, GlobalArgs, OutputArgs, ReportArgs, TriageArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Beside, Output};
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::path::{Path, PathBuf};
use watchfire::model::{Report, Verdict};
use watchfire::{Cases, Config, Exporter, Input, Links, Problem, Progress, Watchfire};

pub(crate) fn run(args: &TriageArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    args.judging.apply(&mut config);
    let judged = judge(
        args.input.inputs(),
        args.input.links(),
        &config,
        &Wanted {
            remember: args.remember,
            case: args.case.as_deref(),
            keep_files: args.keep_files,
            yara: &args.judging.rules.yara,
            report: Some(&args.judging.report),
            ..Wanted::only(&args.judging.output)
        },
        global,
        "watchfire extract PATH lists every observable with its place",
    )?;
    Ok(judged.exit(args.judging.report.fail_on))
}

/// What else was asked for.
pub(super) struct Wanted<'a> {
    pub(super) output: &'a OutputArgs,
    /// Whether a file with the report is wanted, too.
    pub(super) report: Option<&'a ReportArgs>,
    pub(super) remember: bool,
    /// The case that the report goes to.
    pub(super) case: Option<&'a str>,
    /// Whether the case keeps the bytes of the inputs.
    pub(super) keep_files: bool,
    /// Whether the inputs were handed over as mail.
    pub(super) mail: bool,
    /// Whether the headers of mails are listed.
    pub(super) headers: bool,
    /// Answers of the DNS.
    pub(super) dns: Option<&'a Path>,
    /// Whether the DNS is asked, and whether the owners of names may notice.
    pub(super) ask: Option<bool>,
    /// A phishing model.
    pub(super) model: Option<&'a Path>,
    /// Files and folders with YARA rules.
    pub(super) yara: &'a [PathBuf],
}

impl<'a> Wanted<'a> {
    /// Nothing but a result.
    pub(super) fn only(output: &'a OutputArgs) -> Self {
        Self {
            output,
            report: None,
            remember: false,
            case: None,
            keep_files: false,
            mail: false,
            headers: false,
            dns: None,
            ask: None,
            model: None,
            yara: &[],
        }
    }

    /// The file with the report, if one is wanted.
    pub(super) fn beside(&self, inputs: &[Input]) -> Result<Option<Beside>, Problem> {
        let planned = self.report.map(|report| Beside::plan(report, self.output, inputs));
        Ok(planned.transpose()?.flatten())
    }

    /// What judges so. Remarks on the way are told to `bar`.
    pub(super) fn watchfire(&self, config: &Config, bar: &Bar) -> Result<Watchfire, Failure> {
        let mut watchfire = Watchfire::new(config)?;
        if let Some(path) = self.output.file() {
            watchfire.leave_out(path);
        }
        if let Some(path) = self.report.and_then(|report| report.beside.as_deref()) {
            watchfire.leave_out(path);
        }
        if !self.yara.is_empty() {
            let told = watchfire.match_yara(self.yara)?;
            told.iter().for_each(|remark| bar.note(remark));
        }
        let told = watchfire.trust_signatures()?;
        told.iter().for_each(|remark| bar.note(remark));
        if self.remember {
            watchfire.remember_sightings();
        }
        if let Some(name) = self.case {
            Cases::check_name(config, name)?;
        }
        if self.keep_files {
            watchfire.keep_files();
        }
        if let Some(path) = self.model {
            watchfire.score_mail_by(path)?;
        }
        if let Some(contact) = self.ask {
            watchfire.verify_mail_online(contact)?;
        }
        let unread = self.dns.map(|path| watchfire.verify_mail_by(path)).transpose()?;
        unread.into_iter().flatten().for_each(|remark| bar.note(&remark));
        Ok(watchfire)
    }
}

/// What the exit code depends on.
pub(super) struct Judged {
    pub(super) inputs: u64,
    pub(super) read: u64,
    pub(super) cut: u64,
    pub(super) verdict: Verdict,
}

impl Judged {
    /// What a report says of it.
    pub(super) fn of(report: &Report) -> Self {
        Self {
            inputs: report.coverage.inputs,
            read: report.coverage.inputs_read,
            cut: watchfire::inputs_cut(&report.diagnostics),
            verdict: report.judgement.verdict,
        }
    }

    /// The exit code.
    pub(super) fn exit(&self, fail_on: Option<FailOn>) -> Exit {
        let reached = fail_on.is_some_and(|limit| self.verdict >= threshold(limit));
        match Exit::of_inputs(self.inputs, self.read, self.cut) {
            Exit::Usage => Exit::Usage,
            _ if reached => Exit::Reached,
            exit => exit,
        }
    }
}

/// Where a report goes that comes behind its records.
pub(super) struct Behind<'a> {
    pub(super) exporter: &'static dyn Exporter,
    pub(super) args: &'a OutputArgs,
    /// Nothing, where standard output is another result's.
    pub(super) out: Option<Output>,
    /// The file with the report, too.
    pub(super) beside: Option<Beside>,
    /// What may be done next.
    pub(super) next: &'static str,
}

impl Behind<'_> {
    /// Writes the report; `refused` says why it tells nothing, where it does not.
    pub(super) fn end(
        self,
        report: &Report,
        refused: Option<Problem>,
        bar: &Bar,
        global: &GlobalArgs,
    ) -> Result<Judged, Failure> {
        let has_read = report.coverage.inputs_read > 0;
        // A machine counts on its document; to a reader the error says all there is.
        let is_wanted = has_read || self.exporter.info().name != "text";
        if let Some(mut out) = self.out.filter(|_| is_wanted) {
            let style = output::report_style(self.args, global.color);
            self.exporter.report_behind(report, &style, &mut out)?;
            out.finish()?;
            output::asides(report, self.exporter);
        }
        if let Some(beside) = self.beside.filter(|_| has_read) {
            beside.write(report)?;
        }
        if let Some(problem) = refused {
            return Err(problem.into());
        }
        if has_read {
            bar.finish(report.coverage.bytes, self.next);
        }
        Ok(Judged::of(report))
    }
}

/// Triages and writes the report; remembers what was met if it is told to.
pub(super) fn judge(
    inputs: Vec<Input>,
    links: Links,
    config: &Config,
    wanted: &Wanted<'_>,
    global: &GlobalArgs,
    next: &str,
) -> Result<Judged, Failure> {
    let args = wanted.output;
    let exporter = output::format(args, config)?;
    output::guard(args, &inputs)?;
    let beside = wanted.beside(&inputs)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let watchfire = wanted.watchfire(config, &bar)?;
    let report = if wanted.mail {
        watchfire.read_mail(inputs, links, &bar)?
    } else {
        watchfire.triage(inputs, links, &bar)?
    };
    let refused = wanted.mail.then(|| watchfire::no_mail(&report)).flatten();
    let has_read = report.coverage.inputs_read > 0 && refused.is_none();
    // A machine counts on its document; to a reader the error says all there is.
    if has_read || exporter.info().name != "text" {
        output::report(&report, exporter, args, global.color, wanted.headers)?;
    }
    if let Some(beside) = beside.filter(|_| has_read) {
        beside.write(&report)?;
    }
    if let Some(problem) = refused {
        return Err(problem.into());
    }
    if has_read {
        bar.finish(report.coverage.bytes, next);
    }
    if let Some(name) = wanted.case.filter(|_| has_read) {
        let kept = watchfire.keep_case(config, name, &report)?;
        if !global.quiet {
            kept.told().iter().for_each(|line| terminal::say(&format!(" {line}")));
        }
    }
    Ok(Judged::of(&report))
}

pub(super) const fn threshold(limit: FailOn) -> Verdict {
    match limit {
        FailOn::Suspicious => Verdict::Suspicious,
        FailOn::Malicious => Verdict::Malicious,
    }
}
