//! Analyzers turn an artifact into facts, observables and further artifacts. They never say what is good or bad.

mod archive;
mod binary;
mod calendar;
mod capture;
mod document;
mod email;
mod executable;
mod html;
mod image;
mod log;
mod mailbox;
mod office;
mod onenote;
mod outlook;
mod registry;
mod script;
mod shortcut;
mod smime;
mod text;

pub(crate) use document::SHOWS_LITTLE;
pub use registry::REGISTRY;
pub(crate) use registry::{FALLBACK, OF_NAMES, TEXT};
pub(crate) use text::is_plain as is_plain_text;

use crate::Context;
use watchfire_model::{Artifact, Halt, MediaType};

/// What an analyzer is, for the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct AnalyzerInfo {
    /// Its name, the name of its file.
    pub name: &'static str,
    /// One line for the catalogue, lower case, no full stop.
    pub describes: &'static str,
}

/// Bytes to facts, observables and children. Pure.
pub trait Analyzer: Sync {
    /// What it is.
    fn info(&self) -> &'static AnalyzerInfo;

    /// Whether it reads artifacts of this type. Every analyzer that does is asked, in the order of the registry.
    fn handles(&self, media_type: MediaType) -> bool;

    /// Reads the artifact. What was handed to `cx` before an error stays.
    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt>;
}
