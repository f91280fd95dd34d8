//! What the segments of a connection say of its state, seen from between its ends.
//!
//! Which state a connection is said to be in follows the words of Zeek (`conn_state`,
//! <https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html>), so that rows of both can be compared. A
//! watcher is not an end: it may have missed the beginning, segments come in another order, and nothing says what of it
//! reached the other end. Checksums are not looked at: cards fill them in after the capture saw the packet.

use super::history::{History, Recurring};
use crate::Tcp;
use crate::protocol::Side;
use watchfire_model::network::ConnectionState;

/// What an end did last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    #[default]
    Silent,
    SynSent,
    /// It began with the answer.
    SynAckSent,
    /// It spoke, but how it began was not seen.
    Partial,
    Established,
    Closed,
    Reset,
}

/// Further apart than this, a number of SYN or RST is not believed.
const FAR: i64 = 1 << 20;

/// One end of a connection. Positions count from the SYN, which is at 0, and do not wrap.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    state: State,
    before: State,
    /// The sequence number of its SYN.
    start: u32,
    /// That was seen: its first byte is at 1.
    has_syn: bool,
    /// Behind the furthest that it sent.
    sent: i64,
    /// How far the other end said to have it.
    acknowledged: i64,
    has_closed: bool,
    fin: bool,
    /// Where its last SYN, FIN and RST were.
    marks: [i64; 3],
    sent_again: Recurring,
    zero_window: Recurring,
}

impl End {
    /// Where a sequence number lies that cannot be far from `near`.
    fn position(&self, number: u32, near: i64) -> i64 {
        let here = self.start.wrapping_add(near as u32);
        near + i64::from(number.wrapping_sub(here) as i32)
    }

    fn begin(&mut self, start: u32, sent: i64) {
        self.start = start;
        self.sent = sent;
        self.acknowledged = 0;
    }

    fn turn(&mut self, state: State) {
        if state != self.state {
            self.before = self.state;
            self.state = state;
        }
    }

    /// Bytes of payload that it sent.
    fn bytes(&self, other: &Self) -> u64 {
        // A connection that the other end did not know of any more, and this one let go.
        if self.before == State::SynSent
            && self.state == State::Reset
            && other.state == State::Silent
            && self.acknowledged > 1
        {
            return 0;
        }
        let reached = self.sent.max(self.acknowledged);
        let flags = 1 + i64::from(self.fin && reached > 1);
        u64::try_from(reached - flags).unwrap_or_default()
    }
}

/// A connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Connection {
    originator: End,
    responder: End,
}

/// What a segment did to the connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Change {
    /// Who was taken for the originator is the responder.
    pub(super) swapped: bool,
    /// Both ends are done.
    pub(super) is_over: bool,
    /// Where its bytes begin in the stream of its side.
    pub(super) at: i64,
    /// Where the stream of its side begins: with its bytes, unless a SYN said it.
    pub(super) first: i64,
    /// Before where the other side's stream has arrived, where it says so.
    pub(super) arrived: Option<i64>,
}

impl Connection {
    /// Whether the packet that begins a flow comes from the responder, by its flags and ports.
    pub(super) fn is_answer(tcp: &Tcp, is_server: impl Fn(u16) -> bool) -> bool {
        if tcp.flags.syn() && !tcp.flags.ack() {
            return false;
        }
        let (from, to) = (is_server(tcp.ports.source), is_server(tcp.ports.destination));
        // An answer to nobody is how some scan: where both ports may be a server's, it is believed.
        from && (!to || !tcp.flags.syn() && tcp.ports.source < tcp.ports.destination)
    }

    /// Whether a segment begins another connection between the same ends and ports.
    pub(super) fn is_new(&self, tcp: &Tcp) -> bool {
        if !tcp.flags.syn() {
            return false;
        }
        let mut end = &self.originator;
        if tcp.flags.ack() {
            if self.originator.state != State::Silent {
                return false;
            }
            end = &self.responder;
        }
        if self.originator.has_closed || self.responder.has_closed {
            return true;
        }
        let is_reversed = !tcp.flags.ack()
            && self.originator.state == State::SynAckSent
            && self.responder.state == State::Silent
            && tcp.sequence == self.responder.start;
        tcp.sequence != end.start && !is_reversed
    }

    /// Whether somebody asked and nobody answered.
    pub(super) fn is_attempt(&self) -> bool {
        matches!(self.originator.state, State::SynSent | State::SynAckSent) && self.responder.state == State::Silent
    }

