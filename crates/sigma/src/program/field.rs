//! Everything that rules ask of one field, so that a value is asked once for all of them: exact values by one look-up,
//! literals together ([`Literals`]), regular expressions only where a literal that they need was found.

use super::found::{CANDIDATE, Found};
use super::literals::{Anchor, Literal, Literals};
use super::predicate::{Ask, Predicate};
use super::text::Prepared;
use crate::rule::modifier::Comparison;
use crate::rule::network::{self, Network};
use crate::rule::pattern::{DASHES, Pattern, Piece, Shape};
use crate::value::Value;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

type Exact = HashMap<Vec<u8>, Vec<u32>, FixedState>;

/// Everything that rules ask of one field, or of any.
#[derive(Debug, Default)]
pub(crate) struct FieldIndex {
    /// Predicates by what the value is in lower case.
    exact: Exact,
    /// A bit for each length among those, the highest for all from 63.
    exact_lengths: u64,
    /// Predicates by what the value is.
    exact_cased: Exact,
    /// Predicates by a number, where the value is a number and nothing but exact values are asked for.
    integers: HashMap<i64, Vec<u32>, FixedState>,
    /// Literals in lower case.
    lower: Literals,
    /// The same, where no text of ASCII alone holds them.
    foreign: Literals,
    /// Literals whose case counts.
    cased: Literals,
    numbers: Vec<(u32, Comparison, f64)>,
    networks: Vec<(u32, Network)>,
    /// Other predicates to decide whatever the value is.
    always: Vec<u32>,
    present: Option<u32>,
    valued: Option<u32>,
    /// Nothing but exact values is asked for.
    is_exact: bool,
}

/// Texts of the values that are asked about, kept from value to value for their memory.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) lower: Prepared,
    raw: Prepared,
}

impl Texts {
    /// Makes a value ready to be asked about.
    pub(crate) fn set(&mut self, value: Value<'_>) {
        self.lower.clear();
        self.lower.push_value(value, true);
        self.lower.close();
    }

    /// The same with several values, one behind the other.
    pub(crate) fn set_all<'v>(&mut self, values: impl Iterator<Item = Value<'v>>) {
        self.lower.clear();
        for value in values {
            self.lower.push_value(value, true);
            self.lower.part();
        }
        self.lower.close();
    }
}

/// Literals by where they are looked for.
#[derive(Default)]
struct Collected<'p> {
    lower: Vec<Literal<'p>>,
    foreign: Vec<Literal<'p>>,
    cased: Vec<Literal<'p>>,
}

impl<'p> Collected<'p> {
    fn push(&mut self, is_cased: bool, literal: Literal<'p>) {
        if is_cased {
            self.cased.push(literal);
        } else if literal.bytes.is_ascii() {
            self.lower.push(literal);
        } else {
            self.foreign.push(literal);
        }
    }
}

/// `*-word*` with each dash instead of any, where the pattern is no more than that.
fn dashed(pattern: &Pattern) -> Option<Vec<Vec<u8>>> {
    let [Piece::Any, inner @ .., Piece::Any] = pattern.pieces() else {
        return None;
    };
    let (before, after) = match inner {
        [Piece::Dash, Piece::Literal(after)] => (&[][..], after.as_slice()),
        [Piece::Literal(before), Piece::Dash, Piece::Literal(after)] => (before.as_slice(), after.as_slice()),
        [Piece::Literal(before), Piece::Dash] => (before.as_slice(), &[][..]),
        _ => return None,
    };
    let each = DASHES.iter().map(|dash| [before, dash.as_bytes(), after].concat());
    Some(each.collect())
}

impl FieldIndex {
    /// What these predicates ask; `is_any` where it is asked of any field.
    pub(crate) fn new(predicates: &[(u32, &Predicate)], is_any: bool) -> Self {
        let mut own = Self::default();
        let dashes: Vec<(u32, bool, Vec<Vec<u8>>)> = predicates
            .iter()
            .filter_map(|(number, predicate)| match &predicate.ask {
                Ask::Text { pattern, is_cased } => Some((*number, *is_cased, dashed(pattern)?)),
                _ => None,
            })
            .collect();
        let mut literals = Collected::default();
        for (label, is_cased, each) in &dashes {
            for bytes in each {
                let anchor = Anchor::Anywhere;
                literals.push(
                    *is_cased,
                    Literal {
                        bytes,
                        anchor,
                        label: *label,
                    },
                );
            }
        }
        let mut dashes = dashes.iter().map(|(number, ..)| *number).peekable();
        for (number, predicate) in predicates {
            if dashes.next_if_eq(number).is_none() {
                own.add(*number, &predicate.ask, is_any, &mut literals);
            }
        }
        own.lower = Literals::new(&literals.lower);
        own.foreign = Literals::new(&literals.foreign);
        own.cased = Literals::new(&literals.cased);
        own.is_exact = own.lower.is_empty()
            && own.foreign.is_empty()
            && own.cased.is_empty()
            && own.unfiltered() == 0
            && own.exact_cased.is_empty();
        own
    }

