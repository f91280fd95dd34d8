//! The policies that SPF publishes (RFC 7208, sections 4.6 and 12): text to terms.
//!
//! A policy is read whole before anything of it is done, because a mistake anywhere makes it void (section 4.6).

use super::expand::{self, Letters};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchfire_model::observable::host;

/// Longest policy that is read. Bytes. Answers by the DNS are shorter.
const LONGEST: usize = 64 << 10;

/// What a policy says of the hosts that a mechanism matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qualifier {
    Pass,
    Fail,
    Softfail,
    Neutral,
}

/// Lengths of the prefixes that count, for each kind of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefixes {
    pub(crate) v4: u8,
    pub(crate) v6: u8,
}

/// How hosts are named. Targets are texts with macros, empty for the domain itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism<'a> {
    All,
    Include(&'a [u8]),
    A(&'a [u8], Prefixes),
    Mx(&'a [u8], Prefixes),
    Ptr(&'a [u8]),
    Network(IpAddr, u8),
    Exists(&'a [u8]),
}

/// A mechanism with what it means that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Directive<'a> {
    pub(crate) qualifier: Qualifier,
    pub(crate) mechanism: Mechanism<'a>,
    /// As published.
    pub(crate) text: &'a [u8],
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy<'a> {
    pub(crate) directives: Vec<Directive<'a>>,
    /// The target of `redirect=`.
    pub(crate) redirect: Option<&'a [u8]>,
    /// The target of `exp=`.
    pub(crate) explanation: Option<&'a [u8]>,
}

/// The term that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mistake<'a>(pub(crate) &'a [u8]);

/// What follows `v=spf1` in a text, if it is a policy at all.
pub(crate) fn policy_text(text: &[u8]) -> Option<&[u8]> {
    let (version, rest) = text.split_at_checked(6)?;
    let ends = matches!(rest.first(), None | Some(b' '));
    (ends && version.eq_ignore_ascii_case(b"v=spf1")).then_some(rest)
}

/// Reads what follows the version.
pub(crate) fn read(text: &[u8]) -> Result<Policy<'_>, Mistake<'_>> {
    let mut policy = Policy::default();
    if text.len() > LONGEST {
        return Err(Mistake(b"its length"));
    }
    for term in text.split(|byte| *byte == b' ').filter(|term| !term.is_empty()) {
        match modifier(term) {
            Some((name, value)) => policy.modifier(name, value, term)?,
            None => policy.directives.push(directive(term).ok_or(Mistake(term))?),
        }
    }
    Ok(policy)
}

impl<'a> Policy<'a> {
    fn modifier(&mut self, name: &'a [u8], value: &'a [u8], term: &'a [u8]) -> Result<(), Mistake<'a>> {
        let known = if name.eq_ignore_ascii_case(b"redirect") {
            self.redirect.replace(value).is_none()
        } else if name.eq_ignore_ascii_case(b"exp") {
            self.explanation.replace(value).is_none()
        } else {
            return expand::is_text(value, Letters::Any).then_some(()).ok_or(Mistake(term));
        };
        // Each at most once.
        if known && expand::is_target(value) {
            Ok(())
        } else {
            Err(Mistake(term))
        }
    }
}

/// Name and value of a modifier: `name=…`.
fn modifier(term: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr::memchr(b'=', term)?;
    let (name, value) = term.split_at_checked(equals)?;
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name.then_some((name, value.get(1..)?))
}

fn directive(term: &[u8]) -> Option<Directive<'_>> {
    let (qualifier, rest) = match term.split_first()? {
        (b'+', rest) => (Qualifier::Pass, rest),
        (b'-', rest) => (Qualifier::Fail, rest),
        (b'~', rest) => (Qualifier::Softfail, rest),
        (b'?', rest) => (Qualifier::Neutral, rest),
        _ => (Qualifier::Pass, term),
    };
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b':' | b'/'))
        .unwrap_or(rest.len());
    let (name, argument) = rest.split_at_checked(end)?;
    Some(Directive {
        qualifier,
        mechanism: mechanism(name, argument)?,
        text: term,
    })
}

/// A mechanism by its name, and what follows that: nothing, `:…`, `/…`.
fn mechanism<'a>(name: &[u8], argument: &'a [u8]) -> Option<Mechanism<'a>> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_slice() {
        b"all" if argument.is_empty() => Mechanism::All,
        b"include" => Mechanism::Include(needed(argument)?),
        b"exists" => Mechanism::Exists(needed(argument)?),
        b"a" => {
            let (target, prefixes) = dual(argument)?;
            Mechanism::A(target, prefixes)
        }
        b"mx" => {
            let (target, prefixes) = dual(argument)?;
            Mechanism::Mx(target, prefixes)
        }
        b"ptr" => Mechanism::Ptr(optional(argument)?),
        b"ip4" => network4(argument.strip_prefix(b":")?)?,
        b"ip6" => network6(argument.strip_prefix(b":")?)?,
        _ => return None,
    })
}

/// `:target`
fn needed(argument: &[u8]) -> Option<&[u8]> {
    let target = argument.strip_prefix(b":")?;
    expand::is_target(target).then_some(target)
}

/// `:target` or nothing.
fn optional(argument: &[u8]) -> Option<&[u8]> {
    if argument.is_empty() {
        Some(argument)
    } else {
        needed(argument)
    }
}

/// `[:target][/n][//n]`
fn dual(argument: &[u8]) -> Option<(&[u8], Prefixes)> {
    let mut rest = argument;
    let mut prefixes = Prefixes { v4: 32, v6: 128 };
    if let Some((before, digits)) = ending_number(rest) {
        match before.strip_suffix(b"/") {
            Some(before) => {
                prefixes.v6 = prefix(digits, 128)?;
                rest = before;
                if let Some((before, digits)) = ending_number(rest) {
                    prefixes.v4 = prefix(digits, 32)?;
                    rest = before;
                }
            }
            None => {
                prefixes.v4 = prefix(digits, 32)?;
                rest = before;
            }
        }
    }
    Some((optional(rest)?, prefixes))
}

/// What stands before a final `/digits`, and the digits.
fn ending_number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = memchr::memrchr(b'/', text)?;
    let digits = text.get(slash.saturating_add(1)..)?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then_some((text.get(..slash)?, digits))
}

/// The length of a prefix, without leading zeros.
fn prefix(digits: &[u8], most: u8) -> Option<u8> {
    host::parse_prefix(digits, most)
}

fn network4(text: &[u8]) -> Option<Mechanism<'static>> {
    let (address, prefix) = network(text, 32)?;
    let address: Ipv4Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
    Some(Mechanism::Network(address.into(), prefix))
}

fn network6(text: &[u8]) -> Option<Mechanism<'static>> {
    let (address, prefix) = network(text, 128)?;
    let address: Ipv6Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
    Some(Mechanism::Network(address.into(), prefix))
}

/// `address[/n]`
fn network(text: &[u8], most: u8) -> Option<(&[u8], u8)> {
    match memchr::memchr(b'/', text) {
        None => Some((text, most)),
        Some(slash) => {
            let digits = text.get(slash.saturating_add(1)..)?;
            Some((text.get(..slash)?, prefix(digits, most)?))
        }
    }
}
