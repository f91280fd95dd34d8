//! `watchfire logs anomalies`: rows of a table that are unlike the others, and why.

use crate::args::{AnomaliesArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use watchfire::{Form, Problem, TABLE_FORMATS, Watchfire, write_table};

pub(crate) fn run(args: &AnomaliesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let format = args.output.format.as_deref().unwrap_or("text");
    if !TABLE_FORMATS.contains(&format) {
        return Err(Problem::unknown("format", format, TABLE_FORMATS).into());
    }
    let request = args.request();
    let inputs = [request.input.clone()];
    output::guard(&args.output, &inputs)?;
    output::guard_file(args.save.as_deref(), &inputs)?;
    let form = if args.output.raw || format != "text" {
        Form::Raw
    } else {
        Form::Defanged
    };
    let style = output::style(&args.output, global.color, form);
    let watchfire = Watchfire::new(&config)?;
    let findings = watchfire.judge_table(&request)?;
    let mut out = Output::open(&args.output)?;
    write_table(&findings, format, &style, &mut out)?;
    out.finish()?;
    Ok(Exit::Done)
}