    /// Takes a segment in. `length` is that of its payload, captured or not.
    pub(super) fn segment(&mut self, side: Side, tcp: &Tcp, length: u32, history: &mut History) -> Change {
        let length = i64::from(length);
        let flags = tcp.flags;
        let (end, other) = match side {
            Side::Originator => (&mut self.originator, &mut self.responder),
            Side::Responder => (&mut self.responder, &mut self.originator),
        };
        let payload = if flags.rst() { 0 } else { length };
        let span = payload + i64::from(flags.syn()) + i64::from(flags.fin());
        begin(end, tcp, span);
        let at = end.position(tcp.sequence, end.sent);
        letters(end, side, tcp, at, length, history);
        let is_idle = other.state == State::Closed || end.state == State::Reset;
        if tcp.window == 0 && !flags.rst() && !is_idle {
            end.zero_window.count(history, side, b'W');
        }
        end.fin |= flags.fin();
        let at_bytes = at + i64::from(flags.syn());
        let mut change = Change {
            at: at_bytes,
            first: if end.has_syn { 1 } else { at_bytes },
            ..Change::default()
        };
        if flags.ack() {
            acknowledge(other, tcp);
            change.arrived = Some(other.acknowledged);
        }
        send(end, side, tcp, at + span, length, history);
        let closes = match end.state {
            State::Silent => from_silence(end, other, side, tcp, length, &mut change),
            State::SynSent | State::SynAckSent => from_question(end, tcp),
            State::Established | State::Partial => from_established(end, other, tcp),
            State::Closed => from_closed(end, other, tcp),
            State::Reset => false,
        };
        if closes && !end.has_closed {
            end.has_closed = true;
            change.is_over = end.state == State::Reset || other.has_closed || other.state == State::Silent;
        }
        if change.swapped {
            std::mem::swap(&mut self.originator, &mut self.responder);
        }
        change
    }

    /// Where the streams of the originator and of the responder end, which say so by a FIN.
    pub(super) fn ends(&self) -> [Option<i64>; 2] {
        let end = |end: &End| end.fin.then_some(end.sent.max(end.acknowledged) - 1);
        [end(&self.originator), end(&self.responder)]
    }

    /// Bytes of payload of the originator and of the responder.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (
            self.originator.bytes(&self.responder),
            self.responder.bytes(&self.originator),
        )
    }

    /// Its state in the words of Zeek.
    pub(super) fn state(&self) -> ConnectionState {
        let (from, to) = (self.originator.state, self.responder.state);
        let is_unseen = |state| matches!(state, State::Silent | State::Partial);
        let (sent, received) = self.bytes();
        match (from, to) {
            (State::SynSent | State::SynAckSent, State::Reset) => ConnectionState::Rej,
            (State::Reset, State::Reset) if sent == 0 && received == 0 => ConnectionState::Rej,
            (_, State::Reset) if is_unseen(from) => ConnectionState::Rstrh,
            (_, State::Reset) => ConnectionState::Rstr,
            (State::Reset, _) if is_unseen(to) => ConnectionState::Rstos0,
            (State::Reset, _) => ConnectionState::Rsto,
            (State::Closed, State::Closed) => ConnectionState::Sf,
            (State::Closed, _) if is_unseen(to) => ConnectionState::Sh,
            (State::Closed, _) => ConnectionState::S2,
            (_, State::Closed) if is_unseen(from) => ConnectionState::Shr,
            (_, State::Closed) => ConnectionState::S3,
            (State::SynSent, State::Silent) => ConnectionState::S0,
            (State::Established, State::Established) => ConnectionState::S1,
            _ => ConnectionState::Oth,
        }
    }
}

/// Where an end's numbers begin.
fn begin(end: &mut End, tcp: &Tcp, span: i64) {
    let is_new = match end.state {
        State::Silent if !tcp.flags.syn() => {
            // As if there had been a SYN, so that positions mean the same.
            return end.begin(tcp.sequence.wrapping_sub(1), 1);
        }
        State::Silent => true,
        State::SynSent | State::SynAckSent => tcp.flags.syn() && tcp.sequence != end.start,
        // Perhaps it was never established, and this is what does it.
        State::Established | State::Partial => tcp.flags.syn(),
        // What reset it may have been another's.
        State::Reset => tcp.flags.syn() && end.before == State::Silent,
        State::Closed => false,
    };
    if is_new {
        end.has_syn = true;
        end.begin(tcp.sequence, span);
    }
}

