//! Times as people write them: offsets of zones, and how long ago something is.

use crate::Problem;

/// Seconds east of Greenwich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone(i32);

impl Zone {
    /// `UTC`, `Z`, `+02:00`, `-0530`, `+2`.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(format!("'{text}' is no time zone"))
                .hint("write how far it is from UTC: +02:00; names of zones mean several")
        };
        if matches!(text, "UTC" | "utc" | "GMT" | "Z" | "z") {
            return Ok(Self(0));
        }
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(wrong()),
        };
        let (hours, minutes) = match rest.split_once(':') {
            Some(pair) => pair,
            None if rest.len() == 4 => rest.split_at(2),
            None => (rest, "0"),
        };
        let number = |text: &str, most: i32| {
            let is_number = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|number: &i32| is_number && *number <= most);
            number.ok_or_else(wrong)
        };
        Ok(Self(sign * (number(hours, 14)? * 3_600 + number(minutes, 59)? * 60)))
    }

    pub(super) fn seconds(self) -> i32 {
        self.0
    }
}

/// How many seconds `90m`, `12h`, `2d`, `30s` or `1w` are.
pub(super) fn ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offsets() {
        let seconds = |text: &str| Zone::parse(text).ok().map(Zone::seconds);
        assert_eq!(seconds("UTC"), Some(0));
        assert_eq!(seconds("+02:00"), Some(7_200));
        assert_eq!(seconds("-0530"), Some(-19_800));
        assert_eq!(seconds("+2"), Some(7_200));
        for wrong in ["CET", "", "+", "+25:00", "+1:99", "02:00", "+٢"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_may_be_long_ago() {
        assert_eq!((ago("90m"), ago("2d")), (Some(5_400), Some(172_800)));
        for wrong in ["", "d", "2y", "2026-11-02", "-1d"] {
            assert_eq!(ago(wrong), None, "{wrong}");
        }
    }
}
