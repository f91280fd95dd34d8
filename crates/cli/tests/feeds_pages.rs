//! Feeds in pages and in parts: NVD, GitHub, OTX, collections of TAXII 2.1, MISP feeds; and pages that lead astray.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

mod common;

use common::server::{Asked, Reply, Server};
use common::{Bed, Ran};
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

const TAXII: &str = "application/taxii+json;version=2.1";

fn update(bed: &Bed, url: &str, format: &str, more: &[&str]) -> Ran {
    bed.add_feed("own", url, &[&["--format", format], more].concat());
    bed.run(&["feeds", "update", "--force"])
}

/// How many indicators are in use.
fn in_use(bed: &Bed) -> u64 {
    let list = bed.wide(&["feeds", "list"]).stdout;
    let row = list.lines().last().unwrap();
    row.split_whitespace().nth(1).unwrap().parse().unwrap_or(0)
}

fn parameter<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    let query = asked.target.split_once('?')?.1;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value)
}

fn indicator(number: usize) -> Value {
    json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{number}"),
        "pattern_type": "stix", "pattern": format!("[ipv4-addr:value = '203.0.113.{number}']"),
    })
}

fn nvd(start: usize, total: usize) -> Reply {
    let cve = |number| json!({"cve": {"id": format!("CVE-2026-{:04}", 1000 + number)}});
    let all: Vec<Value> = (start..total.min(start + 2)).map(cve).collect();
    Reply::ok(
        json!({"format": "NVD_CVE", "startIndex": start, "totalResults": total, "vulnerabilities": all}).to_string(),
    )
}

#[test]
fn pages_of_nvd_become_one_version_and_too_often_is_waited_out() {
    let bed = Bed::new("pages-nvd");
    let refused = AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        let start = parameter(asked, "startIndex").map_or(0, |text| text.parse().unwrap());
        if start == 2 && refused.fetch_add(1, Ordering::SeqCst) == 0 {
            return Reply::new(403, "").header("Retry-After", "1");
        }
        nvd(start, 5).header("ETag", "\"page\"")
    });
    update(&bed, &server.url("/cves/2.0?noRejected"), "nvd", &[]).expect(0, &[" own: 5 indicators, read as nvd"]);
    let targets: Vec<String> = server.asked().iter().map(|asked| asked.target.clone()).collect();
    assert_eq!(targets.len(), 4, "{targets:?}");
    assert!(targets[3].ends_with("startIndex=4"), "{targets:?}");
    // One page's validator says nothing of the others.
    bed.run(&["feeds", "update", "--force"]).expect(0, &[]);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.header("if-none-match").is_empty())
    );
}

#[test]
fn a_collection_of_taxii_is_read_to_its_end_with_a_name_and_a_password() {
    let bed = Bed::new("pages-taxii");
    let server = Server::start(|asked| {
        if asked.header("accept") != TAXII || asked.header("authorization") != "Basic bWU6cHc=" {
            return Reply::new(401, "");
        }
        assert_eq!(asked.path(), "/api/collections/91a7/objects/");
        let page = match parameter(asked, "next") {
            None => json!({"more": true, "next": "a&b", "objects": [indicator(1)]}),
            Some("a%26b") => json!({"more": true, "next": "3", "objects": [indicator(2), {"type": "malware"}]}),
            Some(_) => json!({"more": false, "objects": [indicator(3)]}),
        };
        Reply::ok(page.to_string()).header("content-type", TAXII)
    });
    let url = server.url("/api/collections/91a7");
    bed.run(&[
        "feeds", "add", "own", "--url", &url, "--format", "stix", "--auth", "basic",
    ])
    .expect(0, &[]);
    let update = |key: &str| {
        let mut command = bed.command(&["feeds", "update", "--force"]);
        command.env("WATCHFIRE_FEED_KEY_OWN", key);
        Bed::finish(command, b"")
    };
    update("me:wrong").expect(
        2,
        &["error: cannot update feed 'own': the publisher does not accept the key (HTTP 401)"],
    );
    update("me:pw").expect(0, &[" own: 3 indicators, read as stix"]);
    let server = server.url("/api/collections/");
    bed.run(&["feeds", "add", "all", "--url", &server, "--format", "stix"])
        .expect(2, &[]);
}

