//! What dissectors are told in tests; and how that is cut must not matter.

mod held;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::KeyLog;
use crate::flow::Said;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, FileId, TransportProtocol};

/// A part of a flow. Each is a frame of its own.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// An end says this.
    Says(Side, Vec<u8>),
    /// So many bytes of an end are missing.
    Lacks(Side, u64),
}

pub(super) fn asks(bytes: impl AsRef<[u8]>) -> Part {
    Part::Says(Side::Originator, bytes.as_ref().to_vec())
}

pub(super) fn answers(bytes: impl AsRef<[u8]>) -> Part {
    Part::Says(Side::Responder, bytes.as_ref().to_vec())
}

pub(super) fn lacks(side: Side, length: u64) -> Part {
    Part::Lacks(side, length)
}

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// Does something in a flow, before its first frame.
fn within<T>(said: &mut Said, act: impl FnOnce(&mut Context<'_>) -> T) -> T {
    act(&mut Context {
        here: Here {
            frame: 0,
            time: Timestamp::from_nanoseconds(0),
        },
        flow: 1,
        originator: SocketAddr::from(([192, 0, 2, 1], 50_000)),
        responder: SocketAddr::from(([198, 51, 100, 7], 7_777)),
        transport: TransportProtocol::TCP,
        said,
        services: &mut Vec::new(),
        files: &mut 0,
        depth: 0,
        ended: [true; 2],
    })
}

/// Tells a dissector the parts, each cut into pieces of as many bytes as `length` says, until it has heard enough.
fn tell(
    dissector: &mut dyn Dissector,
    parts: &[Part],
    context: &mut Context<'_>,
    mut length: impl FnMut() -> usize,
) -> Heard {
    let mut heard = Heard::More;
    for part in parts {
        context.here.frame += 1;
        context.here.time = Timestamp::from_nanoseconds(context.here.frame as i64 * 1_000);
        match part {
            Part::Says(side, bytes) => {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() && heard == Heard::More {
                    let (piece, behind) = rest.split_at(length().clamp(1, rest.len()));
                    heard = dissector.hear(*side, piece, context);
                    rest = behind;
                }
            }
            Part::Lacks(side, length) if heard == Heard::More => heard = dissector.miss(*side, *length, context),
            Part::Lacks(..) => {}
        }
    }
    heard
}

/// Whether a dissector wants more behind the parts, and what it said until then: more may come.
pub(super) fn until(dissector: &mut dyn Dissector, parts: &[Part]) -> (Heard, Vec<Event>) {
    let mut said = Said::default();
    let heard = within(&mut said, |context| tell(dissector, parts, context, || usize::MAX));
    (heard, said.events)
}

/// What a dissector says of the parts, each cut into pieces of as many bytes as `length` says; and the files that it found,
/// with `[n]` for what is missing.
fn said(
    protocol: &Protocol,
    parts: &[Part],
    secrets: &Arc<KeyLog>,
    mut length: impl FnMut() -> usize,
) -> (Vec<Event>, BTreeMap<FileId, Vec<u8>>) {
    let mut said = Said::new(u64::MAX);
    said.secrets = Arc::clone(secrets);
    let mut dissector = (protocol.dissector)();
    within(&mut said, |context| {
        tell(&mut *dissector, parts, context, &mut length);
        dissector.finish(context);
    });
    let (mut files, mut ends) = (BTreeMap::<FileId, Vec<u8>>::new(), BTreeMap::new());
    for piece in &said.pieces {
        let content = said.piece(piece);
        if content.bytes.is_empty() {
            files.remove(&content.file);
            continue;
        }
        let file = files.entry(content.file).or_default();
        let reached = ends.insert(content.file, content.at + content.bytes.len() as u64);
        let hole = content.at - reached.unwrap_or(0);
        if hole > 0 {
            file.extend_from_slice(format!("[{hole}]").as_bytes());
        }
        file.extend_from_slice(content.bytes);
    }
    (said.events, files)
}

/// What a dissector says of the parts. Streams are cut in many ways, and that has to say the same.
pub(super) fn heard(protocol: &Protocol, parts: &[Part]) -> Vec<Event> {
    cut(protocol, parts, &Arc::default()).0
}

/// What a dissector says that knows how the parts are encrypted.
pub(super) fn heard_knowing(protocol: &Protocol, parts: &[Part], secrets: KeyLog) -> Vec<Event> {
    cut(protocol, parts, &Arc::new(secrets)).0
}

/// About how many bytes of memory the texts of events need: as many as their records.
pub(super) fn spoken(events: &[Event]) -> usize {
    let record = |event| serde_json::to_string(event).map_or(0, |record| record.len());
    events.iter().map(record).sum()
}

/// The files that are carried in the parts.
pub(super) fn contents(protocol: &Protocol, parts: &[Part]) -> BTreeMap<FileId, Vec<u8>> {
    cut(protocol, parts, &Arc::default()).1
}

fn cut(protocol: &Protocol, parts: &[Part], secrets: &Arc<KeyLog>) -> (Vec<Event>, BTreeMap<FileId, Vec<u8>>) {
    let whole = said(protocol, parts, secrets, || usize::MAX);
    if protocol.carrier == Carrier::Stream {
        assert_eq!(
            said(protocol, parts, secrets, || 1),
            whole,
            "in single bytes: {parts:?}"
        );
        for seed in 1..40_u64 {
            let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let pieces = said(protocol, parts, secrets, || 1 + chance.below(7) * chance.below(40));
            assert_eq!(pieces, whole, "cut by chance: {parts:?}");
        }
    }
    whole
}

/// What a recogniser says of the first words of both ends. Where it says yes or perhaps in the end, it never says no before.
pub(super) fn guess(protocol: &Protocol, originator: &[u8], responder: &[u8], port: u16) -> Guess {
    let of = |originator, responder| {
        (protocol.recognise)(&Opening {
            originator,
            responder,
            port,
        })
    };
    let last = of(originator, responder);
    if protocol.carrier == Carrier::Stream && last != Guess::No {
        for length in 1..originator.len() {
            let early = of(&originator[..length], &[]);
            assert_ne!(early, Guess::No, "after {length} bytes of {originator:?}");
        }
        for length in 1..responder.len() {
            let early = of(originator, &responder[..length]);
            assert_ne!(early, Guess::No, "after {length} bytes of {responder:?}");
        }
    }
    last
}
