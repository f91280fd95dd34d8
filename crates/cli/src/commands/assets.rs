//! `watchfire assets`: whose host is this?

use crate::args::{AssetsArgs, AssetsCommand, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::{output, terminal};
use std::io::{self, Write};
use watchfire::model::{Untrusted, age};
use watchfire::{Inventories, Inventory, Listed, Problem, Side, Taken, owned, table};

/// Hosts that a list shows.
const ROWS: usize = 200;

pub(crate) fn run(args: &AssetsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let inventories = Inventories::open(&config)?;
    let say = |text: &str| {
        if !global.quiet {
            terminal::say(text);
        }
    };
    match &args.command {
        AssetsCommand::List => list(&inventories),
        AssetsCommand::Show { value } => show(&inventories, value),
        AssetsCommand::Import { path, name, columns } => {
            let taken = inventories.import(path, name.as_deref(), columns.as_deref())?;
            told(&taken).iter().for_each(|line| say(line));
            Ok(Exit::Done)
        }
        AssetsCommand::Scan { nmap, name } => {
            let taken = inventories.scan(nmap, name.as_deref(), &config)?;
            told(&taken).iter().for_each(|line| say(line));
            Ok(Exit::Done)
        }
        AssetsCommand::Remove { name } => {
            inventories.remove(name)?;
            say(&format!(" inventory '{name}' is forgotten"));
            Ok(Exit::Done)
        }
    }
}

/// What an inventory holds, and what of it made no sense.
fn told(taken: &Taken) -> Vec<String> {
    let hosts = if taken.assets == 1 { "host" } else { "hosts" };
    let mut head = format!(" {}: {} {hosts}", taken.name, taken.assets);
    let not_taken = taken.intake.not_taken();
    if not_taken > 0 {
        head.push_str(&format!("; made no sense: {not_taken}"));
    }
    let examples = taken.intake.examples.iter();
    let examples =
        examples.map(|example| format!("   {}: {}: '{}'", example.place, example.why, example.text.shown(70)));
    std::iter::once(head).chain(examples).collect()
}

fn list(inventories: &Inventories) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let all = inventories.list()?;
    if all.is_empty() {
        writeln!(out, " no inventory yet: watchfire assets import FILE")?;
        return Ok(Exit::Done);
    }
    let style = output::plain();
    let imported = |inventory: &Inventory| {
        let old = age(inventories.now().since(inventory.imported));
        vec![inventory.name.to_string(), inventory.assets.to_string(), old]
    };
    let rows: Vec<Vec<String>> = all.iter().map(imported).collect();
    let titles = [
        ("INVENTORY", Side::Left),
        ("HOSTS", Side::Right),
        ("IMPORTED", Side::Left),
    ];
    table(&titles, &rows, &style, &mut out)?;
    writeln!(out)?;
    let assets = inventories.assets()?;
    let host = |listed: &Listed| {
        let asset = &listed.record.asset;
        vec![
            asset.name.shown(24),
            asset.owner.shown(20),
            listed.inventory.to_string(),
            handles(listed).join(" "),
        ]
    };
    let rows: Vec<Vec<String>> = assets.iter().take(ROWS).map(host).collect();
    let titles = [
        ("HOST", Side::Left),
        ("OWNER", Side::Left),
        ("INVENTORY", Side::Left),
        ("FOUND BY", Side::Left),
    ];
    table(&titles, &rows, &style, &mut out)?;
    if assets.len() > ROWS {
        writeln!(out, "  +{} more (watchfire assets show VALUE)", assets.len() - ROWS)?;
    }
    Ok(Exit::Done)
}

/// All by which a host is found.
fn handles(listed: &Listed) -> Vec<String> {
    let record = &listed.record;
    let addresses = record.addresses.iter().map(ToString::to_string);
    let hosts = record.hosts.iter().map(|host| host.as_str().to_owned());
    addresses
        .chain(hosts)
        .chain(record.macs.iter().map(ToString::to_string))
        .collect()
}

fn show(inventories: &Inventories, value: &str) -> Result<Exit, Failure> {
    let Some(listed) = inventories.show(value)? else {
        let shown = Untrusted::new(value);
        return Err(Problem::new(format!("no inventory knows '{}'", shown.shown(80)))
            .hint("watchfire assets list says what is known")
            .into());
    };
    let mut out = io::stdout().lock();
    let mut line = |what: &str, text: &str| {
        if text.is_empty() {
            return Ok(());
        }
        writeln!(out, "{what:<12}{}", Untrusted::new(text))
    };
    let asset = &listed.record.asset;
    line("asset", &owned(asset))?;
    line("found by", &handles(&listed).join(", "))?;
    for note in &asset.notes {
        line("note", note.raw())?;
    }
    line("seen", &asset.seen.map(|seen| seen.to_string()).unwrap_or_default())?;
    line("inventory", listed.inventory.as_str())?;
    Ok(Exit::Done)
}
