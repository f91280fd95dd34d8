//! What is made of a program's predicates and rules so that a record is matched quickly. Nothing of it is stored; it is
//! built anew in milliseconds whenever a program is.
//!
//! A value of a field is asked once for all rules: exact values by one look-up, literals in one walk ([`Literals`]),
//! regular expressions only where a literal that they need was found. The answer is a list of items. Each rule has one
//! *witness*, the rarest set of items of which one holds whenever the rule matches; an item that holds nominates the rules
//! whose witness it is in, and only those are decided.

use super::bits::Bits;
use super::expression::{ACCEPT, Logic, REJECT, Step, assemble, guess};
use super::literals::{Anchor, Literal, Literals};
use super::predicate::{Ask, Item, Predicate};
use crate::rule::modifier::Comparison;
use crate::rule::pattern::{Pattern, Shape};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::io::Write;

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Lists {
    /// From pairs of list and member.
    pub(crate) fn new(lists: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0_u32; lists + 1];
        for (list, _) in &pairs {
            if let Some(start) = starts.get_mut(usize(*list) + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self {
            starts,
            members: pairs.into_iter().map(|(_, member)| member).collect(),
        }
    }

    pub(crate) fn get(&self, list: u32) -> &[u32] {
        let list = usize(list);
        let from = self.starts.get(list).copied().map_or(0, usize);
        let to = self.starts.get(list + 1).copied().map_or(0, usize);
        self.members.get(from..to).unwrap_or_default()
    }
}

pub(crate) fn usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(crate) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

type Exact = HashMap<Vec<u8>, Vec<u32>, FixedState>;

/// Everything that rules ask of one field.
#[derive(Debug, Default)]
pub(crate) struct FieldIndex {
    /// Predicates by what the value is in lower case.
    exact: Exact,
    /// Predicates by what the value is.
    exact_cased: Exact,
    /// Predicates by a number, where the value is a number and nothing but exact values are asked for.
    integers: HashMap<i64, Vec<u32>, FixedState>,
    /// Literals in lower case.
    lower: Literals,
    /// Literals whose case counts.
    cased: Literals,
    /// Predicates to decide whatever the value is.
    pub(crate) always: Vec<u32>,
    present: Option<u32>,
    valued: Option<u32>,
    /// Answering costs more than looking the value up.
    pub(crate) is_worth_remembering: bool,
    /// Nothing but exact values is asked for.
    is_exact: bool,
}

/// A label of a literal: the predicate holds, or has yet to be decided.
const CANDIDATE: u32 = 1 << 31;

impl FieldIndex {
    pub(crate) fn new(predicates: &[(u32, &Predicate)]) -> Self {
        let mut own = Self::default();
        let mut lower = Vec::new();
        let mut cased = Vec::new();
        for (number, predicate) in predicates {
            match &predicate.ask {
                Ask::Present => own.present = Some(*number),
                Ask::Valued => own.valued = Some(*number),
                Ask::Text {
                    pattern,
                    is_cased: false,
                } => own.text(*number, pattern, false, &mut lower),
                Ask::Text {
                    pattern,
                    is_cased: true,
                } => own.text(*number, pattern, true, &mut cased),
                Ask::Regex(expression) if !expression.required().is_empty() => {
                    lower.extend(expression.required().iter().map(|bytes| Literal {
                        bytes: bytes.clone(),
                        anchor: Anchor::Anywhere,
                        label: number | CANDIDATE,
                    }));
                }
                Ask::Regex(_) | Ask::Network(_) | Ask::Number { .. } => own.always.push(*number),
            }
        }
        own.lower = Literals::new(lower);
        own.cased = Literals::new(cased);
        own.is_exact =
            own.lower.is_empty() && own.cased.is_empty() && own.always.is_empty() && own.exact_cased.is_empty();
        own.is_worth_remembering = !own.is_exact;
        own
    }

    fn text(&mut self, number: u32, pattern: &Pattern, is_cased: bool, literals: &mut Vec<Literal>) {
        let mut literal = |bytes: &[u8], anchor, label| {
            literals.push(Literal {
                bytes: bytes.to_vec(),
                anchor,
                label,
            });
        };
        match pattern.shape() {
            Shape::Exact(bytes) => {
                let map = if is_cased {
                    &mut self.exact_cased
                } else {
                    &mut self.exact
                };
                map.entry(bytes.to_vec()).or_default().push(number);
                let integer = std::str::from_utf8(bytes)
                    .ok()
                    .and_then(|text| text.parse::<i64>().ok());
                if let Some(integer) = integer.filter(|integer| integer.to_string().as_bytes() == bytes) {
                    self.integers.entry(integer).or_default().push(number);
                }
            }
            Shape::Prefix(bytes) => literal(bytes, Anchor::Start, number),
            Shape::Suffix(bytes) => literal(bytes, Anchor::End, number),
            Shape::Contains(bytes) => literal(bytes, Anchor::Anywhere, number),
            Shape::Anything => self.always.push(number),
            Shape::Other => match pattern.longest() {
                Some(bytes) if bytes.len() >= 2 => literal(bytes, Anchor::Anywhere, number | CANDIDATE),
                _ => self.always.push(number),
            },
        }
    }

    /// Calls `hit` with each predicate that holds, perhaps more than once. `scratch` is room for texts.
    pub(crate) fn answer(
        &self,
        value: crate::Value<'_>,
        predicates: &[Predicate],
        scratch: &mut Scratch,
        mut hit: impl FnMut(u32),
    ) {
        self.present.iter().copied().for_each(&mut hit);
        if value == crate::Value::Null {
            return;
        }
        self.valued.iter().copied().for_each(&mut hit);
        if let (crate::Value::Integer(integer), true) = (value, self.is_exact) {
            self.integers.get(&integer).into_iter().flatten().copied().for_each(hit);
            return;
        }
        let Some(text) = value.text() else { return };
        let Scratch { lower, raw, candidates } = scratch;
        candidates.clear();
        fill_lower(lower, &text);
        let bare = lower.get(..lower.len() - super::literals::PADDING).unwrap_or_default();
        self.exact.get(bare).into_iter().flatten().copied().for_each(&mut hit);
        if !self.exact_cased.is_empty() {
            self.exact_cased
                .get(text.as_bytes())
                .into_iter()
                .flatten()
                .copied()
                .for_each(&mut hit);
        }
        let mut label = |label: u32| {
            if label & CANDIDATE == 0 {
                hit(label);
            } else if !candidates.contains(&(label & !CANDIDATE)) {
                candidates.push(label & !CANDIDATE);
            }
        };
        self.lower.search(lower, &mut label);
        if !self.cased.is_empty() {
            raw.clear();
            raw.extend_from_slice(text.as_bytes());
            raw.extend_from_slice(&[0; super::literals::PADDING]);
            self.cased.search(raw, &mut label);
        }
        let numbers = self.always.iter().chain(candidates.iter());
        for number in numbers {
            let Some(predicate) = predicates.get(usize(*number)) else {
                continue;
            };
            let holds = match &predicate.ask {
                Ask::Text {
                    pattern,
                    is_cased: false,
                } => pattern.find(bare).is_some(),
                Ask::Regex(expression) => expression.is_match(&text),
                ask => ask.find(value).is_some(),
            };
            if holds {
                hit(*number);
            }
        }
    }
}

/// Between values that are searched together. No text holds it, and so nothing is found across it.
const BETWEEN: u8 = 0xff;

impl FieldIndex {
    /// Calls `hit` with each predicate that holds for one of the values, perhaps more than once: keywords, which are looked
    /// for in all values of a record together. They are open at both ends, so that no place in a value matters.
    pub(crate) fn answer_any<'v>(
        &self,
        values: impl Iterator<Item = crate::Value<'v>> + Clone,
        predicates: &[Predicate],
        scratch: &mut Scratch,
        mut hit: impl FnMut(u32),
    ) {
        let Scratch { lower, raw, candidates } = scratch;
        candidates.clear();
        lower.clear();
        raw.clear();
        for value in values.clone() {
            let start = lower.len();
            match value {
                crate::Value::Text(text) => push_lower(lower, text),
                crate::Value::Null => continue,
                // Writing to memory does not fail.
                crate::Value::Integer(number) => drop(write!(lower, "{number}")),
                other => other.text().into_iter().for_each(|text| push_lower(lower, &text)),
            }
            if !self.cased.is_empty() {
                match value {
                    crate::Value::Text(text) => raw.extend_from_slice(text.as_bytes()),
                    _ => raw.extend_from_slice(lower.get(start..).unwrap_or_default()),
                }
                raw.push(BETWEEN);
            }
            lower.push(BETWEEN);
        }
        let mut label = |label: u32| {
            if label & CANDIDATE == 0 {
                hit(label);
            } else if !candidates.contains(&(label & !CANDIDATE)) {
                candidates.push(label & !CANDIDATE);
            }
        };
        lower.extend_from_slice(&[0; super::literals::PADDING]);
        self.lower.search(lower, &mut label);
        if !self.cased.is_empty() {
            raw.extend_from_slice(&[0; super::literals::PADDING]);
            self.cased.search(raw, &mut label);
        }
        let others = self.present.iter().chain(&self.valued).chain(&self.always);
        for number in others.chain(candidates.iter()) {
            let Some(predicate) = predicates.get(usize(*number)) else {
                continue;
            };
            if values.clone().any(|value| predicate.ask.find(value).is_some()) {
                hit(*number);
            }
        }
    }
}

