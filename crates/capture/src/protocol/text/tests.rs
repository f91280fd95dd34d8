//! Lines, replies and messages that are made here.

use super::*;

fn message(text: &str) -> (String, Option<String>) {
    let whole = cut(text, usize::MAX);
    for length in 1..6 {
        assert_eq!(cut(text, length), whole, "{text:?} by {length}");
    }
    whole
}

fn cut(text: &str, length: usize) -> (String, Option<String>) {
    let (mut dots, mut said) = (Dots::default(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let piece = &text.as_bytes()[at..text.len().min(at.saturating_add(length))];
        if let Some(rest) = dots.take(piece, |bytes| said.extend_from_slice(bytes)) {
            let behind = text.get(at + piece.len() - rest.len()..).unwrap();
            return (String::from_utf8(said).unwrap(), Some(behind.to_owned()));
        }
        at += piece.len();
    }
    (String::from_utf8(said).unwrap(), None)
}

#[test]
fn a_message_ends_with_a_dot_alone_and_loses_those_that_were_added() {
    let said = |message: &str, rest: &str| (message.to_owned(), Some(rest.to_owned()));
    assert_eq!(message("a\r\nb\r\n.\r\nQUIT\r\n"), said("a\r\nb\r\n", "QUIT\r\n"));
    assert_eq!(message("..a\r\n.b\r\n...\r\n.\r\n"), said(".a\r\nb\r\n..\r\n", ""));
    assert_eq!(message("a\n.\nb"), said("a\n", "b"));
    assert_eq!(message(".\r\n"), said("", ""));
    assert_eq!(message(".\ra\r\n.\r\n"), said("\ra\r\n", ""));
    assert_eq!(message("a.\r\nb\r\n"), ("a.\r\nb\r\n".to_owned(), None));
}

#[test]
fn replies_may_have_several_lines() {
    let mut replies = Replies::default();
    let mut said = |line: &str| {
        replies
            .line(line.as_bytes())
            .map(|reply| (reply.code, String::from_utf8(reply.text).unwrap()))
    };
    assert_eq!(said("220 hello"), Some((220, "hello".into())));
    assert_eq!(said("250-a"), None);
    assert_eq!(said("251 not yet"), None);
    assert_eq!(said(" 250 not yet"), None);
    assert_eq!(said("250-b"), None);
    assert_eq!(said("250 c"), Some((250, "c".into())));
    assert_eq!(said("354"), Some((354, String::new())));
    assert_eq!(said("nonsense"), Some((0, "nonsense".into())));
    assert_eq!(said("250x"), Some((0, "250x".into())));
}
