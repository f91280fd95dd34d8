//! ARC (RFC 8617): whether intermediaries vouch for a mail in an unbroken chain.
//!
//! A chain is sets of three fields, numbered from 1. It holds where every set is whole, every seal holds, and the mail is
//! as the last set signed it. That says who vouches and not that anyone should be believed: trust is the reader's.

use super::ask::Asker;
use super::canonical::{Body, Form, Index, header, header_without};
use super::dkim::signed_data;
use super::key::{Algorithm, NoKey};
use super::signature::{Coverage, Ended, Signature};
use super::tags::{Tags, number, trimmed};
use crate::email::field::{Field, Fields};
use std::collections::BTreeMap;
use watchfire_model::{ArcOutcome, ArcResult, ArcSet, Untrusted};

/// Most sets of one chain (section 4.2.1).
const MOST_SETS: u64 = 50;

/// One set as the header holds it.
#[derive(Default)]
struct Set<'f, 'a> {
    results: Option<&'f Field<'a>>,
    signature: Option<&'f Field<'a>>,
    seal: Option<&'f Field<'a>>,
}

/// A set that is whole.
struct Whole<'f, 'a> {
    results: &'f Field<'a>,
    signature: &'f Field<'a>,
    seal: &'f Field<'a>,
    read: Signature<'f>,
}

/// Verifies the chain of a mail.
pub(crate) fn verify(
    fields: &Fields<'_>,
    index: &Index<'_, '_>,
    body: &mut Body<'_>,
    asker: &mut Asker<'_>,
) -> ArcResult {
    let mut result = ArcResult::default();
    let (outcome, why) = match collected(fields) {
        Ok(sets) if sets.is_empty() => (ArcOutcome::None, "no intermediary vouches for it".to_owned()),
        Ok(_) if fields.beyond > 0 => {
            let why = "the header has more fields than are looked at";
            (ArcOutcome::Unverified, why.to_owned())
        }
        Ok(sets) => {
            result.sets = sets.iter().map(|(instance, set)| described(*instance, set)).collect();
            chain(&sets, index, body, asker).unwrap_or_else(|why| (ArcOutcome::Fail, why))
        }
        Err(why) => (ArcOutcome::Fail, why),
    };
    result.outcome = outcome;
    result.why = Untrusted::new(why);
    result
}

/// The sets by their numbers. An error is why there is no chain.
fn collected<'f, 'a>(fields: &'f Fields<'a>) -> Result<BTreeMap<u64, Set<'f, 'a>>, String> {
    let mut sets: BTreeMap<u64, Set<'f, 'a>> = BTreeMap::new();
    for field in &fields.fields {
        let (kind, instance) = if field.is("ARC-Authentication-Results") {
            (0, results_instance(field.value).map(|(instance, _)| instance))
        } else if field.is("ARC-Message-Signature") {
            (1, tags_instance(field.value))
        } else if field.is("ARC-Seal") {
            (2, tags_instance(field.value))
        } else {
            continue;
        };
        let name = String::from_utf8_lossy(field.name);
        let instance = instance
            .filter(|instance| (1..=MOST_SETS).contains(instance))
            .ok_or_else(|| format!("the field {name} has no number from 1 to {MOST_SETS}"))?;
        let set = sets.entry(instance).or_default();
        let place = match kind {
            0 => &mut set.results,
            1 => &mut set.signature,
            _ => &mut set.seal,
        };
        if place.replace(field).is_some() {
            return Err(format!("set {instance} has the field {name} twice"));
        }
    }
    Ok(sets)
}

fn tags_instance(value: &[u8]) -> Option<u64> {
    number(Tags::read(value)?.value("i")?)
}

/// The number at the beginning of results, `i=1;`, and what follows.
fn results_instance(value: &[u8]) -> Option<(u64, &[u8])> {
    let end = memchr::memchr(b';', value)?;
    let (first, rest) = value.split_at_checked(end)?;
    let equals = memchr::memchr(b'=', first)?;
    let (name, digits) = first.split_at_checked(equals)?;
    let instance = number(trimmed(digits.get(1..)?))?;
    (trimmed(name) == b"i").then_some((instance, rest.get(1..)?))
}

fn described(instance: u64, set: &Set<'_, '_>) -> ArcSet {
    let tags = set.seal.and_then(|seal| Tags::read(seal.value)).unwrap_or_default();
    let text = |name: &str| Untrusted::from_bytes(tags.value(name).unwrap_or_default());
    let results = set.results.and_then(|results| results_instance(results.value));
    ArcSet {
        instance: u32::try_from(instance).unwrap_or(u32::MAX),
        domain: text("d"),
        selector: text("s"),
        before: text("cv"),
        results: Untrusted::from_bytes(trimmed(results.map_or(&[], |(_, rest)| rest))),
        span: set.seal.map(|seal| seal.span),
    }
}

