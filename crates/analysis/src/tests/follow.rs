//! Logs that grow: what is told, when, and that the end is what it would have been.

use crate::logs::{LogNews, LogPart, LogReading, LogRules, Told as Tells};
use crate::{Analysis, Engine, Settings};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use watchfire_model::log::{EntrySink, LogAlert, LogEntry};
use watchfire_model::{Date, Suppression, Timestamp};
use watchfire_sigma::{Options, Program};

fn reading() -> LogReading {
    LogReading::new(Timestamp::new(1_795_435_200, 0))
}

/// Alerts, each behind the number of news that had been given before it.
struct Told<'t> {
    given: &'t std::cell::Cell<usize>,
    alerts: Vec<(usize, LogAlert)>,
}

impl EntrySink for Told<'_> {
    fn wants_entries(&self) -> bool {
        false
    }

    fn entry(&mut self, _: &LogEntry) {}

    fn alert(&mut self, alert: &LogAlert) {
        self.alerts.push((self.given.get(), alert.clone()));
    }
}

/// What is told of these news: behind which of them, by whom, and where.
fn follow(news: impl IntoIterator<Item = LogNews>) -> (Vec<(usize, LogAlert)>, Analysis) {
    follow_with(&reading(), news)
}

fn follow_with(reading: &LogReading, news: impl IntoIterator<Item = LogNews>) -> (Vec<(usize, LogAlert)>, Analysis) {
    let engine = Engine::new(Settings::default());
    let given = std::cell::Cell::new(0);
    let mut told = Told {
        given: &given,
        alerts: Vec::new(),
    };
    let mut news: VecDeque<LogNews> = news.into_iter().collect();
    let next = || {
        let one = news.pop_front()?;
        given.set(given.get() + 1);
        Some(one)
    };
    let analysis = engine.follow_logs(next, reading, Some(&mut told), &engine.budget());
    (told.alerts, analysis)
}

#[track_caller]
fn check(what: &str, news: Vec<LogNews>, expected: &[(usize, &str, u64, &str)]) {
    let (alerts, _) = follow(news);
    let found: Vec<(usize, &str, u64)> = alerts
        .iter()
        .map(|(given, alert)| (*given, alert.source.raw(), alert.line))
        .collect();
    let wanted: Vec<(usize, &str, u64)> = expected
        .iter()
        .map(|(given, file, line, _)| (*given, *file, *line))
        .collect();
    assert_eq!(found, wanted, "{what}: {alerts:#?}");
    for ((_, alert), (.., title)) in alerts.iter().zip(expected) {
        assert!(alert.title.raw().contains(title), "{what}: {alert:#?}");
    }
}

fn begun(name: &str) -> LogNews {
    LogNews::Begun(name.into())
}

fn grown(number: usize, text: &str) -> LogNews {
    LogNews::Grown(number, text.as_bytes().to_vec())
}

const CLEARED: &str = concat!(
    r#"{"EventID":1102,"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T09:00:00Z","#,
    r#""Provider_Name":"Microsoft-Windows-Eventlog","SubjectUserName":"user3"}"#,
    "\n"
);

fn refused(from: std::ops::Range<usize>) -> String {
    from.fold(String::new(), |mut text, number| {
        let second = number % 60;
        let _ = writeln!(
            text,
            "Nov 20 08:00:{second:02} web-01 sshd[7]: Failed password for user{number} from 10.0.5.23 port 40000 ssh2"
        );
        text
    })
}

const LET_IN: &str = "Nov 20 08:01:00 web-01 sshd[7]: Accepted password for user3 from 10.0.5.23 port 40000 ssh2\n";

