//! The command `capture`: one sequence out of many files, records as they come, files and passwords that were carried.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, Ran, schema};
use serde_json::Value;
use std::fs;
use watchfire_testkit::archive::gzip;
use watchfire_testkit::capture::{Conversation, Pcap, PcapNg, TimedFrame, client_hello, http_response, server_hello};

/// Somebody logs in over HTTP and gets a file by a name that leads elsewhere; somebody else speaks TLS.
fn frames() -> Vec<TimedFrame> {
    let request =
        b"GET /d/..%2f..%2fa.txt HTTP/1.1\r\nHost: files.example\r\nAuthorization: Basic dXNlcjpodW50ZXIy\r\n\r\n";
    let http = Conversation::new("10.0.5.23:50000", "198.51.100.9:80")
        .open()
        .client(request)
        .server(&http_response("text/plain", b"see http://cdn-update.example/x"))
        .close();
    let tls = Conversation::new("10.0.5.24:50001", "203.0.113.66:443")
        .open()
        .client(&client_hello("cdn-update.example", [7; 32]))
        .server(&server_hello([8; 32]))
        .close();
    [http.frames(), tls.frames()].concat()
}

fn pcap(frames: &[TimedFrame]) -> Vec<u8> {
    Pcap::new(1).frames(frames).build()
}

fn capture(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.run(&[&["capture", "-q", "--as-of", "2026-11-21"], arguments].concat())
}

/// The lines of NDJSON, each held to the schema.
fn records(bed: &Bed, arguments: &[&str]) -> Vec<Value> {
    let ran = capture(bed, &[&["--format", "ndjson"], arguments].concat());
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).unwrap();
    let lines = ran.stdout.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
        let problems = schema::problems(&schema, &value);
        assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
        value
    });
    lines.collect()
}

/// Those lines of a kind, without what the names of the files decide.
fn of_kind(records: &[Value], kinds: &[&str]) -> Vec<Value> {
    let wanted = |record: &&Value| kinds.contains(&record["record"].as_str().unwrap());
    records.iter().filter(wanted).cloned().collect()
}

#[test]
fn files_are_read_as_they_were_captured_whatever_they_are_called() {
    let bed = Bed::new("capture-order");
    let frames = frames();
    bed.write("whole.pcap", pcap(&frames));
    // As `tcpdump -C` calls them; by their names the tenth comes before the second.
    bed.write("parts/x2", pcap(&frames[..5]));
    bed.write("parts/x10", gzip(&pcap(&frames[5..])));
    bed.write("parts/x1", "no capture");
    let whole = records(&bed, &["whole.pcap"]);
    let parts = records(&bed, &["parts"]);
    let traffic = ["flow", "event"];
    assert_eq!(of_kind(&whole, &traffic), of_kind(&parts, &traffic));
    let named = records(&bed, &["parts/x10", "parts/x2"]);
    assert_eq!(of_kind(&whole, &traffic), of_kind(&named, &traffic));
}

#[test]
fn files_are_one_sequence_however_they_are_cut_and_packed() {
    let bed = Bed::new("capture-sequence");
    let frames = frames();
    bed.write("whole.pcap", pcap(&frames));
    bed.write("parts/1.pcap", pcap(&frames[..5]));
    bed.write("parts/2.pcap.gz", gzip(&pcap(&frames[5..])));
    let whole = records(&bed, &["whole.pcap"]);
    let parts = records(&bed, &["parts"]);
    let traffic = ["flow", "event"];
    assert!(!of_kind(&whole, &traffic).is_empty());
    assert_eq!(of_kind(&whole, &traffic), of_kind(&parts, &traffic));
    let piped = bed.pipe(&["capture", "-q", "--format", "ndjson", "-"], &gzip(&pcap(&frames)));
    let piped: Vec<Value> = piped
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(of_kind(&whole, &traffic), of_kind(&piped, &traffic));
    for threads in ["2", "4"] {
        assert_eq!(
            records(&bed, &["whole.pcap", "-j", threads]),
            whole,
            "{threads} threads"
        );
    }
}

