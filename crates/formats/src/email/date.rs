//! Dates of mail (RFC 5322, section 3.3, with the obsolete forms): a moment, and how far the writer's clock was from UTC.

use watchfire_model::{Moment, SentAt};

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Names of zones that say something (RFC 5322, section 4.3, and the common ones it leaves out), in minutes.
const ZONES: &[(&str, i32)] = &[
    ("UT", 0),
    ("GMT", 0),
    ("UTC", 0),
    ("Z", 0),
    ("EDT", -240),
    ("EST", -300),
    ("CDT", -300),
    ("CST", -360),
    ("MDT", -360),
    ("MST", -420),
    ("PDT", -420),
    ("PST", -480),
    ("BST", 60),
    ("CET", 60),
    ("MET", 60),
    ("CEST", 120),
    ("MEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("IST", 330),
    ("HKT", 480),
    ("SGT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
];

/// Reads a date. Day names are not looked at, comments are left out.
pub fn read(value: &str) -> Option<SentAt> {
    let value = value.get(..value.floor_char_boundary(200)).unwrap_or(value);
    let mut text = String::with_capacity(value.len());
    let mut depth = 0_usize;
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' | '-' if depth == 0 && !text.ends_with(' ') && !text.contains(':') => text.push(' '),
            _ if depth == 0 => text.push(c),
            _ => {}
        }
    }
    let mut words = text.split_whitespace().peekable();
    while words
        .peek()
        .is_some_and(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
    {
        let word = words.next()?;
        // `Thu Nov 13 10:15:00 2025`, as C programs print it.
        if let Some(month) = month(word).filter(|_| !word.starts_with(|c: char| c.is_ascii_digit())) {
            let (day, clock, year) = (words.next()?, words.next()?, words.next()?);
            return at(year, month, day, clock, words.next());
        }
    }
    let (day, name, year, clock) = (words.next()?, words.next()?, words.next()?, words.next());
    let zone: String = words.take(2).collect();
    at(
        year,
        month(name)?,
        day,
        clock.unwrap_or("00:00"),
        Some(zone.as_str()).filter(|zone| !zone.is_empty()),
    )
}

fn month(name: &str) -> Option<usize> {
    if let Ok(number @ 1..=12) = name.parse::<usize>() {
        return Some(number - 1);
    }
    let name = name.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|known| *known == name)
}

fn at(year: &str, month: usize, day: &str, clock: &str, zone: Option<&str>) -> Option<SentAt> {
    let digits = |text: &str| text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut number: u32 = Some(year).filter(|year| digits(year))?.parse().ok()?;
    // Two digits and three: RFC 5322, section 4.3.
    number += match (year.len(), number) {
        (2, 0..50) => 2_000,
        (2 | 3, _) => 1_900,
        _ => 0,
    };
    let day: u32 = Some(day).filter(|day| day.len() <= 2 && digits(day))?.parse().ok()?;
    let mut parts = clock.split([':', '.']);
    let mut two = || -> Option<u32> {
        let part = parts.next()?;
        (part.len() <= 2 && digits(part)).then(|| part.parse().ok()).flatten()
    };
    let (hour, minute) = (two()?, two()?);
    let second = two().unwrap_or_default();
    let minutes = zone.and_then(offset);
    let local = Moment::parse(&format!(
        "{number:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z",
        month + 1
    ))
    .ok()?;
    let offset = minutes.unwrap_or_default();
    Some(SentAt {
        moment: Moment::from_unix(local.unix() - i64::from(offset) * 60),
        offset: minutes,
    })
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i32> {
    if let Some(&(_, minutes)) = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone)) {
        return Some(minutes);
    }
    // `EST5EDT`
    let name = zone
        .get(..3)
        .filter(|_| zone.len() == 7 && zone.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if let Some(&(_, minutes)) = ZONES
        .iter()
        .find(|(known, _)| name.is_some_and(|name| known.eq_ignore_ascii_case(name)))
    {
        return Some(minutes);
    }
    let zone = zone.trim_start_matches("GMT").trim_start_matches("UTC");
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').take(4).collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    (number % 100 < 60 && number / 100 < 24).then_some(sign * (number / 100 * 60 + number % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_is_sent() {
        for (text, moment, offset) in [
            ("Thu, 13 Nov 2025 10:15:00 +0100", "2025-11-13T09:15:00Z", Some(60)),
            ("13 Nov 2025 10:15 GMT", "2025-11-13T10:15:00Z", Some(0)),
            (
                "Thu, 13 Nov 25 10:15:00 -0330 (NST)",
                "2025-11-13T13:45:00Z",
                Some(-210),
            ),
            ("Fri, 21 Nov 97 09:55:06 PST", "1997-11-21T17:55:06Z", Some(-480)),
            ("Thu Nov 13 10:15:00 2025", "2025-11-13T10:15:00Z", None),
            ("Thu,13 Nov 2025 10:15:00 -0000", "2025-11-13T10:15:00Z", Some(0)),
            ("13-Nov-2025 10:15:00 +0000", "2025-11-13T10:15:00Z", Some(0)),
            ("Thu, 13 Nov 2025 10:15:00 +01:00", "2025-11-13T09:15:00Z", Some(60)),
            ("1 Jan 2000 00:00:00 XYZ", "2000-01-01T00:00:00Z", None),
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (read.moment.to_string().as_str(), read.offset),
                (moment, offset),
                "{text}"
            );
        }
        for text in [
            "",
            "yesterday",
            "32 Nov 2025 10:15:00",
            "13 Foo 2025 10:00",
            "13 Nov",
            "99 99 9999 99:99",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
