//! What `watchfire feeds` and `watchfire knowledge` say about signed bundles.

use crate::exit::{Exit, Failure};
use std::io::{self, Write};
use std::path::Path;
use watchfire::model::Untrusted;
use watchfire::{Bundle, Config, Exported, ImportedBundle};

/// What a bundle brought.
pub(super) fn told(bundle: &ImportedBundle) -> Vec<String> {
    let mut lines = vec![format!(
        " bundle {} of {}, signed by {}: {}",
        bundle.counter,
        bundle.created,
        bundle.signer,
        contents(bundle.feeds.len(), bundle.parts.iter().map(String::as_str))
    )];
    let feeds = bundle.feeds.iter();
    lines.extend(feeds.map(|(name, indicators)| format!("   {name}: {indicators} indicators")));
    lines
}

/// `2 feeds, geography`
fn contents<'p>(feeds: usize, parts: impl Iterator<Item = &'p str>) -> String {
    let feeds = match feeds {
        1 => "1 feed".to_owned(),
        more => format!("{more} feeds"),
    };
    std::iter::once(feeds)
        .chain(parts.map(str::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What was written.
pub(super) fn exported(made: &Exported) -> Vec<String> {
    let what = contents(made.feeds, made.parts.iter().map(String::as_str));
    vec![
        format!(
            " bundle {}: {what}, {} indicators; its signature is {}",
            made.counter,
            made.indicators,
            made.signature.display()
        ),
        format!(
            " it is taken where watchfire.toml has keys = [\"{}\"] below [bundles]",
            made.key
        ),
    ]
}

pub(super) fn key(path: &Path, say: &dyn Fn(&str)) -> Result<Exit, Failure> {
    let public = watchfire::make_key(path)?;
    writeln!(io::stdout().lock(), "{public}")?;
    say(&format!(
        " the secret key is in {}: whoever has it can sign; hosts that take its bundles have keys = [\"{public}\"] below [bundles] in watchfire.toml",
        path.display()
    ));
    Ok(Exit::Done)
}

pub(super) fn list(config: &Config) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let all = watchfire::bundles(config)?;
    if all.is_empty() {
        writeln!(out, " no bundle was imported yet: watchfire feeds import FILE")?;
    }
    for bundle in &all {
        let counter = bundle.counter.map_or("-".to_owned(), |counter| counter.to_string());
        let signer = if bundle.signer.is_empty() {
            "own file".to_owned()
        } else {
            bundle.signer.shown(16)
        };
        let state = if bundle.withdrawn.is_some() {
            "withdrawn"
        } else {
            "in use"
        };
        writeln!(
            out,
            " {:>4}  {}  {signer:<16}  {counter:>15}  {state:<9}  {}  {}",
            bundle.id,
            bundle.by.at,
            contents(bundle.feeds.len(), bundle.parts.iter().map(|part| part.name.as_str())),
            bundle.name.shown(60)
        )?;
    }
    Ok(Exit::Done)
}

/// Takes the newest one out of use.
pub(super) fn roll_back(config: &Config, knowledge: bool, say: &dyn Fn(&str)) -> Result<Exit, Failure> {
    let (bundle, done) = watchfire::roll_back(config, knowledge)?;
    say(&format!(" {} is out of use", called(&bundle)));
    let names = |names: &[watchfire::Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !done.returned.is_empty() {
        say(&format!("   feeds as they were before: {}", names(&done.returned)));
    }
    if !done.stayed.is_empty() {
        say(&format!(
            "   feeds that stay, for they have moved on: {}",
            names(&done.stayed)
        ));
    }
    Ok(Exit::Done)
}

fn called(bundle: &Bundle) -> String {
    let name: &Untrusted = &bundle.name;
    match bundle.counter {
        Some(counter) => format!("bundle {counter} ('{}')", name.shown(60)),
        None => format!("'{}'", name.shown(60)),
    }
}
