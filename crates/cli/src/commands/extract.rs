//! `watchfire extract`: observables from text or from any file.

use crate::args::{ExtractArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use std::io::{self, Write};
use watchfire::{Config, Form, Input, Links, Matter, Problem, Progress, Scope, Value, Watchfire};

pub(crate) fn run(args: &ExtractArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.list_types {
        return list_types();
    }
    let mut config = global.load()?;
    apply(args, &mut config)?;
    let exporter = output::format_of(Matter::Listing, &args.output, &config)?;
    if args.follow && exporter.info().name == "json" {
        let problem = Problem::new("--follow cannot write json: the document would never end");
        return Err(problem.hint("use --format ndjson, csv or text").into());
    }
    // A screen is defanged unless told otherwise, a machine format the other way round.
    let is_text = exporter.info().name == "text";
    let form = if args.defang || (is_text && !args.output.raw) {
        Form::Defanged
    } else {
        Form::Raw
    };
    let style = output::style(&args.output, global.color, form);
    let mut watchfire = Watchfire::new(&config)?;
    if args.check {
        watchfire.judge_observables()?;
    }
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    if !args.rules.yara.is_empty() {
        if args.follow || args.all {
            let option = if args.follow { "--follow" } else { "--all" };
            let problem = Problem::new(format!(
                "--yara asks for the whole of each input, which {option} never has"
            ));
            return Err(problem
                .hint(format!("leave {option} out, or match with 'watchfire triage --yara'"))
                .into());
        }
        let told = watchfire.match_yara(&args.rules.yara)?;
        told.iter().for_each(|remark| bar.note(remark));
    }
    let inputs: Vec<Input> = args.paths.iter().map(|path| Input::parse(path)).collect();
    output::guard(&args.output, &inputs)?;
    let links = if args.follow_links { Links::Follow } else { Links::Skip };
    let scope = if args.all { Scope::All } else { Scope::Distinct };
    let mut out = if args.follow {
        Output::growing(&args.output)?
    } else {
        Output::open(&args.output)?
    };
    if let Some(path) = args.output.file() {
        watchfire.leave_out(path);
    }
    let outcome = if args.follow {
        watchfire.follow(inputs, scope, (exporter, &style), &mut out, &bar)?
    } else {
        watchfire.extract(inputs, links, scope, (exporter, &style), &mut out, &bar)?
    }?;
    out.finish()?;
    if outcome.inputs_read > 0 {
        let next = if is_text {
            "--format csv|json|ndjson for machines, --context 40 for the words around"
        } else {
            ""
        };
        bar.finish(outcome.bytes, next);
    }
    Ok(Exit::of_inputs(outcome.inputs, outcome.inputs_read, outcome.inputs_cut))
}

fn apply(args: &ExtractArgs, config: &mut Config) -> Result<(), Problem> {
    if !args.only.is_empty() {
        config.set("extract.only", Value::List(args.only.clone()), "--only");
    }
    if !args.not.is_empty() {
        config.set("extract.not", Value::List(args.not.clone()), "--not");
    }
    if let Some(context) = args.context {
        config.set("extract.context", Value::Number(context), "--context");
    }
    args.policy.apply(config);
    args.output.apply(config);
    for path in &args.patterns {
        config.add_patterns_file(path)?;
    }
    for pattern in &args.pattern {
        config.add_pattern(pattern, "--pattern")?;
    }
    Ok(())
}

fn list_types() -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for kind in watchfire::model::ObservableType::ALL {
        let spec = kind.spec();
        let off = if spec.by_default { "" } else { " (only when asked for)" };
        writeln!(out, "{:<22}{}{off}", spec.name, spec.describes)?;
    }
    Ok(Exit::Done)
}
