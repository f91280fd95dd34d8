//! How inputs are read: places, encodings, zones, blocks, mixtures.

use super::*;

/// What `f` says of each record.
fn each<T>(input: &[u8], options: &Options, f: impl Fn(&Record<'_>) -> T) -> (Vec<T>, Totals) {
    let mut reader = Reader::new(options);
    let mut out = Vec::new();
    reader.push(input, &mut |record| out.push(f(record)));
    reader.finish(&mut |record| out.push(f(record)));
    (out, reader.totals().clone())
}

#[test]
fn records_know_their_places() {
    let text = "a\r\n\nü {\r\nlast".as_bytes();
    let (places, totals) = each(text, &options(), |record| {
        (record.span, record.line, record.text.to_owned())
    });
    assert_eq!(
        places,
        [
            ((0, 1), 1, "a".to_owned()),
            ((4, 8), 3, "ü {".to_owned()),
            ((10, 14), 4, "last".to_owned())
        ]
    );
    assert_eq!(totals.bytes, 14);
}

#[test]
fn places_in_utf16_are_those_of_its_bytes() {
    let wide: Vec<u8> = [0xfeff_u16]
        .into_iter()
        .chain("𝄞a\nb\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let (places, _) = each(&wide, &options(), |record| (record.span, record.line));
    assert_eq!(places, [((2, 8), 1), ((10, 12), 2)]);
    let bare: Vec<u8> = "Nov 22 10:00:00 h a: text\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let (formats, _) = each(&bare, &options(), |record| record.format.name);
    assert_eq!(formats, ["syslog"]);
}

#[test]
fn lines_in_a_code_page_are_read_and_counted() {
    let (texts, totals) = each(b"plain\nM\xfcller \xc3\xbc\n", &options(), |record| {
        (record.text.to_owned(), record.fault)
    });
    assert_eq!(
        texts,
        [
            ("plain".to_owned(), None),
            ("Müller ü".to_owned(), Some(Fault::CodePage))
        ]
    );
    assert_eq!(totals.code_page, 1);
}

#[test]
fn a_mark_is_no_text() {
    let (texts, _) = each(b"\xef\xbb\xbf{\"a\":1}\n", &options(), |record| {
        (record.span, record.format.name)
    });
    assert_eq!(texts, [((3, 10), "json")]);
}

#[test]
fn one_file_may_hold_many_formats() {
    let text = b"{\"a\":1}\nNov 22 10:00:00 h sshd[1]: x\n192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5\nnothing at all\n{\"a\":1}\n";
    let (formats, totals) = each(text, &options(), |record| (record.format.name, record.fault));
    let expected = [
        ("json", None),
        ("sshd", None),
        ("web-access", None),
        ("text", Some(Fault::Malformed)),
        ("json", None),
    ];
    assert_eq!(formats, expected);
    assert_eq!(totals.malformed, 1);
    assert_eq!(totals.records, 5);
}

#[test]
fn zones_are_assumed_and_said() {
    let options = Options {
        zone: Some(3600),
        ..options()
    };
    let (times, totals) = each(b"2026-11-22 10:00:00 x\n2026-11-22T10:00:00Z x\n", &options, |record| {
        record.time.map(|time| (time.at.to_string(), time.zone))
    });
    let expected = [
        ("2026-11-22T09:00:00Z", Known::Assumed),
        ("2026-11-22T10:00:00Z", Known::Stated),
    ];
    assert_eq!(times, expected.map(|(at, zone)| Some((at.to_owned(), zone))));
    assert_eq!((totals.timed, totals.zone_assumed, totals.year_assumed), (2, 1, 0));
}

#[test]
fn clocks_that_jump_are_counted() {
    let (_, totals) = each(
        b"2026-11-22 10:00:00 x\n2026-11-22 08:00:00 x\n2026-11-22 08:00:01 x\n",
        &options(),
        |_| (),
    );
    assert_eq!(totals.jumps, 1);
    assert_eq!(
        totals.first.map(|first| first.to_string()).as_deref(),
        Some("2026-11-22T08:00:00Z")
    );
}

#[test]
fn lines_that_are_too_long_are_cut_and_the_rest_is_read() {
    let options = Options {
        longest: 1 << 10,
        ..options()
    };
    let mut text = vec![b'a'; 1 << 20];
    text.extend(b"\nnext\n");
    for block in [777, 1 << 21] {
        let mut reader = Reader::new(&options);
        let mut out = Vec::new();
        for piece in text.chunks(block) {
            reader.push(piece, &mut |record| {
                out.push((record.text.len(), record.line, record.fault))
            });
        }
        reader.finish(&mut |record| out.push((record.text.len(), record.line, record.fault)));
        assert_eq!(out, [(1 << 10, 1, Some(Fault::Cut)), (4, 2, None)]);
    }
}

#[test]
fn formats_are_recognised_by_their_beginning() {
    let is = |text: &[u8]| recognise(text).map(|format| format.name);
    assert_eq!(
        is(b"Nov 22 10:00:00 h sshd[1]: x\nNov 22 10:00:00 h sshd[1]: x\nNov 22 10:"),
        Some("sshd")
    );
    assert_eq!(is(b"#separator \\x09\n#fields\tts\tuid\n1.0\tC\n"), Some("zeek"));
    assert_eq!(is(b"Dear all,\nplease find attached\n"), None);
    assert_eq!(is(b"a,b\n1,2\n"), None);
    assert_eq!(is(b""), None);
}

#[test]
fn a_fork_goes_on_where_it_is_told() {
    let head = b"#Fields: date time x\n2026-11-22 10:00:00 a\n";
    let mut reader = Reader::new(&options());
    reader.push(head, &mut |_| ());
    reader.finish(&mut |_| ());
    let mut fork = reader.fork(&options(), 44, 2).expect("lines can be forked");
    let mut out = Vec::new();
    fork.push(b"2026-11-22 10:00:01 b\n", &mut |record| {
        out.push((record.span, record.line, shown(record)))
    });
    assert_eq!(
        out,
        [(
            (44, 65),
            3,
            "w3c 2026-11-22T10:00:01Z\ndate=2026-11-22\ntime=10:00:01\nx=b".to_owned()
        )]
    );
}
