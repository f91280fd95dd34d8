//! Where passwords stand in commands: of SQL, Redis, services of IRC, searches in directories, and addresses of SIP.

use super::mask::MASK;
use super::places::is_secret;
use std::ops::Range;
use watchfire_model::Untrusted;
use watchfire_model::network::Redis;

/// What is read of a statement between the word that announces a password and the quotes that hold it. Bytes.
const NEAR: usize = 200;

/// Passwords of a statement of SQL, in order: literals behind `IDENTIFIED` and behind names that end in `PASSWORD` (MySQL 8.4,
/// 15.7.1; PostgreSQL 17, `ALTER ROLE`).
pub(super) fn of_sql(query: &str) -> Vec<Range<usize>> {
    let bytes = query.as_bytes();
    let mut found = Vec::new();
    if memchr::memchr2(b'\'', b'"', bytes).is_none() {
        return found;
    }
    let mut at = 0;
    while let Some(next) = bytes.get(at).copied() {
        if matches!(next, b'\'' | b'"') {
            // What a literal says announces nothing.
            at = literal(bytes, at).end + 1;
        } else if !is_word(next) {
            at += 1;
        } else {
            let word = word(bytes, at);
            at = word.end;
            let name = bytes.get(word).unwrap_or_default();
            if ends_with(name, b"password") || name.eq_ignore_ascii_case(b"identified") {
                let secret = announced(bytes, at);
                at = secret.as_ref().map_or(at, |secret| secret.end + 1);
                found.extend(secret.filter(|secret| !secret.is_empty()));
            }
        }
    }
    found.retain(|secret| query.get(secret.clone()).is_some_and(|text| text != MASK));
    found
}

/// The literal that `at` leads to by words that stand between.
fn announced(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const BETWEEN: [&[u8]; 7] = [b"by", b"as", b"using", b"password", b"is", b"like", b"values"];
    let (mut at, end) = (at, bytes.len().min(at + NEAR));
    let (mut is_name, mut is_account) = (false, false);
    while at < end {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\r' | b'\n' | b'(' | b':' => at += 1,
            b'=' => {
                (at, is_account) = (at + 1, false);
            }
            b'@' | b'.' | b'%' | b'`' if is_account => at += 1,
            b'\'' | b'"' => {
                let literal = literal(bytes, at);
                if !is_name && !is_account {
                    return Some(literal);
                }
                // A plugin, or an account.
                (at, is_name) = (literal.end + 1, false);
            }
            byte if is_word(*byte) => {
                let word = word(bytes, at);
                let name = bytes.get(word.clone())?;
                // E'…' and N'…' are literals as well.
                let is_prefix = name.len() == 1 && matches!(bytes.get(word.end), Some(b'\'' | b'"'));
                let is_between = BETWEEN.iter().any(|between| name.eq_ignore_ascii_case(between));
                if name.eq_ignore_ascii_case(b"with") {
                    is_name = true;
                } else if name.eq_ignore_ascii_case(b"for") {
                    is_account = true;
                } else if is_name {
                    is_name = false;
                } else if !is_between && !is_prefix && !is_account {
                    return None;
                }
                at = word.end;
            }
            _ => return None,
        }
    }
    None
}

/// What stands in the quotes that open at `at`.
fn literal(bytes: &[u8], at: usize) -> Range<usize> {
    let quote = bytes.get(at).copied().unwrap_or_default();
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match *byte {
            b'\\' => end += 2,
            same if same == quote && bytes.get(end + 1) == Some(&quote) => end += 2,
            same if same == quote => break,
            _ => end += 1,
        }
    }
    at + 1..end.min(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word(bytes: &[u8], at: usize) -> Range<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    at..at + rest.iter().take_while(|byte| is_word(**byte)).count()
}

