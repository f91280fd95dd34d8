//! Logs in, findings and totals out; the same for any number of threads, however they are cut.

use crate::logs::{LogChoice, LogPart, LogReading};
use crate::{Analysis, Engine, Settings};
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use watchfire_model::log::{EntrySink, LogEntry, LogInOutcome, LogSummary};
use watchfire_model::{AddressRange, Host, Organisation, Timestamp};

fn engine() -> Engine {
    Engine::new(Settings {
        organisation: Organisation {
            ranges: vec![AddressRange::parse("198.51.100.0/24").unwrap()],
            scanners: vec![Host::parse("10.0.0.200").unwrap()],
            ..Organisation::default()
        },
        ..Settings::default()
    })
}

fn reading() -> LogReading {
    LogReading::new(Timestamp::new(1_795_435_200, 0))
}

/// What is kept of the timeline.
#[derive(Default)]
struct Entries(Vec<LogEntry>, bool);

impl EntrySink for Entries {
    fn wants_all(&self) -> bool {
        self.1
    }

    fn entry(&mut self, entry: &LogEntry) {
        self.0.push(entry.clone());
    }
}

fn read_with(files: &[(&str, &[u8])], reading: &LogReading, entries: Option<&mut dyn EntrySink>) -> Analysis {
    let engine = engine();
    let mut files = files.iter();
    let next = || {
        let (name, bytes) = files.next()?;
        let part: LogPart<'_> = ((*name).into(), Box::new(Cursor::new(bytes)));
        Some(part)
    };
    engine.read_logs(next, reading, entries, &engine.budget())
}

fn read(files: &[(&str, &[u8])]) -> (Analysis, LogSummary) {
    let analysis = read_with(files, &reading(), None);
    let log = analysis.log.clone().expect("there is a log");
    (analysis, *log)
}

/// Rules and weights of what is found, in order.
fn found(analysis: &Analysis) -> Vec<(&'static str, u16)> {
    let findings = analysis.findings.iter();
    findings
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect()
}

/// Lines of sshd: who is let in or not, one each second.
fn sshd(attempts: &[(&str, &str, bool)]) -> String {
    let mut text = String::new();
    for (second, (user, from, is_accepted)) in attempts.iter().enumerate() {
        let how = if *is_accepted { "Accepted" } else { "Failed" };
        let (minute, second) = (second / 60, second % 60);
        let _ = writeln!(
            text,
            "Nov 20 08:{minute:02}:{second:02} web-01 sshd[{second}]: {how} password for {user} from {from} port 40000 ssh2"
        );
    }
    text
}

