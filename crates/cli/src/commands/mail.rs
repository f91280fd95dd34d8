//! `watchfire mail`: suspicious mail, from any file that holds some.

use super::triage::{self, Wanted};
use crate::args::{GlobalArgs, MailArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use std::path::Path;
use watchfire::{Config, Matter};

pub(crate) fn run(args: &MailArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    args.judging.apply(&mut config);
    args.online.apply(&mut config);
    let wanted = Wanted {
        dns: args.dns.as_deref(),
        ask: args.online.online.then_some(args.online.contact_targets),
        model: args.model.as_deref(),
        yara: &args.judging.rules.yara,
        report: Some(&args.judging.report),
        mail: true,
        headers: args.headers,
        ..Wanted::only(&args.judging.output)
    };
    if let Some([legitimate, phishing]) = args.evaluate.as_deref() {
        return evaluate((legitimate, phishing), args, &wanted, &config, global);
    }
    let judged = triage::judge(
        args.inputs(),
        args.links(),
        &config,
        &wanted,
        global,
        "watchfire check VALUE says what is known about a sender or a link",
    )?;
    Ok(judged.exit(args.judging.report.fail_on))
}

/// Measures on two folders instead of reporting.
fn evaluate(
    (legitimate, phishing): (&Path, &Path),
    args: &MailArgs,
    wanted: &Wanted<'_>,
    config: &Config,
    global: &GlobalArgs,
) -> Result<Exit, Failure> {
    let exporter = output::format_of(Matter::Evaluation, &args.judging.output, config)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let watchfire = wanted.watchfire(config, &bar)?;
    let found = watchfire.evaluate_mail(legitimate, phishing, args.links(), &bar)?;
    let mut out = Output::open(&args.judging.output)?;
    exporter.document(&found, &output::plain(), &mut out)?;
    out.finish()?;
    let inputs: u64 = found.kinds.iter().map(|kind| kind.inputs).sum();
    let read: u64 = found.kinds.iter().map(|kind| kind.inputs_read).sum();
    Ok(Exit::of_inputs(inputs, read, 0))
}
