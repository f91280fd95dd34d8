//! What all tables said from one tick to the next, in the order of frames, and who hears it.

use crate::flow::Said;
use crate::pipeline::SHARDS;
use crate::{Content, Sink};
use watchfire_model::network::{Event, Flow};

/// Hears what a capture says besides the [`Sink`]: in the same order, on whichever thread has time for it, and some time
/// later. What one of them learns, the others and the sink know only when all is read.
pub trait Listener: Send {
    /// What was said until one tick.
    fn hear(&mut self, round: &Round);
}

/// What was said from one tick to the next: pieces of files, then exchanges, then flows that are over, each by where they
/// begin.
#[derive(Debug, Default)]
pub struct Round {
    /// By table.
    parts: Vec<Said>,
    order: Order,
}

/// Where everything stands: what it goes by, the table, and the place in what that one said. What is large is not moved.
#[derive(Debug, Default)]
struct Order {
    pieces: Vec<(u64, u32, u32)>,
    events: Vec<(u64, u64, u32, u32)>,
    flows: Vec<(u64, u32, u32, u32)>,
}

impl Round {
    /// As the tables say it; the memory is that of an earlier one.
    pub(crate) fn of(said: impl IntoIterator<Item = Said>, earlier: Self) -> Self {
        let Self { mut parts, mut order } = earlier;
        parts.clear();
        parts.extend(said);
        order.pieces.clear();
        order.events.clear();
        order.flows.clear();
        for (table, part) in (0..).zip(&parts) {
            let pieces = (0..).zip(&part.pieces);
            order
                .pieces
                .extend(pieces.map(|(place, piece)| (piece.frame, table, place)));
            let events = (0..).zip(&part.events);
            order
                .events
                .extend(events.map(|(place, event)| (event.frame, event.flow, table, place)));
            let flows = (0..).zip(&part.flows);
            order.flows.extend(flows.map(|(place, flow)| {
                let depth = u32::try_from(flow.tunnels.len()).unwrap_or(u32::MAX);
                (flow.first_frame, depth, table, place)
            }));
        }
        // A frame is in one flow and in those that carry it, outer ones first, and a flow in one table: what is equal up to
        // its table is in order already.
        order.pieces.sort_unstable();
        order.events.sort_unstable();
        order.flows.sort_unstable();
        Self { parts, order }
    }

    /// What was exchanged.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        let places = self.order.events.iter();
        places.filter_map(|(.., table, place)| self.parts.get(*table as usize)?.events.get(*place as usize))
    }

    /// Flows that are over.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        let places = self.order.flows.iter();
        places.filter_map(|(.., table, place)| self.parts.get(*table as usize)?.flows.get(*place as usize))
    }

    fn contents(&self) -> impl Iterator<Item = Content<'_>> {
        self.order.pieces.iter().filter_map(|(_, table, place)| {
            let part = self.parts.get(*table as usize)?;
            Some(part.piece(part.pieces.get(*place as usize)?))
        })
    }

    /// Hands it all out.
    pub(crate) fn tell(&self, sink: &mut dyn Sink) {
        // What is followed is in one table.
        self.parts.iter().for_each(|part| part.tell(sink));
        self.contents().for_each(|content| sink.content(content));
        self.events().for_each(|event| sink.event(event));
        self.flows().for_each(|flow| sink.flow(flow));
        sink.tick();
    }

    /// How many flows are over.
    pub(crate) fn ended(&self) -> u64 {
        self.order.flows.len() as u64
    }

    /// About how many bytes of memory it needs.
    pub(crate) fn memory(&self) -> usize {
        self.parts.iter().map(Said::memory).sum()
    }

    /// Takes out what was said, by table: it is nothing but memory by now.
    pub(crate) fn parts(&mut self) -> impl Iterator<Item = Said> + '_ {
        self.parts.drain(..)
    }
}

/// What tables said in one round, as far as they have spoken.
#[derive(Debug)]
pub(crate) struct Coming {
    by: Vec<Option<Said>>,
    missing: usize,
}

impl Default for Coming {
    fn default() -> Self {
        Self {
            by: (0..SHARDS).map(|_| None).collect(),
            missing: SHARDS,
        }
    }
}

impl Coming {
    /// A table has spoken.
    pub(crate) fn has_said(&mut self, table: usize, said: Said) {
        if let Some(by) = self.by.get_mut(table) {
            self.missing = self.missing.saturating_sub(usize::from(by.is_none()));
            *by = Some(said);
        }
    }

    /// Whether all of them have.
    pub(crate) const fn is_whole(&self) -> bool {
        self.missing == 0
    }

    /// Flows that are open, by table.
    pub(crate) fn open(&self) -> impl Iterator<Item = usize> + '_ {
        self.by.iter().map(|said| said.as_ref().map_or(0, |said| said.open))
    }

    /// What they said, by table.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = Said> {
        self.by.into_iter().map(Option::unwrap_or_default)
    }
}
