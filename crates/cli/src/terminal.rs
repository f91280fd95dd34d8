//! What the two output streams can show. Writing to stderr never fails: there is nobody left to tell.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Columns to draw for when nobody looks.
const WIDTH: usize = 100;

/// Columns to draw for: what `COLUMNS` says, for it is set on purpose where it is set at all, or what the terminal has.
pub(crate) fn width() -> usize {
    let said = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || {
        let on_terminal = io::stdout().is_terminal();
        let size = on_terminal.then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0))
    };
    said.or_else(seen).unwrap_or(WIDTH).clamp(20, 400)
}

/// Whether the terminal has colours and a cursor, and the person wants them.
pub(crate) fn is_plain() -> bool {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    no_color || is_dumb()
}

/// Whether the terminal has no cursor to move.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// One line on stderr, escaped.
pub(crate) fn say(text: &str) {
    let shown = watchfire::model::Untrusted::new(text);
    let _ = writeln!(io::stderr(), "{shown}");
}

/// What is wrong, where, and what to do next.
pub(crate) fn problem(problem: &watchfire::Problem) {
    say(&format!("error: {problem}"));
    for line in problem.shown().into_iter().flatten() {
        say(&format!("  {line}"));
    }
    if let Some(hint) = problem.next_step() {
        say(&format!("hint: {hint}"));
    }
}

/// An error and what to do next.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    say(&format!("error: {message}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
}
