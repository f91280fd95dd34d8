//! What is unusual in logs that were made for it, and what is not told of logs in which nothing is.

use super::Numbers;
use crate::logs::LogReading;
use crate::{Analysis, Assembly, Engine, Settings, assemble};
use std::fmt::Write as _;
use watchfire_model::log::{AnomalyKind, LogSummary};
use watchfire_model::{Budget, Finding, Limits, Moment, Organisation, Timestamp, Verdict};

const RULE: &str = "log-unusual";
const DAYS: u64 = 20;

fn read(files: &[(&str, &str)], threads: usize) -> Analysis {
    let engine = Engine::new(Settings::default());
    let reading = LogReading {
        threads,
        ..LogReading::new(Timestamp::new(1_795_435_200, 0))
    };
    let mut files = files.iter();
    let next = || {
        let (name, text) = files.next()?;
        Some(((*name).into(), Box::new(text.as_bytes()) as Box<dyn std::io::Read>))
    };
    engine.read_logs(next, &reading, None, &Budget::new(Limits::default()))
}

fn summary(analysis: &Analysis) -> &LogSummary {
    analysis.log.as_deref().expect("logs were read")
}

fn unusual(analysis: &Analysis) -> Vec<&Finding> {
    let findings = analysis.findings.iter();
    findings.filter(|finding| finding.rule.0 == RULE).collect()
}

/// Lines of sshd with their times.
#[derive(Default)]
struct Log(Vec<(u64, String)>);

impl Log {
    fn says(&mut self, time: u64, what: &str) {
        let moment = Moment::from_unix(1_793_491_200 + i64::try_from(time).unwrap()).to_string();
        self.0
            .push((time, format!("{moment} gw sshd[{}]: {what}", 1_000 + time % 9_000)));
    }

    fn accepted(&mut self, time: u64, user: &str, from: &str) {
        self.says(
            time,
            &format!("Accepted publickey for {user} from {from} port 50022 ssh2"),
        );
    }

    fn refused(&mut self, time: u64, user: &str, from: &str) {
        self.says(time, &format!("Failed password for {user} from {from} port 40022 ssh2"));
    }

    fn text(mut self) -> String {
        self.0.sort();
        self.0.iter().fold(String::new(), |text, (_, line)| text + line + "\n")
    }
}

/// Twenty days of a gateway: people who work by day from their own addresses, a backup by night, and strangers who try.
fn ordinary(seed: u64) -> Log {
    let mut numbers = Numbers(seed);
    let mut log = Log::default();
    for day in 0..DAYS {
        for (person, user) in ["alice", "bob", "carol", "dave", "erin", "frank"].iter().enumerate() {
            for _ in 0..3 + numbers.next(5) {
                let time = day * 86_400 + (8 + numbers.next(9)) * 3_600 + numbers.next(3_600);
                log.accepted(time, user, &format!("10.1.{person}.{}", 1 + numbers.next(2)));
                if numbers.next(8) == 0 {
                    log.refused(time.saturating_sub(20), user, &format!("10.1.{person}.1"));
                }
            }
        }
        log.accepted(day * 86_400 + 3_600 + numbers.next(600), "backup", "10.0.0.9");
        log.accepted(day * 86_400 + 9_000 + numbers.next(600), "backup", "10.0.0.9");
        for _ in 0..30 + numbers.next(20) {
            let from = format!("198.51.100.{}", 1 + numbers.next(200));
            let user = ["root", "admin", "test", "oracle"][numbers.next(4) as usize];
            log.refused(day * 86_400 + numbers.next(86_400), user, &from);
        }
    }
    log
}

#[test]
fn a_log_in_from_a_new_place_at_a_new_hour_comes_first_and_says_what_is_new() {
    let mut log = ordinary(7);
    log.accepted(15 * 86_400 + 14 * 3_600 + 720, "backup", "203.0.113.9");
    let analysis = read(&[("auth.log", &log.text())], 1);
    let found = unusual(&analysis);
    let first = found.first().expect("something is unusual");
    assert!(
        first.title.starts_with(
            "unusual: backup from 203[.]0[.]113[.]9 logged in on 2026-11-16 at 14:12 UTC, an address and an hour never seen with"
        ),
        "{}",
        first.title
    );
    assert_eq!(first.weight.to_string(), "0.10");
    assert_eq!(
        summary(&analysis).anomalies[0].begins.unwrap().to_string(),
        "2026-11-16T14:12:00Z"
    );
    assert!(
        first.evidence()[0].excerpt.raw().contains("203.0.113.9"),
        "{:?}",
        first.evidence()
    );
    assert!(found.len() <= 10);
}