fn ends_with(name: &[u8], end: &[u8]) -> bool {
    let start = name.len().checked_sub(end.len());
    start
        .and_then(|start| name.get(start..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// The password of what is said to a service that keeps names, or to a bot: `IDENTIFY password`, `.login password`
/// (<https://github.com/anope/anope>, `modules/nickserv`).
pub(super) fn of_chat(to: &str, said: &str) -> Vec<Range<usize>> {
    let name = to.split('@').next().unwrap_or_default();
    let is_service = to.contains('@') || ends_with(name.as_bytes(), b"serv");
    let words = spans(said);
    let word = |at: usize| {
        words
            .get(at)
            .and_then(|place| said.get(place.clone()))
            .unwrap_or_default()
    };
    let bare = word(0).trim_start_matches(['.', '!']);
    let is_order = bare.len() < word(0).len();
    let is = |names: &[&str]| names.iter().any(|name| bare.eq_ignore_ascii_case(name));
    let secret = match words.len() {
        0 | 1 => None,
        _ if !is_service && !is_order => None,
        _ if is(&["identify", "id", "login", "auth"]) => words.last(),
        3.. if is(&["ghost", "recover", "release", "regain", "group"]) => words.last(),
        2.. if is_service && is(&["register"]) => words.get(1),
        3.. if is_service
            && is(&["set"])
            && ["password", "passwd"].contains(&word(1).to_ascii_lowercase().as_str()) =>
        {
            words.get(2)
        }
        _ => None,
    };
    let is_masked = |place: &&Range<usize>| said.get((*place).clone()) == Some(MASK);
    secret.filter(|place| !is_masked(place)).cloned().into_iter().collect()
}

/// The places of words.
fn spans(text: &str) -> Vec<Range<usize>> {
    let start = |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
    text.split_ascii_whitespace()
        .map(|word| start(word)..start(word) + word.len())
        .collect()
}

/// Settings that are passwords and are not called so.
const SETTINGS: [&str; 4] = ["requirepass", "masterauth", "auth-pass", "tls-key-file-pass"];

/// Masks passwords in the arguments of a command and in what it answers: behind settings, options and fields that are called
/// so, in rules of accounts, and what a key of such a name holds (<https://redis.io/docs/latest/commands/>).
pub(super) fn hide_in_redis(redis: &mut Redis, told: &mut dyn FnMut(&str)) {
    let is = |command: &str| redis.command.raw().eq_ignore_ascii_case(command);
    let is_get = ["GET", "HGET", "GETDEL", "GETEX", "HGETDEL"]
        .iter()
        .any(|command| is(command));
    let (is_acl, is_config) = (is("ACL"), is("CONFIG"));
    let mut next = None;
    for argument in &mut redis.arguments {
        let raw = argument.raw().trim_matches('"');
        let is_rule = is_acl && raw.len() > 1 && raw.starts_with(['>', '<', '#', '!']);
        let (is_secret, follows) = match next {
            Some(0) => (true, None),
            Some(more) => (false, Some(more - 1)),
            None if raw.eq_ignore_ascii_case("AUTH2") => (false, Some(1)),
            None => (false, is_password(raw).then_some(0)),
        };
        next = follows;
        if is_secret && raw != MASK {
            told(raw);
            *argument = MASK.into();
        } else if is_rule && raw.get(1..) != Some(MASK) {
            told(raw.get(1..).unwrap_or_default());
            *argument = Untrusted::new(format!("{}{MASK}", raw.get(..1).unwrap_or_default()));
        }
    }
    let names_secret = redis.arguments.last().is_some_and(|name| is_password(name.raw()));
    let Some(reply) = redis.reply.as_mut().filter(|reply| !reply.failed) else {
        return;
    };
    if is_get && names_secret && !reply.text.is_empty() && reply.text.raw() != MASK {
        told(reply.text.raw());
        reply.text = MASK.into();
    } else if is_config {
        hide_in_settings(&mut reply.text, told);
    }
}

fn is_password(name: &str) -> bool {
    SETTINGS.iter().any(|setting| name.eq_ignore_ascii_case(setting)) || is_secret(name)
}

/// Masks what stands behind the names of passwords in a list: `[requirepass, hunter2]`.
fn hide_in_settings(text: &mut Untrusted, told: &mut dyn FnMut(&str)) {
    let raw = text.raw();
    if !SETTINGS.iter().any(|setting| raw.contains(setting)) {
        return;
    }
    let list = raw.trim_start_matches('[').trim_end_matches(']');
    let mut is_value = false;
    let words = list.split(", ").map(|word| {
        let is_secret = std::mem::replace(&mut is_value, SETTINGS.contains(&word));
        if is_secret && word != MASK && !word.is_empty() {
            told(word);
            return MASK;
        }
        word
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let begins = if raw.starts_with('[') { "[" } else { "" };
    let ends = if raw.ends_with(']') { "]" } else { "" };
    *text = Untrusted::new(format!("{begins}{words}{ends}"));
}

/// What a search asks of attributes that are passwords: `(userPassword=…)` (RFC 4515).
pub(super) fn of_directory(filter: &str) -> Vec<Range<usize>> {
    let secret = |sign: usize| {
        let before = filter.get(..sign)?.trim_end_matches([':', '~', '<', '>']);
        let name = before.get(before.rfind('(').map_or(0, |open| open + 1)..)?;
        let is_named = is_secret(name) || ends_with(name.as_bytes(), b"pwd");
        let rest = filter.get(sign + 1..)?;
        let length = rest.find(')').unwrap_or(rest.len());
        let value = rest.get(..length)?;
        (is_named && !matches!(value, "" | "*" | MASK)).then_some(sign + 1..sign + 1 + length)
    };
    let mut found: Vec<Range<usize>> = memchr::memchr_iter(b'=', filter.as_bytes())
        .filter_map(secret)
        .collect();
    // A value may hold such a sign itself.
    found.dedup_by(|next, kept| next.start < kept.end);
    found
}

/// The password in an address of SIP: `sip:user:password@host` (RFC 3261 19.1.1).
pub(super) fn of_call(address: &str) -> Vec<Range<usize>> {
    let password = |text: &str| {
        let scheme = ["sips:", "sip:"]
            .iter()
            .find_map(|scheme| Some(text.find(scheme)? + scheme.len()))?;
        let rest = text.get(scheme..)?;
        let user = rest.get(..rest.find(['@', '>', ' ', '"'])?)?;
        let is_user = rest.as_bytes().get(user.len()) == Some(&b'@');
        let colon = user.find(':').filter(|_| is_user)?;
        let place = scheme + colon + 1..scheme + user.len();
        (text.get(place.clone())? != MASK && !place.is_empty()).then_some(place)
    };
    password(address).into_iter().collect()
}
