//! How rarely a predicate holds, by guess: which rules are tried depends on it, never which match.

use super::predicate::{Ask, Predicate};
use crate::rule::modifier::Comparison;
use crate::rule::pattern::{Pattern, Shape};

/// Texts that logs are full of: a literal inside one of them says little.
const ORDINARY: &[&[u8]] = &[
    b"c:\\windows\\system32\\",
    b"c:\\windows\\syswow64\\",
    b"c:\\program files (x86)\\microsoft",
    b"c:\\program files\\windowsapps\\",
    b"c:\\windows\\microsoft.net\\framework64\\",
    b"c:\\users\\administrator\\appdata\\local\\temp\\",
    b"c:\\users\\public\\",
    b"\\appdata\\roaming\\microsoft\\windows\\",
    b"c:\\programdata\\microsoft\\windows\\",
    b"c:\\windows\\explorer.exe",
    b"\\windowspowershell\\v1.0\\powershell.exe",
    b"hklm\\software\\microsoft\\windows nt\\currentversion\\",
    b"hklm\\system\\currentcontrolset\\services\\",
    b"hku\\s-1-5-21-\\software\\microsoft\\windows\\currentversion\\explorer\\",
    b"nt authority\\system",
    b"microsoft corporation",
    b"microsoft-windows-",
    b"http://www.",
    b"https://",
    b"cmd.exe /c ",
    b".exe -",
    b".dll",
    b".tmp",
    b".log",
    b"false",
    b"true",
];

/// What [`ORDINARY`] holds.
pub(super) struct Ordinary {
    /// The ends of every text, in order.
    ends: Vec<&'static [u8]>,
}

impl Ordinary {
    pub(super) fn new() -> Self {
        let mut ends: Vec<&'static [u8]> = ORDINARY
            .iter()
            .flat_map(|text| (0..text.len()).filter_map(|at| text.get(at..)))
            .collect();
        ends.sort_unstable();
        Self { ends }
    }

    fn holds(&self, literal: &[u8]) -> bool {
        let at = self.ends.partition_point(|end| *end < literal);
        self.ends.get(at).is_some_and(|end| end.starts_with(literal))
    }

    /// How often a predicate holds, by guess, from 0 to 1. Only its order matters: it decides which rules are tried,
    /// never which match.
    pub(super) fn rarity(&self, predicate: &Predicate, field: &str) -> f32 {
        const ROUTING: [&str; 7] = [
            "EventID",
            "Channel",
            "Provider_Name",
            "eventSource",
            "EventType",
            "Initiated",
            "LogonType",
        ];
        // Few programs make most of the events, and rules name just those.
        const PROGRAMS: [&str; 5] = ["Image", "ParentImage", "OriginalFileName", "SourceImage", "TargetImage"];
        let by_length = |pattern: &Pattern, factor: f32| {
            let longest = pattern.longest().unwrap_or_default();
            let length = i32::try_from(longest.len().min(32)).unwrap_or(32);
            let guess = factor * 0.65_f32.powi(length);
            let is_ordinary = longest.len() < 64 && self.holds(&longest.to_ascii_lowercase());
            let least = if is_ordinary {
                0.15
            } else if PROGRAMS.contains(&field) {
                0.03
            } else {
                0.0
            };
            guess.max(least)
        };
        match &predicate.ask {
            Ask::Present | Ask::Valued => 0.9,
            Ask::Text { .. } if ROUTING.contains(&field) => 0.3,
            Ask::Text { pattern, .. } => match pattern.shape() {
                Shape::Exact([]) => 0.3,
                Shape::Exact(_) => by_length(pattern, 0.5),
                Shape::Anything => 0.9,
                _ => by_length(pattern, 1.0),
            },
            Ask::Regex(expression) if expression.required().is_empty() => 0.6,
            Ask::Regex(expression) => {
                let shortest = expression.required().iter().map(Vec::len).min().unwrap_or(0);
                0.65_f32.powi(i32::try_from(shortest.min(32)).unwrap_or(32))
            }
            Ask::Network(network) => 1.0 / (1.0 + f32::from(network.parts().1)),
            Ask::Number {
                comparison: Comparison::Equal,
                ..
            } => 0.1,
            Ask::Number { .. } => 0.4,
        }
    }
}