/// Room for texts, kept from value to value.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    lower: Vec<u8>,
    raw: Vec<u8>,
    candidates: Vec<u32>,
}

/// The lower case of `text`, padded for [`Literals::search`].
fn fill_lower(lower: &mut Vec<u8>, text: &str) {
    lower.clear();
    push_lower(lower, text);
    lower.extend_from_slice(&[0; super::literals::PADDING]);
}

fn push_lower(lower: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        let from = lower.len();
        lower.extend_from_slice(text.as_bytes());
        if let Some(own) = lower.get_mut(from..) {
            own.make_ascii_lowercase();
        }
    } else {
        let mut buffer = [0; 4];
        for c in text.chars().flat_map(char::to_lowercase) {
            lower.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
}

/// Everything that is made of predicates, items and rules.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// One for each field of the program.
    pub(crate) fields: Vec<FieldIndex>,
    /// Items by predicate.
    pub(crate) items: Lists,
    /// Rules by item.
    pub(crate) nominations: Lists,
    /// Items that nominate.
    pub(crate) nominating: Bits,
    /// Rules without a witness.
    pub(crate) always: Bits,
    pub(crate) steps: Vec<Step>,
    /// The first step of each rule.
    pub(crate) entries: Vec<u32>,
    /// Fields of each rule.
    pub(crate) fields_of: Lists,
}

