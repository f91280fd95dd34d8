//! Every part of a program, written and read. The two functions of a part stand side by side.

use super::bytes::{Reader, Writer};
use crate::program::expression::{FieldPair, Logic};
use crate::program::predicate::{Ask, Item, Predicate};
use crate::program::{CorrelationInfo, FieldId, Member, Program, RuleId, RuleInfo};
use crate::rule::correlation::TYPES;
use crate::rule::detection::Relation;
use crate::rule::meta::{LEVELS, STATUSES};
use crate::rule::regular::Expression;
use crate::rule::{Comparison, Correlation, Level, LogSource, Meta, Network, Pattern, Piece, Status, TimePart};

/// Deepest logic; the parsers allow less.
const DEPTH: usize = 256;

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::NotEqual,
];
const PARTS: [TimePart; 6] = [
    TimePart::Minute,
    TimePart::Hour,
    TimePart::Day,
    TimePart::Week,
    TimePart::Month,
    TimePart::Year,
];
const RELATIONS: [Relation; 4] = [
    Relation::Equals,
    Relation::Contains,
    Relation::StartsWith,
    Relation::EndsWith,
];

/// The place of `value` among `all`, from 1; 0 where it is not there.
fn code<T: PartialEq>(value: &T, all: &[T]) -> u8 {
    let place = all.iter().position(|other| other == value);
    place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0)
}

/// The value of a code.
fn coded<T: Copy>(code: u8, all: &[T]) -> Option<T> {
    all.get(usize::from(code).checked_sub(1)?).copied()
}

pub(super) fn write_program(out: &mut Writer, program: &Program) {
    out.list(&program.field_names, |out, name| out.text(name));
    out.list(&program.predicates, write_predicate);
    out.list(&program.items, |out, item| {
        out.small(item.field);
        out.list(&item.predicates, |out, predicate| out.small(*predicate));
    });
    out.list(&program.pairs, |out, pair| {
        out.small(pair.field);
        out.small(pair.other);
        out.byte(code(&pair.relation, &RELATIONS));
        out.byte(u8::from(pair.is_cased));
    });
    out.list(&program.rules, |out, rule| {
        write_meta(out, &rule.meta);
        write_logsource(out, &rule.logsource);
        out.byte(u8::from(rule.is_silent));
        out.list(&rule.names, |out, name| out.text(name));
        write_logic(out, &rule.logic);
    });
    out.list(&program.correlations, write_correlation);
}

pub(super) fn read_program(bytes: &mut Reader<'_>) -> Option<Program> {
    Some(Program {
        field_names: bytes.list(Reader::text)?,
        predicates: bytes.list(read_predicate)?,
        items: bytes.list(|bytes| {
            Some(Item {
                field: bytes.small()?,
                predicates: bytes.list(Reader::small)?,
            })
        })?,
        pairs: bytes.list(|bytes| {
            Some(FieldPair {
                field: bytes.small()?,
                other: bytes.small()?,
                relation: coded(bytes.byte()?, &RELATIONS)?,
                is_cased: bytes.flag()?,
            })
        })?,
        rules: bytes.list(|bytes| {
            Some(RuleInfo {
                meta: read_meta(bytes)?,
                logsource: read_logsource(bytes)?,
                is_silent: bytes.flag()?,
                names: bytes.list(Reader::text)?,
                logic: read_logic(bytes, 0)?,
            })
        })?,
        correlations: bytes.list(read_correlation)?,
        ..Program::default()
    })
}

pub(super) fn write_predicate(out: &mut Writer, predicate: &Predicate) {
    out.small(predicate.field);
    match &predicate.ask {
        Ask::Text { pattern, is_cased } => {
            out.byte(if *is_cased { 1 } else { 0 });
            out.list(pattern.pieces(), |out, piece| match piece {
                Piece::Literal(bytes) => {
                    out.byte(0);
                    out.blob(bytes);
                }
                Piece::One => out.byte(1),
                Piece::Any => out.byte(2),
                Piece::Dash => out.byte(3),
            });
        }
        Ask::Regex(expression) => {
            out.byte(2);
            out.text(expression.source());
            out.list(expression.required(), |out, literal| out.blob(literal));
        }
        Ask::Network(network) => {
            out.byte(3);
            out.text(&network.to_string());
        }
        Ask::Number {
            part,
            comparison,
            number,
        } => {
            out.byte(4);
            out.byte(part.map_or(0, |part| code(&part, &PARTS)));
            out.byte(code(comparison, &COMPARISONS));
            out.float(*number);
        }
        Ask::Present => out.byte(5),
        Ask::Valued => out.byte(6),
    }
}

