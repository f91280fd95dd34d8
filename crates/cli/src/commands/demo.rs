//! `watchfire demo`: writes a morning at a company, and triages it.

use super::triage::{Wanted, judge};
use crate::args::{DemoArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::terminal;
use watchfire::{Config, Links, Surroundings, Value};

pub(crate) fn run(args: &DemoArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let demo = watchfire::demo(&args.folder)?;
    if !global.quiet {
        let size = watchfire::bytes(demo.bytes);
        terminal::say(&format!(
            " wrote {} files, {size}, to {}",
            demo.files,
            demo.folder.display()
        ));
    }
    // The demo's own organisation is looked at, at the time of its story, unless somebody says otherwise.
    let mut config = match &global.config {
        Some(_) => global.load()?,
        None => Config::load(Some(&demo.config), Surroundings::of_process())?,
    };
    args.output.apply(&mut config);
    config.set("as-of", Value::Text(demo.as_of.to_owned()), "demo");
    args.report.apply(&mut config);
    if let Some(threads) = global.threads {
        config.set("threads", Value::Number(threads), "--threads");
    }
    let (data, flag) = match &global.data_dir {
        Some(folder) => (folder, "--data-dir"),
        None => (&demo.data, "demo"),
    };
    config.set("data-dir", Value::Text(data.to_string_lossy().into_owned()), flag);
    demo.import_feeds(&config)?;
    let next = format!("watchfire check cdn-update.example --config {}", demo.config.display());
    let wanted = Wanted {
        report: Some(&args.report),
        ..Wanted::only(&args.output)
    };
    let judged = judge(demo.inputs, Links::Skip, &config, &wanted, global, &next)?;
    Ok(judged.exit(args.report.fail_on))
}
