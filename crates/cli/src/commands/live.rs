//! `watchfire capture --live`: no verb of its own, but a capture that goes on.

use super::triage::{Judged, Wanted};
use crate::args::{CaptureArgs, GlobalArgs};
use crate::dashboard::{self, Look};
use crate::exit::{Exit, Failure};
use crate::output::{self, Beside, Output};
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use watchfire::live::{LiveBoard, LiveOutcome, LiveRecords, LiveRequest, Stop, capture};
use watchfire::model::counted;
use watchfire::model::network::{CaptureAlert, Event, Flow, RecordSink};
use watchfire::{Problem, Several, bytes};

pub(super) fn run(mut request: LiveRequest, args: &CaptureArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    let judging = &args.judging;
    judging.apply(&mut config);
    let exporter = output::format(&judging.output, &config)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let wanted = Wanted {
        yara: &judging.rules.yara,
        report: Some(&judging.report),
        ..Wanted::only(&judging.output)
    };
    let mut beside = wanted.beside(&[])?;
    beside.as_mut().map(Beside::hold).transpose()?;
    let watchfire = wanted.watchfire(&config, &bar)?;
    // What needs rights comes before the capture, which gives them away: what is known. Where the result goes comes with it.
    let wanted = args.request();
    let reading = watchfire.live_reading(&wanted)?;
    request.filter = wanted.filter;
    request.output = judging.output.file().map(Path::to_owned);
    let stop = Stop::on_signals().map_err(|error| Problem::new(format!("cannot listen to signals: {error}")))?;
    let board = LiveBoard::new(&request.interface, request.filter.as_deref());
    let say = |text: &str| {
        board.note(text.trim_start_matches("note: "));
        terminal::say(text);
    };
    let mut live = capture(&config, request, stop.clone(), &say)?;
    let mut out = live.output().map_or_else(Output::stdout, Output::of);
    let is_over = AtomicBool::new(false);
    let draws = !args.live.no_dashboard && !global.quiet && io::stderr().is_terminal() && !terminal::is_dumb();
    // What is counted for the dashboard costs each frame something.
    if draws {
        board.watch(&mut live);
    }
    let look = Look {
        colour: !terminal::is_plain(),
        ascii: judging.output.ascii,
    };
    let report = std::thread::scope(|scope| {
        if draws {
            scope.spawn(|| {
                let over = || is_over.load(Ordering::Relaxed);
                if let Err(error) = dashboard::run(&board, &stop, look, over) {
                    terminal::say(&format!("note: there is no dashboard: {error}"));
                }
            });
        } else {
            scope.spawn(|| keep_looking(&board, &is_over));
        }
        let _over = Over(&is_over);
        let mut inner = exporter.records(&mut out);
        let has_place = inner.as_mut().is_some_and(|inner| inner.sink().wants_alerts());
        let mut on_stderr = OnStderr;
        let mut records = Several::default();
        if let Some(inner) = &mut inner {
            records.add(inner.sink());
        }
        if !draws && !global.quiet && !has_place {
            records.add(&mut on_stderr);
        }
        let report = match records.sink() {
            None if !draws => reading.read(&mut live, None)?,
            sink => reading.read(&mut live, Some(&mut LiveRecords::new(&board, sink)))?,
        };
        inner.map(|records| records.finish()).transpose()?;
        Ok::<_, Failure>(report)
    })?;
    exporter.report_behind(&report, &output::report_style(&judging.output, global.color), &mut out)?;
    out.finish()?;
    beside.map(|beside| beside.write(&report)).transpose()?;
    let outcome = live.finish()?;
    tell(&outcome);
    bar.finish(
        outcome.counts.bytes,
        "watchfire capture FILE reads what --ring FILE kept",
    );
    let mut judged = Judged::of(&report);
    judged.cut += u64::from(outcome.is_partial());
    Ok(judged.exit(judging.report.fail_on))
}

/// How often this host is looked at, and how soon it is seen that the capture is over.
const LOOK: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// Looks at this host again and again, so that flows can be given to programs, where no dashboard does.
fn keep_looking(board: &LiveBoard, is_over: &AtomicBool) {
    let mut looked: Option<Instant> = None;
    while !is_over.load(Ordering::Relaxed) {
        if looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            looked = Some(Instant::now());
            board.look();
        }
        std::thread::sleep(PAUSE);
    }
}

/// Tells alerts on stderr, where neither a dashboard nor the format has a place for them.
struct OnStderr;

impl RecordSink for OnStderr {
    fn event(&mut self, _: &Event) {}

    fn flow(&mut self, _: &Flow) {}

    fn wants_alerts(&self) -> bool {
        true
    }

    fn alert(&mut self, alert: &CaptureAlert) {
        terminal::say(&alert.to_string());
    }
}

/// Says when it is dropped that it is over, which a fault does, too: whoever draws must not wait for ever.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How it went, on stderr: what was lost first.
fn tell(outcome: &LiveOutcome) {
    let counts = &outcome.counts;
    if counts.dropped > 0 {
        let text = format!(
            "warning: the kernel dropped {}; a larger --buffer may help",
            counted(counts.dropped, "frame")
        );
        terminal::say(&text);
    }
    if let Some(problem) = &outcome.files_problem {
        terminal::say(&format!("warning: files of the capture are not complete: {problem}"));
    }
    let ending = outcome
        .ending
        .as_ref()
        .map(|ending| format!(", {ending}"))
        .unwrap_or_default();
    terminal::say(&format!(
        " {}, {}{ending}",
        counted(counts.frames, "frame"),
        bytes(counts.bytes)
    ));
    for file in &outcome.files {
        terminal::say(&format!(" kept in {}", file.display()));
    }
}
