//! VirusTotal, AbuseIPDB, GreyNoise.

use super::{Asked, Place, Reply, Shape};
use serde_json::{Value, json};

pub(crate) static VIRUSTOTAL: Shape = Shape {
    name: "virustotal",
    key: Place::Header("x-apikey"),
    found: virustotal,
    unknown: |asked| virustotal_error(404, "NotFoundError", &format!("\"{}\" not found", asked.last())),
    quota: |_| virustotal_error(429, "QuotaExceededError", "Quota exceeded"),
    auth: |_| virustotal_error(401, "WrongCredentialsError", "Wrong API key"),
};

fn virustotal_error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": code, "message": message}}))
}

fn virustotal(asked: &Asked<'_>) -> Option<Reply> {
    let (kind, id) = match (asked.method, asked.path.as_slice()) {
        ("GET", ["api", "v3", folder, id]) => match *folder {
            "ip_addresses" => ("ip_address", *id),
            "domains" => ("domain", *id),
            "urls" => ("url", *id),
            "files" => ("file", *id),
            _ => return None,
        },
        _ => return None,
    };
    let stats = json!({"malicious": 12, "suspicious": 2, "undetected": 46, "harmless": 9, "timeout": 1});
    let mut attributes = json!({
        "last_analysis_stats": stats, "last_analysis_date": 1_795_248_000, "reputation": -41,
        "total_votes": {"harmless": 0, "malicious": 7}, "tags": ["overlay"],
    });
    match kind {
        "file" => {
            attributes["meaningful_name"] = json!("invoice.exe");
            attributes["type_description"] = json!("Win32 EXE");
            attributes["popular_threat_classification"] = json!({"suggested_threat_label": "trojan.emotet/heye"});
        }
        "ip_address" => {
            attributes["country"] = json!("NL");
            attributes["asn"] = json!(64_500);
            attributes["as_owner"] = json!("Example Hosting");
        }
        _ => {}
    }
    let data =
        json!({"type": kind, "id": id, "attributes": attributes, "links": {"self": "https://www.virustotal.com/"}});
    Some(Reply::json(200, &json!({ "data": data })))
}

pub(crate) static ABUSEIPDB: Shape = Shape {
    name: "abuseipdb",
    key: Place::Header("key"),
    found: |asked| abuseipdb(asked, 87, 44),
    unknown: |asked| abuseipdb(asked, 0, 0).unwrap_or_else(|| Reply::new(404, Vec::new())),
    quota: |_| {
        abuseipdb_error(429, "Daily rate limit of 1000 requests exceeded for this endpoint.")
            .header("retry-after", "29241")
            .header("x-ratelimit-limit", "1000")
            .header("x-ratelimit-remaining", "0")
    },
    auth: |_| {
        abuseipdb_error(
            401,
            "Authentication failed. Your API key is either missing, incorrect, or revoked.",
        )
    },
};

fn abuseipdb_error(status: u16, detail: &str) -> Reply {
    Reply::json(status, &json!({"errors": [{"detail": detail, "status": status}]}))
}

fn abuseipdb(asked: &Asked<'_>, score: u8, reports: u8) -> Option<Reply> {
    let address = asked.parameter("ipAddress");
    if asked.path.as_slice() != ["api", "v2", "check"] || address.is_empty() {
        return None;
    }
    let last: Value = if reports > 0 {
        json!("2026-11-21T21:03:04+00:00")
    } else {
        Value::Null
    };
    let data = json!({
        "ipAddress": address, "isPublic": true, "ipVersion": 4, "isWhitelisted": reports == 0, "abuseConfidenceScore": score,
        "countryCode": "NL", "usageType": "Data Center/Web Hosting/Transit", "isp": "Example Hosting", "domain": "example.com",
        "hostnames": [], "isTor": false, "totalReports": reports, "numDistinctUsers": reports / 2, "lastReportedAt": last,
    });
    let reply = Reply::json(200, &json!({ "data": data }));
    Some(
        reply
            .header("x-ratelimit-limit", "1000")
            .header("x-ratelimit-remaining", "999"),
    )
}

pub(crate) static GREYNOISE: Shape = Shape {
    name: "greynoise",
    key: Place::Header("key"),
    found: greynoise,
    unknown: |asked| match asked.path.get(1) {
        Some(&"community") => Reply::json(
            404,
            &json!({
                "ip": asked.last(), "noise": false, "riot": false,
                "message": "IP not observed scanning the internet or contained in RIOT data set.",
            }),
        ),
        _ => Reply::json(
            404,
            &json!({
                "ip": asked.last(), "business_service_intelligence": {"found": false},
                "internet_scanner_intelligence": {"found": false},
            }),
        ),
    },
    quota: |_| {
        Reply::json(
            429,
            &json!({"message": "You have hit your daily rate limit of 10 requests per day."}),
        )
    },
    auth: |_| Reply::json(401, &json!({"message": "invalid authentication credentials"})),
};

fn greynoise(asked: &Asked<'_>) -> Option<Reply> {
    let body = match (asked.method, asked.path.as_slice()) {
        ("GET", ["v3", "community", ip]) => json!({
            "ip": ip, "noise": true, "riot": false, "classification": "malicious", "name": "unknown",
            "link": format!("https://viz.greynoise.io/ip/{ip}"), "last_seen": "2026-11-20", "message": "Success",
        }),
        ("GET", ["v3", "ip", ip]) => json!({
            "ip": ip,
            "business_service_intelligence": {"found": false},
            "internet_scanner_intelligence": {
                "ip": ip, "found": true, "classification": "malicious", "actor": "unknown", "last_seen": "2026-11-20",
                "first_seen": "2026-10-01", "spoofable": false, "bot": false, "vpn": false, "tor": false, "tags": [], "cves": [],
                "metadata": {"asn": "AS64500", "organization": "Example Hosting", "source_country_code": "NL"},
            },
        }),
        _ => return None,
    };
    Some(Reply::json(200, &body))
}
