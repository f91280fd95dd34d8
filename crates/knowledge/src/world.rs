//! Outlines of countries, as a picture is drawn of them.
//!
//! Natural Earth at 1:110m on the Equal Earth projection, packed by `examples/world`; what is too small to have an outline at
//! that scale is a dot. It says where on a picture a country lies, and nothing of boundaries: they are those of the source.

const TABLE: &str = include_str!("../data/world/countries.tsv");

/// Columns of the picture.
pub const WIDTH: u16 = 1000;
/// Rows of the picture, from 84° north to Cape Horn.
pub const HEIGHT: u16 = 432;

/// A country on the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The code of ISO 3166-1 alpha-2; none for land that has none.
    pub code: Option<&'static str>,
    /// The middle of its largest part, from the left and from above.
    pub middle: (u16, u16),
    /// The outline as data of an SVG path: digits, spaces, signs and the letters `M`, `l` and `z`. Empty for a dot.
    pub outline: &'static str,
}

/// Every country that is on the picture.
pub fn countries() -> impl Iterator<Item = Country> {
    TABLE.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        let (code, x, y, outline) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
        Some(Country {
            code: Some(code).filter(|code| *code != "--"),
            middle: (x.parse().ok()?, y.parse().ok()?),
            outline,
        })
    })
}

/// The country with this code.
pub fn country(code: &str) -> Option<Country> {
    countries().find(|country| country.code == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography;
    use std::collections::BTreeSet;

    #[test]
    fn every_country_is_on_the_picture_once_and_has_a_name() {
        let mut seen = BTreeSet::new();
        for country in countries().filter(|country| country.code.is_some()) {
            let code = country.code.unwrap();
            assert!(seen.insert(code), "{code} is there twice");
            assert!(country.middle.0 <= WIDTH && country.middle.1 <= HEIGHT, "{country:?}");
            assert!(
                code == "XK" || geography::country_name(code).is_some(),
                "{code} has no name"
            );
        }
        assert!(seen.len() > 230, "{}", seen.len());
        assert_eq!(countries().count(), seen.len() + 1);
    }

    #[test]
    fn outlines_are_nothing_but_paths() {
        for Country { outline, code, .. } in countries() {
            let allowed = |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | 'M' | 'l' | 'z');
            assert!(outline.chars().all(allowed), "{code:?}");
            assert!(
                outline.is_empty() || outline.starts_with('M') && outline.ends_with('z'),
                "{code:?}"
            );
        }
        assert!(TABLE.len() < 60_000);
    }

    #[test]
    fn small_countries_are_dots_where_they_lie() {
        let [singapore, germany, chile] = ["SG", "DE", "CL"].map(|code| country(code).unwrap());
        assert!(singapore.outline.is_empty() && !germany.outline.is_empty());
        assert!(singapore.middle.0 > germany.middle.0 && germany.middle.0 > chile.middle.0);
        assert!(chile.middle.1 > singapore.middle.1 && singapore.middle.1 > germany.middle.1);
        assert_eq!(country("AQ"), None);
    }
}
