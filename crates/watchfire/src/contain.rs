//! A fault of ours in one input must not cost the others, nor print over a result.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use watchfire_model::Untrusted;

/// What panicked since [`quiet_panics`], at most so many.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
const KEPT: usize = 100;

/// Does `work`; a panic in it is `None`.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What is said of an input that such a fault has cost.
pub(crate) fn faulty(name: &Untrusted) -> String {
    format!("'{name}' was not read to its end: a fault of Watchfire itself")
}

/// Panics no longer print: the engine turns those of analyzers into diagnostics, and whoever starts the process says
/// the rest. [`panics`] tells what happened.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()))
            .unwrap_or_default();
        let what = info
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        if let Ok(mut seen) = SEEN.lock()
            && seen.len() < KEPT
        {
            seen.push(format!("{place}: {what}"));
        }
    }));
}

/// Every panic so far: place and message. For bug reports; the message may quote the evidence.
pub fn panics() -> Vec<String> {
    SEEN.lock().map(|seen| seen.clone()).unwrap_or_default()
}
