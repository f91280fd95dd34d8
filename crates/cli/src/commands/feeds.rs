//! `watchfire feeds`: what others assert, and how fresh it is.

use super::bundle;
use crate::args::{FeedArgs, FeedsArgs, FeedsCommand, GlobalArgs, PlaceArgs};
use crate::exit::{Exit, Failure};
use crate::progress::{Bar, Talk};
use crate::{output, terminal};
use std::io::{self, Write};
use std::path::PathBuf;
use watchfire::model::{Moment, Verdict, age};
use watchfire::{
    Arrival, Config, FEED_FORMATS, Feed, FeedChoice, FeedVersion, Feeds, KNOWN_FEEDS, Published, Side, Took, Updated,
    VersionState, due, half_life, is_stale, meets, sheet, table,
};

pub(crate) fn run(args: &FeedsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if matches!(args.command, FeedsCommand::Formats) {
        return formats();
    }
    let config = global.load()?;
    let feeds = Feeds::open(&config)?;
    let say = |text: &str| {
        if !global.quiet {
            terminal::say(text);
        }
    };
    match &args.command {
        FeedsCommand::Formats => Ok(Exit::Done),
        FeedsCommand::List => list(&feeds),
        FeedsCommand::Stats { name } => stats(&feeds, name),
        FeedsCommand::Add { feed, place, choice } => {
            let name = feeds.add(feed, &place.with(choice.choice()))?;
            say(&format!(
                " feed '{name}' is added; watchfire feeds update {name} fetches it"
            ));
            Ok(Exit::Done)
        }
        FeedsCommand::Import { paths, choice } => import(&feeds, paths, &choice.choice(), &config, &say),
        FeedsCommand::Update { names, force } => {
            let progress = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
            let results = feeds.update(names, *force, &config, &progress)?;
            Ok(updated(&results, &say))
        }
        FeedsCommand::Remove { name } => {
            feeds.remove(name)?;
            say(&format!(" feed '{name}' is removed"));
            Ok(Exit::Done)
        }
        FeedsCommand::Export {
            bundle,
            key,
            rules,
            names,
        } => {
            let made = feeds.export(&config, bundle, key, names, rules.as_deref())?;
            bundle::exported(&made).iter().for_each(|line| say(line));
            Ok(Exit::Done)
        }
        FeedsCommand::Key { path } => bundle::key(path, &say),
        FeedsCommand::Bundles => bundle::list(&config),
        FeedsCommand::Rollback { name: None, .. } => bundle::roll_back(&config, false, &say),
        FeedsCommand::Rollback { name: Some(name), .. } => {
            let version = feeds.rollback(name)?.version;
            say(&format!(
                " feed '{name}' is that of {} again, with {} indicators",
                version.fetched, version.indicators
            ));
            Ok(Exit::Done)
        }
    }
}

fn import(
    feeds: &Feeds,
    paths: &[PathBuf],
    choice: &FeedChoice,
    config: &Config,
    say: &dyn Fn(&str),
) -> Result<Exit, Failure> {
    let mut failed = 0;
    for path in paths {
        match feeds.take(path, choice, config) {
            Ok(Took::Feed(published)) => told(&published).iter().for_each(|line| say(line)),
            Ok(Took::Bundle(bundle)) => bundle::told(&bundle).iter().for_each(|line| say(line)),
            Err(problem) => {
                failed += 1;
                terminal::error(&problem.to_string(), problem.next_step());
            }
        }
    }
    Ok(Exit::of_inputs(paths.len() as u64, (paths.len() - failed) as u64, 0))
}