#[test]
fn a_log_in_from_a_new_place_in_working_hours_is_told_with_its_own_time_and_line() {
    let mut log = Log::default();
    for day in 0..14 {
        for hour in [8, 9, 10, 14] {
            log.accepted(day * 86_400 + hour * 3_600 + 300, "alice", "10.0.0.5");
        }
    }
    log.accepted(12 * 86_400 + 9 * 3_600 + 3_000, "alice", "203.0.113.77");
    let text = log.text();
    let analysis = read(&[("auth.log", &text)], 1);
    let told = &summary(&analysis).anomalies[0];
    assert_eq!(told.what.raw(), "alice from 203.0.113.77");
    assert_eq!(told.begins.unwrap().to_string(), "2026-11-13T09:50:00Z");
    let line: usize = told.example.raw().strip_prefix("auth.log:").unwrap().parse().unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("203.0.113.77"), "{line}");
}

#[test]
fn an_hour_unlike_the_others_is_told_with_its_reasons_and_a_line() {
    let mut log = ordinary(8);
    for number in 0..120 {
        log.refused(
            16 * 86_400 + 15_000 + number * 11,
            &format!("user{number}"),
            "198.51.100.7",
        );
    }
    let text = log.text();
    let analysis = read(&[("auth.log", &text)], 1);
    let anomalies = &summary(&analysis).anomalies;
    let address = anomalies
        .iter()
        .find(|anomaly| anomaly.kind == AnomalyKind::Address)
        .unwrap();
    assert_eq!((address.what.raw(), address.seconds), ("198.51.100.7", 3_600));
    let reasons: Vec<(&str, f64)> = address
        .reasons
        .iter()
        .map(|reason| (reason.feature.as_str(), reason.value))
        .collect();
    assert!(
        reasons
            .iter()
            .any(|(feature, _)| matches!(*feature, "different users" | "refused log-ins")),
        "{reasons:?}"
    );
    let line: usize = address
        .example
        .raw()
        .strip_prefix("auth.log:")
        .unwrap()
        .parse()
        .unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("198.51.100.7"), "{line}");
    assert!(
        unusual(&analysis)
            .iter()
            .any(|finding| finding.title.starts_with("unusual: address 198[.]51[.]100[.]7 on "))
    );
}

#[test]
fn of_ordinary_days_little_is_told_and_never_enough_for_a_verdict() {
    for seed in [1, 2, 3] {
        let analysis = read(&[("auth.log", &ordinary(seed).text())], 1);
        let found = unusual(&analysis);
        assert!(found.len() <= 10, "{}", found.len());
        let titles: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
        assert!(!titles.iter().any(|title| title.contains("logged in")), "{titles:?}");
        let weights = found.iter().map(|finding| finding.weight.thousandths()).max();
        assert!(weights.unwrap_or_default() <= 100, "{titles:?}");
        assert!(summary(&analysis).anomalies.len() <= 10);
    }
}

#[test]
fn anomalies_alone_are_never_suspicious() {
    let mut log = ordinary(9);
    log.accepted(15 * 86_400 + 14 * 3_600 + 720, "backup", "203.0.113.9");
    log.accepted(17 * 86_400 + 2 * 3_600, "alice", "203.0.113.10");
    let mut analysis = read(&[("auth.log", &log.text())], 1);
    analysis.findings.retain(|finding| finding.rule.0 == RULE);
    assert!(analysis.findings.len() >= 2);
    let report = assemble(
        [analysis],
        &Assembly {
            as_of: Moment::from_unix(1_795_435_200),
            version: "test",
            tlp: None,
            suppressions: &[],
            organisation: &Organisation::default(),
            search: None,
        },
    );
    assert!(report.judgement.verdict < Verdict::Suspicious, "{:?}", report.judgement);
}

