//! Filters as programs of classic BPF (McCanne and Jacobson, "The BSD Packet Filter", 1993), which kernels run before a frame
//! costs anything.
//!
//! A program drops only what the filter itself would drop, and lets through whatever it cannot tell: it answers for whole,
//! untagged IP over Ethernet that is no fragment and carries TCP, UDP, SCTP or ICMP right behind its header, and lets every
//! other frame through. So the filter is asked again afterwards. Cards take the outermost tag of a VLAN out before programs
//! see a frame; filters see through tags, and what asks for one (`vlan`) or for lengths cannot be said to a kernel.
//!
//! Absent: optimising. A frame costs some dozens of instructions.

mod assembler;
mod condition;
#[cfg(test)]
mod tests;

use super::{Filter, Step};
use assembler::*;
use condition::{Compare, Condition, Version, condition};

/// An instruction, as kernels take it (`struct sock_filter` of Linux).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What is done.
    pub code: u16,
    /// How many instructions are passed over where a condition holds.
    pub jump_true: u8,
    /// How many where it does not.
    pub jump_false: u8,
    /// The number that it is done with.
    pub value: u32,
}

/// Bytes of Ethernet's header.
const ETHERNET: u32 = 14;
/// Bytes behind a header of IP that have to be there: as many as any transport asks about.
const TRANSPORT: u32 = 20;
/// Where the answer, the length and the protocol are kept.
const ANSWER: u32 = 0;
const LENGTH: u32 = 1;
const PROTOCOL: u32 = 2;

/// Transports that are looked at.
const KNOWN: [u32; 5] = [6, 17, 1, 58, 132];

impl Filter {
    /// The filter as a program for frames of Ethernet: it returns 0 for frames that this filter leaves out, and `u32::MAX` for
    /// those that it keeps or that a kernel cannot tell. Nothing, where it asks what no program can tell, or would be too long.
    ///
    /// Frames have to be whole: of what was cut, filters say otherwise.
    pub fn program(&self) -> Option<Vec<Instruction>> {
        let mut program = Program::default();
        let (keep, version_4, version_6) = (program.label(), program.label(), program.label());
        program.head(keep, version_4, version_6);
        for (version, begins) in [(Version::Four, version_4), (Version::Six, version_6)] {
            program.put(begins);
            program.header(version, keep);
            program.steps(version, &self.steps, keep)?;
        }
        program.put(keep);
        program.plain(RETURN, u32::MAX);
        program.finish()
    }
}

impl Program {
    /// Which IP there is; everything else is kept.
    fn head(&mut self, keep: Label, version_4: Label, version_6: Label) {
        self.plain(LOAD_LENGTH, 0);
        self.only(IF_AT_LEAST, ETHERNET + 20 + TRANSPORT, keep);
        self.plain(LOAD_HALF, 12);
        self.whether(IF_EQUAL, 0x0800, false, version_4);
        self.only(IF_EQUAL, 0x86dd, keep);
        self.go(version_6);
    }

