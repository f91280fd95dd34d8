//! What readers of logs promise: nothing is lost, nothing depends on how an input is cut, and values stand where they say.

use super::{length, limits};
use std::io::Cursor;
use std::sync::OnceLock;
use watchfire_analysis::logs::table::{self, TableOptions};
use watchfire_analysis::logs::{LogPart, LogReading};
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::log::{Options, Reader, Record, UserFormat, Value, ocsf, recognise};
use watchfire_model::Timestamp;
use watchfire_model::log::{EntrySink, LogEntry};

/// As long as a record may be here.
const LONGEST: usize = 16 << 10;

fn options() -> Options {
    Options {
        longest: LONGEST,
        ..Options::new(Timestamp::new(1_795_435_200, 0))
    }
}

/// Everything that a record says.
fn said(record: &Record<'_>) -> String {
    let mut out = format!(
        "{} {:?} {:?} {:?}\n",
        record.format.name, record.span, record.time, record.fault
    );
    for field in record.fields() {
        out.push_str(field.name);
        out.push('=');
        out.push_str(&field.value.to_string());
        out.push('\n');
    }
    out
}

fn read(data: &[u8], block: usize) -> Vec<String> {
    let mut reader = Reader::new(&options());
    let mut out = Vec::new();
    let mut before = 0;
    let mut take = |record: &Record<'_>| {
        let (start, end) = record.span;
        assert!(start >= before && start <= end, "records are out of order");
        assert!(end <= length(data).saturating_add(1), "a record ends behind its input");
        assert!(record.fields().len() <= 4096, "fields without bounds");
        before = start;
        for field in record.fields() {
            if let Value::Text(text) = field.value {
                assert!(text.len() <= 64 << 20, "a value without bounds");
            }
        }
        out.push(said(record));
    };
    for piece in data.chunks(block.max(1)) {
        reader.push(piece, &mut take);
    }
    reader.finish(&mut take);
    assert_eq!(reader.totals().bytes, length(data), "bytes are miscounted");
    assert_eq!(reader.totals().records, out.len() as u64, "records are miscounted");
    out
}

/// Any bytes are records, however they are cut.
pub fn log(data: &[u8]) {
    let whole = read(data, data.len());
    // Where a record is cut depends on how much of it was there; shorter ones are the same.
    if data.len() < LONGEST {
        assert_eq!(whole, read(data, 7), "the cuts changed what was read");
    }
    if let Some(format) = recognise(data) {
        assert!(!format.name.is_empty(), "a format without a name");
        ocsf::name(format, "user");
    }
}

/// Files of events, whole and cut; what is damaged in a chunk stays in it.
pub fn log_evtx(data: &[u8]) {
    let mut file = b"ElfFile\0".to_vec();
    file.resize(4096, 0);
    file.extend_from_slice(data);
    assert_eq!(
        read(&file, file.len()),
        read(&file, 5000),
        "the cuts changed what was read"
    );
    read(data, data.len());
}

/// Formats of users: the first line is the pattern, the others are read by it.
pub fn log_user(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (pattern, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (formats, bad) = UserFormat::read(&format!("x {pattern}"));
    assert!(formats.len() + bad.len() <= 1, "one line is one format");
    let options = Options {
        user: formats.into(),
        ..options()
    };
    let mut reader = Reader::new(&options);
    reader.push(rest.as_bytes(), &mut |_| ());
    reader.finish(&mut |_| ());
}

/// Counts what goes to the timeline.
#[derive(Default)]
struct Counted(u64);

impl EntrySink for Counted {
    fn wants_all(&self) -> bool {
        true
    }

    fn entry(&mut self, _: &LogEntry) {
        self.0 += 1;
    }
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        Engine::new(Settings {
            limits: limits(),
            ..Settings::default()
        })
    })
}