fn read_predicate(bytes: &mut Reader<'_>) -> Option<Predicate> {
    let field = bytes.small()?;
    let ask = match bytes.byte()? {
        cased @ 0..=1 => {
            let pieces = bytes.list(|bytes| {
                Some(match bytes.byte()? {
                    0 => Piece::Literal(bytes.blob()?.to_vec()),
                    1 => Piece::One,
                    2 => Piece::Any,
                    3 => Piece::Dash,
                    _ => return None,
                })
            })?;
            Ask::Text {
                pattern: Pattern::of(pieces),
                is_cased: cased == 1,
            }
        }
        2 => Ask::Regex(Expression::known(
            bytes.text()?,
            bytes.list(|bytes| bytes.blob().filter(|literal| !literal.is_empty()).map(<[u8]>::to_vec))?,
        )),
        3 => Ask::Network(Network::parse(&bytes.text()?)?),
        4 => Ask::Number {
            part: match bytes.byte()? {
                0 => None,
                part => Some(coded(part, &PARTS)?),
            },
            comparison: coded(bytes.byte()?, &COMPARISONS)?,
            number: bytes.float()?,
        },
        5 => Ask::Present,
        6 => Ask::Valued,
        _ => return None,
    };
    Some(Predicate { field, ask })
}

fn write_logic(out: &mut Writer, logic: &Logic) {
    match logic {
        Logic::Constant(is) => out.byte(if *is { 1 } else { 0 }),
        Logic::Item(item) => {
            out.byte(2);
            out.small(*item);
        }
        Logic::Pair(pair) => {
            out.byte(3);
            out.small(*pair);
        }
        Logic::Not(inner) => {
            out.byte(4);
            write_logic(out, inner);
        }
        Logic::And(parts) => {
            out.byte(5);
            out.list(parts, write_logic);
        }
        Logic::Or(parts) => {
            out.byte(6);
            out.list(parts, write_logic);
        }
        Logic::Selection(name, inner) => {
            out.byte(7);
            out.small(*name);
            write_logic(out, inner);
        }
    }
}

fn read_logic(bytes: &mut Reader<'_>, depth: usize) -> Option<Logic> {
    if depth > DEPTH {
        return None;
    }
    let deeper = |bytes: &mut Reader<'_>| read_logic(bytes, depth + 1);
    Some(match bytes.byte()? {
        is @ 0..=1 => Logic::Constant(is == 1),
        2 => Logic::Item(bytes.small()?),
        3 => Logic::Pair(bytes.small().filter(|pair| *pair < crate::program::expression::PAIR)?),
        4 => Logic::Not(Box::new(deeper(bytes)?)),
        5 => Logic::And(bytes.list(deeper)?),
        6 => Logic::Or(bytes.list(deeper)?),
        7 => Logic::Selection(bytes.small()?, Box::new(deeper(bytes)?)),
        _ => return None,
    })
}

fn write_meta(out: &mut Writer, meta: &Meta) {
    out.text(&meta.title);
    for text in [
        &meta.id,
        &meta.name,
        &meta.description,
        &meta.author,
        &meta.license,
        &meta.date,
        &meta.modified,
        &meta.taxonomy,
    ] {
        out.optional(text.as_deref());
    }
    out.byte(code(&meta.status, &STATUSES.map(|(_, status)| status)));
    out.byte(code(&meta.level, &LEVELS.map(|(_, level)| level)));
    for list in [
        &meta.tags,
        &meta.references,
        &meta.falsepositives,
        &meta.fields,
        &meta.scope,
    ] {
        out.list(list, |out, text| out.text(text));
    }
    out.list(&meta.related, |out, (kind, id)| {
        out.text(kind);
        out.text(id);
    });
    out.text(&meta.source);
    out.small(meta.line);
}

