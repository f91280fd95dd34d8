//! Where countries lie, roughly: a point in the middle of where people live, and how far from it they do.
//!
//! In whole degrees and hundreds of kilometres, written down by hand from any atlas. Good enough to say that nobody can have
//! been in two countries within an hour, and for nothing else: territories that lie far from a country's main part are not
//! in its circle, and have rows of their own where they have a code of their own.

/// Kilometres.
const RADIUS_OF_EARTH: f64 = 6_371.0;

/// The least way between any two places in two countries (ISO 3166-1 alpha-2), in kilometres; 0 where they touch, nothing
/// where one is not known.
pub fn least_way(one: &str, other: &str) -> Option<f64> {
    let find = |code: &str| ROWS.iter().find(|(own, ..)| *own == code);
    let ((_, lat, lon, radius), (_, other_lat, other_lon, other_radius)) = (find(one)?, find(other)?);
    let degrees = |value: i16| f64::from(value).to_radians();
    let (lat, lon, other_lat, other_lon) = (degrees(*lat), degrees(*lon), degrees(*other_lat), degrees(*other_lon));
    // The haversine formula.
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let part = half(other_lat - lat) + lat.cos() * other_lat.cos() * half(other_lon - lon);
    let way = 2.0 * RADIUS_OF_EARTH * part.sqrt().min(1.0).asin();
    let room = 100.0 * (f64::from(*radius) + f64::from(*other_radius));
    Some((way - room).max(0.0))
}

