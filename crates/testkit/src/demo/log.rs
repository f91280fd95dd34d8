//! Logs of the web server: a week of sshd, on whose last morning a brute force fails, with a log-in by night that is unusual
//! and legitimate, and the access log of an ordinary morning.

use super::DemoFile;
use super::story::{GUESSERS, REMOTE_ADMIN, SCANNER};
use crate::Random;
use std::fmt::Write as _;

/// Lines of sshd on the last morning.
const LINES: usize = 4_000;

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    vec![
        DemoFile::new("logs/web-01-auth.log", sshd(random)),
        DemoFile::new("logs/web-01-access.log", access(random)),
    ]
}

/// Lines with the second of the day at which they were written.
type Timed = Vec<(u64, String)>;

fn sshd(random: &mut Random) -> String {
    let mut out = String::new();
    // The week before has a generator of its own: the last morning is as it was without it.
    let mut earlier = random.fork("earlier");
    for day in 0..7 {
        let mut lines = Timed::new();
        ordinary_day(&mut earlier, day < 5, &mut lines);
        let date = if day < 6 {
            format!("Oct {}", 26 + day)
        } else {
            "Nov  1".to_owned()
        };
        write(&mut out, &date, lines);
    }
    let mut lines = Timed::new();
    administration(random, &mut lines);
    guesses(random, &mut lines);
    write(&mut out, "Nov  2", lines);
    out
}

fn write(out: &mut String, date: &str, mut lines: Timed) {
    // The sort is stable: what happened in one second stays in order.
    lines.sort_by_key(|(second, _)| *second);
    for (second, line) in lines.iter().take_while(|(second, _)| *second < 86_400).take(LINES) {
        let _ = writeln!(
            out,
            "{date} {:02}:{:02}:{:02} web-01 {line}",
            second / 3600,
            second / 60 % 60,
            second % 60
        );
    }
}

/// A day like any other: the backup, the administrator in the office's hours, and names that somebody tries in passing.
fn ordinary_day(random: &mut Random, is_working: bool, lines: &mut Timed) {
    for hour in 0..24 {
        session(lines, hour * 3600 + 300, "backup", "10.0.1.20", 90);
    }
    for hour in 7..17 {
        for _ in 0..random.between(1, 2) {
            let (second, length) = (hour * 3600 + random.below(3_500), random.between(60, 1_200));
            if is_working {
                session(lines, second, "web-admin", "10.0.1.15", length);
            }
        }
    }
    for _ in 0..random.between(12, 24) {
        let second = random.below(86_000);
        let from = format!("203.0.113.{}", random.between(70, 250));
        let (user, port) = (
            random.pick(&["admin", "test", "oracle", "pi"]),
            random.between(30_000, 60_999),
        );
        let process = random.between(10_000, 19_000);
        lines.push((
            second,
            format!("sshd[{process}]: Invalid user {user} from {from} port {port}"),
        ));
        lines.push((
            second + 1,
            format!("sshd[{process}]: Connection closed by invalid user {user} {from} port {port} [preauth]"),
        ));
    }
}

/// Somebody is let in by a key, and leaves.
fn session(lines: &mut Timed, second: u64, user: &str, from: &str, length: u64) {
    let process = 900 + second / 7;
    let port = 40_000 + second % 20_000;
    lines.push((
        second,
        format!(
            "sshd[{process}]: Accepted publickey for {user} from {from} port {port} ssh2: ED25519 SHA256:q8Z4mVt1nH0c3s9dXyBfLw7uKe2RjPaT6oGi5NlEvQk"
        ),
    ));
    lines.push((
        second,
        format!("sshd[{process}]: pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)"),
    ));
    let end = second + length;
    lines.push((
        end,
        format!("sshd[{process}]: Received disconnect from {from} port {port}:11: disconnected by user"),
    ));
    lines.push((
        end,
        format!("sshd[{process}]: pam_unix(sshd:session): session closed for user {user}"),
    ));
}

/// The administrator in the morning, the backup every hour, and once from home at night.
fn administration(random: &mut Random, lines: &mut Timed) {
    for hour in 0..12 {
        session(lines, hour * 3600 + 300, "backup", "10.0.1.20", 90);
    }
    session(lines, 3 * 3600 + 12 * 60 + 44, "web-admin", REMOTE_ADMIN, 1_260);
    for hour in 7..12 {
        for _ in 0..3 {
            let (second, length) = (hour * 3600 + random.below(3_500), random.between(60, 1_200));
            session(lines, second, "web-admin", "10.0.1.15", length);
        }
    }
    for hour in [4, 5] {
        lines.push((
            hour * 3600,
            format!(
                "sshd[{}]: Connection closed by {SCANNER} port 51{hour}20 [preauth]",
                700 + hour
            ),
        ));
    }
}

/// Three sources, each at its own pace, all in vain.
fn guesses(random: &mut Random, lines: &mut Timed) {
    const NAMES: &[&str] = &[
        "root", "admin", "ubuntu", "test", "oracle", "postgres", "git", "user", "ftp", "deploy", "pi", "guest",
    ];
    let mut second = 21 * 60;
    let mut process = 20_000_u64;
    while lines.len() < LINES {
        second += random.between(4, 40);
        process += random.between(1, 4);
        let from = random.pick(&GUESSERS);
        let user = random.pick(NAMES);
        let port = random.between(30_000, 60_999);
        let known = matches!(user, "root" | "backup");
        let invalid = if known { "" } else { "invalid user " };
        if !known {
            lines.push((
                second,
                format!("sshd[{process}]: Invalid user {user} from {from} port {port}"),
            ));
        }
        lines.push((
            second,
            format!("sshd[{process}]: Failed password for {invalid}{user} from {from} port {port} ssh2"),
        ));
        let bye = if random.chance(1, 3) {
            format!("sshd[{process}]: Connection closed by {invalid}{user} {from} port {port} [preauth]")
        } else {
            format!("sshd[{process}]: Received disconnect from {from} port {port}:11: Bye Bye [preauth]")
        };
        lines.push((second + 1, bye));
        if second > 12 * 3600 - 60 {
            second = 22 * 60;
        }
    }
    lines.truncate(LINES);
}

fn access(random: &mut Random) -> String {
    const PATHS: &[&str] = &[
        "/",
        "/products",
        "/products/hinges",
        "/contact",
        "/assets/site.css",
        "/assets/site.js",
        "/favicon.ico",
        "/robots.txt",
    ];
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (compatible; examplebot/2.1; +https://bot.example.net/about)",
    ];
    let mut out = String::new();
    let mut second = 0_u64;
    while second < 12 * 3600 {
        let from = format!(
            "{}.{}",
            random.pick(&["192.0.2", "198.51.100", "203.0.113"]),
            random.between(1, 20)
        );
        let status = random.pick(&[200_u16, 200, 200, 200, 304, 404]);
        let _ = writeln!(
            out,
            "{from} - - [02/Nov/2026:{:02}:{:02}:{:02} +0000] \"GET {} HTTP/1.1\" {status} {} \"https://www.corp.example/\" \"{}\"",
            second / 3600,
            second / 60 % 60,
            second % 60,
            random.pick(PATHS),
            random.between(300, 40_000),
            random.pick(AGENTS)
        );
        second += random.between(1, 14);
    }
    out
}
