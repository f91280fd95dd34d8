//! Names that libraries of Windows give to functions which programs import by number.
//!
//! The numbers are what WS2_32.dll, WSOCK32.dll and OLEAUT32.dll export; which of them count is pefile's choice, so that
//! the digest over imports is the one that everybody publishes. A number of these libraries without a name is `ord7`.

use std::sync::LazyLock;

/// Numbers with names, sorted by number.
type Names = Vec<(u16, &'static str)>;

static WS2_32: LazyLock<Names> = LazyLock::new(|| parse(include_str!("ordinals/ws2_32.tsv")));
static WSOCK32: LazyLock<Names> = LazyLock::new(|| parse(include_str!("ordinals/wsock32.tsv")));
static OLEAUT32: LazyLock<Names> = LazyLock::new(|| parse(include_str!("ordinals/oleaut32.tsv")));

fn parse(table: &'static str) -> Names {
    let lines = table.lines().filter_map(|line| line.split_once('\t'));
    lines
        .filter_map(|(number, name)| Some((number.parse().ok()?, name)))
        .collect()
}

/// The name that the library gives to the function of that number.
pub(super) fn ordinal_name(library: &str, ordinal: u16) -> Option<&'static str> {
    let names = [
        ("ws2_32.dll", &WS2_32),
        ("wsock32.dll", &WSOCK32),
        ("oleaut32.dll", &OLEAUT32),
    ];
    let (_, names) = names.iter().find(|(name, _)| library.eq_ignore_ascii_case(name))?;
    let place = names.binary_search_by_key(&ordinal, |(number, _)| *number).ok()?;
    names.get(place).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_known_numbers_have_their_names() {
        for names in [&WS2_32, &WSOCK32, &OLEAUT32] {
            assert!(names.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
        assert_eq!(ordinal_name("WS2_32.dll", 115), Some("WSAStartup"));
        assert_eq!(ordinal_name("oleaut32.DLL", 2), Some("SysAllocString"));
        assert_eq!(ordinal_name("wsock32.dll", 1), Some("accept"));
        assert_eq!(ordinal_name("kernel32.dll", 1), None);
        assert_eq!(ordinal_name("ws2_32.dll", 60_000), None);
    }
}
