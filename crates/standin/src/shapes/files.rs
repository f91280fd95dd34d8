//! Files: Hybrid Analysis and hashlookup.

use super::{Place, Reply, Shape};
use serde_json::json;

pub(crate) static HYBRID_ANALYSIS: Shape = Shape {
    name: "hybrid-analysis",
    key: Place::Header("api-key"),
    found: |asked| match (asked.method, asked.path.as_slice(), asked.header("user-agent")) {
        ("GET", ["api", "v2", "overview", hash], "Falcon Sandbox") => Some(Reply::json(
            200,
            &json!({
                "sha256": hash, "verdict": "malicious", "threat_score": 100, "vx_family": "Trojan.Emotet", "tags": ["emotet"],
                "last_file_name": "invoice.exe", "type": "PE32 executable", "analysis_start_time": "2026-11-20T10:00:00+00:00",
                "reports": [], "scanners": [],
            }),
        )),
        _ => None,
    },
    unknown: |_| Reply::json(404, &json!({"message": "Not Found", "code": 404})),
    // In an answer that looks like success.
    quota: |_| {
        Reply::json(
            200,
            &json!({"message": "Exceeded maximum API requests per minute (5). Please try again later."}),
        )
    },
    auth: |_| Reply::json(403, &json!({"message": "The API key is incorrect", "code": 403})),
};

pub(crate) static HASHLOOKUP: Shape = Shape {
    name: "hashlookup",
    key: Place::Nowhere,
    found: |asked| match (asked.method, asked.path.as_slice()) {
        ("GET", ["lookup", kind @ ("md5" | "sha1" | "sha256"), hash]) => {
            let member = match *kind {
                "md5" => "MD5",
                "sha1" => "SHA-1",
                _ => "SHA-256",
            };
            Some(Reply::json(
                200,
                &json!({
                    member: hash.to_uppercase(), "FileName": "kernel32.dll", "FileSize": "1114624", "hashlookup:trust": 75,
                    "ProductCode": {"ProductName": "Windows 11", "MfgCode": "608"}, "source": "NSRL", "db": "nsrl_modern_rds",
                }),
            ))
        }
        _ => None,
    },
    unknown: |_| Reply::json(404, &json!({"message": "Non existing SHA-256", "query": ""})),
    quota: |_| Reply::json(429, &json!({"message": "Too many requests"})),
    auth: |_| Reply::json(403, &json!({"message": "Forbidden"})),
};
