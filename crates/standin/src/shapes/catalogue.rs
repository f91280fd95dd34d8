//! Vulnerabilities: NVD, GitHub's advisories, EPSS.

use super::{Asked, Place, Reply, Shape};
use serde_json::json;

pub(crate) static NVD: Shape = Shape {
    name: "nvd",
    key: Place::Nowhere,
    found: |asked| {
        let id = asked.parameter("cveId");
        (asked.path == ["rest", "json", "cves", "2.0"] && !id.is_empty()).then(|| nvd(id, true))
    },
    unknown: |asked| nvd(asked.parameter("cveId"), false),
    quota: |_| {
        Reply::new(
            403,
            b"<html><body>Request forbidden by administrative rules.</body></html>".to_vec(),
        )
    },
    auth: |_| Reply::new(404, Vec::new()).header("message", "Invalid apiKey."),
};

fn nvd(id: &str, known: bool) -> Reply {
    let metric = json!({
        "source": "nvd@nist.gov", "type": "Primary",
        "cvssData": {"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL"},
    });
    let cve = json!({"cve": {
        "id": id, "vulnStatus": "Analyzed", "published": "2026-10-01T10:00:00.000", "lastModified": "2026-11-01T10:00:00.000",
        "cisaExploitAdd": "2026-10-20", "metrics": {"cvssMetricV31": [metric]},
        "descriptions": [{"lang": "en", "value": "A flaw in a service."}],
    }});
    let vulnerabilities = if known { vec![cve] } else { Vec::new() };
    Reply::json(
        200,
        &json!({
            "resultsPerPage": vulnerabilities.len(), "startIndex": 0, "totalResults": vulnerabilities.len(), "format": "NVD_CVE",
            "version": "2.0", "vulnerabilities": vulnerabilities,
        }),
    )
}

pub(crate) static GITHUB: Shape = Shape {
    name: "github",
    key: Place::Nowhere,
    found: github,
    unknown: |_| Reply::json(200, &json!([])),
    quota: |_| {
        Reply::json(403, &json!({"message": "API rate limit exceeded for 203.0.113.7."}))
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", "1795330800")
    },
    auth: |_| {
        Reply::json(
            401,
            &json!({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}),
        )
    },
};

fn github(asked: &Asked<'_>) -> Option<Reply> {
    if asked.path != ["advisories"] || asked.query.is_empty() {
        return None;
    }
    let advisory = json!({
        "ghsa_id": "GHSA-2345-6789-cfgh", "cve_id": "CVE-2026-12345", "html_url": "https://github.com/advisories/GHSA-2345-6789-cfgh",
        "summary": "Remote code execution", "severity": "critical", "published_at": "2026-10-01T10:00:00Z", "withdrawn_at": null,
        "vulnerabilities": [{"package": {"ecosystem": "npm", "name": "example"}, "first_patched_version": "1.2.3"}],
    });
    let reply = Reply::json(200, &json!([advisory]));
    Some(
        reply
            .header("x-ratelimit-remaining", "59")
            .header("x-ratelimit-reset", "1795330800"),
    )
}

pub(crate) static EPSS: Shape = Shape {
    name: "epss",
    key: Place::Nowhere,
    found: |asked| {
        let cve = asked.parameter("cve");
        (asked.path == ["data", "v1", "epss"] && !cve.is_empty()).then(|| {
            let row = json!({"cve": cve, "epss": "0.975300000", "percentile": "0.999870000", "date": "2026-11-21"});
            Reply::json(
                200,
                &json!({"status": "OK", "status-code": 200, "total": 1, "data": [row]}),
            )
        })
    },
    unknown: |_| {
        Reply::json(
            200,
            &json!({"status": "OK", "status-code": 200, "total": 0, "data": []}),
        )
    },
    quota: |_| {
        Reply::json(
            429,
            &json!({"status": "Too Many Requests", "message": "Rate limit exceeded"}),
        )
    },
    auth: |_| Reply::json(403, &json!({"status": "Forbidden"})),
};
