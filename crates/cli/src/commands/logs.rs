//! `watchfire logs`: what logs say, which rules hold for them, and who logged in.

use super::anomalies;
use super::triage::{Behind, Wanted};
use crate::args::{GlobalArgs, LogsArgs, LogsCommand};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use watchfire::live::Stop;
use watchfire::{Matter, Problem, Progress};

pub(crate) fn run(args: &LogsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if let Some(LogsCommand::Anomalies(args)) = &args.command {
        return anomalies::run(args, global);
    }
    let mut config = global.load()?;
    let judging = &args.judging;
    judging.apply(&mut config);
    args.online.apply(&mut config);
    let exporter = config.exporter_of(Matter::Report, judging.output.format.as_deref())?;
    if args.follow && !matches!(exporter.info().name, "text" | "ndjson") {
        let name = exporter.info().name;
        let problem = Problem::new(format!("--follow cannot write {name}: the document would never end"));
        return Err(problem.hint("use --format ndjson or text").into());
    }
    let inputs = args.input.inputs();
    output::guard(&judging.output, &inputs)?;
    output::guard_file(args.timeline.as_deref(), &inputs)?;
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
    for line in watchfire.ask_sigma(&request)? {
        bar.note(&line);
    }
    let style = output::report_style(&judging.output, global.color);
    let mut out = if args.follow {
        Output::growing(&judging.output)?
    } else {
        Output::open(&judging.output)?
    };
    let report = {
        let mut entries = if args.follow {
            exporter.following(&mut out, &style, args.all)
        } else {
            exporter.entries(&mut out, args.all)
        };
        let sink = entries.as_mut().map(|entries| entries.sink());
        let links = args.input.links();
        let report = if args.follow {
            // Where requests to end cannot be listened to, they end the process.
            let stop = Stop::on_signals().unwrap_or_default();
            watchfire.follow_logs(inputs, links, &request, sink, &bar, &stop)?
        } else {
            watchfire.read_logs(inputs, links, &request, sink, &bar)?
        };
        entries.map(|entries| entries.finish()).transpose()?;
        report
    };
    let behind = Behind {
        exporter,
        args: &judging.output,
        beside,
        out: Some(out),
        next: "watchfire logs PATH --timeline FILE.ndjson writes the records behind this",
    };
    let judged = behind.end(&report, watchfire::no_log(&report), &bar, global)?;
    Ok(judged.exit(judging.report.fail_on))
}