/// Outcome and reason of a chain with at least one set. An error is why it is broken.
fn chain(
    sets: &BTreeMap<u64, Set<'_, '_>>,
    index: &Index<'_, '_>,
    body: &mut Body<'_>,
    asker: &mut Asker<'_>,
) -> Result<(ArcOutcome, String), String> {
    let whole = whole(sets)?;
    let mut unknown = None;
    if let Some(last) = whole.last() {
        note(
            &mut unknown,
            message_signature(last, index, body, asker),
            "the last signature",
        )?;
    }
    let mut data = Vec::new();
    for (set, instance) in whole.iter().zip(1_u32..) {
        for field in [set.results, set.signature] {
            header(Form::Relaxed, field, &mut data);
            data.extend_from_slice(b"\r\n");
        }
        let before = data.len();
        header_without(Form::Relaxed, set.seal, set.read.left_out.clone(), &mut data);
        let ended = set.read.verify(&data, asker, |_| Ok(()));
        note(&mut unknown, Ok(ended), &format!("seal {instance}"))?;
        data.truncate(before);
        header(Form::Relaxed, set.seal, &mut data);
        data.extend_from_slice(b"\r\n");
    }
    Ok(unknown.unwrap_or_else(|| (ArcOutcome::Pass, format!("all {} seals hold", whole.len()))))
}

/// The sets from 1 on, where each is whole and says the right thing of those before it.
fn whole<'f, 'a>(sets: &BTreeMap<u64, Set<'f, 'a>>) -> Result<Vec<Whole<'f, 'a>>, String> {
    let mut all = Vec::new();
    for ((instance, set), expected) in sets.iter().zip(1_u64..) {
        let (Some(results), Some(signature), Some(seal)) = (set.results, set.signature, set.seal) else {
            return Err(format!("set {instance} is not whole"));
        };
        if *instance != expected {
            return Err(format!("set {expected} is not there"));
        }
        let tags = Tags::read(seal.value).ok_or_else(|| format!("seal {instance} is not in order"))?;
        let before = tags.value("cv").unwrap_or_default();
        if before == b"fail" {
            return Err(format!("seal {instance} says that the chain was broken before it"));
        }
        let right: &[u8] = if expected == 1 { b"none" } else { b"pass" };
        if before != right || tags.value("h").is_some() {
            return Err(format!("seal {instance} is not in order"));
        }
        let read = Signature::read(tags).map_err(|why| format!("seal {instance} {why}"))?;
        if read.algorithm == Algorithm::RsaSha1 {
            return Err(format!("seal {instance} is made with SHA-1"));
        }
        all.push(Whole {
            results,
            signature,
            seal,
            read,
        });
    }
    Ok(all)
}

/// How the signature of the last set over the mail itself ended.
fn message_signature(
    set: &Whole<'_, '_>,
    index: &Index<'_, '_>,
    body: &mut Body<'_>,
    asker: &mut Asker<'_>,
) -> Result<Ended, String> {
    let tags = Tags::read(set.signature.value).ok_or("is not in order")?;
    let signature = Signature::read(tags)?;
    // Those who wrote the standard read a missing 'c=' as they write it, and not as DKIM does.
    let coverage = Coverage::read(&signature.tags, Form::Relaxed)?;
    if coverage.names.iter().any(|name| name == b"arc-seal") {
        return Err("covers seals".to_owned());
    }
    if signature.algorithm == Algorithm::RsaSha1 {
        return Err("is made with SHA-1".to_owned());
    }
    let hash = body.hash(coverage.body, coverage.limit);
    if hash.sha256 != coverage.body_hash.as_slice() || coverage.limit.is_some_and(|limit| limit > hash.length) {
        return Err("is over another body".to_owned());
    }
    let data = signed_data(set.signature, &signature, &coverage, index);
    Ok(signature.verify(&data, asker, |_| Ok(())))
}

/// Notes what could not be found out; an error is what broke the chain.
fn note(unknown: &mut Option<(ArcOutcome, String)>, ended: Result<Ended, String>, what: &str) -> Result<(), String> {
    let ended = ended.map_err(|why| format!("{what} {why}"))?;
    let found = match ended {
        Ended::Holds(_) => return Ok(()),
        Ended::NoKey(NoKey::Missing) => (ArcOutcome::Unverified, format!("the key of {what} is missing")),
        Ended::NoKey(NoKey::Temporary(why)) => (ArcOutcome::Temperror, why),
        Ended::Broken(_) => return Err(format!("{what} does not hold")),
        Ended::TooWeak(_, why) | Ended::Unusable(why) | Ended::NoKey(NoKey::Permanent(why)) => {
            return Err(format!("{what} cannot be verified: {why}"));
        }
    };
    // What will never be known without an answer is said first.
    if unknown
        .as_ref()
        .is_none_or(|(outcome, _)| *outcome == ArcOutcome::Temperror)
    {
        *unknown = Some(found);
    }
    Ok(())
}
