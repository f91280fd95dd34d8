//! Many mails in one file: each becomes an artifact of its own.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use watchfire_formats::email::mbox;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, Hints, MediaType, Member};

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "mailbox",
    describes: "mailboxes in one file (mbox): their mails",
};

impl Analyzer for Mailbox {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        media_type == media::MBOX
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        for (number, range) in mbox::messages(artifact.bytes()).enumerate() {
            let mail = artifact.bytes().get(range).unwrap_or_default();
            cx.budget()
                .unpack(mail.len() as u64, mail.len() as u64, mail.len() as u64)?;
            cx.child(Member {
                name: format!("mail {}", number + 1).into(),
                bytes: mbox::unescaped(mail).into_owned(),
                hints: Hints {
                    media_type: Some(media::EML.0.into()),
                    ..Hints::default()
                },
            })?;
        }
        Ok(())
    }
}
