//! `watchfire capture`: captures of networks, of any length.

use super::triage::{Behind, Wanted};
use super::{interfaces, live};
use crate::args::{CaptureArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use watchfire::{EveLines, Several};

pub(crate) fn run(args: &CaptureArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.live.list_interfaces {
        return interfaces::list(args.live.rates);
    }
    if let Some(request) = args.live.request()? {
        return live::run(request, args, global);
    }
    let mut config = global.load()?;
    let judging = &args.judging;
    judging.apply(&mut config);
    args.online.apply(&mut config);
    let exporter = output::format(&judging.output, &config)?;
    let inputs = args.inputs();
    output::guard(&judging.output, &inputs)?;
    output::guard_file(args.logs.eve(), &inputs)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let wanted = Wanted {
        yara: &judging.rules.yara,
        report: Some(&judging.report),
        ..Wanted::only(&judging.output)
    };
    let beside = wanted.beside(&inputs)?;
    let mut watchfire = wanted.watchfire(&config, &bar)?;
    if args.online.online {
        watchfire.go_online(args.online.contact_targets)?;
    }
    let request = args.request();
    let mut eve = args.logs.eve_on_stdout().then(|| EveLines::new(Output::stdout()));
    // Two results on standard output would be none.
    let is_told = eve.is_none() || judging.output.file().is_some();
    let mut out = Output::open(&judging.output)?;
    let report = {
        let mut records = is_told.then(|| exporter.records(&mut out)).flatten();
        let mut sinks = Several::default();
        if let Some(records) = &mut records {
            sinks.add(records.sink());
        }
        if let Some(eve) = &mut eve {
            sinks.add(eve);
        }
        let report = watchfire.read_captures(inputs, args.links(), &request, sinks.sink(), &bar)?;
        records.map(|records| records.finish()).transpose()?;
        report
    };
    if let Some(eve) = eve {
        let (lines, written) = eve.finish();
        written?;
        lines.finish()?;
    }
    let behind = Behind {
        exporter,
        args: &judging.output,
        beside,
        out: is_told.then_some(out),
        next: "watchfire capture FILE --format ndjson prints every flow and event",
    };
    let judged = behind.end(&report, watchfire::no_capture(&report), &bar, global)?;
    // The program ends here: to give back piece by piece what the report of a long capture holds takes longer than to draw it.
    std::mem::forget(report);
    Ok(judged.exit(judging.report.fail_on))
}
