//! Streams of which one side speaks.

use super::super::tests::Part;
use super::super::tests::{answers, asks, contents, heard, lacks};
use super::*;
use watchfire_model::network::Exchange;

fn files(parts: &[Part]) -> Vec<(u64, u64, bool)> {
    let files = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::File(file) => (file.size, file.missing, file.sent),
        other => panic!("{other:?}"),
    });
    files.collect()
}

#[test]
fn what_one_side_says_is_a_file() {
    assert_eq!(files(&[asks("abc"), asks("def")]), [(6, 0, true)]);
    assert_eq!(files(&[answers("abc"), lacks(Side::Responder, 7)]), [(10, 7, false)]);
}

#[test]
fn a_conversation_is_none() {
    assert_eq!(files(&[asks("abc"), answers("d"), asks("e")]), []);
    assert_eq!(files(&[asks("abc"), lacks(Side::Responder, 7)]), []);
    // Whoever gathers what passes is told so.
    assert_eq!(
        contents(&OVER_TCP, &[asks("abc")]).into_values().collect::<Vec<_>>(),
        [b"abc"]
    );
    assert_eq!(contents(&OVER_TCP, &[asks("abc"), answers("d")]).len(), 0);
}
