//! Logs: files of events that were built and damaged, those of the corpus, and lines of systems that others collected.
//!
//! `logs_evtx_counts.tsv` holds how many records evtx 0.15.1 reads from each file of the corpus.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use watchfire_analysis::logs::SHORT_NAMES;
use watchfire_formats::log::{FORMATS, Options, Reader, Record, Totals};
use watchfire_model::Timestamp;
use watchfire_testkit::corpus::{corpus, corpus_folder, files};
use watchfire_testkit::documents::hold;
use watchfire_testkit::evtx::channel::{self, Datum};
use watchfire_testkit::evtx::{Event, chunk, file};

/// What `each` says of all records, and what went through.
fn read<T>(bytes: &[u8], each: impl Fn(&Record<'_>) -> T) -> (Vec<T>, Totals) {
    let mut reader = Reader::new(&Options::new(Timestamp::new(1_795_435_200, 0)));
    let mut out = Vec::new();
    for block in bytes.chunks(100_000) {
        reader.push(block, &mut |record| out.push(each(record)));
    }
    reader.finish(&mut |record| out.push(each(record)));
    (out, reader.totals().clone())
}

fn ids(bytes: &[u8]) -> Vec<String> {
    read(bytes, |record| record.text_of("User").unwrap_or_default().to_owned()).0
}

fn event(id: u64, text: &str) -> Event<'_> {
    Event { id, number: 4625, text }
}

#[test]
fn events_have_the_names_of_rules() {
    let bytes = file(&[chunk(&[event(1, "alice"), event(2, "Jürgen 𝄞")])]);
    let (records, totals) = read(&bytes, |record| {
        let fields: Vec<String> = record
            .fields()
            .map(|field| format!("{}={}", field.name, field.value))
            .collect();
        (
            record.line,
            record.time.map(|time| time.at.to_string()),
            fields.join(" "),
        )
    });
    let time = Some("2026-11-22T10:00:00Z".to_owned());
    let fields = |user: &str| format!("EventID=4625 TimeCreated_SystemTime=2026-11-22T10:00:00.0000000Z User={user}");
    assert_eq!(
        records,
        [(1, time.clone(), fields("alice")), (2, time, fields("Jürgen 𝄞"))]
    );
    assert_eq!((totals.records, totals.incomplete, totals.skipped), (2, 0, 0));
}

#[test]
fn whole_logs_are_read_as_windows_writes_them() {
    let refused = |number: u32| channel::Record {
        provider: "Microsoft-Windows-Security-Auditing",
        guid: "54849625-5478-4994-a5ba-3e3b0328c30d",
        channel: "Security",
        event: (4625, 0),
        task: 12_544,
        keywords: 0x8010_0000_0000_0000,
        time: 1_793_577_600_000_000_000 + u64::from(number) * 1_000_000,
        user: (number == 2).then(|| "S-1-5-18".to_owned()),
        data: vec![
            (
                "TargetUserSid",
                Datum::Sid("S-1-5-21-1004336348-1177238915-682003330-1104".to_owned()),
            ),
            ("TargetUserName", Datum::Text(format!("user{number}"))),
            ("Status", Datum::Hex(0xc000_006d)),
            ("LogonType", Datum::Number(3)),
            ("TargetLogonId", Datum::Handle(0x3e7)),
            (
                "LogonGuid",
                Datum::Guid("a1ca8c74-86f6-0001-2e8d-a274f686d601".to_owned()),
            ),
        ],
    };
    let records: Vec<channel::Record> = (1..=400).map(refused).collect();
    let bytes = channel::log("DC01.corp.example", 50, &records);
    assert_eq!((bytes.len() - 4096) % (64 << 10), 0);
    assert!(bytes.len() > 4096 + (128 << 10), "one chunk is not enough");
    let names = [
        "Provider_Name",
        "Provider_Guid",
        "EventID",
        "Keywords",
        "TimeCreated_SystemTime",
        "EventRecordID",
        "Channel",
        "Computer",
        "Security_UserID",
        "TargetUserSid",
        "TargetUserName",
        "Status",
        "LogonType",
        "TargetLogonId",
        "LogonGuid",
    ];
    let (read, totals) = read(&bytes, |record| {
        names.map(|name| record.get(name).map(|value| value.to_string()).unwrap_or_default())
    });
    assert_eq!((totals.records, totals.incomplete, totals.skipped), (400, 0, 0));
    assert_eq!(
        read[1],
        [
            "Microsoft-Windows-Security-Auditing",
            "{54849625-5478-4994-a5ba-3e3b0328c30d}",
            "4625",
            "0x8010000000000000",
            "2026-11-02T00:00:00.0020000Z",
            "51",
            "Security",
            "DC01.corp.example",
            "S-1-5-18",
            "S-1-5-21-1004336348-1177238915-682003330-1104",
            "user2",
            "0xc000006d",
            "3",
            "0x3e7",
            "{a1ca8c74-86f6-0001-2e8d-a274f686d601}",
        ]
    );
    assert_eq!((read[2][8].as_str(), read[399][10].as_str()), ("", "user400"));
}

