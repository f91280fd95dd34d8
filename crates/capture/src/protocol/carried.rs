//! Files that are carried by a protocol, hashed while they pass.

use super::{Context, Here, Side};
use sha2::{Digest, Sha256};
use watchfire_model::network::{CarriedFile, Exchange, FileId};
use watchfire_model::{ArtifactId, Untrusted};

/// What is known of a file when it begins.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    /// By what it is carried, as services are named.
    pub(crate) service: &'static str,
    /// Who sends it.
    pub(crate) side: Side,
    pub(crate) name: Option<Untrusted>,
    pub(crate) media_type: Option<Untrusted>,
    /// How it is packed on the way.
    pub(crate) encoding: Option<Untrusted>,
}

/// A file on its way. A dissector holds it as long as the body passes, and ends it or lets it go: whoever gathers its pieces
/// waits for that.
#[derive(Debug)]
pub(crate) struct Carried {
    began: Here,
    id: FileId,
    description: Description,
    hash: Sha256,
    size: u64,
    missing: u64,
}

impl Carried {
    /// A file begins here.
    pub(crate) fn begin(description: Description, context: &mut Context<'_>) -> Box<Self> {
        let number = *context.files;
        *context.files = number.saturating_add(1);
        Box::new(Self {
            began: context.here,
            id: FileId {
                flow: context.flow,
                number,
            },
            description,
            hash: Sha256::new(),
            size: 0,
            missing: 0,
        })
    }

    /// These bytes of it come next.
    pub(crate) fn data(&mut self, bytes: &[u8], context: &mut Context<'_>) {
        if self.missing == 0 {
            self.hash.update(bytes);
        }
        context.said.content(context.here.frame, self.id, self.size, bytes);
        self.size = self.size.saturating_add(bytes.len() as u64);
    }

    /// So many bytes of it are missing.
    pub(crate) fn gap(&mut self, length: u64) {
        self.size = self.size.saturating_add(length);
        self.missing = self.missing.saturating_add(length);
    }

    /// It turned out to be no file, and nothing is said of it.
    pub(crate) fn leave(self, context: &mut Context<'_>) {
        context.said.left(context.here.frame, self.id, self.size);
    }

    /// Nothing more of it comes; `whole` says that this is its end. Empty ones are not worth a word.
    pub(crate) fn end(self, whole: bool, context: &mut Context<'_>) {
        if self.size == 0 {
            return;
        }
        let is_known = whole && self.missing == 0;
        let Description {
            service,
            side,
            name,
            media_type,
            encoding,
        } = self.description;
        let file = CarriedFile {
            id: self.id,
            service,
            sent: side == Side::Originator,
            name,
            media_type,
            encoding,
            size: self.size,
            missing: self.missing,
            whole,
            sha256: is_known.then(|| ArtifactId::from_digest(self.hash.finalize().into())),
        };
        context.say(self.began, Exchange::File(Box::new(file)));
    }
}