#[test]
fn the_report_names_the_files_of_a_sequence() {
    let bed = Bed::new("capture-files");
    let frames = frames();
    bed.write("1.pcap", pcap(&frames[..5]));
    bed.write("2.pcap", pcap(&frames[5..]));
    let ran = capture(&bed, &["1.pcap", "2.pcap", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    assert_eq!(schema::problems(&schema, &report), Vec::<String>::new(), "{report:#}");
    let files = &report["artifacts"][0]["capture"]["files"];
    assert_eq!(files[1]["name"], "2.pcap", "{files:#}");
    assert_eq!(files[1]["first_frame"], 6, "{files:#}");
}

#[test]
fn what_is_no_capture_is_named_and_the_rest_is_read() {
    let bed = Bed::new("capture-none");
    bed.write("note.txt", "nothing of a network");
    bed.write("net.pcap", pcap(&frames()));
    let ran = capture(&bed, &["note.txt"]);
    ran.expect(2, &["error: 'note.txt' is no capture of a network"]);
    assert_eq!(ran.stderr.matches("triage reads anything").count(), 1, "{ran:#?}");
    let ran = capture(&bed, &["note.txt", "net.pcap", "nowhere.pcap"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    assert!(
        ran.stdout.contains("2 flows") && ran.stdout.contains("note.txt"),
        "{ran:#?}"
    );
    capture(&bed, &["nowhere.pcap"]).expect(
        2,
        &["error: cannot read 'nowhere.pcap': there is no such file or folder"],
    );
}

#[test]
fn files_that_were_carried_are_written_under_harmless_names() {
    let bed = Bed::new("capture-carried");
    bed.write("net.pcap", pcap(&frames()));
    let ran = capture(&bed, &["net.pcap", "--extract", "out"]);
    assert!(ran.stdout.contains("1 file that was carried was written"), "{ran:#?}");
    let names: Vec<String> = fs::read_dir(bed.folder.join("in/out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["00000006-http-_2f.._2fa.txt"]);
    let written = fs::read_to_string(bed.folder.join("in/out").join(&names[0])).unwrap();
    assert_eq!(written, "see http://cdn-update.example/x");
}

/// A client gets a file over FTP, whose name is on one connection and whose content is on another; and somebody says something
/// to somebody, over TCP, that nobody answers.
fn transferred() -> Vec<TimedFrame> {
    let control = Conversation::new("10.0.5.23:50000", "198.51.100.9:21")
        .open()
        .server(b"220 ready\r\n")
        .client(b"USER ann\r\n")
        .server(b"331 who is it?\r\n")
        .client(b"PASS secret\r\n")
        .server(b"230 come in\r\n")
        .client(b"PASV\r\n")
        .server(b"227 Entering Passive Mode (198,51,100,9,200,10)\r\n")
        .client(b"RETR /pub/notes.txt\r\n")
        .server(b"150 here it comes\r\n");
    let before = control.frames().len();
    let control = control.server(b"226 done\r\n").close();
    let data = Conversation::new("10.0.5.23:50001", "198.51.100.9:51210")
        .open()
        .server(b"plain words in plain letters, as notes have them\n")
        .close();
    let alone = Conversation::new("10.0.5.23:50002", "198.51.100.9:4000")
        .open()
        .server(b"some words of no protocol, which nobody answers\n")
        .close();
    let (first, last) = control.frames().split_at(before);
    [first, data.frames(), last, alone.frames()].concat()
}

#[test]
fn files_are_written_under_names_that_are_said_elsewhere_and_what_is_no_file_is_not() {
    let bed = Bed::new("capture-transferred");
    bed.write("net.pcap", pcap(&transferred()));
    let ran = capture(&bed, &["net.pcap", "--extract", "out", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let carried = &report["artifacts"][0]["capture"]["carried"];
    assert_eq!(carried.as_array().map(Vec::len), Some(1), "{carried:#}");
    let names: Vec<String> = fs::read_dir(bed.folder.join("in/out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].ends_with("-notes.txt"), "{names:?}");
}

#[test]
fn what_was_carried_is_looked_into() {
    let bed = Bed::new("capture-inside");
    bed.write("net.pcap", pcap(&frames()));
    let lines = records(&bed, &["net.pcap"]);
    let url = lines.iter().find(|line| line["value"] == "http://cdn-update.example/x");
    let url = url.unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(url["source"].as_str().unwrap().contains("net.pcap"), "{url:#}");
}

#[test]
fn passwords_are_masked_unless_they_are_asked_for() {
    let bed = Bed::new("capture-passwords");
    bed.write("net.pcap", pcap(&frames()));
    for format in ["text", "json", "ndjson"] {
        let hidden = capture(&bed, &["net.pcap", "--format", format]);
        assert!(!hidden.stdout.contains("hunter2"), "{format}: {hidden:#?}");
        let shown = capture(&bed, &["net.pcap", "--format", format, "--show-secrets"]);
        assert!(shown.stdout.contains("hunter2"), "{format}: {shown:#?}");
    }
    let report = capture(&bed, &["net.pcap"]);
    assert!(report.stdout.contains("passwords in clear over http"), "{report:#?}");
}

/// A row of a log of Zeek, by the names of its columns.
fn zeek_rows(bed: &Bed, log: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let text = fs::read_to_string(bed.folder.join("in").join(log)).unwrap();
    let names: Vec<&str> = text
        .lines()
        .find_map(|line| line.strip_prefix("#fields\t"))
        .unwrap()
        .split('\t')
        .collect();
    assert!(text.lines().last().unwrap().starts_with("#close\t"), "{text}");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(row.split('\t').map(str::to_owned))
            .collect()
    })
    .collect()
}

#[test]
fn logs_of_zeek_and_suricata_are_written_beside_the_report() {
    let bed = Bed::new("capture-logs");
    bed.write("net.pcap", pcap(&frames()));
    let ran = capture(&bed, &["net.pcap", "--zeek-logs", "zeek", "--eve", "eve.json"]);
    assert!(ran.stdout.contains("2 flows") && ran.code == 0, "{ran:#?}");
    let mut names: Vec<String> = fs::read_dir(bed.folder.join("in/zeek"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["conn.log", "files.log", "http.log", "ssl.log"]);
    let (conn, http) = (zeek_rows(&bed, "zeek/conn.log"), zeek_rows(&bed, "zeek/http.log"));
    assert_eq!((conn.len(), http.len()), (2, 1));
    assert_eq!(http[0]["host"], "files.example");
    assert_eq!(
        (http[0]["username"].as_str(), http[0]["password"].as_str()),
        ("user", "***")
    );
    assert!(conn.iter().any(|flow| flow["uid"] == http[0]["uid"]), "{conn:#?}");

    let eve = fs::read_to_string(bed.folder.join("in/eve.json")).unwrap();
    let eve: Vec<Value> = eve.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = eve.iter().map(|line| line["event_type"].as_str().unwrap()).collect();
    for (kind, count) in [("flow", 2), ("http", 1), ("tls", 1), ("fileinfo", 1)] {
        assert_eq!(
            kinds.iter().filter(|other| **other == kind).count(),
            count,
            "{kind}: {kinds:?}"
        );
    }
    let [request, flow] = ["http", "flow"].map(|kind| eve.iter().find(|line| line["event_type"] == kind).unwrap());
    assert_eq!(request["flow_id"], flow["flow_id"]);
    assert_eq!(request["community_id"], flow["community_id"]);
    assert!(!eve.iter().any(|line| line.to_string().contains("hunter2")));
}

#[test]
fn logs_are_the_same_for_any_number_of_threads() {
    let bed = Bed::new("capture-logs-threads");
    bed.write("net.pcap", pcap(&frames()));
    let read = |threads: &str| {
        let to = format!("zeek{threads}");
        capture(&bed, &["net.pcap", "-j", threads, "--zeek-logs", &to, "--zeek-json"]);
        ["conn", "http", "ssl", "files"]
            .map(|log| fs::read_to_string(bed.folder.join(format!("in/{to}/{log}.log"))).unwrap())
    };
    let one = read("1");
    for line in one.iter().flat_map(|log| log.lines()) {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(row["ts"].is_number() && row["uid"].is_string(), "{row:#}");
    }
    assert_eq!(read("4"), one);
}

#[test]
fn logs_of_an_earlier_run_are_replaced_and_those_that_stay_are_named() {
    let bed = Bed::new("capture-logs-again");
    bed.write("net.pcap", pcap(&frames()));
    bed.write("zeek/conn.log", "old");
    bed.write("zeek/smtp.log", "old");
    let ran = capture(&bed, &["net.pcap", "--zeek-logs", "zeek"]);
    assert!(
        ran.stdout.contains("logs that are not of this run: smtp.log"),
        "{ran:#?}"
    );
    assert_eq!(zeek_rows(&bed, "zeek/conn.log").len(), 2);
    assert_eq!(fs::read_to_string(bed.folder.join("in/zeek/smtp.log")).unwrap(), "old");
}

#[test]
fn lines_of_suricata_on_standard_output_are_alone_there() {
    let bed = Bed::new("capture-eve-stdout");
    bed.write("net.pcap", pcap(&frames()));
    let ran = capture(&bed, &["net.pcap", "--eve", "-"]);
    assert!(
        ran.json_lines().iter().all(|line| line["event_type"].is_string()),
        "{ran:#?}"
    );
    let both = capture(
        &bed,
        &["net.pcap", "--eve", "-", "--format", "json", "--output", "report.json"],
    );
    assert_eq!(both.stdout, ran.stdout);
    let report = fs::read_to_string(bed.folder.join("in/report.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&report).unwrap()["judgement"].is_object());
}

#[test]
fn logs_that_cannot_be_written_are_named() {
    let bed = Bed::new("capture-logs-refused");
    bed.write("net.pcap", pcap(&frames()));
    bed.write("file", "");
    fs::create_dir_all(bed.folder.join("in/zeek/conn.log")).unwrap();
    for (flag, path, why) in [
        ("--zeek-logs", "file", "error: cannot write to 'file': "),
        (
            "--zeek-logs",
            "zeek",
            "error: cannot write 'zeek/conn.log': it is a folder",
        ),
        ("--eve", "nowhere/eve.json", "error: cannot write 'nowhere/eve.json': "),
        ("--eve", "net.pcap", "error: cannot write 'net.pcap': it is to be read"),
    ] {
        let ran = capture(&bed, &["net.pcap", flag, path]);
        assert!(ran.code == 2 && ran.stderr.contains(why), "{ran:#?}");
    }
}

#[test]
fn a_table_has_a_row_for_each_flow() {
    let bed = Bed::new("capture-csv");
    bed.write("net.pcap", pcap(&frames()));
    let ran = capture(&bed, &["net.pcap", "--format", "csv"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{ran:#?}");
    let columns = lines[0].split(',').count();
    assert!(
        lines[0].starts_with("first,last,seconds,protocol,services,originator,"),
        "{ran:#?}"
    );
    assert!(lines.iter().all(|line| line.split(',').count() == columns), "{ran:#?}");
    assert!(
        lines[1..]
            .iter()
            .any(|line| line.contains(",tcp,http,10.0.5.23,50000,198.51.100.9,80,SF,")),
        "{ran:#?}"
    );
}

#[test]
fn what_a_capture_says_of_itself_is_told() {
    let bed = Bed::new("capture-described");
    let frame = &frames()[0];
    let file = PcapNg::default()
        .interface(1, 0, &[(2, b"eth0"), (9, &[9])])
        .frame(0, frame.time, &frame.bytes, &[(1, b"looked \x1b[2Jodd")])
        .statistics(0, &[(4, 100), (5, 7), (7, 7)]);
    bed.write("net.pcapng", file.build());
    let ran = bed.wide(&["capture", "net.pcapng"]);
    for said in [
        "7 of 100 frames were dropped on 'eth0'",
        "somebody noted of frame 1: 'looked \\u{1b}[2Jodd'",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {ran:#?}");
    }
}