#[test]
fn a_server_without_cursors_goes_on_where_the_last_object_was_added() {
    let bed = Bed::new("pages-added");
    let server = Server::start(|asked| {
        let (more, number, last) = match parameter(asked, "added_after") {
            None => (true, 1, "2026-11-01T10:00:00Z"),
            Some("2026-11-01T10%3A00%3A00Z") => (false, 2, "2026-11-02T10:00:00Z"),
            Some(other) => panic!("{other}"),
        };
        let page = json!({"more": more, "objects": [indicator(number)]});
        Reply::ok(page.to_string()).header("X-TAXII-Date-Added-Last", last)
    });
    let url = server.url("/api/collections/91a7/objects/");
    update(&bed, &url, "stix", &[]).expect(0, &[" own: 2 indicators, read as stix"]);
}

#[test]
fn a_link_in_the_header_is_followed_for_github() {
    let bed = Bed::new("pages-github");
    let server = Server::start(|asked| {
        let page: usize = parameter(asked, "page").map_or(1, |text| text.parse().unwrap());
        let body = json!([{"ghsa_id": format!("GHSA-2222-3333-444{}", page + 1)}]).to_string();
        let host = asked.header("host");
        let next = format!("<http://{host}/advisories?page={}>; rel=\"next\"", page + 1);
        let link = format!("<http://{host}/advisories?page=1>; rel=\"first\", {next}");
        if page < 3 {
            Reply::ok(body).header("Link", link)
        } else {
            Reply::ok(body)
        }
    });
    update(&bed, &server.url("/advisories"), "ghsa", &[]).expect(0, &[" own: 3 indicators, read as ghsa"]);
}

/// Pages that must not be followed: nothing of them counts, and what was in use stays.
#[track_caller]
fn astray(
    name: &str,
    format: &str,
    good: &str,
    page: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    why: &str,
) {
    let bed = Bed::new(name);
    let count = AtomicUsize::new(0);
    let good = good.to_owned();
    let server = Server::start(move |asked| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::ok(good.clone()),
        number => page(asked, number),
    });
    let url = server.url("/feed");
    update(&bed, &url, format, &[]).expect(0, &[]);
    let before = in_use(&bed);
    let ran = bed.run(&["feeds", "update", "--force"]);
    assert!(ran.code == 2 && ran.stderr.contains(why), "{ran:#?}");
    assert_eq!(in_use(&bed), before);
    assert!(bed.run(&["feeds", "list"]).stdout.contains("failed: "));
}

#[test]
fn pages_that_lead_astray_keep_the_version_from_before() {
    let stix = json!({"objects": [indicator(9)]}).to_string();
    let circle = "its pages lead in a circle, after 2 of them";
    let page =
        |next: &str, number| Reply::ok(json!({"more": true, "next": next, "objects": [indicator(number)]}).to_string());
    astray(
        "astray-circle",
        "stix",
        &stix,
        move |_, number| page("same", number),
        circle,
    );
    let turn = move |_: &Asked, number: usize| page(if number.is_multiple_of(2) { "b" } else { "a" }, number % 200);
    astray(
        "astray-turns",
        "stix",
        &stix,
        turn,
        "its pages lead in a circle, after 3 of them",
    );
    let good = json!({"format": "NVD_CVE", "vulnerabilities": [{"cve": {"id": "CVE-2026-1000"}}]}).to_string();
    astray("astray-index", "nvd", &good, |_, _| nvd(0, 9), circle);
    let pulse = |next: &str| {
        let indicators = json!([{"indicator": "203.0.113.1", "type": "IPv4"}]);
        json!({"results": [{"id": "1", "adversary": "", "indicators": indicators}], "next": next}).to_string()
    };
    let good = pulse("");
    let evil = "it goes on at another host, which is not followed";
    astray(
        "astray-host",
        "otx",
        &good,
        move |_, _| Reply::ok(pulse("https://evil.example/x?page=2")),
        evil,
    );
    let broken = move |_: &Asked, number: usize| match number {
        1 => page("2", 1),
        _ => Reply::new(500, ""),
    };
    astray(
        "astray-broken",
        "stix",
        &stix,
        broken,
        "page 2: the publisher answers with HTTP 500",
    );
    let lost = |_: &Asked, _| Reply::ok(json!({"more": true, "objects": []}).to_string());
    astray(
        "astray-lost",
        "stix",
        &stix,
        lost,
        "there is more of it, and the server does not say where",
    );
}