#[test]
fn nothing_is_new_while_everything_is() {
    // Two hours of a log: no habits, no baseline.
    let mut log = Log::default();
    for number in 0..200 {
        log.accepted(
            number * 36,
            ["alice", "bob"][(number % 2) as usize],
            &format!("10.1.0.{}", number % 40),
        );
    }
    let analysis = read(&[("auth.log", &log.text())], 1);
    assert!(
        unusual(&analysis)
            .iter()
            .all(|finding| !finding.title.contains("logged in"))
    );
}

#[test]
fn few_windows_are_not_judged() {
    let mut log = Log::default();
    for number in 0..40 {
        log.refused(number * 3_000, "root", "198.51.100.7");
    }
    log.accepted(90_000, "root", "203.0.113.9");
    let analysis = read(&[("auth.log", &log.text())], 1);
    assert!(summary(&analysis).anomalies.is_empty());
}

#[test]
fn templates_are_told_rarest_first_with_a_line() {
    let mut text = String::new();
    for number in 0..2_000 {
        let _ = writeln!(
            text,
            "2026-11-0{} 10:00:{:02} worker {number} finished in {} ms",
            1 + number / 400,
            number % 60,
            number * 7 % 900
        );
    }
    text.push_str("2026-11-06 03:12:44 kernel oops while unloading the module\n");
    let analysis = read(&[("app.log", &text)], 1);
    let summary = summary(&analysis);
    assert_eq!(summary.templates_in_all, 2, "{:?}", summary.templates);
    let rarest = &summary.templates[0];
    assert_eq!(
        (rarest.template.raw(), rarest.count),
        ("kernel oops while unloading the module", 1)
    );
    assert_eq!(rarest.example.raw(), "app.log:2001");
    assert_eq!(summary.templates[1].count, 2_000);
}

#[test]
fn events_that_have_names_are_not_mined() {
    let mut text = String::new();
    for number in 0..300 {
        let _ = writeln!(
            text,
            r#"{{"eventTime":"2026-11-01T10:00:00Z","eventName":"ListBuckets","message":"number {number}"}}"#
        );
    }
    let analysis = read(&[("trail.json", &text)], 1);
    assert!(summary(&analysis).templates.is_empty());
}

#[test]
fn lines_of_address_user_and_port_are_a_table_also_among_logs() {
    let mut text = String::new();
    for number in 0..1_500_u32 {
        let person = number * 7 % 5;
        let user = ["alice", "bob", "carol", "dave", "backup"][person as usize];
        let _ = writeln!(
            text,
            "192.0.2.{} {user} {}",
            person * 3 + number % 3,
            32_768 + number * 7_919 % 28_000
        );
        if number == 900 {
            text.push_str("203.0.113.77 root 4\n");
        }
    }
    let analysis = read(&[("seed.txt", &text)], 1);
    let rows: Vec<_> = summary(&analysis)
        .anomalies
        .iter()
        .filter(|anomaly| anomaly.kind == AnomalyKind::Row)
        .collect();
    assert_eq!(rows[0].what.raw(), "203.0.113.77 root 4", "{rows:#?}");
    assert_eq!(rows[0].example.raw(), "seed.txt:902");
    assert!(!rows[0].reasons.is_empty());
    let found = unusual(&analysis);
    assert!(
        found[0]
            .title
            .starts_with("unusual: row 203[.]0[.]113[.]77 root 4: field "),
        "{}",
        found[0].title
    );
}

#[test]
fn whatever_the_threads_the_same_is_told() {
    let mut log = ordinary(11);
    for number in 0..30_000 {
        log.refused(
            number * 57,
            &format!("u{}", number % 300),
            &format!("198.51.{}.{}", number % 7, number % 190),
        );
    }
    let rows: String = (0..3_000)
        .map(|number| format!("10.0.0.{} user{} {}\n", number % 9, number % 9, 1_000 + number))
        .collect();
    let text = log.text();
    // More than one block, so that there is something to do side by side.
    assert!(text.len() > 2 << 20);
    let files = [("auth.log", text.as_str()), ("rows.txt", &rows)];
    let (one, four) = (read(&files, 1), read(&files, 4));
    assert_eq!(summary(&one), summary(&four));
    assert_eq!(one.findings, four.findings);
    assert!(!summary(&one).templates.is_empty());
}
