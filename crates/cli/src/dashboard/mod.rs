//! The dashboard of a live capture: a picture twice in a second, and keys.
//!
//! What is shown comes from a [`LiveBoard`]; how it looks is in `screen.rs`, a pure function of a picture and of [`Place`];
//! the terminal is in `terminal.rs`. It draws on the terminal itself, so that standard output stays for the result.

mod screen;
#[cfg_attr(unix, path = "terminal.rs")]
#[cfg_attr(not(unix), path = "no_terminal.rs")]
mod terminal;

use screen::Screen;
use std::io;
use std::time::{Duration, Instant};
use terminal::Tty;
use watchfire::live::{LiveBoard, LiveSnapshot, Stop};

/// How often the picture is drawn, and keys are waited for at most.
const EVERY: Duration = Duration::from_millis(500);
/// How often this host is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// With colours.
    pub(crate) colour: bool,
    /// With seven-bit characters only.
    pub(crate) ascii: bool,
}

/// Where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    tab: Tab,
    /// Rows that are above the first that is shown.
    top: usize,
    paused: bool,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Overview,
    Alerts,
    Talkers,
    Protocols,
    Programs,
    Host,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Overview,
        Self::Alerts,
        Self::Talkers,
        Self::Protocols,
        Self::Programs,
        Self::Host,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Alerts => "Alerts",
            Self::Talkers => "Talkers",
            Self::Protocols => "Protocols",
            Self::Programs => "Programs",
            Self::Host => "Host",
        }
    }

    /// The one so many behind it, round and round.
    fn moved(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL.get((at + by) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Quit,
    Pause,
    Tab(Tab),
    Next,
    Previous,
    Up(usize),
    Down(usize),
    Top,
}

/// Rows of a page.
const PAGE: usize = 10;

/// What the bytes of a terminal ask for. What is not known is passed over; a sequence that is cut is, too.
fn keys(mut bytes: &[u8]) -> Vec<Key> {
    const SEQUENCES: &[(&[u8], Key)] = &[
        (b"\x1b[A", Key::Up(1)),
        (b"\x1b[B", Key::Down(1)),
        (b"\x1b[C", Key::Next),
        (b"\x1b[D", Key::Previous),
        (b"\x1bOA", Key::Up(1)),
        (b"\x1bOB", Key::Down(1)),
        (b"\x1bOC", Key::Next),
        (b"\x1bOD", Key::Previous),
        (b"\x1b[Z", Key::Previous),
        (b"\x1b[5~", Key::Up(PAGE)),
        (b"\x1b[6~", Key::Down(PAGE)),
        (b"\x1b[H", Key::Top),
    ];
    let mut found = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        let sequence = SEQUENCES.iter().find(|(sequence, _)| bytes.starts_with(sequence));
        if let Some((sequence, key)) = sequence {
            found.push(*key);
            bytes = bytes.get(sequence.len()..).unwrap_or_default();
            continue;
        }
        bytes = match first {
            // Another sequence: everything up to the letter that ends it.
            0x1b if matches!(rest.first(), Some(b'[' | b'O')) => {
                let letter = rest.iter().skip(1).position(|byte| (0x40..=0x7e).contains(byte));
                letter.and_then(|at| rest.get(at + 2..)).unwrap_or_default()
            }
            _ => rest,
        };
        // Control-C comes as a byte here, since the terminal does not turn it into a signal.
        found.extend(match first {
            b'q' | b'Q' | 0x03 => Some(Key::Quit),
            b'p' | b'P' | b' ' => Some(Key::Pause),
            b'\t' | b'l' => Some(Key::Next),
            b'h' => Some(Key::Previous),
            b'k' => Some(Key::Up(1)),
            b'j' => Some(Key::Down(1)),
            b'g' => Some(Key::Top),
            b'1'..=b'6' => Tab::ALL.get(usize::from(first - b'1')).copied().map(Key::Tab),
            _ => None,
        });
    }
    found
}