#[test]
fn a_rule_that_holds_is_told_once_nothing_more_is_there() {
    check(
        "a short log is not waited for",
        vec![
            begun("a.json"),
            grown(0, CLEARED),
            LogNews::Paused(0),
            grown(0, CLEARED),
            LogNews::Paused(0),
        ],
        &[
            (3, "a.json", 1, "Event Log Cleared"),
            (4, "a.json", 2, "Event Log Cleared"),
        ],
    );
    let (first, last) = CLEARED.split_at(40);
    check(
        "a line that is not whole is waited for",
        vec![
            begun("a.json"),
            grown(0, CLEARED),
            LogNews::Paused(0),
            grown(0, first),
            LogNews::Paused(0),
            grown(0, last),
        ],
        &[
            (3, "a.json", 1, "Event Log Cleared"),
            (6, "a.json", 2, "Event Log Cleared"),
        ],
    );
    check(
        "without its line end it is whole when the log has ended, or when nobody follows it any more",
        vec![
            begun("a.json"),
            begun("b.json"),
            grown(0, CLEARED.trim_end()),
            grown(1, CLEARED.trim_end()),
            LogNews::Paused(0),
            LogNews::Ended(0, None),
        ],
        &[
            (6, "a.json", 1, "Event Log Cleared"),
            (6, "b.json", 1, "Event Log Cleared"),
        ],
    );
}

#[test]
fn a_file_that_begins_anew_has_its_lines_from_the_first() {
    check(
        "rotated",
        vec![
            begun("a.json"),
            grown(0, &format!("{CLEARED}{CLEARED}")),
            LogNews::Restarted(0),
            grown(0, CLEARED),
            LogNews::Paused(0),
        ],
        &[
            (3, "a.json", 1, "Event Log Cleared"),
            (3, "a.json", 2, "Event Log Cleared"),
            (5, "a.json", 1, "Event Log Cleared"),
        ],
    );
    let (_, analysis) = follow([begun("a"), grown(0, CLEARED), LogNews::Restarted(0), grown(0, CLEARED)]);
    let log = analysis.log.expect("a log");
    assert_eq!((log.files, log.all.records), (1, 2));
}

#[test]
fn many_matches_at_once_are_counted() {
    let (alerts, _) = follow([begun("a.json"), grown(0, &CLEARED.repeat(50)), LogNews::Paused(0)]);
    let more: Vec<u64> = alerts.iter().map(|(_, alert)| alert.more).collect();
    assert_eq!(more, [0, 0, 0, 0, 45]);
}

#[test]
fn guessed_passwords_are_told_when_they_are_many_and_when_one_is_let_in() {
    let text = refused(0..12);
    let (few, rest) = text.split_at(text.len() / 2);
    check(
        "spraying, then a log-in",
        vec![
            begun("auth.log"),
            grown(0, few),
            LogNews::Paused(0),
            grown(0, rest),
            LogNews::Paused(0),
            grown(0, LET_IN),
            grown(0, &refused(20..23)),
            grown(0, LET_IN),
        ],
        &[
            (4, "auth.log", 10, "SSH Password Spray"),
            (4, "auth.log", 1, "passwords sprayed"),
            (6, "auth.log", 13, "then user3 was let in"),
        ],
    );
}

#[test]
fn correlations_are_told_as_they_hold_once_everything_old_was_read() {
    let told = |news: Vec<LogNews>| -> Vec<(usize, u64)> {
        let (alerts, _) = follow(news);
        let told = alerts
            .iter()
            .filter(|(_, alert)| alert.title.raw() == "SSH Password Spray");
        told.map(|(given, alert)| (*given, alert.line)).collect()
    };
    let text = refused(0..12);
    let (few, rest) = text.split_at(text.len() / 2);
    let pieces = vec![begun("a"), grown(0, few), LogNews::Paused(0), grown(0, rest)];
    assert_eq!(told(pieces), [(4, 10)]);
    // What is in the other file may be older.
    let two = vec![
        begun("a"),
        begun("b"),
        grown(0, &text),
        LogNews::Paused(0),
        grown(1, CLEARED),
        LogNews::Paused(1),
    ];
    assert_eq!(told(two), [(6, 10)]);
}

