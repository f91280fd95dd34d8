//! The JSON Schemas of what Watchfire writes (draft 2020-12), by the name after `watchfire schema`.

/// One schema.
#[derive(Debug)]
pub struct Schema {
    /// `report`
    pub name: &'static str,
    /// One line for the manual, lower case, no full stop.
    pub describes: &'static str,
    /// The schema itself.
    pub text: &'static str,
}

/// Every schema, in the order of the manual.
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "report",
        describes: "watchfire.report/1: what 'triage --format json' prints",
        text: include_str!("../schemas/report.json"),
    },
    Schema {
        name: "record",
        describes: "watchfire.record/1: one line of 'triage --format ndjson'",
        text: include_str!("../schemas/record.json"),
    },
    Schema {
        name: "observable",
        describes: "watchfire.observable/1: one line of 'extract --format ndjson'",
        text: include_str!("../schemas/observable.json"),
    },
    Schema {
        name: "observables",
        describes: "watchfire.observables/1: what 'extract --format json' prints",
        text: include_str!("../schemas/observables.json"),
    },
    Schema {
        name: "mail-evaluation",
        describes: "watchfire.mail-evaluation/1: what 'mail --evaluate … --format json' prints",
        text: include_str!("../schemas/mail-evaluation.json"),
    },
    Schema {
        name: "rules",
        describes: "watchfire.rules/1: what 'rules list --format json' prints",
        text: include_str!("../schemas/rules.json"),
    },
    Schema {
        name: "rule-check",
        describes: "watchfire.rule-check/1: what 'rules lint PATH --format json' prints",
        text: include_str!("../schemas/rule-check.json"),
    },
    Schema {
        name: "rule-trial",
        describes: "watchfire.rule-trial/1: what 'rules test PATH --on LOGS --format json' prints",
        text: include_str!("../schemas/rule-trial.json"),
    },
    Schema {
        name: "rule-regression",
        describes: "watchfire.rule-regression/1: what 'rules test PATH --format json' prints",
        text: include_str!("../schemas/rule-regression.json"),
    },
    Schema {
        name: "rule",
        describes: "watchfire.rule/1: what 'rules explain RULE --format json' prints",
        text: include_str!("../schemas/rule.json"),
    },
    Schema {
        name: "anomalies",
        describes: "watchfire.anomalies/1: what 'logs anomalies TABLE --format json' prints",
        text: include_str!("../schemas/anomalies.json"),
    },
    Schema {
        name: "cases",
        describes: "watchfire.cases/1: what 'case list --format json' prints",
        text: include_str!("../schemas/cases.json"),
    },
    Schema {
        name: "case",
        describes: "watchfire.case/1: what 'case show NAME --format json' prints",
        text: include_str!("../schemas/case.json"),
    },
    Schema {
        name: "case-metrics",
        describes: "watchfire.case-metrics/1: what 'case metrics --format json' prints",
        text: include_str!("../schemas/case-metrics.json"),
    },
    Schema {
        name: "sarif",
        describes: "what 'triage --format sarif' prints: the part of SARIF 2.1.0 that Watchfire writes",
        text: include_str!("../schemas/sarif.json"),
    },
];