#[test]
fn a_damaged_chunk_does_not_lose_the_rest() {
    let chunks = [
        chunk(&[event(1, "a")]),
        chunk(&[event(2, "b"), event(3, "c")]),
        chunk(&[event(4, "d")]),
    ];
    let whole = file(&chunks);
    assert_eq!(ids(&whole), ["a", "b", "c", "d"]);
    // The signature of the second chunk is gone: its records cannot be found, those of the others can.
    let mut damaged = whole.clone();
    damaged[4096 + (64 << 10)] = 0;
    assert_eq!(ids(&damaged), ["a", "d"]);
    // The second chunk was cut in the middle: the third begins early.
    let mut cut = whole[..4096 + (64 << 10) + 5000].to_vec();
    cut.extend_from_slice(&chunks[2]);
    assert_eq!(ids(&cut), ["a", "b", "c", "d"]);
    // The first record of a chunk is overwritten: the next is found behind it, but its template is gone.
    let mut record = whole.clone();
    record[4096 + (64 << 10) + 512..][..8].fill(0xff);
    let (found, totals) = read(&record, |record| record.fault);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(totals.skipped > 0);
}

#[test]
fn damage_anywhere_ends_nothing_else() {
    let whole = file(&[chunk(&[event(1, "a"), event(2, "b")]), chunk(&[event(3, "c")])]);
    // Bits of the first chunk's header and records; what stands in the second is read whatever happens.
    for bit in (4096 * 8..(4096 + 1200) * 8).step_by(7) {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let found = ids(&damaged);
        assert_eq!(found.last().map(String::as_str), Some("c"), "bit {bit}: {found:?}");
    }
}

#[test]
fn every_event_of_the_corpus_is_read() {
    let Some(root) = corpus("every_event_of_the_corpus_is_read") else {
        return;
    };
    let expected: BTreeMap<&str, usize> = include_str!("logs_evtx_counts.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(path, count)| Some((path, count.parse().ok()?)))
        .collect();
    let (mut read_files, mut records) = (0, 0);
    for path in files(&root)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "evtx"))
    {
        let name = path
            .strip_prefix(&root)
            .expect("below the corpus")
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = fs::read(&path).expect("a file of the corpus");
        let (found, totals) = read(&bytes, |record| {
            assert!(record.get("EventID").is_some(), "{name}: an event without a number");
            assert!(
                record.get("Channel").is_some() && record.time.is_some(),
                "{name}: no channel or time"
            );
            record.fault
        });
        assert!(found.iter().all(Option::is_none), "{name}: {found:?}");
        assert_eq!(totals.skipped, 0, "{name}");
        if let Some(count) = expected.get(name.as_str()) {
            assert_eq!(found.len(), *count, "{name}");
        }
        read_files += 1;
        records += found.len();
    }
    println!("{records} events of {read_files} files");
    assert!(read_files > 0, "no file of events in the corpus");
}

#[test]
fn lines_of_the_corpus_have_format_and_time() {
    let Some(folder) = corpus_folder("lines_of_the_corpus_have_format_and_time", "loghub") else {
        return;
    };
    let mut count = 0;
    for path in files(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
    {
        let bytes = fs::read(&path).expect("a file of the corpus");
        let (without, totals) = read(&bytes, |record| {
            (record.time.is_none() || record.format.name == "text").then(|| record.text.to_owned())
        });
        let without: Vec<String> = without.into_iter().flatten().collect();
        assert!(without.is_empty(), "{}: {without:?}", path.display());
        assert_eq!(totals.malformed, 0, "{}", path.display());
        count += totals.records;
    }
    println!("{count} lines");
    assert!(count > 0, "no lines in the corpus");
}

#[test]
fn every_format_is_listed() {
    let mut table = String::from("| format | what it is | told by | times |\n|---|---|---|---|\n");
    for format in FORMATS {
        let bars = |text: &str| text.replace('|', "\\|");
        writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            format.name,
            bars(format.describes),
            bars(format.recognised),
            bars(format.time)
        )
        .expect("text");
    }
    hold("docs/logs.md", "formats", &table);
}

#[test]
fn short_names_are_those_of_the_documentation() {
    let mut table = String::from("| for short | in the schema |\n|---|---|\n");
    for (short, schema) in SHORT_NAMES {
        let names: Vec<String> = schema.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(table, "| `{short}` | {} |", names.join(", "));
    }
    hold("docs/logs.md", "short", &table);
}
