//! Programs put together: instructions whose jumps lead to labels, until it is known where those stand.

use super::Instruction;

/// The longest program that Linux takes (`BPF_MAXINSNS`).
const MOST: usize = 4_096;

// Codes of instructions: A is what is worked with, X is where the header of IP ends, M is memory.
pub(super) const LOAD_WORD: u16 = 0x20;
pub(super) const LOAD_HALF: u16 = 0x28;
pub(super) const LOAD_BYTE: u16 = 0x30;
/// Added to a load: at X and a number.
pub(super) const BEHIND_X: u16 = 0x20;
pub(super) const LOAD_LENGTH: u16 = 0x80;
pub(super) const LOAD_NUMBER: u16 = 0x00;
pub(super) const LOAD_MEMORY: u16 = 0x60;
pub(super) const STORE: u16 = 0x02;
pub(super) const X_NUMBER: u16 = 0x01;
/// Four times the lower half of a byte.
pub(super) const X_HEADER: u16 = 0xb1;
pub(super) const A_TO_X: u16 = 0x07;
pub(super) const X_TO_A: u16 = 0x87;
pub(super) const ADD: u16 = 0x04;
pub(super) const SUBTRACT_X: u16 = 0x1c;
pub(super) const AND: u16 = 0x54;
pub(super) const XOR: u16 = 0xa4;
pub(super) const GO: u16 = 0x05;
pub(super) const IF_EQUAL: u16 = 0x15;
pub(super) const IF_GREATER: u16 = 0x25;
pub(super) const IF_AT_LEAST: u16 = 0x35;
pub(super) const IF_AT_LEAST_X: u16 = 0x3d;
pub(super) const IF_ANY_BIT: u16 = 0x45;
pub(super) const RETURN: u16 = 0x06;

/// Where a program goes on: a place that is known once everything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(usize);

/// A jump whose ends are not places yet.
#[derive(Clone, Copy, Debug)]
struct Draft {
    code: u16,
    value: u32,
    jumps: Option<(Label, Label)>,
}

/// A program that is being written.
#[derive(Debug, Default)]
pub(super) struct Program {
    drafts: Vec<Draft>,
    /// Where labels stand, as far as that is known.
    places: Vec<Option<usize>>,
}

impl Program {
    pub(super) fn label(&mut self) -> Label {
        self.places.push(None);
        Label(self.places.len() - 1)
    }

    /// A label stands here.
    pub(super) fn put(&mut self, label: Label) {
        if let Some(place) = self.places.get_mut(label.0) {
            *place = Some(self.drafts.len());
        }
    }

    pub(super) fn plain(&mut self, code: u16, value: u32) {
        self.drafts.push(Draft {
            code,
            value,
            jumps: None,
        });
    }

    /// To one label or the other.
    pub(super) fn jump(&mut self, code: u16, value: u32, holds: Label, fails: Label) {
        self.drafts.push(Draft {
            code,
            value,
            jumps: Some((holds, fails)),
        });
    }

    /// Goes on behind this only if a condition holds; to `otherwise` if it does not.
    pub(super) fn only(&mut self, code: u16, value: u32, otherwise: Label) {
        self.whether(code, value, true, otherwise);
    }

    /// Goes on behind this where a condition is so, else far away: jumps on a condition are short, others are not.
    pub(super) fn whether(&mut self, code: u16, value: u32, is_so: bool, otherwise: Label) {
        let (away, on) = (self.label(), self.label());
        let (holds, fails) = if is_so { (on, away) } else { (away, on) };
        self.jump(code, value, holds, fails);
        self.put(away);
        self.go(otherwise);
        self.put(on);
    }

    pub(super) fn go(&mut self, label: Label) {
        self.jump(GO, 0, label, label);
    }

    /// Whether no system would take it.
    pub(super) fn is_too_long(&self) -> bool {
        self.drafts.len() > MOST
    }

    /// Instructions with the distances of their jumps; nothing, where one is too far or the program too long.
    pub(super) fn finish(self) -> Option<Vec<Instruction>> {
        if self.is_too_long() {
            return None;
        }
        let place = |label: Label| self.places.get(label.0).copied().flatten();
        let instruction = |(at, draft): (usize, &Draft)| {
            let Draft { code, value, jumps } = *draft;
            let Some((holds, fails)) = jumps else {
                return Some(Instruction {
                    code,
                    jump_true: 0,
                    jump_false: 0,
                    value,
                });
            };
            let far = |label: Label| place(label)?.checked_sub(at + 1);
            let near = |label: Label| u8::try_from(far(label)?).ok();
            Some(match code {
                GO => Instruction {
                    code,
                    jump_true: 0,
                    jump_false: 0,
                    value: u32::try_from(far(holds)?).ok()?,
                },
                _ => Instruction {
                    code,
                    jump_true: near(holds)?,
                    jump_false: near(fails)?,
                    value,
                },
            })
        };
        self.drafts.iter().enumerate().map(instruction).collect()
    }
}
