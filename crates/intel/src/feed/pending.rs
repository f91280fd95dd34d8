//! Indicators that wait for what stands behind them: the name and markings of an event may follow its attributes.
//!
//! How many wait is bounded. What is released early, because there are more, has only what stood before it.

use super::Place;
use super::intake::Taker;
use watchfire_model::Indicator;

/// How many wait at most.
const MOST: usize = 50_000;

/// Those that wait.
#[derive(Debug, Default)]
pub(super) struct Pending {
    held: Vec<(Place, Indicator)>,
    early: bool,
}

impl Pending {
    pub(super) fn hold(&mut self, place: Place, indicator: Indicator) {
        self.held.push((place, indicator));
    }

    /// Releases them if they are too many.
    pub(super) fn bound(&mut self, taker: &mut Taker<'_>, complete: impl Fn(&mut Indicator)) {
        if self.held.len() < MOST {
            return;
        }
        if !self.early {
            taker.note(format!(
                "more than {MOST} values stand in one event: what follows them there is not known of the first of them"
            ));
        }
        self.early = true;
        self.release(taker, complete);
    }

    /// Completes all and hands them over.
    pub(super) fn release(&mut self, taker: &mut Taker<'_>, complete: impl Fn(&mut Indicator)) {
        for (place, mut indicator) in self.held.drain(..) {
            complete(&mut indicator);
            taker.take(place, indicator);
        }
    }
}