#[test]
fn the_end_is_that_of_reading_all_of_it() {
    let text = format!("{}{LET_IN}", refused(0..30));
    let pieces = text
        .as_bytes()
        .chunks(97)
        .map(|piece| LogNews::Grown(0, piece.to_vec()));
    let paused = pieces.flat_map(|piece| [piece, LogNews::Paused(0)]);
    let (_, followed) = follow(std::iter::once(begun("auth.log")).chain(paused));
    let engine = Engine::new(Settings::default());
    let mut file: Option<LogPart<'_>> = Some(("auth.log".into(), Box::new(Cursor::new(text.as_bytes()))));
    let read = engine.read_logs(|| file.take(), &reading(), None, &engine.budget());
    let titles = |analysis: &Analysis| -> Vec<String> {
        analysis.findings.iter().map(|finding| finding.title.clone()).collect()
    };
    assert_eq!(titles(&followed), titles(&read));
    let totals = |analysis: Analysis| analysis.log.map(|log| (log.all, log.accepted, log.refused));
    assert_eq!(totals(followed), totals(read));
}

#[test]
fn other_rules_are_asked_from_then_on_and_what_was_found_stays() {
    let (none, _) = Program::compile(&[], &Options::default());
    let none = LogRules::new(Arc::new(none), Tells::default());
    let news = vec![
        begun("a.json"),
        grown(0, CLEARED),
        LogNews::Paused(0),
        LogNews::Rules(Arc::new(none)),
        grown(0, CLEARED),
        LogNews::Paused(0),
        LogNews::Rules(Arc::new(LogRules::embedded(Tells::default()))),
        grown(0, CLEARED),
        LogNews::Paused(0),
    ];
    let (alerts, analysis) = follow(news);
    let told: Vec<(usize, u64)> = alerts.iter().map(|(given, alert)| (*given, alert.line)).collect();
    assert_eq!(told, [(3, 1), (8, 3)]);
    let log = analysis.log.expect("a log");
    let rules: Vec<(&str, u64)> = log
        .rules
        .iter()
        .map(|rule| (rule.rule.title.raw(), rule.count))
        .collect();
    assert_eq!(rules, [("Event Log Cleared", 2)]);
    assert_eq!(log.all.records, 3);
    let titles: Vec<&str> = analysis.findings.iter().map(|finding| finding.title.as_str()).collect();
    assert_eq!(titles, ["Sigma: Event Log Cleared, 2 times on DC01"]);
}

#[test]
fn correlations_go_on_by_other_rules_without_waiting() {
    let text = refused(0..24);
    let (old, new) = text.split_at(text.len() / 2);
    let (few, rest) = new.split_at(new.len() / 2);
    let rules = LogNews::Rules(Arc::new(LogRules::embedded(Tells::default())));
    let news = vec![
        begun("a"),
        grown(0, old),
        LogNews::Paused(0),
        rules,
        grown(0, few),
        grown(0, rest),
    ];
    let (alerts, _) = follow(news);
    let told: Vec<usize> = alerts
        .iter()
        .filter(|(_, alert)| alert.title.raw() == "SSH Password Spray")
        .map(|(given, _)| *given)
        .collect();
    // Once by those of the start, and once more by those that begin anew.
    assert_eq!(told, [3, 6]);
}

#[test]
fn what_nobody_wants_to_see_is_not_told() {
    let hidden = |rule: &str, entity: Option<&str>| {
        let suppression = Suppression {
            rule: rule.to_owned(),
            entity: entity.map(str::to_owned),
            why: "known".to_owned(),
            expires: Date::new(2027, 1, 31).unwrap(),
        };
        let reading = LogReading {
            suppressions: Arc::from([suppression]),
            ..reading()
        };
        let text = refused(0..12) + CLEARED;
        let (alerts, _) = follow_with(&reading, [begun("a"), grown(0, &text), LogNews::Paused(0)]);
        let mut told: Vec<String> = alerts.iter().map(|(_, alert)| alert.title.raw().to_owned()).collect();
        told.sort_unstable();
        told.iter()
            .map(|title| title.split([':', ',']).next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let all = ["Event Log Cleared", "SSH Password Spray", "passwords sprayed"];
    assert_eq!(hidden("mail-spf", None), all);
    assert_eq!(hidden("log-password-guessing", None), &all[..2]);
    assert_eq!(hidden("sigma-match", None), &all[2..]);
    assert_eq!(hidden("sigma-match", Some("1102")), &all[1..]);
    assert_eq!(hidden("sigma-match", Some("a")), &all[2..]);
}