#[track_caller]
fn check(what: &str, attempts: &[(&str, &str, bool)], expected: &[(&'static str, u16)]) {
    let (analysis, _) = read(&[("auth.log", sshd(attempts).as_bytes())]);
    let guessing: Vec<_> = found(&analysis)
        .into_iter()
        .filter(|(rule, _)| *rule == "log-password-guessing")
        .collect();
    assert_eq!(guessing, expected, "{what}: {:#?}", analysis.findings);
}

#[test]
fn passwords_that_are_guessed_are_told_by_how_it_ends() {
    const GUESSING: &str = "log-password-guessing";
    let many = |user, from, times| vec![(user, from, false); times];
    check("a few times", &many("root", "10.0.0.5", 5), &[]);
    check("one user", &many("root", "10.0.0.5", 25), &[(GUESSING, 250)]);
    check("from outside", &many("root", "203.0.113.5", 25), &[(GUESSING, 100)]);
    check("a scanner", &many("root", "10.0.0.200", 25), &[(GUESSING, 0)]);
    let users: Vec<String> = (0..12).map(|number| format!("user{number}")).collect();
    let spray: Vec<(&str, &str, bool)> = users.iter().map(|user| (user.as_str(), "10.0.0.5", false)).collect();
    check("a spray", &spray, &[(GUESSING, 450)]);
    let guessed = [many("anna", "203.0.113.5", 25), vec![("anna", "203.0.113.5", true)]].concat();
    check("one is let in", &guessed, &[(GUESSING, 600)]);
    let before = [vec![("anna", "203.0.113.5", true)], many("root", "203.0.113.5", 25)].concat();
    check("who was let in before is another", &before, &[(GUESSING, 100)]);
    let mistyped = [many("anna", "203.0.113.5", 1), vec![("anna", "203.0.113.5", true)]].concat();
    let later = [mistyped, many("anna", "203.0.113.5", 25)].concat();
    check("one who was let in is refused later", &later, &[(GUESSING, 100)]);
    let again = [later, vec![("anna", "203.0.113.5", true)]].concat();
    check("and then let in again", &again, &[(GUESSING, 600)]);
    let addresses: Vec<String> = (1..16).map(|number| format!("203.0.113.{number}")).collect();
    let slow: Vec<_> = addresses
        .iter()
        .flat_map(|from| many("root", from.as_str(), 2))
        .collect();
    check("many sources", &slow, &[(GUESSING, 100)]);
}

#[test]
fn logs_are_counted_and_what_is_assumed_of_times_is_said() {
    let text = sshd(&[("anna", "198.51.100.7", true), ("bob", "198.51.100.8", false)]) + "no log at all\n";
    let (analysis, log) = read(&[("auth.log", text.as_bytes())]);
    assert_eq!((log.all.records, log.all.malformed, log.all.year_assumed), (3, 1, 2));
    assert_eq!((log.accepted, log.refused), (1, 1));
    let first = log.all.first.map(|time| time.to_string());
    assert_eq!(first.as_deref(), Some("2026-11-20T08:00:00Z"));
    let values: Vec<_> = log.users.values.iter().map(|count| count.value.raw()).collect();
    assert_eq!(values, ["anna", "bob"]);
    let seen = analysis.artifacts.first().map(|file| &file.observables);
    let seen: Vec<_> = seen
        .into_iter()
        .flatten()
        .map(|seen| (seen.observable.raw(), seen.line))
        .collect();
    assert_eq!(seen, [("198.51.100.7", 1), ("198.51.100.8", 2)]);
}

/// A Windows event as one line of JSON.
fn event(number: i64, channel: &str, fields: &str) -> String {
    format!(
        r#"{{"EventID":{number},"Channel":"{channel}","Computer":"DC01","TimeCreated":"2026-11-20T08:00:00Z","Provider_Name":"x",{fields}}}"#
    ) + "\n"
}

#[test]
fn rules_that_hold_say_why_and_where() {
    let cleared = event(1102, "Security", r#""SubjectUserName":"mallory""#);
    let (analysis, log) = read(&[("security.json", cleared.as_bytes())]);
    assert_eq!(found(&analysis), [("sigma-match", 450)], "{log:#?}");
    let finding = analysis.findings.first().expect("a finding");
    assert_eq!(finding.title, "Sigma: Event Log Cleared, once on DC01");
    let evidence = finding.evidence().first().expect("evidence");
    assert!(evidence.to_string().starts_with("security.json"), "{evidence}");
    assert!(evidence.excerpt.raw().contains("EventID equals '1102'"), "{evidence:?}");
    let rule = log.rules.first().expect("a rule");
    assert!(rule.is_told && rule.count == 1 && rule.rule.is_shipped());
}

#[test]
fn records_of_the_timeline_have_their_own_names_and_those_of_the_schema() {
    let cleared = event(1102, "Security", r#""SubjectUserName":"mallory","Password":"hunter22""#);
    let mut entries = Entries::default();
    read_with(&[("security.json", cleared.as_bytes())], &reading(), Some(&mut entries));
    let entry = entries.0.first().expect("an entry");
    let json = serde_json::to_value(entry).expect("it is JSON");
    assert_eq!(json["fields"]["EventID"], 1102);
    assert_eq!(json["normal"]["actor.user.name"], "mallory");
    assert_eq!(json["rules"][0]["title"], "Event Log Cleared");
    assert!(!json.to_string().contains("hunter22"), "{json}");
    let mut all = Entries(Vec::new(), true);
    read_with(&[("a.log", b"one\ntwo\n")], &reading(), Some(&mut all));
    assert_eq!(all.0.len(), 2);
}

#[test]
fn only_records_that_are_asked_for_are_looked_at() {
    let text = sshd(&[
        ("anna", "10.0.0.1", true),
        ("bob", "10.0.0.1", true),
        ("anna", "10.0.0.1", false),
    ]);
    let files: &[(&str, &[u8])] = &[("auth.log", text.as_bytes())];
    let chosen = LogReading {
        choice: LogChoice::parse(&["user.name = ANNA".to_owned()]).ok().map(Arc::new),
        ..reading()
    };
    let log = read_with(files, &chosen, None).log.expect("a log");
    assert_eq!((log.accepted, log.refused, log.left_out), (1, 1, 1));
    let late = LogReading {
        from: log.all.first.map(|first| Timestamp::new(first.moment().unix() + 1, 0)),
        to: log.all.last,
        ..reading()
    };
    let log = read_with(files, &late, None).log.expect("a log");
    assert_eq!((log.accepted, log.refused, log.left_out), (1, 0, 2));
}

/// A log of several blocks, with something in it that rules and detectors look at.
fn long() -> Vec<u8> {
    let mut text = String::new();
    let mut number = 0_u64;
    while text.len() < 3 << 20 {
        number += 1;
        let (user, from) = (number % 23, number * 7 % 31);
        let second = number % 86_400;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let how = if number.is_multiple_of(97) {
            "Accepted"
        } else {
            "Failed"
        };
        let _ = writeln!(
            text,
            "Nov 19 {hour:02}:{minute:02}:{second:02} web-{} sshd[9]: {how} password for user{user} from 10.0.1.{from} port 1 ssh2",
            number % 3
        );
    }
    text.into_bytes()
}

#[test]
fn what_is_found_does_not_depend_on_threads() {
    let long = long();
    let files: &[(&str, &[u8])] = &[
        ("a.log", &long),
        ("b.json", event(1102, "Security", r#""a":1"#).leak().as_bytes()),
    ];
    let one = read_with(files, &reading(), None);
    let log = one.log.as_ref().expect("a log");
    assert!(!one.findings.is_empty() && log.all.records > 30_000);
    for threads in [2, 4] {
        let other = read_with(files, &LogReading { threads, ..reading() }, None);
        assert_eq!(one.log, other.log, "{threads} threads");
        assert_eq!(one.findings, other.findings, "{threads} threads");
        assert_eq!(one.diagnostics, other.diagnostics, "{threads} threads");
        assert_eq!(one, other, "{threads} threads");
    }
}

#[test]
fn rules_look_at_every_event_however_many_numbers_there_are() {
    let mut text = String::new();
    for number in 0..30_000 {
        text.push_str(&event(number % 1_500, "Security", r#""a":1"#));
    }
    let files: &[(&str, &[u8])] = &[("a.json", text.as_bytes())];
    let one = read_with(files, &reading(), None);
    let log = one.log.as_ref().expect("a log");
    // Event 1102 tells that the log was cleared; the others are nothing to rules for other logs.
    let cleared = log
        .rules
        .iter()
        .find(|rule| rule.rule.title.raw() == "Event Log Cleared");
    assert_eq!(cleared.map(|rule| rule.count), Some(20), "{:?}", log.rules);
    let other = read_with(
        files,
        &LogReading {
            threads: 4,
            ..reading()
        },
        None,
    );
    assert_eq!(one, other);
}

#[test]
fn who_was_let_in_is_listed_however_many_were_refused() {
    let users: Vec<String> = (0..1_200).map(|number| format!("user{number}")).collect();
    let mut tried: Vec<(&str, &str, bool)> = Vec::new();
    for user in &users {
        tried.extend([(user.as_str(), "10.0.0.5", false); 2]);
    }
    tried.push(("user7", "10.0.0.5", true));
    let (_, log) = read(&[("auth.log", sshd(&tried).as_bytes())]);
    let first = log.logins.first().map(|row| (row.user.raw(), row.outcome, row.count));
    assert_eq!(first, Some(("user7", LogInOutcome::Accepted, 1)));
    assert_eq!(log.logins.len(), 1_001);
}

#[test]
fn a_mark_in_front_of_a_long_file_is_no_part_of_its_first_record() {
    let mut text = b"\xef\xbb\xbf".to_vec();
    for number in 0..2_000 {
        text.extend_from_slice(event(number, "Security", r#""a":1"#).as_bytes());
    }
    let (_, log) = read(&[("a.json", &text)]);
    assert_eq!((log.all.records, log.all.malformed), (2_000, 0));
}

#[test]
fn who_logs_in_from_two_far_countries_within_an_hour_is_told() {
    let login = |minute: u32, from: &str| {
        format!("Nov 20 08:{minute:02}:00 web-01 sshd[7]: Accepted password for anna from {from} port 40000 ssh2\n")
    };
    // Deutsche Telekom, and VNPT of Vietnam.
    let text = login(0, "79.192.0.10") + &login(40, "113.160.1.10");
    let (analysis, _) = read(&[("auth.log", text.as_bytes())]);
    assert_eq!(
        found(&analysis),
        [("log-impossible-travel", 250)],
        "{:#?}",
        analysis.findings
    );
    let text = login(0, "79.192.0.10") + &login(40, "79.192.0.11");
    let (analysis, _) = read(&[("auth.log", text.as_bytes())]);
    assert_eq!(found(&analysis), []);
}

#[test]
fn who_uses_the_rights_of_root_for_the_first_time_is_told() {
    let sudo = |day: u32, user: &str| {
        format!("Nov {day} 08:00:00 web-01 sudo: {user} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id\n")
    };
    let usual: String = (10..18).map(|day| sudo(day, "anna")).collect();
    let (analysis, _) = read(&[("auth.log", usual.as_bytes())]);
    assert_eq!(found(&analysis), []);
    let (analysis, _) = read(&[("auth.log", (usual + &sudo(19, "bob")).as_bytes())]);
    let found = analysis
        .findings
        .first()
        .map(|finding| (finding.rule.0, finding.title.contains("bob")));
    assert_eq!(
        found,
        Some(("log-first-administrator", true)),
        "{:#?}",
        analysis.findings
    );
}

#[test]
fn lines_have_their_numbers_wherever_blocks_are_cut() {
    let mut long = long();
    let lines = memchr::memchr_iter(b'\n', &long).count() as u64;
    long.extend_from_slice(b"see http://late.example/x\n");
    let (analysis, log) = read(&[("a.log", &long)]);
    assert_eq!(log.all.records, lines + 1);
    let file = analysis.artifacts.first().expect("a file");
    let url = file
        .observables
        .iter()
        .find(|seen| seen.observable.raw().contains("late.example/x"));
    let place = url.map(|url| (url.line, url.span.start));
    assert_eq!(place, Some((lines + 1, long.len() as u64 - 22)));
    // Each of the 31 addresses is one, however many blocks it stands in.
    let addresses = file
        .observables
        .iter()
        .filter(|seen| seen.observable.raw().starts_with("10.0.1."));
    let counts: Vec<u64> = addresses.map(|seen| seen.count).collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (31, lines));
}