    /// Keeps packets that are not whole and plain; of others, X is where their header ends.
    fn header(&mut self, version: Version, keep: Label) {
        let (first, protocol) = match version {
            Version::Four => (0x40, 23),
            Version::Six => (0x60, 20),
        };
        self.plain(LOAD_BYTE, ETHERNET);
        self.plain(AND, 0xf0);
        self.only(IF_EQUAL, first, keep);
        match version {
            Version::Four => {
                // Pieces of a packet.
                self.plain(LOAD_HALF, 20);
                self.whether(IF_ANY_BIT, 0x3fff, false, keep);
                self.plain(X_HEADER, ETHERNET);
                self.plain(X_TO_A, 0);
                self.only(IF_AT_LEAST, 20, keep);
                self.plain(LOAD_HALF, 16);
                self.plain(STORE, LENGTH);
                self.only(IF_AT_LEAST_X, 0, keep);
                self.plain(SUBTRACT_X, 0);
                self.only(IF_AT_LEAST, TRANSPORT, keep);
                self.plain(LOAD_MEMORY, LENGTH);
                self.plain(ADD, ETHERNET);
            }
            Version::Six => {
                self.plain(LOAD_LENGTH, 0);
                self.only(IF_AT_LEAST, ETHERNET + 40 + TRANSPORT, keep);
                self.plain(LOAD_HALF, 18);
                self.only(IF_AT_LEAST, TRANSPORT, keep);
                self.plain(ADD, ETHERNET + 40);
            }
        }
        // All that the header promises is there.
        self.plain(A_TO_X, 0);
        self.plain(LOAD_LENGTH, 0);
        self.only(IF_AT_LEAST_X, 0, keep);
        match version {
            Version::Four => self.plain(X_HEADER, ETHERNET),
            Version::Six => self.plain(X_NUMBER, 40),
        }
        self.plain(LOAD_BYTE, protocol);
        self.plain(STORE, PROTOCOL);
        let known = self.label();
        for number in KNOWN {
            let next = self.label();
            self.jump(IF_EQUAL, number, known, next);
            self.put(next);
        }
        self.go(keep);
        self.put(known);
    }

    /// The steps of a filter, with the answer in memory.
    fn steps(&mut self, version: Version, steps: &[Step], keep: Label) -> Option<()> {
        self.plain(LOAD_NUMBER, 1);
        self.plain(STORE, ANSWER);
        let labels: Vec<Label> = (0..=steps.len()).map(|_| self.label()).collect();
        for (at, step) in steps.iter().enumerate() {
            self.put(*labels.get(at)?);
            match step {
                Step::Ask(test) => {
                    let condition = condition(version, test)?;
                    self.ask(&condition);
                }
                Step::Not => {
                    self.plain(LOAD_MEMORY, ANSWER);
                    self.plain(XOR, 1);
                    self.plain(STORE, ANSWER);
                }
                Step::Unless(stands, until) => {
                    let until = *labels.get((*until).clamp(at + 1, steps.len()))?;
                    self.plain(LOAD_MEMORY, ANSWER);
                    self.whether(IF_EQUAL, u32::from(*stands), false, until);
                }
            }
            if self.is_too_long() {
                return None;
            }
        }
        self.put(*labels.get(steps.len())?);
        self.plain(LOAD_MEMORY, ANSWER);
        self.whether(IF_EQUAL, 1, false, keep);
        self.plain(RETURN, 0);
        Some(())
    }

    /// Puts the answer to a question into memory.
    fn ask(&mut self, condition: &Condition) {
        let (holds, fails, over) = (self.label(), self.label(), self.label());
        self.condition(condition, holds, fails);
        self.put(holds);
        self.plain(LOAD_NUMBER, 1);
        self.go(over);
        self.put(fails);
        self.plain(LOAD_NUMBER, 0);
        self.put(over);
        self.plain(STORE, ANSWER);
    }

    /// Goes to one label or the other. Conditions are as deep as tests are written: three at most.
    fn condition(&mut self, condition: &Condition, holds: Label, fails: Label) {
        match condition {
            Condition::Always(true) => self.go(holds),
            Condition::Always(false) => self.go(fails),
            Condition::Not(inner) => self.condition(inner, fails, holds),
            Condition::All(all) => {
                for one in all {
                    let next = self.label();
                    self.condition(one, next, fails);
                    self.put(next);
                }
                self.go(holds);
            }
            Condition::Any(any) => {
                for one in any {
                    let next = self.label();
                    self.condition(one, holds, next);
                    self.put(next);
                }
                self.go(fails);
            }
            Condition::Is(load, mask, compare) => {
                let (code, place) = load.instruction();
                self.plain(code, place);
                if *mask != u32::MAX {
                    self.plain(AND, *mask);
                }
                let (code, value) = match *compare {
                    Compare::Equal(value) => (IF_EQUAL, value),
                    Compare::AtLeast(value) => (IF_AT_LEAST, value),
                    Compare::Greater(value) => (IF_GREATER, value),
                };
                self.jump(code, value, holds, fails);
            }
        }
    }
}
