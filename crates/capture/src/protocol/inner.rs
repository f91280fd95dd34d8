//! Another protocol inside a stream: not told yet.

use super::{Context, Heard, Side};

/// A stream inside of another.
#[derive(Debug, Default)]
pub(crate) struct Inner;

impl Inner {
    pub(crate) fn hear(&mut self, _: Side, _: &[u8], _: &mut Context<'_>) -> Heard {
        Heard::Enough
    }

    pub(crate) fn miss(&mut self, _: Side, _: u64, _: &mut Context<'_>) -> Heard {
        Heard::Enough
    }

    pub(crate) fn finish(&mut self, _: &mut Context<'_>) {}
}
