//! Sessions: beginnings and ends of them in, rows of a summary out, in whatever order files come.

use crate::logs::{LogPart, LogReading};
use crate::{Engine, Settings};
use std::fmt::Write as _;
use std::io::Cursor;
use watchfire_model::Timestamp;
use watchfire_model::log::LogSummary;

fn read(files: &[&str], threads: usize) -> LogSummary {
    let engine = Engine::new(Settings::default());
    let mut numbered = files.iter().enumerate();
    let next = || {
        let (number, text) = numbered.next()?;
        let part: LogPart<'_> = (format!("{number}.log").into(), Box::new(Cursor::new(text.as_bytes())));
        Some(part)
    };
    let reading = LogReading {
        threads,
        ..LogReading::new(Timestamp::new(1_795_435_200, 0))
    };
    let analysis = engine.read_logs(next, &reading, None, &engine.budget());
    *analysis.log.expect("a log")
}

/// Rows as text: who, from where, by which way, how often, how many of them have no end, and how long the longest took.
fn rows(log: &LogSummary) -> Vec<String> {
    let rows = log.sessions.iter().map(|row| {
        let from = row.from.map_or_else(|| "-".to_owned(), |from| from.to_string());
        let rules: String = row.findings.iter().map(|rule| format!(" {rule}")).collect();
        format!(
            "{} {from} {} {}x {} open {} s{rules}",
            row.user, row.service, row.count, row.open, row.longest
        )
    });
    rows.collect()
}

/// The same rows come of the files in any order, and are counted.
#[track_caller]
fn check(what: &str, files: &[&str], expected: &[&str]) {
    let mut backwards = files.to_vec();
    backwards.reverse();
    for files in [files, &backwards] {
        let log = read(files, 1);
        assert_eq!(rows(&log), expected, "{what}");
        let (count, open) = log
            .sessions
            .iter()
            .fold((0, 0), |(count, open), row| (count + row.count, open + row.open));
        assert_eq!((log.sessions_begun, log.sessions_open), (count, open), "{what}");
    }
}

/// A line of syslog on 20 November, at so many seconds past eight.
fn line(second: u32, program: &str, text: &str) -> String {
    let (hour, minute, second) = (8 + second / 3_600, second / 60 % 60, second % 60);
    format!("Nov 20 {hour:02}:{minute:02}:{second:02} web-01 {program}: {text}\n")
}

fn opened(second: u32, pid: u32, user: &str) -> String {
    let text = format!("pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)");
    line(second, &format!("sshd[{pid}]"), &text)
}

fn closed(second: u32, pid: u32, user: &str) -> String {
    let text = format!("pam_unix(sshd:session): session closed for user {user}");
    line(second, &format!("sshd[{pid}]"), &text)
}

fn accepted(second: u32, pid: u32, user: &str, from: &str) -> String {
    let text = format!("Accepted password for {user} from {from} port 40000 ssh2");
    line(second, &format!("sshd[{pid}]"), &text)
}

#[test]
fn a_session_of_sshd_is_what_lies_between_its_beginning_and_its_end() {
    let in_ = accepted(0, 7, "anna", "10.0.0.5") + &opened(1, 7, "anna");
    let out = closed(91, 7, "anna");
    check(
        "one file",
        &[&(in_.clone() + &out)],
        &["anna 10.0.0.5 ssh 1x 0 open 90 s"],
    );
    check("two files", &[&in_, &out], &["anna 10.0.0.5 ssh 1x 0 open 90 s"]);
    check("no end", &[&in_], &["anna 10.0.0.5 ssh 1x 1 open 0 s"]);
    check("no beginning", &[&out], &[]);
    let again = accepted(1_000, 7, "anna", "10.0.0.5") + &opened(1_000, 7, "anna") + &closed(1_010, 7, "anna");
    check(
        "a number that is used again",
        &[&(in_ + &out), &again],
        &["anna 10.0.0.5 ssh 2x 0 open 90 s"],
    );
    let lost = opened(0, 7, "anna") + &opened(500, 7, "bob") + &closed(600, 7, "bob");
    check(
        "an end is that of the latest beginning",
        &[&lost],
        &["bob - ssh 1x 0 open 100 s", "anna - ssh 1x 1 open 0 s"],
    );
}

#[test]
fn a_session_that_two_programs_tell_of_is_one() {
    let pam = opened(0, 7, "anna") + &closed(60, 7, "anna");
    let logind = line(1, "systemd-logind[400]", "New session 5 of user anna.")
        + &line(
            2,
            "systemd-logind[400]",
            "New session 'c1' of user 'gdm' with class 'greeter' and type 'x11'.",
        )
        + &line(
            5,
            "systemd-logind[400]",
            "New session '6' of user 'bob' with class 'user' and type 'tty'.",
        )
        + &line(61, "systemd-logind[400]", "Removed session 5.")
        + &line(25, "systemd-logind[400]", "Removed session 6.");
    check(
        "PAM and logind",
        &[&pam, &logind],
        &["anna - ssh 1x 0 open 60 s", "bob - session 1x 0 open 20 s"],
    );
}

