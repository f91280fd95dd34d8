//! What age leaves of evidence.
//!
//! The polynomial model of MISP, `1 - (t / lifetime)^(1 / speed)`, with the parameters of its model for network
//! detection: a lifetime of 120 days and a speed of 2. Whole numbers, so that every machine gets the same.

use watchfire_model::{ObservableType, Weight};

/// After so many seconds nothing is left of evidence about an address, a name or a URL.
pub const LIFETIME: u64 = 120 * 86_400;

/// What is left of evidence about a value of type `kind` that was last vouched for `age` seconds ago. Digests and names
/// in catalogues do not age: a file stays what it is.
pub fn decay(kind: ObservableType, age: u64) -> Weight {
    use ObservableType as T;
    let ages = matches!(
        kind,
        T::Ipv4 | T::Ipv4Cidr | T::Ipv6 | T::Ipv6Cidr | T::Socket | T::Domain | T::Onion | T::Url | T::Email | T::Asn
    );
    if !ages {
        return Weight::from_thousandths(1000);
    }
    within(LIFETIME, age)
}

/// What is left after `age` of `lifetime` seconds.
pub(crate) fn within(lifetime: u64, age: u64) -> Weight {
    let lifetime = lifetime.max(1);
    // Thousandths of the root: the root of millionths.
    let share = u128::from(age.min(lifetime)) * 1_000_000 / u128::from(lifetime);
    let gone = u16::try_from(share.isqrt()).unwrap_or(1000);
    Weight::from_thousandths(1000u16.saturating_sub(gone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_age_and_files_do_not() {
        let left = |kind, days: u64| decay(kind, days * 86_400).thousandths();
        assert_eq!(left(ObservableType::Ipv4, 0), 1000);
        assert_eq!(left(ObservableType::Ipv4, 30), 500);
        assert_eq!(left(ObservableType::Domain, 120), 0);
        assert_eq!(left(ObservableType::Url, u64::MAX / 86_400), 0);
        assert_eq!(left(ObservableType::Sha256, 4000), 1000);
    }

    #[test]
    fn nothing_grows_younger() {
        let mut last = Weight::from_thousandths(1000);
        for hour in 0..24 * 130 {
            let now = decay(ObservableType::Ipv6, hour * 3600);
            assert!(now <= last, "{hour}");
            last = now;
        }
    }
}
