//! `watchfire mail`: suspicious mail, from any file that holds some.

use super::triage;
use crate::args::{GlobalArgs, MailArgs};
use crate::exit::{Exit, Failure};

pub(crate) fn run(args: &MailArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    args.report.apply(&mut config);
    args.output.apply(&mut config);
    let judged = triage::judge(
        args.input.inputs(),
        args.input.links(),
        &config,
        (&args.output, false, args.dns.as_deref()),
        global,
        "watchfire check VALUE says what is known about a sender or a link",
    )?;
    Ok(judged.exit(args.report.fail_on))
}
