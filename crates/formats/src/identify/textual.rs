//! Formats of text, told by how it begins.

use super::media::*;
use crate::email::field::is_of_mail;
use watchfire_model::MediaType;

/// Recognises formats of text. `text` is the beginning of the artifact, decoded; `is_whole` says that nothing was cut.
pub(super) fn identify(text: &str, is_whole: bool) -> Option<MediaType> {
    let start = text.trim_start();
    shebang(start)
        .or_else(|| by_prefix(start))
        .or_else(|| markup(start))
        .or_else(|| json(start, is_whole))
        .or_else(|| mail(text))
        .or_else(|| yara(text))
}

/// First words that belong to one format.
const PREFIXES: &[(&str, MediaType)] = &[
    ("-----BEGIN PGP PUBLIC KEY", PGP_KEYS),
    ("-----BEGIN PGP PRIVATE KEY", PGP_KEYS),
    ("-----BEGIN PGP", PGP_ARMOUR),
    ("-----BEGIN ", PEM),
    ("BEGIN:VCALENDAR", CALENDAR),
    ("BEGIN:VCARD", VCARD),
    ("Windows Registry Editor Version", REG),
    ("REGEDIT4", REG),
    ("[InternetShortcut]", URL_SHORTCUT),
    ("<?php", PHP),
];

fn by_prefix(start: &str) -> Option<MediaType> {
    PREFIXES
        .iter()
        .find(|(prefix, _)| begins(start, prefix))
        .map(|&(_, media_type)| media_type)
}

/// Whether `text` begins with `prefix`, whatever its case. `prefix` is ASCII.
fn begins(text: &str, prefix: &str) -> bool {
    text.as_bytes()
        .get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Interpreters, with the type of what they run. The first that the line names wins.
const INTERPRETERS: &[(&str, MediaType)] = &[
    ("python", PYTHON),
    ("perl", PERL),
    ("ruby", RUBY),
    ("php", PHP),
    ("node", JAVASCRIPT),
    ("deno", JAVASCRIPT),
    ("pwsh", POWERSHELL),
    ("powershell", POWERSHELL),
    ("osascript", APPLESCRIPT),
    ("lua", LUA),
    ("sh", SHELL),
];

/// The first line of a script whose rest is no text: systems read that line and hand the file on, whatever follows.
pub(super) fn shebang_of(bytes: &[u8]) -> Option<MediaType> {
    const LONGEST: usize = 256;
    let head = bytes.get(..LONGEST).unwrap_or(bytes);
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    shebang(&String::from_utf8_lossy(head.get(..end)?))
}

fn shebang(start: &str) -> Option<MediaType> {
    let line = start.strip_prefix("#!")?.lines().next()?;
    if !line.trim_start().starts_with('/') {
        return None;
    }
    let known = INTERPRETERS.iter().find(|(name, _)| line.contains(name));
    Some(known.map_or(SHELL, |&(_, media_type)| media_type))
}

/// Elements that a page may begin with, and that no other XML vocabulary does.
const PAGE_STARTS: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<title",
    "<script",
    "<style",
    "<iframe",
    "<meta",
    "<table",
    "<div",
    "<center",
    "<form",
    "<p>",
    "<h1",
    "<img",
    "<font",
    "<a href",
    "<br",
    "<span",
];

/// HTML, XML and what is written in it.
fn markup(start: &str) -> Option<MediaType> {
    if !start.starts_with('<') {
        return None;
    }
    let head: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    if head.contains("<hta:application") {
        return Some(HTA);
    }
    let mut body = head.as_str();
    let mut is_xml = false;
    loop {
        body = body.trim_start();
        if let Some(rest) = body.strip_prefix("<!--") {
            body = rest.split_once("-->").map_or("", |(_, rest)| rest);
        } else if body.starts_with("<?") {
            is_xml |= body.starts_with("<?xml");
            body = body.split_once("?>").map_or("", |(_, rest)| rest);
        } else if is_xml && body.starts_with("<!doctype") {
            if body.starts_with("<!doctype html") {
                return Some(XHTML);
            }
            body = body.split_once('>').map_or("", |(_, rest)| rest);
        } else {
            break;
        }
    }
    let root = |name: &str| {
        let after = body.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
        after.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')))
    };
    if root("svg") || body.starts_with("<!doctype svg") {
        Some(SVG)
    } else if root("job") || (root("package") && head.contains("<script")) {
        Some(WSF)
    } else if root("scriptlet") || (root("component") && head.contains("<script")) {
        Some(SCRIPTLET)
    } else if root("librarydescription") {
        Some(LIBRARY_MS)
    } else if root("searchconnectordescription") || root("persistedquery") {
        Some(SEARCH_CONNECTOR)
    } else if root("pcsettings") {
        Some(SETTING_CONTENT)
    } else if is_xml {
        Some(if root("html") { XHTML } else { XML })
    } else {
        PAGE_STARTS.iter().any(|page| body.starts_with(page)).then_some(HTML)
    }
}

fn json(start: &str, is_whole: bool) -> Option<MediaType> {
    let open = start.chars().next().filter(|c| matches!(c, '{' | '['))?;
    let inside = start.get(1..)?.trim_start();
    let is_begun = match open {
        '{' => inside.starts_with('"') || inside.starts_with('}'),
        // A section of an INI file begins with a bracket too, and so do many log lines.
        _ => {
            inside.starts_with(['{', '[', '"', ']'])
                || inside
                    .split([',', ']'])
                    .next()
                    .is_some_and(|item| item.trim().parse::<f64>().is_ok())
        }
    };
    let end = start.trim_end();
    let is_ended = !is_whole || end.ends_with(if open == '{' { '}' } else { ']' });
    if !is_begun {
        return None;
    }
    let mut lines = start.lines().filter(|line| !line.trim().is_empty());
    let (first, second) = (lines.next().unwrap_or_default().trim_end(), lines.next());
    if open == '{' && first.ends_with('}') && second.is_some_and(|line| line.starts_with('{')) {
        return Some(NDJSON);
    }
    if !is_ended {
        return None;
    }
    let compact: String = start.chars().take(4096).filter(|c| !c.is_whitespace()).collect();
    let is_bundle = compact.contains("\"type\":\"bundle\"") || compact.contains("\"id\":\"bundle--");
    Some(if is_bundle { STIX } else { JSON })
}

fn mail(text: &str) -> Option<MediaType> {
    let (envelope, headers) = match text.strip_prefix("From ") {
        Some(rest) => (true, rest.split_once('\n')?.1),
        None => (false, text),
    };
    let mut known = 0;
    for (index, line) in headers.lines().enumerate().take(200) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && index > 0 {
            continue;
        }
        // A line that is no field ends the search; one alone may be a `>From ` or a mangled field.
        let Some((name, _)) = line.split_once(':') else { break };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            break;
        }
        known += usize::from(is_of_mail(name.as_bytes()));
    }
    match (envelope, known) {
        (true, 2..) => Some(MBOX),
        (false, 3..) => Some(EML),
        _ => None,
    }
}

fn yara(text: &str) -> Option<MediaType> {
    let has_rule = text.lines().any(|line| {
        let line = line.trim_start();
        ["rule ", "private rule ", "global rule "]
            .iter()
            .any(|word| line.starts_with(word))
    });
    (has_rule && text.contains("condition:") && text.contains('{')).then_some(YARA)
}
