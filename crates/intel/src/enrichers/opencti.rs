//! OpenCTI: what the organisation's own platform knows.
//!
//! <https://docs.opencti.io/latest/reference/api/>, GraphQL. An error comes with status 200 and a list `errors`.
//!
//! Strength: `x_opencti_score` in percent × 0.8; from 75 on it speaks for malicious, below for suspicious, 0 takes no
//! side. The score is what the platform's own decay has left of it.

use super::json::{Look, list, maybe_within, object};
use super::web::{JSON, body, url};
use super::{Account, Answer, Fault, KeyUse, Plan, Provider, ProviderInfo, Reading, Turn, lifetime};
use serde_json::json;
use watchfire_model::transport::Request;
use watchfire_model::{Exposure, Grade, Observable, ObservableType as T, Verdict};

/// See the module.
pub(super) struct OpenCti;

static INFO: ProviderInfo = ProviderInfo {
    name: "opencti",
    title: "OpenCTI",
    answers: &[
        T::Ipv4,
        T::Ipv6,
        T::Domain,
        T::Url,
        T::Email,
        T::Md5,
        T::Sha1,
        T::Sha256,
        T::Sha512,
    ],
    exposure: Exposure::OwnServer,
    base: "",
    key: KeyUse::Required {
        variable: "WATCHFIRE_OPENCTI_KEY",
        goes: "header Authorization: Bearer",
    },
    plans: &[Plan {
        name: "own",
        windows: &[],
        terms: "your own server; its entities have markings of their own",
    }],
    grade: Grade::B,
    group: "opencti",
    strength: "score × 0.8; from 75 on malicious, below suspicious",
    steps: 1,
    lifetime,
};

const QUERY: &str = "query Known($filters: FilterGroup) { stixCyberObservables(filters: $filters, first: 5) { edges { node { \
    id observable_value entity_type x_opencti_score x_opencti_description updated_at \
    createdBy { name } objectMarking { definition } objectLabel { value } } } } }";

impl Provider for OpenCti {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    fn ask(&self, what: &Observable, account: &Account) -> Request {
        let key = match what.kind() {
            T::Md5 => "hashes.MD5",
            T::Sha1 => "hashes.SHA-1",
            T::Sha256 => "hashes.SHA-256",
            T::Sha512 => "hashes.SHA-512",
            _ => "value",
        };
        let filter = json!({"key": [key], "values": [what.raw()], "operator": "eq", "mode": "or"});
        let filters = json!({"mode": "and", "filters": [filter], "filterGroups": []});
        let question = json!({"query": QUERY, "variables": {"filters": filters}});
        Request::post(format!("{}/graphql", account.base()), JSON, question.to_string())
            .header("Authorization", format!("Bearer {}", account.key()))
            .header("Accept", JSON)
    }

    fn read(&self, _: &Observable, account: &Account, turn: Turn<'_>) -> Reading {
        read(account, turn).into()
    }
}

fn read(account: &Account, turn: Turn<'_>) -> Result<Answer, Fault> {
    let body = body(turn)?;
    if let Some(error) = body.at("errors").list().first() {
        let code = format!(
            "{} {} {}",
            error.at("name").text(),
            error.at("extensions.code").text(),
            error.at("message").text()
        );
        let upper = code.to_uppercase();
        let why = format!("the server says: {}", code.trim());
        return Err(if ["AUTH", "FORBIDDEN"].iter().any(|word| upper.contains(word)) {
            Fault::authentication(why)
        } else if ["LIMIT", "TOO MANY"].iter().any(|word| upper.contains(word)) {
            Fault::quota(why)
        } else {
            Fault::failed(why)
        });
    }
    let Some(first) = list(&body, "data.stixCyberObservables.edges")?.first() else {
        return Ok(Answer::unknown("not in the platform"));
    };
    let node = object(first, "node")?;
    // No score at all is not a score of nothing: it takes no side either.
    let score = maybe_within(node, "x_opencti_score", 0..=100)?.unwrap_or_default();
    let towards = if score >= 75 {
        Verdict::Malicious
    } else {
        Verdict::Suspicious
    };
    let names = |path: &str, member: &str| {
        let values = node.at(path).list().iter().map(|one| one.at(member).text());
        values.take(8).collect::<Vec<_>>().join(", ")
    };
    Ok(Answer::known(format!("score {score}"))
        .says(towards, u16::try_from(score * 8).unwrap_or_default())
        .at(node.at("updated_at").moment())
        .see(url(
            account.base(),
            &["dashboard", "observations", "observables", node.at("id").text()],
            &[],
        ))
        .note("author", node.at("createdBy.name").text())
        .note("description", node.at("x_opencti_description").text())
        .note("labels", names("objectLabel", "value"))
        .note("markings", names("objectMarking", "definition")))
}
