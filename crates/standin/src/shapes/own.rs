//! Servers of one's own: MISP and OpenCTI.

use super::{Asked, Place, Reply, Shape};
use serde_json::json;

pub(crate) static MISP: Shape = Shape {
    name: "misp",
    key: Place::Header("authorization"),
    found: misp,
    unknown: |_| Reply::json(200, &json!({"response": {"Attribute": []}})),
    quota: |_| misp_error(429, "Rate limit exceeded."),
    auth: |_| {
        misp_error(
            403,
            "Authentication failed. Please make sure you pass the API key of an API enabled user.",
        )
    },
};

fn misp_error(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"name": message, "message": message, "url": "/attributes/restSearch"}),
    )
}

fn misp(asked: &Asked<'_>) -> Option<Reply> {
    let version = json!({"version": "2.5.34", "pymisp_recommended_version": "2.5.34", "perm_sync": true});
    let body = match (asked.method, asked.path.as_slice()) {
        ("POST", ["attributes", "restSearch"]) => {
            let value = asked.json["value"].as_str()?;
            let one = |value: &str, detects: bool| {
                json!({
                    "id": "7", "event_id": "42", "type": "ip-dst", "category": "Network activity", "to_ids": detects, "uuid":
                    "5f1b0d6e-0000-4000-8000-000000000007", "timestamp": "1795000000", "comment": "C2", "deleted": false,
                    "value": value, "Tag": [{"name": "tlp:amber"}], "Event": {"id": "42", "info": "Operation Grey Heron"},
                    "distribution": "5", "object_id": "0", "sharing_group_id": "0",
                })
            };
            // One more, as a wildcard would find it.
            let attributes = [one(&format!("x{value}"), true), one(value, true)];
            json!({"response": {"Attribute": attributes}})
        }
        ("GET", ["servers", "getVersion" | "getVersion.json"]) => version,
        ("GET", ["servers", "getPyMISPVersion.json"]) => json!({"version": "2.5.34"}),
        ("GET", ["users", "view", "me" | "me.json"]) => {
            json!({"User": {"id": "1", "email": "a@corp.test", "role_id": "1"},
            "Role": {"id": "1", "name": "admin"}, "UserSetting": []})
        }
        _ => return None,
    };
    Some(Reply::json(200, &body))
}

pub(crate) static OPENCTI: Shape = Shape {
    name: "opencti",
    key: Place::Header("authorization"),
    found: |asked| {
        let right = (asked.method, asked.path.as_slice()) == ("POST", ["graphql"].as_slice());
        let value = asked.json["variables"]["filters"]["filters"][0]["values"][0].as_str()?;
        right.then(|| {
            let node = json!({
                "id": "0b7b0b3e-0000-4000-8000-000000000001", "observable_value": value, "entity_type": "IPv4-Addr",
                "x_opencti_score": 80, "x_opencti_description": "C2 of Grey Heron", "updated_at": "2026-11-20T10:00:00.000Z",
                "createdBy": {"name": "CERT"}, "objectMarking": [{"definition": "TLP:AMBER"}], "objectLabel": [{"value": "c2"}],
            });
            Reply::json(200, &json!({"data": {"stixCyberObservables": {"edges": [{ "node": node }]}}}))
        })
    },
    unknown: |_| Reply::json(200, &json!({"data": {"stixCyberObservables": {"edges": []}}})),
    quota: |_| opencti_error("TOO_MANY_REQUESTS", "Too many requests, please try again later"),
    auth: |_| opencti_error("AUTH_REQUIRED", "You must be logged in to do this."),
};

fn opencti_error(code: &str, message: &str) -> Reply {
    let error = json!({"message": message, "name": code, "extensions": {"code": code}});
    Reply::json(200, &json!({"errors": [error], "data": null}))
}
