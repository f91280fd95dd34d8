//! RDAP and crt.sh. The bootstrap of RDAP sends on to a registry, which is the same server under `registry`.

use super::{Asked, Place, Reply, Shape};
use serde_json::json;

pub(crate) static RDAP: Shape = Shape {
    name: "rdap",
    key: Place::Nowhere,
    found: rdap,
    unknown: |_| {
        Reply::json(
            404,
            &json!({"errorCode": 404, "title": "Object not found", "rdapConformance": ["rdap_level_0"]}),
        )
    },
    quota: |_| {
        Reply::json(429, &json!({"errorCode": 429, "title": "Rate limit exceeded"})).header("retry-after", "3600")
    },
    auth: |_| Reply::json(403, &json!({"errorCode": 403, "title": "Forbidden"})),
};

fn rdap(asked: &Asked<'_>) -> Option<Reply> {
    let path = match asked.path.as_slice() {
        ["registry", path @ ..] => path,
        path @ ["ip" | "domain" | "autnum", ..] => {
            let place = format!("http://{}{}/registry/{}", asked.host, asked.base, path.join("/"));
            return Some(Reply::new(302, Vec::new()).header("location", place));
        }
        _ => return None,
    };
    let card = |name: &str, mail: &str| {
        json!([
            "vcard",
            [
                ["version", {}, "text", "4.0"],
                ["fn", {}, "text", name],
                ["email", {}, "text", mail]
            ]
        ])
    };
    let events = json!([
        {"eventAction": "registration", "eventDate": "2026-11-02T08:00:00Z"},
        {"eventAction": "last changed", "eventDate": "2026-11-03T08:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2027-11-02T08:00:00Z"},
    ]);
    let links = json!([{"rel": "self", "href": "https://rdap.registry.test/"}]);
    let abuse =
        json!({"objectClassName": "entity", "roles": ["abuse"], "vcardArray": card("Abuse", "abuse@registrar.test")});
    let body = match path {
        ["domain", name] => json!({
            "objectClassName": "domain", "ldhName": name, "handle": "D1", "status": ["client hold"], "events": events,
            "links": links, "rdapConformance": ["rdap_level_0"],
            "entities": [{
                "objectClassName": "entity", "roles": ["registrar"], "handle": "9999",
                "vcardArray": card("Example Registrar", ""), "entities": [abuse],
            }],
        }),
        ["ip", first, ..] => json!({
            "objectClassName": "ip network", "handle": "NET-1", "startAddress": first, "endAddress": first, "ipVersion": "v4",
            "name": "EXAMPLE-NET", "country": "NL", "events": events, "links": links, "entities": [abuse],
        }),
        ["autnum", number] => json!({
            "objectClassName": "autnum", "handle": format!("AS{number}"), "name": "EXAMPLE-AS", "country": "NL",
            "events": events, "links": links, "entities": [abuse],
        }),
        _ => return None,
    };
    Some(Reply::json(200, &body).header("content-type", "application/rdap+json"))
}

pub(crate) static CRTSH: Shape = Shape {
    name: "crtsh",
    key: Place::Nowhere,
    found: |asked| {
        let name = asked.parameter("q");
        let right = asked.path.is_empty() && asked.parameter("output") == "json" && !name.is_empty();
        right.then(|| {
            let one = |id: u32, day: &str| {
                json!({
                    "id": id, "issuer_ca_id": 1, "issuer_name": "C=US, O=Let's Encrypt, CN=R11", "common_name": name,
                    "name_value": format!("{name}\nwww.{name}"), "not_before": format!("{day}T00:00:00"),
                    "not_after": "2027-01-31T00:00:00", "serial_number": "03ab",
                })
            };
            Reply::json(200, &json!([one(1, "2026-11-02"), one(2, "2026-11-20")]))
        })
    },
    unknown: |_| Reply::json(200, &json!([])),
    quota: |_| Reply::new(429, b"<html>429 Too Many Requests</html>".to_vec()),
    auth: |_| Reply::new(403, b"<html>403 Forbidden</html>".to_vec()),
};
