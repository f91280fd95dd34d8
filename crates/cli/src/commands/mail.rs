//! `watchfire mail`: suspicious mail, from any file that holds some.

use super::triage::{self, Wanted};
use crate::args::{GlobalArgs, MailArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use std::io::Write;
use std::path::Path;
use watchfire::{Config, MailEvaluation, MailRates, Side, table};

pub(crate) fn run(args: &MailArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    args.report.apply(&mut config);
    args.output.apply(&mut config);
    args.online.apply(&mut config);
    let wanted = Wanted {
        dns: args.dns.as_deref(),
        ask: args.online.online.then_some(args.online.contact_targets),
        model: args.model.as_deref(),
        mail: true,
        headers: args.headers,
        ..Wanted::only(&args.output)
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
    Ok(judged.exit(args.report.fail_on))
}

/// Measures on two folders instead of reporting.
fn evaluate(
    (legitimate, phishing): (&Path, &Path),
    args: &MailArgs,
    wanted: &Wanted<'_>,
    config: &Config,
    global: &GlobalArgs,
) -> Result<Exit, Failure> {
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let watchfire = wanted.watchfire(config, &bar)?;
    let found = watchfire.evaluate_mail(legitimate, phishing, args.links(), &bar)?;
    let mut out = Output::open(&args.output)?;
    write(&found, &mut out)?;
    out.finish()?;
    let (inputs, read) = (
        found.legitimate.inputs + found.phishing.inputs,
        found.legitimate.read + found.phishing.read,
    );
    Ok(Exit::of_inputs(inputs, read, 0))
}

fn write(found: &MailEvaluation, out: &mut dyn Write) -> Result<(), Failure> {
    let titles = [
        ("KIND", Side::Left),
        ("MAILS", Side::Right),
        ("ALARM", Side::Left),
        ("MALICIOUS", Side::Left),
        ("MODEL ALONE", Side::Left),
    ];
    let row = |kind: &str, rates: &MailRates| {
        vec![
            kind.to_owned(),
            rates.mails.to_string(),
            rates.alarms.to_string(),
            rates.malicious.to_string(),
            rates.flagged.to_string(),
        ]
    };
    let rows = [row("legitimate", &found.legitimate), row("phishing", &found.phishing)];
    table(&titles, &rows, &output::plain(), out)?;
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
    if let Some((at, rate)) = found.at_recall {
        writeln!(
            out,
            " legitimate mail at or above {at:.2}, which 95 % of the phishing reaches: {rate}"
        )?;
    }
    Ok(())
}