/// Country, latitude, longitude, and hundreds of kilometres around.
#[rustfmt::skip]
static ROWS: &[(&str, i16, i16, u8)] = &[
    ("AD", 43, 2, 1), ("AE", 24, 54, 3), ("AF", 34, 67, 7), ("AG", 17, -62, 1), ("AL", 41, 20, 2), ("AM", 40, 45, 2),
    ("AO", -12, 17, 9), ("AR", -36, -64, 22), ("AT", 47, 14, 4), ("AU", -28, 135, 25), ("AZ", 40, 48, 3), ("BA", 44, 18, 2),
    ("BB", 13, -60, 1), ("BD", 24, 90, 4), ("BE", 51, 4, 2), ("BF", 12, -2, 5), ("BG", 43, 25, 4), ("BH", 26, 51, 1),
    ("BI", -3, 30, 2), ("BJ", 9, 2, 4), ("BM", 32, -65, 1), ("BN", 5, 115, 1), ("BO", -17, -65, 9), ("BR", -12, -52, 25),
    ("BS", 25, -77, 4), ("BT", 27, 90, 2), ("BW", -22, 24, 6), ("BY", 53, 28, 4), ("BZ", 17, -89, 2), ("CA", 52, -95, 35),
    ("CD", -3, 23, 12), ("CF", 6, 20, 7), ("CG", -1, 15, 6), ("CH", 47, 8, 2), ("CI", 7, -6, 4), ("CL", -33, -71, 25),
    ("CM", 5, 12, 7), ("CN", 34, 108, 30), ("CO", 4, -73, 10), ("CR", 10, -84, 3), ("CU", 22, -79, 7), ("CV", 15, -24, 2),
    ("CY", 35, 33, 2), ("CZ", 50, 15, 3), ("DE", 51, 10, 5), ("DJ", 12, 43, 2), ("DK", 56, 10, 4), ("DM", 15, -61, 1),
    ("DO", 19, -70, 3), ("DZ", 34, 3, 16), ("EC", -2, -78, 6), ("EE", 59, 25, 2), ("EG", 28, 31, 8), ("ER", 15, 39, 4),
    ("ES", 40, -4, 18), ("ET", 9, 39, 8), ("FI", 63, 26, 7), ("FJ", -18, 178, 3), ("FR", 47, 2, 7), ("GA", -1, 12, 4),
    ("GB", 53, -2, 7), ("GE", 42, 44, 3), ("GH", 8, -1, 4), ("GL", 65, -50, 14), ("GM", 13, -15, 2), ("GN", 10, -11, 5),
    ("GQ", 2, 10, 3), ("GR", 39, 23, 5), ("GT", 15, -90, 3), ("GW", 12, -15, 2), ("GY", 6, -59, 4), ("HK", 22, 114, 1),
    ("HN", 15, -87, 3), ("HR", 45, 16, 3), ("HT", 19, -72, 2), ("HU", 47, 19, 3), ("ID", -4, 115, 26), ("IE", 53, -8, 3),
    ("IL", 32, 35, 3), ("IN", 22, 79, 17), ("IQ", 33, 44, 5), ("IR", 32, 53, 11), ("IS", 65, -19, 3), ("IT", 43, 12, 7),
    ("JM", 18, -77, 2), ("JO", 32, 36, 3), ("JP", 36, 138, 15), ("KE", 0, 37, 6), ("KG", 42, 75, 5), ("KH", 12, 105, 3),
    ("KP", 40, 127, 4), ("KR", 36, 128, 3), ("KW", 29, 48, 1), ("KZ", 48, 68, 16), ("LA", 19, 103, 6), ("LB", 34, 36, 1),
    ("LI", 47, 10, 1), ("LK", 8, 81, 3), ("LR", 6, -9, 3), ("LS", -30, 28, 2), ("LT", 55, 24, 2), ("LU", 50, 6, 1),
    ("LV", 57, 25, 3), ("LY", 30, 17, 10), ("MA", 32, -7, 10), ("MC", 44, 7, 1), ("MD", 47, 29, 2), ("ME", 43, 19, 1),
    ("MG", -19, 47, 8), ("MK", 42, 22, 1), ("ML", 14, -6, 9), ("MM", 20, 96, 11), ("MN", 47, 104, 12), ("MO", 22, 114, 1),
    ("MR", 19, -13, 8), ("MT", 36, 14, 1), ("MU", -20, 58, 3), ("MV", 4, 73, 5), ("MW", -13, 34, 5), ("MX", 22, -102, 18),
    ("MY", 4, 109, 11), ("MZ", -18, 36, 11), ("NA", -22, 17, 8), ("NC", -21, 165, 3), ("NE", 15, 8, 9), ("NG", 9, 8, 8),
    ("NI", 12, -85, 3), ("NL", 52, 5, 2), ("NO", 62, 11, 14), ("NP", 28, 84, 5), ("NZ", -41, 174, 9), ("OM", 21, 57, 6),
    ("PA", 9, -80, 4), ("PE", -10, -76, 10), ("PG", -6, 146, 9), ("PH", 12, 122, 9), ("PK", 30, 70, 9), ("PL", 52, 19, 4),
    ("PR", 18, -66, 1), ("PS", 32, 35, 1), ("PT", 40, -8, 15), ("PY", -24, -58, 6), ("QA", 25, 51, 1), ("RE", -21, 56, 1),
    ("RO", 46, 25, 4), ("RS", 44, 21, 3), ("RU", 57, 70, 58), ("RW", -2, 30, 2), ("SA", 24, 45, 11), ("SC", -5, 55, 2),
    ("SD", 15, 31, 9), ("SE", 60, 16, 9), ("SG", 1, 104, 1), ("SI", 46, 15, 2), ("SK", 49, 19, 3), ("SL", 8, -12, 2),
    ("SN", 14, -15, 4), ("SO", 4, 46, 9), ("SR", 5, -56, 3), ("SS", 7, 30, 6), ("SV", 14, -89, 2), ("SY", 35, 38, 4),
    ("SZ", -27, 31, 1), ("TD", 13, 18, 9), ("TG", 8, 1, 3), ("TH", 14, 101, 9), ("TJ", 39, 70, 4), ("TL", -9, 126, 2),
    ("TM", 39, 59, 7), ("TN", 35, 10, 4), ("TR", 39, 34, 9), ("TT", 11, -61, 1), ("TW", 24, 121, 3), ("TZ", -6, 35, 8),
    ("UA", 49, 31, 8), ("UG", 1, 32, 4), ("US", 39, -98, 42), ("UY", -33, -56, 3), ("UZ", 41, 65, 8), ("VE", 8, -66, 8),
    ("VN", 16, 107, 10), ("YE", 15, 46, 7), ("ZA", -29, 25, 10), ("ZM", -14, 28, 8), ("ZW", -19, 30, 5),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::country_code;

    #[test]
    fn every_row_is_a_country_and_each_once() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands behind {}", pair[1].0, pair[0].0);
        }
        for (code, lat, lon, _) in ROWS {
            assert!(country_code(code).is_some(), "{code}");
            assert!(lat.abs() <= 80 && lon.abs() <= 180, "{code}");
        }
    }

    #[test]
    fn ways_are_no_longer_than_they_can_be() {
        // Neighbours touch.
        for (one, other) in [
            ("DE", "FR"),
            ("US", "CA"),
            ("US", "MX"),
            ("GB", "FR"),
            ("RU", "CN"),
            ("RU", "FI"),
            ("ES", "MA"),
        ] {
            assert_eq!(least_way(one, other), Some(0.0), "{one} {other}");
        }
        // From Lisbon to Newfoundland, from Perth to Singapore, from Oslo to Tokyo.
        for (one, other, way) in [("PT", "CA", 3_600.0), ("AU", "SG", 3_900.0), ("NO", "JP", 8_400.0)] {
            let least = least_way(one, other).unwrap_or_default();
            assert!(least <= way, "{one} {other}: {least}");
        }
        assert!(least_way("DE", "VN").is_some_and(|way| way > 5_000.0));
        assert!(least_way("PL", "NG").is_some_and(|way| way > 2_500.0));
        assert_eq!(least_way("DE", "XX"), None);
    }
}