fn looked_at(files: [&[u8]; 2], threads: usize) -> Analysis {
    let mut names = ["a.log", "b.log"].into_iter().zip(files);
    let next = || {
        let (name, bytes) = names.next()?;
        let part: LogPart<'_> = (name.into(), Box::new(Cursor::new(bytes)));
        Some(part)
    };
    let reading = LogReading {
        threads,
        top: vec!["user.name".to_owned()],
        ..LogReading::new(Timestamp::new(1_795_435_200, 0))
    };
    let mut counted = Counted::default();
    let analysis = engine().read_logs(next, &reading, Some(&mut counted), &engine().budget());
    let records = analysis
        .log
        .as_ref()
        .map(|log| log.all.records.saturating_sub(log.left_out));
    assert_eq!(
        Some(counted.0),
        records,
        "every record goes to the timeline, or is left out"
    );
    for diagnostic in &analysis.diagnostics {
        assert!(!diagnostic.code.ends_with("-panic"), "{}", diagnostic.message.raw());
    }
    analysis
}

/// Any two files are looked at to their ends, and alike by one thread and by three.
pub fn logs(data: &[u8]) {
    let (one, other) = data.split_at(data.len() / 3);
    let alone = looked_at([one, other], 1);
    assert!(alone == looked_at([one, other], 3), "threads changed what was found");
}

/// Any bytes are a table, or none; a row stands where it says.
pub fn log_table(data: &[u8]) {
    let reading = LogReading::new(Timestamp::new(1_795_435_200, 0));
    let budget = engine().budget();
    let options = TableOptions::default();
    let found = table::judge(&mut { data }, None, &options, &reading, &budget)
        .unwrap_or_default()
        .found;
    assert!(
        found.rows + found.left_out <= found.records,
        "there are more rows than records"
    );
    for row in &found.raised {
        assert!((0.0..=1.0).contains(&row.p_value), "{} is no probability", row.p_value);
    }
}

