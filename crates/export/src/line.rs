//! `watchfire.observable/1`: one observable as every machine format lists it.

use crate::Form;
use serde::Serialize;
use std::borrow::Cow;
use watchfire_model::{Confidence, Encoding, Observed, Role, Tag, Untrusted, Via};

/// See `schemas/observable.json`. Fields stand in the order of the contract.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) value: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<&'a str>,
    pub(crate) raw: &'a Untrusted,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<u32>,
    pub(crate) defanged: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    pub(crate) source: &'a Untrusted,
    pub(crate) confidence: Confidence,
    pub(crate) reason: &'static str,
    pub(crate) role: Role,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) role_reason: &'static str,
    pub(crate) tags: &'a [Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<Via>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<&'a Untrusted>,
}

impl<'a> Line<'a> {
    /// With its count.
    pub(crate) fn counted(source: &'a Untrusted, observed: &'a Observed, form: Form) -> Self {
        Self {
            count: Some(observed.count),
            ..Self::uncounted(source, observed, form)
        }
    }

    /// Of a source whose counts are not known yet.
    pub(crate) fn uncounted(source: &'a Untrusted, observed: &'a Observed, form: Form) -> Self {
        Self {
            kind: observed.observable.kind().name(),
            value: value(observed, form),
            pattern: observed.observable.pattern(),
            raw: &observed.raw,
            start: observed.span.start,
            end: observed.span.end,
            line: observed.line,
            page: observed.page,
            defanged: observed.defanged,
            count: None,
            source,
            confidence: observed.confidence,
            reason: observed.reason,
            role: observed.role,
            role_reason: observed.role_reason,
            tags: &observed.tags,
            encoding: observed.encoding,
            via: observed.via,
            context: observed.context.as_ref(),
        }
    }
}

/// The value in the form that was asked for.
pub(crate) fn value(observed: &Observed, form: Form) -> Cow<'_, str> {
    match form {
        Form::Raw => Cow::Borrowed(observed.observable.raw()),
        Form::Defanged => Cow::Owned(observed.observable.defanged()),
    }
}