/// Says what became of each feed.
fn updated(results: &[(String, Updated)], say: &dyn Fn(&str)) -> Exit {
    let mut failed = 0;
    for (name, updated) in results {
        match updated {
            Updated::New(published) => told(published).iter().for_each(|line| say(line)),
            Updated::Unchanged => say(&format!(" {name}: unchanged")),
            Updated::Fresh => say(&format!(" {name}: asked a short while ago (--force asks again)")),
            Updated::Imported => say(&format!(" {name}: comes from a file, nothing to fetch")),
            Updated::Failed(problem) => {
                failed += 1;
                terminal::error(&format!("cannot update feed '{name}': {problem}"), problem.next_step());
            }
        }
    }
    if results.is_empty() {
        say(" there is no feed yet; watchfire feeds add NAME adds one");
        return Exit::Done;
    }
    Exit::of_inputs(results.len() as u64, (results.len() - failed) as u64, 0)
}

impl FeedArgs {
    fn choice(&self) -> FeedChoice {
        FeedChoice {
            name: self.name.clone(),
            format: self.format.clone(),
            columns: self.columns.clone(),
            reach: self.reach.clone(),
            towards: self.towards.clone(),
            grade: self.grade.clone(),
            group: self.group.clone(),
            lifetime: self.lifetime.clone(),
            ..FeedChoice::default()
        }
    }
}

impl PlaceArgs {
    fn with(&self, choice: FeedChoice) -> FeedChoice {
        FeedChoice {
            url: self.url.clone(),
            auth: self.auth.clone(),
            key_file: self.key_file.clone(),
            every: self.every.clone(),
            ..choice
        }
    }
}

/// What a new version holds, and what was not taken.
fn told(published: &Published) -> Vec<String> {
    let mut head = format!(
        " {}: {} indicators, read as {}",
        published.name, published.indicators, published.format
    );
    let intake = &published.intake;
    if intake.not_taken() > 0 {
        let reasons: Vec<String> = intake
            .rejected
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        head.push_str(&format!("; not taken: {}", reasons.join(", ")));
    }
    let mut lines = vec![head];
    for example in &intake.examples {
        lines.push(format!(
            "   {}: {}: '{}'",
            example.place,
            example.why,
            example.text.shown(70)
        ));
    }
    if intake.unreadable_dates > 0 {
        lines.push(format!("   dates that cannot be read: {}", intake.unreadable_dates));
    }
    lines.extend(intake.notes.iter().map(|note| format!("   {note}")));
    lines
}