#[test]
fn jobs_and_what_is_done_for_a_moment_are_no_sessions() {
    let text = line(
        0,
        "CRON[9]",
        "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
    ) + &line(
        1,
        "sudo",
        "pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1000)",
    ) + &line(
        2,
        "systemd[8]",
        "pam_unix(systemd-user:session): session opened for user anna(uid=1000) by (uid=0)",
    ) + &line(
        3,
        "su[11]",
        "pam_unix(su:session): session opened for user root(uid=0) by anna(uid=1000)",
    ) + &line(13, "su[11]", "pam_unix(su:session): session closed for user root");
    check("a day of a machine", &[&text], &["root - su 1x 0 open 10 s"]);
}

/// A Windows event at so many minutes past eight.
fn event(minute: u32, number: u32, fields: &str) -> String {
    format!(
        r#"{{"EventID":{number},"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T08:{minute:02}:00Z","Provider_Name":"Microsoft-Windows-Security-Auditing",{fields}}}"#
    ) + "\n"
}

fn logon(minute: u32, user: &str, id: &str, more: &str) -> String {
    let fields = format!(
        r#""TargetUserName":"{user}","TargetDomainName":"CORP","TargetLogonId":"{id}","LogonType":10,"IpAddress":"10.0.5.23"{more}"#
    );
    event(minute, 4624, &fields)
}

fn logoff(minute: u32, number: u32, user: &str, id: &str) -> String {
    event(
        minute,
        number,
        &format!(r#""TargetUserName":"{user}","TargetLogonId":"{id}""#),
    )
}

#[test]
fn a_logon_of_windows_ends_with_its_number() {
    let one = logon(0, "anna", "0x1a2b3c", "") + &logon(1, "bob", "0x1a2b3d", "");
    let other = logoff(30, 4647, "anna", "0x1A2B3C") + &logoff(31, 4634, "anna", "0x1a2b3c");
    check(
        "two ends are one",
        &[&one, &other],
        &[
            "anna 10.0.5.23 remote desktop 1x 0 open 1800 s",
            "bob 10.0.5.23 remote desktop 1x 1 open 0 s",
        ],
    );
    let elevated = logon(
        0,
        "anna",
        "0x10",
        r#","TargetLinkedLogonId":"0x11","ElevatedToken":"%%1842""#,
    );
    let lesser = logon(
        0,
        "anna",
        "0x11",
        r#","TargetLinkedLogonId":"0x10","ElevatedToken":"%%1843""#,
    );
    check(
        "two tokens of an administrator",
        &[&(elevated + &lesser + &logoff(2, 4634, "anna", "0x10") + &logoff(2, 4634, "anna", "0x11"))],
        &["anna 10.0.5.23 remote desktop 1x 0 open 120 s"],
    );
    check("machines", &[&logon(0, "DC01$", "0x12", "")], &[]);
}

#[test]
fn sessions_of_accounts_with_findings_come_first_and_name_them() {
    let mut text = opened(0, 1, "carol") + &closed(3_000, 1, "carol");
    for second in 0..25 {
        let how = format!("Failed password for anna from 203.0.113.5 port {second} ssh2");
        text.push_str(&line(100 + second, &format!("sshd[{}]", 100 + second), &how));
    }
    text.push_str(&accepted(130, 9, "anna", "203.0.113.5"));
    text.push_str(&opened(130, 9, "anna"));
    text.push_str(&closed(190, 9, "anna"));
    check(
        "guessed, then let in",
        &[&text],
        &[
            "anna 203.0.113.5 ssh 1x 0 open 60 s log-password-guessing",
            "carol - ssh 1x 0 open 3000 s",
        ],
    );
}

#[test]
fn sessions_do_not_depend_on_threads_and_their_number_is_bounded() {
    let mut text = String::new();
    for number in 0..60_000_u32 {
        let (second, user) = (number % 50_000, number % 70_000);
        text.push_str(&opened(second, number, &format!("user{user}")));
        if number % 5 == 0 {
            let _ = write!(text, "{}", closed(second + 7, number, &format!("user{user}")));
        }
    }
    let one = read(&[&text], 1);
    assert_eq!((one.sessions_begun, one.sessions_open), (60_000, 48_000));
    assert_eq!(one.sessions.len(), LogSummary::SESSIONS);
    assert!(one.sessions.iter().all(|row| row.longest == 7));
    assert_eq!(one, read(&[&text], 4));
}
