//! CPE names of platforms: the formatted string of CPE 2.3 (NISTIR 7695 section 6.2) and the URI of CPE 2.2 (section 6.1).
//! Names are compared without regard to case, so the normal form is lower case.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "cpe",
    describes: "CPE name, cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
    family: Family::Catalogue,
    max_length: 1024,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 1024 bytes"));
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Invalid("has a character that is not printable ASCII"));
    }
    let lower = text.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("cpe:2.3:") {
        let components = split_unescaped(rest).ok_or(Invalid("ends in a backslash"))?;
        if components.len() != 11 || components.iter().any(|component| component.is_empty()) {
            return Err(Invalid("a CPE 2.3 name has eleven components, each at least * or -"));
        }
        if !matches!(components.first(), Some(&("a" | "h" | "o" | "*" | "-"))) {
            return Err(Invalid("the part is not a, h or o"));
        }
        return Ok(lower);
    }
    let rest = lower.strip_prefix("cpe:/").ok_or(Invalid("does not begin with cpe:2.3: or cpe:/"))?;
    let components: Vec<&str> = rest.split(':').collect();
    if !matches!(components.first(), Some(&("a" | "h" | "o"))) {
        return Err(Invalid("the part is not a, h or o"));
    }
    if components.len() > 7 || components.get(1).is_none_or(|vendor| vendor.is_empty()) {
        return Err(Invalid("a CPE 2.2 name has a vendor and at most seven components"));
    }
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~%:!*'()+&@".contains(&b);
    if !rest.bytes().all(unreserved) {
        return Err(Invalid("has a character that a CPE 2.2 name escapes"));
    }
    Ok(lower)
}

/// Components between colons that no backslash precedes.
fn split_unescaped(text: &str) -> Option<Vec<&str>> {
    let mut escaped = false;
    let components = text.split(|c| {
        let separates = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        separates
    });
    let components = components.collect();
    (!escaped).then_some(components)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_both_bindings() {
        check(
            ObservableType::Cpe,
            &[
                (
                    "cpe:2.3:a:Microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
                    "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
                ),
                (
                    "cpe:2.3:a:foo\\\\bar:big\\$money\\:x:2010:*:*:*:special:ipod_touch:80gb:*",
                    "cpe:2.3:a:foo\\\\bar:big\\$money\\:x:2010:*:*:*:special:ipod_touch:80gb:*",
                ),
                ("cpe:/o:linux:linux_kernel:2.6", "cpe:/o:linux:linux_kernel:2.6"),
                ("cpe:/a:hp:insight:7.4.0.1570:-:~~online~win2003~x64~", "cpe:/a:hp:insight:7.4.0.1570:-:~~online~win2003~x64~"),
            ],
            &[
                "", "cpe:2.3:a:b:c", "cpe:2.3:x:b:c:1:*:*:*:*:*:*:*", "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*", "cpe:2.3:a::c:1:*:*:*:*:*:*:*",
                "cpe:2.3:a:b:c:1:*:*:*:*:*:*:\\", "cpe:/", "cpe:/a", "cpe:/a:", "cpe:/x:b:c", "cpe:/a:b:c:d:e:f:g:h", "cpe:/a:b c",
            ],
        );
    }
}
