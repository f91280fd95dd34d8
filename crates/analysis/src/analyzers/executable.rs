//! Executables: what their headers, tables and signatures say; the members of cabinets
//! and packages; and the strings in all of them.
//!
//! Code is not looked at, and nothing is run. So an executable counts as read in part, whatever its headers say.

use super::binary::strings_seen;
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use watchfire_formats::archive::unopened;
use watchfire_formats::executable::authenticode;
use watchfire_formats::executable::{Sayings, handles, read, similarity, unpack_cabinet, unpack_installer};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Fact, Halt, MediaType, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Executable;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "executable",
    describes: "programs, libraries, installers (PE, ELF, Mach-O, Java, DEX, WebAssembly, Python, MSI, CAB): headers, signatures, strings",
};

/// What was read of a program.
const READ: &str = "headers, tables, signatures and strings were read; what its code does was not looked at";

impl Analyzer for Executable {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        handles(media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let (media_type, bytes) = (cx.media_type(), artifact.bytes());
        let (facts, problems) = read(media_type, bytes, cx.budget());
        problems.into_iter().for_each(|problem| cx.report(problem));
        if let Some(facts) = facts {
            cx.fact(Fact::Executable(Box::new(facts)));
            // Files of a disk are many: whoever searches asks for those that something is said of.
            if artifact.hints().stored.is_none() {
                cx.fact(Fact::Similar {
                    tlsh: similarity::tlsh(bytes),
                    ssdeep: similarity::piecewise(bytes),
                });
            }
        }
        // Whose roots count is for a person to say. That a signature fits its file needs none.
        let (signed, problems) = authenticode::verify(media_type, bytes, cx.trust(), cx.budget());
        problems.into_iter().for_each(|problem| cx.report(problem));
        if let Some(signed) = signed {
            cx.fact(Fact::Signed(Box::new(signed)));
        }
        if media_type == media::CAB {
            let budget = cx.budget();
            unpack_cabinet(bytes, budget, cx)?;
        } else {
            if media_type == media::MSI {
                let budget = cx.budget();
                unpack_installer(bytes, budget, cx)?;
            }
            cx.partial();
            cx.report(match unopened(media_type) {
                Some(name) => Problem::warning(
                    "not-opened",
                    format!("identified, not opened: {name}; its tables, signatures and strings were looked at"),
                ),
                None => Problem::note("code-unread", READ),
            });
        }
        let mut sayings = Sayings::default();
        let read = strings_seen(artifact, cx, &mut |text, at, stride| sayings.see(text, at, stride));
        let sayings = sayings.finish();
        if !sayings.is_empty() {
            cx.fact(Fact::Sayings(sayings));
        }
        read
    }
}
