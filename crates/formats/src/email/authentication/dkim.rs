//! DKIM (RFC 6376, with RFC 8301 and RFC 8463): whether a mail is as a domain signed it.
//!
//! The body is compared first: a mail whose body was changed is known to be so without any answer of the DNS. What a
//! signature leaves open is said beside its outcome: a body signed in part, a key that is only being tested. `x=` is held
//! against the moment that the caller gives. Not looked at: `z=`, the local part of `i=`, and `q=` other than `dns/txt`.

use super::ask::Asker;
use super::canonical::{Body, Form, Index, header_without};
use super::key::{Algorithm, Key, NoKey};
use super::signature::{Coverage, Ended, Signature, moment, shown};
use super::tags::{Tags, trimmed};
use crate::email::field::{Field, Fields};
use watchfire_model::dns::Name;
use watchfire_model::{DkimOutcome, DkimResult, Moment, Untrusted};

/// Most signatures of one mail that are verified, from the top.
pub const MOST_SIGNATURES: usize = 16;
/// Most names of signed fields that are listed.
const MOST_NAMES: usize = 64;

/// The signatures that were verified, and how many were not looked at.
pub(crate) fn verify(
    fields: &Fields<'_>,
    index: &Index<'_, '_>,
    body: &mut Body<'_>,
    asker: &mut Asker<'_>,
    as_of: Moment,
) -> (Vec<DkimResult>, u64) {
    let mut results = Vec::new();
    let mut beyond = 0_u64;
    for field in fields.named("DKIM-Signature") {
        if results.len() >= MOST_SIGNATURES {
            beyond = beyond.saturating_add(1);
            continue;
        }
        let mut result = DkimResult {
            span: Some(field.span),
            ..DkimResult::default()
        };
        let (outcome, why) = if fields.beyond > 0 {
            let why = "the header has more fields than are looked at";
            (DkimOutcome::Unverified, why.to_owned())
        } else {
            let outcome = one(field, index, body, asker, as_of, &mut result);
            outcome.unwrap_or_else(|why| (DkimOutcome::Permerror, format!("the signature {why}")))
        };
        result.outcome = outcome;
        result.why = Untrusted::new(why);
        results.push(result);
    }
    (results, beyond)
}

/// Outcome and reason of one signature. An error completes "the signature …".
fn one(
    field: &Field<'_>,
    index: &Index<'_, '_>,
    body: &mut Body<'_>,
    asker: &mut Asker<'_>,
    as_of: Moment,
    result: &mut DkimResult,
) -> Result<(DkimOutcome, String), String> {
    let tags = Tags::read(field.value).ok_or("is not in order")?;
    describe(&tags, result);
    if tags.value("v") != Some(b"1") {
        return Err("is not of version 1".to_owned());
    }
    let signature = Signature::read(tags)?;
    let coverage = Coverage::read(&signature.tags, Form::Simple)?;
    timing(&signature, as_of, result)?;
    let identity = identity(&signature)?;
    if !coverage.names.iter().any(|name| name == b"from") {
        return Err("does not cover 'From'".to_owned());
    }
    if signature.algorithm == Algorithm::RsaSha1 {
        let why = "the signature is made with SHA-1, which RFC 8301 forbids to accept";
        return Ok((DkimOutcome::Policy, why.to_owned()));
    }
    let hash = body.hash(coverage.body, coverage.limit);
    if let Some(limit) = coverage.limit {
        if limit > hash.length {
            return Err(format!("covers {limit} bytes of a body of {}", hash.length));
        }
        result.body_signed = (limit < hash.length).then_some(limit);
    }
    if hash.sha256 != coverage.body_hash.as_slice() {
        let why = "the body is not what was signed";
        return Ok((DkimOutcome::Fail, why.to_owned()));
    }
    let data = signed_data(field, &signature, &coverage, index);
    let strict = |key: &Key| match &identity {
        Some(identity) if key.strict && *identity != signature.domain => {
            Err("its key is only for the very domain, and 'i=' is below it")
        }
        _ => Ok(()),
    };
    Ok(outcome(
        signature.verify(&data, asker, strict),
        &signature.domain,
        result,
    ))
}