/// One line or small file of each family.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    [
        "Nov 22 10:00:00 h sshd[1]: Failed password for invalid user a b from 192.0.2.1 port 5 ssh2\n",
        "<34>1 2026-11-22T22:14:15.003Z h app 7 ID [a@1 b=\"c\\\"\" d=\"e\"] text\n",
        "29 <13>Nov  3 10:00:01 h a: one\n12 <13>x: def\n",
        "Nov 22 10:00:00 h sudo: a : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh\n",
        "type=SYSCALL msg=audit(1364481363.243:24287): a0=1 comm=\"cat\"\ntype=PROCTITLE msg=audit(1364481363.243:24287): proctitle=6361740061\n",
        "__CURSOR=1\n__REALTIME_TIMESTAMP=1795341600000000\nMESSAGE=x\n\n__CURSOR=2\nA\n\x05\0\0\0\0\0\0\0hello\n\n",
        "{\"Records\":[{\"eventTime\":\"2026-11-22T10:00:00Z\",\"a\":{\"b\":[1,2.5,null,\"\\u00e4\"]}},{}]}",
        "{\"ts\":1795341600.5,\"uid\":\"C1\",\"id.orig_h\":\"192.0.2.1\"}\n{\"EventID\":1,\"Channel\":\"x\"}\n",
        "192.0.2.1 - - [10/Oct/2026:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 2326 \"-\" \"x\"\n",
        "[Wed Oct 11 14:32:52.1 2026] [core:error] [pid 3:tid 4] [client 192.0.2.1:5] AH00126: x\n",
        "2026/10/11 14:32:52 [error] 12#34: *5 x, client: 192.0.2.1, request: \"GET / HTTP/1.1\"\n",
        "#Software: Microsoft IIS\n#Fields: date time c-ip\n2026-11-22 10:00:00 192.0.2.1\n",
        "#separator \\x09\n#fields\tts\tuid\n#types\ttime\tset[string]\n1795341600.1\ta,b\n",
        "Nov 22 10:00:00 h CEF:0|a|b|c|d|e|5|x=1 rt=1795341600123 y=2 \\= z\n",
        "LEEF:2.0|a|b|c|d|^|x=1^devTime=2026-11-22T10:00:00Z\n",
        "date=2026-11-22 time=10:00:00 devname=\"f\" devid=\"F\" logid=\"1\" tz=\"+0200\" a=b\n",
        "Nov 22 10:00:00 h kernel: [1.2] [UFW BLOCK] IN=e OUT= SRC=192.0.2.1 DST=192.0.2.2 DPT=22 SYN\n",
        "Nov 22 10:00:00 f filterlog[5]: 5,,,1,em0,match,block,in,4,0x0,,64,1,0,DF,6,tcp,60,192.0.2.1,192.0.2.2,4,22,0,S\n",
        "<166>Nov 22 2026 10:00:00 f : %ASA-6-302013: Built inbound TCP connection 1 for o:192.0.2.1/1 (x) to i:10.0.0.1/2 (y)\n",
        "1,2026/11/22 10:00:00,1,TRAFFIC,end,1,2026/11/22 10:00:00,192.0.2.1,192.0.2.2\n",
        "1795341600.123 200 192.0.2.1 TCP_MISS/200 1234 GET http://example.com/ - HIER_DIRECT/192.0.2.2 text/html\n",
        "Nov 22 10:00:00 h haproxy[1]: 192.0.2.1:3 [22/Nov/2026:10:00:00.655] f b/s 1/0/3/6/1 200 2 - - ---- 1/1/1/1/0 0/0 {x} \"GET / HTTP/1.1\"\n",
        "Nov 22 10:00:00 h postfix/smtp[5]: 3F1A2B3C: to=<b@example.com>, status=sent (250 OK, x)\n",
        "22-Nov-2026 10:00:00.123 queries: info: client @0x7 192.0.2.1#53 (x): query: x IN A + (192.0.2.2)\n",
        "11/22/2026 1:05:09 PM 0E9C PACKET  0 UDP Rcv 192.0.2.1 b4 Q [0001 D NOERROR] A (3)www(0)\n",
        "ID,Date,Time,Description,IP Address,Host Name\n10,11/22/26,10:00:00,Assign,192.0.2.7,x\n",
        "\"S\",\"IAS\",11/22/2026,10:00:00,1,\"bob\"\n",
        "<Events><Event xmlns='x'><System><Provider Name='p'/><EventID>1</EventID></System><EventData><Data Name='a'>&lt;b</Data></EventData></Event></Events>",
        "**********************\nWindows PowerShell transcript start\nStart time: 20261122100000\n**********************\nPS C:\\> a\nb\n",
        "\"_time\",\"_raw\"\n\"2026-11-22T10:00:00Z\",\"Nov 22 10:00:00 h a: \"\"b\"\"\nc\"\n",
        "2026-11-22T10:00:00.1Z stderr F {\"level\":\"info\"}\n",
        "2026-11-22 10:00:00,123 INFO [main] x\n081109 203615 148 INFO x\n[10.30 16:49:06] x\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into_iter()
    .chain(["Nov 22 10:00:00 h a: \u{e4}\n".encode_utf16().flat_map(u16::to_le_bytes).collect()])
    .collect()
}

/// A pattern and lines.
pub(super) fn seeds_of_users() -> Vec<Vec<u8>> {
    vec![
        b"%{IP:a} %{USER:[b][c]} %{POSINT:port}\n192.0.2.1 bob 22\n".to_vec(),
        b"(?<time>\\d+) (?<x>.*)\n1795341600 y\n".to_vec(),
    ]
}

/// A chunk with one event by a template.
pub(super) fn seeds_of_evtx() -> Vec<Vec<u8>> {
    vec![crate::evtx::chunk(&[crate::evtx::Event {
        id: 1,
        number: 4625,
        text: "bob",
    }])]
}
