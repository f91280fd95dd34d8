//! Classes of Java (JVM specification, chapter 4): version, names, and which other classes are named. Absent: code.

use super::work::Work;
use crate::bytes::{be16, be32, place};
use std::collections::BTreeSet;
use watchfire_model::Untrusted;
use watchfire_model::executable::JavaClass;

/// Interfaces that are kept.
const MOST_INTERFACES: usize = 1024;
/// Longest name. Bytes.
const LONGEST: usize = 1024;

/// A constant that names something.
#[derive(Clone, Copy, Debug)]
enum Constant<'a> {
    Text(&'a [u8]),
    Class(u16),
    Other,
}

/// The constants, and what follows them. They count from 1, and wide ones count twice.
struct Pool<'a> {
    constants: Vec<Constant<'a>>,
    rest: &'a [u8],
    is_whole: bool,
}

impl<'a> Pool<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let count = usize::from(be16(bytes, 0)?);
        let mut this = Self {
            constants: vec![Constant::Other],
            rest: bytes.get(2..)?,
            is_whole: true,
        };
        while this.constants.len() < count {
            let Some((constant, size, is_wide)) = this.next() else {
                this.is_whole = false;
                break;
            };
            this.rest = this.rest.get(size..).unwrap_or_default();
            this.constants.push(constant);
            if is_wide {
                this.constants.push(Constant::Other);
            }
        }
        Some(this)
    }

    fn next(&self) -> Option<(Constant<'a>, usize, bool)> {
        let size = match self.rest.first()? {
            1 => {
                let length = usize::from(be16(self.rest, 1)?);
                return Some((Constant::Text(self.rest.get(3..3 + length)?), 3 + length, false));
            }
            7 => return Some((Constant::Class(be16(self.rest, 1)?), 3, false)),
            5 | 6 => return self.rest.get(..9).map(|_| (Constant::Other, 9, true)),
            3 | 4 | 9..=12 | 17 | 18 => 5,
            8 | 16 | 19 | 20 => 3,
            15 => 4,
            _ => return None,
        };
        self.rest.get(..size).map(|_| (Constant::Other, size, false))
    }

    fn text(&self, number: u16) -> Option<&'a [u8]> {
        match self.constants.get(usize::from(number))? {
            Constant::Text(text) => Some(text.get(..LONGEST).unwrap_or(text)),
            _ => None,
        }
    }

    fn class(&self, number: u16) -> Option<Untrusted> {
        match self.constants.get(usize::from(number))? {
            Constant::Class(name) => self.text(*name).map(Untrusted::from_bytes),
            _ => None,
        }
    }
}

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<JavaClass> {
    if be32(bytes, 0)? != 0xcafe_babe {
        return None;
    }
    let mut facts = JavaClass {
        version: (be16(bytes, 6)?, be16(bytes, 4)?),
        ..JavaClass::default()
    };
    let pool = Pool::read(bytes.get(8..)?)?;
    let names: BTreeSet<&[u8]> = pool
        .constants
        .iter()
        .filter_map(|constant| match constant {
            Constant::Class(name) => pool.text(*name),
            _ => None,
        })
        .collect();
    facts.classes = names.into_iter().map(Untrusted::from_bytes).collect();
    if !pool.is_whole || members(&pool, &mut facts).is_none() {
        work.warn("java-class", "the class is damaged; what could be read is listed");
    }
    Some(facts)
}

/// What stands behind the constants. `None` where it ends too early.
fn members(pool: &Pool<'_>, facts: &mut JavaClass) -> Option<()> {
    let bytes = pool.rest;
    facts.name = pool.class(be16(bytes, 2)?);
    facts.extends = pool.class(be16(bytes, 4)?);
    let count = usize::from(be16(bytes, 6)?);
    let mut at = 8;
    for number in 0..count {
        let interface = pool.class(be16(bytes, at + number * 2)?);
        facts.implements.extend(interface.filter(|_| number < MOST_INTERFACES));
    }
    at += count * 2;
    // Fields, then methods: flags, name, kind, attributes.
    for is_method in [false, true] {
        let count = be16(bytes, at)?;
        at += 2;
        for _ in 0..count {
            let (flags, name, kind) = (be16(bytes, at)?, be16(bytes, at + 2)?, be16(bytes, at + 4)?);
            let is_main = flags & 9 == 9
                && pool.text(name) == Some(b"main")
                && pool.text(kind) == Some(b"([Ljava/lang/String;)V");
            facts.has_main |= is_method && is_main;
            at = skip_attributes(bytes, at + 6, &mut |_, _| {})?;
        }
    }
    skip_attributes(bytes, at, &mut |name, content| {
        if pool.text(name) == Some(b"SourceFile") {
            facts.source = be16(content, 0)
                .and_then(|number| pool.text(number))
                .map(Untrusted::from_bytes);
        }
    })?;
    Some(())
}

/// The place behind a list of attributes.
fn skip_attributes(bytes: &[u8], at: usize, each: &mut dyn FnMut(u16, &[u8])) -> Option<usize> {
    let count = be16(bytes, at)?;
    let mut at = at + 2;
    for _ in 0..count {
        let length = place(be32(bytes, at + 2)?);
        let content = bytes.get(at + 6..)?.get(..length)?;
        each(be16(bytes, at)?, content);
        at += 6 + length;
    }
    Some(at)
}
