//! `watchfire knowledge` as a person meets it: what is known, how old it is, and what takes its place.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use common::schema::problems;
use std::fs;
use watchfire_testkit::places::{city, database, network};

fn cities() -> Vec<u8> {
    database(
        "Own-City",
        1_793_448_000,
        &[
            ("45.133.1.0/24", city("BE", "Gent")),
            ("8.8.8.0/24", city("FR", "Paris\u{1b}[2J")),
        ],
    )
}

fn networks() -> Vec<u8> {
    database(
        "Own-ASN",
        1_793_448_000,
        &[("45.133.1.0/24", network(64_500, "Example \u{202e}Hosting"))],
    )
}

#[track_caller]
fn place(bed: &Bed, address: &str) -> String {
    let line = &bed.run(&["check", "-q", "-f", "ndjson", address]).json_lines()[0];
    let field = |name: &str| match &line[name] {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    ["country", "city", "asn", "located_by"].map(field).join(" ")
}

#[test]
fn each_table_says_whose_it_is_and_how_old() {
    let bed = Bed::new("knowledge-status");
    let ran = bed.wide(&["knowledge", "status", "--as-of", "2026-11-22"]);
    ran.expect(0, &[]);
    for part in [
        "geography   embedded  158 days ",
        "of 2026-06-17; ",
        "from iptoasn.com; Route Views, NRO, DB-IP (https://db-ip.com); PDDL 1.0; CC BY 4.0",
        "lists       embedded  24 hours to 6 years ",
        "of 2020-02-26 to 2026-11-21; ",
        "attack      embedded  over 24 hours ",
        "suffixes    embedded  over 24 hours ",
        "not dated, taken on 2026-11-21; ",
        "reserved    embedded  - ",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    let card = bed.run(&["check", "--as-of", "2026-11-22", "8.8.8.8"]).stdout;
    assert!(card.contains("places by data of 2026-06"), "{card}");
    let licences = bed.run(&["--version", "--licenses"]).stdout;
    for part in [
        "https://db-ip.com",
        "nro.net",
        "routeviews.org",
        "iptoasn.com",
        "CC0-1.0",
        "MITRE",
    ] {
        assert!(licences.contains(part), "{part}");
    }
    bed.write("note.txt", "8.8.8.8\n");
    for arguments in [
        &["triage", "-q", "-f", "json", "note.txt"][..],
        &["check", "-q", "-f", "json", "8.8.8.8"],
    ] {
        let report: serde_json::Value = serde_json::from_str(&bed.run(arguments).stdout).unwrap();
        let data = report["data"].to_string();
        for part in [
            "https://db-ip.com",
            "iptoasn.com",
            "NRO",
            "Route Views",
            "CC BY 4.0",
            "misp-warninglists",
        ] {
            assert!(data.contains(part), "{part}: {data}");
        }
    }
}

#[test]
fn a_database_of_ones_own_wins_and_is_named() {
    let bed = Bed::new("knowledge-own");
    assert_eq!(place(&bed, "45.133.1.20"), "NL - 203320 -");
    bed.write("cities.mmdb", cities());
    bed.run(&["knowledge", "import", "cities.mmdb"])
        .expect(0, &[" Own-City of 2026-10-31 is in use for city"]);
    assert_eq!(place(&bed, "45.133.1.20"), "BE Gent 203320 Own-City");
    bed.write("networks.bin", networks());
    bed.run(&["knowledge", "import", "-q", "networks.bin"]).expect(0, &[]);
    assert_eq!(place(&bed, "45.133.1.20"), "BE Gent 64500 Own-ASN, Own-City");
    assert_eq!(place(&bed, "193.0.6.139"), "NL - 3333 -");
    let card = bed.run(&["check", "45.133.1.20"]).stdout;
    for part in [
        "BE Gent AS64500 Example",
        "(Own-ASN, Own-City)",
        "places by Own-ASN of 2026-10, then",
        "then data of 2026-06",
    ] {
        assert!(
            card.split_whitespace().collect::<Vec<_>>().join(" ").contains(part),
            "{part}: {card}"
        );
    }
    for value in ["45.133.1.20", "8.8.8.8"] {
        let shown = bed.run(&["check", value]).stdout;
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }
    let schema: serde_json::Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).unwrap();
    for line in bed.run(&["check", "-q", "-f", "ndjson", "45.133.1.20"]).json_lines() {
        assert_eq!(problems(&schema, &line), Vec::<String>::new(), "{line}");
    }
    bed.write("note.txt", "45.133.1.20\n");
    let seen = &bed.run(&["extract", "-q", "-f", "ndjson", "note.txt"]).json_lines()[0];
    assert_eq!(
        (seen["city"].as_str(), seen["located_by"].as_str()),
        (Some("Gent"), Some("Own-ASN, Own-City"))
    );
    let status = bed.wide(&["knowledge", "status"]).stdout;
    assert!(
        status.contains("own-city ")
            && status.contains("of 2026-10-31; from Own-City; yours")
            && status.contains("own-asn "),
        "{status}"
    );
    bed.run(&["knowledge", "rollback"])
        .expect(0, &[" 'networks.bin' is out of use"]);
    bed.run(&["knowledge", "rollback"])
        .expect(0, &[" 'cities.mmdb' is out of use"]);
    assert_eq!(place(&bed, "45.133.1.20"), "NL - 203320 -");
    bed.run(&["knowledge", "rollback"])
        .expect(2, &["error: no imported knowledge is in use"]);
}

#[test]
fn a_damaged_database_is_refused_and_the_old_one_stays() {
    let bed = Bed::new("knowledge-bad");
    let whole = cities();
    bed.write("cities.mmdb", &whole);
    bed.run(&["knowledge", "import", "-q", "cities.mmdb"]).expect(0, &[]);
    let tree = {
        let mut bytes = whole.clone();
        bytes[2] = 0xff;
        bytes[1] = 0xff;
        bytes
    };
    for (name, bytes) in [
        ("cut.mmdb", whole[..whole.len() / 2].to_vec()),
        ("tree.mmdb", tree),
        ("text.mmdb", b"8.8.8.8\n".to_vec()),
        ("empty.mmdb", Vec::new()),
    ] {
        bed.write(name, bytes);
        let ran = bed.run(&["knowledge", "import", name]);
        ran.expect(2, &[]);
        assert!(
            ran.stderr
                .starts_with(&format!("error: cannot read knowledge '{name}': ")),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("damaged"), "{ran:?}");
    }
    bed.run(&["knowledge", "import", "missing.mmdb"]).expect(2, &[]);
    assert_eq!(place(&bed, "45.133.1.20"), "BE Gent 203320 Own-City");
    // Damaged where it is kept: the embedded tables answer, and it is said.
    let folder = bed.folder.join("home/.local/share/watchfire/knowledge");
    for entry in fs::read_dir(folder).unwrap() {
        fs::write(entry.unwrap().path(), b"damage").unwrap();
    }
    assert_eq!(place(&bed, "45.133.1.20"), "NL - 203320 -");
    let told = bed.run(&["check", "-q", "-f", "json", "8.8.8.8"]).stdout;
    assert!(told.contains("knowledge 'own-city': it is no database"), "{told}");
    assert!(bed.wide(&["knowledge", "status"]).stdout.contains("damaged"));
}

#[test]
fn nothing_is_fetched_that_nobody_configured() {
    let bed = Bed::new("knowledge-update");
    bed.run(&["knowledge", "update"])
        .expect(2, &["error: no address is configured to fetch knowledge from"]);
    bed.write(
        "watchfire.toml",
        "[knowledge]\nurl = \"https://feeds.example/intel.bundle\"\n",
    );
    bed.run(&["knowledge", "update", "--config", "watchfire.toml", "--offline"])
        .expect(2, &["error: knowledge cannot be fetched: the network is forbidden"]);
    bed.run(&["knowledge", "update", "--config", "watchfire.toml"])
        .expect(2, &["error: no key is configured whose bundles are taken"]);
}

/// Answers every request for a file of `folder` until the test ends, with `ETag: "1"`, and writes down what was asked.
fn serve(folder: std::path::PathBuf) -> (u16, std::sync::mpsc::Receiver<String>) {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, seen) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(Result::ok);
            let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let path = request[0].split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
            let fresh = request
                .iter()
                .any(|line| line.eq_ignore_ascii_case("if-none-match: \"1\""));
            let (status, body) = match fs::read(folder.join(&path)) {
                _ if fresh => ("304 Not Modified", Vec::new()),
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nETag: \"1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            // Before the answer, which may be all that the client waits for.
            let _ = asked.send(format!("{path} {status}"));
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    (port, seen)
}

#[test]
fn a_signed_bundle_is_fetched_when_it_has_changed() {
    let near = Bed::new("knowledge-near");
    near.write("c2.txt", "45.133.1.20\n");
    near.run(&["feeds", "import", "-q", "c2.txt", "--grade", "A"])
        .expect(0, &[]);
    let key = near.run(&["feeds", "key", "-q", "own.key"]).stdout;
    let export = ["feeds", "export", "-q", "--bundle", "intel.bundle", "--key", "own.key"];
    near.run(&export).expect(0, &[]);
    let (port, seen) = serve(near.folder.join("in"));
    let far = Bed::new("knowledge-far");
    let configured = |name: &str| {
        let text = format!(
            "[bundles]\nkeys = [\"{}\"]\n[knowledge]\nurl = \"http://127.0.0.1:{port}/{name}\"\n",
            key.trim()
        );
        far.write("watchfire.toml", text)
    };
    let update = || far.run(&["--config", "watchfire.toml", "knowledge", "update"]);
    configured("missing.bundle");
    let ran = update();
    ran.expect(2, &["hint: has it moved?"]);
    assert!(ran.stderr.contains("(HTTP 404)"), "{ran:?}");
    configured("intel.bundle");
    let ran = update();
    ran.expect(0, &["   c2: 1 indicators"]);
    assert!(ran.stderr.contains("1 feed, geography"), "{ran:?}");
    update().expect(0, &[" unchanged"]);
    let all: Vec<String> = seen.try_iter().collect();
    assert_eq!(
        all,
        [
            "missing.bundle 404 Not Found",
            "intel.bundle 200 OK",
            "intel.bundle.minisig 200 OK",
            "intel.bundle 304 Not Modified"
        ]
    );
    // Somebody on the way changes a byte.
    far.run(&["knowledge", "rollback", "-q"]).expect(0, &[]);
    let path = near.folder.join("in/intel.bundle");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 2000;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = update();
    ran.expect(2, &[]);
    assert!(ran.stderr.contains("the signature does not fit"), "{ran:?}");
    let folder = far.folder.join("home/.local/share/watchfire");
    let left = fs::read_dir(folder).unwrap().flatten();
    let left: Vec<_> = left
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
