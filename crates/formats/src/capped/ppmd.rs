//! PPMd, variant H as 7z and variant I as zip use it, over `ppmd-rust`.

use super::input::{Decode, Input, damaged, halt, truncated};
use ppmd_rust::{Ppmd7Decoder, Ppmd8Decoder, RestoreMethod};
use std::io::{self, Read};
use watchfire_model::Budget;

/// Unpacked in one step of the decoder. Small, because what a step put out is lost if it then fails.
const STEP: usize = 4 << 10;

enum Model<'a> {
    H(Box<Ppmd7Decoder<Input<'a>>>),
    I(Box<Ppmd8Decoder<Input<'a>>>),
}

pub(super) struct Ppmd<'a> {
    model: Model<'a>,
    left: u64,
    failed: Option<io::Error>,
}

impl<'a> Ppmd<'a> {
    /// `memory` is what the model may use, in bytes. The data does not say where it ends; `size` does.
    pub(super) fn variant_h(input: Input<'a>, order: u8, memory: u32, size: u64, budget: &Budget) -> io::Result<Self> {
        budget.dictionary(u64::from(memory)).map_err(halt)?;
        let model = Ppmd7Decoder::new(input, u32::from(order), memory).map_err(|_| damaged("invalid parameters"))?;
        Ok(Self::new(Model::H(Box::new(model)), size))
    }

    /// `parameters` are the two bytes that zip stores before the data: order, memory and how the model is restored.
    pub(super) fn variant_i(input: Input<'a>, parameters: u16, size: u64, budget: &Budget) -> io::Result<Self> {
        let order = u32::from(parameters & 0xf) + 1;
        let memory = (u32::from(parameters >> 4 & 0xff) + 1) << 20;
        let restore = match parameters >> 12 {
            0 => RestoreMethod::Restart,
            1 => RestoreMethod::CutOff,
            _ => return Err(damaged("unknown restoration method")),
        };
        budget.dictionary(u64::from(memory)).map_err(halt)?;
        let model = Ppmd8Decoder::new(input, order, memory, restore).map_err(|_| damaged("invalid parameters"))?;
        Ok(Self::new(Model::I(Box::new(model)), size))
    }

    fn new(model: Model<'a>, size: u64) -> Self {
        Self {
            model,
            left: size,
            failed: None,
        }
    }

    fn step(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let into = into.get_mut(..len).unwrap_or_default();
        if into.is_empty() {
            return Ok(0);
        }
        let len = match &mut self.model {
            Model::H(model) => model.read(into)?,
            Model::I(model) => model.read(into)?,
        };
        self.left = self.left.saturating_sub(len as u64);
        if len == 0 { Err(truncated()) } else { Ok(len) }
    }
}

impl Read for Ppmd<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut total = 0;
        for part in into.chunks_mut(STEP) {
            match self.step(part) {
                Ok(0) => break,
                Ok(len) => total += len,
                Err(error) if total == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(total)
    }
}

impl Decode for Ppmd<'_> {}