impl Place {
    /// Does what a key asks for; true where it asks to end. `rows` there are in the list that is shown.
    fn press(&mut self, key: Key, rows: usize) -> bool {
        let before = self.tab;
        match key {
            Key::Quit => return true,
            Key::Pause => self.paused = !self.paused,
            Key::Tab(tab) => self.tab = tab,
            Key::Next => self.tab = self.tab.moved(1),
            Key::Previous => self.tab = self.tab.moved(Tab::ALL.len() - 1),
            Key::Up(by) => self.top = self.top.saturating_sub(by),
            Key::Down(by) => self.top = self.top.saturating_add(by).min(rows.saturating_sub(1)),
            Key::Top => self.top = 0,
        }
        if self.tab != before {
            self.top = 0;
        }
        false
    }
}

/// Rows of the list of a tab.
fn rows(snapshot: &LiveSnapshot, tab: Tab) -> usize {
    match tab {
        Tab::Overview => 0,
        Tab::Alerts => snapshot.alerts.len(),
        Tab::Talkers => snapshot.talkers.len(),
        Tab::Protocols => snapshot.protocols.len() + snapshot.services.len(),
        Tab::Programs => snapshot.programs.len(),
        Tab::Host => snapshot.notes.len(),
    }
}

/// Shows `board` until the person quits, which asks the capture to stop; until it is asked to by others, or `is_over`. The
/// terminal is as it was before when this returns, and after a panic.
///
/// # Errors
/// When there is no terminal, or it went away.
pub(crate) fn run(board: &LiveBoard, stop: &Stop, look: Look, is_over: impl Fn() -> bool) -> io::Result<()> {
    let mut screen = Screen::new(Tty::open()?, look)?;
    let mut place = Place::default();
    let mut looked = Instant::now();
    board.look();
    let mut snapshot = board.snapshot();
    while !stop.is_set() && !is_over() {
        screen.draw(&snapshot, place)?;
        for key in keys(&screen.wait(EVERY)?) {
            if place.press(key, rows(&snapshot, place.tab)) {
                stop.set();
            }
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            board.look();
        }
        if !place.paused {
            snapshot = board.snapshot();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_letters_digits_and_arrows() {
        assert_eq!(keys(b"qp4"), [Key::Quit, Key::Pause, Key::Tab(Tab::Protocols)]);
        assert_eq!(keys(b"\x1b[A\x1b[B\x1bOC"), [Key::Up(1), Key::Down(1), Key::Next]);
        assert_eq!(keys(b"\x03"), [Key::Quit]);
    }

    #[test]
    fn what_is_not_known_asks_for_nothing() {
        // A function key, a key with a modifier, a cut sequence, a lone escape, letters of another alphabet.
        for bytes in [&b"\x1b[15~"[..], b"\x1b[1;5q", b"\x1b[", b"\x1b", "ä€7".as_bytes(), b""] {
            assert_eq!(keys(bytes), [], "{bytes:?}");
        }
        assert_eq!(keys(b"\x1b[15~q"), [Key::Quit]);
    }

    #[test]
    fn keys_move_between_tabs_and_rows() {
        let mut place = Place::default();
        assert!(!place.press(Key::Previous, 0));
        assert_eq!(place.tab, Tab::Host);
        assert!(!place.press(Key::Next, 0));
        assert_eq!(place.tab, Tab::Overview);
        assert!(!place.press(Key::Tab(Tab::Talkers), 0));
        assert!(!place.press(Key::Down(PAGE), 5));
        assert_eq!(place.top, 4);
        assert!(!place.press(Key::Up(1), 5));
        assert_eq!(place.top, 3);
        // Another list begins at its top.
        assert!(!place.press(Key::Next, 5));
        assert_eq!((place.tab, place.top), (Tab::Protocols, 0));
        assert!(!place.press(Key::Pause, 5) && place.paused);
        assert!(place.press(Key::Quit, 5));
    }
}
