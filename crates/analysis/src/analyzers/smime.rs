//! S/MIME: what opaque signed mail is wrapped around.

use super::email::carried;
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use watchfire_formats::email::Message;
use watchfire_formats::email::smime::{self, Cms};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, MediaType, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Smime;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "smime",
    describes: "signed mail (S/MIME, CMS): its content; signatures are not verified",
};

impl Analyzer for Smime {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        media_type == media::PKCS7
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        match smime::read(artifact.bytes()) {
            // The content travels beside it, and is read there.
            Some(Cms::Signed(content)) if content.is_empty() => Ok(()),
            Some(Cms::Signed(content)) => {
                let why = "the mail is inside of its signature; it was taken out, and the signature was not verified";
                cx.report(Problem::note("smime-not-verified", why));
                carried(Message::read(&content), None, cx)
            }
            Some(Cms::Encrypted) => {
                cx.partial();
                let why = "the content is encrypted for a key that is not here";
                cx.report(Problem::warning("smime-encrypted", why));
                Ok(())
            }
            Some(Cms::Other) | None => {
                cx.partial();
                Ok(())
            }
        }
    }
}
