//! An instant to the nanosecond, as captures of networks write it.

use crate::Moment;
use serde::{Serialize, Serializer};
use std::fmt;

/// Nanoseconds since 1970-01-01T00:00:00Z, from 1677-09-21 to 2262-04-11. Leap seconds do not exist (POSIX).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

impl Timestamp {
    /// Outside the years that fit, the nearest instant inside.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// So many seconds since 1970, and nanoseconds of the next. Outside the years that fit, the nearest instant inside.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds.saturating_mul(SECOND).saturating_add(nanoseconds as i64))
    }

    /// Nanoseconds since 1970.
    #[inline]
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// The second in which it lies.
    pub const fn moment(self) -> Moment {
        Moment::from_unix(self.0.div_euclid(SECOND))
    }

    /// Nanoseconds from `earlier` to here; 0 if it is later.
    #[inline]
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default()
    }
}

/// RFC 3339 in UTC with as many digits as are needed: none, three, six or nine.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.moment().to_string();
        let second = second.strip_suffix('Z').unwrap_or(&second);
        match self.0.rem_euclid(SECOND) {
            0 => write!(f, "{second}Z"),
            part if part % 1_000_000 == 0 => write!(f, "{second}.{:03}Z", part / 1_000_000),
            part if part % 1_000 == 0 => write!(f, "{second}.{:06}Z", part / 1_000),
            part => write!(f, "{second}.{part:09}Z"),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: i64, nanoseconds: u32, expected: &str) {
        assert_eq!(Timestamp::new(seconds, nanoseconds).to_string(), expected);
    }

    #[test]
    fn as_many_digits_are_written_as_are_needed() {
        check(0, 0, "1970-01-01T00:00:00Z");
        check(1_700_000_000, 500_000_000, "2023-11-14T22:13:20.500Z");
        check(1_700_000_000, 1_000, "2023-11-14T22:13:20.000001Z");
        check(1_700_000_000, 1, "2023-11-14T22:13:20.000000001Z");
        check(-1, 999_000_000, "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_does_not_fit_is_the_nearest_that_does() {
        assert_eq!(Timestamp::new(i64::MAX, 0).nanoseconds(), i64::MAX);
        assert_eq!(Timestamp::new(5, 0).since(Timestamp::new(7, 0)), 0);
        assert_eq!(Timestamp::new(7, 1).since(Timestamp::new(5, 0)), 2_000_000_001);
    }
}