fn list(feeds: &Feeds) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let all = feeds.list()?;
    if all.is_empty() {
        writeln!(
            out,
            " no feed yet: watchfire feeds add NAME, or watchfire feeds import FILE"
        )?;
        return Ok(Exit::Done);
    }
    let row = |feed: &Feed| {
        let current = feed.current.as_ref().map(|current| &current.version);
        let count = current.map_or("-".to_owned(), |version| version.indicators.to_string());
        let old = current.map_or("-".to_owned(), |version| age(feeds.as_of().since(version.fetched)));
        let spec = &feed.spec;
        vec![
            spec.name.to_string(),
            count,
            spec.grade.to_string(),
            old,
            days(half_life(feed).0),
            spec.format.to_string(),
            state(feed, feeds.as_of()),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let titles = [
        ("FEED", Side::Left),
        ("INDICATORS", Side::Right),
        ("GRADE", Side::Left),
        ("AGE", Side::Left),
        ("HALF-LIFE", Side::Left),
        ("FORMAT", Side::Left),
        ("STATE", Side::Left),
    ];
    table(&titles, &rows, &output::plain(), &mut out)?;
    Ok(Exit::Done)
}

fn state(feed: &Feed, as_of: Moment) -> String {
    let stale = if is_stale(feed, as_of) { "stale; " } else { "" };
    let arrival = feed.current.as_ref().map(|current| current.version.arrival);
    match (&feed.problem, arrival) {
        (Some(problem), _) => format!("{stale}failed: {problem}"),
        (None, None) => "never fetched".to_owned(),
        (None, Some(Arrival::Url)) => format!("{stale}fetched"),
        (None, Some(Arrival::Import)) => format!("{stale}imported"),
        (None, Some(Arrival::Bundle)) => format!("{stale}from a bundle"),
    }
}

/// `30 d`, or hours where a day is too long.
fn days(seconds: u64) -> String {
    match seconds / 86_400 {
        0 => format!("{} h", seconds / 3600),
        days => format!("{days} d"),
    }
}

fn stats(feeds: &Feeds, name: &str) -> Result<Exit, Failure> {
    let history = feeds.history(name)?;
    let all = feeds.list()?;
    let mut out = io::stdout().lock();
    let Some(feed) = all.iter().find(|feed| feed.spec.name.as_str() == name) else {
        return Ok(Exit::Done);
    };
    let spec = &feed.spec;
    let from = spec.url.as_ref().map_or("a file", |url| url.as_str());
    let (half, end) = half_life(feed);
    let mut lines = vec![
        ("from", from.to_owned()),
        ("read as", spec.format.as_str().to_owned()),
        (
            "counts",
            format!(
                "grade {}, group {}, {}",
                spec.grade,
                spec.group.as_str(),
                asserts(spec.towards)
            ),
        ),
        ("meets", meets(feed).unwrap_or_else(|| "as its format says".to_owned())),
        ("state", state(feed, feeds.as_of())),
        (
            "ages",
            format!(
                "half is left after {}, nothing after {}; digests and identifiers do not age",
                days(half),
                days(end)
            ),
        ),
    ];
    if let Some(checked) = feed.checked {
        let due = due(feed).map_or(String::new(), |due| format!("; due again from {due}"));
        lines.push(("asked", format!("{checked}{due}")));
    }
    if !spec.licence.is_empty() {
        lines.push(("terms", spec.licence.raw().to_owned()));
    }
    let style = output::plain();
    sheet(&lines, &style, &mut out)?;
    if history.is_empty() {
        writeln!(out, " '{name}' has never been fetched")?;
        return Ok(Exit::Done);
    }
    writeln!(out)?;
    let row = |kept: &FeedVersion| {
        let version = &kept.version;
        let state = match kept.state {
            VersionState::Current => "in use",
            VersionState::Kept => "kept",
            VersionState::Withdrawn => "withdrawn",
        };
        vec![
            version.fetched.to_string(),
            age(feeds.as_of().since(version.fetched)),
            version.indicators.to_string(),
            version.rejected.to_string(),
            version.arrival.as_str().to_owned(),
            state.to_owned(),
            shortened(&version.sha256.to_string()),
        ]
    };
    let rows: Vec<Vec<String>> = history.iter().map(row).collect();
    let titles = [
        ("VERSION", Side::Left),
        ("AGE", Side::Left),
        ("INDICATORS", Side::Right),
        ("NOT TAKEN", Side::Right),
        ("FROM", Side::Left),
        ("STATE", Side::Left),
        ("SHA-256", Side::Left),
    ];
    table(&titles, &rows, &style, &mut out)?;
    Ok(Exit::Done)
}

/// What a feed asserts where its records do not say.
fn asserts(towards: Verdict) -> String {
    match towards {
        Verdict::Unknown => "asserts nothing: context".to_owned(),
        towards => format!("asserts {}", towards.as_str()),
    }
}

/// `3f2a…91bc`
fn shortened(digest: &str) -> String {
    let (head, tail) = (digest.get(..4), digest.get(digest.len().saturating_sub(4)..));
    format!("{}…{}", head.unwrap_or(digest), tail.unwrap_or_default())
}

/// Every format, and the feeds that everybody knows.
fn formats() -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for format in FEED_FORMATS {
        let info = format.info();
        writeln!(out, "{:<16} {}", info.name, info.describes)?;
    }
    writeln!(out, "\nwell-known feeds, for watchfire feeds add NAME:")?;
    for known in KNOWN_FEEDS {
        let key = known.key.as_ref().map_or(String::new(), |key| {
            let wants = if key.is_required { "needs" } else { "takes" };
            format!(" ({wants} the key in {})", key.variable().unwrap_or_default())
        });
        writeln!(
            out,
            "{:<16} {}{key}; grade {}; {}",
            known.name, known.describes, known.grade, known.terms
        )?;
    }
    Ok(Exit::Done)
}
