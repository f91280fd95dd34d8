//! The document of providers says what the registry says. `WATCHFIRE_BLESS=1` writes its table anew.

#![allow(clippy::unwrap_used, reason = "a test")]

use watchfire_intel::enrichers::{KeyUse, PROVIDERS, ProviderInfo};
use watchfire_model::{Exposure, Window};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md");
const START: &str = "<!-- table: written from the registry by a test -->\n";
const END: &str = "<!-- end -->";

fn window(window: &Window) -> String {
    let span = match window.seconds {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        604_800 => "week".to_owned(),
        2_592_000 => "month".to_owned(),
        seconds => format!("{seconds} s"),
    };
    format!("{}/{span}", window.calls)
}

fn row(info: &ProviderInfo) -> String {
    let types: Vec<&str> = info.answers.iter().map(|kind| kind.name()).collect();
    let key = match info.key {
        KeyUse::None => "none".to_owned(),
        KeyUse::Optional { variable, goes } => format!("optional, `{variable}`, {goes}"),
        KeyUse::Required { variable, goes } => format!("`{variable}`, {goes}"),
    };
    let plans = info.plans.iter().map(|plan| {
        let windows: Vec<String> = plan.windows.iter().map(window).collect();
        let windows = if windows.is_empty() {
            "no limit known".to_owned()
        } else {
            windows.join(", ")
        };
        format!("`{}`: {windows}; {}", plan.name, plan.terms)
    });
    let plans: Vec<String> = plans.collect();
    let base = if info.base.is_empty() { "your server" } else { info.base };
    let exposure = match info.exposure {
        Exposure::OwnServer => "own server",
        Exposure::ThirdParty => "third party",
        Exposure::ContactsTarget => "contacts the target",
        Exposure::Local => "local",
    };
    format!(
        "| {} (`{}`) | {} | {base}; {exposure} | {key} | {} | {} | {} | {} |\n",
        info.title,
        info.name,
        types.join(" "),
        plans.join("<br>"),
        info.grade,
        info.group,
        info.strength
    )
}

#[test]
fn the_table_is_that_of_the_registry() {
    let mut table = String::from("| provider | answers about | where | key | plans | grade | group | strength |\n");
    table.push_str("|---|---|---|---|---|---|---|---|\n");
    table.extend(PROVIDERS.iter().map(|provider| row(provider.info())));
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{START}{table}{END}{after}");
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        std::fs::write(DOCUMENT, expected).unwrap();
    } else {
        assert!(
            text == expected,
            "docs/providers.md is stale; run this test with WATCHFIRE_BLESS=1"
        );
    }
}

#[test]
fn names_are_words_and_tables_are_whole() {
    let mut names = std::collections::BTreeSet::new();
    for provider in PROVIDERS {
        let info = provider.info();
        assert!(names.insert(info.name), "{} stands twice", info.name);
        assert!(
            info.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            info.name
        );
        assert!(
            !info.answers.is_empty() && !info.plans.is_empty() && info.steps > 0,
            "{}",
            info.name
        );
        assert!(!info.base.ends_with('/'), "{}", info.name);
        assert!(
            info.base.is_empty() == (info.exposure == Exposure::OwnServer),
            "{}",
            info.name
        );
        assert!(
            info.key
                .variable()
                .is_none_or(|variable| variable.starts_with("WATCHFIRE_"))
        );
    }
}
