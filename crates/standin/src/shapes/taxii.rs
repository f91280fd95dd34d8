//! A TAXII 2.1 server with one collection of two pages (OASIS TAXII 2.1, sections 4 and 5).

use super::{Asked, Place, Reply, Shape};
use serde_json::json;

pub(crate) static TAXII: Shape = Shape {
    name: "taxii",
    key: Place::Nowhere,
    found: taxii,
    unknown: |_| error(404, "The collection is not there"),
    quota: |_| error(429, "Too many requests").header("retry-after", "60"),
    auth: |_| error(401, "Authentication is needed"),
};

const TYPE: &str = "application/taxii+json;version=2.1";
const COLLECTION: &str = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";

fn error(status: u16, title: &str) -> Reply {
    answer(Reply::json(
        status,
        &json!({"title": title, "http_status": status.to_string()}),
    ))
}

fn answer(mut reply: Reply) -> Reply {
    reply.headers.clear();
    reply.header("content-type", TYPE)
}

fn taxii(asked: &Asked<'_>) -> Option<Reply> {
    let root = format!("http://{}{}/root/", asked.host, asked.base);
    let collection = json!({
        "id": COLLECTION, "title": "Indicators", "can_read": true, "can_write": false,
        "media_types": ["application/stix+json;version=2.1"],
    });
    let indicator = |n: u8| {
        json!({
            "type": "indicator", "spec_version": "2.1", "id": format!("indicator--00000000-0000-4000-8000-00000000000{n}"),
            "created": "2026-11-01T10:00:00.000Z", "modified": "2026-11-01T10:00:00.000Z", "valid_from": "2026-11-01T10:00:00Z",
            "pattern_type": "stix", "pattern": format!("[ipv4-addr:value = '198.51.100.{n}']"),
        })
    };
    let body = match (asked.method, asked.path.as_slice()) {
        ("GET", ["taxii2"]) => json!({"title": "Stand-in", "default": root, "api_roots": [root]}),
        ("GET", ["root"]) => json!({"title": "Root", "versions": [TYPE], "max_content_length": 1_000_000}),
        ("GET", ["root", "collections"]) => json!({ "collections": [collection] }),
        ("GET", ["root", "collections", COLLECTION]) => collection,
        ("GET", ["root", "collections", COLLECTION, "objects"]) => match asked.parameter("next") {
            "" => json!({"more": true, "next": "2", "objects": [indicator(1)]}),
            "2" => json!({"more": false, "objects": [indicator(2)]}),
            _ => return Some(error(404, "There is no such page")),
        },
        _ => return None,
    };
    let reply = answer(Reply::json(200, &body));
    Some(
        reply
            .header("x-taxii-date-added-first", "2026-11-01T10:00:00.000Z")
            .header("x-taxii-date-added-last", "2026-11-01T10:00:00.000Z"),
    )
}
