//! Patterns of STIX 2.1 (section 9) for the types that have one.

use crate::actionable;
use watchfire_model::{Observable, ObservableType};

/// The pattern that meets `observable`, where one can be written.
pub(super) fn of(observable: &Observable) -> Option<String> {
    use ObservableType as T;
    let raw = observable.raw();
    let equals = |path: &str| Some(format!("[{path} = {}]", quoted(raw)));
    match observable.kind() {
        T::Ipv4 => equals("ipv4-addr:value"),
        T::Ipv6 => equals("ipv6-addr:value"),
        T::Ipv4Cidr => Some(format!("[ipv4-addr:value ISSUBSET {}]", quoted(raw))),
        T::Ipv6Cidr => Some(format!("[ipv6-addr:value ISSUBSET {}]", quoted(raw))),
        T::Socket => socket(observable),
        T::Domain | T::Onion => equals("domain-name:value"),
        T::Url => equals("url:value"),
        T::Email => equals("email-addr:value"),
        T::Mac => equals("mac-addr:value"),
        T::Asn => number(raw).map(|number| format!("[autonomous-system:number = {number}]")),
        T::RegistryKey => Some(format!("[windows-registry-key:key = {}]", quoted(&key(raw)))),
        T::FileName => equals("file:name"),
        T::FilePath => path(raw),
        T::UserAgent => equals("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"),
        T::Imphash => equals("file:extensions.'windows-pebinary-ext'.imphash"),
        kind => equals(&format!("file:hashes.'{}'", algorithm(kind)?)),
    }
}

/// What the vocabulary of STIX calls a digest of files (section 10.7).
pub(super) const fn algorithm(kind: ObservableType) -> Option<&'static str> {
    match kind {
        ObservableType::Md5 => Some("MD5"),
        ObservableType::Sha1 => Some("SHA-1"),
        ObservableType::Sha256 => Some("SHA-256"),
        ObservableType::Sha512 => Some("SHA-512"),
        ObservableType::Ssdeep => Some("SSDEEP"),
        ObservableType::Tlsh => Some("TLSH"),
        _ => None,
    }
}

/// The number of a network, `AS64500`.
pub(super) fn number(text: &str) -> Option<u32> {
    text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()
}

/// A registry key with the whole name of its hive, as section 6.17 asks.
pub(super) fn key(text: &str) -> String {
    const HIVES: [(&str, &str); 6] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKU", "HKEY_USERS"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
        ("HKPD", "HKEY_PERFORMANCE_DATA"),
    ];
    let (hive, rest) = text
        .split_at_checked(text.find('\\').unwrap_or(text.len()))
        .unwrap_or((text, ""));
    let whole = HIVES.iter().find(|(short, _)| *short == hive);
    format!("{}{rest}", whole.map_or(hive, |(_, whole)| whole))
}

/// Folder and name. The folder of a root keeps its separator.
pub(super) fn folder(path: &str) -> (&str, &str) {
    let at = path.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let (folder, name) = path.split_at_checked(at).unwrap_or(("", path));
    let shorter = folder.strip_suffix(['/', '\\']).unwrap_or(folder);
    (
        if shorter.is_empty() || shorter.ends_with(':') {
            folder
        } else {
            shorter
        },
        name,
    )
}

fn path(text: &str) -> Option<String> {
    let (folder, name) = folder(text);
    let folder = quoted(folder);
    Some(if name.is_empty() {
        format!("[directory:path = {folder}]")
    } else {
        format!(
            "[file:name = {} AND file:parent_directory_ref.path = {folder}]",
            quoted(name)
        )
    })
}

fn socket(observable: &Observable) -> Option<String> {
    let host = quoted(actionable::host(observable)?);
    let (_, port) = observable.raw().rsplit_once(':')?;
    Some(format!(
        "[network-traffic:dst_ref.value = {host} AND network-traffic:dst_port = {port}]"
    ))
}

/// A string of the pattern language: quotes and backslashes are escaped, nothing else has a meaning.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ObservableType, value: &str, expected: &str) {
        let observable = Observable::parse(kind, value).unwrap();
        assert_eq!(of(&observable).unwrap_or_default(), expected);
    }

    #[test]
    fn patterns_meet_their_value_and_nothing_more() {
        use ObservableType as T;
        check(
            T::Ipv4Cidr,
            "45.9.148.0/24",
            "[ipv4-addr:value ISSUBSET '45.9.148.0/24']",
        );
        check(
            T::Socket,
            "[2001:db8::1]:443",
            "[network-traffic:dst_ref.value = '2001:db8::1' AND network-traffic:dst_port = 443]",
        );
        check(T::Url, "http://a.com/it's", r"[url:value = 'http://a.com/it\'s']");
        check(T::Asn, "AS64500", "[autonomous-system:number = 64500]");
        check(
            T::RegistryKey,
            r"HKLM\Software\x",
            r"[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\x']",
        );
        check(
            T::FilePath,
            r"C:\a.exe",
            r"[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\']",
        );
        check(
            T::FilePath,
            "/tmp/x",
            "[file:name = 'x' AND file:parent_directory_ref.path = '/tmp']",
        );
        check(
            T::Md5,
            "900150983cd24fb0d6963f7d28e17f72",
            "[file:hashes.'MD5' = '900150983cd24fb0d6963f7d28e17f72']",
        );
        check(T::Cve, "CVE-2026-1234", "");
    }
}
