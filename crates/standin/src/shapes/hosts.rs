//! Shodan, InternetDB, Censys, OTX, urlscan.io.

use super::{Asked, Place, Reply, Shape};
use serde_json::{Value, json};

fn error(status: u16, member: &str, words: &str) -> Reply {
    Reply::json(status, &json!({ member: words }))
}

pub(crate) static SHODAN: Shape = Shape {
    name: "shodan",
    key: Place::Parameter("key"),
    found: |asked| match (asked.method, asked.path.as_slice()) {
        ("GET", ["shodan", "host", ip]) => Some(Reply::json(
            200,
            &json!({
                "ip_str": ip, "ports": [22, 443, 8443], "vulns": ["CVE-2026-12345"], "tags": ["c2", "cloud"],
                "hostnames": ["a.evil.com"], "domains": ["evil.com"], "org": "Example Hosting", "isp": "Example Hosting",
                "asn": "AS64500", "country_code": "NL", "os": null, "last_update": "2026-11-20T10:11:12.123456", "data": [],
            }),
        )),
        ("GET", ["api-info"]) => Some(Reply::json(
            200,
            &json!({"query_credits": 100, "scan_credits": 100, "plan": "dev"}),
        )),
        _ => None,
    },
    unknown: |_| error(404, "error", "No information available for that IP."),
    quota: |_| {
        error(
            429,
            "error",
            "Request rate limit reached (1/ second). Please wait a second before trying again",
        )
    },
    auth: |_| {
        Reply::new(
            401,
            b"<html><head><title>401 Unauthorized</title></head></html>".to_vec(),
        )
    },
};

pub(crate) static INTERNETDB: Shape = Shape {
    name: "internetdb",
    key: Place::Nowhere,
    found: |asked| match (asked.method, asked.path.as_slice()) {
        ("GET", [ip]) => Some(Reply::json(
            200,
            &json!({
                "ip": ip, "ports": [22, 443], "cpes": ["cpe:/a:openbsd:openssh"], "hostnames": [], "tags": ["compromised"],
                "vulns": ["CVE-2026-12345"],
            }),
        )),
        _ => None,
    },
    unknown: |_| error(404, "detail", "No information available"),
    quota: |_| error(429, "detail", "Rate limit exceeded"),
    auth: |_| error(403, "detail", "Forbidden"),
};

pub(crate) static CENSYS: Shape = Shape {
    name: "censys",
    key: Place::Header("authorization"),
    found: |asked| match (asked.method, asked.path.as_slice()) {
        ("GET", ["v3", "global", "asset", "host", ip]) => Some(Reply::json(
            200,
            &json!({"result": {"resource": {
                "ip": ip, "location": {"country_code": "NL"}, "autonomous_system": {"asn": 64_500, "name": "EXAMPLE-AS"},
                "services": [{"port": 443, "protocol": "HTTP", "scan_time": "2026-11-20T10:00:00Z"}, {"port": 22}],
                "labels": [{"value": "C2"}],
            }}}),
        )),
        _ => None,
    },
    unknown: |_| {
        Reply::json(
            404,
            &json!({"error": {"code": 404, "status": "Not Found", "message": "The host was not found"}}),
        )
    },
    quota: |_| Reply::json(429, &json!({"error": {"code": 429, "message": "Insufficient credits"}})),
    auth: |_| {
        Reply::json(
            401,
            &json!({"error": {"code": 401, "message": "Access credentials are invalid"}}),
        )
    },
};

pub(crate) static OTX: Shape = Shape {
    name: "otx",
    key: Place::Nowhere,
    found: |asked| match (asked.method, asked.path.as_slice()) {
        ("GET", ["api", "v1", "indicators", kind, value, "general"]) => Some(otx(kind, value, 3, json!([]))),
        _ => None,
    },
    unknown: |asked| otx("", asked.path.get(4).copied().unwrap_or_default(), 0, json!([])),
    quota: |_| {
        error(
            429,
            "detail",
            "Request was throttled. Expected available in 1200 seconds.",
        )
    },
    auth: |_| error(403, "detail", "Authentication required"),
};

fn otx(kind: &str, value: &str, count: u8, validation: Value) -> Reply {
    let pulse = |n: u8| {
        json!({
            "id": format!("65{n:022}"), "name": format!("Campaign {n}"), "created": "2026-11-01T10:00:00.123000",
            "modified": "2026-11-19T10:00:00.123000", "tags": [], "references": [], "TLP": "white",
        })
    };
    let pulses: Vec<Value> = (0..count).map(pulse).collect();
    Reply::json(
        200,
        &json!({
            "indicator": value, "type": kind, "type_title": kind, "sections": ["general"], "validation": validation,
            "pulse_info": {"count": count, "pulses": pulses, "references": []}, "country_code": "NL", "asn": "AS64500 EXAMPLE-AS",
        }),
    )
}

pub(crate) static URLSCAN: Shape = Shape {
    name: "urlscan",
    key: Place::Header("api-key"),
    found: urlscan,
    unknown: |_| Reply::json(200, &json!({"results": [], "total": 0, "took": 3, "has_more": false})),
    quota: |_| {
        Reply::json(429, &json!({"message": "Rate limit exceeded", "status": 429}))
            .header("x-rate-limit-scope", "user")
            .header("x-rate-limit-remaining", "0")
            .header("x-rate-limit-reset-after", "3600")
    },
    auth: |_| Reply::json(400, &json!({"message": "Invalid API key", "status": 400})),
};

fn urlscan(asked: &Asked<'_>) -> Option<Reply> {
    const ID: &str = "0190f0aa-7bbb-7ccc-8ddd-0123456789ab";
    let body = match (asked.method, asked.path.as_slice()) {
        ("GET", ["api", "v1", "search"]) if !asked.parameter("q").is_empty() => json!({
            "total": 1, "took": 3, "has_more": false,
            "results": [{
                "_id": ID, "sort": [1_795_000_000_000_u64, ID], "page": {"url": "http://evil.com/", "domain": "evil.com"},
                "task": {"uuid": ID, "time": "2026-11-20T10:00:00.000Z"}, "result": format!("https://urlscan.io/api/v1/result/{ID}/"),
            }],
        }),
        ("GET", ["api", "v1", "result", id]) => json!({
            "task": {"uuid": id, "time": "2026-11-20T10:00:00.000Z", "reportURL": format!("https://urlscan.io/result/{id}/")},
            "page": {"url": "http://evil.com/", "title": "Sign in", "country": "NL", "asn": "AS64500", "server": "nginx"},
            "verdicts": {"overall": {"score": 90, "malicious": true, "brands": ["paypal"], "tags": ["phishing"], "hasVerdicts": true}},
        }),
        ("GET", ["user", "quotas"]) => {
            json!({"limits": {"search": {"day": {"limit": 1000, "used": 1, "remaining": 999}}}})
        }
        _ => return None,
    };
    let reply = Reply::json(200, &body);
    Some(
        reply
            .header("x-rate-limit-remaining", "59")
            .header("x-rate-limit-reset-after", "30"),
    )
}
