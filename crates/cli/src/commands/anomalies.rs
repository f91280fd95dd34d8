//! `watchfire logs anomalies`: rows of a table that are unlike the others, and why.

use crate::args::{AnomaliesArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use watchfire::{Form, Matter, Watchfire};

pub(crate) fn run(args: &AnomaliesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let exporter = output::format_of(Matter::Anomalies, &args.output, &config)?;
    let request = args.request();
    let inputs = [request.input.clone()];
    output::guard(&args.output, &inputs)?;
    output::guard_file(args.save.as_deref(), &inputs)?;
    let watchfire = Watchfire::new(&config)?;
    let found = watchfire.judge_table(&request)?;
    let form = if args.output.raw { Form::Raw } else { Form::Defanged };
    let style = output::style(&args.output, global.color, form);
    let mut out = Output::open(&args.output)?;
    exporter.document(&found, &style, &mut out)?;
    out.finish()?;
    Ok(if found.diagnostics.is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    })
}
