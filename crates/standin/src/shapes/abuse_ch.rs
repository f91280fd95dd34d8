//! abuse.ch: URLhaus, ThreatFox and MalwareBazaar. Everything is a 200 but a missing key.

use super::{Asked, Place, Reply, Shape};
use serde_json::json;

const KEY: Place = Place::Header("auth-key");

fn status(word: &str) -> Reply {
    Reply::json(200, &json!({ "query_status": word }))
}

fn auth(_: &Asked<'_>) -> Reply {
    Reply::json(403, &json!({"query_status": "unknown_auth_key"}))
}

pub(crate) static URLHAUS: Shape = Shape {
    name: "urlhaus",
    key: KEY,
    found: urlhaus,
    unknown: |_| status("no_results"),
    quota: |_| status("query_limit_reached"),
    auth,
};

fn urlhaus(asked: &Asked<'_>) -> Option<Reply> {
    let url = |status: &str| {
        json!({
            "id": "3201337", "urlhaus_reference": "https://urlhaus.abuse.ch/url/3201337/", "url": "http://evil.com/a.exe",
            "url_status": status, "date_added": "2026-11-20 06:12:00 UTC", "threat": "malware_download",
            "reporter": "someone", "larted": "true", "tags": ["exe", "Emotet"],
        })
    };
    let lists = json!({"spamhaus_dbl": "abused_legit_malware", "surbl": "not listed"});
    Some(match (asked.method, asked.path.as_slice()) {
        ("POST", ["v1", "url"]) if !asked.field("url").is_empty() => {
            let mut body = url("online");
            body["query_status"] = json!("ok");
            body["url"] = json!(asked.field("url"));
            body["host"] = json!("evil.com");
            body["last_online"] = json!("2026-11-21 18:00:00 UTC");
            body["blacklists"] = lists;
            body["payloads"] = json!([]);
            Reply::json(200, &body)
        }
        ("POST", ["v1", "host"]) if !asked.field("host").is_empty() => Reply::json(
            200,
            &json!({
                "query_status": "ok", "urlhaus_reference": "https://urlhaus.abuse.ch/host/evil.com/",
                "host": asked.field("host"), "firstseen": "2026-10-01 10:00:00 UTC", "url_count": "2",
                "blacklists": lists, "urls": [url("online"), url("offline")],
            }),
        ),
        ("POST", ["v1", "payload"]) if !asked.form.is_empty() => Reply::json(
            200,
            &json!({
                "query_status": "ok", "file_type": "exe", "file_size": "241664", "signature": "Emotet",
                "firstseen": "2026-11-01 10:00:00", "lastseen": "2026-11-20 10:00:00", "url_count": "7", "urls": [],
            }),
        ),
        _ => return None,
    })
}

pub(crate) static THREATFOX: Shape = Shape {
    name: "threatfox",
    key: KEY,
    found: threatfox,
    unknown: |_| {
        Reply::json(
            200,
            &json!({"query_status": "no_result", "data": "Your search did not yield any results"}),
        )
    },
    quota: |_| status("rate_limit_exceeded"),
    auth,
};

fn threatfox(asked: &Asked<'_>) -> Option<Reply> {
    if (asked.method, asked.path.as_slice()) != ("POST", ["api", "v1"].as_slice()) {
        return None;
    }
    let entry = |ioc: &str, confidence: u8| {
        json!({
            "id": "1234567", "ioc": ioc, "threat_type": "botnet_cc", "ioc_type": "ip:port", "malware": "win.emotet",
            "malware_printable": "Emotet", "confidence_level": confidence, "first_seen": "2026-11-19 07:30:00 UTC",
            "last_seen": null, "reference": "", "reporter": "someone", "tags": ["Emotet"],
        })
    };
    let term = asked.json["search_term"].as_str().unwrap_or_default();
    let hash = asked.json["hash"].as_str().unwrap_or_default();
    match asked.json["query"].as_str() {
        Some("search_ioc") if !term.is_empty() => {
            let own = if term.parse::<std::net::Ipv4Addr>().is_ok() {
                format!("{term}:8080")
            } else {
                term.to_owned()
            };
            // One more that only contains the term, as a search finds it.
            let data = [entry(&format!("x{own}"), 100), entry(&own, 75)];
            Some(Reply::json(200, &json!({"query_status": "ok", "data": data})))
        }
        Some("search_hash") if !hash.is_empty() => Some(Reply::json(
            200,
            &json!({"query_status": "ok", "data": [entry("198.51.100.7:443", 50)]}),
        )),
        _ => Some(status("illegal_search_term")),
    }
}

pub(crate) static MALWAREBAZAAR: Shape = Shape {
    name: "malwarebazaar",
    key: KEY,
    found: malwarebazaar,
    unknown: |_| status("hash_not_found"),
    quota: |_| status("query_limit_reached"),
    auth,
};

fn malwarebazaar(asked: &Asked<'_>) -> Option<Reply> {
    let right = (asked.method, asked.path.as_slice()) == ("POST", ["api", "v1"].as_slice());
    if !right || asked.field("query") != "get_info" || asked.field("hash").is_empty() {
        return None;
    }
    let sample = json!({
        "sha256_hash": "c3".repeat(32), "sha1_hash": "b2".repeat(20), "md5_hash": "a1".repeat(16),
        "first_seen": "2026-11-01 10:00:00", "last_seen": null, "file_name": "invoice.exe", "file_size": 241_664,
        "file_type": "exe", "signature": "Emotet", "tags": ["Emotet", "exe"], "reporter": "someone",
        "intelligence": {"downloads": "44", "uploads": "1", "mail": null},
    });
    Some(Reply::json(200, &json!({"query_status": "ok", "data": [sample]})))
}