const UUIDS: [&str; 3] = [
    "5bf30242-8ef4-4c52-a2d7-0b7b0a016219",
    "5bf30242-8ef4-4c52-a2d7-0b7b0a016220",
    "5bf30242-8ef4-4c52-a2d7-0b7b0a016221",
];

fn manifest() -> Value {
    let mut manifest: Value = UUIDS
        .iter()
        .map(|uuid| ((*uuid).to_owned(), json!({"info": "x"})))
        .collect();
    manifest["../../etc/passwd"] = json!({"info": "climbs"});
    manifest["%2e%2e/%2e%2e/secret/../../../../../../xx"] = json!({"info": "climbs"});
    manifest
}

fn event(number: usize) -> String {
    let attribute = json!({"type": "ip-dst", "value": format!("203.0.113.{number}"), "to_ids": true});
    json!({"Event": {"uuid": UUIDS[number], "info": "Loader", "Attribute": [attribute]}}).to_string()
}

#[test]
fn a_misp_feed_is_read_event_by_event_and_a_manifest_names_no_paths() {
    let bed = Bed::new("pages-misp");
    let server = Server::start(|asked| {
        let Some(name) = asked
            .path()
            .strip_prefix("/feed/")
            .and_then(|name| name.strip_suffix(".json"))
        else {
            panic!("{asked:?}");
        };
        match UUIDS.iter().position(|uuid| *uuid == name) {
            Some(2) => Reply::new(404, ""),
            Some(number) => Reply::ok(event(number)),
            None => {
                assert_eq!(name, "manifest");
                Reply::ok(manifest().to_string()).header("ETag", "\"m\"")
            }
        }
    });
    update(&bed, &server.url("/feed/"), "misp", &[]).expect(
        0,
        &[
            " own: 2 indicators, read as misp; not taken: 1 malformed",
            &format!("   record 3: an event that is not there: '{}'", UUIDS[2]),
        ],
    );
    assert_eq!(server.asked().len(), 4);
    bed.run(&["feeds", "update", "--force"]).expect(0, &[]);
    assert_eq!(server.asked()[4].header("if-none-match"), "\"m\"");
}

#[test]
fn a_misp_feed_in_a_folder_is_imported() {
    let bed = Bed::new("pages-misp-folder");
    bed.write("osint/manifest.json", manifest().to_string());
    for (number, uuid) in UUIDS.iter().enumerate() {
        bed.write(&format!("osint/{uuid}.json"), event(number));
    }
    bed.write(&format!("osint/{}.json", UUIDS[2]), "{\"Event\": ");
    for path in ["osint", "osint/", "osint/manifest.json"] {
        bed.run(&["feeds", "import", path])
            .expect(0, &[" osint: 2 indicators, read as misp; not taken: 1 malformed"]);
    }
    fs::remove_file(bed.folder.join("in/osint").join(format!("{}.json", UUIDS[1]))).unwrap();
    let ran = bed.run(&["feeds", "import", "osint"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("2 of 3 events cannot be read"),
        "{ran:#?}"
    );
    assert_eq!(in_use(&bed), 2);
    let ran = bed.run(&["feeds", "import", "../home"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("no manifest.json of a MISP feed is in it"),
        "{ran:#?}"
    );
}
