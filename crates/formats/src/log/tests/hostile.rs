//! Damage, and what was made to harm.

use super::*;

/// One input of each kind of framing.
fn inputs() -> Vec<Vec<u8>> {
    [
        "{\"Records\":[{\"a\":{\"b\":[1,\"\\u00e4\"]}},{\"c\":null}]}",
        "<Events><Event><System><EventID>1</EventID></System><EventData><Data Name='a'>b</Data></EventData></Event></Events>",
        "__CURSOR=1\n__REALTIME_TIMESTAMP=1795341600000000\nMESSAGE=x\n\n__CURSOR=2\nA\n\u{5}\0\0\0\0\0\0\0hello\n\n",
        "type=A msg=audit(1.0:1): a=1\ntype=B msg=audit(1.0:1): b=\"x\"\n",
        "31 <13>Nov  3 10:00:01 h a: on\u{e4}\n",
        "a,b\n1,\"2\n3\"\n",
        "#separator \\x09\n#fields\tts\ta\n1795341600.0\tx\n",
        "Nov 22 10:00:00 h sshd[1]: Failed password for root from 192.0.2.1 port 1 ssh2\n",
        "**********************\nWindows PowerShell transcript start\n**********************\nPS C:\\> a\nb\n",
        "Nov 22 10:00:00 h CEF:0|a|b|c|d|e|5|x=1 y=2 \\= z\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

#[test]
fn nothing_is_lost_where_inputs_end_early() {
    for input in inputs() {
        for end in 0..input.len() {
            let part = &input[..end];
            let (_, totals) = read_with(part, 3, &options());
            assert_eq!(totals.bytes, end as u64);
        }
    }
}

#[test]
fn every_bit_may_be_wrong() {
    for input in inputs() {
        for at in 0..input.len() * 8 {
            let mut damaged = input.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            let (whole, _) = read_with(&damaged, damaged.len(), &options());
            let (cut, _) = read_with(&damaged, 11, &options());
            assert_eq!(whole, cut, "{:?}", String::from_utf8_lossy(&damaged));
        }
    }
}

#[test]
fn a_quote_that_nobody_closes_costs_one_row() {
    let mut text = b"a,b\n1,\"x\n".to_vec();
    for _ in 0..20_000 {
        text.extend(b"1,2\n");
    }
    let (records, _) = read_with(&text, 4096, &options());
    assert!(records.len() > 2_000, "{}", records.len());
}

#[test]
fn an_object_without_end_is_cut() {
    let mut text = b"[{\"a\":\"".to_vec();
    text.extend(vec![b'x'; 3 << 20]);
    let (records, totals) = read_with(&text, 64 << 10, &options());
    assert_eq!(records.len(), 1);
    assert_eq!(totals.incomplete, 1);
}

#[test]
fn names_without_end_are_carried() {
    let mut text = Vec::new();
    for record in 0..40 {
        text.extend(b"{");
        for name in 0..3000 {
            text.extend(format!("\"name-{record}-{name}\":1,").bytes());
        }
        text.extend(b"\"z\":0}\n");
    }
    let (records, _) = read_with(&text, 1 << 20, &options());
    assert!(records[39].contains("name-39-2999=1"));
}