impl Index {
    pub(crate) fn new<'l>(
        field_names: &[String],
        predicates: &[Predicate],
        items: &[Item],
        pairs: &[super::expression::FieldPair],
        rules: impl ExactSizeIterator<Item = &'l Logic>,
    ) -> Self {
        let mut by_field: Vec<Vec<(u32, &Predicate)>> = vec![Vec::new(); field_names.len()];
        for (number, predicate) in predicates.iter().enumerate() {
            if let Some(own) = by_field.get_mut(usize(predicate.field)) {
                own.push((small(number), predicate));
            }
        }
        let ordinary = Ordinary::new();
        let guesses: Vec<f32> = predicates
            .iter()
            .map(|predicate| {
                ordinary.rarity(
                    predicate,
                    field_names.get(usize(predicate.field)).map_or("", String::as_str),
                )
            })
            .collect();
        let costs: Vec<f32> = items.iter().map(|item| guess(item, &guesses)).collect();
        let of_items = items.iter().enumerate();
        let of_predicates = of_items
            .flat_map(|(number, item)| item.predicates.iter().map(move |predicate| (*predicate, small(number))))
            .collect();
        let mut own = Self {
            // Keywords are indexed for each route.
            fields: by_field
                .iter()
                .enumerate()
                .map(|(field, predicates)| FieldIndex::new(if field == 0 { &[] } else { predicates }))
                .collect(),
            items: Lists::new(predicates.len(), of_predicates),
            always: Bits::new(rules.len()),
            ..Self::default()
        };
        let count = rules.len();
        let (mut nominations, mut fields_of) = (Vec::new(), Vec::new());
        for (number, logic) in rules.enumerate() {
            match logic.witness(&costs, true) {
                Some((_, witnesses)) => nominations.extend(witnesses.into_iter().map(|item| (item, small(number)))),
                None => own.always.set(number),
            }
            let first = assemble(logic, &costs, ACCEPT, REJECT, &mut own.steps);
            own.entries.push(first);
            logic.visit(&mut |part| match part {
                Logic::Item(item) => {
                    fields_of.extend(items.get(usize(*item)).map(|item| (small(number), item.field)));
                }
                Logic::Pair(pair) => {
                    let pair = pairs.get(usize(*pair));
                    fields_of.extend(
                        pair.into_iter()
                            .flat_map(|pair| [pair.field, pair.other])
                            .map(|field| (small(number), field)),
                    );
                }
                _ => {}
            });
        }
        own.nominating = Bits::new(items.len());
        nominations
            .iter()
            .for_each(|(item, _)| own.nominating.set(usize(*item)));
        own.nominations = Lists::new(items.len(), nominations);
        own.fields_of = Lists::new(count, fields_of);
        own
    }
}

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
struct Ordinary {
    /// The ends of every text, in order.
    ends: Vec<&'static [u8]>,
}

impl Ordinary {
    fn new() -> Self {
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
    fn rarity(&self, predicate: &Predicate, field: &str) -> f32 {
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