    fn add<'p>(&mut self, number: u32, ask: &'p Ask, is_any: bool, literals: &mut Collected<'p>) {
        match ask {
            Ask::Present => self.present = Some(number),
            Ask::Valued => self.valued = Some(number),
            Ask::Text { pattern, is_cased } => self.text(number, pattern, *is_cased, is_any, literals),
            Ask::Regex(expression) if !expression.required().is_empty() => {
                for bytes in expression.required() {
                    let (anchor, label) = (Anchor::Anywhere, number | CANDIDATE);
                    literals.push(false, Literal { bytes, anchor, label });
                }
            }
            Ask::Network(network) if !is_any => self.networks.push((number, *network)),
            Ask::Number {
                part: None,
                comparison,
                number: other,
            } if !is_any => self.numbers.push((number, *comparison, *other)),
            Ask::Regex(_) | Ask::Network(_) | Ask::Number { .. } => self.always.push(number),
        }
    }

    fn text<'p>(
        &mut self,
        number: u32,
        pattern: &'p Pattern,
        is_cased: bool,
        is_any: bool,
        literals: &mut Collected<'p>,
    ) {
        let mut literal = |bytes: &'p [u8], anchor, label| literals.push(is_cased, Literal { bytes, anchor, label });
        match pattern.shape() {
            Shape::Contains(bytes) => literal(bytes, Anchor::Anywhere, number),
            Shape::Exact(bytes) if !is_any => self.exact(number, bytes, is_cased),
            Shape::Prefix(bytes) if !is_any => literal(bytes, Anchor::Start, number),
            Shape::Suffix(bytes) if !is_any => literal(bytes, Anchor::End, number),
            Shape::Anything => self.always.push(number),
            _ => match pattern.longest() {
                Some(bytes) if bytes.len() >= 2 => literal(bytes, Anchor::Anywhere, number | CANDIDATE),
                _ => self.always.push(number),
            },
        }
    }

    fn exact(&mut self, number: u32, bytes: &[u8], is_cased: bool) {
        if is_cased {
            self.exact_cased.entry(bytes.to_vec()).or_default().push(number);
        } else {
            self.exact.entry(bytes.to_vec()).or_default().push(number);
            self.exact_lengths |= 1 << bytes.len().min(63);
        }
        let text = std::str::from_utf8(bytes).ok();
        let integer = text.and_then(|text| text.parse::<i64>().ok());
        if let Some(integer) = integer.filter(|integer| integer.to_string().as_bytes() == bytes) {
            self.integers.entry(integer).or_default().push(number);
        }
    }

    /// Answering costs more than looking the value up.
    pub(crate) fn is_worth_remembering(&self) -> bool {
        !self.is_exact
    }

    /// How many predicates have to be decided whatever the value is.
    pub(crate) fn unfiltered(&self) -> usize {
        self.always.len() + self.numbers.len() + self.networks.len()
    }

    /// Takes every predicate that holds for a whole number, where that is one look-up.
    pub(crate) fn answer_integer(&self, integer: i64, found: &mut Found) -> bool {
        if self.is_exact {
            let known = self.present.iter().chain(&self.valued);
            known
                .chain(self.integers.get(&integer).into_iter().flatten())
                .for_each(|number| found.hit(*number));
        }
        self.is_exact
    }

    /// Takes every predicate that holds for the value, or may. The value was set in `texts`.
    pub(crate) fn search(&self, value: Value<'_>, texts: &mut Texts, found: &mut Found) {
        self.present.iter().for_each(|number| found.hit(*number));
        if value == Value::Null {
            return;
        }
        self.valued.iter().for_each(|number| found.hit(*number));
        let bare = texts.lower.bare();
        if self.exact_lengths >> bare.len().min(63) & 1 != 0 {
            let known = self.exact.get(bare).into_iter().flatten();
            known.for_each(|number| found.hit(*number));
        }
        self.search_literals(std::iter::once(value), texts, found);
        if !self.exact_cased.is_empty()
            && let Some(text) = value.text()
        {
            let known = self.exact_cased.get(text.as_bytes()).into_iter().flatten();
            known.for_each(|number| found.hit(*number));
        }
        if !self.numbers.is_empty()
            && let Some(own) = value.number()
        {
            let holds = self
                .numbers
                .iter()
                .filter(|(_, comparison, other)| comparison.holds(own, *other));
            holds.for_each(|(number, ..)| found.hit(*number));
        }
        if !self.networks.is_empty()
            && let Some(address) = value.text().and_then(|text| network::address(&text))
        {
            let holds = self.networks.iter().filter(|(_, network)| network.contains(address));
            holds.for_each(|(number, _)| found.hit(*number));
        }
        self.always.iter().for_each(|number| found.hit(number | CANDIDATE));
    }

    /// The same for several values at once, which were set in `texts`, where nothing is asked but what stands anywhere in one.
    pub(crate) fn search_any<'v>(&self, values: impl Iterator<Item = Value<'v>>, texts: &mut Texts, found: &mut Found) {
        self.search_literals(values, texts, found);
        let others = self.present.iter().chain(&self.valued).chain(&self.always);
        others.for_each(|number| found.hit(number | CANDIDATE));
    }

    fn search_literals<'v>(&self, values: impl Iterator<Item = Value<'v>>, texts: &mut Texts, found: &mut Found) {
        self.lower.search(&texts.lower, found);
        if !texts.lower.is_ascii() && !self.foreign.is_empty() {
            self.foreign.search(&texts.lower, found);
        }
        if !self.cased.is_empty() {
            texts.raw.clear();
            for (number, value) in values.enumerate() {
                if number > 0 {
                    texts.raw.part();
                }
                texts.raw.push_value(value, false);
            }
            texts.raw.close();
            self.cased.search(&texts.raw, found);
        }
    }
}

/// Whether a predicate that was found to be possible holds for the value that was set in `texts`.
pub(crate) fn settles(ask: &Ask, value: Value<'_>, texts: &Texts) -> bool {
    match ask {
        Ask::Text {
            pattern,
            is_cased: false,
        } => pattern.find(texts.lower.bare()).is_some(),
        Ask::Regex(expression) => value.text().is_some_and(|text| expression.is_match(&text)),
        ask => ask.find(value).is_some(),
    }
}
