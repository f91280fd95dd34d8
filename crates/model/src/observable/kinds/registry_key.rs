//! Keys of the Windows registry: a hive, in long or short spelling or as the kernel writes it, and at least one key below.
//!
//! The text stays as written but for what only differs in notation: hives have their short name in capitals, also where the
//! kernel writes `\REGISTRY\MACHINE`; single backslashes, no `Computer\` before and no backslash after, no colon of
//! PowerShell. The capitals of keys stay; that Windows does not heed them
//! is for equality, see [`super::super::Observable`]. A value's name may stand at the end; nothing
//! in the text tells it from a key.

use super::has_prefix;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "registry-key",
    describes: "Windows registry key, HKLM\\Software\\Example",
    family: Family::Host,
    max_length: 2048,
    by_default: true,
    parse,
};

/// Hives, and the names that they have here.
const HIVES: [(&str, &str); 16] = [
    ("HKEY_LOCAL_MACHINE", "HKLM"),
    ("HKEY_CURRENT_USER", "HKCU"),
    ("HKEY_CURRENT_USER_LOCAL_SETTINGS", "HKEY_CURRENT_USER_LOCAL_SETTINGS"),
    ("HKEY_CLASSES_ROOT", "HKCR"),
    ("HKEY_USERS", "HKU"),
    ("HKEY_CURRENT_CONFIG", "HKCC"),
    ("HKEY_PERFORMANCE_DATA", "HKPD"),
    ("HKEY_PERFORMANCE_TEXT", "HKEY_PERFORMANCE_TEXT"),
    ("HKEY_DYN_DATA", "HKDD"),
    ("HKLM", "HKLM"),
    ("HKCU", "HKCU"),
    ("HKCR", "HKCR"),
    ("HKU", "HKU"),
    ("HKCC", "HKCC"),
    ("HKPD", "HKPD"),
    ("HKDD", "HKDD"),
];

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 2048 bytes"));
    }
    if text.chars().any(|c| c.is_control() || c == '"') {
        return Err(Invalid("has a control character or quote"));
    }
    let text = [r"Computer\", r"My Computer\", "Microsoft.PowerShell.Core\\Registry::", "Registry::"]
        .iter()
        .find(|prefix| has_prefix(text, prefix))
        .and_then(|prefix| text.get(prefix.len()..))
        .unwrap_or(text);
    if has_prefix(text, r"\REGISTRY\") {
        return native(text);
    }
    let end = text.find(['\\', '/', ':']).ok_or(Invalid("no key below the hive"))?;
    let (hive, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let known = HIVES.iter().find(|(name, _)| name.eq_ignore_ascii_case(hive));
    let (_, hive) = known.ok_or(Invalid("does not begin with a hive"))?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    // Those who write the first separator as a slash write all of them so; elsewhere a slash is part of a name.
    let separators: &[char] = if rest.starts_with('/') { &['/', '\\'] } else { &['\\'] };
    if !rest.starts_with(separators) {
        return Err(Invalid("no key below the hive"));
    }
    join(hive, rest.split(separators))
}

/// What the kernel and its logs write, `\REGISTRY\MACHINE\…`.
fn native(text: &str) -> Result<String, Invalid> {
    let mut keys = text.split('\\').filter(|key| !key.is_empty());
    let (Some(root), Some(hive)) = (keys.next(), keys.next()) else {
        return Err(Invalid("no key below the hive"));
    };
    match hive.to_ascii_uppercase().as_str() {
        "MACHINE" => join("HKLM", keys),
        "USER" => join("HKU", keys),
        hive @ ("A" | "WC") => join(&format!("\\{}\\{hive}", root.to_ascii_uppercase()), keys),
        _ => Err(Invalid("does not begin with a hive")),
    }
}

/// The hive and the keys that have a name.
fn join<'a>(hive: &str, keys: impl Iterator<Item = &'a str>) -> Result<String, Invalid> {
    let mut out = hive.to_owned();
    for key in keys.filter(|key| !key.is_empty()) {
        if key.chars().count() > 255 {
            return Err(Invalid("a key is longer than 255 characters"));
        }
        out.push('\\');
        out.push_str(key);
    }
    let trimmed = out.trim_end();
    if trimmed.len() == hive.len() || trimmed.ends_with('\\') {
        return Err(Invalid("no key below the hive"));
    }
    Ok(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn keeps_the_text_and_evens_out_the_notation() {
        check(
            ObservableType::RegistryKey,
            &[
                (r"HKLM\Software\Microsoft\Windows NT", r"HKLM\Software\Microsoft\Windows NT"),
                (r"HKEY_CURRENT_USER\\Software\\Classes\\CLSID\\", r"HKCU\Software\Classes\CLSID"),
                (r"Computer\HKEY_USERS\.DEFAULT", r"HKU\.DEFAULT"),
                (r"HKCU:\Environment", r"HKCU\Environment"),
                (r"Registry::HKEY_CLASSES_ROOT\.exe", r"HKCR\.exe"),
                (r"\Registry\Machine\SYSTEM\ControlSet001", r"HKLM\SYSTEM\ControlSet001"),
                (r"\REGISTRY\USER\S-1-5-18\Environment", r"HKU\S-1-5-18\Environment"),
                (r"\registry\a\{guid}\x", r"\REGISTRY\A\{guid}\x"),
                ("hklm/SOFTWARE/Policies", r"HKLM\SOFTWARE\Policies"),
                (r"HKU\S-1-5-21-1-2-3-500\text/html", r"HKU\S-1-5-21-1-2-3-500\text/html"),
            ],
            &["", "HKLM", r"HKLM\", r"HKXX\Software", r"Software\Microsoft", "HKLM\\a\nb", r"\REGISTRY\MACHINE", r"\REGISTRY\X\a", "HKLM:", r"HKLM\\\\ "],
        );
    }
}
