//! Sessions of Redis that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks};
use super::*;
use watchfire_model::Secret;

fn lines(parts: &[Part]) -> Vec<String> {
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Redis(redis) => {
            let words: Vec<&str> = [&redis.command]
                .into_iter()
                .chain(&redis.arguments)
                .map(Untrusted::raw)
                .collect();
            let reply = redis.reply.map_or("nothing".to_owned(), |reply| {
                format!("{}{}", if reply.failed { "failed: " } else { "" }, reply.text.raw())
            });
            format!("{}: {} > {reply}", event.frame, words.join("|"))
        }
        Exchange::Login(login) => {
            let user = login.user.as_ref().map_or("-", Untrusted::raw);
            format!(
                "{}: login {user} {} {:?}",
                event.frame,
                login.secret.as_ref().map_or("-", Secret::raw),
                login.accepted
            )
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(parts), expected, "{parts:?}");
}

#[test]
fn commands_and_answers_are_told_in_turn() {
    check(
        &[
            asks("*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$3\r\nSET\r\n$2\r\nx\n\r\n$0\r\n\r\n"),
            answers("$2\r\n\r\n\r\n-ERR no\r\n"),
            asks("PING\r\nSET k 'a b' \"c \\\" d\"\r\n"),
            answers("+PONG\r\n*3\r\n:1\r\n|1\r\n+ttl\r\n:9\r\n%1\r\n+a\r\n*0\r\n$-1\r\n"),
        ],
        &[
            "1: GET|a > \r\n",
            "1: SET|x\n| > failed: ERR no",
            "3: PING > PONG",
            "3: SET|k|'a b'|\"c \\\" d\" > [1, [a, []], ]",
        ],
    );
}

#[test]
fn passwords_are_told_apart() {
    check(
        &[
            asks("*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$6\r\nsecret\r\n"),
            answers("-WRONGPASS no\r\n"),
            asks("auth other\r\n"),
            answers("+OK\r\n"),
        ],
        &[
            "1: login bob secret Some(false)",
            "1: AUTH > failed: WRONGPASS no",
            "3: login - other Some(true)",
            "3: auth > OK",
        ],
    );
}

#[test]
fn some_commands_have_no_answer() {
    check(
        &[
            asks("PING\r\nCLIENT REPLY SKIP\r\nGET a\r\nGET b\r\nCLIENT REPLY OFF\r\nGET c\r\nCLIENT REPLY ON\r\n"),
            answers("+PONG\r\n$1\r\nb\r\n+OK\r\n"),
            asks("SUBSCRIBE x\r\nGET d\r\n"),
            answers("*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n$1\r\nd\r\n>1\r\n+a\r\n"),
        ],
        &[
            "1: PING > PONG",
            "1: CLIENT|REPLY|SKIP > nothing",
            "1: GET|a > nothing",
            "1: GET|b > b",
            "1: CLIENT|REPLY|OFF > nothing",
            "1: GET|c > nothing",
            "1: CLIENT|REPLY|ON > OK",
            "3: SUBSCRIBE|x > nothing",
            "3: GET|d > d",
        ],
    );
}

#[test]
fn answers_stay_in_turn_where_too_many_are_waited_for() {
    let said = lines(&[
        asks("GET x\r\n".repeat(300) + "GET last\r\n"),
        answers("$1\r\nx\r\n".repeat(300) + "+end\r\n"),
    ]);
    assert_eq!(said.len(), 301);
    assert_eq!(said.last().map(String::as_str), Some("1: GET|last > end"));
}

#[test]
fn what_is_long_is_cut_and_holes_in_it_do_not_matter() {
    check(
        &[
            asks("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000\r\nx"),
            lacks(Side::Originator, 99_990),
            asks("123456789\r\n"),
            answers("+OK\r\n"),
        ],
        &["1: SET|a|x123456789 > OK"],
    );
    let deep = "*1\r\n".repeat(100);
    check(
        &[asks("GET a\r\n"), answers(deep), answers("+OK\r\n")],
        &["1: GET|a > nothing"],
    );
    let endless = "*99999999999\r\n:1\r\n".to_owned() + &":1\r\n".repeat(1_000);
    check(&[asks("GET a\r\n"), answers(endless)], &["1: GET|a > nothing"]);
}

#[test]
fn redis_is_told_by_lists_of_strings() {
    let guess = |asked: &[u8], answered: &[u8], port| guess(&OVER_TCP, asked, answered, port);
    assert_eq!(guess(b"*1\r\n$4\r\nPING\r\n", b"", 7_777), Guess::Yes);
    assert_eq!(guess(b"PING\r\n", b"+PONG\r\n", PORT), Guess::Yes);
    assert_eq!(guess(b"PING\r\n", b"+PONG\r\n", 7_777), Guess::No);
    assert_eq!(guess(b"*1\r\n:4\r\n", b"", 7_777), Guess::No);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", PORT), Guess::No);
}

#[test]
fn passwords_in_other_commands_are_hidden() {
    check(
        &[
            asks("HELLO 3 SETNAME me AUTH bob secret\r\nHELLO 3 AUTH bob\r\nAUTH a b secret\r\n"),
            asks("CONFIG SET maxmemory 1 requirepass secret\r\nconfig set \"MasterAuth\" secret\r\n"),
            asks("ACL SETUSER bob on >secret\r\nACL LIST\r\n"),
            asks("MIGRATE h 1 k 0 9 AUTH secret\r\nMIGRATE h 1 k 0 9 AUTH2 bob secret\r\n"),
            asks("CONFIG GET requirepass\r\nCONFIG GET port\r\nSENTINEL SET m auth-pass secret\r\n"),
            answers("+OK\r\n".repeat(9)),
            answers("*2\r\n$11\r\nrequirepass\r\n$6\r\nsecret\r\n*2\r\n+port\r\n+1\r\n+OK\r\n"),
        ],
        &[
            "1: login bob secret Some(true)",
            "1: HELLO > OK",
            "1: HELLO|3|AUTH|*** > OK",
            "1: AUTH|*** > OK",
            "2: login - secret Some(true)",
            "2: CONFIG|SET|maxmemory|1|requirepass|*** > OK",
            "2: login - secret Some(true)",
            "2: config|set|\"MasterAuth\"|*** > OK",
            "3: login bob secret Some(true)",
            "3: ACL|SETUSER|bob|*** > OK",
            "3: ACL|LIST > ***",
            "4: login - secret Some(true)",
            "4: MIGRATE|h|1|k|0|9|AUTH|*** > OK",
            "4: MIGRATE|h|1|k|0|9|AUTH2|*** > OK",
            "5: CONFIG|GET|requirepass > ***",
            "5: CONFIG|GET|port > [port, 1]",
            "5: login - secret Some(true)",
            "5: SENTINEL|SET|m|auth-pass|*** > OK",
        ],
    );
}