fn letters(end: &mut End, side: Side, tcp: &Tcp, at: i64, length: i64, history: &mut History) {
    let flags = tcp.flags;
    let (mark, letter, at) = match (flags.syn(), flags.fin(), flags.rst()) {
        (true, false, false) if flags.ack() => (0, b'H', at),
        (true, false, false) => (0, b'S', at),
        (false, true, false) => (1, b'F', at + length),
        (false, false, true) => (2, b'R', at),
        alone => {
            let letter = match alone {
                (_, true, true) => b'I',
                (false, false, false) if length > 0 => b'D',
                (false, false, false) if flags.ack() => b'A',
                (false, false, false) => return,
                _ => b'Q',
            };
            history.first(side, letter);
            return;
        }
    };
    let Some(last) = end.marks.get_mut(mark) else { return };
    if history.first(side, letter) && at != *last {
        history.again(side, letter);
    }
    *last = at;
}

/// What the other end says to have of `end`.
fn acknowledge(end: &mut End, tcp: &Tcp) {
    if end.state == State::Silent {
        end.begin(tcp.acknowledged.wrapping_sub(1), 0);
        return;
    }
    let at = end.position(tcp.acknowledged, end.acknowledged);
    // A number of zero is more likely none than one that happens to lie there.
    let is_none = tcp.acknowledged == 0 && at - end.acknowledged > FAR;
    if !tcp.flags.rst() && !is_none {
        end.acknowledged = end.acknowledged.max(at);
    }
}

/// How far `end` has sent.
fn send(end: &mut End, side: Side, tcp: &Tcp, reached: i64, length: i64, history: &mut History) {
    let ahead = reached - end.sent;
    let is_doubtful = (tcp.flags.syn() || tcp.flags.rst()) && ahead.abs() > FAR;
    if is_doubtful {
        return;
    }
    // Of long connections, perhaps only the beginning and the end were captured.
    let is_end_of_unseen = tcp.flags.fin() && end.sent == 1;
    if is_end_of_unseen && ahead < 0 {
        end.sent = reached + (1 << 32);
    } else if end.state != State::Reset && ahead > 0 {
        end.sent = reached;
    } else if end.state != State::Reset && length > 0 {
        end.sent_again.count(history, side, b'T');
    }
}

/// An end that was silent speaks. Whether it closes.
fn from_silence(end: &mut End, other: &mut End, side: Side, tcp: &Tcp, length: i64, change: &mut Change) -> bool {
    let flags = tcp.flags;
    let mut closes = false;
    if flags.syn() && side == Side::Originator {
        end.turn(if flags.ack() { State::SynAckSent } else { State::SynSent });
    } else if flags.syn() {
        if !flags.ack() && other.state == State::SynAckSent && tcp.sequence == end.start {
            // The answer was captured before the question.
            change.swapped = true;
            other.turn(State::Established);
        }
        if other.state == State::SynSent {
            other.turn(State::Established);
        }
        end.turn(State::Established);
    }
    if flags.fin() {
        end.turn(State::Closed);
        closes = true;
    }
    if flags.rst() {
        end.turn(State::Reset);
        closes = true;
    }
    if end.state == State::Silent {
        if side == Side::Responder && length == 0 && other.state == State::SynSent {
            // Some acknowledge a SYN before they answer it.
        } else if flags.ack() && other.state == State::Established {
            // Only the SYN is missing.
            end.turn(State::Established);
        } else {
            end.turn(State::Partial);
        }
    }
    closes
}

/// An end that asked speaks again. Whether it closes.
fn from_question(end: &mut End, tcp: &Tcp) -> bool {
    if tcp.flags.fin() {
        end.turn(State::Closed);
    }
    if tcp.flags.rst() {
        end.turn(State::Reset);
    }
    tcp.flags.fin() || tcp.flags.rst()
}

/// An end that is connected speaks. Whether it closes.
fn from_established(end: &mut End, other: &mut End, tcp: &Tcp) -> bool {
    let flags = tcp.flags;
    let asks = flags.syn() && !flags.ack();
    if asks && end.state == State::Partial && other.state == State::Silent {
        end.turn(State::SynSent);
    }
    if flags.fin() && !flags.rst() {
        end.turn(State::Closed);
        if other.state == State::Reset && other.before == State::Closed {
            // FIN and then RST is how some close.
            other.turn(State::Closed);
        }
    }
    if flags.rst() {
        end.turn(State::Reset);
    }
    flags.fin() || flags.rst()
}

/// An end that closed speaks. Whether it breaks off.
fn from_closed(end: &mut End, other: &End, tcp: &Tcp) -> bool {
    let breaks = tcp.flags.rst() && other.state != State::Closed;
    if breaks {
        end.turn(State::Reset);
    }
    breaks
}
