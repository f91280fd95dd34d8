//! Connections that are made here. Fields stand in them as they are.

use super::super::tests::{Part, answers, asks, contents, guess, heard, lacks};
use super::*;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let field = |(name, value): &(&str, &str)| {
        // Lengths from 127 on take further bytes.
        let texts = [name, value].map(|text| match text.len() {
            short @ 0..127 => [&[short as u8], text.as_bytes()].concat(),
            long => {
                let more = long - 127;
                [&[0x7f, more as u8 | 0x80, (more >> 7) as u8], text.as_bytes()].concat()
            }
        });
        [&[0x40], texts.concat().as_slice()].concat()
    };
    fields.iter().flat_map(field).collect()
}

fn request(stream: u8, path: &str, flags: u8) -> Vec<u8> {
    let fields = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "www.example"),
        (":path", path),
        ("user-agent", "curl"),
    ];
    frame(HEADERS, END_HEADERS | flags, stream, &block(&fields))
}

fn answer(stream: u8, status: &str, flags: u8) -> Vec<u8> {
    let fields = [(":status", status), ("server", "nginx"), ("content-type", "text/plain")];
    frame(HEADERS, END_HEADERS | flags, stream, &block(&fields))
}

fn first(frames: &[Vec<u8>]) -> Part {
    asks([PREFACE, &frame(4, 0, 0, &[0; 6]), &frames.concat()].concat())
}

/// What was exchanged in lines.
fn lines(parts: &[Part]) -> Vec<String> {
    let line = |event: watchfire_model::network::Event| {
        let text = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
        Some(match event.exchange {
            Exchange::Http(http) => {
                let reply = http.reply.map_or("-".to_owned(), |reply| {
                    format!("{} {} {}", reply.status, text(&reply.received_type), reply.received)
                });
                let (method, target) = (http.method.raw(), http.target.raw());
                format!(
                    "{}: {method} {}{target} {} > {reply}",
                    event.frame,
                    text(&http.host),
                    http.sent
                )
            }
            Exchange::File(file) => format!("{}: {} {} {}", event.frame, text(&file.name), file.size, file.whole),
            Exchange::Login(login) => format!("{}: {} {:?}", event.frame, text(&login.user), login.accepted),
            _ => return None,
        })
    };
    heard(&OVER_TCP, parts).into_iter().filter_map(line).collect()
}

#[test]
fn streams_of_one_connection_are_told_apart() {
    let parts = [
        first(&[request(1, "/a/b.txt", END_STREAM), request(3, "/", END_STREAM)]),
        answers([frame(4, 0, 0, &[]), answer(3, "404", END_STREAM), answer(1, "200", 0)].concat()),
        answers(
            [
                frame(DATA, 0, 1, b"hel"),
                frame(DATA, END_STREAM | PADDED, 1, b"\x02lo\0\0"),
            ]
            .concat(),
        ),
    ];
    assert_eq!(
        lines(&parts),
        [
            "1: GET www.example/ 0 > 404 text/plain 0",
            "2: b.txt 5 true",
            "1: GET www.example/a/b.txt 0 > 200 text/plain 5",
        ]
    );
    let files: Vec<Vec<u8>> = contents(&OVER_TCP, &parts).into_values().collect();
    assert_eq!(files, [b"hello"]);
}

#[test]
fn heads_go_on_in_further_frames_and_bodies_are_sent() {
    let fields = block(&[
        (":method", "POST"),
        (":path", "/up"),
        (":authority", "www.example"),
        ("authorization", "Basic dTpw"),
    ]);
    let (begin, rest) = fields.split_at(7);
    let padded = [&[1, 0, 0, 0, 0, 9][..], begin, &[0]].concat();
    let parts = [
        first(&[
            frame(HEADERS, PADDED | PRIORITY, 1, &padded),
            frame(CONTINUATION, 0, 1, &rest[..3]),
            frame(CONTINUATION, END_HEADERS, 1, &rest[3..]),
            frame(DATA, END_STREAM, 1, b"abc"),
        ]),
        answers(frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "100")]))),
        answers(answer(1, "401", 0)),
        answers(frame(DATA, 0, 1, b"no")),
        // Fields behind the body.
        answers(frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            1,
            &block(&[("grpc-status", "0")]),
        )),
    ];
    assert_eq!(
        lines(&parts),
        [
            "1: up 3 true",
            "3: up 2 true",
            "1: u Some(false)",
            "1: POST www.example/up 3 > 401 text/plain 2",
        ]
    );
}