/// What is said of a signature before it is understood.
fn describe(tags: &Tags<'_>, result: &mut DkimResult) {
    let text = |name: &str| Untrusted::from_bytes(tags.value(name).unwrap_or_default());
    result.domain = text("d");
    result.selector = text("s");
    result.identity = text("i");
    result.algorithm = text("a");
    let names = tags.value("h").unwrap_or_default().split(|byte| *byte == b':');
    let names = names.map(trimmed).filter(|name| !name.is_empty()).take(MOST_NAMES);
    result.signed = names
        .map(|name| Untrusted::from_bytes(&name.to_ascii_lowercase()))
        .collect();
}

fn timing(signature: &Signature<'_>, as_of: Moment, result: &mut DkimResult) -> Result<(), String> {
    let at = |seconds: u64| Moment::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX));
    let expires = moment(&signature.tags, "x")?;
    result.signed_at = signature.time.map(at);
    result.expires = expires.map(at);
    if let (Some(signed), Some(expires)) = (signature.time, expires)
        && expires <= signed
    {
        return Err("ends before it begins".to_owned());
    }
    match result.expires {
        Some(expires) if expires < as_of => Err(format!("held until {expires}")),
        _ => Ok(()),
    }
}

/// The domain of `i=`, which has to be the signing domain or below it.
fn identity(signature: &Signature<'_>) -> Result<Option<Name>, String> {
    if let Some(query) = signature.tags.value("q") {
        let mut methods = query.split(|byte| *byte == b':').map(trimmed);
        if !methods.any(|method| method.eq_ignore_ascii_case(b"dns/txt") || method.eq_ignore_ascii_case(b"dns")) {
            return Err(format!("has its key elsewhere: '{}'", shown(query)));
        }
    }
    let Some(identity) = signature.tags.value("i") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(identity);
    let domain = text.rsplit_once('@').and_then(|(_, domain)| Name::parse(domain));
    match domain {
        Some(domain) if signature.domain.covers(&domain) => Ok(Some(domain)),
        _ => Err(format!(
            "is on behalf of '{}', which is not of {}",
            shown(identity),
            signature.domain
        )),
    }
}

/// The bytes that a signature is over (section 3.7): the fields it names, then itself without its value.
pub(crate) fn signed_data(
    field: &Field<'_>,
    signature: &Signature<'_>,
    coverage: &Coverage,
    index: &Index<'_, '_>,
) -> Vec<u8> {
    let mut data = Vec::new();
    index.signed(coverage.header, &coverage.names, field, &mut data);
    header_without(coverage.header, field, signature.left_out.clone(), &mut data);
    data
}

fn outcome(ended: Ended, domain: &Name, result: &mut DkimResult) -> (DkimOutcome, String) {
    let mut note = |key: &Key| {
        result.key_bits = Some(key.bits);
        result.testing = key.testing;
    };
    match ended {
        Ended::Holds(key) => {
            note(&key);
            let part = match result.body_signed {
                Some(bytes) => format!(", over the first {bytes} bytes of the body"),
                None => String::new(),
            };
            (DkimOutcome::Pass, format!("the signature of {domain} holds{part}"))
        }
        Ended::Broken(key) => {
            note(&key);
            let why = format!("the header is not what {domain} signed, or another key signed it");
            (DkimOutcome::Fail, why)
        }
        Ended::TooWeak(key, why) => {
            note(&key);
            (DkimOutcome::Policy, why)
        }
        Ended::Unusable(why) | Ended::NoKey(NoKey::Permanent(why)) => (DkimOutcome::Permerror, why),
        Ended::NoKey(NoKey::Temporary(why)) => (DkimOutcome::Temperror, why),
        Ended::NoKey(NoKey::Missing) => {
            let why = format!("the body is what was signed; the key of {domain} is missing");
            (DkimOutcome::Unverified, why)
        }
    }
}
