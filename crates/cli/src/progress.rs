//! What a person sees while a job runs: a bar, and what went wrong, both on stderr.

use crate::terminal;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use watchfire::{Progress, Skipped, SourceError, bytes};

/// Jobs shorter than this need no bar.
const QUIET_START: Duration = Duration::from_millis(400);
/// How often the bar is drawn.
const EVERY: Duration = Duration::from_millis(100);
/// Remarks of one kind that are printed; the rest is counted.
const REMARKS: u64 = 20;

/// Tells on stderr.
#[derive(Debug)]
pub(crate) struct Bar {
    begun: Instant,
    total: AtomicU64,
    done: AtomicU64,
    /// Of a search: files that there are, as far as they were counted, and those that were looked at.
    files: AtomicU64,
    searched: AtomicU64,
    talk: Talk,
    state: Mutex<State>,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Everything, with a bar where there is a terminal.
    Normal,
    /// Only what could not be read, all of it or a part.
    Errors,
}

#[derive(Debug, Default)]
struct State {
    drawn: Option<Instant>,
    hints: BTreeSet<&'static str>,
    skipped: u64,
    notes: u64,
    lost: u64,
}

impl Bar {
    pub(crate) fn new(talk: Talk) -> Self {
        Self {
            begun: Instant::now(),
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
            files: AtomicU64::new(0),
            searched: AtomicU64::new(0),
            talk,
            state: Mutex::default(),
        }
    }

    /// Takes the bar away, and says what was only counted and how long it took. Then what to do next.
    pub(crate) fn finish(&self, read: u64, next: &str) {
        let state = self.clear();
        if let Some(state) = &state
            && state.lost > REMARKS
        {
            terminal::say(&format!(
                "warning: {} more parts could not be read",
                state.lost - REMARKS
            ));
        }
        if self.talk == Talk::Errors {
            return;
        }
        if let Some(state) = state {
            for (count, what) in [(state.skipped, "left out"), (state.notes, "remarks")] {
                if count > REMARKS {
                    terminal::say(&format!("note: {} more {what}", count - REMARKS));
                }
            }
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        terminal::say(&format!(
            " {} in {} ({}/s)",
            bytes(read),
            duration(seconds),
            bytes(rate(read, seconds))
        ));
        if !next.is_empty() {
            terminal::say(&format!(" next: {next}"));
        }
    }

    fn clear(&self) -> Option<std::sync::MutexGuard<'_, State>> {
        let mut state = self.state.lock().ok()?;
        if state.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
        Some(state)
    }

    fn has_bar(&self) -> bool {
        self.talk == Talk::Normal && io::stderr().is_terminal() && !terminal::is_dumb()
    }

    fn draw(&self) {
        // Whoever finds the lock taken leaves the drawing to the other.
        let Ok(mut state) = self.state.try_lock() else {
            return;
        };
        if state.drawn.is_some_and(|drawn| drawn.elapsed() < EVERY) || !self.has_bar() {
            return;
        }
        state.drawn = Some(Instant::now());
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        let seconds = self.begun.elapsed().as_secs_f64();
        let line = match self.searched.load(Ordering::Relaxed) {
            0 => line(done, total, seconds),
            searched => search_line(searched, self.files.load(Ordering::Relaxed), done, seconds),
        };
        let _ = write!(io::stderr(), "\r{line}\u{1b}[K");
    }
}

impl Progress for Bar {
    fn total(&self, bytes: u64) {
        self.total.store(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        if self.begun.elapsed() > QUIET_START {
            self.draw();
        }
    }

    fn wants_count(&self) -> bool {
        self.has_bar()
    }

    fn counted(&self, files: u64) {
        self.files.store(files, Ordering::Relaxed);
    }

    fn searched(&self, files: u64) {
        self.searched.fetch_add(files, Ordering::Relaxed);
        if self.begun.elapsed() > QUIET_START {
            self.draw();
        }
    }

    fn failed(&self, error: &SourceError) {
        let state = self.clear();
        terminal::say(&format!("error: {error}"));
        // One hint helps for a thousand files that fail alike.
        if let (Some(mut state), Some(hint)) = (state, error.hint())
            && state.hints.insert(hint)
        {
            terminal::say(&format!("hint: {hint}"));
        }
    }

    fn skipped(&self, skipped: &Skipped) {
        if let Some(mut state) = self.clear() {
            state.skipped += 1;
            if state.skipped <= REMARKS && self.talk == Talk::Normal {
                terminal::say(&format!("note: skipped '{}': {}", skipped.name, skipped.reason));
            }
        }
    }

    fn lost(&self, text: &str) {
        if let Some(mut state) = self.clear() {
            state.lost += 1;
            if state.lost <= REMARKS {
                terminal::say(&format!("warning: {text}"));
            }
        }
    }

    fn note(&self, text: &str) {
        if let Some(mut state) = self.clear() {
            state.notes += 1;
            if state.notes <= REMARKS && self.talk == Talk::Normal {
                terminal::say(&format!("note: {text}"));
            }
        }
    }
}

fn line(done: u64, total: u64, seconds: f64) -> String {
    let rate = rate(done, seconds);
    if total == 0 {
        return format!(" reading {}  {}/s", bytes(done), bytes(rate));
    }
    let done = done.min(total);
    format!(
        " reading {}  {}  {}/s  ETA {}",
        part(done, total),
        bytes(total),
        bytes(rate),
        eta(total - done, rate)
    )
}

/// The same of a search, which knows how many files there are at best.
fn search_line(searched: u64, files: u64, judged: u64, seconds: f64) -> String {
    let judged = bytes(judged);
    // Until all are counted, nobody knows the end.
    if files < searched {
        return format!(" searching {searched} files  {judged} judged");
    }
    let left = eta(files - searched, rate(searched, seconds));
    format!(
        " searching {}  {searched} of {files} files  {judged} judged  ETA {left}",
        part(searched, files)
    )
}

/// A bar and a percentage.
fn part(done: u64, total: u64) -> String {
    let percent = done.saturating_mul(100) / total.max(1);
    let full = usize::try_from(percent * 30 / 100).unwrap_or(0);
    let bar = format!("{}{}", "━".repeat(full), "─".repeat(30_usize.saturating_sub(full)));
    format!("{bar} {percent:3} %")
}

/// How long so much more takes.
fn eta(left: u64, rate: u64) -> String {
    left.checked_div(rate)
        .map_or("?".to_owned(), |seconds| format!("{seconds} s"))
}

/// Bytes per second.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rate for people has three digits"
)]
fn rate(bytes: u64, seconds: f64) -> u64 {
    (bytes as f64 / seconds.max(1e-6)) as u64
}

fn duration(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_far_how_fast_and_how_long() {
        assert_eq!(
            line(50, 100, 1.0),
            " reading ━━━━━━━━━━━━━━━─────────────── 50 %  100 B  50 B/s  ETA 1 s".replace(" 50 %", "  50 %")
        );
        assert_eq!(line(0, 100, 1.0).rsplit("ETA ").next(), Some("?"));
        assert_eq!(line(2000, 0, 1.0), " reading 2.0 KB  2.0 KB/s");
        assert_eq!(search_line(64, 0, 2000, 1.0), " searching 64 files  2.0 KB judged");
        let known = search_line(50, 100, 2000, 1.0);
        assert!(
            known.ends_with(" 50 %  50 of 100 files  2.0 KB judged  ETA 1 s"),
            "{known}"
        );
    }
}