#[test]
fn what_is_missing_from_a_body_is_counted() {
    let body = frame(DATA, END_STREAM, 1, b"0123456789");
    let parts = [
        first(&[request(1, "/", END_STREAM)]),
        answers([answer(1, "200", 0), body[..HEAD + 2].to_vec()].concat()),
        lacks(Side::Responder, 3),
        answers(&body[HEAD + 5..]),
    ];
    assert_eq!(
        lines(&parts),
        ["2: - 10 true", "1: GET www.example/ 0 > 200 text/plain 10"]
    );
    // Behind a hole in anything else, nothing can be unpacked.
    let parts = [
        first(&[request(1, "/", END_STREAM)]),
        lacks(Side::Responder, 3),
        answers(answer(1, "200", END_STREAM)),
    ];
    assert_eq!(lines(&parts), ["1: GET www.example/ 0 > -"]);
}

#[test]
fn answers_alone_and_streams_that_are_reset_are_told() {
    assert_eq!(
        lines(&[answers(answer(1, "200", END_STREAM))]),
        ["1:  - 0 > 200 text/plain 0"]
    );
    let parts = [
        first(&[request(1, "/a", END_STREAM)]),
        answers(frame(RESET, 0, 1, &[0; 4])),
        answers(answer(1, "200", END_STREAM)),
    ];
    assert_eq!(lines(&parts)[0], "1: GET www.example/a 0 > -");
}

#[test]
fn frames_that_contradict_themselves_are_no_harm() {
    let whole = [
        PREFACE,
        &request(1, "/", 0),
        &frame(DATA, PADDED, 1, b"\x09ab"),
        &frame(HEADERS, 0, 3, b""),
    ]
    .concat();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut odd = whole.clone();
            odd[at] = value;
            heard(&OVER_TCP, &[asks(&odd), answers(&whole[PREFACE.len()..])]);
        }
    }
    // Heads without an end, and a frame longer than any head.
    let endless: Vec<u8> = (0..300)
        .flat_map(|_| frame(CONTINUATION, 0, 1, &[b'x'; 1_000]))
        .collect();
    lines(&[first(&[frame(HEADERS, 0, 1, b""), endless])]);
    let many: Vec<Vec<u8>> = (0..=255).map(|stream| request(stream, "/", 0)).collect();
    assert_eq!(lines(&[first(&[many.concat(), request(1, "/", 0)])]).len(), 256);
}

#[test]
fn a_few_bytes_that_name_long_fields_do_not_fill_the_memory() {
    let said = |agent: usize| {
        let agent = "x".repeat(agent);
        let fields = [(":method", "GET"), (":path", "/"), ("user-agent", agent.as_str())];
        let whole = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&fields));
        // The field that was remembered last, again and again.
        let again = |place: u8| frame(HEADERS, END_HEADERS | END_STREAM, place * 2 + 1, &[0x82, 0x84, 0xbe]);
        let again: Vec<Vec<u8>> = (1..100).map(again).collect();
        lines(&[first(&[whole, again.concat()])]).len()
    };
    assert_eq!(said(120), 100);
    assert!((10..80).contains(&said(3_900)));
}

#[test]
fn http_2_is_told_by_its_first_words() {
    assert_eq!(guess(&OVER_TCP, PREFACE, b"", 7_777), Guess::Yes);
    // With its first line, so that HTTP/1 does not take it.
    assert_eq!(guess(&OVER_TCP, &PREFACE[..16], b"", 7_777), Guess::Yes);
    assert_eq!(guess(&OVER_TCP, &PREFACE[..15], b"", 7_777), Guess::Perhaps);
    assert_eq!(guess(&OVER_TCP, b"PRI * HTTP/1.1\r\n\r\n", b"", 7_777), Guess::No);
    assert_eq!(guess(&OVER_TCP, b"GET / HTTP/1.1\r\n\r\n", b"", 7_777), Guess::No);
}

#[test]
fn a_body_that_another_takes_the_place_of_is_a_file_without_end() {
    let parts = [
        first(&[request(1, "/a", END_STREAM)]),
        answers([answer(1, "200", 0), frame(DATA, 0, 1, b"one")].concat()),
        answers([answer(1, "200", 0), frame(DATA, END_STREAM, 1, b"three")].concat()),
    ];
    assert_eq!(
        lines(&parts),
        [
            "2: a 3 false",
            "3: a 5 true",
            "1: GET www.example/a 0 > 200 text/plain 5"
        ]
    );
}
