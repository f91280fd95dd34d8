//! `watchfire logs`: what logs say, which rules hold for them, and who logged in.

use super::anomalies;
use super::triage::{Behind, Wanted};
use crate::args::{GlobalArgs, LogsArgs, LogsCommand};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use watchfire::{Matter, Progress};

pub(crate) fn run(args: &LogsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if let Some(LogsCommand::Anomalies(args)) = &args.command {
        return anomalies::run(args, global);
    }
    let mut config = global.load()?;
    let judging = &args.judging;
    judging.apply(&mut config);
    args.online.apply(&mut config);
    let exporter = config.exporter_of(Matter::Report, judging.output.format.as_deref())?;
    let inputs = args.input.inputs();
    output::guard(&judging.output, &inputs)?;
    output::guard_file(args.timeline.as_deref(), &inputs)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let wanted = Wanted {
        yara: &judging.rules.yara,
        ..Wanted::only(&judging.output)
    };
    let mut watchfire = wanted.watchfire(&config, &bar)?;
    if args.online.online {
        watchfire.go_online(args.online.contact_targets)?;
    }
    let request = args.request();
    for line in watchfire.ask_sigma(&request)? {
        bar.note(&line);
    }
    let mut out = Output::open(&judging.output)?;
    let report = {
        let mut entries = exporter.entries(&mut out, args.all);
        let sink = entries.as_mut().map(|entries| entries.sink());
        let report = watchfire.read_logs(inputs, args.input.links(), &request, sink, &bar)?;
        entries.map(|entries| entries.finish()).transpose()?;
        report
    };
    let behind = Behind {
        exporter,
        args: &judging.output,
        out: Some(out),
        next: "watchfire logs PATH --timeline FILE.ndjson writes the records behind this",
    };
    let judged = behind.end(&report, watchfire::no_log(&report), &bar, global)?;
    Ok(judged.exit(judging.report.fail_on))
}
