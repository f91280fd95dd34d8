//! Conversations of HTTP that are made here.

use super::super::tests::{Part, answers, asks, contents, guess, heard, lacks, until};
use super::*;

/// What was exchanged, a line each: the request, bytes of its body, the answer and bytes of its body.
fn lines(parts: &[Part]) -> Vec<String> {
    let lines = heard(&OVER_TCP, parts).into_iter().filter_map(|event| {
        let Exchange::Http(http) = event.exchange else {
            return None;
        };
        let host = http.host.as_ref().map_or("-", Untrusted::raw);
        let request = format!("{} {host} {} +{}", http.method.raw(), http.target.raw(), http.sent);
        let reply = http.reply.map_or("nothing".to_owned(), |reply| {
            format!("{} {} +{}", reply.status, reply.reason.raw(), reply.received)
        });
        Some(format!("{}: {request} > {reply}", event.frame))
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(parts), expected, "{parts:?}");
}

const GET: &str = "GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";

#[test]
fn a_request_and_its_answer_are_one_exchange() {
    check(
        &[asks(GET), answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")],
        &["1: GET www.example /a +0 > 200 OK +5"],
    );
    check(&[asks(GET)], &["1: GET www.example /a +0 > nothing"]);
    let head_alone = "HTTP/1.0 404 Not Found At All\nContent-Length: 0\n\n";
    check(
        &[asks("GET / HTTP/1.0\n\n"), answers(head_alone)],
        &["1: GET - / +0 > 404 Not Found At All +0"],
    );
    check(
        &[answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")],
        &["1:  -  +0 > 200 OK +2"],
    );
    check(
        &[
            asks("POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
            answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
        ],
        &["1: POST - /p +3 > 200 OK +1"],
    );
}

#[test]
fn answers_belong_to_requests_in_their_order() {
    let two = format!("{GET}POST /b HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc\r\nGET /c HTTP/1.1\r\n\r\n");
    let replies = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nxy";
    check(
        &[asks(&two), answers(replies), answers("HTTP/1.1 204 No Content\r\n\r\n")],
        &[
            "1: GET www.example /a +0 > 200 OK +1",
            "1: POST - /b +3 > 201 Created +2",
            "1: GET - /c +0 > 204 No Content +0",
        ],
    );
}

#[test]
fn chunks_are_counted_without_what_is_around_them() {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n\
        5;a=b\r\nhello\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\n.";
    check(
        &[asks(GET), asks(GET), answers(chunks)],
        &[
            "1: GET www.example /a +0 > 200 OK +15",
            "2: GET www.example /a +0 > 404 No +1",
        ],
    );
    let broken = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n";
    check(&[asks(GET), answers(broken)], &["1: GET www.example /a +0 > 200 OK +0"]);
    let sent = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    check(
        &[asks(sent), answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
        &["1: POST - / +3 > 200 OK +0"],
    );
}

#[test]
fn some_answers_have_no_body_whatever_they_say() {
    let (long, next) = (
        "Content-Length: 7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.",
    );
    for (method, status) in [
        ("HEAD", "200 OK"),
        ("GET", "204 No Content"),
        ("GET", "304 Not Modified"),
    ] {
        let request = format!("{method} / HTTP/1.1\r\n\r\n");
        let reply = format!("HTTP/1.1 {status}\r\n{long}{next}");
        check(
            &[asks(&request), asks("GET /2 HTTP/1.1\r\n\r\n"), answers(&reply)],
            &[
                &format!("1: {method} - / +0 > {status} +0"),
                "2: GET - /2 +0 > 200 OK +1",
            ],
        );
    }
}

#[test]
fn a_body_without_length_goes_on_until_the_end() {
    check(
        &[asks(GET), answers("HTTP/1.1 200 OK\r\n\r\nabc"), answers("defg")],
        &["1: GET www.example /a +0 > 200 OK +7"],
    );
    let odd = "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabcde";
    check(&[asks(GET), answers(odd)], &["1: GET www.example /a +0 > 200 OK +5"]);
}

#[test]
fn what_comes_before_an_answer_is_none() {
    let replies = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\
        Content-Length: 1\r\n\r\n.";
    check(
        &[asks(GET), answers(replies)],
        &["1: GET www.example /a +0 > 200 OK +1"],
    );
}

#[test]
fn what_follows_a_tunnel_or_a_change_is_told_anew() {
    let connect = "CONNECT www.example:443 HTTP/1.1\r\nHost: www.example\r\n\r\n";
    check(
        &[
            asks(connect),
            answers("HTTP/1.1 200 Connected\r\nContent-Length: 9\r\n\r\n"),
            asks(GET),
        ],
        &[
            "1: CONNECT www.example www.example:443 +0 > 200 Connected +0",
            "3: GET www.example /a +0 > nothing",
        ],
    );
    check(
        &[
            asks(connect),
            answers("HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\n."),
            asks(GET),
        ],
        &[
            "1: CONNECT www.example www.example:443 +0 > 407 No +1",
            "3: GET www.example /a +0 > nothing",
        ],
    );
    check(
        &[
            asks(GET),
            answers("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x01\x02"),
        ],
        &["1: GET www.example /a +0 > 101 Switching +0"],
    );
}

#[test]
fn a_hole_in_a_body_counts_and_one_elsewhere_ends_what_can_be_said() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    let next = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n";
    let hole = lacks(Side::Responder, 6);
    check(
        &[
            asks(GET),
            asks(GET),
            answers(format!("{head}ab")),
            hole.clone(),
            answers("yz"),
            answers(next),
        ],
        &[
            "1: GET www.example /a +0 > 200 OK +10",
            "2: GET www.example /a +0 > 404 No +0",
        ],
    );
    check(
        &[
            asks(GET),
            asks(GET),
            answers(format!("{head}abcd")),
            hole.clone(),
            answers(next),
        ],
        &[
            "1: GET www.example /a +0 > 200 OK +10",
            "2: GET www.example /a +0 > 404 No +0",
        ],
    );
    check(
        &[asks(GET), answers(format!("{head}abcde")), hole.clone(), answers(next)],
        &["1: GET www.example /a +0 > 200 OK +5"],
    );
    // Four of the bytes are data, two the end of the line.
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nab";
    check(
        &[asks(GET), answers(chunks), hole, answers("0\r\n\r\n")],
        &["1: GET www.example /a +0 > 200 OK +6"],
    );
    let endless = lacks(Side::Responder, 1 << 40);
    check(
        &[asks(GET), answers("HTTP/1.1 200 OK\r\n\r\n"), endless, answers("abc")],
        &["1: GET www.example /a +0 > 200 OK +1099511627779"],
    );
    check(&[asks("GET / HT"), lacks(Side::Originator, 3), answers(next)], &[]);
}

#[test]
fn what_is_no_request_is_answered_all_the_same() {
    let replies =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\n\r\n.HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for odd in [
        "\u{1}\u{2} GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GETHTTP/1.1\n\n",
        "GET\n\n",
    ] {
        check(
            &[asks(odd), asks(GET), answers(replies)],
            &["1:  -  +0 > 400 Bad Request +1", "2: GET www.example /a +0 > 200 OK +2"],
        );
        check(&[asks(odd)], &[]);
    }
}

#[test]
fn a_head_whose_rest_is_missing_says_what_it_can() {
    let cut = "GET /a HTTP/1.1\r\nHost: www.example\r\nUser-Ag";
    let reply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.";
    let hole = lacks(Side::Originator, 90);
    check(
        &[asks(cut), hole.clone(), answers(reply), asks(cut), hole, answers(reply)],
        &[
            "1: GET www.example /a +0 > 200 OK +1",
            "4: GET www.example /a +0 > 200 OK +1",
        ],
    );
    check(&[asks(cut)], &["1: GET www.example /a +0 > nothing"]);
    check(
        &[asks(GET), answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX")],
        &["1: GET www.example /a +0 > 200 OK +0"],
    );
    check(
        &[
            asks(GET),
            answers("HTTP/1.1 200 OK\r\nX"),
            lacks(Side::Responder, 90),
            answers(reply),
        ],
        &["1: GET www.example /a +0 > 200 OK +0"],
    );
}

#[test]
fn a_head_without_end_ends_it() {
    let endless = format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(20_000));
    check(&[asks(endless), asks(GET)], &[]);
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000));
    check(&[asks(long_line), asks(GET)], &[]);
    let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    check(
        &[
            asks(GET),
            answers(body),
            answers("a".repeat(100_000)),
            answers("\r\n.\r\n"),
        ],
        &["1: GET www.example /a +0 > 200 OK +0"],
    );
}

#[test]
fn fields_are_kept_and_passwords_are_not() {
    let request = "GET http://www.example/x?q=1 2 HTTP/1.1\r\nHOST:  www.example \r\nReferer: http://other.example/\r\n\
        User-Agent: curl/8\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\nno colon\r\n\r\n";
    let reply =
        "HTTP/1.1 302 Found\r\nServer: nginx\r\nLocation: /y\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n";
    let events = heard(&OVER_TCP, &[asks(request), answers(reply)]);
    let http = events.iter().find_map(|event| match &event.exchange {
        Exchange::Http(http) => Some(http),
        _ => None,
    });
    let http = http.unwrap();
    let raw = |text: &Option<Untrusted>| text.as_ref().map(|text| text.raw().to_owned()).unwrap_or_default();
    assert_eq!(http.target.raw(), "http://www.example/x?q=1 2");
    assert_eq!(http.version.raw(), "1.1");
    assert_eq!(raw(&http.host), "www.example");
    assert_eq!(raw(&http.referrer), "http://other.example/");
    assert_eq!(raw(&http.user_agent), "curl/8");
    assert_eq!(raw(&http.user), "user");
    assert!(!format!("{http:?}").contains("secret"));
    let reply = http.reply.as_ref().unwrap();
    assert_eq!(raw(&reply.server), "nginx");
    assert_eq!(raw(&reply.location), "/y");
    assert_eq!(raw(&reply.received_type), "text/html");
    assert_eq!(reply.frame, 2);
}

#[test]
fn http_is_told_by_what_is_said() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(GET.as_bytes(), b""), Guess::Yes);
    assert_eq!(guess(b"M-SEARCH * HTTP/1.1\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"", b"HTTP/1.1 200 OK\r\n"), Guess::Yes);
    assert_eq!(guess(b"GET /", b""), Guess::Perhaps);
    assert_eq!(guess(b"EHLO www.example\r\n", b""), Guess::No);
    assert_eq!(guess(b"\x16\x03\x01\x02\x00", b""), Guess::No);
    assert_eq!(guess(b"", b"220 ready\r\n"), Guess::No);
    assert_eq!(guess(b"INVITE sip:a@b SIP/2.0\r\n", b""), Guess::No);
}

/// What was carried, a line each: its name, what it is said to be, its bytes and what of them is known.
fn files(parts: &[Part]) -> Vec<String> {
    let contents = contents(&OVER_TCP, parts);
    let files = heard(&OVER_TCP, parts).into_iter().filter_map(|event| {
        let Exchange::File(file) = event.exchange else {
            return None;
        };
        let text = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
        let content = contents
            .get(&file.id)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Some(format!(
            "{}: {} {} {} {}-{} {} {:?} {}",
            event.frame,
            text(&file.name),
            text(&file.media_type),
            text(&file.encoding),
            file.size,
            file.missing,
            if file.sent { "sent" } else { "received" },
            content.unwrap_or_default(),
            if file.sha256.is_some() { "known" } else { "unknown" },
        ))
    });
    files.collect()
}

#[test]
fn bodies_are_files_with_the_names_that_they_were_asked_for_by() {
    let named = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\nhi";
    let put = "PUT /d/b.bin?x=/y HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let attached = "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"c d.exe\"; x\r\nTransfer-Encoding: \
        chunked\r\n\r\n1\r\nM\r\n1\r\nZ\r\n0\r\n\r\n";
    assert_eq!(
        files(&[asks(GET), answers(named), asks(put), answers(attached)]),
        [
            "2: a text/plain gzip 2-0 received \"hi\" known",
            "3: b.bin - - 3-0 sent \"abc\" known",
            "4: c d.exe - - 2-0 received \"MZ\" known",
        ]
    );
}

#[test]
fn files_with_holes_or_without_an_end_have_no_hash() {
    let begins = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    assert_eq!(
        files(&[asks(GET), answers(begins), lacks(Side::Responder, 3), answers("def")]),
        ["2: a - - 9-3 received \"abc[3]def\" unknown"]
    );
    assert_eq!(
        files(&[asks(GET), answers(begins)]),
        ["2: a - - 3-0 received \"abc\" unknown"]
    );
    let open = "HTTP/1.1 200 OK\r\n\r\nabc";
    assert_eq!(
        files(&[asks(GET), answers(open)]),
        ["2: a - - 3-0 received \"abc\" known"]
    );
    assert!(files(&[asks(GET), answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]).is_empty());
}

#[test]
fn passwords_in_clear_are_log_ins_and_stay_hidden() {
    let request = "GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n\r\n";
    let login = |answer: &str| {
        let said = heard(&OVER_TCP, &[asks(request), answers(answer)]);
        let login = said.into_iter().find_map(|event| match event.exchange {
            Exchange::Login(login) => Some(login),
            _ => None,
        });
        login.unwrap()
    };
    let refused = login("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(refused.accepted, Some(false));
    assert!(!format!("{refused:?}").contains("pass"));
    let accepted = login("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(accepted.accepted, Some(true));
    assert_eq!(accepted.user.as_ref().map(Untrusted::raw), Some("user"));
    assert_eq!(
        accepted.secret.as_ref().map(watchfire_model::Secret::raw),
        Some("pass:word")
    );
}

/// A message of NTLM in the form of RFC 4648: its kind, fields, and what stands behind its 64 bytes.
fn ntlm(kind: u8, fields: &[(usize, u8, u8)], rest: &[u8]) -> String {
    let mut message = b"NTLMSSP\0".to_vec();
    message.resize(64, 0);
    message[8] = kind;
    for (at, length, from) in fields {
        message[*at] = *length;
        message[*at + 4] = *from;
    }
    message.extend_from_slice(rest);
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    message.resize(message.len().next_multiple_of(3), 0);
    let groups = message.chunks(3).flat_map(|group| {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        [18, 12, 6, 0].map(|shift| char::from(digits[(bits >> shift & 0x3f) as usize]))
    });
    groups.collect()
}

#[test]
fn who_proves_himself_by_ntlm_is_seen_with_what_came_of_it() {
    let asked = |token: String| {
        asks(format!(
            "GET /wsman HTTP/1.1\r\nHost: a\r\nAuthorization: Negotiate {token}\r\n\r\n"
        ))
    };
    let answered = |status: u16, field: String| {
        answers(format!(
            "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nWWW-Authenticate: {field}\r\n\r\n"
        ))
    };
    let nt = [0x22; 24];
    let proof = ntlm(3, &[(20, 24, 64), (36, 5, 88)], &[&nt[..], b"alice"].concat());
    for (status, accepted) in [(200, true), (401, false)] {
        let parts = [
            asked(ntlm(1, &[], &[])),
            answered(401, format!("Negotiate {}", ntlm(2, &[], &[]))),
            asked(proof.clone()),
            answered(status, "Negotiate".to_owned()),
        ];
        let events = heard(&OVER_TCP, &parts);
        let found = events.iter().find_map(|event| match &event.exchange {
            Exchange::Ntlm(ntlm) => Some(ntlm),
            _ => None,
        });
        let found = found.unwrap();
        assert_eq!(found.user.as_ref().unwrap().raw(), "alice");
        assert_eq!((found.carrier, found.accepted), ("http", Some(accepted)));
        let line = events.iter().find_map(|event| match &event.exchange {
            Exchange::Login(login) => login.hashcat.as_ref(),
            _ => None,
        });
        assert_eq!(line.map(|line| line.mode), Some(5_500));
    }
}

#[test]
fn a_line_without_end_behind_a_chunk_ends_it() {
    let begins = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for before in ["1;", "0\r\nx:"] {
        let mut talk = Talk::default();
        let endless = vec![answers("a".repeat(10_000)); 20];
        let parts = [&[asks(GET), answers(format!("{begins}{before}"))], endless.as_slice()].concat();
        let (heard, _) = until(&mut talk, &parts);
        assert_eq!(heard, Heard::Enough);
        assert!(talk.speeches[1].held.len() <= LONGEST_HEAD + 10_000);
    }
}