fn read_meta(bytes: &mut Reader<'_>) -> Option<Meta> {
    let mut meta = Meta {
        title: bytes.text()?,
        ..Meta::default()
    };
    for text in [
        &mut meta.id,
        &mut meta.name,
        &mut meta.description,
        &mut meta.author,
        &mut meta.license,
        &mut meta.date,
        &mut meta.modified,
        &mut meta.taxonomy,
    ] {
        *text = bytes.optional()?;
    }
    meta.status = coded(bytes.byte()?, &STATUSES.map(|(_, status)| status)).unwrap_or(Status::Unset);
    meta.level = coded(bytes.byte()?, &LEVELS.map(|(_, level)| level)).unwrap_or(Level::Unset);
    for list in [
        &mut meta.tags,
        &mut meta.references,
        &mut meta.falsepositives,
        &mut meta.fields,
        &mut meta.scope,
    ] {
        *list = bytes.list(Reader::text)?;
    }
    meta.related = bytes.list(|bytes| Some((bytes.text()?, bytes.text()?)))?;
    meta.source = bytes.text()?;
    meta.line = bytes.small()?;
    Some(meta)
}

fn write_logsource(out: &mut Writer, logsource: &LogSource) {
    for text in [&logsource.category, &logsource.product, &logsource.service] {
        out.optional(text.as_deref());
    }
}

fn read_logsource(bytes: &mut Reader<'_>) -> Option<LogSource> {
    Some(LogSource {
        category: bytes.optional()?,
        product: bytes.optional()?,
        service: bytes.optional()?,
    })
}

fn write_correlation(out: &mut Writer, info: &CorrelationInfo) {
    let rule = &info.rule;
    write_meta(out, &rule.meta);
    out.byte(code(&rule.aggregate, &TYPES.map(|(_, aggregate)| aggregate)));
    for list in [&rule.rules, &rule.group_by, &rule.fields] {
        out.list(list, |out, text| out.text(text));
    }
    out.list(&rule.aliases, |out, (alias, of, field)| {
        out.text(alias);
        out.text(of);
        out.text(field);
    });
    out.number(rule.timespan);
    out.list(&rule.conditions, |out, (comparison, number)| {
        out.byte(code(comparison, &COMPARISONS));
        out.float(*number);
    });
    out.float(rule.percentile);
    out.byte(u8::from(rule.generate));
    out.list(&info.members, |out, member| match member {
        Member::Rule(rule) => {
            out.byte(0);
            out.small(rule.0);
        }
        Member::Correlation(number) => {
            out.byte(1);
            out.small(*number);
        }
    });
    out.list(&info.groups, |out, fields| {
        out.list(fields, |out, field| out.small(field.0))
    });
    out.list(&info.fields, |out, field| out.small(field.0));
    out.byte(u8::from(info.is_silent));
}

fn read_correlation(bytes: &mut Reader<'_>) -> Option<CorrelationInfo> {
    let rule = Correlation {
        meta: read_meta(bytes)?,
        aggregate: coded(bytes.byte()?, &TYPES.map(|(_, aggregate)| aggregate))?,
        rules: bytes.list(Reader::text)?,
        group_by: bytes.list(Reader::text)?,
        fields: bytes.list(Reader::text)?,
        aliases: bytes.list(|bytes| Some((bytes.text()?, bytes.text()?, bytes.text()?)))?,
        timespan: bytes.number()?,
        conditions: bytes.list(|bytes| Some((coded(bytes.byte()?, &COMPARISONS)?, bytes.float()?)))?,
        percentile: bytes.float()?,
        generate: bytes.flag()?,
    };
    Some(CorrelationInfo {
        rule,
        members: bytes.list(|bytes| {
            Some(match bytes.byte()? {
                0 => Member::Rule(RuleId(bytes.small()?)),
                1 => Member::Correlation(bytes.small()?),
                _ => return None,
            })
        })?,
        groups: bytes.list(|bytes| bytes.list(|bytes| Some(FieldId(bytes.small()?))))?,
        fields: bytes.list(|bytes| Some(FieldId(bytes.small()?)))?,
        is_silent: bytes.flag()?,
    })
}
